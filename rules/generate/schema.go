package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// schema is what is read of GitHub's GraphQL schema.
type schema struct {
	version string
	types   map[string]*ast.Definition
	// possible are the types that stand behind an interface.
	possible map[string][]string
}

// readSchema reads the npm package @octokit/graphql-schema. Its schema.json
// can be older than its schema.graphql, which is what we read.
func readSchema(folder string) (*schema, error) {
	version, err := packageVersion(folder)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(folder, "schema.graphql")
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	document, parseErr := parser.ParseSchema(&ast.Source{Name: path, Input: string(text)})
	if parseErr != nil {
		return nil, parseErr
	}
	s := &schema{version: version, types: map[string]*ast.Definition{}, possible: map[string][]string{}}
	for _, d := range document.Definitions {
		s.types[d.Name] = d
		for _, i := range d.Interfaces {
			s.possible[i] = append(s.possible[i], d.Name)
		}
	}
	if s.types["Query"] == nil || s.types["Mutation"] == nil {
		return nil, fmt.Errorf("%s: no types Query and Mutation", path)
	}
	return s, nil
}

// composite returns a type that has fields, or nil.
func (s *schema) composite(name string) *ast.Definition {
	d := s.types[name]
	if d == nil || d.Kind != ast.Object && d.Kind != ast.Interface && d.Kind != ast.Union {
		return nil
	}
	return d
}

// reachable returns the types that a query can end at, sorted: those that
// fields return, those behind an interface or a union among them, and their
// guarded interfaces. Another interface that no field returns is not there:
// what a fragment on it reads hangs on what is behind it.
func (s *schema) reachable(guarded map[string]bool) []string {
	seen := map[string]bool{}
	next := []string{"Query"}
	for len(next) > 0 {
		name := next[len(next)-1]
		next = next[:len(next)-1]
		d := s.composite(name)
		if d == nil || seen[name] {
			continue
		}
		seen[name] = true
		for _, f := range d.Fields {
			next = append(next, f.Type.Name())
		}
		next = slices.Concat(next, d.Types, s.objects(name))
		next = append(next, guardedOnly(d.Interfaces, guarded)...)
	}
	var out []string
	for name := range seen {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// objects are the objects behind an interface.
func (s *schema) objects(name string) []string {
	return slices.DeleteFunc(slices.Clone(s.possible[name]), func(n string) bool { return s.types[n].Kind != ast.Object })
}

// interfaces returns the cell of a type's interfaces, of those that are
// guarded.
func (s *schema) interfaces(name string, guarded map[string]bool) string {
	out := guardedOnly(s.types[name].Interfaces, guarded)
	slices.Sort(out)
	return strings.Join(out, ",")
}

func guardedOnly(names []string, guarded map[string]bool) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !guarded[n] })
}

// fields returns the cell of a type's fields that return types with fields.
func (s *schema) fields(name string) string {
	fields := slices.Clone(s.types[name].Fields)
	slices.SortFunc(fields, func(a, b *ast.FieldDefinition) int { return strings.Compare(a.Name, b.Name) })
	var out []string
	for _, f := range fields {
		if s.composite(f.Type.Name()) != nil {
			out = append(out, f.Name+":"+f.Type.Name())
		}
	}
	return strings.Join(out, " ")
}

// inputs names the fields of a mutation's input, to judge it by.
func (s *schema) inputs(mutation string) string {
	f := s.types["Mutation"].Fields.ForName(mutation)
	if f == nil {
		return ""
	}
	var out []string
	for _, a := range f.Arguments {
		d := s.types[a.Type.Name()]
		if d == nil {
			continue
		}
		for _, field := range d.Fields {
			if field.Name != "clientMutationId" {
				out = append(out, field.Name)
			}
		}
	}
	return strings.Join(out, ", ")
}
