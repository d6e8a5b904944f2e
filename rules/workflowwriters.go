package rules

import (
	"errors"
	"path"
	"slices"
	"strconv"
	"strings"
)

// WorkflowWriter is a program that writes files under .github/workflows.
type WorkflowWriter struct {
	// Writes is Yes where that is its work, Maybe where its configuration or
	// its template decides.
	Writes Truth
	// Named are the files of its configuration which name the files that it
	// writes, Calls those whose lines are calls of programs, Hooks those that
	// list hooks of pre-commit.
	Named, Calls, Hooks []string
	// Folder is the operand behind the words of its command, from 1, that names
	// the folder which it writes into; 0 where there is none.
	Folder int
	// Words are those of its call, without what launches it.
	Words []string
}

// writerRow is a row of the table workflow-writers.
type writerRow struct {
	command, with, unless []string
	writer                WorkflowWriter
}

var writerRows = rows("workflow-writers", []string{"command", "with", "unless", "writes", "folder", "source"}, func(r row) (writerRow, error) {
	out := writerRow{command: strings.Fields(r.cell("command")), with: strings.Fields(r.cell("with")), unless: strings.Fields(r.cell("unless"))}
	kind, files, _ := strings.Cut(r.cell("writes"), ":")
	out.writer.Writes = Maybe
	switch kind {
	case "always":
		out.writer.Writes = Yes
	case "named":
		out.writer.Named = strings.Split(files, ",")
	case "calls":
		out.writer.Calls = strings.Split(files, ",")
	case "hooks":
		out.writer.Hooks = strings.Split(files, ",")
	case "perhaps":
	default:
		return out, errors.New("want always, perhaps, named:, calls: or hooks: for what it writes")
	}
	if folder := r.cell("folder"); folder != "" {
		var err error
		if out.writer.Folder, err = strconv.Atoi(folder); err != nil {
			return out, err
		}
	}
	if len(out.command) == 0 || r.cell("source") == "" {
		return out, errors.New("want a command and its source")
	}
	return out, nil
})

// only tells whether a call only looks.
func (r writerRow) only(words []string) bool {
	with := len(r.with) == 0 || slices.ContainsFunc(words, func(w string) bool {
		flag, _, _ := strings.Cut(w, "=")
		return slices.Contains(r.with, flag)
	})
	return !with || slices.ContainsFunc(r.unless, func(flag string) bool { return slices.Contains(words, flag) })
}

// WritesWorkflows returns the program that a command calls, by its words, if it
// is one that writes files under .github/workflows. A program that launches it
// may stand in front, and its version behind its name.
// Source: the documentation that the table names.
func WritesWorkflows(words []string) (WorkflowWriter, bool) {
	if len(words) == 0 {
		return WorkflowWriter{}, false
	}
	name, _, _ := strings.Cut(path.Base(words[0]), "@")
	own := append([]string{name}, words[1:]...)
	for _, r := range writerRows().rows {
		if len(own) < len(r.command) || !slices.Equal(own[:len(r.command)], r.command) {
			continue
		}
		out := r.writer
		out.Words = own[len(r.command):]
		return out, !r.only(own)
	}
	if inner, _ := launched(words); len(inner) > 0 && len(inner) < len(words) {
		return WritesWorkflows(inner)
	}
	return WorkflowWriter{}, false
}

// HookWritesWorkflows tells whether a hook, by the words of its call, runs a
// program whose work it is to write workflow files. Hooks are called like the
// program, without the words behind its name.
func HookWritesWorkflows(words []string) bool {
	if w, ok := WritesWorkflows(words); ok {
		return w.Writes == Yes
	}
	return len(words) > 0 && slices.ContainsFunc(writerRows().rows, func(r writerRow) bool {
		return r.command[0] == words[0] && r.writer.Writes == Yes && !r.only(words)
	})
}
