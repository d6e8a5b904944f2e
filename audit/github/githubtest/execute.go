package githubtest

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// gqlObject is a value with fields, made as far as a query asks for them.
type gqlObject struct {
	kind string
	// fields are values, or functions of the arguments that return one.
	fields map[string]any
}

// resolver is a field with arguments.
type resolver func(args map[string]any) (any, *gqlError)

// gqlError is an error beside the data.
type gqlError struct {
	Type       string         `json:"type,omitempty"`
	Path       []any          `json:"path,omitempty"`
	Locations  []Object       `json:"locations,omitempty"`
	Extensions map[string]any `json:"extensions,omitempty"`
	Message    string         `json:"message"`
}

func (e *gqlError) Error() string { return e.Message }

// execution is one operation under way.
type execution struct {
	doc       *ast.QueryDocument
	schema    *ast.Schema
	variables map[string]any
	errors    []*gqlError
	// objects counts what the answer holds.
	objects int
}

// result is a JSON object that keeps the order of its fields, as GraphQL
// wants it.
type result struct {
	names  []string
	values map[string]any
}

func (r *result) set(name string, value any) {
	if _, ok := r.values[name]; !ok {
		r.names = append(r.names, name)
	}
	r.values[name] = value
}

// MarshalJSON writes the fields in the order of the query.
func (r *result) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, name := range r.names {
		if i > 0 {
			out.WriteByte(',')
		}
		value, err := json.Marshal(r.values[name])
		if err != nil {
			return nil, err
		}
		key, _ := json.Marshal(name)
		out.Write(key)
		out.WriteByte(':')
		out.Write(value)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// selection answers the fields that are asked of an object.
func (x *execution) selection(o *gqlObject, set ast.SelectionSet, path []any) *result {
	x.objects++
	out := &result{values: map[string]any{}}
	x.fields(o, set, path, out)
	return out
}

func (x *execution) fields(o *gqlObject, set ast.SelectionSet, path []any, out *result) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if x.included(s.Directives) {
				out.set(s.Alias, x.merged(out.values[s.Alias], x.field(o, s, append(slices.Clip(path), s.Alias))))
			}
		case *ast.InlineFragment:
			if x.included(s.Directives) && (s.TypeCondition == "" || x.is(o.kind, s.TypeCondition)) {
				x.fields(o, s.SelectionSet, path, out)
			}
		case *ast.FragmentSpread:
			if x.included(s.Directives) && x.is(o.kind, s.Definition.TypeCondition) {
				x.fields(o, s.Definition.SelectionSet, path, out)
			}
		}
	}
}

// merged puts the answers to one field that is asked for twice together.
func (x *execution) merged(first, second any) any {
	a, ok := first.(*result)
	b, same := second.(*result)
	if !ok || !same {
		return second
	}
	for _, name := range b.names {
		a.set(name, x.merged(a.values[name], b.values[name]))
	}
	return a
}

func (x *execution) included(all ast.DirectiveList) bool {
	for name, want := range map[string]bool{"include": true, "skip": false} {
		if d := all.ForName(name); d != nil && d.ArgumentMap(x.variables)["if"] != want {
			return false
		}
	}
	return true
}

// is tells whether a type meets the condition of a fragment.
func (x *execution) is(kind, condition string) bool {
	if kind == condition {
		return true
	}
	def := x.schema.Types[kind]
	return def != nil && slices.Contains(def.Interfaces, condition)
}

func (x *execution) field(o *gqlObject, f *ast.Field, path []any) any {
	if f.Name == "__typename" {
		return o.kind
	}
	value := o.fields[f.Name]
	if resolve, ok := value.(resolver); ok {
		var failed *gqlError
		value, failed = resolve(f.ArgumentMap(x.variables))
		if failed != nil {
			x.fail(failed, f, path)
			return nil
		}
	}
	return x.complete(value, f, path)
}

// fail notes an error at a field.
func (x *execution) fail(e *gqlError, f *ast.Field, path []any) {
	at := *e
	at.Path = slices.Clone(path)
	if f.Position != nil {
		at.Locations = []Object{{"line": f.Position.Line, "column": f.Position.Column}}
	}
	x.errors = append(x.errors, &at)
}

func (x *execution) complete(value any, f *ast.Field, path []any) any {
	switch value := value.(type) {
	case *gqlObject:
		if value == nil {
			return nil
		}
		return x.selection(value, f.SelectionSet, path)
	case []*gqlObject:
		out := make([]any, len(value))
		for i, v := range value {
			out[i] = x.complete(v, f, append(slices.Clip(path), i))
		}
		return out
	}
	return value
}

// nodeCount is how many nodes a query may return at most, as GitHub counts
// them: the product of the pages above a connection; requests are the
// requests that it would take to fill them.
func (x *execution) nodeCount(set ast.SelectionSet, times int) (nodes, requests int) {
	for _, s := range set {
		inner, factor := ast.SelectionSet(nil), times
		switch s := s.(type) {
		case *ast.Field:
			inner = s.SelectionSet
			if size, ok := pageSize(s.ArgumentMap(x.variables)); ok {
				factor = times * size
				nodes, requests = nodes+factor, requests+times
			}
		case *ast.InlineFragment:
			inner = s.SelectionSet
		case *ast.FragmentSpread:
			inner = s.Definition.SelectionSet
		}
		n, r := x.nodeCount(inner, factor)
		nodes, requests = nodes+n, requests+r
	}
	return nodes, requests
}

func pageSize(args map[string]any) (int, bool) {
	for _, name := range []string{"first", "last"} {
		if n, ok := integer(args[name]); ok {
			return n, true
		}
	}
	return 0, false
}

// integer reads a number as variables and literals have it.
func integer(v any) (int, bool) {
	switch v := v.(type) {
	case int64:
		return int(v), true
	case int:
		return v, true
	case float64:
		return int(v), true
	case json.Number:
		n, err := v.Int64()
		return int(n), err == nil
	}
	return 0, false
}

// with returns an object with more fields.
func (o *gqlObject) with(more map[string]any) *gqlObject {
	maps.Copy(o.fields, more)
	return o
}
