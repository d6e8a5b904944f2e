package script

import (
	"slices"
	"strconv"
	"strings"
)

// pyLowering turns one class into functions.
type pyLowering struct {
	*python
	class   *pyClass
	line    []*pyClass
	classes map[string]*pyClass
	// holds are the keys of names that stand for instances.
	holds map[string]bool
	edits []pyEdit
	// reached are the copies of methods that are called, in order.
	reached []*pyCopy
	odd     bool
}

// lowerClass turns the first class into functions for which that can be done;
// nil where there is none. A class of the script itself that nothing makes use
// of stays, if it has no base in the script and is none of those that were turned.
func lowerClass(in Input, text *pyText, bases map[string]bool) *pyText {
	p, statements := prepared(in, text.source)
	if slices.ContainsFunc(statements, func(s []pyToken) bool {
		return slices.ContainsFunc(s, func(t pyToken) bool { return t.kind == 'n' && slices.Contains(pyUntold, t.text) })
	}) {
		return nil
	}
	classes := p.pyClasses(statements)
	for _, s := range statements {
		if !pyIs(s, "class") || classes[s[min(1, len(s)-1)].text] == nil {
			continue
		}
		l := &pyLowering{python: p, class: classes[s[1].text], classes: classes, holds: map[string]bool{}}
		if l.line = pyLine(classes, s[1].text); l.line == nil || sharesObjects(l.line) || !l.instances() {
			continue
		}
		for _, s := range statements {
			for _, tokens := range pyHoled(p.in.Source, s) {
				l.occurrences(tokens)
			}
		}
		for n := 0; n < len(l.reached) && !l.odd; n++ {
			l.specialise(l.reached[n])
		}
		file, _ := text.origin(l.class.start)
		if l.odd || len(l.reached)+len(l.edits) == 0 && file == in.Path && len(l.line) == 1 && !bases[l.class.name] {
			continue
		}
		for _, c := range l.line[1:] {
			bases[c.name] = true
		}
		return l.written(text)
	}
	return nil
}

// sharesObjects tells whether a class and its bases have an object in common
// that either may put something into.
func sharesObjects(line []*pyClass) bool {
	return len(line) > 1 && slices.ContainsFunc(line, func(c *pyClass) bool {
		for _, tokens := range c.fields {
			if slices.ContainsFunc(tokens, func(t pyToken) bool { return strings.IndexByte("{[(", t.kind) >= 0 }) {
				return true
			}
		}
		return false
	})
}

// made tells whether tokens are nothing but an instance of the class.
func (l *pyLowering) made(tokens []pyToken) bool {
	n := l.instance(tokens)
	return n > 0 && n == len(tokens)
}

// instance is how many tokens at the start of some are an instance of the
// class: one that is made, a name for one, or the call of a function that gives
// one. It is 0 for anything else.
func (l *pyLowering) instance(tokens []pyToken) int {
	if len(tokens) == 0 || tokens[0].kind != 'n' {
		return 0
	}
	t := tokens[0]
	key := l.home(t)
	if l.holds[key] {
		return 1
	}
	if len(tokens) < 3 || tokens[1].kind != '(' || key != t.text {
		return 0
	}
	if key == l.class.name || l.functions[key] != nil && l.holds[pyReturned(key, -1)] {
		if end := pyClose(tokens[1:]); end > 0 {
			return end + 2
		}
	}
	return 0
}

// instances finds the names that stand for instances. It is false where one of
// them may stand for something else.
func (l *pyLowering) instances() bool {
	for grown := true; grown; {
		grown = false
		for key, list := range l.bindings {
			if !l.holds[key] && slices.ContainsFunc(list, l.made) {
				l.holds[key], grown = true, true
			}
		}
	}
	for key := range l.holds {
		if l.loose[key] || len(l.loops[key]) > 0 {
			return false
		}
		for _, tokens := range l.bindings[key] {
			if !l.made(tokens) && !(len(tokens) == 1 && tokens[0].kind == 'n' && tokens[0].text == "None") {
				return false
			}
		}
	}
	return true
}

// occurrences looks at every place where the class or an instance of it stands
// among tokens.
func (l *pyLowering) occurrences(s []pyToken) {
	if pyIs(s, "global") || pyIs(s, "nonlocal") {
		return
	}
	for i, t := range s {
		if t.kind != 'n' || i > 0 && (s[i-1].kind == '.' || pyIs(s[i-1:], "def")) || i == 1 && pyIs(s, "class") {
			continue
		}
		key := l.home(t)
		switch n := l.instance(s[i:]); {
		case n > 0 && !l.names(s, i):
			if l.used(s, i, n); key == l.class.name {
				l.constructs(s, i)
			}
		case n > 0:
		case slices.ContainsFunc(l.line, func(c *pyClass) bool { return c.name == key }):
			l.named(s, i)
		case l.functions[key] != nil && l.holds[pyReturned(key, -1)]:
			l.odd = true
		}
	}
}

