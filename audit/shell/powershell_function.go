package shell

import (
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// poshFunction is a function of a PowerShell script: where its body begins.
type poshFunction struct {
	name   string
	text   *text
	params []string
	body   int
	called bool
}

// uncalledPosh walks the functions that nothing was seen to call.
func (i *interp) uncalledPosh() {
	i.guard++
	i.out, i.in, i.captured = nil, nil, ""
	for n := 0; n < len(i.poshFuncs); n++ {
		if f := i.poshFuncs[n]; !f.called {
			i.runPosh(f, nil)
		}
	}
	i.guard--
}

// function notes a function and skips its body.
func (p *posh) function() {
	p.blank(false)
	f := &poshFunction{name: strings.ToLower(p.bareword()), text: p.i.text}
	p.blank(true)
	if p.peek() == '(' {
		f.params = parameterNames(p.s[p.pos:p.balanced()])
		p.blank(true)
	}
	if p.peek() != '{' {
		return
	}
	f.body = p.pos + 1
	end := p.balanced()
	body := strings.TrimSpace(p.s[f.body:end])
	if n := strings.Index(strings.ToLower(body), "param"); n >= 0 && n < 200 && f.params == nil {
		q := &posh{i: p.i, s: body, pos: n + len("param")}
		q.blank(true)
		if q.peek() == '(' {
			from := q.pos
			f.params = parameterNames(body[from:q.balanced()])
		}
	}
	if len(p.i.poshFuncs) < maxFunctions {
		p.i.poshFuncs = append(p.i.poshFuncs, f)
	}
}

// parameterNames returns the names of the variables in a parameter list.
func parameterNames(s string) []string {
	var names []string
	depth := 0
	for n := 0; n < len(s); n++ {
		switch s[n] {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		case '$':
			q := &posh{s: s, pos: n}
			name := strings.ToLower(q.variableName())
			// A default value's variables stand after an equals sign.
			before := strings.TrimRight(s[:n], " \t\r\n")
			if depth == 1 && name != "" && !strings.HasSuffix(before, "=") {
				names = append(names, name)
			}
			n = max(n, q.pos-1)
		}
	}
	return names
}

// runPosh walks the body of a function with its parameters.
func (i *interp) runPosh(f *poshFunction, words []word) {
	f.called = true
	for _, g := range i.poshCalls {
		if g == f {
			return
		}
	}
	i.deeper(func() {
		outer := i.text
		i.text = f.text
		i.poshCalls = append(i.poshCalls, f)
		p := &posh{i: i, s: f.text.source, pos: f.body}
		t := i.branch(func() {
			i.st.function = true
			p.bind(f, words)
			p.statements('}')
		})
		i.poshCalls = i.poshCalls[:len(i.poshCalls)-1]
		i.text = outer
		i.st.adopt(t)
	})
}

// bind gives a function's parameters the words of a call: by name, or the
// rest in order.
func (p *posh) bind(f *poshFunction, words []word) {
	bound := map[string]bool{}
	var rest []value.Value
	set := func(name string, v value.Value) {
		bound[name] = true
		p.i.st.local("$" + name)
		p.setVariable(name, plain(v))
	}
	for n := 0; n < len(words); n++ {
		name := words[n].parameter()
		if name == "" {
			rest = append(rest, words[n].value)
			continue
		}
		for _, param := range f.params {
			if strings.HasPrefix(param, name) && n+1 < len(words) {
				n++
				set(param, words[n].value)
				break
			}
		}
	}
	for _, param := range f.params {
		if !bound[param] && len(rest) > 0 {
			set(param, rest[0])
			rest = rest[1:]
		}
	}
}
