package decide

import (
	"testing"

	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// numbered is a use of one operation on an issue or a pull request, in a job
// that events start.
func numbered(number value.Value, condition workflow.Text, events ...string) *ruled {
	w := &workflow.Workflow{}
	job := &workflow.Job{ID: "a", If: condition}
	w.Jobs = []*workflow.Job{job}
	for _, e := range events {
		w.Triggers = append(w.Triggers, workflow.Trigger{Event: e})
	}
	use := &infer.Use{Operations: []infer.Operation{{Names: []string{"POST /repos/{owner}/{repo}/issues/{issue_number}/labels"}, Number: number}}}
	j := &infer.Job{Job: &trace.Job{Root: w, File: w, Job: job}, Uses: []*infer.Use{use}}
	return &ruled{Use: use, job: &jobView{Job: j, triggers: w.Triggers}}
}

func TestObjectByNumber(t *testing.T) {
	for source, want := range map[string]object{
		"github.rest.pulls.create(…).data.number":           aPull,
		"github.paginate(github.rest.pulls.list, …).number": aPull,
		"pr.number":          aPull,
		"pullRequest.number": aPull,
		"openPr.number":      aPull,
		"$PR_NUMBER":         aPull,
		"$(cat pr_number)":   aPull,
		"$(gh pr list --json number --jq '.[0].number')":            aPull,
		"${{ steps.cpr.outputs.pull-request-number }}":              aPull,
		"github.rest.issues.create(…).data.number":                  anIssue,
		"github.paginate(github.rest.issues.listForRepo, …).number": bothObjects,
		"issue.number":    anyObject,
		"$NUMBER":         anyObject,
		"$(cat priority)": anyObject,
		"$APPROVED":       anyObject,
		"github.rest.issues.createComment(…).data.id": anyObject,
	} {
		u := numbered(value.Unknown(source), workflow.Text{}, "schedule")
		if got := objectOf(u, u.Operations[0]); got != want {
			t.Errorf("%s: got %d, want %d", source, got, want)
		}
	}
	u := numbered(value.Choice(value.Unknown("pr.number"), value.Unknown("$NUMBER")), workflow.Text{}, "schedule")
	if got := objectOf(u, u.Operations[0]); got != anyObject {
		t.Errorf("one of two: got %d", got)
	}
}

func TestObjectByEvents(t *testing.T) {
	event := value.Context("github.event.issue.number")
	tests := []struct {
		condition string
		events    []string
		want      object
	}{
		{"", []string{"issues"}, anIssue},
		{"", []string{"issues", "push"}, anIssue},
		{"", []string{"pull_request_target", "push"}, aPull},
		{"", []string{"issues", "pull_request_target"}, bothObjects},
		{"", []string{"issue_comment"}, bothObjects},
		{"", []string{"schedule", "push"}, anyObject},
		{"github.event_name == 'issues'", []string{"issues", "pull_request"}, anIssue},
		{"github.event.issue.pull_request", []string{"issue_comment"}, aPull},
		{"!github.event.issue.pull_request", []string{"issue_comment"}, anIssue},
		{"contains(github.event.comment.body, '/label')", []string{"issue_comment"}, bothObjects},
	}
	for _, test := range tests {
		condition := workflow.Text{}
		if test.condition != "" {
			condition = jobIf(t, `"`+test.condition+`"`)
		}
		u := numbered(event, condition, test.events...)
		if got := objectOf(u, u.Operations[0]); got != test.want {
			t.Errorf("%v if %q: got %d, want %d", test.events, test.condition, got, test.want)
		}
	}
}

// TestObjectByOthers holds that a number which a call for pull requests takes
// as well is that of a pull request.
func TestObjectByOthers(t *testing.T) {
	number := value.Context("github.event.client_payload.number")
	u := numbered(number, workflow.Text{}, "repository_dispatch")
	if got := objectOf(u, u.Operations[0]); got != anyObject {
		t.Errorf("alone: got %d", got)
	}
	u.job.Uses = append(u.job.Uses, &infer.Use{Operations: []infer.Operation{{Number: number, OnPull: true}}})
	if got := objectOf(u, u.Operations[0]); got != aPull {
		t.Errorf("beside the other: got %d", got)
	}
	if got := objectOf(u, infer.Operation{Names: []string{"POST /repos/{owner}/{repo}/labels"}}); got != noObject {
		t.Errorf("a label: got %d", got)
	}
}

// TestObjectOwn holds that what starts a job tells of its own number only, or
// of one that is left to an action where no schedule starts it too.
func TestObjectOwn(t *testing.T) {
	tests := []struct {
		name   string
		number value.Value
		events []string
		want   object
	}{
		{"the event's", value.Context("github.event.issue.number"), []string{"pull_request"}, aPull},
		{"read from the event", value.Unknown(`$(jq .number "$GITHUB_EVENT_PATH")`), []string{"pull_request"}, aPull},
		{"read from its text", value.Unknown(`$(jq .pull_request.body "$GITHUB_EVENT_PATH" | grep '#')`), []string{"pull_request"}, anyObject},
		{"an output", value.Unknown("steps.a.outputs.b"), []string{"pull_request"}, anyObject},
		{"a constant", value.Text("7"), []string{"issues"}, anyObject},
		{"none", nil, []string{"issues"}, anIssue},
		{"none, on a schedule", nil, []string{"issues", "schedule"}, anyObject},
	}
	for _, test := range tests {
		u := numbered(test.number, workflow.Text{}, test.events...)
		if got := objectOf(u, u.Operations[0]); got != test.want {
			t.Errorf("%s: got %d, want %d", test.name, got, test.want)
		}
	}
}

// TestLeaves holds how scripts tell issues from pull requests.
func TestLeaves(t *testing.T) {
	for code, want := range map[string]string{
		"if (item.pull_request) continue;":                            "out",
		"if (item.pull_request) { return; }":                          "out",
		"if (context.payload.issue.pull_request) return\n":            "out",
		"items.filter(i => !i.pull_request)":                          "out",
		"items.filter(i => i.pull_request === undefined)":             "out",
		"if (!item.pull_request) continue;":                           "in",
		"if (!context.payload.issue.pull_request) { return }":         "in",
		"const kind = item.pull_request ? 'pull' : 'issue';":          "",
		"if (item.pull_request) return 'pull';":                       "",
		"Boolean(item.pull_request) && !item.pull_request.merged_at;": "",
		"if (item.pull_request) { merge(item) }":                      "",
	} {
		got := ""
		switch {
		case leavesIn.MatchString(code):
			got = "in"
		case leavesOut.MatchString(code):
			got = "out"
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", code, got, want)
		}
	}
}
