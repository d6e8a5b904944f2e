package command

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What the README shows is what the program prints.
func TestReadme(t *testing.T) {
	t.Chdir("../..")
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	const fence, prompt = "```", "$ go run . "
	shown := 0
	for _, block := range strings.Split(string(readme), fence+"console\n")[1:] {
		block, _, _ = strings.Cut(block, fence)
		line, want, _ := strings.Cut(block, "\n")
		words, ok := strings.CutPrefix(line, prompt)
		if !ok {
			t.Errorf("%q does not begin with %q", line, prompt)
			continue
		}
		shown++
		t.Run(words, func(t *testing.T) {
			var out bytes.Buffer
			Main(context.Background(), Process{
				Args: strings.Fields(words), Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out,
				Getenv: func(string) string { return "" },
			})
			if diff := cmp.Diff(want, out.String()); diff != "" {
				t.Errorf("README (-), program (+):\n%s", diff)
			}
		})
	}
	if shown == 0 {
		t.Error("the README shows no command")
	}
}
