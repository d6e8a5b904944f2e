package merge

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/report"
)

// part is a report of one part ("" for the whole, "-" for no accounts), at a
// time, with repositories of the names.
func part(t *testing.T, shard, at string, coverage audit.Coverage, names ...string) *report.Stream {
	t.Helper()
	head := &audit.Report{GeneratedAt: at}
	if shard != "-" {
		head.Organization = &audit.Organization{Accounts: []audit.Account{{Login: "Example"}}, Shard: shard, Complete: coverage.Left == 0, Coverage: coverage}
	}
	return &report.Stream{Head: head, Repositories: func(yield func(*audit.Repository, error) bool) {
		for _, name := range names {
			r := &audit.Repository{Files: len(at)}
			if name != "" {
				r.Name = &name
			}
			if !yield(r, nil) {
				return
			}
		}
	}}
}

func TestHeads(t *testing.T) {
	half := func(left int) audit.Coverage {
		return audit.Coverage{Listed: 10, Archived: 2, Audited: 4 - left, WithWorkflows: 1, Left: left}
	}
	for name, test := range map[string]struct {
		parts    []*report.Stream
		coverage audit.Coverage
		missing  string
	}{
		"two parts":    {[]*report.Stream{part(t, "1/2", "b", half(0)), part(t, "2/2", "b", half(0))}, audit.Coverage{Listed: 10, Archived: 2, Audited: 8, WithWorkflows: 2}, ""},
		"one lacks":    {[]*report.Stream{part(t, "1/2", "b", half(0))}, audit.Coverage{Listed: 10, Archived: 2, Audited: 4, WithWorkflows: 1, Left: 4}, "of the audit of example these parts are missing: 2/2"},
		"one cut off":  {[]*report.Stream{part(t, "1/2", "b", half(3)), part(t, "2/2", "b", half(0))}, audit.Coverage{Listed: 10, Archived: 2, Audited: 5, WithWorkflows: 2, Left: 3}, "the audit of example, part 1/2, did not finish: 3 repositories were not reached"},
		"plain report": {[]*report.Stream{part(t, "-", "b", audit.Coverage{})}, audit.Coverage{}, ""},
	} {
		head := &audit.Report{}
		missing := strings.Join(Heads(head, test.parts), "\n")
		if diff := cmp.Diff(test.coverage, head.Organization.Coverage); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if !strings.Contains(missing, test.missing) || (missing == "") != (test.missing == "") || head.Organization.Complete != (missing == "") {
			t.Errorf("%s: missing %q, complete %t", name, missing, head.Organization.Complete)
		}
	}
}

func TestRepositories(t *testing.T) {
	parts := []*report.Stream{
		part(t, "1/2", "old", audit.Coverage{}, "Example/a", "example/C"), part(t, "2/2", "later", audit.Coverage{}, "example/b", "Example/c"),
		part(t, "-", "b", audit.Coverage{}, "z/z", "", "example/bb"),
	}
	var got []string
	for r, err := range Repositories(parts) {
		if err != nil {
			t.Fatal(err)
		}
		name := ""
		if r.Name != nil {
			name = *r.Name
		}
		got = append(got, fmt.Sprint(name, r.Files))
	}
	if diff := cmp.Diff([]string{"1", "Example/a3", "example/b5", "example/bb1", "example/C3", "z/z1"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, err := range Repositories([]*report.Stream{part(t, "", "b", audit.Coverage{}, "example/b", "example/a")}) {
		if err != nil {
			return
		}
	}
	t.Error("a report out of order passes")
}

func TestNewest(t *testing.T) {
	old, other, later := part(t, "1/2", "2026-01-01", audit.Coverage{}), part(t, "2/2", "2026-01-01", audit.Coverage{}), part(t, "1/2", "2026-01-02", audit.Coverage{})
	if left := Newest([]*report.Stream{old, other, later}); len(left) != 2 || left[0] != other || left[1] != later {
		t.Errorf("%d are left", len(left))
	}
}
