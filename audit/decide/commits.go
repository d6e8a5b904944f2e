package decide

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/value"
)

// onto returns the event of a push with what is known of its commits where it
// goes. The files that the job committed are all that it changes on the branch
// that they were committed to, or on one that it makes. The mark of the last
// commit counts where that is the head of what is pushed; one that may not have
// been made leaves the branch at hand as it was, and keeps neither another one
// nor this one from getting what the job brought in before.
func (d *decider) onto(j *jobView, e infer.Event) infer.Event {
	c := e.Commits
	if c == nil || len(e.Paths) == 0 && !e.Skipped && len(e.Message) == 0 {
		return e
	}
	branch := e.Attributes["branch"]
	if e.Name == "pull_request" {
		branch = e.Attributes["head"]
	}
	made, fresh := e.Attributes["fresh"]
	takesOver := made.String() == infer.TakesOver
	other := func(v value.Value) bool { return !d.same(j, v, c.Branch) }
	own, elsewhere := len(c.Source) == 0 || !other(c.Source), takesOver || other(branch)
	if !own || (!fresh || takesOver) && (elsewhere || slices.ContainsFunc(c.Taken, other)) {
		e.Paths = nil
	}
	if !own || c.Unsure && (elsewhere || fresh || c.Bare) || slices.ContainsFunc(c.Merged, other) {
		e.Skipped = false
	}
	if !own || c.Unsure || len(c.Merged) > 0 {
		// It may be another commit that is at the head.
		e.Message, e.Author = nil, nil
	}
	return e
}

// others begin, beside payloads and secrets, the sources of names that are given to the job from outside: a
// branch with such a name is another one than that of the run.
var others = []string{"${{ inputs.", "${{ github.event.inputs.", "${{ matrix.", "${{ vars.", "${{ needs."}

// same tells whether a branch is most likely the one that is checked out. What
// a command prints is taken to be its name.
func (d *decider) same(j *jobView, branch, own value.Value) bool {
	if branch.Equal(own) || len(branch) == 0 {
		return true
	}
	known := d.refsOf(j, own, false)
	for _, v := range branch.Alternatives() {
		if len(v) == 1 && (v[0].Context == "github.sha" || v[0].Credential != nil || strings.HasPrefix(v[0].Context, "github.event.client_payload.") || slices.ContainsFunc(others, func(s string) bool { return strings.HasPrefix(v[0].Unknown, s) })) {
			continue
		}
		for _, a := range d.refsOf(j, v, false) {
			if slices.ContainsFunc(known, func(b ref) bool { return d.coincide(a, b) }) {
				return true
			}
		}
	}
	return false
}

// coincide tells whether two branches can be the same one. Where a run is for any
// branch, one that is spelled is another, but for the default branch.
func (d *decider) coincide(a, b ref) bool {
	switch {
	case a.topic && b.topic:
		return true
	case a.topic && b.known() || b.topic && a.known():
		return false
	case a.topic || b.topic:
		return true
	case a.known() && b.known():
		return a.pieces[0] == b.pieces[0]
	case a.known():
		if strings.Join(b.pieces, "") == "" {
			return a.pieces[0] == d.defaultBranch
		}
		return fits(a.pieces[0], b)
	case b.known():
		return fits(b.pieces[0], a)
	}
	return agree(a.pieces[0], b.pieces[0], strings.HasPrefix)
}
