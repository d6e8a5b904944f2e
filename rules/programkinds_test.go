package rules

import (
	"strings"
	"testing"
)

// TestProgramKinds checks that every kind has programs, each once, written as they
// are looked up.
func TestProgramKinds(t *testing.T) {
	seen := map[kindRow[ProgramKind]]bool{}
	for _, r := range programKindRows().rows {
		if seen[r] {
			t.Errorf("%s: %s stands twice", r.kind, r.name)
		}
		seen[r] = true
		if r.name != strings.Join(strings.Fields(strings.ToLower(r.name)), " ") {
			t.Errorf("%s: %q is not in lower case, or has further spaces", r.kind, r.name)
		}
	}
	for _, k := range programKinds {
		if len(k.Programs()) == 0 {
			t.Errorf("no program of the kind %s", k)
		}
	}
	for _, p := range PowerShellClient.Programs() {
		if Client.Has(p) {
			t.Errorf("%s is of two kinds of clients", p)
		}
	}
}

func TestProgramKindHas(t *testing.T) {
	if !RunsContainer.Has("docker run") || RunsContainer.Has("docker") || !TakesGoals.Has("mvn") || TakesGoals.Has("make") {
		t.Error("docker run runs a container, mvn takes goals")
	}
}
