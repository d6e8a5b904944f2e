package trace

import (
	"iter"

	"go.yaml.in/yaml/v4"
)

// The functions below look into a YAML document. Nil stands for a node that is
// not there.

// resolved follows an alias.
func resolved(n *yaml.Node) *yaml.Node {
	if n != nil && n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// pairs are the entries of a mapping, in order.
func pairs(n *yaml.Node) iter.Seq2[string, *yaml.Node] {
	return func(yield func(string, *yaml.Node) bool) {
		n = resolved(n)
		if n == nil || n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i].Value, resolved(n.Content[i+1])) {
				return
			}
		}
	}
}

// member is the value of a key.
func member(n *yaml.Node, key string) *yaml.Node {
	for name, v := range pairs(n) {
		if name == key {
			return v
		}
	}
	return nil
}

// elements are the entries of a list; a node that is none stands for itself.
func elements(n *yaml.Node) []*yaml.Node {
	switch n = resolved(n); {
	case n == nil || n.Kind == yaml.ScalarNode && n.Value == "":
		return nil
	case n.Kind != yaml.SequenceNode:
		return []*yaml.Node{n}
	}
	out := make([]*yaml.Node, len(n.Content))
	for i, e := range n.Content {
		out[i] = resolved(e)
	}
	return out
}

// scalar is the text of a node.
func scalar(n *yaml.Node) (string, bool) {
	if n = resolved(n); n == nil || n.Kind != yaml.ScalarNode {
		return "", false
	}
	return n.Value, true
}
