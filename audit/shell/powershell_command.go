package shell

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// word is a word of a command. A quoted one is never a parameter's name.
type word struct {
	value value.Value
	// splat are the words that @name stands for.
	splat  []value.Value
	thing  thing
	quoted bool
}

// parameter returns the name in -Name, in lower case.
func (w word) parameter() string {
	s := w.value.LiteralOr("")
	if w.quoted || len(s) < 2 || s[0] != '-' {
		return ""
	}
	return strings.ToLower(strings.TrimSuffix(s[1:], ":"))
}

// pipelines walks pipelines joined by && and ||.
func (p *posh) pipelines() {
	for {
		p.blank(false)
		p.pipeline()
		p.blank(false)
		if !p.has("&&") && !p.has("||") {
			if p.peek() == '&' {
				p.skip(1)
			}
			return
		}
		p.skip(2)
		p.blank(true)
		if !p.i.step(p.pos) {
			p.pos = len(p.s)
		}
	}
}

// pipeline walks a | b | c and prints what the last one does.
func (p *posh) pipeline() thing {
	i := p.i
	var t thing
	in := i.in
	for n := 0; ; n++ {
		start := p.pos
		isValue := false
		printed := i.capture(func() {
			i.reading(in, func() { t, isValue = p.element() })
		})
		p.blank(false)
		next := p.pos
		p.blank(true)
		// A line that begins with a pipe goes on with the one before it.
		if p.peek() != '|' || p.at(1) == '|' || !i.step(p.pos) {
			p.pos = next
			i.show(printed)
			if n > 0 || !isValue {
				v := trimNewlines(printed.value)
				if printed.partial && isOpaque(v) {
					v = opaque("$("+i.source(start, next)+")", v)
				}
				t = plain(v)
			}
			return t
		}
		p.skip(1)
		p.blank(true)
		in = &stream{value: printed.value, items: printed.items}
	}
}

// show prints what was captured, to the log if to nothing else.
func (i *interp) show(printed *sink) {
	if i.out == nil {
		i.log(printed.value)
		return
	}
	i.out.partial = i.out.partial || printed.partial
	i.out.write(printed.value)
}

// pipelineValue returns what a pipeline gives where a value is wanted.
func (p *posh) pipelineValue() thing {
	p.blank(true)
	var t thing
	word := strings.ToLower(p.peekWord(p.pos))
	if word == "if" || word == "switch" || word == "foreach" || word == "try" {
		// $x = if (…) {…} else {…}
		printed := p.i.capture(func() {
			p.statement()
			for {
				at := p.pos
				p.blank(true)
				if w := strings.ToLower(p.peekWord(p.pos)); w != "else" && w != "elseif" && w != "catch" && w != "finally" {
					p.pos = at
					return
				}
				p.statement()
			}
		})
		return plain(trimNewlines(printed.value))
	}
	p.wantsValue = true
	p.i.capture(func() { t = p.pipeline() })
	p.wantsValue = false
	return t
}

// element walks one part of a pipeline: an expression or a command.
func (p *posh) element() (t thing, isValue bool) {
	expression := p.startsExpression()
	p.wantsValue = false
	if expression {
		start := p.pos
		t = p.expression()
		v := t.text()
		for _, r := range p.redirections() {
			p.i.write(slashes(r.Path), value.Concat(v, value.Text("\n")), r.Append)
			p.noteWrite(v, r, start)
			t, v = thing{}, nil
		}
		if p.piped() && t.isList && !t.isHash {
			p.i.out.items = variable{list: t.list}.values()
			v = joinLines(p.i.out.items)
		}
		if len(v) > 0 {
			p.i.out.write(value.Concat(v, value.Text("\n")))
		}
		return t, true
	}
	p.command()
	return thing{}, false
}

// noteWrite reports the writing of a value into a file as a command, as
// echo would be.
func (p *posh) noteWrite(v value.Value, r Redirect, start int) {
	p.i.emit(&call{args: []value.Value{value.Text("echo"), v}, output: []Redirect{r}, start: start, end: p.pos})
}

