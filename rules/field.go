package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// fieldRow is a row of the table of guarded fields.
type fieldRow struct {
	mutationRow
	public bool
}

var fieldRows = rows("fields", []string{"field", "when", "needs", "answer", "reasons", "scopes", "public", "rest",
	"confidence", "note"}, func(r row) (fieldRow, error) {
	c, err := parseCase(r)
	if err != nil {
		return fieldRow{}, err
	}
	if len(c.When) == 0 {
		c.Effect.Operations = []string{"query " + strings.TrimSuffix(r.cell("field"), ".*")}
	}
	c.Effect.Scopes, c.Effect.Source, c.Effect.Confidence = r.list("scopes"), r.cell("rest"), r.cell("confidence")
	return fieldRow{mutationRow{r.cell("field"), c}, r.cell("public") == "1"}, nil
})

// guardedField is a field of the table with its cases.
type guardedField struct {
	effect *Effect
	public bool
}

var guardedFields = sync.OnceValue(func() map[string]guardedField {
	all := fieldRows().rows
	plain := make([]mutationRow, len(all))
	for i, r := range all {
		plain[i] = r.mutationRow
	}
	effects := byName(plain)
	out := map[string]guardedField{}
	for _, r := range all {
		if len(r.When) == 0 {
			out[r.name] = guardedField{effects[r.name], r.public}
		}
	}
	return out
})

// graphType is a type of GitHub's GraphQL schema, as far as walking a query
// needs it.
type graphType struct {
	name       string
	interfaces []string
	// fields are those that return a type with fields, with its name.
	fields map[string]string
}

var typeRows = rows("types", []string{"type", "interfaces", "fields"}, func(r row) (*graphType, error) {
	t := &graphType{name: r.cell("type"), interfaces: r.list("interfaces"), fields: map[string]string{}}
	for f := range strings.FieldsSeq(r.cell("fields")) {
		name, result, ok := strings.Cut(f, ":")
		if !ok {
			return nil, fmt.Errorf("field %q: want field:Type", f)
		}
		t.fields[name] = result
	}
	return t, nil
})

var graphTypes = sync.OnceValue(func() map[string]*graphType {
	out := map[string]*graphType{}
	for _, t := range typeRows().rows {
		out[t.name] = t
	}
	return out
})

// FieldAccess is what selecting a field of a query takes.
type FieldAccess struct {
	// Effect has the needs of every guarded field on the way, and as
	// operations the fields that give them, as "query Repository.issues".
	Effect
	// Public tells that no permission is needed where all that is read is
	// public.
	Public bool
	// Type is the type that the path ends at, "" for a plain value.
	Type string
	// Unknown is the field at which the path left the schema, such as
	// "Repository.magic"; the needs are then those of the way so far.
	Unknown string
}

// FieldNeeds walks a query from its root and returns what reading along the
// way takes. The path is of field names, without aliases, and of elements
// "Type!" for fragments on a type: ["node", "Issue!", "comments", "nodes"].
// A field that no row guards takes nothing of its own.
func FieldNeeds(path []string) FieldAccess {
	out := FieldAccess{Effect: Effect{Answer: AnswerYes}, Public: true, Type: "Query"}
	for i, element := range path {
		if name, ok := strings.CutSuffix(element, "!"); ok {
			if graphTypes()[name] == nil {
				out.Unknown = name
				return out
			}
			out.Type = name
			continue
		}
		if element == "__typename" {
			out.Type = ""
			continue
		}
		t := graphTypes()[out.Type]
		if t == nil {
			out.Unknown = strings.TrimPrefix(out.Type+"."+element, ".")
			return out
		}
		out.take(t, element, i == 1 && path[0] == "viewer")
		out.Type = t.fields[element]
	}
	return out
}

// FieldsOf returns the fields of a type of GitHub's GraphQL schema that have
// fields themselves, in order; nil for a type that is not known.
func FieldsOf(name string) []string {
	t := graphTypes()[name]
	if t == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(t.fields))
}

// take adds what guards a field of t. The fields of the viewer are guarded
// more than those of other users.
func (a *FieldAccess) take(t *graphType, field string, viewer bool) {
	names := fieldNames(t, field)
	if viewer {
		names = []string{"viewer." + field, "viewer.*"}
	}
	for _, name := range names {
		g, ok := guardedFields()[name]
		if !ok {
			continue
		}
		if len(g.effect.Operations) > 0 && slices.Contains(a.Operations, g.effect.Operations[0]) {
			return
		}
		a.Effect = a.Effect.And(*g.effect)
		a.Public = a.Public && g.public
		return
	}
}

// fieldNames are the rows that may guard a field, the closest first.
func fieldNames(t *graphType, field string) []string {
	types := slices.Concat([]string{t.name}, t.interfaces)
	var names []string
	for _, suffix := range []string{field, "*"} {
		for _, name := range types {
			names = append(names, name+"."+suffix)
		}
	}
	return names
}
