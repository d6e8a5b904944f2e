package trace

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// relayed returns what a context of a repository_dispatch was in the workflow
// of this repository that sent it, the context itself where it was none. That
// a dispatch may come from elsewhere as well, with anything in it, is left
// aside: whoever may send it may write to the repository.
func (s *scope) relayed(name string) string {
	if !strings.HasPrefix(name, "github.event.client_payload.") || !slices.ContainsFunc(s.call.root.Triggers, func(t workflow.Trigger) bool { return t.Event == "repository_dispatch" }) {
		return name
	}
	if s.t.relays == nil {
		s.t.relays = append([]string{}, s.relaying()...)
	}
	for _, action := range s.t.relays {
		if sent, ok := rules.Relayed(action, name); ok {
			return sent
		}
	}
	return name
}

// relaying lists the actions by which workflows of the repository hand on what
// they got to others of it.
func (s *scope) relaying() []string {
	var out []string
	for _, w := range s.t.repository.Workflows {
		for _, j := range w.Jobs {
			for _, step := range j.Steps {
				name, _, _ := strings.Cut(strings.ToLower(step.Uses.Value), "@")
				elsewhere, ok := rules.RelayInputs(name)
				away := func(b workflow.Binding) bool {
					return slices.Contains(elsewhere, strings.ToLower(b.Name)) && !expression.Eval(b.Value, s).IsContext("github.repository")
				}
				if ok && !slices.ContainsFunc(step.With, away) {
					out = append(out, name)
				}
			}
		}
	}
	return out
}
