package shell

import (
	"strings"
	"unicode/utf8"

	"github.com/patrol-actions/patrol/audit/value"
)

// isNameByte tells whether a byte can stand in a variable's name.
func isNameByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// bareword takes letters, digits, dashes and underscores.
func (p *posh) bareword() string {
	start := p.pos
	for isNameByte(p.peek()) || p.peek() == '-' && p.pos > start {
		p.skip(1)
	}
	return p.s[start:p.pos]
}

// variableName takes $name, ${name} or $env:NAME and returns the name, with
// "env:", "script:" or "global:" in front of what is such a one; empty if none stands
// here.
func (p *posh) variableName() string {
	if p.peek() != '$' && p.peek() != '@' {
		return ""
	}
	start := p.pos
	p.skip(1)
	if p.peek() == '{' {
		from := p.pos + 1
		p.skipTo("}", true)
		return scoped(strings.TrimSuffix(p.s[min(from, p.pos):p.pos], "}"))
	}
	if c := p.peek(); c == '_' && !isNameByte(p.at(1)) || c == '?' || c == '$' || c == '^' {
		p.skip(1)
		return string(c)
	}
	from := p.pos
	for isNameByte(p.peek()) {
		p.skip(1)
	}
	if p.peek() == ':' && scopes[strings.ToLower(p.s[from:p.pos])] && isNameByte(p.at(1)) {
		p.skip(1)
		for isNameByte(p.peek()) {
			p.skip(1)
		}
	}
	if p.pos == from {
		p.pos = start
		return ""
	}
	return scoped(p.s[from:p.pos])
}

// double takes "…" and returns its value.
func (p *posh) double() value.Value {
	start, closed := p.pos, false
	p.skip(1)
	v := p.expandable(func() bool {
		if p.peek() != '"' || p.at(1) == '"' {
			return false
		}
		p.skip(1)
		closed = true
		return true
	}, true)
	if !closed {
		p.unfinished("a string", start)
	}
	return v
}

// single takes '…'.
func (p *posh) single() value.Value {
	start := p.pos
	var b strings.Builder
	for p.pos++; p.pos < len(p.s); p.pos++ {
		if p.peek() == '\'' {
			p.skip(1)
			if p.peek() != '\'' {
				return p.i.text.table.Value(b.String())
			}
		}
		b.WriteByte(p.peek())
	}
	p.unfinished("a string", start)
	return p.i.text.table.Value(b.String())
}

// here takes @"…"@ or @'…'@.
func (p *posh) here() value.Value {
	quote := p.at(1)
	p.skipTo("\n", true)
	end := strings.Index(p.s[p.pos:], "\n"+string(quote)+"@")
	if strings.HasPrefix(p.s[p.pos:], string(quote)+"@") {
		p.skip(2)
		return nil
	}
	stop := len(p.s)
	if end >= 0 {
		stop = p.pos + end
	}
	var v value.Value
	if quote == '\'' {
		v = p.i.text.table.Value(p.s[p.pos:stop])
	} else {
		v = p.expandable(func() bool { return p.pos >= stop }, false)
	}
	p.pos = min(max(stop, p.pos)+len("\n\"@"), len(p.s))
	return v
}

// expandable takes the inside of a string with variables in it.
func (p *posh) expandable(done func() bool, doubled bool) value.Value {
	var out []value.Value
	var b strings.Builder
	flush := func() {
		out = append(out, p.i.text.table.Value(b.String()))
		b.Reset()
	}
	for p.pos < len(p.s) && !done() {
		switch c := p.peek(); {
		case c == '`' && p.pos+1 < len(p.s):
			p.skip(1)
			p.escaped(&b)
		case c == '"' && doubled:
			b.WriteByte('"')
			p.skip(2)
		case c == '$' && p.at(1) == '(':
			flush()
			p.skip(1)
			out = append(out, p.substitution())
		case c == '$':
			start := p.pos
			name := p.variableName()
			if name == "" || name == "$" || name == "^" {
				p.pos = start + 1
				b.WriteByte('$')
				continue
			}
			flush()
			out = append(out, p.variable(name).text())
		default:
			b.WriteByte(c)
			p.skip(1)
		}
	}
	flush()
	return bounded(value.Concat(out...), "…")
}

// escaped takes what follows a backtick.
func (p *posh) escaped(b *strings.Builder) {
	c := p.peek()
	if k := strings.IndexByte("nrt0", c); k >= 0 {
		b.WriteByte("\n\r\t\x00"[k])
		p.skip(1)
		return
	}
	_, size := utf8.DecodeRuneInString(p.s[p.pos:])
	b.WriteString(p.s[p.pos : p.pos+size])
	p.skip(size)
}

// substitution takes (…) and returns what its statements print.
func (p *posh) substitution() value.Value {
	start := p.pos
	p.skip(1)
	i := p.i
	captured := i.captured
	i.captured = ""
	v := value.Value(nil)
	if i.depth >= maxDepth {
		p.pos--
		p.balanced()
		return value.Unknown("$" + i.source(start, p.pos))
	}
	i.deeper(func() {
		printed := i.capture(func() { i.reading(nil, func() { p.statements(')') }) })
		v = trimNewlines(printed.value)
		if printed.partial && isOpaque(v) {
			v = value.Opaque("$"+i.source(start, p.pos), v)
		}
	})
	i.captured = captured
	return v
}

// hash takes @{…}.
func (p *posh) hash() thing {
	p.skip(len("@{"))
	p.i.objects++
	t := thing{isList: true, isHash: true, object: p.i.objects}
	for {
		p.blank(true)
		switch p.peek() {
		case 0:
			return t
		case '}':
			p.skip(1)
			return t
		case ';':
			p.skip(1)
			continue
		}
		before := p.pos
		key := p.key()
		p.blank(false)
		if p.peek() == '=' {
			p.skip(1)
			p.blank(true)
			if v := p.pipelineValue(); len(t.list) < maxWords {
				t.list = append(t.list, v.element(key))
			}
		}
		if p.pos == before {
			p.skip(1)
		}
		if !p.i.step(p.pos) {
			p.pos = len(p.s)
		}
	}
}

// key takes the name before an equals sign.
func (p *posh) key() string {
	switch c := p.peek(); {
	case c == '"':
		return p.double().String()
	case c == '\'':
		return p.single().String()
	case c == '$' || c == '(' || c == '[':
		return p.operand().text().String()
	}
	start := p.pos
	for p.pos < len(p.s) && strings.IndexByte(" \t\r\n=;}", p.peek()) < 0 {
		p.skip(1)
	}
	return p.i.text.table.Value(p.s[start:p.pos]).String()
}

// array takes @(…): every line or element of it.
func (p *posh) array() thing {
	p.skip(len("@("))
	t := thing{isList: true}
	for p.pos < len(p.s) {
		p.blank(true)
		if p.peek() == ')' {
			p.skip(1)
			break
		}
		before := p.pos
		if p.peek() == ';' || p.peek() == ',' {
			p.skip(1)
			continue
		}
		u := p.pipelineValue()
		t.list = append(t.list, u.elements()...)
		if len(t.list) > maxWords || !p.i.step(p.pos) {
			t.list = t.list[:min(len(t.list), maxWords)]
			p.pos = len(p.s)
		}
		if p.pos == before {
			p.skip(1)
		}
	}
	return t
}

// elements returns the elements of a list, or the thing itself as one.
func (t thing) elements() []element {
	switch {
	case t.isList && !t.isHash:
		return t.list
	case !t.isList && len(t.value) == 0:
		return nil
	}
	return []element{t.element("")}
}
