package script

import (
	"slices"
	"strconv"

	"github.com/grafana/sobek/ast"
	"github.com/grafana/sobek/token"

	"github.com/patrol-actions/patrol/audit/value"
)

// enter goes one level deeper into the code, if there is room; leave must
// follow where it says so.
func (f *frame) enter() bool {
	if !f.step() {
		return false
	}
	if f.nodes >= maxNodes {
		f.unread(f.program.path, -1, "the code is nested too deeply to be followed")
		return false
	}
	f.nodes++
	return true
}

func (f *frame) leave() { f.nodes-- }

// eval walks an expression and returns what it is.
func (f *frame) eval(e ast.Expression) thing {
	if e == nil {
		return none{}
	}
	if !f.enter() {
		return unknown{"…"}
	}
	defer f.leave()
	switch e := e.(type) {
	case *ast.Identifier:
		return f.identifier(e)
	case *ast.StringLiteral:
		return f.literal(e.Value.String())
	case *ast.NumberLiteral:
		return literal(e.Literal)
	case *ast.BooleanLiteral:
		return literal(e.Literal)
	case *ast.NullLiteral:
		return none{null: true}
	case *ast.RegExpLiteral:
		return unknown{e.Literal}
	case *ast.TemplateLiteral:
		return f.templateLiteral(e)
	case *ast.ObjectLiteral:
		return f.objectLiteral(e)
	case *ast.ArrayLiteral:
		return f.arrayLiteral(e)
	case *ast.FunctionLiteral:
		return f.functionLiteral(e)
	case *ast.ArrowFunctionLiteral:
		return f.arrowFunction(e)
	case *ast.ClassLiteral:
		return f.classLiteral(e)
	case *ast.ThisExpression:
		return f.this
	}
	return f.evalCompound(e)
}

// evalCompound walks the expressions that are made of others.
func (f *frame) evalCompound(e ast.Expression) thing {
	switch e := e.(type) {
	case *ast.DotExpression, *ast.BracketExpression, *ast.PrivateDotExpression:
		receiver, names := f.member(e)
		if len(names) == 0 {
			return f.anyMember(receiver, e)
		}
		var of []thing
		for _, name := range names {
			of = append(of, f.get(receiver, name, e))
		}
		return join(of...)
	case *ast.CallExpression:
		return f.callExpression(e)
	case *ast.NewExpression:
		return f.newExpression(e)
	case *ast.AssignExpression:
		return f.assignExpression(e)
	case *ast.BinaryExpression:
		return f.binary(e)
	case *ast.UnaryExpression:
		return f.unary(e)
	case *ast.ConditionalExpression:
		return f.conditional(e)
	case *ast.SequenceExpression:
		var last thing = none{}
		for _, inner := range e.Sequence {
			last = f.eval(inner)
		}
		return last
	case *ast.AwaitExpression:
		return f.eval(e.Argument)
	case *ast.YieldExpression:
		f.yields(&list{items: []thing{f.eval(e.Argument)}, open: true})
		return unknown{"yield"}
	case *ast.OptionalChain:
		var t thing
		f.regions(false, func() { t = f.eval(e.Expression) })
		return t
	case *ast.Optional:
		return f.eval(e.Expression)
	case *ast.SpreadElement:
		return f.eval(e.Expression)
	case *ast.MetaProperty:
		return outside{"import.meta"}
	}
	return unknown{f.source(e)}
}

// identifier looks a name up. One with a placeholder in it is an expression
// of the workflow.
func (f *frame) identifier(e *ast.Identifier) thing {
	name := e.Name.String()
	if value.HasPlaceholder(name) && f.program.main && f.in.Table != nil {
		return text{f.in.Table.Value(name)}
	}
	return f.lookup(name)
}

func (f *frame) objectLiteral(e *ast.ObjectLiteral) thing {
	o := newObject()
	o.source = f.source(e)
	for _, property := range e.Value {
		switch property := property.(type) {
		case *ast.PropertyShort:
			name := property.Name.Name.String()
			o.set(name, f.identifier(&property.Name))
		case *ast.PropertyKeyed:
			f.keyed(o, property)
		case *ast.SpreadElement:
			spread(o, f.eval(property.Expression))
		}
	}
	return o
}

// keyed adds a property with a key to an object. Where the key is not known
// the property stands under its code, so that what it carries is not lost.
func (f *frame) keyed(o *object, property *ast.PropertyKeyed) {
	name, known := literalOf(f.eval(property.Key))
	if !known {
		name, o.open = f.source(property.Key), true
	}
	t := f.eval(property.Value)
	fn, isFunction := t.(*function)
	if isFunction && fn.name == "" {
		fn.name = name
	}
	switch property.Kind {
	case ast.PropertyKindGet:
		if isFunction {
			t = f.invoke(fn, nil, o, false)
		}
	case ast.PropertyKindSet:
		// Whatever is assigned there later.
		if isFunction {
			f.guarded(func() { f.invoke(fn, nil, o, true) })
		}
		return
	}
	o.set(name, t)
}

