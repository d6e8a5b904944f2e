package baseline

import (
	"iter"
	"strings"

	"github.com/patrol-actions/patrol/audit"
)

// Trend counts what becomes of the findings of an earlier report of accounts.
// The zero Trend has none.
type Trend struct {
	earlier *audit.Report
	old     map[string]bool
	trend   audit.Trend
}

// Since takes in an earlier report: its head, which has an organization, and
// its repositories.
func (t *Trend) Since(head *audit.Report, repositories iter.Seq2[*audit.Repository, error]) error {
	t.earlier, t.old = head, map[string]bool{}
	for repository, err := range repositories {
		if err != nil {
			return err
		}
		for _, f := range repository.Findings {
			t.old[findingKey(repository.Name, f)] = true
		}
	}
	for _, f := range head.Organization.Findings {
		t.old[findingKey(nil, f)] = true
	}
	return nil
}

func findingKey(name *string, f *audit.Finding) string {
	if name == nil {
		return " " + f.ID
	}
	return strings.ToLower(*name) + " " + f.ID
}

// Add counts the findings of a repository; its name is nil for those of the
// accounts.
func (t *Trend) Add(name *string, findings []*audit.Finding) {
	for _, f := range findings {
		if key := findingKey(name, f); t.old[key] {
			t.trend.Still++
			delete(t.old, key)
		} else {
			t.trend.New++
		}
	}
}

// Result is the trend; nil without an earlier report.
func (t *Trend) Result() *audit.Trend {
	if t.earlier == nil {
		return nil
	}
	t.trend.Gone = len(t.old)
	if before := t.earlier.Organization.Trend; before != nil {
		t.trend.Points = append(t.trend.Points, before.Points...)
	}
	point := audit.TrendPoint{GeneratedAt: t.earlier.GeneratedAt, Summary: t.earlier.Summary}
	for _, s := range t.earlier.Organization.Secrets {
		point.Reach += s.Reach
	}
	t.trend.Points = append(t.trend.Points, point)
	return &t.trend
}
