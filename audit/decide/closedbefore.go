package decide

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// closedBefore tells whether an event is that a pull request closes whose closing
// has started the run: of what starts it nothing else does, and the branch that
// goes is the head of that one. It is wrong where another pull request is open from
// the same branch.
func closedBefore(j *jobView, e infer.Event) bool {
	if e.Key() != "pull_request.closed" || len(e.Attributes["head"]) == 0 || len(j.triggers) == 0 {
		return false
	}
	for head := range e.Attributes["head"].EachAlternative() {
		if !ofClosed(head) {
			return false
		}
	}
	return !slices.ContainsFunc(j.triggers, func(t workflow.Trigger) bool {
		return !slices.Contains(ofPulls, t.Event) || len(t.Types) != 1 || t.Types[0] != "closed"
	})
}

// ofClosed tells whether a branch is the head of the pull request that the event
// of the run is about, with or without heads/ before it.
func ofClosed(branch value.Value) bool {
	if len(branch) == 2 && slices.Contains([]string{"heads/", "refs/heads/"}, strings.TrimPrefix(branch[0].Text, "/")) {
		branch = branch[1:]
	}
	return len(branch) == 1 && slices.Contains(headContexts, branch[0].Context)
}

// stateReason is a reason for closing an issue as the payload of its event has it:
// gh takes "not planned" for not_planned.
func stateReason(v value.Value) value.Value {
	text, known := v.Literal()
	if !known {
		return v
	}
	return value.Text(strings.ReplaceAll(strings.ToLower(text), " ", "_"))
}
