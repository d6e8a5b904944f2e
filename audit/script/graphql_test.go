package script

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit/value"
)

func TestReadGraphQL(t *testing.T) {
	table := &value.Table{}
	hole := table.Placeholder(value.Unknown("x"), 9)
	tests := []struct {
		name, document string
		want           []Document
	}{
		{"query", `query Q($n: Int!) { repository(owner: "o", name: $n) { issues(first: 10, states: [OPEN, CLOSED]) { totalCount } } }`,
			[]Document{{Kind: "query", Name: "Q", Fields: []Selection{
				{Path: []string{"repository"}, Arguments: map[string]string{"owner": "o", "name": "$n"}},
				{Path: []string{"repository", "issues"}, Arguments: map[string]string{"first": "10", "states": "OPEN,CLOSED"}},
				{Path: []string{"repository", "issues", "totalCount"}},
			}}}},
		{"mutation", `mutation { a: addComment(input: {subjectId: "I_1", body: """x"""}) { clientMutationId } }`,
			[]Document{{Kind: "mutation", Fields: []Selection{
				{Path: []string{"addComment"}, Arguments: map[string]string{"input.subjectId": "I_1", "input.body": "x"}},
				{Path: []string{"addComment", "clientMutationId"}},
			}}}},
		{"objects in a list", `mutation { m(input: {files: {additions: [{path: "a", text: "x"}, {path: $b}]}}) }`,
			[]Document{{Kind: "mutation", Fields: []Selection{
				{Path: []string{"m"}, Arguments: map[string]string{
					"input.files.additions": `{path:"a",text:"x"},{path:$b}`, "input.files.additions.path": "a,$b", "input.files.additions.text": "x",
				}},
			}}}},
		{"fragments", `{ node(id: "x") { ... on Issue { title } ...F ... @include(if: true) { id } } } fragment F on PullRequest { number }`,
			[]Document{{Kind: "query", Fields: []Selection{
				{Path: []string{"node"}, Arguments: map[string]string{"id": "x"}},
				{Path: []string{"node", "Issue!", "title"}},
				{Path: []string{"node", "PullRequest!", "number"}},
				{Path: []string{"node", "id"}},
			}}}},
		{"fragments in a circle", `{ ...A } fragment A on Query { a ...B } fragment B on Query { b ...A }`,
			[]Document{{Kind: "query", Fields: []Selection{{Path: []string{"Query!", "a"}}, {Path: []string{"Query!", "Query!", "b"}}}}}},
		{"placeholders", `{ user(login: "` + hole + `") { id } organization(login: ` + hole + `) { ` + hole + ` } }`,
			[]Document{{Kind: "query", Fields: []Selection{
				{Path: []string{"user"}, Arguments: map[string]string{"login": hole}},
				{Path: []string{"user", "id"}},
				{Path: []string{"organization"}, Arguments: map[string]string{"login": hole}},
				{Path: []string{"organization", hole}},
			}}}},
		{"two operations", `query A { a } query B { b }`,
			[]Document{{Kind: "query", Name: "A", Fields: []Selection{{Path: []string{"a"}}}}, {Kind: "query", Name: "B", Fields: []Selection{{Path: []string{"b"}}}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ReadGraphQL(tt.document)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestReadGraphQLErrors(t *testing.T) {
	table := &value.Table{}
	tests := map[string]string{
		"empty":                  "",
		"only a fragment":        "fragment F on A { b }",
		"unclosed":               "query { a ",
		"code between fields":    table.Placeholder(value.Unknown("x"), 3) + " query { a }",
		"many nested fragments":  "{ ...F0 }" + bomb(20),
		"deep":                   strings.Repeat("{ a", 3000) + strings.Repeat("}", 3000),
		"not a document at all ": "const x = 1",
	}
	for name, document := range tests {
		t.Run(name, func(t *testing.T) {
			if got, err := ReadGraphQL(document); err == nil {
				t.Errorf("no error, but %v", got)
			}
		})
	}
}

// bomb returns fragments that select 2^n fields.
func bomb(n int) string {
	var b strings.Builder
	for i := range n {
		next := "...F" + string(rune('a'+i))
		if i == n-1 {
			next = "x"
		}
		name := "F" + string(rune('a'+i-1))
		if i == 0 {
			name = "F0"
		}
		b.WriteString(" fragment " + name + " on A { a { " + next + " } b { " + next + " } }")
	}
	return b.String()
}
