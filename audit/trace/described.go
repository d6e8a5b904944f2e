package trace

import (
	"path"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// Call returns a command as [Options.Described] is asked about it: its words,
// in which placeholders of the table stand for what is not literal, and the
// folder that it runs in, relative to the repository's root; "?" where that is
// not known. Who asks elsewhere must ask in the same form: of what one finds
// described and the other does not, nothing would be said.
func (c *Command) Call() (words []string, folder string, table *value.Table) {
	table = &value.Table{}
	words = make([]string, len(c.Args))
	for i, a := range c.Args {
		if text, ok := a.Literal(); ok {
			words[i] = text
			continue
		}
		var b strings.Builder
		for _, p := range repositoryPath(a) {
			if text, ok := (value.Value{p}).Literal(); ok {
				b.WriteString(text)
				continue
			}
			b.WriteString(table.Placeholder(value.Value{p}, 0))
		}
		words[i] = b.String()
	}
	return words, path.Clean(repositoryPath(c.Dir).LiteralOr("?")), table
}

// described tells whether somebody describes what a command starts.
func (r *run) described(c *Command) bool {
	if r.t.options.Described == nil || len(c.Args) == 0 {
		return false
	}
	words, folder, _ := c.Call()
	return r.t.options.Described.Command(words, folder)
}
