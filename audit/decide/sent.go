package decide

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// sent is what a dispatch hands to the workflow that it starts.
type sent struct {
	// texts are what may name an entry of it; known says that nothing else does.
	texts []string
	known bool
	// inputs are those that the workflow declares.
	inputs []workflow.Input
}

// sentBy returns what a use hands to a workflow that it dispatches.
func (d *decider) sentBy(u *infer.Use, w *workflow.Workflow) sent {
	out := sent{inputs: w.Inputs}
	if u.Site == nil {
		return out
	}
	switch {
	case u.Site.Action != nil:
		info, _ := infer.Action(d.options.Knowledge, u.Site.Action.Name)
		out.known = info != nil && info.Payload != nil
		if !out.known {
			return out
		}
		for _, input := range info.Payload {
			out.texts = append(out.texts, u.Site.Action.Inputs[input].String())
			// Where part of it is an expression, the entries may stand in that.
			out.known = out.known && !strings.Contains(strings.ToLower(u.Site.Action.Place(input).Text), "tojson")
		}
	case u.Site.Command != nil && len(u.Site.Command.Args) > 2 && u.Site.Command.Args[0].LiteralOr("") == "gh" && u.Site.Command.Args[1].LiteralOr("") == "workflow":
		out.known = true
		for _, arg := range u.Site.Command.Args[2:] {
			text, literal := arg.Literal()
			name, _, field := strings.Cut(arg.String(), "=")
			out.known = out.known && text != "--json" && (literal || field && !strings.Contains(name, "$"))
			out.texts = append(out.texts, arg.String())
		}
	}
	return out
}

// of is the value of a context that is part of what was sent: nothing, or the
// default, where it is known not to be. Anything else is not known.
func (s sent) of(path []string) (v value.Value, known bool) {
	key := ""
	switch {
	case len(path) == 2 && path[0] == "inputs":
		key = path[1]
	case len(path) > 3 && path[0] == "github" && path[1] == "event" && (path[2] == "client_payload" || path[2] == "inputs"):
		key = path[3]
	}
	if key == "" || !s.known || slices.ContainsFunc(s.texts, func(text string) bool { return strings.Contains(strings.ToLower(text), strings.ToLower(key)) }) {
		return nil, false
	}
	for _, in := range s.inputs {
		if strings.EqualFold(in.Name, key) && !in.FromCall && path[len(path)-2] == "inputs" {
			return expression.Eval(in.Default, actorScope{}), true
		}
	}
	return nil, true
}
