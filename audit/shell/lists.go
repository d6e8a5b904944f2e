package shell

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// listers are the builtins that show every variable where they are given no
// name. The parser takes some of them for declarations.
var listers = []string{"set", "export", "declare", "typeset", "local", "readonly", "compgen"}

// ListsVariables tells whether a script shows variables without naming them,
// or gets at one by a name that it puts together: "set", "export -p",
// "${!name}", eval. Parsed is false for what is no script of a POSIX shell.
func ListsVariables(source string) (lists, parsed bool) {
	if readable(source) != nil {
		return false, false
	}
	file, err := syntax.NewParser().Parse(strings.NewReader(source), "")
	if err != nil {
		return false, false
	}
	syntax.Walk(file, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.ParamExp:
			lists = lists || n.Excl
		case *syntax.CallExpr:
			lists = lists || callLists(n.Args)
		case *syntax.DeclClause:
			lists = lists || !slices.ContainsFunc(n.Args, func(a *syntax.Assign) bool {
				return a.Name != nil || a.Value != nil && !strings.HasPrefix(a.Value.Lit(), "-")
			})
		}
		return true
	})
	return lists, true
}

// callLists tells whether a call is one of a builtin that shows variables.
func callLists(args []*syntax.Word) bool {
	if len(args) > 1 && args[0].Lit() == "builtin" {
		args = args[1:]
	}
	if len(args) == 0 {
		return false
	}
	name := args[0].Lit()
	if name == "eval" {
		return true
	}
	if !slices.Contains(listers, name) {
		return false
	}
	if name == "set" {
		return len(args) == 1
	}
	return !slices.ContainsFunc(args[1:], func(w *syntax.Word) bool { return !strings.HasPrefix(w.Lit(), "-") })
}
