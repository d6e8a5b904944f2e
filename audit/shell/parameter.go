package shell

import (
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/patrol-actions/patrol/audit/value"
)

// parameter expands ${…}.
func (i *interp) parameter(p *syntax.ParamExp) expansion {
	if p.Param == nil {
		return expansion{value: i.unread(p)}
	}
	name := p.Param.Value
	switch {
	case p.Length || p.Width || p.IsSet:
		return expansion{value: i.unread(p)}
	case p.Excl:
		return i.indirect(p, name)
	}
	base, set := i.variable(p, name)
	if p.Short && p.Index == nil || p.Exp == nil && p.Repl == nil && p.Slice == nil {
		return base
	}
	// Operands are expanded first: they may run commands.
	i.nesting++
	defer func() { i.nesting-- }()
	if i.nesting >= maxNesting {
		return expansion{value: value.Opaque("${"+name+"}", base.value)}
	}
	switch {
	case p.Exp != nil && isDefault(p.Exp.Op):
		return i.fallback(p, name, base, set)
	case p.Slice != nil && base.isList:
		skip := 0
		if p.Index == nil {
			skip = 1 // "${@:1}" begins at $1
		}
		if v, ok := oneOf(base.list, p.Slice); ok {
			return expansion{value: v}
		}
		base.list, base.sure = sliceList(base.list, p.Slice, skip), sliceList(base.sure, p.Slice, skip)
		return base
	}
	return i.each(base, i.operation(p))
}

// each applies an operation to every value of an expansion.
func (i *interp) each(e expansion, f func(value.Value) value.Value) expansion {
	if !e.isList {
		return expansion{value: f(e.value)}
	}
	out := expansion{isList: true, more: e.more}
	for _, v := range e.list {
		out.list = append(out.list, f(v))
	}
	for _, v := range e.sure {
		out.sure = append(out.sure, f(v))
	}
	return out
}

// indirect expands ${!name}: the variable whose name is in another.
func (i *interp) indirect(p *syntax.ParamExp, name string) expansion {
	if e, ok := i.keys(p, name); ok {
		return e
	}
	base, _ := i.variable(p, name)
	if p.Names != 0 || base.isList {
		return expansion{value: i.unread(p)}
	}
	var found []value.Value
	for _, v := range base.value.Alternatives() {
		target, ok := v.Literal()
		if !ok || !syntax.ValidName(target) {
			return expansion{value: i.unread(p)}
		}
		found = append(found, i.scalar(target))
	}
	return expansion{value: choose("${!"+name+"}", found...)}
}

// variable returns what a name stands for, and whether it is set: a
// variable that nothing is known of counts as set.
func (i *interp) variable(p *syntax.ParamExp, name string) (expansion, bool) {
	if e, set, ok := i.positional(name); ok {
		return e, set
	}
	v, ok := i.st.lookup(name)
	switch {
	case !ok && name == "PWD":
		return expansion{value: i.here()}, true
	case !ok && name == "BASH_SOURCE" && len(i.st.args) > 0:
		// The first of the list, which is what scripts ask for.
		return expansion{value: i.st.args[0]}, true
	case !ok && name == "IFS":
		return expansion{value: value.Text(blanks)}, true
	case !ok:
		return expansion{value: value.Unknown("$" + name)}, true
	case v.unset:
		return expansion{}, false
	case v.isList:
		return i.element(p, name, v), true
	}
	return expansion{value: v.value}, true
}

// scalar returns the value of a variable by name.
func (i *interp) scalar(name string) value.Value {
	e, _ := i.variable(&syntax.ParamExp{Short: true, Param: &syntax.Lit{Value: name}}, name)
	if e.isList {
		return join(e.list)
	}
	return e.value
}

// positional expands $1, $@ and the other special parameters.
func (i *interp) positional(name string) (e expansion, set, ok bool) {
	args := i.st.args
	switch name {
	case "@":
		if len(args) == 0 {
			return expansion{value: value.Unknown("$@")}, true, true
		}
		return expansion{list: args[1:], isList: true}, len(args) > 1, true
	case "*":
		if len(args) == 0 {
			return expansion{value: value.Unknown("$*")}, true, true
		}
		return expansion{value: i.joined(args[1:])}, len(args) > 1, true
	case "?", "#", "$", "!", "-":
		return expansion{value: value.Unknown("$" + name)}, true, true
	}
	n, err := strconv.Atoi(name)
	switch {
	case err != nil:
		return expansion{}, false, false
	case len(args) == 0:
		return expansion{value: value.Unknown("$" + name)}, true, true
	case n > 0 && i.st.smeared:
		return expansion{value: i.anyArgument("$" + name)}, true, true
	case n >= 0 && n < len(args):
		return expansion{value: args[n]}, true, true
	}
	return expansion{}, false, true
}

// anyArgument is one of the arguments, it is not known which.
func (i *interp) anyArgument(source string) value.Value {
	args := i.st.args[min(1, len(i.st.args)):]
	if len(args) == 0 {
		return value.Unknown(source)
	}
	return choose(source, args...)
}

func isDefault(op syntax.ParExpOperator) bool {
	return op >= syntax.AlternateUnset && op <= syntax.AssignUnsetOrNull
}

