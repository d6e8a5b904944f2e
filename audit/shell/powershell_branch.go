package shell

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// condition walks if (…) {…}, foreach ($x in …) {…} and their like.
func (p *posh) condition(word string, flags string) {
	p.skip(1)
	var on thing
	var name string
	switch word {
	case "foreach":
		p.blank(true)
		name = p.variableName()
		p.blank(true)
		if strings.EqualFold(p.bareword(), "in") {
			on = p.pipelineValue()
			p.setVariable(name, plain(p.anyOf("$"+name, on)))
		}
		p.closeParenthesis()
	case "switch":
		on = p.pipelineValue()
		p.closeParenthesis()
	case "while":
		p.while()
		return
	default:
		p.i.capture(func() { p.statements(')') })
	}
	p.blank(true)
	if p.peek() != '{' {
		return
	}
	switch word {
	case "switch":
		p.switchBody(on, flags)
	case "if":
		p.branches()
	default:
		p.loop(name, on.tables())
	}
}

// loop walks the block of a loop: once, or for each of some tables that a variable
// is in turn, as a choice of them would not tell their entries apart.
func (p *posh) loop(name string, turns []thing) {
	at := p.pos
	turn := func() {
		p.pos = at
		p.turn()
	}
	if len(turns) == 0 {
		p.turns(turn)
	}
	for _, t := range turns {
		p.setVariable(name, t)
		p.turns(turn)
	}
}

// turn walks the block of a loop that may not run.
func (p *posh) turn() {
	p.i.guarded(func() { p.i.leavable(leavesLoop, true, func() { p.block(false) }) })
}

// while walks the condition of a loop and its block, or the condition alone where that
// stands behind the block.
func (p *posh) while() {
	at := p.pos
	p.turns(func() {
		p.pos = at
		p.i.capture(func() { p.statements(')') })
		if p.blank(true); p.peek() == '{' {
			p.turn()
		}
	})
}

// doWhile walks a block and the condition behind it.
func (p *posh) doWhile() {
	at := p.pos
	p.turns(func() {
		p.pos = at
		p.i.leavable(leavesLoop, false, func() { p.block(false) })
		end := p.pos
		p.blank(true)
		word := strings.ToLower(p.bareword())
		if p.blank(true); (word == "while" || word == "until") && p.peek() == '(' {
			p.skip(1)
			p.i.capture(func() { p.statements(')') })
		} else {
			p.pos = end
		}
	})
}

// maxTurns bounds the tables for each of which a loop is walked.
const maxTurns = 8

// tables are the elements of a list where there are tables among them, and not too
// many, else nil.
func (t thing) tables() []thing {
	if !t.isList || t.isHash || len(t.list) > maxTurns || !slices.ContainsFunc(t.list, func(e element) bool { return e.of != nil }) {
		return nil
	}
	var out []thing
	for _, e := range t.list {
		out = append(out, e.thing())
	}
	return out
}

// branches walks the block of an if, and those of elseif and else behind it. What a
// condition sets is seen in its own branch.
func (p *posh) branches() {
	var walks []func()
	walk := func(from int, condition bool) {
		walks = append(walks, func() {
			if p.pos = from; condition {
				p.skip(1)
				p.i.capture(func() { p.statements(')') })
				p.blank(true)
			}
			p.block(false)
		})
	}
	walk(p.pos, false)
	p.balanced()
	isElse := false
	for !isElse {
		if isElse = p.follows("else"); isElse {
			walk(p.pos, false)
			p.balanced()
			break
		}
		at := p.pos
		p.blank(true)
		word := p.bareword()
		p.blank(true)
		from := p.pos
		if !strings.EqualFold(word, "elseif") || p.peek() != '(' {
			p.pos = at
			break
		}
		p.balanced()
		if p.blank(true); p.peek() != '{' {
			p.pos = at
			break
		}
		p.balanced()
		walk(from, true)
	}
	end := p.pos
	p.i.guarded(func() { p.i.alternatives(!isElse, walks...) })
	p.pos = end
}

// body walks the block behind a word that needs no condition.
func (p *posh) body(word string) {
	switch word {
	case "try":
		p.try()
	case "do":
		p.doWhile()
	default:
		p.block(word == "trap")
	}
}

// block walks {…}.
func (p *posh) block(guarded bool) {
	p.skip(1)
	if !guarded {
		p.statements('}')
		return
	}
	p.i.guarded(func() { p.i.alternatives(true, func() { p.statements('}') }) })
}

// types skips [Type] in front of a block.
func (p *posh) types() {
	p.blank(true)
	for p.peek() == '[' || p.peek() == ',' {
		if p.peek() == ',' {
			p.skip(1)
		} else {
			p.balanced()
		}
		p.blank(true)
	}
}

