package script

import (
	"go/ast"
	"go/token"
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/rules"
)

// goSource is something that a name is given.
type goSource struct {
	// expr is what it is given; nil for what is not known.
	expr ast.Expr
	fn   *goFunction
	// part is which of several results, element that it is an element of the
	// expression's.
	part    int
	element bool
	// put says that it is put into what the name has, under a key, through that it
	// is put where the name points to.
	put     bool
	key     ast.Expr
	through bool
}

// goKey is the key of a name in a function: its own, or the package's.
func goKey(fn *goFunction, name string) string {
	if fn.locals[name] {
		// A method and a function may have the same name.
		at := "-"
		if fn.decl != nil {
			at = fn.file.name + ":" + fn.name
			if fn.decl.Recv != nil && len(fn.decl.Recv.List) > 0 {
				at += goTypeName(fn.decl.Recv.List[0].Type)
			}
		}
		return at + "|" + name
	}
	return fn.file.pkg.folder + "|" + name
}

// goFieldKey is the key of the fields of a name.
func goFieldKey(name string) string { return "." + name }

// goTypeName is the name of a type without its package, pointers and operands.
func goTypeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.StarExpr:
		return goTypeName(e.X)
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.IndexExpr:
		return goTypeName(e.X)
	case *ast.ParenExpr:
		return goTypeName(e.X)
	}
	return ""
}

// collect notes what every name of the reached functions is given.
func (g *golang) collect() {
	for _, fn := range g.queue {
		fn.each(func(n ast.Node) { g.declared(fn, n) })
	}
	g.unhide()
	for _, fn := range g.queue {
		fn.each(func(n ast.Node) { g.bind(fn, n) })
	}
	for name, v := range g.in.Linked {
		at := strings.LastIndexByte(name, '.')
		folder, own := g.own(name[:max(at, 0)])
		if name[:max(at, 0)] == "main" {
			folder, own = g.order[0], true
		}
		if !own || at < 0 {
			continue
		}
		s := goSource{fn: g.queue[0]}
		if text, known := v.Literal(); known {
			s.expr = &ast.BasicLit{Kind: token.STRING, Value: strconv.Quote(text)}
		}
		g.give(folder+"|"+name[at+1:], s)
	}
}

// declared notes the names that a node declares.
func (g *golang) declared(fn *goFunction, n ast.Node) {
	local := func(e ast.Expr) {
		if name, ok := e.(*ast.Ident); ok && fn.decl != nil {
			fn.locals[name.Name] = true
		}
	}
	goDeclares(n, local)
	switch n := n.(type) {
	case *ast.ValueSpec:
		for _, name := range n.Names {
			g.typed[goKey(fn, name.Name)] = goTypeName(n.Type)
		}
	case *ast.FuncType:
		for _, list := range []*ast.FieldList{n.Params, n.Results} {
			for _, name := range goNames(list) {
				local(name)
			}
			if list != nil {
				for _, f := range list.List {
					for _, name := range f.Names {
						g.typed[goKey(fn, name.Name)] = goTypeName(f.Type)
					}
				}
			}
		}
	case *ast.FuncDecl:
		for _, name := range goNames(n.Recv) {
			local(name)
		}
	case *ast.TypeSpec:
		if s, ok := n.Type.(*ast.StructType); ok {
			g.structure(n.Name.Name, s)
		}
	}
}

// goDeclares gives the names that a node declares among statements.
func goDeclares(n ast.Node, name func(ast.Expr)) {
	switch n := n.(type) {
	case *ast.AssignStmt:
		if n.Tok == token.DEFINE {
			for _, e := range n.Lhs {
				name(e)
			}
		}
	case *ast.RangeStmt:
		if n.Tok == token.DEFINE {
			name(n.Key)
			name(n.Value)
		}
	case *ast.ValueSpec:
		for _, e := range n.Names {
			name(e)
		}
	}
}

func (g *golang) structure(name string, s *ast.StructType) {
	var fields []string
	for _, f := range s.Fields.List {
		if len(f.Names) == 0 {
			fields = append(fields, goTypeName(f.Type))
		}
		for _, field := range f.Names {
			fields = append(fields, field.Name)
			g.typed[goFieldKey(field.Name)] = goTypeName(f.Type)
		}
	}
	for _, field := range fields {
		g.fields[field] = true
	}
	g.structs[name] = fields
}

