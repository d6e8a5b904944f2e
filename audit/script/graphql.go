package script

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/patrol-actions/patrol/audit/value"
)

// Bounds of what is read of a GraphQL document. Fragments can make a short
// document select a great many fields.
const (
	maxTokens     = 50_000
	maxSelections = 5_000
	maxPath       = 64
)

// Document is one operation of a GraphQL document.
type Document struct {
	// Kind is "query", "mutation" or "subscription".
	Kind string
	// Name is the operation's name, if it has one.
	Name string
	// Fields are all selected fields in order, outer ones before inner ones,
	// with fragments put in their places.
	Fields []Selection
}

// Selection is a field that a document selects.
type Selection struct {
	// Path are the field names from the root: "repository", "issues",
	// "nodes". A condition on the type, by a fragment or inline, is an
	// element of its own that ends in an exclamation mark: "node", "Issue!",
	// "title".
	Path []string
	// Arguments has literals as text and variables as "$name". The keys of
	// an object follow its argument's name after a dot ("input.projectId"),
	// the members of a list are joined by commas, as are the values of a key
	// that objects in a list have.
	Arguments map[string]string
}

// ReadGraphQL reads a document without a schema. The document may hold
// placeholders of a value.Table where GraphQL has a name, a value, or text of
// a string; they come out in names and arguments as they went in.
func ReadGraphQL(document string) (documents []Document, err error) {
	defer func() {
		if r := recover(); r != nil {
			documents, err = nil, fmt.Errorf("the GraphQL parser gave up: %v", r)
		}
	}()
	query, failure := parser.ParseQueryWithTokenLimit(&ast.Source{Input: nameable(document)}, maxTokens)
	if failure != nil {
		return nil, failure
	}
	if len(query.Operations) == 0 {
		return nil, errors.New("the GraphQL document has no operation")
	}
	for _, operation := range query.Operations {
		walk := selector{fragments: query.Fragments}
		walk.set(operation.SelectionSet, nil, nil)
		if walk.overflow {
			return nil, errors.New("the GraphQL document selects too much to be read")
		}
		documents = append(documents, Document{Kind: string(operation.Operation), Name: restore(operation.Name), Fields: walk.fields})
	}
	return documents, nil
}

// selector collects selected fields.
type selector struct {
	fragments ast.FragmentDefinitionList
	fields    []Selection
	overflow  bool
}

// set collects the fields of a selection set. Inside are the fragments that
// are being put in: GraphQL forbids circles, but nobody has checked yet.
func (s *selector) set(set ast.SelectionSet, path, inside []string) {
	if len(s.fields) > maxSelections || len(path) > maxPath || len(inside) > maxPath {
		s.overflow = true
		return
	}
	for _, selection := range set {
		switch selection := selection.(type) {
		case *ast.Field:
			inner := appendPath(path, restore(selection.Name))
			s.fields = append(s.fields, Selection{Path: inner, Arguments: arguments(selection.Arguments)})
			s.set(selection.SelectionSet, inner, inside)
		case *ast.InlineFragment:
			s.set(selection.SelectionSet, onType(path, selection.TypeCondition), inside)
		case *ast.FragmentSpread:
			fragment := s.fragments.ForName(selection.Name)
			if fragment == nil || contains(inside, selection.Name) {
				continue
			}
			s.set(fragment.SelectionSet, onType(path, fragment.TypeCondition), appendPath(inside, selection.Name))
		}
		if s.overflow {
			return
		}
	}
}

func contains(list []string, name string) bool {
	for _, element := range list {
		if element == name {
			return true
		}
	}
	return false
}

// appendPath returns path with one more element, in memory of its own.
func appendPath(path []string, name string) []string {
	return append(path[:len(path):len(path)], name)
}

// onType adds a type condition to a path.
func onType(path []string, condition string) []string {
	if condition == "" {
		return path
	}
	return appendPath(path, restore(condition)+"!")
}

// arguments flattens the arguments of a field.
func arguments(list ast.ArgumentList) map[string]string {
	if len(list) == 0 {
		return nil
	}
	out := make(map[string]string, len(list))
	for _, argument := range list {
		flatten(out, restore(argument.Name), argument.Value)
	}
	return out
}

// flatten puts an argument, and the members of an object, into out.
func flatten(out map[string]string, name string, v *ast.Value) {
	if v == nil {
		return
	}
	if v.Kind == ast.ObjectValue {
		for _, child := range v.Children {
			flatten(out, name+"."+restore(child.Name), child.Value)
		}
		return
	}
	out[name] = argumentText(v)
	if v.Kind != ast.ListValue {
		return
	}
	for _, element := range v.Children {
		if element.Value == nil || element.Value.Kind != ast.ObjectValue {
			continue
		}
		one := map[string]string{}
		flatten(one, name, element.Value)
		for key, text := range one {
			if before, there := out[key]; there {
				text = before + "," + text
			}
			out[key] = text
		}
	}
}

// argumentText returns the text of a literal, a variable or a list. Objects
// in lists are left as they would be written.
func argumentText(v *ast.Value) string {
	switch v.Kind {
	case ast.Variable:
		return "$" + restore(v.Raw)
	case ast.ListValue:
		var elements []string
		for _, child := range v.Children {
			elements = append(elements, argumentText(child.Value))
		}
		return strings.Join(elements, ",")
	case ast.ObjectValue:
		return restore(v.String())
	}
	return restore(v.Raw)
}

// GraphQL has ASCII names only. A placeholder is written as such a name while
// the parser has it.
var stand = regexp.MustCompile(`PlAcE([0-9a-f]{4})hOlDeR`)

// nameable writes placeholders as names.
func nameable(document string) string {
	if !value.HasPlaceholder(document) {
		return document
	}
	var b strings.Builder
	for _, r := range document {
		if value.HasPlaceholder(string(r)) {
			fmt.Fprintf(&b, "PlAcE%04xhOlDeR", r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// restore is the inverse of nameable.
func restore(text string) string {
	if !strings.Contains(text, "PlAcE") {
		return text
	}
	return stand.ReplaceAllStringFunc(text, func(s string) string {
		code, err := strconv.ParseUint(stand.FindStringSubmatch(s)[1], 16, 32)
		if err != nil {
			return s
		}
		return string(rune(code))
	})
}
