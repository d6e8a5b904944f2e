package decide

import (
	"fmt"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/settings"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// named holds the names of a secret that nothing was seen to read against
// GITHUB_TOKEN: its own, and that of the variable that it is handed on by.
func (d *decider) named(ref trace.Reference, total *ruling, n *need) {
	if rules.IsTap(d.options.Name) {
		return
	}
	names := []string{ref.Secret}
	if w := d.repository.Workflow(ref.Span.File); w != nil {
		name, steps := bound(w, ref)
		if name != "" {
			names = append(names, name)
		}
		// What a known action does, or a program whose configuration was read,
		// is no matter of names.
		if len(steps) > 0 && !slices.ContainsFunc(steps, func(s jobStep) bool { return !d.knownStep(s.step) && !d.unnamed(s, name) }) {
			return
		}
	}
	for _, name := range names {
		sign, ok := rules.SignOf(rules.SignVariable, name)
		if !ok {
			continue
		}
		for _, code := range sign.Effect.Reasons {
			total.against(code, fmt.Sprintf("going by names, %q %s", name, sign.Says), []audit.Place{{File: ref.Span.File, Line: ref.Span.Line, Text: name}})
		}
		n.all = n.all.Union(sign.Effect.Needs)
		return
	}
}

// unnamed tells whether a step runs a program that is given its tokens by names in
// a configuration, which names another variable or none.
func (d *decider) unnamed(s jobStep, name string) bool {
	for _, j := range d.jobs {
		for _, site := range j.Sites {
			if j.Job.Job.Job == s.job && site.Step == s.step.Number && len(site.Goreleaser) > 0 {
				return leaves(site, name)
			}
		}
	}
	return false
}

// leaves tells whether GoReleaser, which runs at a site, leaves a variable alone
// as far as its configuration goes: by itself it takes GITHUB_TOKEN only.
func leaves(site *trace.Site, name string) bool {
	return name != "GITHUB_TOKEN" && !slices.ContainsFunc(site.Goreleaser, func(g settings.Goreleaser) bool { return !g.Leaves(name) })
}

// knownStep tells whether a step is an action of the tables that is given its
// token by an input, and so looks for none among the variables.
func (d *decider) knownStep(s *workflow.Step) bool {
	name, _, _ := strings.Cut(strings.ToLower(s.Uses.Value), "@")
	info, ok := infer.Action(d.options.Knowledge, name)
	return name != "" && ok && byInput(info, "")
}

// byInput tells whether an action is given its token by an input, as far as it is
// known with some confidence, "" for any. It is wrong where such an action looks among
// the variables first.
func byInput(info *rules.ActionInfo, confidence string) bool {
	return len(info.Code) == 0 && slices.ContainsFunc(info.Tokens, func(t rules.ActionToken) bool {
		return t.Input != "" && t.Default == "github.token" && (confidence == "" || t.Base.Confidence == confidence)
	}) && !slices.ContainsFunc(info.Tokens, func(t rules.ActionToken) bool { return t.Env != "" })
}

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
