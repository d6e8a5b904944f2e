package decide

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// ownApproval holds an approval against the ways in which GITHUB_TOKEN, or what
// would be it, has opened the pull request: nobody approves their own.
func (d *decider) ownApproval(j *jobView, u *infer.Use, op infer.Operation, r *ruling, at []audit.Place) {
	const code = "own-approval"
	if opener := d.opens(j.Root, isJobToken); opener != nil {
		r.against(code, fmt.Sprintf("%s opens the pull request with GITHUB_TOKEN, which cannot approve its own", opener.What), append(at, place(opener)))
		return
	}
	switch d.picksOwn(j, u) {
	case yes:
		r.against(code, fmt.Sprintf("%s approves pull requests of %s, and GITHUB_TOKEN cannot approve its own", operationName(op), botLogin), at)
		return
	case maybe:
		r.condition(code, fmt.Sprintf("%s approves pull requests of %s too, and GITHUB_TOKEN cannot approve its own", operationName(op), botLogin), at)
		return
	}
	if opener := d.openedBefore(j, u); opener != nil {
		found, places := fmt.Sprintf("%s, after which this runs, opens pull requests with GITHUB_TOKEN, which cannot approve its own", opener.File), append(at, place(opener))
		if d.namesBranch(u, opener) {
			r.against(code, found, places)
		} else {
			r.condition(code, found, places)
		}
		return
	}
	if opener := d.openedElsewhere(j, u); opener != nil {
		r.against(code, fmt.Sprintf("%s opens the pull request of that branch with GITHUB_TOKEN, which cannot approve its own", opener.File), append(at, place(opener)))
		return
	}
	if approver := approvedAlready(j, u, op); approver != nil && !isJobToken(u.Credential) {
		r.against(code, fmt.Sprintf("%s approves the same pull request with GITHUB_TOKEN, and twice the same user is no second approval", approver.What), append(at, place(approver)))
		return
	}
	// Changed together, the two would be one.
	if other := d.opens(j.Root, func(c *value.Credential) bool {
		return c.Kind == value.Secret && !strings.EqualFold(c.Name, u.Credential.Name)
	}); other != nil {
		r.condition(code, fmt.Sprintf("secrets.%s opens the pull request: GITHUB_TOKEN can stand in for one of the two, not for both", other.Credential.Name), append(at, place(other)))
	}
}

func isJobToken(c *value.Credential) bool { return c.Kind == value.JobToken }

// opens returns a use by which a workflow opens pull requests with a credential
// of some kind, if it has one.
func (d *decider) opens(root *workflow.Workflow, of func(*value.Credential) bool) *infer.Use {
	for _, other := range d.inferred {
		if other.Root != root {
			continue
		}
		for _, u := range other.Uses {
			if of(u.Credential) && causes(u, infer.Event{Name: "pull_request", Type: "opened"}) {
				return u
			}
		}
	}
	return nil
}

// openedBefore returns a use by which GITHUB_TOKEN opens pull requests in a
// workflow after whose runs this one's starts, unless the conditions leave out
// what it opens.
func (d *decider) openedBefore(j *jobView, u *infer.Use) *infer.Use {
	for _, t := range j.triggers {
		if t.Event != "workflow_run" || !d.passes(j, u, updateScope{login: value.Text(botLogin)}) {
			continue
		}
		for _, w := range d.repository.Workflows {
			if w == j.Root || !slices.Contains(t.Workflows, cmp.Or(w.Name.Value, w.Path)) {
				continue
			}
			if opener := d.opens(w, isJobToken); opener != nil {
				return opener
			}
		}
	}
	return nil
}

// openedElsewhere returns a use by which GITHUB_TOKEN opens pull requests, in
// whatever workflow, from the branch by which a script picks the one that it
// approves.
func (d *decider) openedElsewhere(j *jobView, u *infer.Use) *infer.Use {
	words := strings.FieldsFunc(u.Site.Script().Value, func(r rune) bool { return strings.ContainsRune(" \t\r\n\"'=()`;", r) })
	if !slices.ContainsFunc(words, func(w string) bool { return slices.Contains(picksBranch, w) }) || !d.passes(j, u, updateScope{login: value.Text(botLogin)}) {
		return nil
	}
	for _, other := range d.inferred {
		for _, opener := range other.Uses {
			if isJobToken(opener.Credential) && slices.ContainsFunc(heads(opener), func(head string) bool { return picks(words, head) }) {
				return opener
			}
		}
	}
	return nil
}

// picksBranch are the words before a branch where gh is told of a pull request.
var picksBranch = []string{"review", "--approve", "-a", "--head", "-H"}

// picks tells whether the words of a script pick the pull request of a branch.
func picks(words []string, branch string) bool {
	for i, w := range words {
		if i > 0 && w == branch && slices.Contains(picksBranch, words[i-1]) {
			return true
		}
	}
	return false
}

// heads are the branches, as far as they are known, from which a use opens pull
// requests.
func heads(u *infer.Use) []string {
	var out []string
	for _, op := range u.Operations {
		if !onSelf(op) {
			continue
		}
		for _, e := range op.Events {
			if head, known := shortRef(e.Attributes["head"]).Literal(); known && head != "" && e.Key() == "pull_request.opened" {
				out = append(out, head)
			}
		}
	}
	return out
}

// namesBranch tells whether the step of a use spells a branch of which another
// use opens pull requests.
func (d *decider) namesBranch(u, opener *infer.Use) bool {
	script := u.Site.Script().Value
	return slices.ContainsFunc(opener.Operations, func(op infer.Operation) bool {
		return slices.ContainsFunc(op.Events, func(e infer.Event) bool {
			head, known := shortRef(e.Attributes["head"]).Literal()
			return known && head != "" && strings.Contains(script, head)
		})
	})
}

// ownAuthor matches what picks the pull requests of GITHUB_TOKEN in a script.
var ownAuthor = regexp.MustCompile(`(?:--author[ =]["']?|\bauthor:|(?:login|actor)\s*={2,3}\s*["'])(?:app/)?github-actions\b`)

// picksOwn tells whether a use takes up what GITHUB_TOKEN opens, by a condition
// or a script that names its author: maybe where others as well.
func (d *decider) picksOwn(j *jobView, u *infer.Use) truth {
	by := func(login value.Value) bool { return d.passes(j, u, updateScope{login: login}) }
	switch {
	case !by(value.Text(botLogin)):
		return no
	case !by(value.Unknown(expression.UserLogin)):
		// All Apps, or those that are named.
		switch {
		case by(value.Text("another-app[bot]")):
			return no
		case slices.ContainsFunc(rules.Updaters(), func(bot rules.Updater) bool { return by(value.Text(bot.Login)) }):
			return maybe
		}
		return yes
	case ownAuthor.MatchString(u.Site.Script().Value):
		return maybe
	}
	return no
}
