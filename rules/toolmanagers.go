package rules

import (
	"errors"
	"slices"
	"strings"
	"sync"
)

// ToolManager is a program that installs the tools which its configuration lists.
type ToolManager struct {
	name string
	// asking are the commands that ask for the tools, asked the flag that does.
	asking []string
	asked  string
	// Files are the names of its configuration, and Above says that those in the
	// folders above count as well.
	Files []string
	Above bool
	// Folder and File are the flags, and Variable the variable, that name the
	// folder or the file instead; empty where there is none.
	Folder, File, Variable string
}

var toolManagerRows = rows("tool-managers", []string{"program", "commands", "files", "above", "folder", "file", "variable", "source"}, func(r row) (ToolManager, error) {
	out := ToolManager{
		name: r.cell("program"), asking: r.list("commands"), Files: r.list("files"), Above: r.cell("above") == "yes",
		Folder: r.cell("folder"), File: r.cell("file"), Variable: r.cell("variable"),
	}
	if out.name == "" || out.asking == nil || out.Files == nil {
		return ToolManager{}, errors.New("want a program, what asks for the tools, and files")
	}
	if flag, ok := strings.CutPrefix(out.asking[0], "--"); ok {
		out.asking, out.asked = nil, flag
	}
	return out, nil
})

var toolManagers = sync.OnceValue(func() map[string]ToolManager {
	out := map[string]ToolManager{}
	for _, r := range toolManagerRows().rows {
		out[r.name] = r
	}
	return out
})

// ToolManagerOf returns the program of a name that installs tools; ok is false for
// any other program.
func ToolManagerOf(name string) (m ToolManager, ok bool) {
	m, ok = toolManagers()[name]
	return m, ok
}

// Asked tells whether a call asks for the tools, and returns the operands behind
// the command that does.
func (m ToolManager) Asked(call *ProgramInfo) (operands []string, ok bool) {
	switch {
	case m.asked != "":
		return call.Operands, len(call.Flags[m.asked]) > 0
	case len(call.Operands) == 0 || !slices.Contains(m.asking, call.Operands[0]):
		return nil, false
	}
	return call.Operands[1:], true
}
