package script

import (
	"slices"
	"strconv"
	"strings"

	"github.com/grafana/sobek/ast"
	"github.com/grafana/sobek/token"

	"github.com/patrol-actions/patrol/audit/value"
)

// bind declares the names of a pattern.
func (f *frame) bind(target ast.Expression, t thing, isVar bool) {
	f.match(target, t, func(name *ast.Identifier, t thing) {
		scope := f.scope
		if isVar {
			scope = scope.forFunction()
			if scope.variables[name.Name.String()] != nil {
				f.assign(name.Name.String(), t)
				return
			}
		}
		scope.declare(name.Name.String(), t, f.condition)
	})
}

// assignTo gives a place, or the places of a pattern, a value.
func (f *frame) assignTo(target ast.Expression, t thing) {
	switch target := target.(type) {
	case *ast.DotExpression, *ast.BracketExpression, *ast.PrivateDotExpression:
		f.assignMember(target, t)
	default:
		f.match(target, t, func(name *ast.Identifier, t thing) { f.assign(name.Name.String(), t) })
	}
}

// match takes a value apart as a pattern says.
func (f *frame) match(target ast.Expression, t thing, bind func(*ast.Identifier, thing)) {
	if target == nil || !f.enter() {
		return
	}
	defer f.leave()
	switch target := target.(type) {
	case *ast.Identifier:
		bind(target, named(t, target))
	case *ast.Binding:
		f.match(target.Target, f.orDefault(t, target.Initializer), bind)
	case *ast.AssignExpression:
		f.match(target.Left, f.orDefault(t, target.Right), bind)
	case *ast.ObjectPattern:
		f.matchObject(target, t, bind)
	case *ast.ArrayPattern:
		for i, element := range target.Elements {
			f.match(element, f.get(t, strconv.Itoa(i), target), bind)
		}
		if target.Rest != nil {
			f.match(target.Rest, remaining(t, len(target.Elements)), bind)
		}
	case *ast.DotExpression, *ast.BracketExpression, *ast.PrivateDotExpression:
		f.assignMember(target, t)
	}
}

func (f *frame) matchObject(pattern *ast.ObjectPattern, t thing, bind func(*ast.Identifier, thing)) {
	taken := map[string]bool{}
	for _, property := range pattern.Properties {
		switch property := property.(type) {
		case *ast.PropertyShort:
			name := property.Name.Name.String()
			taken[name] = true
			bind(&property.Name, f.orDefault(f.get(t, name, pattern), property.Initializer))
		case *ast.PropertyKeyed:
			name, known := literalOf(f.eval(property.Key))
			if !known {
				f.match(property.Value, f.anyMember(t, property.Key), bind)
				continue
			}
			taken[name] = true
			f.match(property.Value, f.get(t, name, pattern), bind)
		}
	}
	if pattern.Rest != nil {
		f.match(pattern.Rest, without(t, taken), bind)
	}
}

// without returns an object less the members that were taken out of it.
func without(t thing, taken map[string]bool) thing {
	if e, ok := t.(either); ok {
		var of []thing
		for _, one := range e.of {
			of = append(of, without(one, taken))
		}
		return join(of...)
	}
	o, ok := t.(*object)
	if !ok {
		return t
	}
	rest := newObject()
	rest.environ = o.environ
	rest.open = o.open
	for _, name := range o.names {
		if !taken[name] {
			rest.set(name, o.members[name])
		}
	}
	return rest
}

// orDefault returns t, or the default of a pattern where t is missing or may
// be.
func (f *frame) orDefault(t thing, initializer ast.Expression) thing {
	if initializer == nil {
		return t
	}
	var other thing
	f.guarded(func() { other = f.eval(initializer) })
	switch t := t.(type) {
	case none:
		return other
	case unknown:
		return join(t, other)
	case either:
		if t.absent {
			return join(present(t), other)
		}
	}
	return t
}

