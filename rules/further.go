package rules

import (
	"slices"
	"strings"
)

// Further is an effect that takes the place of the one at hand, or adds to it,
// where a condition holds that does not hold, or may not, with what is given.
type Further struct {
	// When are the terms that are open, all of which must hold; it is never
	// empty. Terms that hold already are not among them.
	When Condition
	// Effect is the whole effect where Replaces is true, otherwise what comes
	// to that at hand, with its target where it has none of its own. That
	// nobody has checked a row is said of what is done anyway, and not here.
	Effect   Effect
	Replaces bool
	// Keys are as in ActionToken.
	Keys map[string]string
	// versions are those of the row.
	versions Versions
}

// truth tells whether the row holds.
func (f Further) truth(get getter) Truth { return min(get.holds(f.When), get.within(f.versions)) }

// Further returns what the action does with the token under conditions that
// are open, in the table's order: what it does where a row holds that does not
// surely hold with what get returns, and what it would do if a row that holds
// now did not. Open answers as get does where something is settled, and that
// nothing is known of the rest: an input may be given where none is.
//
// The condition of a row is what is said of it: that a row before it would
// stand in its place is not.
func (t ActionToken) Further(get, open func(name string) (text string, known, set bool)) []Further {
	var choices []Further
	for _, r := range t.Rows {
		choices = append(choices, Further{When: r.When, Effect: r.Effect, Replaces: r.Replaces, Keys: r.Keys, versions: r.Versions})
	}
	choices = append(choices, Further{Effect: t.Base, Replaces: true, Keys: t.Keys})
	return further(get, open, choices)
}

// Further is as [ActionToken.Further], for one of the uses of a program. What
// is in the call's own words is settled.
func (p *ProgramInfo) Further(use ProgramUse, get, open func(name string) (text string, known, set bool)) []Further {
	given := words{known: p.known, flags: p.Flags, operands: p.Operands}
	own := given.getter(p.Hidden)
	beside := func(outside getter) getter {
		return func(name string) (string, bool, bool) {
			if strings.HasPrefix(name, "env:") || strings.HasPrefix(name, "@") {
				return outside(name)
			}
			return own(name)
		}
	}
	var choices []Further
	for _, r := range slices.Backward(use.rows) { // the last that holds replaces all before it
		choices = append(choices, Further{When: r.when, Effect: r.effect, Replaces: r.mode != modeAdd})
		if r.mode != modeAdd && beside(open).holds(r.when) == Yes {
			break
		}
	}
	out := further(beside(get), beside(open), choices)
	for i := range out {
		out[i].Effect = given.resolve(out[i].Effect)
	}
	return out
}

// further returns the choices that do not stand with what get returns and may
// stand with what open does. The first that holds of those that replace
// stands; the last of them has no condition.
func further(get, open getter, choices []Further) []Further {
	for i := range choices {
		choices[i].Effect.Confidence = ""
	}
	now := slices.IndexFunc(choices, func(c Further) bool { return c.Replaces && c.truth(get) == Yes })
	if now < 0 {
		return nil
	}
	current := choices[now]
	var out []Further
	settled := false
	for i, c := range choices {
		truth := c.truth(open)
		switch {
		case i == now:
			settled = settled || truth == Yes
		case truth == No, c.Replaces && settled:
		case !c.Replaces:
			if c.truth(get) != Yes {
				c.When = c.pending(get)
				out = append(out, c.onto(current.Effect))
			}
		case i < now:
			c.When = c.pending(get)
			out = append(out, c)
		default:
			pending := c.pending(get)
			for _, t := range open.turned(current.When) {
				c.When = pending
				if !slices.ContainsFunc(pending, func(p Term) bool { return p.Name == t.Name }) {
					c.When = append(slices.Clip(pending), t)
				}
				out = append(out, c)
			}
			settled = truth == Yes
		}
	}
	return out
}

// pending returns the terms that do not surely hold. A range of versions, which
// most people are past, is a term of "@version" only where there is no other.
func (f Further) pending(get getter) Condition {
	c := get.pending(f.When)
	if len(c) == 0 && get.within(f.versions) != Yes {
		c = append(c, Term{Name: "@version", Values: []string{f.versions.String()}})
	}
	return c
}

// onto returns what adds to an effect, on its target if it has none itself.
func (f Further) onto(e Effect) Further {
	if f.Effect.Target == "" {
		f.Effect.Target = e.Target
	}
	if f.Effect.Answer == "" {
		f.Effect.Answer = AnswerYes
	}
	return f
}

// pending returns the terms that do not surely hold.
func (get getter) pending(c Condition) Condition {
	return slices.DeleteFunc(slices.Clone(c), func(t Term) bool { return get.term(t) == Yes })
}

// turned returns the terms that may not hold, each turned round.
func (get getter) turned(c Condition) []Term {
	var out []Term
	for _, t := range c {
		if get.term(t) == Maybe {
			t.Not = !t.Not
			out = append(out, t)
		}
	}
	return out
}
