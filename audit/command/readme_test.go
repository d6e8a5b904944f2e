package command

import (
	"bytes"
	"context"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit/github/githubtest"
)

// What the README shows is what the program prints. What it asks of GitHub, it
// asks of one in memory; the README calls that github.com.
func TestReadme(t *testing.T) {
	t.Chdir("../..")
	server := githubtest.New(t, fakeWorld())
	env := map[string]string{"GITHUB_API_URL": server.URL, "SOURCE_DATE_EPOCH": strconv.FormatInt(fakeWorld().Now().Unix(), 10)}
	for _, token := range fakeWorld().Tokens {
		env[token.Name] = token.Value
	}
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
				Getenv: func(name string) string { return env[name] },
			})
			got := strings.ReplaceAll(out.String(), strings.TrimPrefix(server.URL, "http://"), "github.com")
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("README (-), program (+):\n%s", diff)
			}
		})
	}
	if shown == 0 {
		t.Error("the README shows no command")
	}
}
