package decide

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// truth is what is known of a match.
type truth = expression.Truth

// The truths.
const (
	maybe = expression.Maybe
	no    = expression.No
	yes   = expression.Yes
)

func or(a, b truth) truth {
	switch {
	case a == yes || b == yes:
		return yes
	case a == maybe || b == maybe:
		return maybe
	}
	return no
}

func and(a, b truth) truth {
	switch {
	case a == no || b == no:
		return no
	case a == maybe || b == maybe:
		return maybe
	}
	return yes
}

// ref is a branch or tag as far as it is known.
type ref struct {
	// pieces are the literal pieces of the name; between two of them stands
	// something unknown. One piece is a name that is known.
	pieces []string
	// fresh says that the branch is made by the job: it is none that a
	// workflow's filter spells out.
	fresh bool
	// topic says that it is the head of some pull request: where it has no
	// pieces, a branch that filters reach by wildcards only.
	topic bool
	// loose says that the pieces are those of a pattern: a slash behind a star
	// need not be there.
	loose bool
}

func (r ref) known() bool { return len(r.pieces) == 1 }

// shortRef is a branch or tag without what its full name begins with, or the
// form of it that paths of the REST API have, "heads/main". It is wrong for a
// branch whose name begins with heads/ or tags/ itself.
func shortRef(v value.Value) value.Value {
	if len(v) == 0 || v[0].Text == "" {
		return v
	}
	text := strings.TrimPrefix(v[0].Text, "refs/")
	name, ok := strings.CutPrefix(text, "heads/")
	if !ok {
		name, ok = strings.CutPrefix(text, "tags/")
	}
	if !ok {
		return v
	}
	return value.Concat(value.Text(name), v[1:])
}

// refsOf returns what a branch or tag can be, for a job that is started by
// the root workflow's triggers.
func (d *decider) refsOf(j *jobView, v value.Value, fresh bool) []ref {
	var out []ref
	alternatives := v.Alternatives()
	for _, alternative := range alternatives {
		alternative = shortRef(alternative)
		if len(alternative) == 1 {
			refs, ok := d.contextRefs(j, alternative[0].Context)
			if len(alternatives) == 1 && strings.HasPrefix(alternative[0].Unknown, "${{ inputs.") {
				// With others beside it, one of these stands in for it.
				refs, ok = d.inputRefs(j)
			}
			if ok {
				out = append(out, excepted(refs, alternative[0].Except)...)
				continue
			}
			if asksHead(alternative[0].Unknown) || namesPull.MatchString(alternative[0].Unknown) && slices.ContainsFunc(alternatives, askedHead) {
				out = append(out, ref{topic: true})
				continue
			}
		}
		if len(alternative) == 2 && alternative[0].Text != "" {
			if refs, ok := d.contextRefs(j, alternative[1].Context); ok {
				out = append(out, behind(alternative[0].Text, refs, fresh)...)
				continue
			}
		}
		r := ref{fresh: fresh, pieces: []string{""}}
		for _, p := range alternative {
			if text, ok := (value.Value{p}).Literal(); ok {
				r.pieces[len(r.pieces)-1] += text
			} else {
				r.pieces = append(r.pieces, "")
			}
		}
		out = append(out, r)
	}
	return out
}

// behind are branches whose names are a text with those of others behind it.
func behind(text string, refs []ref, fresh bool) []ref {
	out := make([]ref, len(refs))
	for i, r := range refs {
		pieces := slices.Clone(r.pieces)
		if pieces == nil {
			pieces = []string{"", ""}
		}
		pieces[0] = text + pieces[0]
		out[i] = ref{pieces: pieces, fresh: fresh, loose: r.loose}
	}
	return out
}

