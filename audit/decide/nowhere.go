package decide

import (
	"fmt"
	"slices"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// nowhere judges an operation on a repository that the code does not name.
func (d *decider) nowhere(j *jobView, u *infer.Use, op infer.Operation, t infer.Target, r *ruling, at []audit.Place) {
	switch {
	case len(op.Needs) == 0 && op.Answer == rules.AnswerYes:
	case op.Answer == rules.AnswerNo:
		d.permissions(j, op, r, at)
	case !op.Needs.Writes() && op.Private != "":
		r.against("other-repository", fmt.Sprintf("%s reads another repository: %s", operationName(op), op.Private), at)
	case !op.Needs.Writes() && private("other-repository", u, op, infer.Target{Text: "a repository that is only known when it runs"}, r, at):
	case !op.Needs.Writes():
		r.condition("other-repository", operationName(op)+" reads a repository that is only known when it runs: GITHUB_TOKEN does that if it is this one, or public", at)
	case !j.UnknownCaller && d.unheard(op):
		r.against("other-repository", operationName(op)+" starts workflows of a repository that is only known when it runs; none here listens to it, so that it is another one", at)
	case !j.UnknownCaller && d.neither(j, u, op, r, at):
	case t.Given != "" && len(startsOf(op)) == 0 && !slices.ContainsFunc(op.Targets, func(o infer.Target) bool { return o.Kind == infer.Self }):
		// Who asks for a repository means others than the one at hand, whose name
		// needs no asking. It is wrong where all that is ever given is this one.
		r.against("other-repository", fmt.Sprintf("%s writes to the repository that the run is told by %s, and GITHUB_TOKEN reaches this one only", operationName(op), t.Given), at)
	case d.namedElsewhere(u, op, r, at):
	case t.File != "":
		r.open("unknown-target", fmt.Sprintf("%s writes to the repository of GH_REPO, which %s may set: it is not in this checkout", operationName(op), t.File), at)
	default:
		r.open("unknown-target", operationName(op)+" writes to a repository that is only known when it runs", at)
	}
}

// namedElsewhere takes what the names of the secret and of the step say of other
// repositories against GITHUB_TOKEN, where the code does not say to which it writes,
// and tells whether they do. It is wrong where a secret is used for more than it is
// named for.
func (d *decider) namedElsewhere(u *infer.Use, op infer.Operation, r *ruling, at []audit.Place) bool {
	if rules.IsTap(d.options.Name) {
		return false
	}
	title, _ := u.Site.Title()
	for _, named := range []struct {
		kind rules.SignKind
		name string
	}{{rules.SignVariable, u.Credential.Name}, {rules.SignStepHanded, title}} {
		sign, ok := rules.SignOf(named.kind, named.name)
		if !ok || !sign.Effect.Needs.Writes() {
			continue
		}
		for _, code := range sign.Effect.Reasons {
			if code == "other-repository" || code == "other-owner" {
				r.against(code, fmt.Sprintf("%s writes to a repository that is only known when it runs, and going by names, %q %s", operationName(op), named.name, sign.Says), at)
				return true
			}
		}
	}
	return false
}

// neither tells whether an operation is none for GITHUB_TOKEN wherever it goes:
// not to another repository, and not to this one either, for reasons that it
// notes.
func (d *decider) neither(j *jobView, u *infer.Use, op infer.Operation, r *ruling, at []audit.Place) bool {
	own := op
	own.Targets = []infer.Target{{Kind: infer.Self, Text: "self", SameOwner: true}}
	here := &ruling{}
	if d.onSelf(j, u, own, here, at); here.verdict != audit.VerdictNotReplaceable {
		return false
	}
	r.against("other-repository", operationName(op)+" writes to a repository that is only known when it runs; should it be this one, GITHUB_TOKEN would not do either", at)
	r.take(here)
	return true
}

// unheard tells whether an operation starts workflows, and none of this
// repository: nobody would send it here.
func (d *decider) unheard(op infer.Operation) bool {
	starts := startsOf(op)
	return len(starts) > 0 && len(starts) == len(op.Events) && !slices.ContainsFunc(starts, d.hears)
}

// startsOf are the events of an operation by which it starts workflows on purpose.
func startsOf(op infer.Operation) []infer.Event {
	return slices.DeleteFunc(slices.Clone(op.Events), func(e infer.Event) bool {
		return e.Name != "repository_dispatch" && e.Name != "workflow_dispatch"
	})
}

// hears tells whether a workflow here may be the one that a dispatch starts.
func (d *decider) hears(e infer.Event) bool {
	return slices.ContainsFunc(d.repository.Workflows, func(w *workflow.Workflow) bool {
		return w.BreaksAt > 0 || slices.ContainsFunc(w.Triggers, func(t workflow.Trigger) bool {
			return t.Event == e.Name && (unsaid(e.Attributes["workflow"]) && unsaid(e.Attributes["type"]) || dispatchMeans(e, w, &t))
		})
	})
}

// unsaid tells whether a value is not known, or the number of a workflow.
func unsaid(v value.Value) bool {
	text, known := v.Literal()
	return !known || text == "" || text == "*" || text[0] >= '0' && text[0] <= '9'
}
