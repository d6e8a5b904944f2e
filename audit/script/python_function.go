package script

import (
	"maps"
	"slices"
	"strconv"
)

// pyFunction is a function of the script.
type pyFunction struct {
	parameters []string
	// positional are how many of those may be given without their names, and more is the
	// operand for all further ones ("*more"), "" for none.
	positional int
	more       string
	// rest is the operand for all others that are named ("**rest"), "" for none.
	rest string
	// scope is the body, in which the parameters have their keys.
	scope *pyScope
	// returns are the expressions that it gives back.
	returns [][]pyToken
	// yields are those that it gives one by one, each behind "yield", or the statements
	// in which it does so.
	yields [][]pyToken
	// defaults are what operands are where a call gives none, and omitted those
	// that some call leaves out.
	defaults map[string][]pyToken
	omitted  map[string]bool
	// wrapped tells that it is decorated, and escapes that it is handed on: then others may call it.
	wrapped, escapes bool
}

// pyBlock is a function or class that is open while statements are read.
type pyBlock struct {
	column   int
	class    bool
	function *pyFunction
}

// define collects the functions of a script, which are told from methods by
// the block that they stand in, and what they return.
func (p *python) define(statements [][]pyToken) {
	var open []pyBlock
	wrapped := false
	for _, s := range statements {
		column := p.column(s[0].offset)
		for len(open) > 0 && column <= open[len(open)-1].column {
			open = open[:len(open)-1]
		}
		inClass := len(open) > 0 && open[len(open)-1].class
		at := s[0].offset
		if inline := pyInline(s); pyIs(inline, "return") || pyIs(inline, "yield") {
			s = inline
		}
		switch body := pyBody(s); {
		case body > 0:
			b := pyBlock{column: column}
			if s[0].text == "async" {
				s = s[1:]
				body--
			}
			f := p.function(s, body)
			if !inClass {
				b.function = p.enroll(s[1].text, f)
			}
			if f != nil {
				f.wrapped = wrapped
			}
			open = append(open, b)
		case len(open) > 0 && open[len(open)-1].function != nil && slices.ContainsFunc(s, func(t pyToken) bool { return t.kind == 'n' && t.text == "yield" }):
			f := open[len(open)-1].function
			if pyIs(s, "yield") {
				s = s[1:]
			}
			f.yields = append(f.yields, s)
		case pyIs(s, "class"):
			open = append(open, pyBlock{column: column, class: true})
		case pyIs(s, "return") && len(s) > 1 && len(open) > 0 && open[len(open)-1].function != nil:
			f := open[len(open)-1].function
			f.returns = append(f.returns, s[1:])
		}
		if inClass {
			p.fields[at] = true
		}
		wrapped = pyIs(s, "@")
	}
}

// enroll notes a function by its name. One that is defined twice, or whose
// operands are not all plain names, is not followed.
func (p *python) enroll(name string, f *pyFunction) *pyFunction {
	if _, twice := p.functions[name]; twice {
		f = nil
	}
	p.functions[name] = f
	return f
}

// function declares the parameters of a function. It is nil for one whose
// operands are not all plain names.
func (p *python) function(s []pyToken, body int) *pyFunction {
	end := pyClose(s[2:])
	if end < 0 || end > body {
		return nil
	}
	f := &pyFunction{scope: p.scopeAt(s[body-1].offset + 1), defaults: map[string][]pyToken{}, omitted: map[string]bool{}}
	plain := f.scope != nil
	for _, part := range pySplit(s[3:2+end], ',') {
		if len(part) == 3 && part[0].kind == '*' && part[1].kind == '*' && part[2].kind == 'n' && f.scope != nil {
			f.rest = part[2].text
			f.scope.names[f.rest] = true
			p.loose[p.homeIn(f.rest, f.scope)] = true
			continue
		}
		if len(part) > 1 && part[0].kind == '*' && part[1].kind == 'n' && f.scope != nil && f.more == "" {
			f.more, f.positional = part[1].text, len(f.parameters)
			f.scope.names[f.more] = true
			p.loose[p.homeIn(f.more, f.scope)] = true
			continue
		}
		for len(part) > 0 && part[0].kind == '*' {
			part, plain = part[1:], plain && len(part) == 1
		}
		if len(part) == 0 || part[0].kind != 'n' {
			continue
		}
		name := part[0].text
		f.parameters = append(f.parameters, name)
		if f.scope == nil {
			continue
		}
		f.scope.names[name] = true
		key := p.homeIn(name, f.scope)
		if given := pySplit(part, '='); len(given) == 2 && len(given[1]) > 0 {
			p.bindings[key] = append(p.bindings[key], given[1])
			f.defaults[name] = given[1]
			continue
		}
		p.loose[key] = true
	}
	if f.more == "" {
		f.positional = len(f.parameters)
	}
	if !plain {
		for _, name := range f.parameters {
			p.loose[p.homeIn(name, f.scope)] = true
		}
		return nil
	}
	return f
}

