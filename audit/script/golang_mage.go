package script

import (
	"go/ast"
	"os"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// target tells whether a function is one of those that Mage is asked for, which
// runs exported functions of a package by their names. Source:
// https://magefile.org/targets/
func (g *golang) target(fn *goFunction) bool {
	if fn.file.pkg.folder != g.order[0] || !ast.IsExported(fn.name) {
		return false
	}
	name := fn.name
	if fn.decl.Recv != nil && len(fn.decl.Recv.List) > 0 {
		name = goTypeName(fn.decl.Recv.List[0].Type) + ":" + name
	}
	g.found[strings.ToLower(name)] = true
	return slices.ContainsFunc(g.targets, func(word string) bool { return strings.EqualFold(word, name) })
}

// missed says which target is not found: Mage may import those of other packages.
func (g *golang) missed() string {
	imports := slices.ContainsFunc(g.packages[g.order[0]].files, func(f *goFile) bool { return strings.Contains(f.source, "mage:import") })
	for i, word := range g.targets {
		if !g.found[strings.ToLower(word)] && (i == 0 || imports) {
			return "has no target " + word + " in this checkout"
		}
	}
	return ""
}

// expanded is a word as package sh hands it on, with the variables that it names.
func (g *golang) expanded(v value.Value) value.Value {
	text, known := v.Literal()
	if !known || !strings.Contains(text, "$") {
		return v
	}
	var out value.Value
	rest := text
	os.Expand(text, func(name string) string {
		at := strings.Index(rest, "$")
		out = value.Concat(out, value.Text(rest[:at]))
		rest = rest[at+1:]
		if braced := "{" + name + "}"; strings.HasPrefix(rest, braced) {
			rest = rest[len(braced):]
		} else {
			rest = strings.TrimPrefix(rest, name)
		}
		given, set := g.in.Env.Lookup(name)
		if !set {
			given = value.Unknown("$" + name)
		}
		out = value.Concat(out, given)
		return ""
	})
	return value.Concat(out, value.Text(rest))
}

// pickTargets finds the names of the functions that Mage is asked for: those of
// its words, what they are aliases of, or the default one. Words that are none
// are operands of others.
func (g *goProgram) pickTargets() {
	aliases := map[string]string{}
	for _, f := range g.packages[g.order[0]].files {
		ast.Inspect(f.tree, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 || len(spec.Names) != 1 {
				return true
			}
			switch literal, _ := spec.Values[0].(*ast.CompositeLit); {
			case spec.Names[0].Name == "Default":
				aliases[""] = goTarget(spec.Values[0])
			case spec.Names[0].Name == "Aliases" && literal != nil:
				for _, e := range literal.Elts {
					if pair, ok := e.(*ast.KeyValueExpr); ok {
						if name, ok := goString(pair.Key); ok {
							aliases[strings.ToLower(name)] = goTarget(pair.Value)
						}
					}
				}
			}
			return true
		})
	}
	for _, word := range g.in.Targets {
		if of, ok := aliases[strings.ToLower(word)]; ok {
			word = of
		}
		g.targets = append(g.targets, word)
	}
	if of := aliases[""]; len(g.targets) == 0 && of != "" {
		g.targets = []string{of}
	}
}

// goTarget is the name of a target: Build, or Namespace.Build as
// Namespace:Build.
func goTarget(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		if literal, ok := e.X.(*ast.CompositeLit); ok {
			return goTypeName(literal.Type) + ":" + e.Sel.Name
		}
		return goTypeName(e.X) + ":" + e.Sel.Name
	}
	return ""
}

// withVariables is the environment of the program with those of a map. known is
// false where a credential is in one whose name is not.
func (g *golang) withVariables(things []goThing) (env *value.Env, known bool) {
	vars := map[string]value.Value{}
	known = true
	for _, t := range things {
		for i, element := range t.list {
			name := ""
			if i < len(t.keys) {
				name = t.keys[i].LiteralOr("")
			}
			switch {
			case name != "":
				vars[name] = element.text
			case g.holds([]goThing{element}):
				known = false
			}
		}
		known = known && (t.kind == goMap || !g.holds([]goThing{t}))
	}
	return g.in.Env.With(vars), known
}
