package decide

import (
	"fmt"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// protected judges a push to a branch that may be protected: the default
// branch, one that may be that, or one that pull requests are made for.
func (d *decider) protected(j *jobView, e infer.Event, op infer.Operation, r *ruling) {
	branch, at := e.Attributes["branch"], []audit.Place{op.Place}
	if len(branch) == 0 {
		return
	}
	const unsure = "whose protection may let only named actors through"
	if d.isDefault(j, branch) {
		switch f := d.push(j); {
		case f.Known && f.Yes:
		case f.Known:
			r.against("protected-branch", fmt.Sprintf("it pushes to %s, and %s", d.called(branch), f.Detail), at)
		case f.Detail != "":
			r.condition("protected-branch", fmt.Sprintf("it pushes to %s, and %s", d.called(branch), f.Detail), at)
		default:
			r.condition("protected-branch", fmt.Sprintf("it pushes to %s, %s", d.called(branch), unsure), at)
		}
		return
	}
	if _, fresh := e.Attributes["fresh"]; fresh || ofRequest(branch, op) {
		return
	}
	refs := slices.DeleteFunc(d.refsOf(j, branch, false), func(x ref) bool { return x.topic })
	if slices.ContainsFunc(refs, func(x ref) bool { return x.may(d.defaultBranch) }) {
		switch f := d.push(j); {
		case f.Known && f.Yes:
		case f.Detail != "":
			r.condition("protected-branch", fmt.Sprintf("the branch that it pushes to is only known when it runs, and may be %s: %s", d.called(nil), f.Detail), at)
		default:
			r.condition("protected-branch", fmt.Sprintf("the branch that it pushes to is only known when it runs, and may be %s, %s", d.called(nil), unsure), at)
		}
		return
	}
	for _, x := range refs {
		if pattern, t, w := d.requested(x); pattern != "" {
			places := append(at, audit.Place{File: w.Path, Line: t.Line, Text: "on: " + t.Event})
			r.condition("protected-branch", fmt.Sprintf("it pushes to %s, which pull requests are made for and %s", pattern, unsure), places)
		} else if (branch.IsContext("github.ref_name") || branch.IsContext("github.ref")) && d.dispatchedRefs(j) != nil {
			// People run it on branches that they keep up beside the default one.
			r.condition("protected-branch", "it pushes to "+strings.Join(x.pieces, "*")+", "+unsure, at)
		}
	}
}

// ofRequest tells whether a pushed branch is the head of a pull request: the
// operation makes the branch where it is missing, or opens or updates a pull
// request of which no more is known, or the branch comes from a field that
// GitHub has for heads.
func ofRequest(branch value.Value, op infer.Operation) bool {
	if slices.ContainsFunc(op.Events, func(e infer.Event) bool {
		return e.Name == "create" && !e.Doubted && len(e.Attributes["branch"]) > 0 || e.Key() == "pull_request.opened" || e.Key() == "pull_request.synchronize" && len(e.Attributes["head"]) == 0
	}) {
		return true
	}
	return slices.ContainsFunc(branch, func(p value.Part) bool {
		name := strings.ToLower(p.Unknown)
		return strings.Contains(name, "head_ref") || strings.Contains(name, "headref") || asksHead(p.Unknown)
	})
}

// push tells whether GITHUB_TOKEN may push to the default branch. Settings are
// those of the audited repository, not of a caller that is not seen.
func (d *decider) push(j *jobView) Fact {
	if j.UnknownCaller {
		return Fact{}
	}
	return d.facts.Push(d.defaultBranch)
}

// may tells whether it can be the branch of that name.
func (r ref) may(name string) bool {
	if r.known() {
		return r.pieces[0] == name
	}
	return fits(name, r)
}

// requested returns the pattern of a workflow for pull requests that are made
// for a branch, other than one for all of them: such a branch is one that
// people maintain, and likely protect.
func (d *decider) requested(r ref) (pattern string, t *workflow.Trigger, w *workflow.Workflow) {
	for _, w := range d.repository.Workflows {
		for i := range w.Triggers {
			t := &w.Triggers[i]
			if !strings.HasPrefix(t.Event, "pull_request") && t.Event != "merge_group" {
				continue
			}
			for _, pattern := range t.Branches {
				if strings.Trim(pattern, "*/") != "" && !strings.HasPrefix(pattern, "!") && match(pattern, r) == yes {
					return pattern, t, w
				}
			}
		}
	}
	return "", nil, nil
}
