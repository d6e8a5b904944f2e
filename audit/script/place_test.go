package script

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit/value"
)

// TestPlaces checks that places are bytes of the source, in all the ways in
// which a source comes to the parser.
func TestPlaces(t *testing.T) {
	const call = "github.rest.issues.create({title: 'é'})"
	tests := []struct{ name, path, source string }{
		{"body", "", "const a = 'é';\n  await " + call + "\n"},
		{"body on its first line", "", call},
		{"body with new syntax", "", "/* é */ async function* f() { yield 1 }\nconst x = 'ü𝄞'; await " + call + "; f()"},
		{"body with for await", "", "for await (const a of b) {\n  " + call + "\n}"},
		{"module", "x.mjs", "import a from 'b' with { type: 'json' }\nimport { github } from 'c'\n" + call},
		{"commonjs", "x.js", "#!/bin/node\nconst { github } = require('c')\n" + call},
		{"typescript", "x.ts", "import { github } from 'c'\nconst é: string = 'ü𝄞' as string; type A = 1;\nfunction f(x: number): void { " + call + " }\nf(1)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := Read(Input{Source: tt.source, Path: tt.path, GitHubScript: tt.path == "", Token: secret("PAT")})
			if len(r.Calls) != 1 {
				t.Fatalf("got %s", show(r))
			}
			c := r.Calls[0]
			if c.Start < 0 || c.End > len(tt.source) {
				t.Fatalf("call at %d to %d of %d", c.Start, c.End, len(tt.source))
			}
			if diff := cmp.Diff(call, tt.source[c.Start:c.End]); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestProblemPlaces(t *testing.T) {
	tests := []struct {
		name, path, source, at string
	}{
		{"body", "", "const a = 1\nconst b = ;", ";"},
		{"first line", "", "let ]", "]"},
		{"file", "x.mjs", "import a from 'b'\n\nlet ]", "]"},
		{"typescript", "x.ts", "import a from 'b'\n\nlet x: = 1", "= 1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := Read(Input{Source: tt.source, Path: tt.path, GitHubScript: tt.path == ""})
			if len(r.Problems) != 1 || len(r.Unread) != 1 {
				t.Fatalf("got %s", show(r))
			}
			if want, got := strings.LastIndex(tt.source, tt.at), r.Problems[0].Offset; want != got {
				t.Errorf("problem at %d, want %d", got, want)
			}
		})
	}
}

// TestExpressions checks that placeholders of workflow expressions are turned
// back, wherever they stand.
func TestExpressions(t *testing.T) {
	number, target, token := value.Context("github.event.number"), value.Unknown("inputs.target"), secret("BOT")
	tests := []struct {
		name, want string
		source     func(table *value.Table) string
	}{
		{"bare", "rest issues.create issue_number=${{ github.event.number }}", func(table *value.Table) string {
			return "github.rest.issues.create({issue_number: " + table.Placeholder(number, 30) + "})"
		}},
		{"in strings", "rest issues.create a=x${{ github.event.number }}y b=inputs.target/${{ github.event.number }}", func(table *value.Table) string {
			return "github.rest.issues.create({a: 'x" + table.Placeholder(number, 30) + "y', b: `" + table.Placeholder(target, 20) + "/${" + table.Placeholder(number, 9) + "}`})"
		}},
		{"split", "rest issues.create a=x b=x/inputs.target.split('/')[1]", func(table *value.Table) string {
			return "const [a, b] = 'x/" + table.Placeholder(target, 20) + "'.split('/'); github.rest.issues.create({a, b})"
		}},
		{"token", "client token:${{ secrets.BOT }}\nrest users.getAuthenticated token:${{ secrets.BOT }}", func(table *value.Table) string {
			return "getOctokit('" + table.Placeholder(token, 22) + "').rest.users.getAuthenticated()"
		}},
		{"code", "unread code comes from inputs.target, which is not known", func(table *value.Table) string {
			return "const a = 1\n" + table.Placeholder(target, 20) + "\n"
		}},
		{"all of it", "unread the script comes from inputs.target, which is not known", func(table *value.Table) string {
			return table.Placeholder(target, 20) + "\n"
		}},
		{"all of it, known", "rest issues.create title=x", func(table *value.Table) string {
			return table.Placeholder(value.Text("github.rest.issues.create({title: 'x'})"), 20)
		}},
		{"in a member", "unread the method of the client is chosen at run time: github.rest.issues.inputs.target", func(table *value.Table) string {
			return "github.rest.issues." + table.Placeholder(target, 20) + "({title: 'x'})"
		}},
		{"in a path", "unread a client is given to inputs.target/x.js, whose code is not read", func(table *value.Table) string {
			return "await require('" + table.Placeholder(target, 20) + "/x.js')({github: getOctokit(core.getInput('x'))})"
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			table := &value.Table{}
			source := tt.source(table)
			got := strings.TrimSuffix(show(Read(Input{Source: source, Table: table, GitHubScript: true})), "\n")
			got = strings.TrimPrefix(got, "client token:core.getInput(…)\n")
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
