package script

import "strings"

// pyFunction is a function of the script.
type pyFunction struct {
	parameters []string
	// returns are the expressions that it gives back.
	returns [][]pyToken
	column  int
}

// define collects the functions of a script, which are told from methods by
// standing at the left margin, and what they return.
func (p *python) define(statements [][]pyToken) {
	var current *pyFunction
	for _, s := range statements {
		column := s[0].offset - strings.LastIndexByte(p.in.Source[:s[0].offset], '\n') - 1
		if current != nil && column <= current.column {
			current = nil
		}
		if column == 0 && pyIs(s, "async", "def") {
			s = s[1:]
		}
		switch {
		case column == 0 && pyIs(s, "def") && len(s) > 3 && s[2].kind == '(':
			current = p.function(s)
		case current != nil && pyIs(s, "return") && len(s) > 1:
			current.returns = append(current.returns, s[1:])
		}
	}
}

// function notes one function. One that is defined twice, or whose operands
// are not all plain names, is not followed.
func (p *python) function(s []pyToken) *pyFunction {
	end := pyClose(s[2:])
	if end < 0 {
		return nil
	}
	f := &pyFunction{}
	name := s[1].text
	_, twice := p.functions[name]
	p.functions[name] = nil
	for _, part := range pySplit(s[3:2+end], ',') {
		if len(part) == 0 || part[0].kind != 'n' {
			return nil
		}
		f.parameters = append(f.parameters, part[0].text)
	}
	if twice {
		return nil
	}
	p.functions[name] = f
	return f
}

// pass binds the operands of every call of a function of the script to the
// names that it has for them.
func (p *python) pass(statements [][]pyToken) {
	for _, s := range statements {
		for i := 0; i+1 < len(s); i++ {
			f := p.functions[s[i].text]
			if f == nil || s[i].kind != 'n' || s[i+1].kind != '(' || i > 0 && (s[i-1].kind == '.' || pyIs(s[i-1:], "def")) {
				continue
			}
			if end := pyClose(s[i+1:]); end > 0 {
				p.arguments(f, s[i+2:i+1+end], func(name string, tokens []pyToken) {
					p.bindings[name] = append(p.bindings[name], tokens)
				})
			}
		}
	}
}

// arguments tells whether the operands of a call can be told apart, and calls
// bind for each.
func (p *python) arguments(f *pyFunction, tokens []pyToken, bind func(name string, tokens []pyToken)) bool {
	list, named := pyArguments(tokens)
	if len(list) > len(f.parameters) {
		return false
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
	return len(given) == 0
}

// gives tells whether what stands at a place is given back by a function that
// is followed.
func (p *python) gives(offset int) bool {
	for _, f := range p.functions {
		if f == nil {
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

// returned is the object that a function gives back, nil where it is none.
func (p *python) returned(f *pyFunction) *pyObject {
	var out *pyObject
	if p.depth > maxPythonDepth {
		p.unreadOnce(0, "calls its functions too deeply")
		return nil
	}
	p.depth++
	defer func() { p.depth-- }()
	for _, tokens := range f.returns {
		if v, ok := p.expression(tokens); ok && v.object != nil {
			out = out.joined(v.object)
		}
	}
	return out
}
