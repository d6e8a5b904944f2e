package shell

import (
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// posh reads a PowerShell script and walks it at once. It knows statements,
// pipelines, strings, hash tables and calls; what it does not know it takes
// for words, which may make a wrong command but loses no credential.
type posh struct {
	i   *interp
	s   string
	pos int
	// wantsValue: the pipeline that begins here is assigned or passed on,
	// so that an expression of the workflow that stands alone is a value.
	wantsValue bool
	// program is the command whose words are being read.
	program string
	// reported: that the script does not end as it should was reported.
	reported bool
}

// unfinished reports that the script ends within something.
func (p *posh) unfinished(what string, start int) {
	if !p.reported && p.i != nil {
		p.reported = true
		p.i.problem(start, "the script does not parse: "+what+" is not closed")
	}
}

// thing is a value of PowerShell: text, a list or a hash table.
type thing struct {
	value          value.Value
	list           []element
	isList, isHash bool
	// object tells lists and tables apart which variables may share, 0 for none.
	object int
	// block is the code that it is, or nil.
	block *poshFunction
}

// text returns a thing as text: a list joined by spaces, a hash table in the
// form @{Name=value; Name=value}.
func (t thing) text() value.Value {
	if !t.isList {
		return t.value
	}
	if !t.isHash {
		list := variable{list: t.list}
		if sure, more := list.sure(); more {
			return choose("…", join(list.values()), join(sure))
		}
		return join(list.values())
	}
	all := []value.Value{value.Text("@{")}
	for n, e := range t.list {
		if n > 0 {
			all = append(all, value.Text("; "))
		}
		all = append(all, value.Text(e.key+"="), e.value)
	}
	return bounded(value.Concat(append(all, value.Text("}"))...), "@{…}")
}

// parameters returns a list as the words of a command, a table as -Name value.
func (t thing) parameters() []value.Value {
	words := []value.Value{}
	for _, e := range t.list {
		if t.isHash {
			words = append(words, value.Text("-"+e.key))
		}
		words = append(words, e.value)
	}
	return words
}

// element is t as an element of a list or a table.
func (t thing) element(key string) element {
	e := element{key: key, value: t.text()}
	if t.isHash {
		e.of = &t
	}
	return e
}

// thing is what an element is: of one that has changed since, its text.
func (e element) thing() thing {
	if e.of != nil && e.of.text().Equal(e.value) {
		return *e.of
	}
	return plain(e.value)
}

func plain(v value.Value) thing { return thing{value: v} }

// powerShell reads a script that is called with words, nil for none.
func (i *interp) powerShell(words []word) {
	i.opens() // what it sets is not read to its end
	p := &posh{i: i, s: i.text.source}
	if words != nil {
		if len(i.st.args) > 0 {
			i.lies(i.st.dir, i.st.args[0])
		}
		p.bindScript(words)
	}
	p.statements(0)
	i.uncalledPosh()
	i.finish()
}

// innerPosh reads a text that the script hands to itself.
func (i *interp) innerPosh(v value.Value, c *call) {
	i.opens()
	i.innerText(v, c, func() { (&posh{i: i, s: i.text.source}).statements(0) })
}

// peek returns the byte at the current place, or 0 at the end.
func (p *posh) peek() byte { return p.at(0) }

func (p *posh) at(n int) byte {
	if p.pos+n < len(p.s) {
		return p.s[p.pos+n]
	}
	return 0
}

func (p *posh) has(prefix string) bool { return strings.HasPrefix(p.s[p.pos:], prefix) }

// skip goes n bytes on, but not past the end.
func (p *posh) skip(n int) { p.pos = min(p.pos+n, len(p.s)) }

// blank skips spaces, continued lines and comments, and newlines if lines.
func (p *posh) blank(lines bool) {
	for p.pos < len(p.s) {
		switch c := p.peek(); {
		case c == ' ' || c == '\t' || c == '\r', c == '\n' && lines:
			p.skip(1)
		case c == '`' && (p.at(1) == '\n' || p.at(1) == '\r' && p.at(2) == '\n'):
			p.skip(2)
		case c == '#':
			p.skipTo("\n", false)
		case c == '<' && p.at(1) == '#':
			p.skipTo("#>", true)
		default:
			return
		}
	}
}

// skipTo goes to the next occurrence of s, or past it, or to the end.
func (p *posh) skipTo(s string, past bool) {
	n := strings.Index(p.s[p.pos:], s)
	switch {
	case n < 0:
		p.pos = len(p.s)
	case past:
		p.skip(n + len(s))
	default:
		p.skip(n)
	}
}

// statements walks statements up to a closing byte, which it takes, or the
// end of the script if it is 0.
func (p *posh) statements(closing byte) {
	start := p.pos
	for {
		p.blank(true)
		if p.pos >= len(p.s) {
			if closing != 0 && !p.i.full {
				p.unfinished("a bracket", max(start-1, 0))
			}
			return
		}
		c := p.peek()
		if c == closing {
			p.skip(1)
			return
		}
		before := p.pos
		if p.i.nesting >= maxNesting || !p.i.step(p.pos) {
			p.pos = len(p.s)
			return
		}
		p.i.nesting++
		if c != ';' {
			p.statement()
		}
		p.i.nesting--
		if p.pos == before {
			p.skip(1)
		}
	}
}

// statement walks one statement.
func (p *posh) statement() {
	start := p.pos
	if p.has("++$") || p.has("--$") {
		p.skip(2)
		name := p.variableName()
		p.setVariable(name, plain(value.Unknown("$"+name)))
		return
	}
	word := strings.ToLower(p.bareword())
	switch word {
	case "if", "elseif", "while", "until", "switch", "for", "foreach":
		p.blank(true)
		flags := ""
		for p.peek() == '-' {
			flags += strings.ToLower(p.word().value.LiteralOr("-")) // switch -regex
			p.blank(true)
		}
		if p.peek() == '(' {
			p.condition(word, flags)
			return
		}
	case "try", "do", "begin", "process", "end", "trap":
		p.types()
		if p.peek() == '{' {
			p.body(word)
			return
		}
	case "function", "filter":
		p.function()
		return
	case "param":
		p.blank(true)
		if p.peek() == '(' {
			p.balanced()
			return
		}
	case "return", "throw", "exit", "break", "continue":
		p.leave(word)
		return
	case "using", "class", "enum", "data":
		p.skipTo("\n", false)
		return
	}
	p.pos = start
	if _, ok := p.assignment(); ok {
		return
	}
	p.pos = start
	p.pipelines()
}

// leave takes what stands behind a word that leaves a part of the script.
func (p *posh) leave(word string) {
	p.blank(false)
	if word != "exit" {
		p.pipelines()
		p.i.leaves(word, nil)
		return
	}
	var status thing
	if !p.endsCommand() {
		status = p.pipelineValue()
	}
	p.i.leaves(word, status.text())
}

// anyOf is one element of what a loop goes over.
func (p *posh) anyOf(source string, t thing) value.Value {
	if t.isList && !t.isHash && len(t.list) > 0 && len(t.list) <= maxChoices {
		return choose(source, variable{list: t.list}.values()...)
	}
	if filesListed(t.value) {
		return trimNewlines(t.value)
	}
	return value.Opaque(source, t.text())
}

// closeParenthesis goes past the next closing parenthesis.
func (p *posh) closeParenthesis() {
	p.blank(true)
	if p.peek() == ')' {
		p.skip(1)
		return
	}
	p.i.capture(func() { p.statements(')') })
}

// balanced goes past the bracket that closes the one here, knowing strings
// and comments, and returns that place.
func (p *posh) balanced() int {
	depth := 0
	for p.pos < len(p.s) {
		switch c := p.peek(); {
		case c == '(' || c == '{' || c == '[':
			depth++
		case c == ')' || c == '}' || c == ']':
			if depth--; depth <= 0 {
				p.skip(1)
				return p.pos
			}
		case c == '\'' || c == '"':
			if p.pos > 0 && p.s[p.pos-1] == '@' && p.endsLine(1) {
				p.skip(1)
				p.skipTo("\n"+string(c)+"@", true)
			} else {
				p.skipString(c)
			}
			continue
		case c == '`':
			p.skip(1)
		case c == '<' && p.at(1) == '#':
			p.skipTo("#>", true)
			continue
		case c == '#' && p.startsWord():
			p.skipTo("\n", false)
			continue
		}
		p.skip(1)
	}
	p.pos = len(p.s)
	return p.pos
}

// startsWord tells whether a word may begin here, as a comment does: # is a letter
// like any other within one.
func (p *posh) startsWord() bool {
	return p.pos == 0 || strings.IndexByte(" \t\r\n;,|&(){}[]=", p.s[p.pos-1]) >= 0
}

// endsLine tells whether nothing but blanks stands between a place and the end of
// the line.
func (p *posh) endsLine(from int) bool {
	rest, _, _ := strings.Cut(p.s[min(p.pos+from, len(p.s)):], "\n")
	return strings.TrimSpace(rest) == ""
}

// skipString goes past a string; $(…) in it may hold quotes.
func (p *posh) skipString(quote byte) {
	for p.skip(1); p.pos < len(p.s); p.skip(1) {
		switch c := p.peek(); {
		case c == quote:
			p.skip(1)
			return
		case c == '`' && quote == '"':
			p.skip(1)
		case c == '$' && p.at(1) == '(' && quote == '"' && p.i != nil && p.i.nesting < maxNesting:
			p.skip(1)
			p.i.nesting++
			p.balanced()
			p.i.nesting--
			p.pos--
		}
	}
}
