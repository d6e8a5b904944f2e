package workflow

import (
	"fmt"
	"iter"

	"go.yaml.in/yaml/v4"

	"github.com/patrol-actions/patrol/audit"
)

// parseYAML parses the first document of a source.
func parseYAML(source []byte) (document *yaml.Node, err error) {
	defer func() {
		if p := recover(); p != nil { // none is known, but the parser has panics
			document, err = nil, fmt.Errorf("%v", p)
		}
	}()
	document = &yaml.Node{}
	return document, yaml.Unmarshal(source, document)
}

// fault notes a problem at a node.
func (r *reader) fault(n *yaml.Node, message string) {
	r.problem(audit.Problem{File: r.file.Path, Line: r.physicalLine(n.Line, n.Column), Column: n.Column, Message: message})
}

// resolve returns the node that an alias stands for. YAML knows no alias of
// an alias.
func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode && n.Alias != nil {
		return n.Alias
	}
	return n
}

func kindName(n *yaml.Node) string {
	switch n.Kind {
	case yaml.SequenceNode:
		return "list"
	case yaml.MappingNode:
		return "mapping"
	case yaml.ScalarNode:
		return "single value"
	}
	return "document"
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// hasKey tells whether a mapping has a key.
func hasKey(mapping *yaml.Node, name string) bool {
	for i := 0; i < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == name {
			return true
		}
	}
	return false
}

// entries yields the keys and values of a mapping, and notes what GitHub
// refuses: merge keys, keys that come twice, and what is no mapping.
func (r *reader) entries(n *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(key, value *yaml.Node) bool) {
		n = resolve(n)
		if n.Kind != yaml.MappingNode {
			if !isNull(n) {
				r.fault(n, "a mapping is expected, but this is a "+kindName(n))
			}
			return
		}
		seen := make(map[string]bool, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := resolve(n.Content[i])
			switch {
			case key.Kind != yaml.ScalarNode:
				r.fault(key, "a key must be a single value, but this is a "+kindName(key))
			case key.Value == "<<":
				r.fault(key, `GitHub Actions does not support YAML merge key "<<"`)
			case seen[key.Value]:
				r.fault(key, fmt.Sprintf("key %q is duplicated; only the first one is read", key.Value))
			default:
				seen[key.Value] = true
				if !yield(key, resolve(n.Content[i+1])) {
					return
				}
			}
		}
	}
}

// elements returns the elements of a list, aliases resolved.
func (r *reader) elements(n *yaml.Node) []*yaml.Node {
	if n = resolve(n); n.Kind != yaml.SequenceNode {
		if !isNull(n) {
			r.fault(n, "a list is expected, but this is a "+kindName(n))
		}
		return nil
	}
	list := make([]*yaml.Node, len(n.Content))
	for i, element := range n.Content {
		list[i] = resolve(element)
	}
	return list
}

// scalar returns a node's value with its place.
func (r *reader) scalar(n *yaml.Node) Text {
	if n = resolve(n); n.Kind != yaml.ScalarNode {
		r.fault(n, "a single value is expected, but this is a "+kindName(n))
		return Text{}
	}
	return r.at(n.Value, n.Line, n.Column)
}

// key returns a key with its place.
func (r *reader) key(n *yaml.Node) Text {
	return Text{n.Value, r.file, int32(n.Line), int32(n.Column)}
}

// other keeps the value of a key that the model has no field for. What is no
// single value matters only where it holds an expression.
func (r *reader) other(key, value *yaml.Node) {
	if value = resolve(value); value.Kind == yaml.ScalarNode {
		r.scalar(value)
	} else if holdsExpression(r.file, key.Line, key.Column) {
		r.fault(key, fmt.Sprintf("key %q is not expected here; what it holds is not read", key.Value))
	}
}
