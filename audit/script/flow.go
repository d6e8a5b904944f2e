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
