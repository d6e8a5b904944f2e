package script

import (
	"go/ast"
	"slices"
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// goSelfServing are packages that look for tokens by themselves, start programs
// that may, or hand on variables by names which the program does not write.
var goSelfServing = []string{
	"github.com/cli/go-gh", "github.com/spf13/viper", "github.com/bradleyfalzon/ghinstallation", "github.com/palantir/go-githubapp",
	"github.com/sethvargo/go-githubactions", "github.com/bitfield/script", "github.com/go-cmd/cmd", "mvdan.cc/sh", "github.com/codeskyblue/go-sh", "github.com/goreleaser/", goMage + "mage", "dagger.io/dagger", "github.com/hashicorp/go-getter",
}

// goCommands are packages by which a program has several commands.
var goCommands = []string{
	goCobra, goUrfave, "github.com/alecthomas/kong", "gopkg.in/alecthomas/kingpin", "github.com/alecthomas/kingpin",
	"github.com/google/subcommands", "github.com/peterbourgon/ff", "github.com/jawher/mow.cli", "github.com/mitchellh/cli",
}

// goSubcommands are those of them whose commands are told apart.
var goSubcommands = []string{goCobra, goUrfave}

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
				within := func(prefix string) bool { return strings.HasPrefix(importPath, prefix) }
				switch {
				case slices.ContainsFunc(goSelfServing, within):
					return "uses " + importPath + ", which may look for a token by itself"
				case g.beside(importPath):
					return "imports " + importPath + ", which is not read"
				case slices.ContainsFunc(goCommands, within) && !(g.told() && slices.ContainsFunc(goSubcommands, within)):
					return "picks what it does by its operands, with " + importPath
				}
			}
			if switchesOnOperands(f.tree) {
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
func switchesOnOperands(tree *ast.File) (found bool) {
	ast.Inspect(tree, func(n ast.Node) bool {
		s, ok := n.(*ast.SwitchStmt)
		if !ok || s.Tag == nil {
			return !found
		}
		ast.Inspect(s.Tag, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				x, _ := sel.X.(*ast.Ident)
				found = found || x != nil && (x.Name == "os" && sel.Sel.Name == "Args" || x.Name == "flag" && strings.HasPrefix(sel.Sel.Name, "Arg"))
			}
			return true
		})
		return !found
	})
	return found
}
