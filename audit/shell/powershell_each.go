package shell

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// piped tells whether what comes next hands on to the next part of a pipeline.
func (p *posh) piped() bool {
	at := p.pos
	defer func() { p.pos = at }()
	p.blank(true)
	return p.peek() == '|' && p.at(1) != '|'
}

// scriptBlock walks { … } as an argument: what a cmdlet does with each of
// its inputs, which $_ stands for.
func (p *posh) scriptBlock() {
	i := p.i
	p.skip(1)
	item := value.Unknown("$_")
	if i.in != nil {
		item = i.in.item()
	}
	at, program := p.pos, p.program
	body := func() {
		p.pos = at
		p.setVariable("_", plain(item))
		p.setVariable("PSItem", plain(item))
		if apartBlocks[program] {
			p.blockParameters()
		}
		i.reading(nil, func() { p.statements('}') })
	}
	printed := i.capture(func() {
		i.guarded(func() {
			if apartBlocks[program] {
				i.alternatives(true, func() { i.inCall(false, body) })
			} else {
				p.turns(func() { i.leavable(leavesFunction, true, body) })
			}
		})
	})
	p.program = program
	if i.out != nil && printing[program] {
		i.out.partial = true
		i.out.write(printed.value)
	}
}

// blockParameters makes the parameters unknown that stand at the top of a block which a
// cmdlet runs apart, but for those whose argument is the variable of their name.
func (p *posh) blockParameters() {
	q := &posh{i: p.i, s: p.s, pos: p.pos}
	q.types()
	if !strings.EqualFold(q.bareword(), "param") {
		return
	}
	if q.blank(true); q.peek() != '(' {
		return
	}
	params := q.parameters()
	end := &posh{i: p.i, s: p.s, pos: p.pos - 1}
	end.balanced()
	after, _, _ := strings.Cut(p.s[end.pos:], "\n")
	call := p.s[strings.LastIndexByte(p.s[:p.pos], '\n')+1:p.pos] + after
	_, given, _ := strings.Cut(strings.ToLower(call), "-arg")
	words := strings.FieldsFunc(given, func(r rune) bool { return strings.ContainsRune(" \t,@()|;`", r) })
	for _, param := range params {
		if !slices.Contains(words, "$"+strings.ToLower(param.name)) {
			old := p.variable(param.name).text()
			p.setVariable(param.name, plain(choose("$"+param.name, old, value.Opaque("$"+param.name))))
		}
	}
}

// handed walks a block that a variable holds, which a cmdlet is given.
func (p *posh) handed(f *poshFunction, program string) {
	f.called = true
	if slices.Contains(p.i.poshCalls, f) || f.owner != nil && f.owner != p.i {
		return
	}
	p.i.deeper(func() {
		outer := p.i.text
		p.i.text = f.text
		p.i.poshCalls = append(p.i.poshCalls, f)
		(&posh{i: p.i, s: f.text.source, pos: f.body - 1, program: program}).scriptBlock()
		p.i.poshCalls = p.i.poshCalls[:len(p.i.poshCalls)-1]
		p.i.text = outer
	})
}

// apartBlocks are the cmdlets whose script block has variables of its own.
var apartBlocks = map[string]bool{
	"invoke-command": true, "icm": true, "start-job": true, "sajb": true, "start-threadjob": true,
}

// printing are the cmdlets that print what their script block does.
var printing = map[string]bool{
	"foreach-object": true, "%": true, "foreach": true, "invoke-command": true, "icm": true, "measure-command": true,
}

// item is one of the objects that a stream has, which a block is run for: of
// text, one of its lines.
func (s *stream) item() value.Value {
	items := s.items
	if items == nil {
		v := trimNewline(s.value)
		if filesListed(v) {
			return v
		}
		if items = lines(v); len(items) < 2 {
			if _, ok := v.Literal(); ok {
				return v
			}
			return value.Opaque("$_", s.value)
		}
	}
	if len(items) == 0 || len(items) > maxChoices {
		return value.Opaque("$_", s.value)
	}
	return choose("$_", items...)
}

// handOn hands some of the objects on that a cmdlet reads, or all in another
// order. It is not known which. One that selects may take properties of them.
func (i *interp) handOn(a named, selects bool) {
	if i.in == nil || i.out == nil {
		return
	}
	if selects {
		_, property := a.get(0, "property", "expandproperty")
		if property {
			return
		}
	}
	i.out.items = i.in.items
}

// eachOf calls the methods ForEach and Where of a list with a block, which is run
// for each element; ok is false where none stands here.
func (p *posh) eachOf(t thing, name string, start int) (out thing, ok bool) {
	if name != "foreach" && name != "where" {
		return thing{}, false
	}
	at, inside := p.pos, p.peek() == '('
	if inside {
		p.skip(1)
		p.blank(true)
	}
	if p.peek() != '{' {
		p.pos = at
		return thing{}, false
	}
	in := &stream{value: t.text()}
	if t.isList && !t.isHash {
		in.items = variable{list: t.list}.values()
	}
	p.i.reading(in, p.scriptBlock)
	if inside {
		p.closeParenthesis()
	}
	if name == "foreach" || !t.isList {
		return plain(value.Opaque(p.i.source(start, p.pos), t.text())), true
	}
	out = t
	out.list = nil
	for _, e := range t.list {
		e.maybe = true
		out.list = append(out.list, e)
	}
	return out, true
}