// goNames are the names of a list of parameters.
func goNames(list *ast.FieldList) []*ast.Ident {
	if list == nil {
		return nil
	}
	var out []*ast.Ident
	for _, f := range list.List {
		if len(f.Names) == 0 {
			out = append(out, ast.NewIdent("_"))
		}
		out = append(out, f.Names...)
	}
	return out
}

func (g *golang) give(key string, s goSource) { g.bound[key] = append(g.bound[key], s) }

// giveTo binds what stands left of an assignment.
func (g *golang) giveTo(fn *goFunction, left ast.Expr, s goSource) {
	switch of := left.(type) {
	case *ast.IndexExpr:
		s.put, s.key, s.through = true, of.Index, false
		g.giveTo(fn, of.X, s)
		return
	case *ast.StarExpr:
		s.through = !s.put
		g.giveTo(fn, of.X, s)
		return
	case *ast.ParenExpr:
		g.giveTo(fn, of.X, s)
		return
	}
	for _, key := range g.keysOf(fn, left) {
		g.give(key, s)
	}
}

// keysOf are the keys of a name, or of a field.
func (g *golang) keysOf(fn *goFunction, e ast.Expr) (keys []string) {
	switch e := e.(type) {
	case *ast.Ident:
		return []string{goKey(fn, e.Name)}
	case *ast.SelectorExpr:
		if g.fields[e.Sel.Name] {
			keys = append(keys, goFieldKey(e.Sel.Name))
		}
		if p, ok := e.X.(*ast.Ident); ok {
			if pkg := g.packageOf(fn.file, p.Name); pkg != nil {
				keys = append(keys, pkg.folder+"|"+e.Sel.Name)
			}
		}
	}
	return keys
}

// giveAll binds several names to as many expressions, or to the results of
// one.
func (g *golang) giveAll(fn *goFunction, left, right []ast.Expr) {
	for i, l := range left {
		if name, ok := l.(*ast.Ident); ok && len(right) == len(left) {
			if f, ok := right[i].(*ast.FuncLit); ok {
				key := goKey(fn, name.Name)
				g.closures[key] = append(g.closures[key], f)
			}
		}
		switch {
		case len(right) == len(left):
			g.giveTo(fn, l, goSource{expr: right[i], fn: fn})
		case len(right) == 1:
			g.giveTo(fn, l, goSource{expr: right[0], fn: fn, part: i})
		}
	}
}

// bind notes what a node gives to names and fields.
func (g *golang) bind(fn *goFunction, n ast.Node) {
	switch n := n.(type) {
	case *ast.AssignStmt:
		g.giveAll(fn, n.Lhs, n.Rhs)
	case *ast.ValueSpec:
		names := make([]ast.Expr, len(n.Names))
		for i, name := range n.Names {
			names[i] = name
		}
		g.giveAll(fn, names, n.Values)
	case *ast.RangeStmt:
		if n.Value != nil {
			g.giveTo(fn, n.Value, goSource{expr: n.X, fn: fn, element: true})
		}
		if n.Key != nil {
			g.giveTo(fn, n.Key, goSource{fn: fn})
		}
	case *ast.CompositeLit:
		g.bindFields(fn, n)
	case *ast.CallExpr:
		g.bindCall(fn, n)
	}
}

// bindFields binds the fields of a struct of the program.
func (g *golang) bindFields(fn *goFunction, n *ast.CompositeLit) {
	order := g.structs[goTypeName(n.Type)]
	for i, e := range n.Elts {
		if pair, keyed := e.(*ast.KeyValueExpr); keyed {
			if name, ok := pair.Key.(*ast.Ident); ok && g.fields[name.Name] {
				g.give(goFieldKey(name.Name), goSource{expr: pair.Value, fn: fn})
			}
			continue
		}
		if i < len(order) {
			g.give(goFieldKey(order[i]), goSource{expr: e, fn: fn})
		}
	}
}

