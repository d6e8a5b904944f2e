package decide

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

func TestMatchTopic(t *testing.T) {
	for pattern, want := range map[string]truth{
		"**": yes, "*": yes, "**/**": yes, "*/**": yes,
		"feature/**": maybe, "dependabot/*": maybe, "team/x-*": maybe, "renovate-*": maybe,
		"hotfix-*": maybe, "feat*": maybe, "dev_*": maybe, "release-please--*": maybe, "release-*": no, "staging*": no,
		"main": no, "feature/one": no, "release/**": no, "support/*": no, "v*": no, "stable/*": no, "*-dev": no, "[0-9]+.x": no, "gh-readonly-queue/**": no,
	} {
		if got := match(pattern, ref{topic: true}); got != want {
			t.Errorf("a head and %q: %v, want %v", pattern, got, want)
		}
	}
	of := ref{pieces: []string{"renovate/", ""}, topic: true}
	for pattern, want := range map[string]truth{"**": yes, "renovate/**": yes, "feature/**": no, "main": no, "renovate/npm-*": maybe} {
		if got := match(pattern, of); got != want {
			t.Errorf("a head of Renovate and %q: %v, want %v", pattern, got, want)
		}
	}
}

// TestHeadFilters holds the head of a pull request against whole filters: that
// some heads are kept out changes nothing for the rest.
func TestHeadFilters(t *testing.T) {
	d := &decider{repository: &workflow.Repository{}, defaultBranch: "trunk"}
	tests := []struct {
		only, ignore []string
		want         truth
	}{
		{[]string{"**", "!feature/**"}, nil, yes},
		{[]string{"feature/**", "!feature/x-*"}, nil, maybe},
		{nil, []string{"dependabot/**"}, yes},
		{nil, []string{"**"}, no},
		{[]string{"main", "release/*"}, nil, no},
	}
	for _, test := range tests {
		if got := d.filters(view(), test.only, test.ignore, value.Context("github.head_ref"), false); got != test.want {
			t.Errorf("%q without %q: %v, want %v", test.only, test.ignore, got, test.want)
		}
	}
}

func TestConditionedRefs(t *testing.T) {
	d := &decider{repository: &workflow.Repository{}, defaultBranch: "trunk"}
	head, before := value.Context("github.head_ref"), value.Context("github.event.workflow_run.head_branch")
	tests := []struct {
		condition string
		v         value.Value
		want      []ref
	}{
		{"startsWith(github.head_ref, 'deps/')", head, []ref{{pieces: []string{"deps/", ""}, topic: true}}},
		{"github.event.pull_request.head.ref == 'next' && github.repository == 'a/b'", head, []ref{{pieces: []string{"next"}, topic: true}}},
		{"contains(github.head_ref, 'deps')", head, []ref{{pieces: []string{"", "deps", ""}, topic: true}}},
		{"!startsWith(github.head_ref, 'deps/')", head, []ref{{topic: true}}},
		{"startsWith(github.head_ref, 'deps/') || github.event_name == 'push'", head, []ref{{topic: true}}},
		{"github.actor == 'renovate[bot]'", head, []ref{{pieces: []string{"renovate/", ""}, topic: true}}},
		{"github.actor == 'dependabot[bot]' || github.actor == 'renovate[bot]'", head, []ref{{pieces: []string{"dependabot/", ""}, topic: true}, {pieces: []string{"renovate/", ""}, topic: true}}},
		{"github.actor != 'dependabot[bot]'", head, []ref{{topic: true}}},
		{"github.actor == 'sunny'", head, []ref{{topic: true}}},
		{"github.event.workflow_run.head_branch == 'trunk'", before, []ref{{pieces: []string{"trunk"}}}},
		{"github.event.workflow_run.head_branch != 'trunk'", before, []ref{{topic: true}}},
		{"github.event.workflow_run.conclusion == 'success'", before, []ref{{pieces: []string{"", ""}}}},
	}
	for _, test := range tests {
		j := view(workflow.Trigger{Event: "workflow_run", Workflows: []string{"CI"}})
		j.step = jobIf(t, `"`+test.condition+`"`)
		got := d.refsOf(j, test.v, false)
		if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(ref{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.condition, diff)
		}
	}
}
