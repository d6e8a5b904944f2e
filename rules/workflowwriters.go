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
	// named are the files whose words say what it writes.
	named []string
}

var writerRows = rows("workflow-writers", []string{"command", "unless", "writes", "source"}, func(r row) (writerRow, error) {
	writes := r.cell("writes")
	files, named := strings.CutPrefix(writes, "named:")
	out := writerRow{command: strings.Fields(r.cell("command")), unless: strings.Fields(r.cell("unless")), always: writes == "always"}
	if named {
		out.named = strings.Split(files, ",")
	}
	switch {
	case len(out.command) == 0 || r.cell("source") == "":
		return out, errors.New("want a command and its source")
	case !out.always && !named && writes != "perhaps":
		return out, errors.New("want always, perhaps or named: for what it writes")
	}
	return out, nil
})

// WritesWorkflows tells whether a command, by its words, is that of a program
// that writes files under .github/workflows: Yes where that is its work, Maybe
// where its configuration or its template decides, with the files of its
// configuration where they name what it writes. A program that runs it may stand
// in front, and its version behind its name.
// Source: the documentation that the table names.
func WritesWorkflows(words []string) (writes Truth, named []string) {
	if len(words) == 0 {
		return No, nil
	}
	name, _, _ := strings.Cut(path.Base(words[0]), "@")
	own := append([]string{name}, words[1:]...)
	for _, r := range writerRows().rows {
		switch {
		case len(own) < len(r.command) || !slices.Equal(own[:len(r.command)], r.command):
		case slices.ContainsFunc(r.unless, func(flag string) bool { return slices.Contains(own, flag) }):
			return No, nil
		case r.always:
			return Yes, nil
		default:
			return Maybe, r.named
		}
	}
	if inner, _ := launched(words); len(inner) > 0 && len(inner) < len(words) {
		return WritesWorkflows(inner)
	}
	return No, nil
}
