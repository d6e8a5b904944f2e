package rules

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNear(t *testing.T) {
	names := []string{"issues/create", "issues/create-comment", "gists/create", "np", "actions/checkout"}
	tests := []struct {
		word string
		want []string
	}{
		{"isues/create", []string{"issues/create", "gists/create"}},
		{"ACTIONS/chekout", []string{"actions/checkout"}},
		{"comment", []string{"issues/create-comment"}},
		{"npx", []string{"np"}},
		{"nope", nil},
		{"", nil},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, Near(test.word, names)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.word, diff)
		}
	}
}

func TestNames(t *testing.T) {
	if names := GhCommands(); !slices.Contains(names, "pr create") || slices.Contains(names, "pr") || !slices.IsSorted(names) {
		t.Errorf("commands of gh: %q", names)
	}
	if names := Programs(); !slices.Contains(names, "goreleaser release") || slices.Contains(names, "jq") || !slices.IsSorted(names) {
		t.Errorf("programs: %q", names)
	}
}
