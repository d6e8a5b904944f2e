package scan

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// TestSubmodules names the repositories whose visibility decides whether
// GITHUB_TOKEN fetches the submodules.
func TestSubmodules(t *testing.T) {
	const neighbour, elsewhere = "[submodule \"a\"]\npath = a\nurl = ../site\n", "[submodule \"a\"]\npath = a\nurl = https://gitlab.com/x/y\n"
	action := func(submodules string) string {
		return "uses: actions/checkout@v4, with: {submodules: " + submodules + ", token: '${{ secrets.A_PAT }}'}"
	}
	const whole = "the whole tree"
	const checkout = "uses: actions/checkout@v4, with: {token: '${{ secrets.A_PAT }}'}}, {run: git submodule update --init"
	const names = "fetches the submodule acme/site: GITHUB_TOKEN does that if it is public"
	const asks = "submodules in private repositories are out of GITHUB_TOKEN's reach; public ones are not"
	for _, c := range []struct{ name, step, modules, want string }{
		{"named", action("true"), neighbour, "conditional self acme/site private-submodules=actions/checkout " + names},
		{"by git", checkout, neighbour, "conditional self acme/site private-submodules=git submodule update --init " + names},
		{"none on GitHub", action("true"), elsewhere, "replaceable self"},
		{"no such file", action("true"), "", "conditional self private-submodules=actions/checkout: " + asks},
		{"no such file in a whole tree", action("recursive"), whole, "replaceable self"},
		{"no such file in a whole tree by git", checkout + " --recursive", whole, "replaceable self"},
		{"added", strings.Replace(checkout, "update --init", "add ../site", 1), whole, "conditional self private-submodules=git submodule add ../site: " + asks},
		{"theirs may have others", action("recursive"), neighbour, "conditional self acme/site private-submodules=actions/checkout: " + asks + "; actions/checkout " + names},
		{"theirs by git", checkout + " --recursive", elsewhere, "conditional self private-submodules=git submodule update --init --recursive: " + asks},
		{"not asked for", action("false"), neighbour, "replaceable self"},
	} {
		files := fstest.MapFS{".github/workflows/w.yml": {Data: []byte("on: workflow_dispatch\njobs: {a: {runs-on: x, steps: [{" + c.step + "}]}}\n")}}
		switch c.modules {
		case "":
			// An action at the root does not show that all else is there.
			files["action.yml"] = &fstest.MapFile{Data: []byte("runs: {using: composite, steps: []}\n")}
		case whole:
			files["README.md"] = &fstest.MapFile{}
		default:
			files[".gitmodules"] = &fstest.MapFile{Data: []byte(c.modules)}
		}
		result := Repository(files, Options{Name: "acme/rocket"})
		var got []string
		for _, r := range result.References {
			said := fmt.Sprint(r.Verdict)
			if len(r.Target) > 0 {
				said += " self " + strings.Join(without(r.Target, "self"), " ")
			}
			for _, x := range r.Reasons {
				said = strings.TrimSpace(said) + " " + x.Code + "=" + x.Detail
			}
			got = append(got, strings.TrimSpace(said))
		}
		if diff := cmp.Diff(c.want, strings.Join(got, "\n")); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func without(list []string, word string) (out []string) {
	for _, w := range list {
		if w != word {
			out = append(out, w)
		}
	}
	return out
}
