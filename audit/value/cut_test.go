package value

import (
	"strings"
	"testing"
)

var (
	whole = Context("github.repository")
	owner = Context("github.repository_owner")
	own   = Context("github.event.repository.name")
	label = Context("github.event.label.name")
)

func TestSplit(t *testing.T) {
	tests := []struct {
		v         Value
		separator string
		want      string
		sure      int
	}{
		{Text("a/b"), "/", "a|b", 2},
		{whole, "/", "${{ github.repository_owner }}|${{ github.event.repository.name }}", 2},
		{whole, "-", "?[0]", 0},
		{Concat(Text("https://github.com/"), whole), "/", "https:||github.com|${{ github.repository_owner }}|${{ github.event.repository.name }}", 5},
		{label, "/", "?[0]", 0},
		{Concat(Text("a/b-"), label, Text("/c")), "/", "a|?[1]|?[2]", 1},
		{Concat(Text("run/"), Context("github.run_id"), Text("/c")), "/", "run|${{ github.run_id }}|c", 3},
		{Concat(Text("x:"), Of(secret("PAT", 1)), Text("@h")), "@", "x:${{ secrets.PAT }}|h", 2},
		{Concat(label, Text("@"), Of(secret("PAT", 1))), "@", "?[0]|${{ secrets.PAT }}", 0},
	}
	for _, tt := range tests {
		pieces, sure := tt.v.Split(tt.separator, 100, "?")
		var got []string
		for _, piece := range pieces {
			got = append(got, piece.String())
		}
		if strings.Join(got, "|") != tt.want || sure != tt.sure {
			t.Errorf("%s at %q: %s, %d sure, want %s, %d", tt.v, tt.separator, strings.Join(got, "|"), sure, tt.want, tt.sure)
		}
	}
}

func TestReplace(t *testing.T) {
	tests := []struct {
		v        Value
		from, to string
		all      bool
		want     string
	}{
		{Text("a-b-c"), "-", "_", false, "a_b-c"},
		{Text("a-b-c"), "-", "_", true, "a_b_c"},
		{whole, "/", "-", false, "${{ github.repository_owner }}-${{ github.event.repository.name }}"},
		{whole, " ", "", true, "${{ github.repository }}"},
		{whole, "-src", "", false, "?/?"},
		{own, "a", "b", false, "?"},
		{Concat(Text("https://github.com/"), whole), "https://github.com/", "", true, "${{ github.repository }}"},
		{Concat(owner, Text("/"), own), "/lantern", "/beacon", true, "${{ github.repository_owner }}??"},
		{Concat(owner, Text("/"), own), "harbour/", "", true, "???"},
		{Concat(Text("refs/tags/"), label), "tags/v", "heads/", false, "refs/??"},
		{Concat(Text("refs/tags/"), label), "refs/tags/", "", false, "${{ github.event.label.name }}"},
		{Concat(Text("refs/tags/"), label), "refs/tags/", "", true, "?"},
		{Concat(label, Text("-x")), "-x", "", false, "??"},
		{Concat(Of(secret("PAT", 1)), Text("@h")), "@", ":", false, "${{ secrets.PAT }}:h"},
		{Choice(Text("a"), Text("b")), "a", "c", false, "c|b"},
	}
	for _, tt := range tests {
		if got := tt.v.Replace(tt.from, Text(tt.to), tt.all, "?").String(); got != tt.want {
			t.Errorf("%s: %q for %q: %s, want %s", tt.v, tt.to, tt.from, got, tt.want)
		}
	}
}

func TestTrim(t *testing.T) {
	tests := []struct {
		v          Value
		characters string
		start, end bool
		want       string
	}{
		{Text(" a "), " ", true, true, "a"},
		{Text("xax"), "x", false, true, "xa"},
		{whole, "/", true, true, "${{ github.repository }}"},
		{whole, "n", false, true, "?"},
		{Concat(Text("v"), label), "v", true, false, "?"},
		{Concat(Text("a"), label), "v", true, false, "a${{ github.event.label.name }}"},
		{label, " ", true, true, "${{ github.event.label.name }}"},
	}
	for _, tt := range tests {
		if got := tt.v.Trim(tt.characters, tt.start, tt.end, "?").String(); got != tt.want {
			t.Errorf("%s less %q: %s, want %s", tt.v, tt.characters, got, tt.want)
		}
	}
}

func TestWithout(t *testing.T) {
	tests := []struct {
		v     Value
		text  string
		start bool
		want  string
	}{
		{Text("refs/heads/a"), "refs/heads/", true, "a"},
		{Text("a.git"), ".git", false, "a"},
		{Text("a"), "ab", true, "a"},
		{Concat(Text("b/"), label), "b/", true, "${{ github.event.label.name }}"},
		{Concat(Text("b/"), label), "c/", true, "b/${{ github.event.label.name }}"},
		{Concat(Text("b/"), label), "b/c", true, "?"},
		{whole, "-src", false, "?"},
		{whole, ":", false, "${{ github.repository }}"},
	}
	for _, tt := range tests {
		if got := tt.v.Without(tt.text, tt.start, "?").String(); got != tt.want {
			t.Errorf("%s less %q: %s, want %s", tt.v, tt.text, got, tt.want)
		}
	}
}

func TestRecase(t *testing.T) {
	v := Concat(Text("V1-"), whole, label, Choice(Text("A"), Text("B")))
	if got, want := v.Recase(strings.ToLower, "?").String(), "v1-${{ github.repository }}?a|b"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
