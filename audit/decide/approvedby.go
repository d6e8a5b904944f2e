package decide

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/value"
)

// approvedByToken speaks against GITHUB_TOKEN where the run approves with it
// the pull request that a use opens: it would be its own then.
func (d *decider) approvedByToken(j *jobView, u *infer.Use, op infer.Operation, r *ruling, at []audit.Place) {
	if !makesPull(op) || isJobToken(u.Credential) {
		return
	}
	approver := approver(j, u, func(v *infer.Use, approval infer.Operation) bool { return d.approvesOpened(j, u, op, v, approval) })
	if approver != nil {
		r.against("own-approval", fmt.Sprintf("%s approves with GITHUB_TOKEN the pull request that this opens, and GITHUB_TOKEN cannot approve its own", approver.What), append(at, place(approver)))
	}
}

// approvedAlready returns a use by which the run approves the same pull request
// with GITHUB_TOKEN, whether the other one does or not: the two are meant to be
// the approvals of two.
func approvedAlready(j *jobView, u *infer.Use, op infer.Operation) *infer.Use {
	number := numberOf(&ruled{Use: u, job: j}, op)
	return approver(j, u, func(v *infer.Use, approval infer.Operation) bool {
		condition := v.Site.Condition()
		return (condition.IsZero() || condition.Value == u.Site.Condition().Value) && numberOf(&ruled{Use: v, job: j}, approval).Equal(number)
	})
}

// approver returns a use of GITHUB_TOKEN in the job of another one, by which it
// approves what is asked for.
func approver(j *jobView, u *infer.Use, of func(*infer.Use, infer.Operation) bool) *infer.Use {
	for _, v := range j.Uses {
		if v.Site == nil || u.Site == nil || !isJobToken(v.Credential) {
			continue
		}
		if slices.ContainsFunc(v.Operations, func(op infer.Operation) bool { return onSelf(op) && approves(op) && of(v, op) }) {
			return v
		}
	}
	return nil
}

// approvesOpened tells whether an approval is of the pull request that a use of
// the job opens before: it names its branch, or comes by its number from a step,
// and the job neither asks for other pull requests nor opens any. A condition of
// the approval must let through what GITHUB_TOKEN opens.
func (d *decider) approvesOpened(j *jobView, u *infer.Use, opens infer.Operation, v *infer.Use, approval infer.Operation) bool {
	if v.Site.Step < u.Site.Step || v.Site.Step == u.Site.Step && v.Line <= u.Line || !d.passes(j, v, updateScope{login: value.Text(botLogin)}) {
		return false
	}
	for _, other := range j.Uses {
		if other.Site != nil && other.Site.Step != u.Site.Step && slices.ContainsFunc(other.Operations, makesPull) {
			return false
		}
	}
	number := numberOf(&ruled{Use: v, job: j}, approval)
	if len(number) == 0 {
		return v.Site.Action == nil
	}
	for _, e := range opens.Events {
		if head := shortRef(e.Attributes["head"]); e.Key() == "pull_request.opened" && len(head) > 0 && head.Equal(number) {
			return true
		}
	}
	return len(number) == 1 && number[0].Unknown != "" && !otherPulls.MatchString(number[0].Unknown) && !handedIn.MatchString(number[0].Unknown)
}

// handedIn matches what the run is told by who starts it, or by the event that
// does.
var handedIn = regexp.MustCompile(`\b(?:inputs|vars)\.|\bgithub\.event\b|\bGITHUB_(?:EVENT_PATH|REF)`)
