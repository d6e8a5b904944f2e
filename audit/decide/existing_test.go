package decide

import (
	"testing"
	"testing/fstest"

	"github.com/patrol-actions/patrol/audit/workflow"
)

// jobIf returns the condition of a job as it stands in a workflow.
func jobIf(t *testing.T, condition string) workflow.Text {
	t.Helper()
	source := "on: push\njobs:\n  a:\n    if: " + condition + "\n    runs-on: x\n    steps:\n      - run: x\n"
	r := workflow.LoadFile(fstest.MapFS{"a.yml": {Data: []byte(source)}}, "a.yml")
	if len(r.Workflows) != 1 || len(r.Workflows[0].Jobs) != 1 {
		t.Fatalf("%s: %v", condition, r.Problems)
	}
	return r.Workflows[0].Jobs[0].If
}

func TestOnlyForTags(t *testing.T) {
	for condition, want := range map[string]bool{
		"startsWith(github.ref, 'refs/tags/')":                                    true,
		"startsWith(github.ref, 'refs/tags/v') && vars.RELEASE":                   true,
		"vars.RELEASE && (startsWith(github.ref, 'refs/tags/'))":                  true,
		"github.ref_type == 'tag'":                                                true,
		"${{ github.ref_type == 'tag' }}":                                         true,
		"github.ref_type != 'branch'":                                             true,
		"github.ref == 'refs/tags/v1'":                                            true,
		"startsWith(github.ref, 'refs/tags/') || github.ref_type == 'tag'":        true,
		"startsWith(github.ref, 'refs/tags/') || github.ref == 'refs/heads/main'": false,
		"startsWith(github.ref, 'refs/tags/') || vars.RELEASE":                    false,
		"!startsWith(github.ref, 'refs/tags/')":                                   false,
		"!startsWith(github.ref, 'refs/heads/')":                                  false, // a pull request passes too
		"github.ref == 'refs/heads/main'":                                         false,
		"startsWith(github.ref, 'refs/')":                                         false,
		"startsWith(github.ref, 'refs/heads/release')":                            false,
		"vars.RELEASE":                     false,
		"startsWith(github.ref_name, 'v')": false,
		"github.event_name == 'push' && startsWith(github.head_ref, 'refs/tags/')": false,
	} {
		if got := onlyForTags(jobIf(t, `"`+condition+`"`), nil); got != want {
			t.Errorf("%s: %v, want %v", condition, got, want)
		}
	}
	if onlyForTags(workflow.Text{}, nil) {
		t.Error("no condition")
	}
}

func TestOnlyForReleases(t *testing.T) {
	on := func(events ...string) (out []workflow.Trigger) {
		for _, e := range events {
			out = append(out, workflow.Trigger{Event: e})
		}
		return out
	}
	tests := []struct {
		condition string
		triggers  []workflow.Trigger
		want      bool
	}{
		{"github.event_name == 'release'", on("push", "release"), true},
		{"vars.X && github.event_name == 'release'", on("push", "release"), true},
		{"github.event_name != 'push'", on("push", "release"), true},
		{"github.event_name != 'push'", on("push", "release", "schedule"), false},
		{"github.event_name == 'release' || vars.X", on("push", "release"), false},
		{"github.event_name == 'push'", on("push", "release"), false},
		{"github.event_name == 'release'", on("push"), false},
		{"github.event_name == 'release'", on("release", "workflow_call"), false},
		{"vars.X", on("push", "release"), false},
	}
	for _, test := range tests {
		if got := onlyForReleases(jobIf(t, `"`+test.condition+`"`), test.triggers); got != test.want {
			t.Errorf("%s: %v, want %v", test.condition, got, test.want)
		}
	}
}
