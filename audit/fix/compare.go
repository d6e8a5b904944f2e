package fix

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// comparison holds the YAML of a file against what edits made of it.
type comparison struct {
	before *document
	edits  []Edit
}

// compare returns the place of the first difference that no edit is for.
func (c *comparison) compare(a, b *yaml.Node, path []string) string {
	here := strings.Join(path, ".")
	switch {
	case a.Kind != b.Kind || a.Anchor != b.Anchor || a.Tag != b.Tag && a.Kind != yaml.ScalarNode:
		return c.emptied(a, b, here)
	case a.Kind == yaml.ScalarNode:
		if a.Value != b.Value && !strings.Contains(strings.ToLower(a.Value), "secrets") {
			return here
		}
		return ""
	case a.Kind == yaml.AliasNode:
		if a.Value != b.Value {
			return here
		}
		return ""
	case a.Kind == yaml.MappingNode:
		return c.mappings(a, b, path)
	case len(a.Content) != len(b.Content):
		return here
	}
	for i := range a.Content {
		if place := c.compare(a.Content[i], b.Content[i], append(slices.Clip(path), "-")); place != "" {
			return place
		}
	}
	return ""
}

// emptied lets a section become empty whose only entry was removed.
func (c *comparison) emptied(a, b *yaml.Node, here string) string {
	if a.Kind == yaml.MappingNode && len(a.Content) == 2 && c.removes(a.Content[0]) && b.Kind == yaml.ScalarNode && b.Value == "" {
		return ""
	}
	return here
}

func (c *comparison) mappings(a, b *yaml.Node, path []string) string {
	inJob := len(path) == 2 && path[0] == "jobs"
	j := 0
	for i := 0; i+1 < len(a.Content); i += 2 {
		name := a.Content[i].Value
		if inJob && j+1 < len(b.Content) && b.Content[j].Value == "permissions" && name != "permissions" {
			j += 2
		}
		if j+1 < len(b.Content) && b.Content[j].Value == name {
			if !inJob || name != "permissions" {
				if place := c.compare(a.Content[i+1], b.Content[j+1], append(slices.Clip(path), name)); place != "" {
					return place
				}
			}
			j += 2
			continue
		}
		if !c.removes(a.Content[i]) {
			return strings.Join(append(slices.Clip(path), name), ".")
		}
	}
	if inJob && j+2 == len(b.Content) && b.Content[j].Value == "permissions" {
		j += 2
	}
	if j != len(b.Content) {
		return strings.Join(append(slices.Clip(path), b.Content[j].Value), ".")
	}
	return ""
}

// removes tells whether an edit takes a key away.
func (c *comparison) removes(key *yaml.Node) bool {
	at := c.before.offset(key)
	return slices.ContainsFunc(c.edits, func(e Edit) bool { return e.New == "" && e.Start <= at && at < e.End })
}
