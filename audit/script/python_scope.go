package script

import (
	"slices"
	"sort"
	"strconv"
	"strings"
)

// pyScope is the body of a function, which has names of its own.
type pyScope struct {
	// start and end are the bytes of the body.
	start, end int
	column     int
	outer      *pyScope
	names      map[string]bool
	prefix     string
}

// enclose finds the bodies of functions by their indentation, and the names
// that are of the whole script although functions bind them.
func (p *python) enclose(statements [][]pyToken) {
	var open *pyScope
	for _, s := range statements {
		column := p.column(s[0].offset)
		for open != nil && column <= open.column {
			open.end = s[0].offset
			open = open.outer
		}
		if body := pyBody(s); body > 0 {
			start := s[body-1].offset + 1
			open = &pyScope{start: start, end: len(p.in.Source) + 1, column: column, outer: open, names: map[string]bool{}, prefix: strconv.Itoa(start) + "."}
			p.scopes = append(p.scopes, open)
		}
		if pyIs(s, "global") || pyIs(s, "nonlocal") {
			for _, t := range s[1:] {
				p.shared[t.text] = true
			}
		}
	}
}

// maxColumn bounds how far the start of a line is looked for.
const maxColumn = 1024

// column is how far a byte is from the start of its line.
func (p *python) column(offset int) int {
	from := max(0, offset-maxColumn)
	return offset - from - strings.LastIndexByte(p.in.Source[from:offset], '\n') - 1
}

