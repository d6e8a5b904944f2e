package script

import (
	"go/ast"
	"slices"
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// told tells whether all operands of the program are known.
func (g *golang) told() bool {
	return !slices.ContainsFunc(g.in.Operands, func(v value.Value) bool { _, known := v.Literal(); return !known })
}

// foreign says why a program cannot be followed at all, "" where it can.
func (g *golang) foreign() string {
	for _, folder := range g.order {
		for _, f := range g.packages[folder].files {
			for _, spec := range f.tree.Imports {
				importPath, _ := strconv.Unquote(spec.Path.Value)
				does := rules.FindGoName(importPath, "*").Does
				switch {
				case does == "finds-tokens":
					return "uses " + importPath + ", which may look for a token by itself"
				case g.beside(importPath):
					return "imports " + importPath + ", which is not read"
				case does == "picks-command" && !(g.told() && rules.FindGoName(importPath, "Command").Does == "command"):
					return "picks what it does by its operands, with " + importPath
				}
			}
			if g.switchesOnOperands(f) {
				return "picks what it does by its operands"
			}
		}
	}
	return ""
}

// beside tells whether a package is of another module of the same owner, which
// may read the same variables.
func (g *golang) beside(importPath string) bool {
	parts := strings.Split(g.module, "/")
	if _, own := g.own(importPath); own || len(parts) < 2 || !strings.Contains(parts[0], ".") {
		return false
	}
	return strings.HasPrefix(importPath, parts[0]+"/"+parts[1]+"/")
}

// switchesOnOperands recognises "switch os.Args[1]" and "switch flag.Arg(0)".
func (g *golang) switchesOnOperands(f *goFile) (found bool) {
	fn := &goFunction{file: f}
	ast.Inspect(f.tree, func(n ast.Node) bool {
		s, ok := n.(*ast.SwitchStmt)
		if !ok || s.Tag == nil {
			return !found
		}
		ast.Inspect(s.Tag, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				does := fn.does(sel).Does
				found = found || does == "operands" || does == "operand"
			}
			return true
		})
		return !found
	})
	return found
}
