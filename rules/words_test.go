package rules

import (
	"regexp"
	"testing"
)

// TestWords checks that every kind has words, each once and written as words are
// looked up: in lower case, without marks, but for the beginnings of branches and
// the names of accounts.
func TestWords(t *testing.T) {
	word, marked := regexp.MustCompile(`^[a-z]+[0-9]*$`), regexp.MustCompile(`^[a-z][a-z/-]*$`)
	seen := map[kindRow[WordKind]]bool{}
	for _, r := range wordRows().rows {
		if seen[r] {
			t.Errorf("%s: %s stands twice", r.kind, r.name)
		}
		seen[r] = true
		if !word.MatchString(r.name) && (r.kind != WordLine && r.kind != WordApp || !marked.MatchString(r.name)) {
			t.Errorf("%s: %q is no word", r.kind, r.name)
		}
	}
	for _, k := range wordKinds {
		if len(k.Words()) == 0 {
			t.Errorf("no word of the kind %s", k)
		}
	}
	for _, part := range []WordKind{WordMany, WordEdit} {
		for _, w := range part.Words() {
			if !WordGit.Has(w) {
				t.Errorf("%s: %s is not one of the kind git", part, w)
			}
		}
	}
	for _, w := range WordDefault.Words() {
		if WordMain.Has(w) {
			t.Errorf("%s is of the kinds main and default", w)
		}
	}
}

func TestWordKindHas(t *testing.T) {
	if !WordGit.Has("push") || WordGit.Has("build") || !WordBuild.Has("build") || WordBuild.Has("") {
		t.Error("push is of the kind git, build of the kind build")
	}
}
