package trace

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// started is the scope of a condition in a run that one event has started.
type started struct {
	*scope
	event string
}

// Context implements expression.Scope.
func (s started) Context(path []string) value.Value {
	if s.event == byCall {
		return s.scope.Context(path)
	}
	if expression.Lacks(s.event, path) {
		return nil
	}
	if len(path) == 2 && slices.Contains([]string{"ref", "ref_name", "ref_type"}, path[1]) && path[0] == "github" {
		if refs := s.refs(); len(refs) > 0 {
			return refPart(refs, path[1])
		}
	}
	if strings.Join(path, ".") == "github.event.action" {
		if types := s.types(); len(types) > 0 {
			return value.Choice(types...)
		}
	}
	return s.scope.Context(path)
}

// types are the activities for which such a run starts, none where the workflow
// does not say.
func (s started) types() (out []value.Value) {
	for _, t := range s.call.root.Triggers {
		if t.Event == s.event {
			for _, activity := range t.Types {
				out = append(out, value.Text(activity))
			}
		}
	}
	return out
}

// Secret implements expression.Scope.
func (started) Secret(name string, _ audit.Span) value.Value {
	return value.Unknown("secrets." + name)
}

// refs are what the full name of the branch or tag may be that such a run is for;
// none where that is open.
func (s started) refs() []value.Value {
	var out []value.Value
	for _, t := range s.call.root.Triggers {
		if t.Event != s.event {
			continue
		}
		refs := refsOf(t)
		if len(refs) == 0 {
			return nil
		}
		out = append(out, refs...)
	}
	return out
}

func refsOf(t workflow.Trigger) []value.Value {
	some := func(kind string) value.Value {
		return value.Concat(value.Text("refs/"+kind+"/"), value.Unknown("a name"))
	}
	branches, tags := t.Branches != nil || t.BranchesIgnore != nil, t.Tags != nil || t.TagsIgnore != nil
	switch {
	case t.Event == "schedule":
		return []value.Value{some("heads")}
	case t.Event == "release":
		return []value.Value{some("tags")}
	case t.Event != "push" || branches == tags:
		// Without a filter both start it; a run by hand may be for either.
		return nil
	case tags:
		return []value.Value{some("tags")}
	case len(t.Branches) == 0 || slices.ContainsFunc(t.Branches, func(b string) bool { return strings.ContainsAny(b, "*?+[!$") }):
		return []value.Value{some("heads")}
	}
	var out []value.Value
	for _, b := range t.Branches {
		out = append(out, value.Text("refs/heads/"+b))
	}
	return out
}

// refPart is one of the contexts that speak of the ref.
func refPart(refs []value.Value, context string) value.Value {
	var out []value.Value
	for _, ref := range refs {
		text, whole := ref[:1].Literal()
		_, rest, _ := strings.Cut(text, "/")
		kind, name, _ := strings.Cut(rest, "/")
		switch {
		case context == "ref":
			out = append(out, ref)
		case context == "ref_type":
			out = append(out, value.Text(map[string]string{"heads": "branch", "tags": "tag"}[kind]))
		case whole && len(ref) == 1:
			out = append(out, value.Text(name))
		default:
			out = append(out, ref[1:])
		}
	}
	return value.Choice(out...)
}
