package trace

import (
	"strings"

	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// chooseActions are the actions whose output is one of two inputs, by whether
// a third one is "true".
var chooseActions = map[string]struct{ output, condition, yes, no string }{
	"haya14busa/action-cond": {"value", "cond", "if_true", "if_false"},
}

// chosen is the output of such an action, both inputs where the condition is
// open, or would be another one in the repository that this may be a fork of.
func (r *run) chosen(site *Site, step *workflow.Step, s *scope, condition, yes, no string) value.Value {
	inputs := site.Action.Inputs
	given, name := inputs[condition].LiteralOr(""), r.t.repository.Name
	for _, b := range step.With {
		if name == "" || !strings.EqualFold(b.Name, condition) || s.call.unknownCaller || s.call.shared {
			continue
		}
		given = expression.Eval(b.Value, ownScope{s, name}).LiteralOr("")
		for _, other := range expression.Namesakes(b.Value.Value, name) {
			if expression.Eval(b.Value, ownScope{s, other}).LiteralOr("") != given {
				given = ""
			}
		}
	}
	switch given {
	case "true":
		return inputs[yes]
	case "false":
		return inputs[no]
	}
	return value.Choice(inputs[yes], inputs[no])
}
