package rules

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestActionRuns(t *testing.T) {
	tests := map[string][]ActionRun{
		"owner/nothing":                          nil,
		"nick-fields/retry":                      {{Parts: []RunPart{{Input: "command"}}, Forgives: "continue_on_error"}},
		"reactivecircus/android-emulator-runner": {{Parts: []RunPart{{Input: "script"}}, Unless: "pre-emulator-launch-script", Strict: true}},
		"jreleaser/release-action":               {{Parts: []RunPart{{Text: "jreleaser "}, {Input: "arguments", Default: "full-release", Optional: true}}}},
		"magefile/mage-action":                   {{Parts: []RunPart{{Text: "mage "}, {Input: "args", Optional: true}}, Dir: "workdir"}},
	}
	for name, want := range tests {
		if diff := cmp.Diff(want, ActionRuns(name)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	runs := ActionRuns("cycjimmy/semantic-release-action")
	if len(runs) != 1 {
		t.Fatalf("semantic-release is run %d times", len(runs))
	}
	if diff := cmp.Diff([]RunPart{
		{Text: "semantic-release "},
		{Input: "dry_run", Equals: "true", Flag: "--dry-run", Optional: true},
		{Text: " "},
		{Input: "ci", Equals: "false", Flag: "--no-ci", Optional: true},
		{Text: " "},
		{Input: "branches", Flag: "--branches=", Optional: true},
	}, runs[0].Parts[:6]); diff != "" {
		t.Errorf("parts (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"workdir", "args"}, ActionRuns("magefile/mage-action")[0].Inputs()); diff != "" {
		t.Errorf("inputs (-want +got):\n%s", diff)
	}
	for _, name := range []string{"owner/nothing", "jreleaser/release-action", "nick-fields/retry"} {
		info, ok := Action(name)
		if ok != (ActionRuns(name) != nil) {
			t.Errorf("%s: known %t", name, ok)
		}
		if name == "nick-fields/retry" && cmp.Diff([]ActionCode{{Input: "command", Language: "bash"}}, info.Code) != "" {
			t.Errorf("%s: code %v", name, info.Code)
		}
	}
}
