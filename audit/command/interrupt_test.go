package command

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// interrupting is a workflow that somebody interrupts the run at.
type interrupting struct {
	io.Reader
	interrupt func()
}

func (r interrupting) Read(p []byte) (int, error) {
	r.interrupt()
	return r.Reader.Read(p)
}

// TestInterrupted wants a run that is interrupted to say so, and nothing of
// what it did not come to.
func TestInterrupted(t *testing.T) {
	source, err := os.ReadFile(filepath.Join("..", "..", "testdata", "example", ".github", "workflows", "triage.yml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args      []string
		out, said string
	}{
		{args: []string{"-"}, out: "-: interrupted"},
		{args: []string{"-", "--format", "json", "--annotate", "check"}, out: `"message": "interrupted"`},
		{args: []string{"fix", "-"}},
		{args: []string{"token", "BOT_PAT", "--uses", "-"}},
		{args: []string{"-", "--token", "BOT_PAT", "--online", "--suggest"}, out: "-: interrupted"},
		{args: []string{"-", "acme-corp/rocket"}, out: "acme-corp/rocket: interrupted"},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		var out, said bytes.Buffer
		code := Main(ctx, Process{
			Args: test.args, Stdin: interrupting{bytes.NewReader(source), cancel}, Stdout: &out, Stderr: &said,
			Getenv: func(name string) string {
				return map[string]string{"BOT_PAT": "ghp_x", "GH_TOKEN": "ghp_y", "GITHUB_API_URL": "http://127.0.0.1:1"}[name]
			},
		})
		if code != ExitUnfinished || said.String() != "patrol: interrupted\n" || !strings.Contains(out.String(), test.out) || strings.Contains(out.String(), "context canceled") || strings.Contains(out.String(), "TRIAGE_PAT") {
			t.Errorf("%q: exit code %d\n%s\n%s", test.args, code, said.String(), out.String())
		}
	}
}
