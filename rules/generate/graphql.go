package main

import (
	"slices"
	"strings"
)

// compareGraphQL compares the tables of GraphQL with the schema, which
// decides all of types, and of mutations and fields only that they exist:
// what they take is written down nowhere and ours throughout.
func compareGraphQL(c *comparison, s *schema) {
	for _, name := range []string{"mutations", "fields", "types"} {
		c.head(name, "@octokit/graphql-schema", s.version)
		c.look(name, wholeRow)
	}
	c.look("types", "interfaces", "fields")
	compareMutations(c, s)
	guarded := compareFields(c, s)
	compareTypes(c, s, guarded)
}

func compareMutations(c *comparison, s *schema) {
	t := c.tables["mutations"]
	have := map[string]bool{}
	for _, r := range t.rows {
		name := t.cell(r, "mutation")
		if !have[name] && s.types["Mutation"].Fields.ForName(name) == nil {
			c.gone(t, name, true)
		}
		have[name] = true
	}
	for _, f := range s.types["Mutation"].Fields {
		if !have[f.Name] {
			// A row that nobody judged would say more than is known: without
			// one, an audit says that it does not know the mutation.
			c.ask("mutations", f.Name, "new; its input: "+s.inputs(f.Name))
		}
	}
}

// compareFields looks for guarded fields that are gone, and returns the types
// that guarded fields belong to.
func compareFields(c *comparison, s *schema) map[string]bool {
	t := c.tables["fields"]
	guarded, seen := map[string]bool{}, map[string]bool{}
	for _, r := range t.rows {
		name := t.cell(r, "field")
		owner, field, _ := strings.Cut(name, ".")
		guarded[owner] = true
		if seen[name] {
			continue
		}
		seen[name] = true
		if owner == "viewer" {
			owner = "User"
		}
		d := s.composite(owner)
		if d == nil || field != "*" && d.Fields.ForName(field) == nil {
			c.gone(t, name, true)
		}
	}
	return guarded
}

func compareTypes(c *comparison, s *schema, guarded map[string]bool) {
	t := c.tables["types"]
	reachable := s.reachable(guarded)
	have := map[string]bool{}
	t.remove(func(r row) bool {
		name := t.cell(r, "type")
		_, found := slices.BinarySearch(reachable, name)
		have[name] = found
		return !found && c.gone(t, name, false)
	})
	for _, r := range t.rows {
		name := t.cell(r, "type")
		if !have[name] {
			continue
		}
		c.cell(t, r, judgement{key: name, column: "interfaces", source: s.interfaces(name, guarded)})
		c.cell(t, r, judgement{key: name, column: "fields", source: s.fields(name)})
	}
	for _, name := range reachable {
		if !have[name] {
			r := t.newRow(map[string]string{"type": name, "interfaces": s.interfaces(name, guarded), "fields": s.fields(name)})
			c.add(t, name, r, "", "type")
		}
	}
}
