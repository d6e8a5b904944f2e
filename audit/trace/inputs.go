package trace

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// The events whose runs have inputs. A run that another repository's workflow
// calls is one of the event that started that: of which nothing is known here.
const (
	byHand = "workflow_dispatch"
	byCall = "workflow_call"
)

// input is what inputs.NAME holds. A run that was started by an event without
// inputs has none of them, whatever their defaults are.
func (s *scope) input(name string) value.Value {
	switch {
	case s.inputs != nil:
		return s.inputs[name]
	case s.call.bound:
		if v, ok := s.bound()[name]; ok {
			return v
		}
		if in := declared(s.call.file, name, true); in != nil {
			return s.fallback(in)
		}
		return s.asked(nil, name)
	}
	if declared(s.call.file, name, true) == nil && declared(s.call.file, name, false) == nil {
		return s.asked(nil, name)
	}
	return s.given(func(event string) value.Value { return s.asked(declared(s.call.file, name, event == byCall), name) })
}

// bound are the inputs that the caller gives, in those runs that come here.
func (s *scope) bound() map[string]value.Value {
	if len(s.events) == len(s.call.events) || s.call.by == nil {
		return s.call.inputs
	}
	key := strings.Join(s.events, " ")
	if found, known := s.call.boundBy[key]; known {
		return found
	}
	by := *s.call.by
	by.events = s.events
	found := by.bind(s.call.with)
	if s.call.boundBy == nil {
		s.call.boundBy = map[string]map[string]value.Value{}
	}
	s.call.boundBy[key] = found
	return found
}

// eventInput is what github.event.inputs.NAME holds: what the event that started
// the run came with, which is the same in all that it calls.
func (s *scope) eventInput(name string) value.Value {
	return s.given(func(event string) value.Value {
		if event == byCall {
			return s.asked(nil, name)
		}
		return s.asked(declared(s.call.root, name, false), name)
	})
}

// given is what an input may be by the events that may have started the run.
func (s *scope) given(with func(event string) value.Value) value.Value {
	var all []value.Value
	without := false
	for _, event := range s.events {
		if event == byHand || event == byCall {
			all = append(all, with(event))
		} else {
			without = true
		}
	}
	if without {
		return orEmpty(value.Choice(all...))
	}
	return value.Choice(all...)
}

// orEmpty is a value that may be empty as well, which what is not known may be
// anyhow.
func orEmpty(v value.Value) value.Value {
	if mayBeEmpty(v) {
		return v
	}
	return value.Choice(v, nil)
}

// mayBeEmpty tells whether a value may be the empty string: what is not known may,
// and what the payload of an event holds.
func mayBeEmpty(v value.Value) bool {
	return slices.ContainsFunc(v.Alternatives(), func(w value.Value) bool {
		return len(w) == 0 || len(w) == 1 && (w[0].Unknown != "" || strings.HasPrefix(w[0].Context, "github.event."))
	})
}

// declared returns the input of a workflow that is called like that, nil for none.
func declared(w *workflow.Workflow, name string, fromCall bool) *workflow.Input {
	for i, in := range w.Inputs {
		if in.FromCall == fromCall && strings.EqualFold(in.Name, name) {
			return &w.Inputs[i]
		}
	}
	return nil
}

// fallback is what an input holds that is not given.
func (s *scope) fallback(in *workflow.Input) value.Value {
	v := expression.Eval(in.Default, s)
	switch {
	case len(v) > 0:
	case in.Type == "boolean":
		return value.Text("false")
	case in.Type == "number":
		return value.Text("0")
	}
	return v
}

// asked is what somebody may give to an input, nil for one that is not declared.
func (s *scope) asked(in *workflow.Input, name string) value.Value {
	unknown := value.Unknown("${{ inputs." + name + " }}")
	if in == nil {
		return unknown
	}
	fallback := expression.Eval(in.Default, s)
	switch {
	case len(in.Options) > 0:
		var options []value.Value
		for _, o := range in.Options {
			options = append(options, value.Text(o))
		}
		return value.Choice(options...)
	case in.Type == "boolean":
		return value.Choice(value.Text("true"), value.Text("false"))
	case len(fallback) > 0:
		// The default is what it is on most runs; anybody may give
		// another value.
		return value.Choice(fallback, unknown)
	}
	return unknown
}

var _ expression.Typed = (*scope)(nil)

// inputKinds are the types of inputs that are no strings.
var inputKinds = map[string]expression.Kind{"boolean": expression.Boolean, "number": expression.Number}

// InputKind implements expression.Typed. An action has texts alone.
func (s *scope) InputKind(name string) expression.Kind {
	if s.inputs != nil {
		return expression.String
	}
	kind, found := expression.AnyKind, false
	for _, fromCall := range []bool{true, false} {
		in := declared(s.call.file, name, fromCall)
		if in == nil || s.call.bound && !fromCall {
			continue
		}
		of, typed := inputKinds[in.Type]
		if !typed {
			of = expression.String
		}
		if found && of != kind {
			return expression.AnyKind
		}
		kind, found = of, true
	}
	return kind
}
