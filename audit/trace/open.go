package trace

import (
	"cmp"
	"slices"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// open notes a place where secrets go that no reference names.
func (t *tracer) open(kind audit.OpeningKind, place audit.Span) {
	t.result.Open = append(t.result.Open, audit.Opening{Kind: kind, File: place.File, Line: place.Line})
}

// openings sorts what was noted, each place once.
func (t *tracer) openings() {
	slices.SortFunc(t.result.Open, func(a, b audit.Opening) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Kind, b.Kind))
	})
	t.result.Open = slices.Compact(t.result.Open)
}

// opensEnvironments notes the calls of other repositories' workflows. Their
// jobs run with the environments of the caller, whose secrets they read without
// being handed them.
func (t *tracer) opensEnvironments(w *workflow.Workflow) {
	for _, j := range w.Jobs {
		if j.Call == nil {
			continue
		}
		if _, local := t.repository.OwnWorkflow(j.Call.Uses.Value); !local {
			t.open(audit.OpenEnvironment, j.Call.Uses.Span(0, len(j.Call.Uses.Value)))
		}
	}
}

// handedOver is where the audited repository hands all its secrets to a call,
// by one "secrets: inherit" after another; none where a caller in between
// names them.
func (c *call) handedOver(to *workflow.Call) (audit.Span, bool) {
	place := to.InheritText.Span(0, len(to.InheritText.Value))
	for ; c.bound; c = c.outer {
		if !c.inherit {
			return audit.Span{}, false
		}
		if c.inherited.File != "" {
			place = c.inherited
		}
	}
	return place, to.Inherit
}

// opensCall notes a call that hands all secrets to a workflow, where that was
// not read or takes in every secret itself.
func (t *tracer) opensCall(c *call, to *workflow.Call, callee *workflow.Workflow) {
	place, all := c.handedOver(to)
	if !all || callee != nil && !t.away.holds(callee.Path) {
		return // what a workflow of one's own does is noted where it does it
	}
	if callee == nil || takesAll(callee) {
		t.open(audit.OpenInherit, place)
	}
}

// takesAll tells whether a workflow takes in every secret.
func takesAll(w *workflow.Workflow) bool {
	for text := range w.Texts() {
		secrets, _ := expression.Scan(text, false)
		if slices.ContainsFunc(secrets, func(s expression.Written) bool { return s.Name == expression.AllSecrets }) {
			return true
		}
	}
	return false
}
