package script

import "slices"

// keeps recognises a statement that leaves a credential where it is looked
// for: under a name, in a dictionary of the script, or as what a function gives back.
func (p *python) keeps(s []pyToken) bool {
	if p.fields[s[0].offset] {
		return false
	}
	understood := func(tokens []pyToken) bool {
		_, ok := p.expression(tokens)
		return ok
	}
	switch equal := slices.IndexFunc(s, func(t pyToken) bool { return t.kind == '=' }); {
	case len(s) > 2 && s[0].kind == 'n' && s[1].kind == '=' && s[2].kind != '=':
		return understood(s[2:])
	case pyIs(s, "return") && len(s) > 1 && p.gives(s[1].offset):
		if parts := pySplit(s[1:], ','); len(parts) > 1 {
			return !slices.ContainsFunc(parts, func(part []pyToken) bool { return !understood(part) })
		}
		return understood(s[1:])
	case equal > 0 && len(s) > 4 && s[1].kind == ',':
		return p.parts(s[:equal], s[equal+1:])
	case pyBody(s) == len(s):
		return p.defaults(s)
	}
	if w, ok := p.environWrite(s); ok && w.to != nil {
		return understood(w.to)
	}
	name, _, entry := pyAltered(s)
	return entry != nil && p.dictionaries(name) && understood(entry)
}

// dictionaries tells whether a name stands for dictionaries that are written
// out in the script and for nothing else.
func (p *python) dictionaries(t pyToken) bool {
	key := p.home(t)
	return len(p.bindings[key]) > 0 && !p.loose[key] && len(p.loops[key]) == 0 && !slices.ContainsFunc(p.bindings[key], func(tokens []pyToken) bool {
		return !pyEnviron(tokens) && (tokens[0].kind != '{' || pyClose(tokens) != len(tokens)-1)
	})
}

// parts tells whether each of several names is bound to what is understood.
func (p *python) parts(names, from []pyToken) bool {
	values := pySplit(from, ',')
	for i, name := range pySplit(names, ',') {
		part := pyElement(from, i)
		if len(values) > 1 && i < len(values) {
			part = values[i]
		}
		if _, ok := p.expression(part); !ok || len(name) != 1 {
			return false
		}
	}
	return true
}

// defaults tells whether what the operands of a function are when nothing is
// given for them is understood.
func (p *python) defaults(s []pyToken) bool {
	if s[0].text == "async" {
		s = s[1:]
	}
	if p.functions[s[1].text] == nil {
		return false
	}
	for _, part := range pySplit(s[3:3+pyClose(s[2:])-1], ',') {
		if given := pySplit(part, '='); len(given) == 2 {
			if _, ok := p.expression(given[1]); !ok {
				return false
			}
		}
	}
	return true
}
