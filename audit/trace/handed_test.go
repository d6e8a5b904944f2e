package trace

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestHanded(t *testing.T) {
	callee := "on: workflow_call\njobs:\n  b:\n    runs-on: x\n    steps:\n      - run: gh one\n        env:\n          T: ${{ secrets.Token }}\n"
	call := func(v string) string {
		return "on: push\njobs:\n  a:\n    uses: ./.github/workflows/b.yml\n    secrets:\n      token: " + v + "\n"
	}
	tests := map[string]struct {
		callers []string
		callee  string
		want    Handed
	}{
		"GITHUB_TOKEN":                 {[]string{call("${{ github.token }}"), call("${{ secrets.github_token }}")}, callee, Handed{JobToken: true}},
		"a secret":                     {[]string{call("${{ secrets.A }}")}, callee, Handed{Secrets: []string{"A"}, Other: true}},
		"either":                       {[]string{call("${{ secrets.A || github.token }}")}, callee, Handed{Secrets: []string{"A"}, Other: true}},
		"both, by two callers":         {[]string{call("${{ secrets.A }}"), call("${{ github.token }}")}, callee, Handed{Secrets: []string{"A"}, JobToken: true, Other: true}},
		"GITHUB_TOKEN in an address":   {[]string{call("https://x:${{ github.token }}@github.com")}, callee, Handed{Other: true}},
		"two secrets in lines":         {[]string{call("a=${{ secrets.A }},b=${{ secrets.B }}")}, callee, Handed{Secrets: []string{"A", "B"}, Other: true}},
		"nothing":                      {[]string{strings.ReplaceAll(call("${{ secrets.A }}"), "token:", "other:")}, callee, Handed{Secrets: []string{"Token"}, Other: true}},
		"GITHUB_TOKEN, or by an event": {[]string{call("${{ github.token }}")}, strings.Replace(callee, "workflow_call", "[push, workflow_call]", 1), Handed{Secrets: []string{"Token"}, JobToken: true, Other: true}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			files := []string{".github/workflows/b.yml", test.callee}
			for i, c := range test.callers {
				files = append(files, ".github/workflows/a"+strings.Repeat("a", i)+".yml", c)
			}
			result := Trace(repository(files...), Options{})
			for _, ref := range result.References {
				if ref.Secret == "Token" {
					if diff := cmp.Diff(test.want, result.Handed(ref)); diff != "" {
						t.Errorf("want (-), got (+):\n%s", diff)
					}
					return
				}
			}
			t.Error("no such reference")
		})
	}
}