// holed are statements and the expressions in their f-strings.
func (p *python) holed(statements [][]pyToken) (out [][]pyToken) {
	for _, s := range statements {
		out = append(out, pyHoled(p.in.Source, s)...)
	}
	return out
}

// escape finds the functions that are handed on by their names. The operands
// of others are those of the calls that stand in the script.
func (p *python) escape(statements [][]pyToken) {
	called := map[*pyFunction]bool{}
	for _, s := range p.holed(statements) {
		header := pyBody(s)
		for i, t := range s {
			f := p.functions[t.text]
			if i > 0 && i < header && s[i-1].kind != '=' {
				continue // the name of the function, or of an operand
			}
			if f == nil || t.kind != 'n' || i > 0 && (s[i-1].kind == '.' || pyIs(s[i-1:], "def")) || i+1 < len(s) && s[i+1].kind == '=' || p.home(t) != t.text {
				continue
			}
			var arguments []pyToken
			end := -1
			if i+1 < len(s) && s[i+1].kind == '(' {
				if end = pyClose(s[i+1:]); end > 0 {
					arguments = s[i+2 : i+1+end]
				}
			}
			called[f] = true
			if end < 0 || i > 0 && s[i-1].kind == '@' || !p.arguments(f, arguments, nil) {
				f.escapes = true
			}
		}
	}
	for _, f := range p.functions {
		if f == nil {
			continue
		}
		names := slices.Clone(f.parameters)
		for _, name := range []string{f.rest, f.more} {
			if name != "" {
				names = append(names, name)
			}
		}
		for _, name := range names {
			key := p.homeIn(name, f.scope)
			if called[f] && !f.wrapped && !f.escapes {
				delete(p.loose, key)
			} else {
				p.loose[key] = true
			}
		}
	}
}

// pass binds the operands of every call of a function of the script to the
// names that it has for them. What an operand is by default counts where some
// call leaves it out, or where others than those seen here may call.
func (p *python) pass(statements [][]pyToken) {
	for _, s := range p.holed(statements) {
		for i := 0; i+1 < len(s); i++ {
			f := p.functions[s[i].text]
			if f == nil || s[i].kind != 'n' || s[i+1].kind != '(' || i > 0 && (s[i-1].kind == '.' || pyIs(s[i-1:], "def")) {
				continue
			}
			if end := pyClose(s[i+1:]); end > 0 {
				given := map[string]bool{}
				p.arguments(f, s[i+2:i+1+end], func(name string, tokens []pyToken) {
					key := p.homeIn(name, f.scope)
					p.bindings[key] = append(p.bindings[key], tokens)
					given[name] = true
				})
				for name := range f.defaults {
					f.omitted[name] = f.omitted[name] || !given[name]
				}
			}
		}
	}
	for _, f := range p.functions {
		if f != nil {
			p.undefault(f)
		}
	}
}

// undefault takes out what operands of a function are by default that every
// call gives.
func (p *python) undefault(f *pyFunction) {
	for name, tokens := range f.defaults {
		if key := p.homeIn(name, f.scope); !p.loose[key] && !f.omitted[name] {
			p.bindings[key] = slices.DeleteFunc(p.bindings[key], func(v []pyToken) bool { return len(v) > 0 && &v[0] == &tokens[0] })
		}
	}
}

