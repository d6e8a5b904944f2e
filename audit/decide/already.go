package decide

import (
	"slices"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/value"
)

// already judges a reusable workflow's secret by which every caller that was
// read hands over GITHUB_TOKEN. Callers in other repositories may hand over
// something else.
func (d *decider) already(r *audit.Reference, uses []*ruled) *audit.Reference {
	need, seen := newNeed(), usesSeen{}
	for _, u := range uses {
		if u.Other || u.Credential.Kind != value.JobToken {
			continue
		}
		u := &ruled{Use: u.Use, job: u.job, ruling: &ruling{verdict: audit.VerdictReplaceable}}
		use := d.use(u)
		if !seen.add(use) {
			continue
		}
		r.Uses = append(r.Uses, use)
		need.use(u)
		for _, op := range u.Operations {
			for _, t := range op.Targets {
				r.Target = appendNew(r.Target, t.Text)
			}
		}
	}
	slices.Sort(r.Target)
	r.Verdict, r.Permissions = audit.VerdictReplaceable, need.permissions()
	r.Remedy = audit.Remedy{Kind: audit.RemedyGitHubToken, Summary: "every caller hands it GITHUB_TOKEN already: there is nothing to change", UnknownSteps: []string{}}
	return r
}
