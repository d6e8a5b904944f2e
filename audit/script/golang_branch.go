package script

import (
	"go/ast"
	"go/token"
	"maps"
	"slices"

	"github.com/patrol-actions/patrol/audit/value"
)

// goArm is one of the ways that a statement may go, where a condition holds, or
// where it does not.
type goArm struct {
	when, unless ast.Expr
	before, body []ast.Stmt
}

// holdsFor tells whether a credential that is there makes a condition true, or
// false: what is asked is whether it is empty.
func (g *golang) holdsFor(frame *goFrame, e ast.Expr) (truth, known bool) {
	c, ok := e.(*ast.BinaryExpr)
	if !ok || c.Op != token.EQL && c.Op != token.NEQ {
		return false, false
	}
	if text, ok := goString(c.Y); !ok || text != "" {
		return false, false
	}
	things := g.eval(frame.fn, c.X, 0)
	return c.Op == token.NEQ, len(things) > 0 && !slices.ContainsFunc(things, func(t goThing) bool {
		return t.kind != goText || slices.ContainsFunc(t.text.Alternatives(), func(v value.Value) bool { return !v.HoldsCredential() })
	})
}

// goArms are those of a switch or a select; none of them may be taken.
func goArms(body *ast.BlockStmt) []goArm {
	arms := []goArm{}
	other := false
	for _, s := range body.List {
		switch s := s.(type) {
		case *ast.CaseClause:
			other = other || s.List == nil
			arm := goArm{body: s.Body}
			for _, e := range s.List {
				arm.before = append(arm.before, &ast.ExprStmt{X: e})
			}
			arms = append(arms, arm)
		case *ast.CommClause:
			other = true
			arms = append(arms, goArm{before: goAfter(s.Comm), body: s.Body})
		}
	}
	if !other {
		arms = append(arms, goArm{})
	}
	return arms
}

// switched walks the arms of a switch or a select, of which break ends one.
func (g *golang) switched(frame *goFrame, before []ast.Stmt, body *ast.BlockStmt) (ends bool) {
	outer := frame.broken
	frame.broken = nil
	ends = g.branches(frame, before, goArms(body))
	if broken := frame.broken; len(broken) > 0 {
		if !ends {
			broken = append(broken, frame.vars)
		}
		frame.vars, ends = goJoined(broken), false
	}
	frame.broken = outer
	return ends
}

// branches walks each of the ways from the same state, and from that of the way
// that runs into it. break and continue end a way as return does.
func (g *golang) branches(frame *goFrame, before []ast.Stmt, arms []goArm) (ends bool) {
	for _, s := range before {
		if e, ok := s.(*ast.ExprStmt); s != nil && !(ok && e.X == nil) {
			g.statement(frame, s)
		}
	}
	from := frame.vars
	var after []map[string][]goThing
	if g.steps += len(from) * len(arms); g.steps > maxGoSteps {
		g.farFrom(frame.fn, frame.fn.file.tree.Pos())
		return false
	}
	var falls map[string][]goThing
	at, returns := g.arm.now, false
	for _, arm := range arms {
		frame.vars = maps.Clone(from)
		g.arm.enter()
		if truth, known := g.holdsFor(frame, arm.when); known && !truth {
			g.leave(arm.body...)
			continue
		}
		if truth, known := g.holdsFor(frame, arm.unless); known && truth {
			g.leave(arm.body...)
			continue
		}
		g.block(frame, arm.before)
		if falls != nil {
			frame.vars = goJoined([]map[string][]goThing{frame.vars, falls})
		}
		falls = nil
		if !g.block(frame, arm.body) {
			after = append(after, frame.vars)
			if goFalls(arm.body) {
				falls = frame.vars
			}
		} else {
			returns = returns || !g.exits(frame, arm.body)
		}
	}
	if g.arm.now = at; returns {
		g.arm.enter() // what follows need not be reached
	}
	if len(after) == 0 {
		frame.vars = from
		return true
	}
	frame.vars = goJoined(after)
	return false
}

// exits tells whether the last of several statements ends the program.
func (g *golang) exits(frame *goFrame, body []ast.Stmt) bool {
	switch last := body[len(body)-1].(type) {
	case *ast.BlockStmt:
		return len(last.List) > 0 && g.exits(frame, last.List)
	case *ast.ExprStmt:
		return g.leaves(frame, last.X)
	}
	return false
}

// goFalls tells whether a case runs into the next one.
func goFalls(body []ast.Stmt) bool {
	if len(body) == 0 {
		return false
	}
	b, ok := body[len(body)-1].(*ast.BranchStmt)
	return ok && b.Tok == token.FALLTHROUGH
}

// goJoined has for each name what it may have been given.
func goJoined(all []map[string][]goThing) map[string][]goThing {
	out := maps.Clone(all[0])
	for _, vars := range all[1:] {
		for name, things := range vars {
			out[name] = goUnion(out[name], things)
		}
	}
	return out
}

// hiding restores the names that a statement declares for itself when it ends.
func (g *golang) hiding(frame *goFrame, s ast.Stmt) (restore func()) {
	switch s.(type) {
	case *ast.BlockStmt, *ast.IfStmt, *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
	default:
		return func() {}
	}
	hidden := map[string][]goThing{}
	inner, ok := g.inner[s]
	if !ok {
		inner = goInner(s)
		g.inner[s] = inner
	}
	for name := range inner {
		if things, ok := frame.vars[name]; ok {
			hidden[name] = things
		}
	}
	return func() {
		for name, things := range hidden {
			if inner[name] { // it is given something before that, too
				things = goUnion(things, frame.vars[name])
			}
			frame.vars[name] = things
		}
	}
}

// goInner are the names that are declared within a statement, and whether it
// assigns to one of that name as well.
func goInner(s ast.Stmt) map[string]bool {
	inner := map[string]bool{}
	declared := func(e ast.Expr) {
		name, ok := e.(*ast.Ident)
		if !ok || name == nil {
			return
		}
		if _, known := inner[name.Name]; !known {
			inner[name.Name] = false
		}
	}
	each := func(do func(ast.Node)) {
		ast.Inspect(s, func(n ast.Node) bool {
			_, function := n.(*ast.FuncLit)
			if !function && n != nil {
				do(n)
			}
			return !function
		})
	}
	each(func(n ast.Node) { goDeclares(n, declared) })
	each(func(n ast.Node) {
		if n, ok := n.(*ast.AssignStmt); ok && n.Tok != token.DEFINE {
			for _, e := range n.Lhs {
				if name, ok := goBase(e).(*ast.Ident); ok {
					if _, hidden := inner[name.Name]; hidden {
						inner[name.Name] = true
					}
				}
			}
		}
	})
	return inner
}

// goBase is what an element, a part or what an address leads to is of.
func goBase(e ast.Expr) ast.Expr {
	for {
		switch of := e.(type) {
		case *ast.IndexExpr:
			e = of.X
		case *ast.SliceExpr:
			e = of.X
		case *ast.ParenExpr:
			e = of.X
		case *ast.StarExpr:
			e = of.X
		default:
			return e
		}
	}
}
