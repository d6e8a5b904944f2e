package rules

import (
	"errors"
	"path"
	"slices"
	"strings"
)

// writerRow is a row of the table workflow-writers.
type writerRow struct {
	command, unless []string
	always          bool
}

var writerRows = rows("workflow-writers", []string{"command", "unless", "writes", "source"}, func(r row) (writerRow, error) {
	writes := r.cell("writes")
	out := writerRow{strings.Fields(r.cell("command")), strings.Fields(r.cell("unless")), writes == "always"}
	switch {
	case len(out.command) == 0 || r.cell("source") == "":
		return out, errors.New("want a command and its source")
	case !out.always && writes != "perhaps":
		return out, errors.New("want always or perhaps for what it writes")
	}
	return out, nil
})

// WritesWorkflows tells whether a command, by its words, is that of a program
// that writes files under .github/workflows: Yes where that is its work, Maybe
// where its configuration or its template decides. A program that runs it may
// stand in front, and its version behind its name.
// Source: the documentation that the table names.
func WritesWorkflows(words []string) Truth {
	if len(words) == 0 {
		return No
	}
	name, _, _ := strings.Cut(path.Base(words[0]), "@")
	own := append([]string{name}, words[1:]...)
	for _, r := range writerRows().rows {
		switch {
		case len(own) < len(r.command) || !slices.Equal(own[:len(r.command)], r.command):
		case slices.ContainsFunc(r.unless, func(flag string) bool { return slices.Contains(own, flag) }):
			return No
		case r.always:
			return Yes
		default:
			return Maybe
		}
	}
	if inner, _ := launched(words); len(inner) > 0 && len(inner) < len(words) {
		return WritesWorkflows(inner)
	}
	return No
}
