package script

import "slices"

// pyStraight tells which statements run wherever the one before them does that binds a
// name, and nothing in between uses that. It is asked for each name in the order of the
// statements.
type pyStraight struct {
	p          *python
	statements [][]pyToken
	// mentions are the statements in which a name stands, in order.
	mentions map[string][]int
	// below are, for each statement, the next one that stands further left.
	below []int
	// loops are, for each statement, the innermost loop around it, -1 for none.
	loops []int
	names map[string]*pyGoing
}

// pyGoing is how far the mentions of a name were looked at.
type pyGoing struct {
	// bound is the only statement that binds it, -1 where there is none such.
	bound, column int
	// next is the first of the mentions that was not looked at, and used says that one
	// of the others uses it.
	next int
	used bool
}

// below finds for each statement the next one that stands further left.
func (p *python) below(statements [][]pyToken) []int {
	out := make([]int, len(statements))
	var open []int
	for n, s := range statements {
		column := p.column(s[0].offset)
		for len(open) > 0 && p.column(statements[open[len(open)-1]][0].offset) > column {
			out[open[len(open)-1]] = n
			open = open[:len(open)-1]
		}
		open = append(open, n)
	}
	for _, n := range open {
		out[n] = len(statements)
	}
	return out
}

// straight tells it of a statement, for the name with a key.
func (o *pyStraight) straight(n int, key string) bool {
	g := o.names[key]
	if g == nil {
		g = o.begin(key)
		o.names[key] = g
	}
	if g.bound < 0 || g.bound > n || o.below[g.bound] <= n || o.p.column(o.statements[n][0].offset) != g.column || o.p.loose[key] {
		return false
	}
	mentions := o.mentions[key]
	for ; g.next < len(mentions) && mentions[g.next] < n && !g.used; g.next++ {
		if m := mentions[g.next]; m > g.bound {
			s := o.statements[m]
			name, _, _ := pyAltered(s)
			g.used = name.text == "" || o.p.home(name) != key || o.p.column(s[0].offset) != g.column
		}
	}
	return !g.used
}

// begin finds where a name is bound.
func (o *pyStraight) begin(key string) *pyGoing {
	g := &pyGoing{bound: -1}
	for _, m := range o.mentions[key] {
		s := pyPlain(o.statements[m])
		if len(s) > 2 && s[0].kind == 'n' && s[1].kind == '=' && o.p.home(s[0]) == key {
			if g.bound >= 0 {
				return &pyGoing{bound: -1}
			}
			g.bound, g.column = m, o.p.column(o.statements[m][0].offset)
		}
	}
	return g
}

// loopsOf finds the innermost loop around each statement.
func (p *python) loopsOf(statements [][]pyToken) []int {
	out := make([]int, len(statements))
	var open []int
	for n, s := range statements {
		column := p.column(s[0].offset)
		for len(open) > 0 && p.column(statements[open[len(open)-1]][0].offset) >= column {
			open = open[:len(open)-1]
		}
		if out[n] = -1; len(open) > 0 {
			out[n] = open[len(open)-1]
		}
		if pyIs(s, "for") || pyIs(s, "while") {
			open = append(open, n)
		}
	}
	return out
}

// looped is what a loop over a list that is written out adds by its variable: all of
// the list, where each turn adds it, else any of its elements. It is nil for anything
// else, as where the variable is given another value.
func (o *pyStraight) looped(n int, added []pyToken) (whole []pyToken, each [][]pyToken) {
	at := o.loops[n]
	if at < 0 || len(added) != 3 || added[1].kind != 'n' {
		return nil, nil
	}
	s, name := o.statements[at], added[1].text
	if len(s) < 6 || s[0].text != "for" || s[1].text != name || !pyIs(s[2:], "in") {
		return nil, nil
	}
	end := len(s) - 1
	if s[end].kind != ':' || s[3].kind != '[' && s[3].kind != '(' || pyClose(s[3:]) != end-4 {
		return nil, nil
	}
	every := o.p.column(o.statements[n][0].offset) == o.p.column(o.statements[at+1][0].offset)
	for k := at + 1; k < len(o.statements) && o.loops[k] >= at; k++ {
		if k == n {
			continue
		}
		if pyBinds(o.statements[k], name) {
			return nil, nil
		}
		every = every && !pyTurns(o.statements[k])
	}
	if every {
		out := []pyToken{added[0], {kind: '*', text: "*", offset: s[3].offset}}
		return append(append(out, s[3:end]...), added[2]), nil
	}
	for _, element := range pySplit(s[4:end-1], ',') {
		if len(element) > 0 {
			each = append(each, slices.Concat(added[:1], element, added[2:]))
		}
	}
	return nil, each
}

// pyTurns tells whether a statement may end a turn of a loop.
func pyTurns(s []pyToken) bool {
	return slices.ContainsFunc(s, func(t pyToken) bool {
		return t.kind == 'n' && slices.Contains([]string{"break", "continue", "return", "raise"}, t.text)
	})
}

// pyBinds tells whether a statement may give a variable another value.
func pyBinds(s []pyToken, name string) bool {
	named, binds := false, false
	for _, t := range s {
		named = named || t.kind == 'n' && t.text == name
		binds = binds || t.kind == '=' || t.kind == 'n' && slices.Contains([]string{"for", "as", "import", "del", "global", "def", "lambda"}, t.text)
	}
	return named && binds
}