// try walks try, catch and finally. What comes behind follows the whole block, or a
// catch behind as much of it as was done. So does finally, which runs where nothing
// catches as well, and then nothing else does.
func (p *posh) try() {
	i := p.i
	var f fork
	p.skip(1)
	first := len(i.res.Commands)
	i.scope()
	own := i.scoped
	way := trail{}
	left := i.leaving(leavesTry, func() {
		i.alternative(&f, func() {
			i.st.trail = way
			p.statements('}')
		})
	})
	way.pass(i.st.trail, i.poshDepth)
	i.scopes = slices.DeleteFunc(slices.Clone(i.scopes), func(scope int) bool { return scope == own })
	last := len(i.res.Commands)
	begun := *f.branches[0]
	begun.dead = false
	for p.follows("catch") {
		p.skip(1)
		i.guarded(func() {
			i.alternative(&f, func() {
				i.st.merge(true, slices.Concat(left, []*scope{&begun}, way.scopes(i.st))...)
				p.statements('}')
			})
		})
	}
	if len(f.branches) == 1 && len(left) > 0 {
		i.leftAt(i.passOn(leavesTry, left))
	}
	if !slices.ContainsFunc(f.branches[1:], func(t *scope) bool { return !t.dead }) {
		// What follows runs only behind the whole block.
		for n := first; n < last; n++ {
			c := &i.res.Commands[n]
			c.Scopes = slices.DeleteFunc(c.Scopes, func(scope int) bool { return scope == own })
		}
	}
	finally := p.follows("finally")
	if at := p.pos; finally && len(way) > 0 {
		i.guarded(func() {
			i.alternative(&fork{}, func() {
				i.st.merge(true, slices.Concat(left, []*scope{&begun}, way.scopes(i.st))...)
				p.block(false)
			})
		})
		p.pos = at
	}
	i.join(&f, false)
	if finally {
		p.block(false)
	}
}

// follows goes to the block behind a word, if that comes next.
func (p *posh) follows(word string) bool {
	at := p.pos
	p.blank(true)
	if strings.EqualFold(p.bareword(), word) {
		if p.types(); p.peek() == '{' {
			return true
		}
	}
	p.pos = at
	return false
}

// clause is one of a switch: where its block begins.
type clause struct {
	// pattern is its text, if known.
	pattern string
	known   bool
	isElse  bool
	body    int
}

// clauses reads { pattern {…} … } and skips it.
func (p *posh) clauses() []clause {
	var out []clause
	p.skip(1)
	for {
		p.blank(true)
		before := p.pos
		switch p.peek() {
		case 0:
			return out
		case '}':
			p.skip(1)
			return out
		case '{':
			p.i.capture(func() { p.block(true) })
			out = append(out, clause{})
		default:
			w := p.word()
			text, known := w.value.Literal()
			text = strings.ToLower(text)
			out = append(out, clause{pattern: text, known: known, isElse: text == "default" && !w.quoted})
		}
		if p.blank(true); p.peek() == '{' && len(out) > 0 {
			out[len(out)-1].body = p.pos + 1
			p.balanced()
		}
		if p.pos == before {
			p.skip(1)
		}
		if !p.i.step(p.pos) {
			p.pos = len(p.s)
		}
	}
}

// switchBody walks { pattern {…} … }: one of the blocks, or where several patterns
// may fit any of them, each behind those before it.
func (p *posh) switchBody(on thing, flags string) {
	i := p.i
	all := p.clauses()
	end := p.pos
	p.setVariable("_", plain(value.Opaque("$_", on.text())))
	walk := func(c clause) {
		if p.pos = c.body; c.body > 0 {
			p.statements('}')
		}
	}
	var otherwise []clause
	some := slices.DeleteFunc(slices.Clone(all), func(c clause) bool {
		if c.isElse {
			otherwise = append(otherwise, c)
		}
		return c.isElse
	})
	inTurn := func(list []clause) {
		for _, c := range list {
			i.alternatives(true, func() { walk(c) })
		}
	}
	i.guarded(func() {
		switch {
		case on.isList || strings.Contains(flags, "file"):
			p.turns(func() { i.leavable(leavesLoop, false, func() { inTurn(all) }) })
		case len(some) < 2 || oneFits(some, flags):
			var walks []func()
			for _, c := range all {
				walks = append(walks, func() { walk(c) })
			}
			i.leavable(leavesLoop, len(otherwise) == 0, walks...)
		case len(otherwise) > 0:
			i.leavable(leavesLoop, false, func() { inTurn(some) }, func() { walk(otherwise[0]) })
		default:
			i.leavable(leavesLoop, false, func() { inTurn(some) })
		}
	})
	p.pos = end
}

// oneFits tells whether at most one of some patterns does.
func oneFits(list []clause, flags string) bool {
	seen := map[string]bool{}
	for _, c := range list {
		if !c.known || seen[c.pattern] || flags != "" {
			return false
		}
		seen[c.pattern] = true
	}
	return true
}
