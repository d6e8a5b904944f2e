package script

import (
	"go/ast"
)

// remains walks what may start programs and was not come to: functions that are
// named where it is not seen what calls them, or that others call by an
// interface, with operands that are not known. A call that is left even so is
// Unread.
func (g *golang) remains() {
	var called []*goFunction
	known := map[*goFunction]bool{}
	note := func(fn *goFunction) {
		if !known[fn] {
			known[fn] = true
			called = append(called, fn)
		}
	}
	names := func(fn *goFunction) {
		g.alive(fn, func(n ast.Node) { g.named(fn, n, note) })
	}
	for _, fn := range g.queue {
		if fn.decl != nil && fn.decl.Recv != nil && g.awaited(fn) {
			note(fn)
		}
		if fn.decl == nil || g.walked[fn.decl] {
			names(fn)
		}
	}
	for i := 0; i < len(called); i++ {
		if fn := called[i]; fn.decl != nil && g.starters[fn] && !g.walked[fn.decl] {
			g.enterFunction(fn, nil, nil)
			names(fn)
		}
	}
	for _, fn := range g.queue {
		if g.starters[fn] && (fn.decl == nil || g.walked[fn.decl]) {
			g.alive(fn, func(n ast.Node) {
				if f, ok := n.(*ast.FuncLit); ok && !g.walked[f] {
					g.enterLiteral(goThing{literal: f, scope: fn}, nil)
				}
			})
			g.alive(fn, func(n ast.Node) {
				if call, ok := n.(*ast.CallExpr); ok && !g.walked[call] && g.mayStart(fn, call) {
					g.unread(fn.file, call.Pos(), "starts a program in a way that is not followed")
				}
			})
		}
	}
}

// alive calls do for the nodes of a function but for statements that follow did
// not come to because what stands before them ends the way.
func (g *golang) alive(fn *goFunction, do func(ast.Node)) {
	fn.inspect(func(n ast.Node) bool {
		if s, ok := n.(ast.Stmt); ok && g.dead[s] || n == nil {
			return false
		}
		do(n)
		return true
	})
}

// mayStart tells whether a call may start a program.
func (g *golang) mayStart(fn *goFunction, call *ast.CallExpr) bool {
	if words, _ := g.commandWords(fn, call); words != nil || len(g.valued[call]) > 0 {
		return true
	}
	for _, f := range g.callees(fn, call) {
		if g.starters[f] {
			return true
		}
	}
	return false
}
