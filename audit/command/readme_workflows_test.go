package command

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"testing/fstest"

	"github.com/rhysd/actionlint"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/scan"
)

// shownWorkflow matches a workflow in the documentation: its first line is a
// comment with its path.
var shownWorkflow = regexp.MustCompile("(?s)```yaml\n# (\\.github/workflows/[a-z-]+\\.yml)\n(.*?)```")

// The workflows of the documentation are ones that Patrol itself has nothing
// to say against, and that GitHub takes.
func TestReadmeWorkflows(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, m := range shownWorkflow.FindAllSubmatch(readme, -1) {
		found++
		name, source := string(m[1]), m[2]
		r := scan.Repository(fstest.MapFS{name: {Data: source}}, scan.Options{Name: "acme-corp/rocket"})
		for _, p := range r.Errors {
			t.Errorf("%s: %s", name, p.Message)
		}
		for _, f := range r.Findings {
			// Its action is not pinned in the documentation, which says so.
			if f.Severity.AtLeast(audit.SeverityWarning) && f.Rule != "exposed-pat" {
				t.Errorf("%s:%d: %s (%s)", name, f.Line, f.Message, f.Rule)
			}
		}
		_, problems := actionlint.Parse(source)
		for _, p := range problems {
			t.Errorf("%s: %v", name, p)
		}
	}
	if found < 3 {
		t.Errorf("%d workflows are shown", found)
	}
}
