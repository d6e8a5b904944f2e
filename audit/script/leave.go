package script

import (
	"slices"

	"github.com/grafana/sobek/ast"
	"github.com/grafana/sobek/token"
)

// leaves tells whether code surely ends with a return, a throw or the end of the
// program; out says that leaving a switch counts as well. It is wrong for what ends
// with another call that never comes back, which only makes what is set there
// uncertain.
func leaves(list []ast.Statement, out bool) bool {
	if len(list) == 0 {
		return false
	}
	switch s := list[len(list)-1].(type) {
	case *ast.ReturnStatement, *ast.ThrowStatement:
		return true
	case *ast.ExpressionStatement:
		return exits(s.Expression)
	case *ast.BranchStatement:
		return out
	case *ast.BlockStatement:
		return leaves(s.List, out)
	case *ast.IfStatement:
		return s.Alternate != nil && leaves([]ast.Statement{s.Consequent}, out) && leaves([]ast.Statement{s.Alternate}, out)
	case *ast.TryStatement:
		if s.Finally != nil && leaves(s.Finally.List, out) {
			return true
		}
		return leaves(s.Body.List, out) && (s.Catch == nil || leaves(s.Catch.Body.List, out))
	}
	return false
}

// exits tells whether an expression is a call that ends the program.
func exits(e ast.Expression) bool {
	call, ok := e.(*ast.CallExpression)
	if !ok {
		return false
	}
	callee, ok := call.Callee.(*ast.DotExpression)
	if !ok || callee.Identifier.Name != "exit" {
		return false
	}
	name, ok := callee.Left.(*ast.Identifier)
	return ok && name.Name == "process"
}

// leaving says which words leave a statement before its end.
type leaving struct {
	// breaks and continues count where they are those of a loop or switch around it;
	// those with a label always do.
	breaks, continues bool
}

// mayLeave tells whether a statement may end the list that it stands in before its
// end: with a return, a break or a continue.
func mayLeave(s ast.Statement) bool { return leaving{true, true}.in(s) }

func (e leaving) in(s ast.Statement) bool {
	switch s := s.(type) {
	case *ast.ReturnStatement:
		return true
	case *ast.BranchStatement:
		return s.Label != nil || e.breaks && s.Token == token.BREAK || e.continues && s.Token == token.CONTINUE
	case *ast.BlockStatement:
		return e.any(s.List)
	case *ast.IfStatement:
		return e.in(s.Consequent) || e.in(s.Alternate)
	case *ast.TryStatement:
		return e.any(s.Body.List) || s.Catch != nil && e.any(s.Catch.Body.List) || s.Finally != nil && e.any(s.Finally.List)
	case *ast.SwitchStatement:
		e.breaks = false
		return slices.ContainsFunc(s.Body, func(c *ast.CaseStatement) bool { return e.any(c.Consequent) })
	case *ast.LabelledStatement:
		return e.in(s.Statement)
	case *ast.WithStatement:
		return e.in(s.Body)
	}
	body := bodyOf(s)
	return body != nil && leaving{}.in(body)
}

func (e leaving) any(list []ast.Statement) bool { return slices.ContainsFunc(list, e.in) }

// bodyOf is the body of a loop; nil for other statements.
func bodyOf(s ast.Statement) ast.Statement {
	switch s := s.(type) {
	case *ast.WhileStatement:
		return s.Body
	case *ast.DoWhileStatement:
		return s.Body
	case *ast.ForStatement:
		return s.Body
	case *ast.ForOfStatement:
		return s.Body
	case *ast.ForInStatement:
		return s.Body
	}
	return nil
}
