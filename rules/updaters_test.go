package rules

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUpdaters(t *testing.T) {
	want := []Updater{
		{"Dependabot", "dependabot[bot]", "dependabot/", "github_actions", "npm_and_yarn"},
		{"Renovate", "renovate[bot]", "renovate/", "", ""},
	}
	if diff := cmp.Diff(want, Updaters()); diff != "" {
		t.Errorf("updaters (-want +got):\n%s", diff)
	}
}
