package infer

import (
	"testing"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

func TestBranchNames(t *testing.T) {
	tags := []workflow.Trigger{{Event: "push", Tags: []string{"v*"}}, {Event: "workflow_dispatch"}}
	nightly := []workflow.Trigger{{Event: "schedule"}, {Event: "workflow_dispatch"}}
	with := func(v value.Value) value.Value { return value.Concat(value.Text("bot/docs-"), v) }
	tests := []struct {
		name   string
		branch value.Value
		on     []workflow.Trigger
		// own and again are what ofThisRun and again say.
		own, again bool
	}{
		{"a constant", value.Text("bot/docs"), nightly, false, true},
		{"the branch of the run", with(value.Context("github.ref_name")), nightly, false, true},
		{"the tag of the run", with(value.Context("github.ref_name")), tags, false, false},
		{"the release", with(value.Context("github.event.release.tag_name")), tags, false, false},
		{"the repository", with(value.Context("github.repository")), nightly, false, true},
		{"the actor", with(value.Context("github.actor")), nightly, false, true},
		{"a matrix", with(value.Unknown("${{ matrix.version }}")), nightly, false, true},
		{"an input", with(value.Unknown("${{ inputs.version }}")), nightly, false, true},
		{"one of two", with(value.Choice(value.Text("a"), value.Text("b"))), nightly, false, true},
		{"a step's output", with(value.Unknown("${{ steps.version.outputs.next }}")), nightly, false, false},
		{"a step for updates", with(value.Unknown("${{ steps.update.outputs.name }}")), nightly, false, false},
		{"a step for the date", with(value.Unknown("${{ steps.get-date.outputs.day }}")), nightly, true, false},
		{"the run", with(value.Context("github.run_id")), nightly, true, false},
		{"the attempt", with(value.Context("github.run_attempt")), nightly, true, false},
		{"the commit", with(value.Context("github.sha")), nightly, true, false},
		{"the commit as git says it", with(value.Unknown("$(git rev-parse --short HEAD)")), nightly, true, false},
		{"the branch as git says it", with(value.Unknown("$(git rev-parse --abbrev-ref HEAD)")), nightly, false, false},
		{"the date", with(value.Unknown("$(date +%F)")), nightly, true, false},
		{"chance", with(value.Unknown("$RANDOM")), nightly, true, false},
	}
	for _, test := range tests {
		in := &inferrer{job: &trace.Job{Root: &workflow.Workflow{Triggers: test.on}}}
		if got := ofThisRun(test.branch); got != test.own {
			t.Errorf("%s: of this run: got %v", test.name, got)
		}
		if got := in.again(test.branch); got != test.again {
			t.Errorf("%s: again: got %v", test.name, got)
		}
	}
}
