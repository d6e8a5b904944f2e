package script

import (
	"go/ast"
	"go/token"
	"slices"
)

// visit walks the calls of a node in their order.
func (g *golang) visit(frame *goFrame, n ast.Node) {
	if n != nil {
		ast.Inspect(n, g.visitor(frame))
	}
}

func (g *golang) visitor(frame *goFrame) func(ast.Node) bool {
	return func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			if g.steps++; g.steps <= maxGoSteps {
				g.call(frame, n)
			}
			return false
		case *ast.CompositeLit:
			g.escaping(frame, n)
		case *ast.SendStmt:
			g.escapes(frame, n.Value)
		}
		return true
	}
}

// escaping walks the functions that are put where it is not seen who calls them:
// into a thing of others. A list or a map is looked into where its elements are
// called.
func (g *golang) escaping(frame *goFrame, n *ast.CompositeLit) {
	switch kind := n.Type.(type) {
	case nil, *ast.ArrayType, *ast.MapType:
		return
	case *ast.Ident:
		if _, own := g.structs[kind.Name]; own {
			return
		}
	}
	for _, e := range n.Elts {
		if pair, ok := e.(*ast.KeyValueExpr); ok {
			e = pair.Value
		}
		g.escapes(frame, e)
	}
}

// escapes walks a function that is handed to others, with operands that are not
// known.
func (g *golang) escapes(frame *goFrame, e ast.Expr) {
	switch e.(type) {
	case *ast.FuncLit, *ast.Ident, *ast.SelectorExpr:
		for _, t := range g.eval(frame.fn, e, 0) {
			if t.kind == goFunctionKind {
				g.apply(t, nil, nil)
			}
		}
	}
}

// apply calls a function that is a value.
func (g *golang) apply(t goThing, receiver []goThing, args [][]goThing) ([][]goThing, bool) {
	if t.literal != nil {
		return g.enterLiteral(t, args)
	}
	if t.function == nil {
		return nil, false
	}
	return g.enterFunction(t.function, receiver, args)
}

// call walks one call: its operands, and the function that it is of.
func (g *golang) call(frame *goFrame, call *ast.CallExpr) {
	g.walked[call] = true
	if _, literal := call.Fun.(*ast.FuncLit); !literal {
		g.visit(frame, call.Fun)
	}
	for _, e := range call.Args {
		g.visit(frame, e)
	}
	if words, does := g.commandWords(frame.fn, call); words != nil {
		frame.results[call] = [][]goThing{g.start(frame, call, words, does)}
		return
	}
	g.piped(frame, call)
	g.goes(frame, call)
	things, receiver := g.functions(frame, call)
	if g.startsMore(frame, call) {
		return
	}
	if len(things) == 0 {
		for _, e := range call.Args {
			g.escapes(frame, e) // A function of others may call it.
		}
		return
	}
	args := g.operandsOf(frame, call)
	var results [][]goThing
	whole := true
	for _, t := range things {
		got, ok := g.apply(t, receiver, args)
		whole = whole && ok
		for part, things := range got {
			for len(results) <= part {
				results = append(results, nil)
			}
			results[part] = goUnion(results[part], things)
		}
	}
	if whole {
		frame.results[call] = results
	}
}

// startsMore starts what a function of Mage that was made for a program starts.
func (g *golang) startsMore(frame *goFrame, call *ast.CallExpr) (ok bool) {
	if _, member := call.Fun.(*ast.SelectorExpr); member && len(g.callees(frame.fn, call)) > 0 {
		return false
	}
	for _, t := range g.eval(frame.fn, call.Fun, 0) {
		if t.kind == goStarter {
			g.startLines(frame, call, g.lines(frame, call, call.Args, t.lines))
			ok = true
		}
	}
	return ok
}

// functions are the functions of the program that a call is of.
func (g *golang) functions(frame *goFrame, call *ast.CallExpr) (things []goThing, receiver []goThing) {
	callees := g.callees(frame.fn, call)
	if sel, ok := call.Fun.(*ast.SelectorExpr); ok && len(callees) > 0 && callees[0].decl.Recv != nil {
		receiver = g.eval(frame.fn, sel.X, 0)
		if slices.ContainsFunc(receiver, func(t goThing) bool { return t.kind == goProcess }) {
			return nil, nil // cmd.Run() is none of the program's own
		}
	}
	g.steps += len(callees)
	for _, f := range callees {
		if names := goNames(f.decl.Type.Params); len(names) == len(call.Args) || goVariadic(f.decl.Type) && len(call.Args) >= len(names)-1 || len(call.Args) == 1 {
			things = append(things, goThing{kind: goFunctionKind, function: f})
		}
	}
	if len(callees) > 0 {
		return things, receiver
	}
	switch call.Fun.(type) {
	case *ast.Ident, *ast.SelectorExpr, *ast.IndexExpr, *ast.CallExpr, *ast.FuncLit:
		for _, t := range g.eval(frame.fn, call.Fun, 0) {
			if t.kind == goFunctionKind {
				things = append(things, t)
			}
		}
	}
	return things, nil
}

// operandsOf are the operands of a call; of one that hands on the results of
// another, those.
func (g *golang) operandsOf(frame *goFrame, call *ast.CallExpr) [][]goThing {
	if inner, ok := goOnlyCall(call); ok && len(frame.results[inner]) > 1 {
		return frame.results[inner]
	}
	args := make([][]goThing, 0, len(call.Args))
	for i, e := range call.Args {
		things := g.valueOf(frame, e, 0)
		if call.Ellipsis != token.NoPos && i == len(call.Args)-1 {
			things = goSpread(things)
		}
		args = append(args, things)
	}
	return args
}

func goOnlyCall(call *ast.CallExpr) (*ast.CallExpr, bool) {
	if len(call.Args) != 1 {
		return nil, false
	}
	inner, ok := call.Args[0].(*ast.CallExpr)
	return inner, ok
}

// goSpread marks lists whose elements are operands. Anything else may be any
// number of them.
func goSpread(things []goThing) []goThing {
	out := slices.Clone(things)
	for i, t := range out {
		switch t.kind {
		case goList:
		case goEnviron:
			out[i] = goThing{kind: goList, list: []goThing{t}}
		default:
			out[i] = goThing{kind: goList, open: true}
		}
		out[i].spread = true
	}
	return out
}
