package script

import (
	"slices"
	"strings"
)

// specialise notes the edits that make a copy of a method a function for instances of the
// class that is turned.
func (l *pyLowering) specialise(c *pyCopy) {
	m := c.method
	header := m.statements[0]
	c.put(header[1].offset, header[1].offset+len(m.name), c.name)
	for n, s := range m.statements {
		if pyIs(s, "class") {
			l.odd = true
		}
		for _, tokens := range pyHoled(l.in.Source, s) {
			from := 0
			if n == 0 && len(tokens) == len(s) && tokens[0].offset == s[0].offset {
				if from = 4; m.self == "" {
					from = 3
				}
			}
			l.within(c, tokens, from)
		}
	}
}

// within looks at what a method does with its instance.
func (l *pyLowering) within(c *pyCopy, s []pyToken, from int) {
	m := c.method
	for i := from; i < len(s); i++ {
		t := s[i]
		if t.kind != 'n' || s[max(i-1, 0)].kind == '.' && i > 0 {
			continue
		}
		switch {
		case m.self != "" && t.text == m.self:
			if i+2 >= len(s) || s[i+1].kind != '.' || s[i+2].kind != 'n' {
				l.odd = true
				continue
			}
			l.attribute(c, s, i)
		case t.text == "super":
			l.above(c, s, i)
		case i+3 < len(s) && s[i+1].kind == '.' && s[i+3].kind == '(' && slices.ContainsFunc(l.line[1:], func(c *pyClass) bool { return c.name == t.text }):
			l.odd = true // a method of a base that is called by its name
		}
	}
}

// attribute reads "self.name" at an index.
func (l *pyLowering) attribute(c *pyCopy, s []pyToken, i int) {
	m := c.method
	name := m.attribute(s[i+2].text)
	end := s[i+2].offset + len(s[i+2].text)
	called := i+3 < len(s) && s[i+3].kind == '('
	of := pyFind(l.line, s[i+2].text)
	hidden := name != s[i+2].text
	if hidden {
		of = m.owner.methods[s[i+2].text]
	}
	switch {
	case strings.HasPrefix(s[i+2].text, "__") && !hidden:
		l.odd = true
	case of != nil && of.property:
		c.put(s[i].offset, end, l.reach(of, c)+"("+m.self+")")
		l.odd = l.odd || assignsAt(s, i+3)
	case of != nil && called && of.self != "":
		glue := ", "
		if s[i+4].kind == ')' {
			glue = ""
		}
		c.put(s[i].offset, s[i+3].offset+1, l.reach(of, c)+"("+m.self+glue)
	case of != nil && called:
		c.put(s[i].offset, end, l.reach(of, c))
	case of == nil && l.cell(name) != "":
		c.put(s[i].offset, end, l.cell(name))
	default:
		l.odd = true
	}
}

func (c *pyCopy) put(start, end int, text string) {
	c.edits = append(c.edits, pyEdit{start, end, text})
}

// above reads "super().name(…)" at an index.
func (l *pyLowering) above(c *pyCopy, s []pyToken, i int) {
	m := c.method
	k := i + 1
	if end := pyClose(s[k:]); end == 1 || end == 4 && pyIs(s[k:], "(", m.owner.name, ",", m.self) {
		k += end + 1
	}
	if k+2 >= len(s) || k == i+1 || s[k].kind != '.' || s[k+2].kind != '(' || m.self == "" {
		l.odd = true
		return
	}
	next := slices.Index(l.line, m.owner) + 1
	of := pyFind(l.line[next:], s[k+1].text)
	bare := s[k+3].kind == ')'
	switch {
	case of != nil && of.self != "" && !of.property:
		glue := ", "
		if bare {
			glue = ""
		}
		c.put(s[i].offset, s[k+2].offset+1, l.reach(of, c)+"("+m.self+glue)
	case of == nil && s[k+1].text == "__init__" && bare:
		c.put(s[i].offset, s[k+2].offset+1, "str(None")
	default:
		l.odd = true
	}
}

// written is the source with the class as functions.
func (l *pyLowering) written(text *pyText) *pyText {
	w := &pyWriter{}
	w.edited(text, 0, l.class.start, slices.Clone(l.edits))
	w.put(text, l.class.start, "pass\n")
	var cells []string
	given := map[string]bool{}
	for _, c := range l.line {
		for _, name := range c.names {
			tokens := c.fields[name]
			assigned := slices.ContainsFunc(l.line, func(c *pyClass) bool { return c.assigned[name] })
			if given[name] || assigned && pyNothing(tokens) {
				continue
			}
			given[name] = true
			w.put(text, tokens[0].offset, l.cell(name)+" = ")
			w.copied(text, tokens[0].offset, l.fieldEnd(tokens))
			w.put(text, tokens[0].offset, "\n")
		}
		for name := range c.assigned {
			cells = append(cells, l.cell(name))
		}
	}
	slices.Sort(cells)
	for _, name := range slices.Compact(cells) {
		if name != "" {
			w.put(text, l.class.start, "global "+name+"\n")
		}
	}
	for _, c := range l.reached {
		m := c.method
		w.put(text, m.start, "pass\n"+strings.Repeat(" ", lineIndent(text.source, m.start)))
		w.edited(text, m.start, m.end, slices.Concat(l.edits, c.edits))
		w.put(text, m.start, "\n")
	}
	w.edited(text, l.class.end, len(text.source), slices.Clone(l.edits))
	return w.done()
}

// fieldEnd is where the expression of an attribute of a class ends.
func (l *pyLowering) fieldEnd(tokens []pyToken) int {
	last := tokens[len(tokens)-1]
	if last.kind != 's' {
		return last.offset + len(last.text)
	}
	_, n := pyWord(l.in.Source[last.offset:])
	return last.offset + n
}
