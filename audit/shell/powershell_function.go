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
	printed := inner.capture(func() { i.through(inner, 0, func() { inner.runPosh(f, words, dotted) }) })
	t := inner.st
	inner.st = outer
	t.dead = i.st.dead
	i.st.adopt(t)
	if i.out != nil {
		i.out.partial = i.out.partial || printed.partial
		i.out.write(printed.value)
	}
}
