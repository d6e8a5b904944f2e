package trace

import (
	"path"

	"github.com/patrol-actions/patrol/audit/value"
)

// Call returns a command as [Options.Described] is asked about it: its words,
// in which placeholders of the table stand for what is not literal, and the
// folder that it runs in, relative to the repository's root; "?" where that is
// not known. Who asks elsewhere must ask in the same form: of what one finds
// described and the other does not, nothing would be said.
func (c *Command) Call() (words []string, folder string, table *value.Table) {
	args := make([]value.Value, len(c.Args))
	for i, a := range c.Args {
		args[i] = a
		if _, ok := a.Literal(); !ok {
			args[i] = repositoryPath(a)
		}
	}
	words, table = value.MaskWords(args)
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
