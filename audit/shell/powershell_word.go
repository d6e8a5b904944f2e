package shell

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// word is a word of a command. A quoted one is never a parameter's name.
type word struct {
	value value.Value
	// splat are the words that @name stands for, sure those of them that it surely
	// has, where more says that not all are.
	splat, sure []value.Value
	more        bool
	thing       thing
	quoted      bool
	// dashed says that it begins with a dash which is not quoted, list that it stands
	// for a list, of which a program gets each, and loose that it is not known how
	// many words it stands for.
	dashed, list, loose bool
}

// named takes a word apart that names a parameter: -Name or -Name:value. What begins
// with two dashes is text.
func (w word) named() (name string, inline value.Value, ok bool) {
	if !w.dashed || len(w.value) == 0 || len(w.value[0].Text) < 2 || w.value[0].Text[1] == '-' {
		return "", nil, false
	}
	name, rest, cut := strings.Cut(w.value[0].Text[1:], ":")
	if !cut && len(w.value) > 1 {
		return "", nil, false
	}
	if rest != "" {
		inline = value.Text(rest)
	}
	return strings.ToLower(name), value.Concat(inline, w.value[1:]), true
}

// words are those that a program gets for a word.
func (w word) words() []value.Value {
	switch {
	case w.splat != nil:
		return w.splat
	case w.list:
		return variable{list: w.thing.list}.values()
	}
	return []value.Value{w.value}
}

// certain is w without what it may have or not.
func (w word) certain() word {
	if !w.more {
		return w
	}
	w.splat, w.more = w.sure, false
	w.thing.list = slices.DeleteFunc(slices.Clone(w.thing.list), func(e element) bool { return e.maybe })
	return w
}

// splatted is the word for @name.
func splatted(t thing) word {
	w := word{value: t.text(), thing: t, quoted: true}
	switch {
	case t.isList:
		w.splat = t.parameters()
		w.sure, w.more = w.splat, slices.ContainsFunc(t.list, func(e element) bool { return e.maybe })
		if w.more {
			t.list = slices.DeleteFunc(slices.Clone(t.list), func(e element) bool { return e.maybe })
			w.sure = t.parameters()
		}
	case slices.ContainsFunc(t.value.Alternatives(), func(v value.Value) bool { return len(v) > 0 && strings.HasPrefix(v[0].Text, "@{") }):
		// The text of a table, whose entries are not told apart any more.
		w.value, w.loose = value.Opaque("@{…}", t.value), true
	case slices.ContainsFunc(t.value.Alternatives(), func(v value.Value) bool {
		return slices.ContainsFunc(v, func(part value.Part) bool { return strings.ContainsAny(part.Text, " \t\n") })
	}):
		w.printed(t.value)
	default:
		w.loose = !known(t.value)
	}
	return w
}

// printed makes w the words of a text that a statement has printed, which is a list of
// them. One that is of several words is taken apart, which is wrong but for what it
// says of flags.
func (w *word) printed(v value.Value) {
	none := false
	for alternative := range v.EachAlternative() {
		var f fields
		f.split(alternative)
		f.end()
		switch {
		case len(f.words) == 0:
			none = true
		case w.splat != nil:
			w.value, w.splat, w.loose = value.Opaque("@…", v), nil, true
			return
		default:
			w.splat = f.words
		}
	}
	if w.sure, w.more = w.splat, none; none {
		w.sure = []value.Value{}
	}
}

// isNamed tells whether a word names a parameter.
func (w word) isNamed() bool {
	_, _, ok := w.named()
	return ok
}

// listWord takes a word, or words joined by commas into one.
func (p *posh) listWord() word {
	first := p.word()
	if p.peek() != ',' && !p.commaFollows() {
		return first
	}
	list := first.thing.listOr(first.value)
	all := []value.Value{first.value}
	for (p.peek() == ',' || p.commaFollows()) && len(all) < maxWords {
		p.blank(false)
		p.skip(1)
		p.blank(true)
		if p.endsCommand() {
			break
		}
		next := p.word()
		list = append(slices.Clip(list), next.thing.listOr(next.value)...)
		all = append(all, value.Text(","), next.value)
	}
	w := word{value: bounded(value.Concat(all...), "…"), quoted: true}
	w.thing = thing{isList: true, list: list[:min(len(list), maxWords)]}
	return w
}

func (t thing) listOr(v value.Value) []element {
	switch {
	case t.isHash:
		return t.elements()
	case t.isList:
		return t.list
	}
	return []element{{key: "", value: v}}
}

// commaFollows tells whether a comma comes after spaces.
func (p *posh) commaFollows() bool {
	rest := strings.TrimLeft(p.s[p.pos:], " \t")
	return strings.HasPrefix(rest, ",")
}

// word takes one word of a command.
func (p *posh) word() word {
	i := p.i
	if i.nesting >= maxNesting {
		p.pos = len(p.s)
		return word{}
	}
	i.nesting++
	defer func() { i.nesting-- }()
	switch c := p.peek(); {
	case c == '@' && (p.at(1) == '"' || p.at(1) == '\'' || p.at(1) == '(' || p.at(1) == '{'):
		return wordFor(p.operand())
	case c == '@' && isNameByte(p.at(1)):
		return splatted(p.variable(p.variableName()))
	case c == '(':
		return wordFor(p.operand())
	case c == '{':
		start := p.pos
		if list, _ := i.functionsOf(p.program); len(list) > 0 && p.program != "" {
			t := p.operand()
			return word{value: t.value, thing: t, quoted: true}
		}
		p.scriptBlock()
		return word{value: value.Unknown(i.source(start, p.pos)), quoted: true}
	}
	return p.compound()
}

// wordFor is the word for a value: for a list, of which a program gets each.
func wordFor(t thing) word {
	if t.isList && !t.isHash {
		w := splatted(t)
		w.splat, w.list = nil, true
		return w
	}
	return word{value: t.text(), thing: t, quoted: true}
}

// compound takes a word put together from strings, variables and text.
func (p *posh) compound() word {
	start := p.pos
	var out []value.Value
	var only thing
	quoted, dashed, whole := p.peek() == '"' || p.peek() == '\'', p.peek() == '-', 0
	var b strings.Builder
	finish := func() word {
		if whole != p.pos {
			only = thing{}
		}
		w := wordFor(only)
		w.value, w.quoted, w.dashed = bounded(value.Concat(out...), "…"), quoted, dashed
		return w
	}
	flush := func() {
		out = append(out, p.i.text.table.Value(b.String()))
		b.Reset()
	}
	for p.pos < len(p.s) {
		c := p.peek()
		switch {
		case strings.IndexByte(" \t\r\n;|){},", c) >= 0, c == '(' && p.pos > start, c == '&' && p.pos > start:
			flush()
			return finish()
		case c == '`' && p.pos+1 < len(p.s):
			if p.at(1) == '\n' || p.at(1) == '\r' {
				flush()
				return finish()
			}
			p.skip(1)
			p.escaped(&b)
		case c == '"':
			flush()
			quoted = true
			out = append(out, p.double())
		case c == '\'':
			flush()
			quoted = true
			out = append(out, p.single())
		case c == '$':
			flush()
			at := p.pos
			if p.at(1) != '(' && p.variableName() == "" {
				b.WriteByte('$')
				p.pos = at + 1
				continue
			}
			p.pos = at
			quoted = true
			t := p.operand()
			if at == start {
				only, whole = t, p.pos
			}
			out = append(out, t.text())
		default:
			b.WriteByte(c)
			p.skip(1)
		}
	}
	flush()
	return finish()
}
