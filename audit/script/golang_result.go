package script

import "go/ast"

// results are what a function may return as one of its results.
func (g *golang) results(t goThing, part int) []goThing {
	switch {
	case t.literal != nil:
		return g.returned(t.scope, t.literal.Body, t.literal.Type, part)
	case t.function != nil:
		return g.returned(t.function, t.function.decl.Body, t.function.decl.Type, part)
	}
	return nil
}

// returned is one of the results of a function's body, whose own functions
// without a name return for themselves.
func (g *golang) returned(fn *goFunction, body *ast.BlockStmt, kind *ast.FuncType, part int) []goThing {
	var out []goThing
	if body == nil {
		return nil
	}
	defer g.outside()()
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			names := goNames(kind.Results)
			if len(n.Results) > 0 && part < len(names) && g.shared(fn)[names[part].Name] {
				out = append(out, g.name(fn, names[part])...) // what is deferred may change it
			}
			switch {
			case goFails(n, kind) && part < len(n.Results)-1 && goEmpty(n.Results[part]):
				// Whoever gets an error has no use for the rest.
			case part < len(n.Results) && len(n.Results) > 1 || len(n.Results) == 1 && len(names) == 1 && part == 0:
				out = append(out, g.first(fn, n.Results[part], 0)...)
			case len(n.Results) == 1:
				out = append(out, g.first(fn, n.Results[0], part)...)
			case len(n.Results) == 0 && part < len(names):
				out = append(out, g.name(fn, names[part])...)
			}
		}
		return true
	})
	return out
}

// goFails recognises "return …, err" of a function whose last result is an
// error.
func goFails(n *ast.ReturnStmt, kind *ast.FuncType) bool {
	if len(n.Results) < 2 || kind.Results == nil || len(kind.Results.List) == 0 {
		return false
	}
	of, _ := kind.Results.List[len(kind.Results.List)-1].Type.(*ast.Ident)
	last, isName := n.Results[len(n.Results)-1].(*ast.Ident)
	return of != nil && of.Name == "error" && !(isName && last.Name == "nil")
}

// goEmpty recognises "" and nil.
func goEmpty(e ast.Expr) bool {
	if name, ok := e.(*ast.Ident); ok && name.Name == "nil" {
		return true
	}
	lit, ok := e.(*ast.BasicLit)
	return ok && (lit.Value == `""` || lit.Value == "``")
}

// once evaluates an expression that may lead back to itself; again tells that
// it does.
func (g *golang) once(fn *goFunction, e ast.Expr, part int) (things []goThing, again bool) {
	if at, again := g.resolving[e]; again {
		g.lowest = min(g.lowest, at)
		return nil, true
	}
	g.resolving[e] = len(g.resolving)
	defer delete(g.resolving, e)
	return g.eval(fn, e, part), false
}

// first is what an expression may stand for besides itself.
func (g *golang) first(fn *goFunction, e ast.Expr, part int) []goThing {
	things, _ := g.once(fn, e, part)
	return things
}
