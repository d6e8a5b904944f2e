package decide

import (
	"slices"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/infer"
)

// presume holds what names tell of a use that could not be read against
// GITHUB_TOKEN, and returns the use with what speaks against it. What names
// tell never speaks for GITHUB_TOKEN: nothing is added then, and the use stays
// unknown.
func (d *decider) presume(j *jobView, u *infer.Use, r *ruling) *infer.Use {
	if r.verdict != audit.VerdictUnknown {
		return u
	}
	out := *u
	for _, op := range u.Presumed {
		p := &ruling{verdict: audit.VerdictReplaceable}
		d.operation(j, u, op, p)
		if p.verdict != audit.VerdictNotReplaceable {
			continue
		}
		for _, reason := range p.reasons {
			r.against(reason.Code, "going by names, "+op.Sign+": "+reason.Detail, reason.Evidence)
		}
		out.Operations = append(slices.Clip(out.Operations), op)
	}
	return &out
}
