package script

import (
	"go/ast"
	"go/token"
	"slices"
)

// goReach is what is known of the types of a program whose functions are being
// collected.
type goReach struct {
	// types are those of each package, by their names; used are the names behind a
	// dot in reached code.
	types map[string]map[string]*goType
	used  map[string]bool
}

// goType is a type with its methods. It is live where reached code names it, or a
// type that it does.
type goType struct {
	file    *goFile
	spec    *ast.TypeSpec
	methods []*goFunction
	live    bool
}

// reach collects the functions that main may call, by their names: of methods
// those whose type is named by what is reached, as nothing has them else.
func (g *golang) reach() {
	g.reaching = &goReach{types: map[string]map[string]*goType{}, used: map[string]bool{}}
	for _, folder := range g.order {
		g.reaching.types[folder], g.packages[folder].functions = map[string]*goType{}, map[string]*goFunction{}
		for _, f := range g.packages[folder].files {
			for _, d := range f.tree.Decls {
				if d, ok := d.(*ast.GenDecl); ok && d.Tok == token.TYPE {
					for _, spec := range d.Specs {
						spec := spec.(*ast.TypeSpec)
						g.reaching.types[folder][spec.Name.Name] = &goType{file: f, spec: spec}
					}
				}
			}
		}
	}
	for _, folder := range g.order {
		for _, f := range g.packages[folder].files {
			g.queue = append(g.queue, &goFunction{file: f, locals: map[string]bool{}})
			for _, d := range f.tree.Decls {
				if d, ok := d.(*ast.FuncDecl); ok {
					g.declare(f, d)
				}
			}
		}
	}
	for i := 0; i < len(g.queue); i++ {
		g.refer(g.queue[i])
	}
	for name, list := range g.methods {
		g.methods[name] = slices.DeleteFunc(list, func(m *goFunction) bool { return !g.reached[m] })
	}
}

// mention notes that reached code names a type.
func (g *golang) mention(folder, name string) {
	t := g.reaching.types[folder][name]
	if t == nil || t.live {
		return
	}
	t.live = true
	for _, m := range t.methods {
		if g.reaching.used[m.name] || g.awaited(m) {
			g.admit(m)
		}
	}
	fn := &goFunction{file: t.file, locals: map[string]bool{}}
	ast.Inspect(t.spec.Type, func(n ast.Node) bool {
		g.refers(fn, n)
		return true
	})
}

// awaited tells whether others may call a method by an interface: the standard
// library, or one for commands.
func (g *golang) awaited(m *goFunction) bool {
	main := m.file.pkg.folder == g.order[0] && ast.IsExported(m.name) && !g.in.Mage
	return main || goMember("called-back", m.name)
}

func (g *golang) declare(f *goFile, d *ast.FuncDecl) {
	fn := &goFunction{file: f, name: d.Name.Name, decl: d, locals: map[string]bool{}}
	switch {
	case d.Recv != nil:
		g.methods[fn.name] = append(g.methods[fn.name], fn)
		t := (*goType)(nil)
		if len(d.Recv.List) > 0 {
			t = g.reaching.types[f.pkg.folder][goTypeName(d.Recv.List[0].Type)]
		}
		switch {
		case t == nil || g.entry(fn):
			fn.of = &goType{live: true}
			g.admit(fn)
		default:
			fn.of, t.methods = t, append(t.methods, fn)
		}
	case g.entry(fn):
		g.admit(fn)
	default:
		if f.pkg.functions[fn.name] != nil && fn.name != "_" {
			g.unread(f, d.Pos(), "declares "+fn.name+" twice")
		}
		f.pkg.functions[fn.name] = fn
	}
	if g.in.Mage && d.Recv == nil && fn.name != "init" {
		f.pkg.functions[fn.name] = fn // a target may call another
	}
}

// entry tells whether a program begins with a function.
func (g *golang) entry(fn *goFunction) bool {
	switch {
	case fn.decl.Recv != nil:
		return g.in.Mage && g.target(fn)
	case fn.name == "init":
		return true
	case g.in.Mage:
		return g.target(fn)
	}
	return fn.name == "main" && fn.file.pkg.folder == g.order[0]
}

