package trace

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// startedBy are the events that may start a run of a root workflow. Where
// workflows of this repository call it, it is read for each of them, and so not
// for that event.
func (t *tracer) startedBy(w *workflow.Workflow, unknownCaller bool) []string {
	var out []string
	for _, trigger := range w.Triggers {
		if trigger.Event == byCall && !unknownCaller && t.called[w.Path] && !t.shared[w.Path] {
			continue
		}
		out = append(out, trigger.Event)
	}
	return out
}

// eventName is one of the events that may have started the run.
func (s *scope) eventName() value.Value {
	if len(s.events) == 0 || slices.Contains(s.events, byCall) {
		return value.Context("github.event_name")
	}
	names := make([]value.Value, len(s.events))
	for n, event := range s.events {
		names[n] = value.Text(event)
	}
	return value.Choice(names...)
}

// when makes s the scope of what runs under one more condition. Where no run
// meets it, all are kept: what would run there is read all the same.
func (s *scope) when(condition workflow.Text) {
	if condition.IsZero() {
		return
	}
	var out []string
	for _, event := range s.events {
		one := *s
		one.events = []string{event}
		if expression.Condition(condition, started{&one, event}) != expression.No {
			out = append(out, event)
		}
	}
	s.never = s.never || len(s.events) > 0 && len(out) == 0
	if len(out) > 0 {
		s.events = out
	}
	s.conditions = append(slices.Clip(s.conditions), condition)
}

// narrowed leaves out of what a context may be what the conditions rule out that
// hold here.
func (s *scope) narrowed(path []string, v value.Value) value.Value {
	if len(s.conditions) == 0 || len(v) != 1 || v[0].OneOf == nil {
		return v
	}
	kept := slices.DeleteFunc(slices.Clone(v[0].OneOf), func(w value.Value) bool {
		return !s.possible(path[len(path)-1], world{strings.Join(s.own(path), "."): w})
	})
	if len(kept) == 0 {
		return v
	}
	return value.Choice(kept...)
}

// possible tells whether the conditions that hold here, of which those count that
// mention a name, may hold where some contexts are what world says.
func (s *scope) possible(name string, w world) bool {
	bare := *s
	bare.conditions = nil
	for _, c := range s.conditions {
		if strings.Contains(strings.ToLower(c.Value), name) && expression.Condition(c, supposed{&bare, w}) == expression.No {
			return false
		}
	}
	return true
}

// own is the path by which an input of a run by hand is told from others: it
// stands in two contexts there.
func (s *scope) own(path []string) []string {
	if len(path) == 4 && path[0] == "github" && path[2] == "inputs" && s.inputs == nil && !s.call.bound {
		return []string{"inputs", path[3]}
	}
	return path
}

// world is what some contexts are supposed to be, by their paths.
type world map[string]value.Value

// supposed is a scope in such a world.
type supposed struct {
	*scope
	world world
}

// Context implements expression.Scope.
func (s supposed) Context(path []string) value.Value {
	if v, ok := s.world[strings.Join(s.own(path), ".")]; ok {
		return v
	}
	return s.scope.Context(path)
}

// Secret implements expression.Scope.
func (s supposed) Secret(name string, _ audit.Span) value.Value {
	return value.Unknown("secrets." + name)
}
