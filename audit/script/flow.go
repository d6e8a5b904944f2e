package script

import (
	"github.com/grafana/sobek/ast"
	"github.com/grafana/sobek/token"
)

// ifStatement walks both branches, or the one that is taken where that is known.
func (f *frame) ifStatement(s *ast.IfStatement) {
	f.eval(s.Test)
	f.asks(s.Test)
	if holds, known := f.decided(s.Test); known {
		if holds {
			f.statement(s.Consequent)
		} else {
			f.statement(s.Alternate)
		}
		return
	}
	if s.Alternate == nil {
		f.guarded(func() { f.statement(s.Consequent) })
		return
	}
	f.branches(true, func() { f.statement(s.Consequent) }, func() { f.statement(s.Alternate) })
}

// conditional evaluates "test ? a : b".
func (f *frame) conditional(e *ast.ConditionalExpression) thing {
	f.eval(e.Test)
	if holds, known := f.decided(e.Test); known {
		if holds {
			return f.eval(e.Consequent)
		}
		return f.eval(e.Alternate)
	}
	var a, b thing
	f.branches(true, func() { a = f.eval(e.Consequent) }, func() { b = f.eval(e.Alternate) })
	return join(a, b)
}

// decided tells whether a condition holds that asks for nothing but variables of
// the environment and constants, where these are known.
func (f *frame) decided(test ast.Expression) (holds, known bool) {
	switch test := test.(type) {
	case *ast.BooleanLiteral:
		return test.Value, true
	case *ast.UnaryExpression:
		if test.Operator == token.NOT {
			holds, known = f.decided(test.Operand)
			return !holds, known
		}
	case *ast.BinaryExpression:
		return f.compared(test)
	}
	return false, false
}

// compared is decided for what two operands are asked.
func (f *frame) compared(test *ast.BinaryExpression) (holds, known bool) {
	switch test.Operator {
	case token.LOGICAL_AND, token.LOGICAL_OR:
		a, first := f.decided(test.Left)
		b, second := f.decided(test.Right)
		// One operand settles it where it is false, or true of "or".
		settles := test.Operator == token.LOGICAL_OR
		switch {
		case first && a == settles, second && b == settles:
			return settles, true
		}
		return b, first && second
	case token.EQUAL, token.STRICT_EQUAL, token.NOT_EQUAL, token.STRICT_NOT_EQUAL:
		left, isLeft := f.constant(test.Left)
		right, isRight := f.constant(test.Right)
		same := test.Operator == token.EQUAL || test.Operator == token.STRICT_EQUAL
		return (left == right) == same, isLeft && isRight
	}
	return false, false
}

// constant is the text of a string, or of a variable of the environment that the
// workflow sets. One that it does not set may come from elsewhere.
func (f *frame) constant(e ast.Expression) (string, bool) {
	switch e := e.(type) {
	case *ast.StringLiteral:
		return literalOf(f.literal(e.Value.String()))
	case *ast.DotExpression:
		if !plainPath(e.Left) {
			return "", false
		}
		if env, ok := f.eval(e.Left).(outside); ok && env.name == "process.env" {
			if v, set := f.env.Lookup(e.Identifier.Name.String()); set {
				return v.Literal()
			}
		}
	}
	return "", false
}

// deleted takes a member of something away.
func (f *frame) deleted(target ast.Expression) {
	if o, ok := target.(*ast.OptionalChain); ok {
		target = o.Expression
	}
	receiver, names := f.member(target)
	of := alternatives(receiver)
	for _, one := range of {
		take := func() {
			switch one := one.(type) {
			case *object:
				if len(names) != 1 {
					f.blurMembers(one)
					return
				}
				f.touch(spot{object: one, member: names[0]})
				one.remove(names[0])
			case *list:
				f.shuffle(one)
			case outside:
				if one.name != "process.env" {
					return
				}
				if len(names) != 1 {
					f.blurEnv(f.source(target), true)
					return
				}
				f.setEnv(names[0], none{})
			}
		}
		if len(of) > 1 {
			f.guarded(take)
			continue
		}
		take()
	}
}

// leaves tells whether code surely ends with a return or a throw; out says that
// leaving a switch counts as well. It is wrong for what ends with a call that
// never comes back, which only makes what is set there uncertain.
func leaves(list []ast.Statement, out bool) bool {
	if len(list) == 0 {
		return false
	}
	switch s := list[len(list)-1].(type) {
	case *ast.ReturnStatement, *ast.ThrowStatement:
		return true
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

// mayReturn tells whether a statement may end the function that it stands in
// before its end.
func mayReturn(s ast.Statement) bool {
	switch s := s.(type) {
	case *ast.ReturnStatement:
		return true
	case *ast.BlockStatement:
		return anyReturns(s.List)
	case *ast.IfStatement:
		return mayReturn(s.Consequent) || mayReturn(s.Alternate)
	case *ast.TryStatement:
		return anyReturns(s.Body.List) || s.Catch != nil && anyReturns(s.Catch.Body.List) || s.Finally != nil && anyReturns(s.Finally.List)
	case *ast.SwitchStatement:
		for _, c := range s.Body {
			if anyReturns(c.Consequent) {
				return true
			}
		}
	case *ast.LabelledStatement:
		return mayReturn(s.Statement)
	case *ast.WhileStatement:
		return mayReturn(s.Body)
	case *ast.DoWhileStatement:
		return mayReturn(s.Body)
	case *ast.ForStatement:
		return mayReturn(s.Body)
	case *ast.ForOfStatement:
		return mayReturn(s.Body)
	case *ast.ForInStatement:
		return mayReturn(s.Body)
	}
	return false
}

func anyReturns(list []ast.Statement) bool {
	for _, s := range list {
		if mayReturn(s) {
			return true
		}
	}
	return false
}

// plainPath tells whether an expression is a name, or members of one.
func plainPath(e ast.Expression) bool {
	for {
		switch inner := e.(type) {
		case *ast.Identifier:
			return true
		case *ast.DotExpression:
			e = inner.Left
		default:
			return false
		}
	}
}
