package infer

import (
	"slices"
	"testing"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

func TestSearched(t *testing.T) {
	in := &inferrer{options: Options{Repository: "ardent-works/kestrel"}}
	for text, want := range map[string][]string{
		"is:open label:bug":                                   nil,
		"repo:ardent-works/kestrel is:pr":                     nil,
		"is:pr repo:ardent-works/heron":                       {"ardent-works/heron"},
		"is:pr -repo:ardent-works/heron":                      nil,
		"is:pr+repo%3Aardent-works%2Fheron":                   {"ardent-works/heron"},
		`org:"ardent-works" is:pr`:                            {"unknown"},
		"user:octocat":                                        {"unknown"},
		"repo:ardent-works/kestrel repo:ardent-works/heron":   {"ardent-works/heron", "self"},
		"is:open in:title frepo:ardent-works/heron org-chart": nil,
	} {
		op := Operation{Answer: rules.AnswerYes, Public: true}
		in.searched(&op, value.Text(text))
		var got []string
		for _, target := range op.Targets {
			got = append(got, target.Text)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestQueryText(t *testing.T) {
	for _, c := range []struct {
		r    request
		want string
	}{
		{request{path: value.Text("search/issues?sort=created&q=is:open+label:a&page=2")}, "is:open+label:a"},
		{request{path: value.Text("search/issues"), arguments: map[string]value.Value{"q": value.Text("is:pr")}}, "is:pr"},
		{request{path: value.Text("search/issues?q%5B%5D=a")}, ""},
	} {
		if got := queryText(c.r).String(); got != c.want {
			t.Errorf("%s: %q, want %q", c.r.path, got, c.want)
		}
	}
}
