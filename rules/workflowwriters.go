package rules

import (
	"errors"
	"path"
	"slices"
	"strings"
)

// writerRow is a row of the table workflow-writers.
type writerRow struct{ command, unless []string }

var writerRows = rows("workflow-writers", []string{"command", "unless", "source"}, func(r row) (writerRow, error) {
	out := writerRow{strings.Fields(r.cell("command")), strings.Fields(r.cell("unless"))}
	if len(out.command) == 0 || r.cell("source") == "" {
		return out, errors.New("want a command and its source")
	}
	return out, nil
})

// WritesWorkflows tells whether a command, by its words, is that of a program
// whose work is to write files under .github/workflows.
// Source: the documentation that the table names.
func WritesWorkflows(words []string) bool {
	if len(words) == 0 {
		return false
	}
	words = slices.Clone(words)
	words[0] = path.Base(words[0])
	return slices.ContainsFunc(writerRows().rows, func(r writerRow) bool {
		return len(words) >= len(r.command) && slices.Equal(words[:len(r.command)], r.command) &&
			!slices.ContainsFunc(r.unless, func(flag string) bool { return slices.Contains(words, flag) })
	})
}
