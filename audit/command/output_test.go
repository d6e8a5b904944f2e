package command

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// full is an output that takes nothing.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

// TestFull wants every command to notice that its output is lost.
func TestFull(t *testing.T) {
	for _, args := range []string{"explain", "explain unread", "--help", "help fix", "version", "--version", "completion bash", "man", "needs git push", "../../testdata/example --fail-on never"} {
		var said bytes.Buffer
		code := Main(t.Context(), Process{
			Args: strings.Fields(args), Stdin: strings.NewReader(""), Stdout: full{}, Stderr: &said, Getenv: func(string) string { return "" },
		})
		if code != ExitUnfinished || !strings.Contains(said.String(), "no space left") {
			t.Errorf("%s: exit code %d: %s", args, code, said.String())
		}
	}
}
