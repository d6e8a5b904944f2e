package rules

import (
	"regexp"
	"slices"
	"testing"
)

// TestInputs checks that every kind has names, each once and in lower case, as
// inputs are looked up.
func TestInputs(t *testing.T) {
	name := regexp.MustCompile(`^[a-z]+(?:[-_][a-z]+)*$`)
	seen := map[inputRow]bool{}
	for _, r := range inputRows().rows {
		if seen[r] {
			t.Errorf("%s: %s stands twice", r.kind, r.name)
		}
		seen[r] = true
		if !name.MatchString(r.name) {
			t.Errorf("%s: %q is no name of an input in lower case", r.kind, r.name)
		}
	}
	for _, k := range inputKinds {
		if len(k.Names()) == 0 {
			t.Errorf("no input of the kind %s", k)
		}
	}
}

func TestInputKindOf(t *testing.T) {
	all := InputServer.Names()
	if got := InputServer.Of("octokit/request-action"); len(got) != len(all)+1 || got[0] != "baseurl" || !slices.Equal(got[1:], all) {
		t.Errorf("Of(octokit/request-action) = %q", got)
	}
	if got := InputServer.Of("acme/triage"); !slices.Equal(got, all) || InputServer.Has("baseurl") {
		t.Errorf("Of(acme/triage) = %q", got)
	}
}