// pyBody returns where the body of "def f(…):" begins among its tokens, 0 for
// other statements.
func pyBody(s []pyToken) int {
	start := 0
	if pyIs(s, "async") {
		start = 1
	}
	if !pyIs(s[start:], "def") || len(s) < start+4 {
		return 0
	}
	depth := 0
	for i, t := range s {
		switch t.kind {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		case ':':
			if depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}

// scopeAt is the innermost function around a byte, nil outside of all.
func (p *python) scopeAt(offset int) *pyScope {
	n := sort.Search(len(p.scopes), func(i int) bool { return p.scopes[i].start > offset })
	if n == 0 {
		return nil
	}
	s := p.scopes[n-1]
	for s != nil && offset >= s.end {
		s = s.outer
	}
	return s
}

// home is the key of what a name stands for where it is read: the name, with
// the function before it that binds it.
func (p *python) home(t pyToken) string {
	return p.homeIn(t.text, p.scopeAt(t.offset))
}

func (p *python) homeIn(name string, s *pyScope) string {
	if p.shared[name] {
		return name
	}
	for ; s != nil; s = s.outer {
		if s.names[name] {
			return s.prefix + name
		}
	}
	return name
}

// declare makes a name one of the function around it, and returns its key.
func (p *python) declare(t pyToken) string {
	s := p.scopeAt(t.offset)
	if s == nil || p.shared[t.text] {
		return t.text
	}
	s.names[t.text] = true
	return s.prefix + t.text
}

// soften notes a name of a comprehension or of a lambda: it stands for its
// own things within those, and for what it is elsewhere outside of them.
func (p *python) soften(t pyToken) string {
	if s := p.scopeAt(t.offset); s != nil && !p.shared[t.text] {
		p.soft[s.prefix+t.text] = pyToken{kind: 'n', text: t.text, offset: s.start - 1}
	}
	return p.declare(t)
}

// widen lets the names of comprehensions stand for the outer ones as well.
func (p *python) widen() {
	for key, outer := range p.soft {
		if p.bound(outer) || p.loose[p.home(outer)] {
			p.bindings[key] = append(p.bindings[key], []pyToken{outer})
		}
	}
}

// pyPlain takes the type out of an assignment: "a: T = b" is "a = b".
func pyPlain(s []pyToken) []pyToken {
	if len(s) < 4 || s[0].kind != 'n' || s[1].kind != ':' || slices.Contains([]string{"else", "try", "finally"}, s[0].text) {
		return s
	}
	for i := range s {
		if s[i].kind == '=' && len(pySplit(s[2:i+1], '=')) == 1 && i+1 < len(s) {
			return slices.Concat(s[:1], s[i:])
		}
	}
	return s
}

// bind notes the names that a statement binds.
func (p *python) bind(s []pyToken) {
	if body := pyBody(s); body > 0 {
		p.bind(s[body:])
		return
	}
	if pyIs(s, "class") && len(s) > 1 {
		p.loose[p.declare(s[1])] = true
		return
	}
	s = pyPlain(s)
	if inline := pyInline(s); pyGrows(inline) || len(inline) > 2 && inline[0].kind == 'n' && inline[1].kind == '=' && inline[2].kind != '=' {
		p.bindOthers(s[:len(s)-len(inline)])
		s = inline
	}
	switch {
	case pyGrows(s) && s[1].kind == '=':
		s = s[3:]
	case len(s) > 2 && s[0].kind == 'n' && s[1].kind == '=' && s[2].kind != '=':
		key := p.declare(s[0])
		p.bindings[key] = append(p.bindings[key], s[2:])
		s = s[2:]
	case pyGrows(s):
		s = s[2:]
	case p.several(s):
		s = s[slices.IndexFunc(s, func(t pyToken) bool { return t.kind == '=' })+1:]
	}
	p.bindOthers(s)
}

// bindOthers notes the names that are bound within a statement: by loops,
// "as", "lambda" and ":=".
func (p *python) bindOthers(s []pyToken) {
	binding, depth := byte(0), 0
	var parts []string
	for i, t := range s {
		switch t.kind {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		case ':':
			if binding == 'l' {
				binding = 0
			}
		}
		if t.kind != 'n' {
			continue
		}
		next, after := byte(0), byte(0)
		if i+1 < len(s) {
			next = s[i+1].kind
		}
		if i+2 < len(s) {
			after = s[i+2].kind
		}
		member := i > 0 && s[i-1].kind == '.'
		assigned := depth == 0 && next == '=' && after != '=' || next == ':' && (i == 0 || after == '=') || strings.IndexByte("+-*/|&%", next) >= 0 && after == '='
		switch {
		case t.text == "for" && after == 'n' && i+3 < len(s) && pyIs(s[i+2:], "in"):
			key := p.looped(s[i+1], depth > 0 || i > 1)
			if p.steps > maxPythonSteps {
				continue
			}
			of := pyIterated(s[i+3:])
			p.loops[key] = append(p.loops[key], of)
			p.steps += len(of) / 64
		case t.text == "for":
			binding = 'f'
			if depth > 0 {
				binding = 'c'
			}
		case t.text == "lambda":
			binding = 'l'
		case t.text == "in" && binding != 'l':
			binding = 0
			for _, key := range parts {
				of := pyIterated(s[i+1:])
				p.parted[key] = append(p.parted[key], of)
				p.steps += len(of) / 64
			}
			parts = nil
		case binding != 0:
			key := p.looped(t, binding != 'f')
			if p.loose[key] = true; binding != 'l' {
				parts = append(parts, key)
			}
		case i > 0 && pyIs(s[i-1:], "as") && !p.with(s, i):
			p.loose[p.declare(t)] = true
		case assigned && !member:
			key := p.declare(t)
			if p.loose[key] = true; next == ':' && after == '=' && i+3 < len(s) {
				p.bindings[key] = append(p.bindings[key], pyIterated(s[i+3:])) // ":="
			}
		}
	}
}

// looped declares the variable of a loop; inner tells that it is one of a
// comprehension.
func (p *python) looped(t pyToken, inner bool) string {
	if inner {
		return p.soften(t)
	}
	return p.declare(t)
}

// with binds the name in "with … as name"; false where it is not of this
// form.
func (p *python) with(s []pyToken, at int) bool {
	start := 0
	if pyIs(s, "async") {
		start = 1
	}
	if !pyIs(s[start:], "with") || at+1 >= len(s) || s[at+1].kind != ':' || at-1 <= start+1 || len(pySplit(s[start+1:at-1], ',')) > 1 {
		return false
	}
	key := p.declare(s[at])
	p.bindings[key] = append(p.bindings[key], s[start+1:at-1])
	return true
}

// several binds each name of "a, b = …" to its part.
func (p *python) several(s []pyToken) bool {
	if len(s) < 5 || s[0].kind != 'n' || s[1].kind != ',' {
		return false
	}
	equal := slices.IndexFunc(s, func(t pyToken) bool { return t.kind == '=' })
	if equal < 0 || equal+1 >= len(s) || s[equal+1].kind == '=' {
		return false
	}
	names, from := pySplit(s[:equal], ','), s[equal+1:]
	values := pySplit(from, ',')
	for i, name := range names {
		if len(name) != 1 || name[0].kind != 'n' {
			for _, t := range name {
				if t.kind == 'n' {
					p.loose[p.declare(t)] = true
				}
			}
			continue
		}
		key := p.declare(name[0])
		switch {
		case len(values) == len(names):
			p.bindings[key] = append(p.bindings[key], values[i])
		case len(values) == 1 && len(from) > 0:
			p.bindings[key] = append(p.bindings[key], pyElement(from, i))
		default:
			p.loose[key] = true
		}
	}
	return true
}

// pyElement is one element of an expression. Its first token has a place of
// its own, so that it is not taken for the whole.
func pyElement(tokens []pyToken, i int) []pyToken {
	at := tokens[0].offset
	return slices.Concat([]pyToken{{kind: '(', offset: at}}, tokens, []pyToken{{kind: ')'}, {kind: '['}, {kind: '0', text: strconv.Itoa(i)}, {kind: ']'}})
}

// pyIterated returns the expression behind "in": up to the colon, the
// condition or the bracket that ends it.
func pyIterated(tokens []pyToken) []pyToken {
	depth := 0
	for i, t := range tokens {
		switch t.kind {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		}
		if depth < 0 || depth == 0 && (t.kind == ':' || t.kind == 'n' && (t.text == "if" || t.text == "for")) {
			return tokens[:i]
		}
	}
	return tokens
}
