package shell

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// pipelines walks pipelines joined by && and ||.
//
// What follows a command that is expected to succeed is as good as unconditional.
func (p *posh) pipelines() {
	perhaps := false
	for {
		p.blank(false)
		perhaps = perhaps || p.startsExpression()
		p.pipeline()
		for {
			p.blank(false)
			if !p.has("&&") && !p.has("||") {
				if p.peek() == '&' {
					p.skip(1)
				}
				return
			}
			if perhaps = perhaps || p.has("||"); !perhaps {
				break
			}
			p.skip(2)
			p.blank(true)
			p.i.guarded(func() { p.i.alternatives(true, func() { p.pipeline() }) })
			if !p.i.step(p.pos) {
				p.pos = len(p.s)
			}
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
					v = value.Opaque("$("+i.source(start, next)+")", v)
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
		printed := p.i.capture(p.statement)
		return plain(trimNewlines(printed.value))
	}
	// $a = $b = …
	if at := p.pos; p.peek() == '$' || p.peek() == '[' {
		if t, ok := p.assignment(); ok {
			return t
		}
		p.pos = at
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
			if p.redirect(r, value.Concat(v, value.Text("\n"))) {
				p.noteWrite(v, r, start)
			}
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
			out = []Redirect{{Path: slashes(w.value), Append: add}}
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
	if p.peek() == '{' && p.pos > start {
		t := p.operand()
		words = append(words, word{value: t.value, thing: t, quoted: true})
	}
	end := start
	p.program = ""
	for !p.endsCommand() && len(words) < maxWords {
		if p.peek() == '>' || p.at(1) == '>' && (p.peek() >= '1' && p.peek() <= '6' || p.peek() == '*') {
			output = append(output, p.redirections()...)
			continue
		}
		before := p.pos
		if p.has("--% ") {
			words = append(words, p.unparsed()...)
			end = p.pos
			break
		}
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
	c := &call{output: output, start: start, end: end, sourced: dot}
	if len(output) == 0 {
		p.invokeAll(c, words)
		return
	}
	printed := i.capture(func() { p.invokeAll(c, words) })
	for _, r := range output {
		p.redirect(r, printed.value)
	}
}

// redirect writes what a command prints; it is false where that is no file.
func (p *posh) redirect(r Redirect, v value.Value) bool {
	if drive, name, ok := p.item(r.Path); ok {
		p.putItem(drive, name, word{value: trimNewline(v)})
		return false
	}
	p.i.write(slashes(r.Path), v, r.Append)
	return true
}

// unparsed takes the words behind --%, which PowerShell hands on as they are, but for
// %NAME%.
func (p *posh) unparsed() []word {
	p.skip(len("--%"))
	from := p.pos
	for p.pos < len(p.s) && strings.IndexByte("\n|", p.peek()) < 0 {
		p.skip(1)
	}
	var out []word
	for _, text := range strings.Fields(p.s[from:p.pos]) {
		v := p.i.text.table.Value(strings.Trim(text, `"`))
		if strings.Contains(text, "%") {
			v = value.Opaque(text, v)
		}
		out = append(out, word{value: v})
	}
	return out
}

// invokeAll invokes a command with its words: with all of those that it may have, and
// with those alone that it surely has.
func (p *posh) invokeAll(c *call, words []word) {
	invoke := func(words []word) func() {
		own := *c
		for _, w := range words {
			own.args = append(own.args, w.words()...)
			own.loose = own.loose || w.loose
		}
		return func() {
			if len(own.args) > 0 {
				p.invoke(&own, words)
				if own.sourced {
					p.i.definedPosh(&own, words[1:])
				}
			}
		}
	}
	all := invoke(words)
	if !slices.ContainsFunc(words, func(w word) bool { return w.more }) {
		all()
		return
	}
	sure := slices.Clone(words)
	for n := range sure {
		sure[n] = sure[n].certain()
	}
	p.i.alternatives(false, all, func() { p.i.guarded(invoke(sure)) })
}