func (f *frame) assignExpression(e *ast.AssignExpression) thing {
	var t thing
	switch e.Operator {
	case token.ASSIGN:
		t = f.named(e.Left, e.Right)
	case token.PLUS:
		if f.grow(e) {
			return f.eval(e.Left)
		}
		t = f.plus(f.eval(e.Left), f.eval(e.Right), e)
	case token.LOGICAL_OR, token.COALESCE, token.LOGICAL_AND:
		left := f.eval(e.Left)
		var right thing
		f.guarded(func() { right = f.eval(e.Right) })
		t = choose(e.Operator, left, right)
		if _, isNone := left.(none); !isNone && e.Operator == token.LOGICAL_AND {
			t = join(left, right)
		}
	default:
		f.eval(e.Right)
		t = unknown{f.source(e.Left)}
	}
	f.assignTo(e.Left, t)
	return t
}

// grow adds to a string that may be added to or not, and maybe often. It is
// seen with what is added once, or without.
func (f *frame) grow(e *ast.AssignExpression) bool {
	name, ok := e.Left.(*ast.Identifier)
	if !ok {
		return false
	}
	v := f.scope.find(name.Name.String())
	if v == nil || f.condition <= v.condition {
		return false
	}
	before, ok := v.value.(text)
	if !ok || isNumber(before) {
		return false
	}
	added := value.Choice(nil, valueOf(f.eval(e.Right)))
	if n := len(before.value); n >= len(added) && before.value[n-len(added):].Equal(added) {
		return true
	}
	f.changed = true
	v.value = text{bounded(value.Concat(before.value, added))}
	return true
}

// assignMember gives a member of something a value.
func (f *frame) assignMember(target ast.Expression, t thing) {
	receiver, names := f.member(target)
	name := ""
	if len(names) == 1 {
		name = names[0]
	}
	of := alternatives(receiver)
	if len(of) == 1 {
		f.assignInto(of[0], name, len(names) == 1, target, t)
		return
	}
	for _, one := range of {
		f.guarded(func() { f.assignInto(one, name, len(names) == 1, target, t) })
	}
}

func (f *frame) assignInto(receiver thing, name string, known bool, target ast.Expression, t thing) {
	switch receiver := receiver.(type) {
	case *object:
		if !known {
			// Any of its members may be the one.
			f.blurMembers(receiver)
			name = f.source(target)
		}
		f.write(spot{object: receiver, member: name}, t)
	case *list:
		f.shuffle(receiver)
		if name != "length" {
			receiver.items = append(slices.Clip(receiver.items), t)
			receiver.cut()
		}
	case *class:
		receiver.statics.set(name, t)
	case outside:
		f.assignOutside(site{f, target}, receiver.name+"."+name, t)
	case unknown:
		if carried(t).loaded() {
			f.unread(f.program.path, f.start(target), "a token is put into "+f.source(target)+", which is not followed", carried(t).credentials...)
		}
	}
}

// replaceEnv puts an object in place of the environment.
func (f *frame) replaceEnv(s site, t thing) {
	o, ok := t.(*object)
	if !ok {
		f.blurEnv(s.source(), true)
		return
	}
	before, after := f.env.All(), f.copyEnv(o)
	f.steps += len(before)
	for _, name := range sortedKeys(before) {
		if _, kept := after.Lookup(name); !kept {
			f.touch(spot{env: name})
		}
	}
	for _, name := range sortedKeys(after.All()) {
		f.touch(spot{env: name})
	}
	f.reader.env = after
}

// assignOutside gives something of the platform a value: variables of the
// environment, and the headers that axios sends by default.
func (f *frame) assignOutside(s site, name string, t thing) {
	if variable, ok := cutName(name, "process.env."); ok {
		f.setEnv(variable, t)
		return
	}
	switch {
	case name == "process.env":
		f.replaceEnv(s, t)
		return
	case name == "process.env." || tags[strings.TrimSuffix(name, ".env")]:
		f.blurEnv(s.source(), true)
		return
	}
	if tag, ok := strings.CutSuffix(name, ".cwd"); ok && tags[tag] {
		f.move(valueOf(t))
		return
	}
	if header, ok := cutName(name, "axios.defaults.headers.common."); ok {
		f.defaultHeader(header, t)
		return
	}
	if carried(t).loaded() {
		s.unread("a token is put into "+name+", which is not followed", carried(t).credentials...)
	}
}
