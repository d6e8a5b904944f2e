package scan

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/trace"
)

// broken fails at whatever it is asked.
type broken struct{ trace.Remote }

func (broken) Problems() []audit.Problem { return nil }

// TestGuarded: a fault of this program is a problem with a place, the job is
// not judged, and the others are.
func TestGuarded(t *testing.T) {
	files := fstest.MapFS{".github/workflows/a.yml": {Data: []byte(`on: push
jobs:
  bad:
    runs-on: x
    steps:
      - uses: acme/away@v1
        with:
          token: ${{ secrets.FIRST_PAT }}
  good:
    runs-on: x
    steps:
      - run: gh issue list --repo ${{ github.repository }}
        env:
          GH_TOKEN: ${{ secrets.SECOND_PAT }}
`)}}
	report := Repository(files, Options{Name: "acme/here", Guarded: true, Remote: broken{}})
	if len(report.Errors) != 1 {
		t.Fatalf("errors: %+v", report.Errors)
	}
	got := report.Errors[0]
	if got.File != ".github/workflows/a.yml" || got.Line != 3 || !got.Unread || !strings.Contains(got.Message, "job bad could not be judged") {
		t.Errorf("error: %+v", got)
	}
	want := map[string]audit.Verdict{"FIRST_PAT": audit.VerdictUnknown, "SECOND_PAT": audit.VerdictReplaceable}
	for _, r := range report.References {
		if r.Verdict != want[r.Secret] {
			t.Errorf("%s is %s, want %s", r.Secret, r.Verdict, want[r.Secret])
		}
		delete(want, r.Secret)
	}
	if len(want) > 0 {
		t.Errorf("not in the report: %v", want)
	}
}

// TestGuard: a fault is noted once, and nothing else.
func TestGuard(t *testing.T) {
	g := &guard{on: true}
	if g.run("", 0, "the repository", func() { panic("x") }) || len(g.problems) != 1 || !g.problems[0].Unread {
		t.Errorf("problems: %+v", g.problems)
	}
	if !g.run("", 0, "the repository", func() {}) || len(g.problems) != 1 {
		t.Errorf("problems: %+v", g.problems)
	}
}
