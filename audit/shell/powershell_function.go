package shell

import (
	"slices"
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// poshFunction is a function or a block of a PowerShell script: where its body
// begins.
type poshFunction struct {
	name   string
	text   *text
	params []poshParameter
	body   int
	called bool
	// owner reads the file of which it is, where that is another one: what it runs
	// there is for who reads the repository.
	owner *interp
}

// poshParameter is one that a function has. What it is where a call gives none
// stands in a text from one place to another.
type poshParameter struct {
	name     string // in lower case
	source   string
	isSwitch bool
	from, to int
}

// uncalledPosh walks the functions that nothing was seen to call.
func (i *interp) uncalledPosh() {
	i.guard++
	i.out, i.in, i.captured = nil, nil, ""
	for n := 0; n < len(i.poshFuncs); n++ {
		if f := i.poshFuncs[n]; !f.called && f.owner == nil {
			i.runPosh(f, nil, false)
		}
	}
	i.guard--
}

// function notes a function and skips its body.
func (p *posh) function() {
	p.blank(false)
	name := strings.ToLower(p.bareword())
	if p.peek() == ':' {
		p.skip(1) // global:
		name = strings.ToLower(p.bareword())
	}
	p.blank(true)
	var params []poshParameter
	if p.peek() == '(' {
		params = p.parameters()
		p.blank(true)
	}
	if p.peek() != '{' {
		return
	}
	if f := p.noted(name, params); f != nil {
		p.i.st.set(functionKey+name, variable{value: value.Text(strconv.Itoa(len(p.i.poshFuncs) - 1))})
	}
}

// functionKey and aliasKey stand before the names of functions and aliases in a
// scope. A function is there by its number.
const functionKey, aliasKey = "$function:", "$alias:"

// noted notes the block here and skips it.
func (p *posh) noted(name string, params []poshParameter) *poshFunction {
	f := &poshFunction{name: name, text: p.i.text, params: params, body: p.pos + 1}
	end := p.balanced()
	q := &posh{i: p.i, s: p.s[:end], pos: f.body}
	q.types()
	if strings.EqualFold(q.bareword(), "param") {
		if q.blank(true); q.peek() == '(' {
			f.params = q.parameters()
		}
	}
	if len(p.i.poshFuncs) >= maxFunctions {
		return nil
	}
	p.i.poshFuncs = append(p.i.poshFuncs, f)
	return f
}

// parameters takes (…), in which the parameters of a function stand.
func (p *posh) parameters() []poshParameter {
	var out []poshParameter
	isSwitch := false
	for p.skip(1); p.pos < len(p.s); {
		p.blank(true)
		switch c := p.peek(); {
		case c == ')':
			p.skip(1)
			return out
		case c == '[':
			from := p.pos
			kind := strings.ToLower(p.s[from:p.balanced()])
			isSwitch = isSwitch || kind == "[switch]" || kind == "[switchparameter]"
		case c == '$':
			param := poshParameter{source: p.variableName(), isSwitch: isSwitch}
			param.name = strings.ToLower(param.source)
			if p.blank(true); p.peek() == '=' {
				p.skip(1)
				p.blank(true)
				param.from = p.pos
				p.skipDefault()
				param.to = p.pos
			}
			if isSwitch = false; param.name != "" {
				out = append(out, param)
			} else {
				p.skip(1)
			}
		default:
			p.skip(1)
		}
	}
	return out
}

// skipDefault goes past what a parameter is where a call gives none.
func (p *posh) skipDefault() {
	for p.pos < len(p.s) {
		switch c := p.peek(); c {
		case ',', ')':
			return
		case '\'', '"':
			p.skipString(c)
		case '(', '[', '{':
			p.balanced()
		default:
			p.skip(1)
		}
	}
}

// functionsOf are the functions that a name may call; orNone says that it may be
// none of them.
func (i *interp) functionsOf(name string) (out []*poshFunction, orNone bool) {
	v, ok := i.st.lookup(functionKey + name)
	if !ok {
		return nil, true
	}
	for w := range v.value.EachAlternative() {
		n, err := strconv.Atoi(w.LiteralOr(""))
		if orNone = orNone || err != nil; err == nil && n < len(i.poshFuncs) {
			out = append(out, i.poshFuncs[n])
		}
	}
	return out, orNone
}

// callPosh calls one of some functions, or what orElse does where that is set.
func (i *interp) callPosh(list []*poshFunction, words []word, dotted bool, orElse func()) {
	var walks []func()
	for _, f := range list {
		walks = append(walks, func() { i.runPosh(f, words, dotted) })
	}
	if orElse != nil {
		walks = append(walks, orElse)
	}
	if len(walks) == 1 {
		walks[0]()
		return
	}
	i.guarded(func() { i.alternatives(false, walks...) })
}

// runPosh walks the body of a function with its parameters; words are nil where no
// call is seen. A dotted one runs in the scope of its caller.
func (i *interp) runPosh(f *poshFunction, words []word, dotted bool) {
	f.called = true
	if slices.Contains(i.poshCalls, f) {
		return
	}
	if f.owner != nil && f.owner != i {
		i.runLent(f, words, dotted)
		return
	}
	i.deeper(func() {
		outer := i.text
		i.text = f.text
		i.poshCalls = append(i.poshCalls, f)
		p := &posh{i: i, s: f.text.source, pos: f.body}
		body := func() {
			p.bind(f, words)
			p.statements('}')
		}
		if dotted {
			i.leavable(leavesFunction, false, body)
		} else {
			i.inCall(false, body)
		}
		i.poshCalls = i.poshCalls[:len(i.poshCalls)-1]
		i.text = outer
	})
}

// runLent takes over what a function of another file sets and prints.
func (i *interp) runLent(f *poshFunction, words []word, dotted bool) {
	inner := f.owner
	if i.depth >= maxDepth {
		return
	}
	outer := inner.st
	inner.st, inner.in, inner.depth = i.st.fork(), i.in, i.depth
	inner.poshDepth, inner.poshBase, inner.poshFuncs = i.poshDepth, i.poshBase, i.poshFuncs
	printed := inner.capture(func() { inner.runPosh(f, words, dotted) })
	t := inner.st
	inner.st = outer
	t.dead = i.st.dead
	i.st.adopt(t)
	if i.out != nil {
		i.out.partial = i.out.partial || printed.partial
		i.out.write(printed.value)
	}
}

// bind gives a function's parameters the words of a call: by name, or the
// rest in order. What the call does not give has its default.
func (p *posh) bind(f *poshFunction, words []word) {
	bound := map[string]bool{}
	set := func(name string, t thing) {
		bound[name] = true
		p.setVariable(name, t)
	}
	rest, unsure := p.bindNamed(f, words, set)
	_, defaults := p.i.st.lookup(p.scopeKey("PSDefaultParameterValues"))
	unsure = unsure || defaults || words == nil
	for _, param := range f.params {
		switch {
		case bound[param.name]:
		case len(rest) > 0 && !param.isSwitch:
			set(param.name, rest[0].given())
			rest = rest[1:]
		default:
			t := thing{}
			if param.isSwitch {
				t = plain(value.Text("false"))
			}
			if param.to > param.from {
				q := &posh{i: p.i, s: p.s[:param.to], pos: param.from}
				t = q.expression()
			}
			if unsure || p.i.in != nil && !param.isSwitch {
				t = plain(value.Unknown("$" + param.source))
			}
			set(param.name, t)
		}
	}
	all := thing{isList: true}
	for _, w := range rest {
		all.list = append(all.list, element{value: w.value})
	}
	if unsure {
		all = plain(value.Unknown("$args"))
	}
	p.setVariable("args", all)
	if p.i.in != nil {
		p.setVariable("_", plain(p.i.in.item()))
		p.setVariable("input", plain(p.i.in.value))
	}
}

// given is what a word gives to a parameter.
func (w word) given() thing {
	if w.thing.isList || w.thing.block != nil {
		return w.thing
	}
	return plain(w.value)
}

// bindNamed binds the words that name a parameter, and returns the others; unsure
// says that there may be more.
func (p *posh) bindNamed(f *poshFunction, words []word, set func(string, thing)) (rest []word, unsure bool) {
	for n := 0; n < len(words); n++ {
		w := words[n]
		switch {
		case w.splat != nil && w.thing.isHash:
			for _, e := range w.thing.list {
				if param, ok := f.parameter(strings.ToLower(e.key)); ok && !e.maybe {
					set(param.name, plain(e.value))
				} else {
					unsure = true
				}
			}
			continue
		case w.splat != nil:
			for _, v := range w.splat {
				rest = append(rest, word{value: v})
			}
			continue
		case w.loose:
			unsure = true
			continue
		}
		name, inline, isNamed := w.named()
		param, ok := f.parameter(name)
		switch {
		case isNamed && !ok && len(f.params) > 0:
			// It may be an alias of one.
			return nil, true
		case !isNamed || !ok:
			rest = append(rest, w)
		case len(inline) > 0:
			set(param.name, plain(inline))
		case param.isSwitch:
			set(param.name, plain(value.Text("true")))
		case n+1 < len(words):
			n++
			set(param.name, words[n].given())
		}
	}
	return rest, unsure
}

// parameter finds a parameter by its name, which may be cut short.
func (f *poshFunction) parameter(name string) (poshParameter, bool) {
	for _, param := range f.params {
		if param.name == name && name != "" {
			return param, true
		}
	}
	for _, param := range f.params {
		if name != "" && strings.HasPrefix(param.name, name) {
			return param, true
		}
	}
	return poshParameter{}, false
}
