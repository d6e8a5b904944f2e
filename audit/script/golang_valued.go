package script

import "go/ast"

// maxGoRounds bounds how often functions are looked for that are handed on as
// values by functions which are such themselves.
const maxGoRounds = 4

// collectValues binds the operands of calls of functions that are values: of
// parameters, fields, and elements of maps.
func (g *golang) collectValues() {
	type call struct {
		fn   *goFunction
		node *ast.CallExpr
	}
	var calls []call
	for _, fn := range g.queue {
		fn.each(func(n ast.Node) {
			if n, ok := n.(*ast.CallExpr); ok && g.callsValue(fn, n) {
				calls = append(calls, call{fn, n})
			}
		})
	}
	result, far := g.result, g.far
	defer func() {
		if g.steps <= maxGoSteps {
			g.result, g.far = result, far
		}
		g.collected, g.steps = false, 0
		g.requests, g.sent = map[*ast.CallExpr]*goRequest{}, nil
	}()
	for more, round := true, 0; more && round < maxGoRounds; round++ {
		g.collected, g.known, more = true, map[string][]goThing{}, false
		for _, c := range calls {
			for _, t := range g.eval(c.fn, c.node.Fun, 0) {
				more = g.bindValue(c.fn, c.node, t) || more
			}
		}
	}
	g.known = map[string][]goThing{}
}

// callsValue tells whether a call may be of a function that is a value.
func (g *golang) callsValue(fn *goFunction, call *ast.CallExpr) bool {
	switch callee := call.Fun.(type) {
	case *ast.Ident:
		key := goKey(fn, callee.Name)
		return len(g.bound[key]) > 0 && len(g.closures[key]) == 0 && len(g.callees(fn, call)) == 0
	case *ast.SelectorExpr:
		return g.fields[callee.Sel.Name] && len(g.callees(fn, call)) == 0
	case *ast.IndexExpr, *ast.CallExpr:
		return len(g.callees(fn, call)) == 0
	}
	return false
}

// goHanded is an operand that a name is given.
type goHanded struct {
	key  string
	expr ast.Expr
}

// bindValue binds the operands of a call to the names that a function has for
// them, each once; more is true where that is new.
func (g *golang) bindValue(fn *goFunction, call *ast.CallExpr, t goThing) (more bool) {
	if t.kind != goFunctionKind {
		return false
	}
	of, kind := t.scope, (*ast.FuncType)(nil)
	switch {
	case t.literal != nil:
		kind = t.literal.Type
	case t.function != nil:
		of, kind = t.function, t.function.decl.Type
	}
	if of == nil || g.valued[call] == nil {
		g.valued[call] = map[*ast.FuncType]bool{}
	}
	if kind == nil || g.valued[call][kind] {
		return false
	}
	g.valued[call][kind] = true
	names := goNames(kind.Params)
	for i, arg := range call.Args {
		if len(names) == 0 {
			break
		}
		// The literals of a file may have parameters of the same name.
		key := goKey(of, names[min(i, len(names)-1)].Name)
		if at := (goHanded{key, arg}); !g.handed[at] {
			g.handed[at] = true
			g.give(key, goSource{expr: arg, fn: fn})
		}
	}
	return true
}
