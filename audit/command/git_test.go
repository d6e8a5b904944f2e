package command

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
)

// TestNoGit asks for the changes where there is no git.
func TestNoGit(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	var out, messages bytes.Buffer
	code := Main(context.Background(), Process{
		Args: []string{"audit", t.TempDir(), "--changed-since", "main"}, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &messages, Getenv: os.Getenv,
	})
	if code != ExitUsage || !strings.Contains(messages.String(), "git is not installed, or not in PATH") || out.Len() > 0 {
		t.Errorf("exit code %d\n%s%s", code, messages.String(), out.String())
	}
}

// TestGitBounds wants no more of git than was asked for, and nothing of the
// environment that it need not have.
func TestGitBounds(t *testing.T) {
	git := gitIn{t.TempDir(), func(name string) string {
		if name == "GH_TOKEN" {
			return canary
		}
		return os.Getenv(name)
	}}
	out, err := git.Run(context.Background(), 10, "help", "-a")
	if err != nil || !out.Truncated || len(out.Stdout) != 10 {
		t.Errorf("%+v, %v", out, err)
	}
	out, err = git.Run(context.Background(), 1<<20, "-c", "alias.env=!env", "env")
	if err != nil || out.Code != 0 || bytes.Contains(out.Stdout, []byte(canary)) || !bytes.Contains(out.Stdout, []byte("LC_ALL=C")) {
		t.Errorf("%+v, %v", out, err)
	}
	out, err = git.Run(context.Background(), 1<<20, "no-such-command")
	if err != nil || out.Code == 0 || out.Stderr == "" {
		t.Errorf("%+v, %v", out, err)
	}
}