// fallback expands ${X:-default} and its like.
func (i *interp) fallback(p *syntax.ParamExp, name string, base expansion, set bool) expansion {
	orNull := false
	switch p.Exp.Op {
	case syntax.AlternateUnsetOrNull, syntax.DefaultUnsetOrNull, syntax.ErrorUnsetOrNull, syntax.AssignUnsetOrNull:
		orNull = true
	}
	if set && defaults(p) && i.isUnset(name) {
		base, set = expansion{}, false
	}
	has := presence(base, set, orNull)
	alternate := p.Exp.Op == syntax.AlternateUnset || p.Exp.Op == syntax.AlternateUnsetOrNull
	if p.Exp.Op == syntax.ErrorUnset || p.Exp.Op == syntax.ErrorUnsetOrNull || has == yes && !alternate {
		return base
	}
	if alternate && has == no {
		return expansion{}
	}
	other := i.operand(p.Exp.Word)
	var out expansion
	switch {
	case has != maybe:
		out = other
	case alternate:
		out = either(name, other, expansion{})
	default:
		out = either(name, base, other)
	}
	if p.Exp.Op == syntax.AssignUnset || p.Exp.Op == syntax.AssignUnsetOrNull {
		i.st.set(name, variable{value: out.value})
	}
	return out
}

// operand expands the word after :- and its like. Quotes in it can make
// several words: ${ARGS:+"--title" "$X"}.
func (i *interp) operand(w *syntax.Word) expansion {
	if w == nil {
		return expansion{}
	}
	f := fields{ifs: i.separators()}
	i.parts(&f, w.Parts, false)
	f.end()
	if len(f.words) == 1 {
		return expansion{value: f.words[0]}
	}
	return expansion{value: join(f.words)}
}

// either is one of two expansions.
func either(name string, a, b expansion) expansion {
	if a.isList || b.isList {
		if !a.isList && len(a.value) > 0 {
			a.list = []value.Value{a.value}
		}
		if !b.isList && len(b.value) > 0 {
			b.list = []value.Value{b.value}
		}
		return expansion{list: align("$"+name, [][]value.Value{a.list, b.list}), isList: true}
	}
	return expansion{value: choose("$"+name, a.value, b.value)}
}

// truth is an answer that may not be known.
type truth int

const (
	no truth = iota
	maybe
	yes
)

// presence tells whether an expansion is set, and not empty if orNull. A
// value with literal text in it is not empty.
func presence(e expansion, set, orNull bool) truth {
	switch {
	case !set:
		return no
	case e.isList:
		if len(e.list) == 0 {
			return no
		}
		return yes
	case len(e.value) == 0 && orNull:
		return no
	}
	for _, p := range e.value {
		if p.Text != "" {
			return yes
		}
	}
	if len(e.value) == 0 {
		return yes
	}
	return maybe
}

// sliceList takes "${@:2}" of a list; an offset that is not a number takes
// the whole list.
func sliceList(list []value.Value, s *syntax.Slice, skip int) []value.Value {
	from, ok := number(s.Offset)
	from = max(from-skip, min(from, 0))
	if !ok || from < 0 {
		return list
	}
	list = list[min(from, len(list)):]
	if s.Length == nil {
		return list
	}
	if n, ok := number(s.Length); ok && n >= 0 {
		return list[:min(n, len(list))]
	}
	return list
}

// oneOf returns the choice of a list where a slice takes one element of it, but
// not which.
func oneOf(list []value.Value, s *syntax.Slice) (value.Value, bool) {
	_, known := number(s.Offset)
	length, ok := number(s.Length)
	if known || !ok || length != 1 || len(list) == 0 || len(list) > maxChoices {
		return nil, false
	}
	return choose("…", list...), true
}

func number(e syntax.ArithmExpr) (int, bool) {
	w, ok := e.(*syntax.Word)
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(w.Lit())
	return n, err == nil
}

// operation returns what ${X…} does to one value.
func (i *interp) operation(p *syntax.ParamExp) func(value.Value) value.Value {
	source := i.source(int(p.Pos().Offset()), int(p.End().Offset()))
	switch {
	case p.Repl != nil:
		from, with := i.pattern(p.Repl.Orig), i.word(p.Repl.With)
		return func(v value.Value) value.Value { return replace(v, from, with, p.Repl.All, source) }
	case p.Slice != nil:
		return func(v value.Value) value.Value { return slice(v, p.Slice, source) }
	case p.Exp != nil:
		operand := i.pattern(p.Exp.Word)
		return func(v value.Value) value.Value { return transform(v, p.Exp.Op, operand, source) }
	}
	return func(v value.Value) value.Value { return v }
}

// pattern returns a pattern as text, its quoted parts escaped, or as an
// unknown.
func (i *interp) pattern(w *syntax.Word) value.Value {
	if w == nil {
		return nil
	}
	var all []value.Value
	for _, part := range w.Parts {
		if lit, ok := part.(*syntax.Lit); ok {
			all = append(all, i.text.table.Value(lit.Value))
			continue
		}
		v := i.word(&syntax.Word{Parts: []syntax.WordPart{part}})
		if s, ok := v.Literal(); ok {
			v = value.Text(quotePattern(s))
		}
		all = append(all, v)
	}
	return value.Concat(all...)
}

// literalPattern returns the text that a pattern stands for, if it stands
// for just one.
func literalPattern(p string) (string, bool) {
	if !strings.ContainsAny(p, `*?[\`) {
		return p, true
	}
	var b strings.Builder
	for n := 0; n < len(p); n++ {
		switch {
		case p[n] == '\\' && n+1 < len(p):
			n++
		case strings.IndexByte("*?[", p[n]) >= 0:
			return "", false
		}
		b.WriteByte(p[n])
	}
	return b.String(), true
}

// quotePattern escapes the characters that mean something in a pattern.
func quotePattern(s string) string {
	if !strings.ContainsAny(s, `*?[\`) {
		return s
	}
	return strings.NewReplacer(`*`, `\*`, `?`, `\?`, `[`, `\[`, `\`, `\\`).Replace(s)
}