func (g *golang) admit(fn *goFunction) {
	if fn != nil && !g.reached[fn] {
		g.reached[fn] = true
		g.queue = append(g.queue, fn)
	}
}

// refer enters everything that a function names, or what the declarations of a
// file do when the program starts.
func (g *golang) refer(fn *goFunction) {
	if fn.decl != nil {
		fn.each(func(n ast.Node) { g.refers(fn, n) })
		return
	}
	for _, d := range fn.file.tree.Decls {
		d, ok := d.(*ast.GenDecl)
		if !ok || d.Tok == token.TYPE {
			continue
		}
		for _, spec := range d.Specs {
			if !goAsserts(spec) {
				ast.Inspect(spec, func(n ast.Node) bool {
					g.refers(fn, n)
					return true
				})
			}
		}
	}
}

// goAsserts recognises what only says that a type has the methods of another:
// var _ T = (*U)(nil).
func goAsserts(spec ast.Spec) bool {
	v, ok := spec.(*ast.ValueSpec)
	if !ok || len(v.Names) != 1 || v.Names[0].Name != "_" || len(v.Values) != 1 {
		return false
	}
	switch e := v.Values[0].(type) {
	case *ast.CompositeLit:
		return len(e.Elts) == 0
	case *ast.UnaryExpr:
		literal, ok := e.X.(*ast.CompositeLit)
		return ok && len(literal.Elts) == 0
	case *ast.CallExpr:
		_, pointer := e.Fun.(*ast.ParenExpr)
		return pointer
	}
	return false
}

// refers enters what a node names.
func (g *golang) refers(fn *goFunction, n ast.Node) {
	switch n := n.(type) {
	case *ast.Ident:
		g.mention(fn.file.pkg.folder, n.Name)
	case *ast.SelectorExpr:
		if x, ok := n.X.(*ast.Ident); ok {
			if p := g.packageOf(fn.file, x.Name); p != nil {
				g.mention(p.folder, n.Sel.Name)
			}
		}
		if !g.reaching.used[n.Sel.Name] {
			g.reaching.used[n.Sel.Name] = true
			for _, m := range g.methods[n.Sel.Name] {
				if m.of.live {
					g.admit(m)
				}
			}
		}
	}
	g.named(fn, n, func(f *goFunction) {
		if f.decl.Recv == nil {
			g.admit(f)
		}
	})
}

// named calls do for the functions of the program that a node may name.
func (g *golang) named(fn *goFunction, n ast.Node, do func(*goFunction)) {
	switch n := n.(type) {
	case *ast.Ident:
		if f := fn.file.pkg.functions[n.Name]; f != nil {
			do(f)
		}
	case *ast.SelectorExpr:
		if x, ok := n.X.(*ast.Ident); ok {
			if p := g.packageOf(fn.file, x.Name); p != nil && p.functions[n.Sel.Name] != nil {
				do(p.functions[n.Sel.Name])
			}
		}
		for _, m := range g.methods[n.Sel.Name] {
			do(m)
		}
	}
}

// packageOf is the package of the program that a name in a file stands for.
func (g *golang) packageOf(f *goFile, name string) *goPackage {
	importPath, ok := f.imports[name]
	if !ok {
		return nil
	}
	folder, own := g.own(importPath)
	if !own {
		return nil
	}
	return g.packages[folder]
}

// each calls do for every node of a function, or of the declarations outside
// of all functions.
func (fn *goFunction) each(do func(ast.Node)) {
	fn.inspect(func(n ast.Node) bool {
		if n != nil {
			do(n)
		}
		return true
	})
}

// inspect is ast.Inspect for these nodes.
func (fn *goFunction) inspect(inspect func(ast.Node) bool) {
	if fn.decl != nil {
		ast.Inspect(fn.decl, inspect)
		return
	}
	for _, d := range fn.file.tree.Decls {
		if _, function := d.(*ast.FuncDecl); !function {
			ast.Inspect(d, inspect)
		}
	}
}