func (f *frame) arrayLiteral(e *ast.ArrayLiteral) thing {
	l := &list{}
	for _, item := range e.Value {
		if s, ok := item.(*ast.SpreadElement); ok {
			l.extend(f.eval(s.Expression))
			continue
		}
		l.items, l.ordered = append(l.items, f.eval(item)), l.ordered && !l.open
	}
	return l
}

// maxItems bounds the length of lists.
const maxItems = 500

// extend adds the elements of t to a list.
func (l *list) extend(t thing) {
	switch t := t.(type) {
	case *list:
		l.ordered = !l.open && t.ordered
		l.items, l.open = append(l.items, t.marked()...), l.open || t.open
	case none:
	case either:
		of := t.of
		if t.absent {
			of = append(slices.Clip(of), none{})
		}
		states := make([]*list, len(of))
		for i, one := range of {
			states[i] = &list{}
			states[i].extend(one)
		}
		met := metLists(states)
		l.ordered = !l.open && met.ordered
		l.items, l.open = append(l.items, met.items...), l.open || met.open
	default:
		l.ordered = !l.open
		l.items, l.open = append(l.items, t), true
	}
	l.cut()
}

// templateLiteral joins the pieces of a template, or calls its tag.
func (f *frame) templateLiteral(e *ast.TemplateLiteral) thing {
	var pieces []value.Value
	var inserted []thing
	isRaw := e.Tag != nil && f.source(e.Tag) == "String.raw"
	for i, element := range e.Elements {
		raw := element.Parsed.String()
		if raw == "" || isRaw {
			raw = element.Literal
		}
		pieces = append(pieces, valueOf(f.literal(raw)))
		if i < len(e.Expressions) {
			t := f.eval(e.Expressions[i])
			inserted = append(inserted, t)
			if l, ok := t.(*list); ok && e.Tag != nil {
				t = joined(l, []thing{literal(" ")}) // as tags do that start programs
			}
			pieces = append(pieces, valueOf(t))
		}
	}
	if e.Tag != nil {
		return f.tagged(e, value.Concat(pieces...), inserted)
	}
	whole := bounded(value.Concat(pieces...))
	f.charge(whole)
	return text{whole}
}

func (f *frame) binary(e *ast.BinaryExpression) thing {
	left := f.eval(e.Left)
	switch e.Operator {
	case token.LOGICAL_OR, token.COALESCE, token.LOGICAL_AND:
		var right thing
		f.guarded(func() { right = f.eval(e.Right) })
		if f.isUnset(left) {
			left = none{}
		}
		return choose(e.Operator, left, right)
	}
	right := f.eval(e.Right)
	if e.Operator == token.PLUS {
		return f.plus(left, right, e)
	}
	if holds, known := f.compared(e); known {
		return literal(strconv.FormatBool(holds))
	}
	return unknown{f.source(e)}
}

// choose returns what a logical operator gives.
func choose(operator token.Token, left, right thing) thing {
	if _, isNone := left.(none); isNone {
		if operator == token.LOGICAL_AND {
			return left
		}
		return right
	}
	word, constant := literalOf(left)
	falsy := constant && (word == "" || word == "false" || word == "0")
	switch {
	case operator == token.LOGICAL_AND:
		switch {
		case falsy:
			return left
		case constant:
			return right
		}
		switch left.(type) {
		case *object, *list, *client, *function, *class:
			return right
		}
		return join(right, none{})
	case operator == token.LOGICAL_OR && falsy:
		return right
	case constant:
		return left
	}
	switch left.(type) {
	case *object, *list, *client, *function, *class:
		return left
	}
	return join(present(left), right)
}

// plus joins strings. Sums of numbers are not worked out.
func (f *frame) plus(left, right thing, e ast.Expression) thing {
	if isNumber(left) && isNumber(right) {
		return unknown{f.source(e)}
	}
	_, leftUnknown := left.(unknown)
	_, rightUnknown := right.(unknown)
	if leftUnknown && (rightUnknown || isNumber(right)) {
		return unknown{f.source(e)}
	}
	whole := bounded(value.Concat(valueOf(left), valueOf(right)))
	f.charge(whole)
	return text{whole}
}

func isNumber(t thing) bool {
	word, ok := literalOf(t)
	return ok && word != "" && word[0] >= '0' && word[0] <= '9'
}

func (f *frame) unary(e *ast.UnaryExpression) thing {
	switch e.Operator {
	case token.INCREMENT, token.DECREMENT:
		f.assignTo(e.Operand, unknown{f.source(e.Operand)})
		return unknown{f.source(e.Operand)}
	case token.VOID:
		f.eval(e.Operand)
		return none{}
	case token.DELETE:
		f.deleted(e.Operand)
		return unknown{f.source(e)}
	}
	t := f.eval(e.Operand)
	if holds, known := f.decided(e); known {
		return literal(strconv.FormatBool(holds))
	}
	if (e.Operator == token.PLUS || e.Operator == token.MINUS) && isNumber(t) && e.Operator == token.PLUS {
		return t
	}
	if e.Operator == token.PLUS {
		return t
	}
	return unknown{f.source(e)}
}