// names tells whether a name is not read where it stands, but is given
// something, or names an operand.
func (l *pyLowering) names(s []pyToken, i int) bool {
	if i+1 < len(s) && s[i+1].kind == '=' && (i+2 == len(s) || s[i+2].kind != '=') && (i == 0 || s[i-1].kind == '(' || s[i-1].kind == ',') {
		return true
	}
	if i == 0 && len(s) > 1 && s[1].kind == ':' {
		return true
	}
	return i > 0 && i < pyBody(s) && (s[i-1].kind == '(' || s[i-1].kind == ',') && pyDepth(s, i) == 1
}

// constructs replaces the call of the class by that of its __init__.
func (l *pyLowering) constructs(s []pyToken, i int) {
	to := "str(None"
	bare := s[i+2].kind == ')'
	if m := pyFind(l.line, "__init__"); m != nil {
		to = l.reach(m, nil) + "(None"
	} else if !bare {
		l.odd = true
	}
	if !bare {
		to += ", "
	}
	l.edits = append(l.edits, pyEdit{s[i].offset, s[i+1].offset + 1, to})
}

// pyCopy is the function that is made of a method for one of the places where
// it is called.
type pyCopy struct {
	method *pyMethod
	name   string
	// chain are the methods through which it is called, itself the last.
	chain []*pyMethod
	edits []pyEdit
}

// maxPythonCopies bounds the functions that are made of the methods of a class.
const maxPythonCopies = 60

// reach notes that a method is called, by a copy of another or from outside, and
// is the name of its function. One that comes to be called by itself has one
// function for all of these calls, and so have all where there are too many.
func (l *pyLowering) reach(m *pyMethod, from *pyCopy) string {
	c := &pyCopy{method: m, name: l.class.name + pyMark + m.owner.name + pyMark + m.name, chain: []*pyMethod{m}}
	if from != nil {
		c.chain = append(slices.Clone(from.chain), m)
	}
	if len(l.reached) < maxPythonCopies && !slices.Contains(c.chain[:len(c.chain)-1], m) {
		c.name += pyMark + strconv.Itoa(len(l.reached))
	} else if slices.ContainsFunc(l.reached, func(other *pyCopy) bool { return other.name == c.name }) {
		return c.name
	}
	l.reached = append(l.reached, c)
	return c.name
}

// cell is the name of the variable for an attribute, "" where nothing in the
// class gives an instance one.
func (l *pyLowering) cell(name string) string {
	if !slices.ContainsFunc(l.line, func(c *pyClass) bool { return c.assigned[name] || c.fields[name] != nil }) {
		return ""
	}
	if slices.ContainsFunc(l.line, func(c *pyClass) bool { return c.methods[name] != nil }) {
		return ""
	}
	return l.class.name + pyMark + name
}

// used looks at what is done with an instance, which takes n tokens from i on.
func (l *pyLowering) used(s []pyToken, i, n int) {
	if j := i + n; j+1 < len(s) && s[j].kind == '.' {
		l.member(s, i, j)
		return
	}
	l.odd = l.odd || !l.handed(s, i, i+n)
}

// member reads what stands behind the dot at j for the instance from i on.
func (l *pyLowering) member(s []pyToken, i, j int) {
	name := s[j+1].text
	next := byte(0)
	if j+2 < len(s) {
		next = s[j+2].kind
	}
	m := pyFind(l.line, name)
	switch {
	case strings.HasPrefix(name, "__"):
		l.odd = true
	case m != nil && m.property:
		l.edits = append(l.edits, pyEdit{s[i].offset, s[i].offset, l.reach(m, nil) + "("}, pyEdit{s[j].offset, s[j+1].offset + len(name), ")"})
		l.odd = l.odd || assignsAt(s, j+2)
	case m != nil && next == '(' && m.self != "":
		glue := ", "
		if s[j+3].kind == ')' {
			glue = ""
		}
		l.edits = append(l.edits, pyEdit{s[i].offset, s[i].offset, l.reach(m, nil) + "("}, pyEdit{s[j].offset, s[j+2].offset + 1, glue})
	case m != nil && next == '(' && j == i+1:
		l.edits = append(l.edits, pyEdit{s[i].offset, s[j+1].offset + len(name), l.reach(m, nil)})
	case m == nil && j == i+1 && l.cell(name) != "" && !assignsAt(s, j+2):
		l.edits = append(l.edits, pyEdit{s[i].offset, s[j+1].offset + len(name), l.cell(name)})
	default:
		l.odd = true
	}
}

