package shell

import (
	"slices"
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// startsExpression tells whether an expression begins here, not a command.
func (p *posh) startsExpression() bool {
	switch c := p.peek(); {
	case c == '"' || c == '\'' || c == '$' || c == '(' || c == '[' || c == '!' || c == ',':
		return true
	case c == '@':
		return p.at(1) == '"' || p.at(1) == '\'' || p.at(1) == '(' || p.at(1) == '{'
	case c >= '0' && c <= '9':
		// 7z is a program.
		word := p.peekWord(p.pos)
		return strings.Trim(word, "0123456789xabcdefABCDEFLlkKmMgG") == ""
	case c == '-':
		word := strings.ToLower(p.peekWord(p.pos + 1))
		return word == "not" || word == "join" || word == "split" || word == "bnot" || c == '-' && p.at(1) >= '0' && p.at(1) <= '9'
	case c >= 0x80:
		return p.wantsValue && p.placeholderAlone()
	}
	return false
}

// peekWord returns the letters at a place.
func (p *posh) peekWord(from int) string {
	end := from
	for end < len(p.s) && isNameByte(p.s[end]) {
		end++
	}
	return p.s[min(from, len(p.s)):end]
}

// placeholderAlone tells whether the word here is a placeholder with no
// words after it.
func (p *posh) placeholderAlone() bool {
	end := p.pos
	for end < len(p.s) && !strings.ContainsRune(" \t\r\n;|)}", rune(p.s[end])) {
		end++
	}
	if !value.HasPlaceholder(p.s[p.pos:end]) {
		return false
	}
	rest := strings.TrimLeft(p.s[end:], " \t\r")
	return rest == "" || strings.IndexByte("\n;|)}-+", rest[0]) >= 0
}

// expression takes operands joined by operators. Operators are applied from
// left to right; a comparison's value is unknown and holds no credential.
func (p *posh) expression() thing {
	start := p.pos
	t := p.list()
	for {
		p.blank(false)
		switch c := p.peek(); {
		case c == '+' && p.at(1) != '+' && p.at(1) != '=':
			p.skip(1)
			p.blank(true)
			u := p.list()
			if isSum(t, u) {
				t = plain(value.Unknown(p.i.source(start, p.pos)))
				continue
			}
			t = add(t, u)
		case c == '-' && isNameByte(p.at(1)) && !isOperand(p.at(1)):
			at := p.pos
			p.skip(1)
			name := strings.ToLower(p.bareword())
			if name == "" || p.pos == at+1 {
				return t
			}
			p.blank(true)
			t = p.operate(name, t, start)
		case c == '*' || c == '/' || c == '%' || c == '-' && isOperand(p.at(1)) || c == '.' && p.at(1) == '.':
			p.skip(1)
			if c == '.' {
				p.skip(1)
			}
			p.blank(true)
			u := p.list()
			t = plain(value.Opaque(p.i.source(start, p.pos), t.text(), u.text()))
		case c == '?' && p.at(1) == '?':
			p.skip(2)
			p.blank(true)
			t = plain(choose("…", t.text(), p.list().text()))
		case c == '?' && p.at(1) == ' ':
			p.skip(1)
			p.blank(true)
			yes := p.expression()
			p.blank(true)
			if p.peek() == ':' {
				p.skip(1)
				p.blank(true)
				t = plain(choose("…", yes.text(), p.expression().text()))
			}
		default:
			return t
		}
		if !p.i.step(p.pos) {
			p.pos = len(p.s)
			return t
		}
	}
}

// isOperand tells whether a minus before a byte takes two operands.
func isOperand(c byte) bool { return c == ' ' || c == '$' || c == '(' || c >= '0' && c <= '9' }

// isSum tells whether numbers are added: what they are is not worked out.
func isSum(t, u thing) bool {
	return !t.isList && !u.isList && isNumber(t.value.LiteralOr("")) && isNumber(u.value.LiteralOr(""))
}

// add joins texts, or lists, or hash tables.
func add(t, u thing) thing {
	if !t.isList {
		return plain(bounded(value.Concat(t.value, u.text()), "…"))
	}
	list := append(t.list[:len(t.list):len(t.list)], u.elements()...)
	if u.isHash && t.isHash {
		list = append(t.list[:len(t.list):len(t.list)], u.list...)
	}
	t.object = 0
	t.list = list[:min(len(list), maxWords)]
	return t
}

// operate applies an operator to what stands left of it.
func (p *posh) operate(name string, t thing, start int) thing {
	u := p.list()
	source := p.i.source(start, p.pos)
	switch strings.TrimPrefix(strings.TrimPrefix(name, "c"), "i") {
	case "f":
		if u.isOpen() {
			return plain(value.Opaque(source, t.text(), u.text()))
		}
		return plain(formatBraces(t.text(), u.elements(), source))
	case "join":
		if t.isOpen() {
			return plain(value.Opaque(source, t.text(), u.text()))
		}
		var out []value.Value
		for n, e := range t.elements() {
			if n > 0 {
				out = append(out, u.text())
			}
			out = append(out, e.value)
		}
		return plain(bounded(value.Concat(out...), source))
	case "replace":
		parts := u.elements()
		if len(parts) == 0 || len(parts) > 2 {
			return plain(value.Opaque(source, t.text()))
		}
		with := value.Value(nil)
		if len(parts) == 2 {
			with = parts[1].value
		}
		if s, ok := parts[0].value.Literal(); !ok || strings.ContainsAny(s, `\^$.|?*+()[]{}`) {
			return plain(value.Opaque(source, t.text(), with))
		}
		if !strings.HasPrefix(name, "c") && !sameCase(t.text(), parts[0].value.LiteralOr("")) {
			return plain(value.Opaque(source, t.text(), with))
		}
		return plain(replace(t.text(), parts[0].value, with, true, source))
	case "split":
		if s := u.text(); !u.isList && !strings.ContainsAny(s.LiteralOr("."), `\^$.|?*+()[]{}`) {
			if t, ok := split(t.text(), s, source); ok {
				return t
			}
		}
		return plain(value.Opaque(source, t.text()))
	case "as":
		return plain(value.Opaque(source, t.text()))
	}
	return plain(value.Unknown(source))
}

// sameCase tells whether a text stands in a value wherever it does in any case. Across
// its parts it is not looked for.
func sameCase(v value.Value, text string) bool {
	for _, part := range v {
		if strings.Count(strings.ToLower(part.Text), strings.ToLower(text)) != strings.Count(part.Text, text) {
			return false
		}
		if slices.ContainsFunc(part.OneOf, func(w value.Value) bool { return !sameCase(w, text) }) {
			return false
		}
	}
	return true
}

// isOpen tells whether a list may be without some of its elements.
func (t thing) isOpen() bool {
	return t.isList && !t.isHash && slices.ContainsFunc(t.list, func(e element) bool { return e.maybe })
}

// formatBraces puts values into "{0} {1}".
func formatBraces(f value.Value, args []element, source string) value.Value {
	m := f.Mask()
	var out []value.Value
	rest := m.Text
	for range maxWords {
		open := strings.IndexByte(rest, '{')
		if open < 0 {
			break
		}
		length := strings.IndexByte(rest[open:], '}')
		if length < 0 {
			break
		}
		name, _, _ := strings.Cut(rest[open+1:open+length], ":")
		n, err := strconv.Atoi(name)
		if err != nil || n < 0 || n >= len(args) {
			out = append(out, m.Table.Value(rest[:open+1]))
			rest = rest[open+1:]
			continue
		}
		out = append(out, m.Table.Value(rest[:open]), args[n].value)
		rest = rest[open+length+1:]
	}
	return bounded(value.Concat(append(out, m.Table.Value(rest))...), source)
}

// list takes operands parted by commas.
func (p *posh) list() thing {
	if p.peek() == ',' {
		p.skip(1)
		p.blank(true)
		return thing{isList: true, list: p.operand().elements()}
	}
	t := p.operand()
	p.blank(false)
	if p.peek() != ',' {
		return t
	}
	out := thing{isList: true, list: append([]element(nil), t.elements()...)}
	for p.peek() == ',' && len(out.list) < maxWords {
		p.skip(1)
		p.blank(true)
		out.list = append(out.list, p.operand().elements()...)
		p.blank(false)
	}
	return out
}

// operand takes one operand with its members: $x.Name, [Type]::Method(…).
func (p *posh) operand() thing {
	i := p.i
	if i.nesting >= maxNesting || !i.step(p.pos) {
		p.pos = len(p.s)
		return thing{}
	}
	i.nesting++
	defer func() { i.nesting-- }()
	start := p.pos
	var t thing
	switch c := p.peek(); {
	case c == '"':
		t = plain(p.double())
	case c == '\'':
		t = plain(p.single())
	case c == '@' && (p.at(1) == '"' || p.at(1) == '\''):
		t = plain(p.here())
	case c == '@' && p.at(1) == '(':
		t = p.array()
	case c == '@' && p.at(1) == '{':
		t = p.hash()
	case c == '$' && p.at(1) == '(':
		p.skip(1)
		t = plain(p.substitution())
	case c == '$' || c == '@':
		name := p.variableName()
		if name == "" {
			p.skip(1)
			break
		}
		if t = p.variable(name); p.has("++") || p.has("--") {
			p.setVariable(name, plain(value.Unknown("$"+name)))
		}
	case c == '(':
		t = p.group()
	case c == '[':
		return p.typed(start)
	case c == '{':
		f := p.noted("", nil)
		if f == nil {
			p.pos = start
			p.block(true)
		}
		return thing{value: value.Unknown(i.source(start, p.pos)), block: f}
	case c == '!' || c == '-' || c == '+':
		return p.unary()
	default:
		t = plain(p.rawText())
	}
	return p.members(t, start)
}

// unary takes -not x, !x, -join x and signs.
func (p *posh) unary() thing {
	start := p.pos
	p.skip(1)
	if c := p.peek(); c >= '0' && c <= '9' && p.s[start] != '!' {
		p.rawText()
		return plain(p.i.text.table.Value(p.s[start:p.pos]))
	}
	name := strings.ToLower(p.bareword())
	p.blank(true)
	t := p.list()
	switch name {
	case "join":
		if t.isOpen() {
			return plain(value.Opaque(p.i.source(start, p.pos), t.text()))
		}
		return plain(bounded(value.Concat(variable{list: t.elements()}.values()...), "…"))
	case "split":
		return plain(value.Opaque(p.i.source(start, p.pos), t.text()))
	case "":
		if p.s[start] != '!' {
			return plain(p.i.text.table.Value(strings.TrimSpace(p.s[start:p.pos])))
		}
	}
	return plain(value.Unknown(p.i.source(start, p.pos)))
}

// rawText takes a bare word of an expression: a number, a placeholder.
func (p *posh) rawText() value.Value {
	start := p.pos
	for p.pos < len(p.s) && strings.IndexByte(" \t\r\n;|)}],='\"({", p.peek()) < 0 && !p.has("..") {
		p.skip(1)
	}
	if p.pos == start {
		p.pos = min(p.pos+1, len(p.s))
	}
	return p.i.text.table.Value(p.s[start:p.pos])
}

// group takes (…).
func (p *posh) group() thing {
	start := p.pos
	p.skip(1)
	p.blank(true)
	t := p.pipelineValue()
	p.blank(true)
	if p.peek() == ')' {
		p.skip(1)
		return t
	}
	// More than one pipeline: read the whole as statements.
	p.pos = max(p.pos, start+1)
	printed := p.i.capture(func() { p.statements(')') })
	return plain(bounded(value.Concat(t.text(), trimNewlines(printed.value)), "…"))
}
