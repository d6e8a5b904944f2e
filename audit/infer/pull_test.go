package infer

import (
	"strconv"
	"testing"
	"testing/fstest"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// condition is the condition of a job.
func condition(t *testing.T, text string) workflow.Text {
	t.Helper()
	source := "on: push\njobs:\n  a:\n    if: " + strconv.Quote(text) + "\n    runs-on: x\n    steps: [{run: x}]\n"
	r := workflow.Load(fstest.MapFS{workflow.Folder + "/a.yml": {Data: []byte(source)}})
	if len(r.Problems) > 0 {
		t.Fatalf("problems: %v", r.Problems)
	}
	return r.Workflows[0].Jobs[0].If
}

// TestKeepsOutForks holds conditions against pull requests of forks and of
// the repository itself, whose name is known or not.
func TestKeepsOutForks(t *testing.T) {
	tests := []struct {
		condition string
		// named and unnamed are the answers where the repository is
		// acme/rocket, and where its name is not known.
		named, unnamed bool
	}{
		{"github.event.pull_request.head.repo.full_name == github.repository", true, true},
		{"github.repository == github.event.pull_request.head.repo.full_name && github.actor != 'bot'", true, true},
		{"github.event.pull_request.head.repo.full_name == 'acme/rocket'", true, true},
		{"${{ !github.event.pull_request.head.repo.fork }}", true, true},
		{"github.event.pull_request.head.repo.owner.login == github.repository_owner", true, true},
		{"github.event.workflow_run.head_repository.full_name == github.repository", true, true},
		{"github.event.pull_request.head.repo.full_name != github.repository", false, false},
		{"github.event.pull_request.head.repo.full_name == github.repository || github.actor == 'bot'", false, false},
		{"github.event.pull_request.head.repo.fork", false, false},
		{"github.repository == 'acme/rocket'", false, false},
		{"github.event.pull_request.merged", false, false},
	}
	for _, test := range tests {
		for name, want := range map[string]bool{"acme/rocket": test.named, "": test.unnamed} {
			in := &inferrer{job: &trace.Job{}, options: Options{Repository: name}}
			if got := in.keepsOutForks(condition(t, test.condition)); got != want {
				t.Errorf("%q in %q: got %v", test.condition, name, got)
			}
		}
	}
}