// bindCall binds the operands of a call to the names that the function has for
// them. What a function of others is given by its address may change.
func (g *golang) bindCall(fn *goFunction, call *ast.CallExpr) {
	var literals []*ast.FuncLit
	switch callee := call.Fun.(type) {
	case *ast.FuncLit:
		literals = []*ast.FuncLit{callee}
	case *ast.Ident:
		literals = g.closures[goKey(fn, callee.Name)]
	}
	callees := g.callees(fn, call)
	if g.steps += (len(literals) + len(callees)) * len(call.Args); g.steps > maxGoSteps {
		g.farFrom(fn, call.Pos())
		return
	}
	for _, f := range literals {
		for i, name := range goNames(f.Type.Params) {
			if i < len(call.Args) {
				g.give(goKey(fn, name.Name), goSource{expr: call.Args[i], fn: fn})
			}
		}
	}
	for _, callee := range callees {
		names := goNames(callee.decl.Type.Params)
		for i, arg := range call.Args {
			if len(names) > 0 {
				g.give(goKey(callee, names[min(i, len(names)-1)].Name), goSource{expr: arg, fn: fn})
			}
		}
	}
	if len(callees) > 0 {
		return
	}
	g.altering(fn, call)
	for i, arg := range call.Args {
		address, ok := arg.(*ast.UnaryExpr)
		if !ok || address.Op != token.AND {
			continue
		}
		if _, literal := address.X.(*ast.CompositeLit); literal {
			continue
		}
		g.giveTo(fn, address.X, goSource{fn: fn})
		if fn.does(call.Fun).Does == "fills" {
			g.giveTo(fn, address.X, goSource{expr: call.Args[0], fn: fn})
		}
		// flag.StringVar(&name, "name", DEFAULT, "what it is for")
		if value := g.flagDefault(fn, call); i == 0 && value != nil {
			g.giveTo(fn, address.X, goSource{expr: value, fn: fn})
		}
	}
}

// flagDefault is what a flag is where the program is not told it, nil for a call
// that declares none whose value is put into a variable.
func (g *golang) flagDefault(fn *goFunction, call *ast.CallExpr) ast.Expr {
	callee, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	does := fn.does(callee)
	if of, ok := callee.X.(*ast.CallExpr); ok { // cmd.Flags() of cobra
		if _, ok := rules.FindGoMember("flag-set", goTypeName(of.Fun)); ok {
			does, _ = rules.FindGoMember("flag-variable", callee.Sel.Name)
		}
	}
	if does.Does != "flag-variable" || does.Operand >= len(call.Args) {
		return nil
	}
	return call.Args[does.Operand]
}

// callees are the functions of the program that a call may be of.
func (g *golang) callees(fn *goFunction, call *ast.CallExpr) []*goFunction {
	callee := call.Fun
	for {
		if p, ok := callee.(*ast.ParenExpr); ok {
			callee = p.X
		} else if i, ok := callee.(*ast.IndexExpr); ok {
			callee = i.X
		} else {
			break
		}
	}
	switch callee := callee.(type) {
	case *ast.Ident:
		if f := fn.file.pkg.functions[callee.Name]; f != nil && !fn.locals[callee.Name] {
			return []*goFunction{f}
		}
	case *ast.SelectorExpr:
		if x, ok := callee.X.(*ast.Ident); ok && !fn.locals[x.Name] {
			if p := g.packageOf(fn.file, x.Name); p != nil {
				if f := p.functions[callee.Sel.Name]; f != nil {
					return []*goFunction{f}
				}
				return nil
			}
			if _, foreign := fn.file.imports[x.Name]; foreign {
				return nil
			}
		}
		return g.methods[callee.Sel.Name]
	}
	return nil
}

// does is what is known of a name that an expression takes from a package of
// others, or from the language.
func (fn *goFunction) does(e ast.Expr) rules.GoName {
	switch e := e.(type) {
	case *ast.Ident:
		if !fn.locals[e.Name] && fn.file.pkg.functions[e.Name] == nil {
			return rules.FindGoName("builtin", e.Name)
		}
	case *ast.SelectorExpr:
		if x, ok := e.X.(*ast.Ident); ok && !fn.locals[x.Name] {
			return rules.FindGoName(fn.file.imports[x.Name], e.Sel.Name)
		}
	}
	return rules.GoName{}
}
