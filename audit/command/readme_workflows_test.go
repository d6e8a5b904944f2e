package command

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rhysd/actionlint"
	"go.yaml.in/yaml/v4"

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

// The README's table of inputs and its line of outputs are those of the action.
func TestReadmeInputs(t *testing.T) {
	var action struct {
		Inputs  map[string]struct{ Default string }
		Outputs map[string]any
	}
	source, err := os.ReadFile(filepath.Join("..", "..", "action.yml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(source, &action); err != nil || len(action.Inputs) < 10 {
		t.Fatalf("%d inputs: %v", len(action.Inputs), err)
	}
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(readme), "| input | default | |\n|---|---|---|\n")
	table, rest, _ := strings.Cut(table, "\n\n")
	if !found {
		t.Fatal("the README has no table of inputs")
	}
	for _, line := range strings.Split(table, "\n") {
		cells := strings.Split(line, " | ")
		for _, name := range regexp.MustCompile("`([a-z-]+)`").FindAllStringSubmatch(cells[0], -1) {
			input, ok := action.Inputs[name[1]]
			if !ok {
				t.Errorf("the action has no input %s", name[1])
			}
			// A default that is written is that of the action; the others are told.
			if shown, ok := strings.CutPrefix(cells[1], "`"); ok && !strings.Contains(input.Default, strings.Trim(shown, "` ")) {
				t.Errorf("%s: the default is %q, not %s", name[1], input.Default, cells[1])
			}
			delete(action.Inputs, name[1])
		}
	}
	for name := range action.Inputs {
		t.Errorf("the README has no input %s", name)
	}
	outputs, _, _ := strings.Cut(strings.TrimPrefix(rest, "Outputs: "), "\n")
	for name := range action.Outputs {
		if !strings.Contains(outputs, "`"+name+"`") {
			t.Errorf("the README has no output %s", name)
		}
	}
}
