package script

import (
	"slices"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// spot is a place that holds something: a variable, a member of an object, the
// elements of a list, or a variable of the environment.
type spot struct {
	variable *variable
	object   *object
	member   string
	list     *list
	env      string
}

// held is what a spot holds; nil for a member that is not there, and for a variable
// of the environment that is not set.
func (r *reader) held(s spot) thing {
	switch {
	case s.variable != nil:
		return s.variable.value
	case s.object != nil:
		return s.object.members[s.member]
	case s.list != nil:
		kept := *s.list
		return &kept
	}
	if v, set := r.env.Lookup(s.env); set {
		return text{v}
	}
	return nil
}

// hold gives a spot what held has told.
func (r *reader) hold(s spot, t thing) {
	switch {
	case s.variable != nil:
		s.variable.value = t
	case s.object != nil && t != nil:
		s.object.set(s.member, t)
	case s.object != nil:
		s.object.remove(s.member)
	case s.list != nil:
		*s.list = *t.(*list)
	default:
		r.env = r.env.Set(s.env, valueOf(t))
	}
}

// region is code that may not run, or not to its end, with what the spots held
// that were written there when it began.
type region struct {
	before map[spot]thing
	order  []spot
	// exits counts the places met so far at which the code may be left. exit is how
	// many there were when a spot was written last, and left what it has held at such
	// a place before it was given something else.
	exits int
	exit  map[spot]int
	left  map[spot][]thing
}

func newRegion() *region {
	return &region{before: map[spot]thing{}, exit: map[spot]int{}, left: map[spot][]thing{}}
}

// touch notes a spot that is about to be written, and what it holds.
func (g *region) touch(s spot, held thing) {
	if _, known := g.before[s]; !known {
		g.before[s] = held
		g.order = append(g.order, s)
	}
	if g.exit[s] < g.exits {
		g.leave(s, held)
	}
	g.exit[s] = g.exits
}

// leave notes what a spot may hold where the code is left.
func (g *region) leave(s spot, held thing) {
	if n := len(g.left[s]); n <= maxChoice && (n == 0 || !same(g.left[s][n-1], held)) {
		g.left[s] = append(g.left[s], held)
	}
}

// touch notes a spot that is about to be written.
func (r *reader) touch(s spot) {
	if r.region == nil && r.attempt == nil && r.behind == nil {
		return
	}
	held := r.held(s)
	if r.region != nil {
		r.region.touch(s, held)
	}
	for _, g := range []*region{r.attempt, r.behind} {
		if g != nil {
			g.exits++
			g.touch(s, held)
		}
	}
}

// write gives a spot another value.
func (r *reader) write(s spot, t thing) {
	r.touch(s)
	r.hold(s, t)
}

// branches walks code of which one part runs; exhaustive says that one of them
// does in any case. What they leave behind is either then.
func (f *frame) branches(exhaustive bool, walks ...func()) {
	f.condition++
	f.regions(exhaustive, walks...)
	f.condition--
}

// regions is branches for code that goes on as it would without a condition, but
// may not get to its end.
func (f *frame) regions(exhaustive bool, walks ...func()) {
	f.meet(exhaustive, f.arms(exhaustive, len(walks)), walks...)
}

// meet walks branches under the conditions of each.
func (f *frame) meet(exhaustive bool, scoped [][]int, walks ...func()) {
	outer, env, sure := f.region, f.env, f.sure
	var sets []map[string]bool
	var order []spot
	before := map[spot]thing{}
	after := make([]map[spot][]thing, len(walks))
	opened := false
	for i, walk := range walks {
		inner := newRegion()
		f.region, f.sure = inner, map[string]bool{}
		f.under(scoped[i], walk)
		sets = append(sets, f.sure)
		after[i] = map[spot][]thing{}
		for _, s := range slices.Backward(inner.order) {
			after[i][s] = append(inner.left[s], f.held(s))
			if s.env == "" {
				f.hold(s, inner.before[s])
			}
			if _, known := before[s]; !known {
				before[s] = inner.before[s]
				order = append(order, s)
			}
		}
		opened = opened || !f.reader.env.IsClosed()
		f.reader.env = env
	}
	if opened {
		env = env.Opened()
		f.reader.env = env
	}
	f.region, f.sure = outer, sure
	f.setByAll(exhaustive, sets)
	vars := map[string]value.Value{}
	for _, s := range slices.Backward(order) {
		var states []thing
		if !exhaustive {
			states = append(states, before[s])
		}
		if s.list != nil {
			f.steps += len(s.list.items) * len(s.list.items) / 64
		}
		for i := range after {
			if of, written := after[i][s]; written {
				states = append(states, of...)
			} else {
				states = append(states, before[s])
			}
		}
		t := s.met(states)
		f.changed = f.changed || !same(before[s], t) && !sameItems(before[s], t)
		if f.touch(s); s.env != "" {
			vars[s.env] = valueOf(t)
			continue
		}
		f.hold(s, t)
	}
	f.reader.env = env.With(vars)
}

// passed hands what a region has seen of some spots to the one around it, if there is one.
func (g *region) passed(to *region, counts func(spot) bool) {
	if to == nil {
		return
	}
	for _, s := range g.order {
		if counts(s) {
			to.touch(s, g.before[s])
			for _, held := range g.left[s] {
				to.leave(s, held)
			}
		}
	}
}

// inEnv tells whether a spot is a variable of the environment, ofAny is for all spots.
func inEnv(s spot) bool { return s.env != "" }
func ofAny(spot) bool   { return true }

// guarded walks code that may not run, or may run often.
func (f *frame) guarded(walk func()) {
	f.guards++
	f.branches(false, walk)
	f.guards--
}

// met is what a spot holds that may be in either of several states.
func (s spot) met(states []thing) thing {
	if s.list != nil {
		lists := make([]*list, len(states))
		for i, t := range states {
			lists[i] = t.(*list)
		}
		return metLists(lists)
	}
	if s.env != "" {
		of := make([]value.Value, len(states))
		for i, t := range states {
			of[i] = valueOf(t)
		}
		return text{limited(value.Choice(of...))}
	}
	there := false
	for i, t := range states {
		there = there || t != nil
		if t == nil {
			states[i] = none{}
		}
	}
	if !there {
		return nil
	}
	return join(states...)
}

// metLists is a list that may be in either of several states: what is not in all of
// them may be missing.
func metLists(states []*list) *list {
	out := *states[0]
	n := len(out.items)
	for _, l := range states[1:] {
		n = min(n, len(l.items))
		for i := range n {
			if !same(l.items[i], out.items[i]) {
				n = i
				break
			}
		}
		out.open = out.open || l.open
		out.ordered = out.ordered && l.ordered && len(l.items) == len(states[0].items)
	}
	out.items = slices.Clip(slices.Clone(out.items[:n]))
	for i, l := range states {
		for _, item := range l.items[n:] {
			item = join(item, none{})
			if i > 0 && slices.ContainsFunc(out.items[n:], func(t thing) bool { return same(t, item) }) {
				continue
			}
			out.items = append(out.items, item)
		}
	}
	out.cut()
	return &out
}

// sameItems tells whether two states of a list have the same elements.
func sameItems(a, b thing) bool {
	l, ok := a.(*list)
	m, both := b.(*list)
	return ok && both && l.open == m.open && slices.EqualFunc(l.items, m.items, same)
}

// blurMembers says that any member of an object may have been given another value.
func (f *frame) blurMembers(o *object) {
	for _, name := range o.names {
		f.touch(spot{object: o, member: name})
	}
	blur(o, nil)
}

// shuffle says that the elements of a list may be others, and in another order.
func (f *frame) shuffle(l *list) {
	f.touch(spot{list: l})
	l.loosen()
}

// pivotal are the variables by which programs find where to go and with which token.
var pivotal = slices.Concat(rules.GhPlaces, rules.GhVariables)

// blurEnv says that variables may be set in a way that is not known; over says that
// those may be, too, which are set already.
func (r *reader) blurEnv(source string, over bool) {
	r.env = r.env.Opened()
	for _, name := range pivotal {
		v, set := r.env.Lookup(name)
		if set && !over || !set && !slices.Contains(rules.GhPlaces, name) {
			continue
		}
		r.write(spot{env: name}, text{value.Choice(v, value.Unknown(shortened(source)))})
	}
}
