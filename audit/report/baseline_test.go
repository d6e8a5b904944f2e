package report

import (
	"testing"

	"github.com/patrol-actions/patrol/audit"
)

// TestBaseline shows the sample against an earlier state: what is new, what
// is gone, and what somebody accepts.
// sampleBaseline is the sample held against an earlier state.
func sampleBaseline() *audit.Report {
	r := sample()
	for _, repository := range r.Repositories {
		n := len(repository.Findings)
		repository.Baseline = &audit.Baseline{New: n, Still: 2}
	}
	first := r.Repositories[0]
	accepted := first.Findings[0]
	accepted.Acceptance = &audit.Acceptance{Kind: audit.AcceptedByConfiguration, Reason: "the bot's name is wanted | " + hostile, Expires: "2027-01-31", File: ".github/patrol.yml", Line: 4}
	first.Accepted, first.Findings = first.Findings[:1], first.Findings[1:]
	first.Baseline.New--
	first.Baseline.Gone = []*audit.Finding{
		{Rule: "replaceable-pat", Severity: audit.SeverityWarning, ID: "x", File: ".github/workflows/old.yml", Line: 7, Message: "OLD_PAT is used for gh release create, where GITHUB_TOKEN would do."},
		{Rule: hostile, Severity: audit.SeverityNotice, ID: "y", File: hostile, Line: 1, Message: hostile},
	}
	r.Tokens[0].Baseline = &audit.Baseline{Gone: []*audit.Finding{{Rule: "expiring-token", ID: "z", Severity: audit.SeverityWarning, Message: "BOT_PAT expires in 5 days"}}}
	Sort(r)
	Summarize(r)
	return r
}

func TestBaseline(t *testing.T) {
	r := sampleBaseline()
	o := Options{Open: openSample, Rules: sampleRules()}
	golden(t, "baseline.txt", write(t, "text", r, o))
	golden(t, "baseline.md", write(t, "markdown", r, o))
	golden(t, "baseline.sarif", write(t, "sarif", r, o))
	if err := check(t, compile(t, reportSchema), write(t, "json", r, o)); err != nil {
		t.Error(err)
	}
	if err := check(t, compile(t, sarifFile), write(t, "sarif", r, o)); err != nil {
		t.Error(err)
	}
}
