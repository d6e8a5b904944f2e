package infer

import (
	"strings"
	"testing"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// TestBring holds which commands of git bring commits of another repository.
func TestBring(t *testing.T) {
	add := "remote add upstream https://github.com/octo/rocket"
	tests := []struct {
		name     string
		commands []string
		want     string
	}{
		{"a merge", []string{add, "merge --no-edit upstream/main"}, "upstream/main"},
		{"a merge by the full name", []string{add, "merge refs/remotes/upstream/main"}, "upstream/main"},
		{"a reset", []string{add, "reset --hard upstream/main"}, "upstream/main"},
		{"a branch that begins there", []string{add, "checkout -B sync upstream/main"}, "upstream/main"},
		{"a pull", []string{add, "pull upstream main"}, "upstream"},
		{"a pull of an address", []string{"pull https://github.com/octo/rocket main"}, "https://github.com/octo/rocket"},
		{"a pull from another host", []string{"pull https://gitlab.com/octo/rocket main"}, "https://gitlab.com/octo/rocket"},
		{"what was fetched", []string{"fetch https://github.com/octo/rocket main:theirs", "merge theirs"}, "https://github.com/octo/rocket"},
		{"what was fetched last", []string{"fetch https://github.com/octo/rocket main", "fetch origin", "merge FETCH_HEAD"}, ""},
		{"all files", []string{add, "checkout upstream/main -- ."}, "upstream/main"},
		{"some files", []string{add, "checkout upstream/main -- docs"}, ""},
		{"workflow files", []string{add, "checkout upstream/main -- .github/workflows"}, "upstream/main"},
		{"another branch", []string{add, "merge origin/next"}, ""},
		{"a branch with a slash", []string{add, "merge feature/upstream"}, ""},
		{"a plain pull", []string{add, "pull"}, ""},
		{"a pull of the repository itself", []string{"remote add me https://github.com/acme/rocket", "pull me main"}, ""},
		{"a fetch alone", []string{add, "fetch upstream"}, ""},
	}
	for _, test := range tests {
		in := &inferrer{job: &trace.Job{Root: &workflow.Workflow{}}, options: Options{Repository: "acme/rocket"}, session: newSession()}
		here := in.session.tree(".")
		for _, command := range test.commands {
			c := gitCall{site: &trace.Site{}, tree: here}
			for i, word := range strings.Fields(command) {
				if i == 0 {
					c.subcommand = word
					continue
				}
				c.args = append(c.args, value.Text(word))
			}
			in.bring(c)
			if c.subcommand == "remote" {
				c.remote()
			}
		}
		if here.brought != test.want {
			t.Errorf("%s: got %q, want %q", test.name, here.brought, test.want)
		}
	}
}