// assignsAt tells whether what stands before an index of a statement is given
// something there.
func assignsAt(s []pyToken, i int) bool {
	if pyIs(s, "del") || pyIs(s, "for") || pyIs(s, "with") {
		return true
	}
	equal := slices.IndexFunc(s, func(t pyToken) bool { return t.kind == '=' })
	if i >= len(s) || equal < 0 {
		return false
	}
	if i < len(s)-1 && strings.IndexByte("+-*/|&%:", s[i].kind) >= 0 && s[i+1].kind == '=' {
		return true
	}
	return s[i].kind == '=' && s[min(i+1, len(s)-1)].kind != '=' && pyDepth(s, i) == 0 || s[i].kind == ',' && pyDepth(s, i) == 0 && i < equal || s[i].kind == ':' && pyDepth(s, i) == 0 && !pyIs(s, "if") && !pyIs(s, "elif") && !pyIs(s, "while")
}

// handed tells whether an instance stands from i to j where it keeps being
// followed: bound to a name, given to a function of the script, given back by
// one, made for nothing, or asked for.
func (l *pyLowering) handed(s []pyToken, i, j int) bool {
	plain := pyPlain(s)
	switch {
	case i == 0 && j == len(s):
		return true
	case len(plain) == 2+j-i && plain[0].kind == 'n' && plain[1].kind == '=' && plain[2].offset == s[i].offset && j == len(s):
		// What stands so in a class is an attribute, which is not followed yet.
		return !l.fields[s[0].offset]
	case i == 1 && j == len(s) && pyIs(s, "return"):
		return l.gives(s[1].offset)
	case j == i+1 && looksOnly(s, i) && (i == 0 || s[i-1].kind != '('):
		return true
	case j >= len(s) || s[j].kind != ',' && s[j].kind != ')' || i < pyBody(s):
		return false
	}
	k := i - 1
	if k > 1 && s[k].kind == '=' && s[k-1].kind == 'n' {
		k -= 2
	}
	if k < 1 || s[k].kind != '(' && s[k].kind != ',' {
		return false
	}
	for depth := 0; k > 0; k-- {
		switch s[k].kind {
		case ')', ']', '}':
			depth++
		case '(', '[', '{':
			depth--
		}
		if depth < 0 {
			break
		}
	}
	if k < 1 || s[k].kind != '(' || k > 1 && (s[k-2].kind == '.' || pyIs(s[k-2:], "def")) {
		return false
	}
	f := l.functions[s[k-1].text]
	return s[k-1].kind == 'n' && f != nil && !f.escapes && !f.wrapped && l.home(s[k-1]) == s[k-1].text
}

// named looks at the name of the class or of one of its bases where no instance
// is made of it.
func (l *pyLowering) named(s []pyToken, i int) {
	own := s[i].text == l.class.name
	switch {
	case pyIs(s, "class") && !own, typed(s, i):
	case i+1 < len(s) && s[i+1].kind == '(' && !own:
	case i+2 < len(s) && s[i+1].kind == '.' && s[i+2].kind == 'n' && !assignsAt(s, i+3):
		name := s[i+2].text
		m := pyFind(l.line, name)
		if !own {
			l.odd = l.odd || m == nil && l.cell(name) == "" || i+3 < len(s) && (s[i+3].kind == '[' || s[i+3].kind == '.')
			return
		}
		to := ""
		switch {
		case m != nil && m.self == "" && i+3 < len(s) && s[i+3].kind == '(':
			to = l.reach(m, nil)
		case m == nil:
			to = l.cell(name)
		}
		if to == "" || i+3 < len(s) && s[i+3].kind == '[' {
			l.odd = true
		}
		l.edits = append(l.edits, pyEdit{s[i].offset, s[i+2].offset + len(name), to})
	default:
		l.odd = true
	}
}

// typed tells whether a name stands in the type of an operand, a variable or of
// what a function gives back.
func typed(s []pyToken, i int) bool {
	body := pyBody(s)
	if body == 0 {
		equal := slices.IndexFunc(s, func(t pyToken) bool { return t.kind == '=' })
		return i > 1 && s[0].kind == 'n' && s[1].kind == ':' && (equal < 0 || i < equal) && len(s) > 2 && !slices.Contains([]string{"else", "try", "finally"}, s[0].text)
	}
	if i >= body {
		return false
	}
	for k := i - 1; k > 0; k-- {
		switch {
		case s[k].kind == '>' && s[k-1].kind == '-', s[k].kind == ':':
			return true
		case s[k].kind == '=' || s[k].kind == '(' && pyDepth(s, k) == 0:
			return false
		}
	}
	return false
}