// redirections takes > path and its like; streams other than the output's
// are dropped.
func (p *posh) redirections() []Redirect {
	var out []Redirect
	for {
		p.blank(false)
		at := p.pos
		if c := p.peek(); c >= '1' && c <= '6' || c == '*' {
			p.skip(1)
		}
		if p.peek() != '>' {
			p.pos = at
			return out
		}
		output := at == p.pos || p.s[at] == '1' || p.s[at] == '*'
		p.skip(1)
		add := p.peek() == '>'
		if add {
			p.skip(1)
		}
		if p.peek() == '&' {
			p.skip(2)
			p.pos = min(p.pos, len(p.s))
			continue
		}
		p.blank(false)
		w := p.word()
		if output && len(w.value) > 0 {
			out = []Redirect{{Path: w.value, Append: add}}
		}
	}
}

// endsCommand tells whether no word of a command can begin here.
func (p *posh) endsCommand() bool {
	switch p.peek() {
	case 0, '\n', ';', '|', ')', '}', '&':
		return true
	}
	return false
}

// command walks a command with its words.
func (p *posh) command() {
	i := p.i
	start := p.pos
	captured := i.captured
	i.captured = ""
	dot := p.peek() == '.' && (p.at(1) == ' ' || p.at(1) == '\t')
	if p.peek() == '&' || dot {
		p.skip(1)
		p.blank(false)
	}
	var words []word
	var output []Redirect
	end := start
	p.program = ""
	for !p.endsCommand() && len(words) < maxWords {
		if p.peek() == '>' || p.at(1) == '>' && (p.peek() >= '1' && p.peek() <= '6' || p.peek() == '*') {
			output = append(output, p.redirections()...)
			continue
		}
		before := p.pos
		words = append(words, p.listWord())
		if len(words) == 1 {
			p.program = strings.ToLower(words[0].value.LiteralOr(""))
		}
		if p.pos == before {
			p.skip(1)
		}
		end = p.pos
		p.blank(false)
		if !i.step(p.pos) {
			p.pos = len(p.s)
		}
	}
	i.captured = captured
	if len(words) == 0 {
		return
	}
	c := &call{output: output, start: start, end: end}
	for _, w := range words {
		if w.splat != nil {
			c.args = append(c.args, w.splat...)
			continue
		}
		c.args = append(c.args, w.value)
	}
	if len(c.args) == 0 {
		return // an empty list alone
	}
	if dot {
		defer i.definedPosh(c.args[0])
	}
	if len(output) == 0 {
		p.invoke(c, words)
		return
	}
	printed := i.capture(func() { p.invoke(c, words) })
	for _, r := range output {
		i.write(slashes(r.Path), printed.value, r.Append)
	}
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
	if t.isList && !t.isHash {
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
		t := p.operand()
		return word{value: t.text(), thing: t, quoted: true}
	case c == '@' && isNameByte(p.at(1)):
		t := p.variable(p.variableName())
		switch {
		case t.isHash:
			return word{value: t.text(), splat: t.parameters(), thing: t, quoted: true}
		case t.isList:
			return word{value: t.text(), splat: variable{list: t.list}.values(), quoted: true}
		}
		return word{value: t.text(), thing: t, quoted: true}
	case c == '(':
		t := p.operand()
		return word{value: t.text(), thing: t, quoted: true}
	case c == '{':
		start := p.pos
		p.scriptBlock()
		return word{value: value.Unknown(i.source(start, p.pos)), quoted: true}
	}
	return p.compound()
}

// compound takes a word put together from strings, variables and text.
func (p *posh) compound() word {
	start := p.pos
	var out []value.Value
	var only thing
	quoted := p.peek() == '"' || p.peek() == '\''
	var b strings.Builder
	flush := func() {
		out = append(out, p.i.text.table.Value(b.String()))
		b.Reset()
	}
	for p.pos < len(p.s) {
		c := p.peek()
		switch {
		case strings.IndexByte(" \t\r\n;|){},", c) >= 0, c == '(' && p.pos > start, c == '&' && p.pos > start:
			flush()
			return word{value: bounded(value.Concat(out...), "…"), thing: only, quoted: quoted}
		case c == '`' && p.pos+1 < len(p.s):
			if p.at(1) == '\n' || p.at(1) == '\r' {
				flush()
				return word{value: bounded(value.Concat(out...), "…"), thing: only, quoted: quoted}
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
				only = t
			}
			out = append(out, t.text())
		default:
			b.WriteByte(c)
			p.skip(1)
		}
	}
	flush()
	return word{value: bounded(value.Concat(out...), "…"), thing: only, quoted: quoted}
}
