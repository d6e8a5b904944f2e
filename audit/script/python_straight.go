package script

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
// the list. It is nil for anything else.
func (o *pyStraight) looped(n int, added []pyToken) []pyToken {
	if o.loops[n] < 0 || len(added) != 3 {
		return nil
	}
	s := o.statements[o.loops[n]]
	if len(s) < 6 || s[0].text != "for" || s[1].text != added[1].text || !pyIs(s[2:], "in") {
		return nil
	}
	end := len(s) - 1
	if s[end].kind != ':' || s[3].kind != '[' && s[3].kind != '(' || pyClose(s[3:]) != end-4 {
		return nil
	}
	out := []pyToken{added[0], {kind: '*', text: "*", offset: s[3].offset}}
	return append(append(out, s[3:end]...), added[2])
}
