package script

import (
	"go/ast"
	"go/token"
	"path"
	"slices"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// surroundings notes the variables that the program sets, for all that it starts:
// they may be what they were as well.
func (g *golang) surroundings() {
	vars := map[string]value.Value{}
	for _, fn := range g.queue {
		fn.each(func(n ast.Node) {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return
			}
			does := fn.does(call.Fun).Does
			_, leaves := rules.FindGoMember("leaves-folder", goTypeName(call.Fun))
			switch {
			case does == "sets-variable" && len(call.Args) == 2:
				g.setsVariable(fn, call, vars, g.text(fn, call.Args[1]))
			case does == "sets-variable" && len(call.Args) == 1:
				g.setsVariable(fn, call, vars, value.Text(""))
			case does == "clears-environment":
				g.unread(fn.file, call.Pos(), "starts programs with another environment")
			case does == "leaves-folder", leaves && len(call.Args) == 0 && len(g.callees(fn, call)) == 0:
				g.unread(fn.file, call.Pos(), "starts programs in another folder, which is not known")
			}
		})
	}
	g.in.Env = g.in.Env.With(vars)
	g.known = map[string][]goThing{}
}

func (g *golang) setsVariable(fn *goFunction, call *ast.CallExpr, vars map[string]value.Value, v value.Value) {
	for _, name := range g.text(fn, call.Args[0]).Alternatives() {
		text, known := name.Literal()
		if !known {
			g.unread(fn.file, call.Pos(), "sets a variable whose name is only known when it runs")
			continue
		}
		if old, set := vars[text]; set {
			v = value.Choice(old, v)
		} else if old, set := g.in.Env.Lookup(text); set {
			v = value.Choice(old, v)
		}
		vars[text] = v
	}
}

// written tells of files that the program writes and then runs: what it writes is not
// held against what the checkout has. One whose name is not known is not seen.
func (g *golang) written(fn *goFunction, call *ast.CallExpr) {
	does := fn.does(call.Fun)
	if does.Does != "writes-file" || len(call.Args) <= does.Operand {
		return
	}
	for _, v := range g.text(fn, call.Args[does.Operand]).Alternatives() {
		name, known := v.Literal()
		if known && slices.ContainsFunc(g.result.Calls, func(c Call) bool { return c.Kind == Exec && goRunsFile(c.Command, path.Base(name)) }) {
			g.unread(fn.file, call.Pos(), "writes "+name+", which it runs")
		}
	}
}

// goRunsFile tells whether a file of a name is a program that words start, or among
// those behind one that runs scripts.
func goRunsFile(words []value.Value, name string) bool {
	n := slices.IndexFunc(words, func(v value.Value) bool { return path.Base(v.String()) == name })
	if n <= 0 {
		return n == 0
	}
	program := rules.ProgramName(words[0].String())
	_, interprets := rules.InterpreterOf(program)
	_, reads := rules.ScriptLanguage(program)
	return interprets || reads
}

// goes follows the program into another folder, besides the ones that it may be in
// where it need not go there.
func (g *golang) goes(frame *goFrame, call *ast.CallExpr) {
	if frame.fn.does(call.Fun).Does != "changes-folder" || len(call.Args) != 1 {
		return
	}
	to, known := g.text(frame.fn, call.Args[0]).Literal()
	if !known || g.looping || len(g.folders) > maxGoAlternatives {
		g.unread(frame.fn.file, call.Pos(), "starts programs in another folder, which is not known")
		return
	}
	var folders []string
	if g.arm.now > 0 {
		folders = slices.Clone(g.folders)
	}
	for _, from := range g.folders {
		if path.IsAbs(to) {
			from = ""
		}
		folders = append(folders, path.Join(from, to))
	}
	slices.Sort(folders)
	g.folders = slices.Compact(folders)
}

// unhide takes a name of a function for the package's, where the function may use
// both: it declares it in a block, or after it has used it.
func (g *golang) unhide() {
	global := map[string]bool{}
	for _, fn := range g.queue {
		if fn.decl == nil {
			fn.each(func(n ast.Node) {
				if spec, ok := n.(*ast.ValueSpec); ok {
					for _, name := range spec.Names {
						global[goKey(fn, name.Name)] = true
					}
				}
			})
		}
	}
	for _, fn := range g.queue {
		if fn.decl == nil || fn.decl.Body == nil {
			continue
		}
		hides := map[string]token.Pos{}
		for _, list := range []*ast.FieldList{fn.decl.Recv, fn.decl.Type.Params, fn.decl.Type.Results} {
			for _, name := range goNames(list) {
				hides[name.Name] = fn.decl.Pos()
			}
		}
		hide := func(e ast.Expr) {
			if name, ok := e.(*ast.Ident); ok && hides[name.Name] == token.NoPos {
				hides[name.Name] = name.Pos()
			}
		}
		for _, s := range fn.decl.Body.List {
			switch s := s.(type) {
			case *ast.AssignStmt:
				goDeclares(s, hide)
			case *ast.DeclStmt:
				ast.Inspect(s, func(n ast.Node) bool {
					goDeclares(n, hide)
					_, function := n.(*ast.FuncLit)
					return !function
				})
			}
		}
		ast.Inspect(fn.decl.Body, func(n ast.Node) bool {
			if name, ok := n.(*ast.Ident); ok && fn.locals[name.Name] && global[fn.file.pkg.folder+"|"+name.Name] {
				if from := hides[name.Name]; from == token.NoPos || name.Pos() < from {
					delete(fn.locals, name.Name)
				}
			}
			return true
		})
	}
}
