package baseline

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit"
)

func TestTrend(t *testing.T) {
	name := "Example/a"
	head := &audit.Report{GeneratedAt: "2026-11-20T09:00:00Z", Summary: audit.Summary{Findings: 3}, Organization: &audit.Organization{
		Secrets: []*audit.StoredSecret{{Reach: 3}, {Reach: 4}}, Findings: []*audit.Finding{finding("secret")},
		Trend: &audit.Trend{Points: []audit.TrendPoint{{GeneratedAt: "2026-11-13T09:00:00Z"}}},
	}}
	trend := &Trend{}
	trend.Add(&name, []*audit.Finding{finding("x")})
	if trend.Result() != nil {
		t.Error("there is a trend without an earlier report")
	}
	trend = &Trend{}
	err := trend.Since(head, func(yield func(*audit.Repository, error) bool) {
		yield(&audit.Repository{Name: &name, Findings: []*audit.Finding{finding("stays"), finding("goes")}}, nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	lower := "example/a"
	trend.Add(&lower, []*audit.Finding{finding("stays"), finding("comes")})
	trend.Add(nil, []*audit.Finding{finding("secret")})
	want := &audit.Trend{New: 1, Still: 2, Gone: 1, Points: []audit.TrendPoint{
		{GeneratedAt: "2026-11-13T09:00:00Z"}, {GeneratedAt: "2026-11-20T09:00:00Z", Summary: audit.Summary{Findings: 3}, Reach: 7},
	}}
	if diff := cmp.Diff(want, trend.Result()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