// arguments tells whether the operands of a call can be told apart, and calls
// bind for each.
func (p *python) arguments(f *pyFunction, tokens []pyToken, bind func(name string, tokens []pyToken)) bool {
	list, named := pyArguments(tokens)
	list = p.spread(list)
	var further [][]pyToken
	if len(list) > f.positional && f.more != "" {
		list, further = list[:f.positional], list[f.positional:]
	}
	if len(list) > f.positional {
		return false
	}
	if f.more != "" && bind != nil {
		bind(f.more, pyTuple(further, f.scope.start))
	}
	given := map[string][]pyToken{}
	for i, part := range list {
		if len(part) == 0 || part[0].kind == '*' {
			return false
		}
		given[f.parameters[i]] = part
	}
	for name, part := range named {
		given[name] = part
	}
	for _, name := range f.parameters {
		if part, ok := given[name]; ok && bind != nil {
			bind(name, part)
		}
		delete(given, name)
	}
	if f.rest == "" {
		return len(given) == 0
	}
	if bind != nil {
		bind(f.rest, pyNamed(given, f.scope.start))
	}
	return true
}

// pyTuple is a list of operands that are given without names.
func pyTuple(parts [][]pyToken, offset int) []pyToken {
	out := []pyToken{{kind: '[', text: "[", offset: offset}}
	for _, part := range parts {
		out = append(append(out, part...), pyToken{kind: ',', text: ","})
	}
	return append(out, pyToken{kind: ']', text: "]"})
}

// pyNamed is a dictionary of operands that are given by their names.
func pyNamed(given map[string][]pyToken, offset int) []pyToken {
	out := []pyToken{{kind: '{', offset: offset}}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		out = append(out, pyToken{kind: 's', text: name, offset: offset}, pyToken{kind: ':'})
		out = append(append(out, given[name]...), pyToken{kind: ','})
	}
	return append(out, pyToken{kind: '}'})
}

// spread puts the parts of "*f()" in its place, where f gives back a known
// number of them.
func (p *python) spread(list [][]pyToken) [][]pyToken {
	if !slices.ContainsFunc(list, func(part []pyToken) bool { return len(part) > 3 && part[0].kind == '*' }) {
		return list
	}
	var out [][]pyToken
	for _, part := range list {
		n := 0
		if len(part) > 3 && part[0].kind == '*' && part[1].kind == 'n' && part[2].kind == '(' && pyClose(part[2:]) == len(part)-3 {
			n = p.functions[part[1].text].width()
		}
		if n == 0 {
			out = append(out, part)
			continue
		}
		for i := range n {
			out = append(out, pyElement(part[1:], i))
		}
	}
	return out
}

// width is how many things a function gives back at once, 0 where that is
// not always the same.
func (f *pyFunction) width() int {
	if f == nil || f.wrapped || len(f.returns) == 0 {
		return 0
	}
	n := len(pySplit(f.returns[0], ','))
	for _, tokens := range f.returns {
		if len(pySplit(tokens, ',')) != n || tokens[0].kind == '(' || n == 1 {
			return 0
		}
	}
	return n
}

// gives tells whether what stands at a place is given back by a function that
// is followed.
func (p *python) gives(offset int) bool {
	for _, f := range p.functions {
		if f == nil || f.escapes {
			continue
		}
		for _, tokens := range f.returns {
			if tokens[0].offset == offset {
				return true
			}
		}
	}
	return false
}

// pyReturned is the key of what a function gives back; of one of several
// things, it is that of the thing.
func pyReturned(name string, part int) string {
	if part < 0 {
		return "()" + name
	}
	return "()" + strconv.Itoa(part) + name
}

// results binds what the functions of the script give back.
func (p *python) results() {
	for name, f := range p.functions {
		if f == nil {
			continue
		}
		for _, tokens := range f.returns {
			key := pyReturned(name, -1)
			p.bindings[key] = append(p.bindings[key], tokens)
			if f.width() == 0 {
				continue
			}
			for i, part := range pySplit(tokens, ',') {
				if len(part) > 0 {
					p.bindings[pyReturned(name, i)] = append(p.bindings[pyReturned(name, i)], part)
				}
			}
		}
	}
}
