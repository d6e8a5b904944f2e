package command

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os/exec"

	"github.com/patrol-actions/patrol/audit/gittree"
)

// gitIn runs the git of the system in a folder.
type gitIn struct {
	folder string
	getenv func(string) string
}

// gitVariables are what git may see of the environment: where programs and its
// settings are, and no token.
var gitVariables = []string{
	"PATH", "HOME", "XDG_CONFIG_HOME", "USERPROFILE", "SYSTEMROOT", "TMPDIR",
	"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_CEILING_DIRECTORIES",
}

// maxGitErrors bounds what is kept of git's error messages.
const maxGitErrors = 4 << 10

// Run runs git with arguments; see [gittree.Git]. Nothing is fetched, asked or
// written.
func (g gitIn) Run(ctx context.Context, limit int, args ...string) (gittree.Output, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	cmd := exec.CommandContext(ctx, "git", append([]string{"--no-pager", "--no-replace-objects", "-c", "core.fsmonitor=false"}, args...)...)
	cmd.Dir = g.folder
	cmd.Env = []string{"LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "GIT_NO_LAZY_FETCH=1"}
	for _, name := range gitVariables {
		if value := g.getenv(name); value != "" {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	messages := &bounded{left: maxGitErrors}
	cmd.Stderr = messages
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return gittree.Output{}, err
	}
	if err := cmd.Start(); err != nil {
		if errors.Is(err, exec.ErrNotFound) {
			return gittree.Output{}, errors.New("git is not installed, or not in PATH")
		}
		return gittree.Output{}, err
	}
	content, err := io.ReadAll(io.LimitReader(stdout, int64(limit)+1))
	out := gittree.Output{Stdout: content}
	if len(content) > limit {
		out.Stdout, out.Truncated = content[:limit], true
		stop()
	}
	failed := cmd.Wait()
	out.Stderr, out.Code = messages.String(), cmd.ProcessState.ExitCode()
	var status *exec.ExitError
	if failed != nil && !out.Truncated && !errors.As(failed, &status) {
		return out, failed
	}
	return out, err
}

// bounded keeps the beginning of what is written to it.
type bounded struct {
	bytes.Buffer
	left int
}

func (b *bounded) Write(text []byte) (int, error) {
	n := min(len(text), b.left)
	b.left -= n
	b.Buffer.Write(text[:n])
	return len(text), nil
}