// excepted leaves out names that a condition has asked for. Where that are all
// that were thought of, it is a branch of somebody's, on which a run was started.
func excepted(refs []ref, names []string) []ref {
	left := slices.DeleteFunc(slices.Clone(refs), func(r ref) bool { return len(r.pieces) == 1 && slices.Contains(names, r.pieces[0]) })
	if len(left) == 0 && len(refs) > 0 {
		return []ref{{topic: true}}
	}
	return left
}

// contextRefs resolves the contexts that name a branch.
func (d *decider) contextRefs(j *jobView, context string) ([]ref, bool) {
	switch context {
	case "github.event.repository.default_branch":
		return []ref{{pieces: []string{d.defaultBranch}}}, true
	case "github.head_ref", "github.event.pull_request.head.ref":
		return j.headRefs(), true
	case "github.event.workflow_run.head_branch":
		return d.triggeringRefs(j), true
	case "github.base_ref", "github.event.pull_request.base.ref":
		return d.baseRefs(j), true
	case "github.ref_name", "github.ref":
		if slices.ContainsFunc(j.triggers, func(t workflow.Trigger) bool { return t.Event == "workflow_dispatch" }) {
			if out := d.dispatchedRefs(j); out != nil {
				return out, true
			}
		}
		return d.runRefs(j.triggers), true
	}
	return nil, false
}

// inputRefs are what a branch can be that an input of a run by hand names: in
// any other run it is empty, and means the branch of the run. Whose input it is
// is not asked for in a workflow that others call.
func (d *decider) inputRefs(j *jobView) ([]ref, bool) {
	others := slices.DeleteFunc(slices.Clone(j.triggers), func(t workflow.Trigger) bool {
		return t.Event == "workflow_dispatch" || t.Event == "workflow_call"
	})
	if len(others) == 0 || len(others) == len(j.triggers) || j.File != j.Root {
		return nil, false
	}
	return append(d.runRefs(others), ref{pieces: []string{"", ""}}), true
}

// namedPull tells whether a number is written out, or an input: that of a pull
// request which somebody chose.
func namedPull(number value.Value) bool {
	return len(number) > 0 && !slices.ContainsFunc(number, func(p value.Part) bool {
		if p.Text != "" {
			return strings.Trim(p.Text, "0123456789") != ""
		}
		return !strings.HasPrefix(p.Unknown, "${{ inputs.") && !strings.HasPrefix(p.Unknown, "${{ github.event.inputs.")
	})
}

// baseRefs are the branches that pull requests of this workflow go to.
func (d *decider) baseRefs(j *jobView) []ref {
	var out []ref
	for _, t := range j.triggers {
		if strings.HasPrefix(t.Event, "pull_request") {
			for _, b := range t.Branches {
				if !wild(b) && !strings.HasPrefix(b, "!") {
					out = append(out, ref{pieces: []string{b}})
				}
			}
		}
	}
	if out == nil {
		out = []ref{{pieces: []string{d.defaultBranch}}}
	}
	if j.anyPull {
		out = append(out, ref{pieces: []string{"", ""}})
	}
	return out
}

// runRefs are the branches or tags that a run is for that one of some triggers
// starts.
func (d *decider) runRefs(triggers []workflow.Trigger) []ref {
	var out []ref
	for _, t := range triggers {
		switch {
		case t.Event == "push" && (t.Branches != nil || t.Tags != nil):
			for _, pattern := range slices.Concat(t.Branches, t.Tags) {
				if strings.HasPrefix(pattern, "!") {
					continue
				}
				out = append(out, ref{pieces: wildPieces(pattern), loose: wild(pattern)})
			}
		case t.Event == "push":
			out = append(out, ref{pieces: []string{"", ""}})
		case strings.HasPrefix(t.Event, "pull_request") && t.Event != "pull_request_target":
			out = append(out, ref{topic: true})
		default:
			// Dispatched by hand, too, it is the default branch as a rule.
			out = append(out, ref{pieces: []string{d.defaultBranch}})
		}
	}
	if out == nil {
		out = []ref{{pieces: []string{"", ""}}}
	}
	return out
}
