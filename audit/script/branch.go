package script

import (
	"maps"
	"slices"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// spot is a place that holds something: a variable, a member of an object or the
// elements of a list.
type spot struct {
	variable *variable
	object   *object
	member   string
	list     *list
}

// held is what a spot holds; nil for a member that is not there.
func (s spot) held() thing {
	switch {
	case s.variable != nil:
		return s.variable.value
	case s.object != nil:
		return s.object.members[s.member]
	}
	kept := *s.list
	return &kept
}

// hold gives a spot what held has told.
func (s spot) hold(t thing) {
	switch {
	case s.variable != nil:
		s.variable.value = t
	case s.object != nil && t != nil:
		s.object.set(s.member, t)
	case s.object != nil:
		s.object.remove(s.member)
	default:
		*s.list = *t.(*list)
	}
}

// region is code that may not run, or not to its end, with what the spots held
// that were written there when it began.
type region struct {
	before map[spot]thing
	order  []spot
}

// touch notes a spot that is about to be written.
func (r *reader) touch(s spot) {
	if r.region == nil {
		return
	}
	if _, known := r.region.before[s]; !known {
		r.region.before[s] = s.held()
		r.region.order = append(r.region.order, s)
	}
}

// write gives a spot another value.
func (r *reader) write(s spot, t thing) {
	r.touch(s)
	s.hold(t)
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
	outer, env, sure := f.region, f.env, f.sure
	var sets []map[string]bool
	var order []spot
	before := map[spot]thing{}
	after := make([]map[spot]thing, len(walks))
	envs := make([]*value.Env, 0, len(walks)+1)
	for i, walk := range walks {
		inner := &region{before: map[spot]thing{}}
		f.region, f.sure = inner, map[string]bool{}
		walk()
		sets = append(sets, f.sure)
		after[i] = map[spot]thing{}
		for _, s := range slices.Backward(inner.order) {
			after[i][s] = s.held()
			s.hold(inner.before[s])
			if _, known := before[s]; !known {
				before[s] = inner.before[s]
				order = append(order, s)
			}
		}
		envs, f.reader.env = append(envs, f.env), env
	}
	f.region, f.sure = outer, sure
	f.setByAll(exhaustive, sets)
	if !exhaustive {
		after, envs = slices.Insert(after, 0, nil), slices.Insert(envs, 0, env)
	}
	for _, s := range slices.Backward(order) {
		states := make([]thing, len(after))
		for i := range after {
			t, written := after[i][s]
			if !written {
				t = before[s]
			}
			states[i] = t
		}
		t := s.met(states)
		f.changed = f.changed || !same(before[s], t) && !sameItems(before[s], t)
		f.write(s, t)
	}
	f.reader.env = metEnv(env, envs)
}

// guarded walks code that may not run, or may run often.
func (f *frame) guarded(walk func()) { f.branches(false, walk) }

// met is what a spot holds that may be in either of several states.
func (s spot) met(states []thing) thing {
	if s.list != nil {
		lists := make([]*list, len(states))
		for i, t := range states {
			lists[i] = t.(*list)
		}
		return metLists(lists)
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
	if len(out.items) > maxItems {
		out.items, out.open = out.items[:maxItems], true
	}
	return &out
}

// sameItems tells whether two states of a list have the same elements.
func sameItems(a, b thing) bool {
	l, ok := a.(*list)
	m, both := b.(*list)
	return ok && both && l.open == m.open && slices.EqualFunc(l.items, m.items, same)
}

// metEnv is the environment that may be one of several, which were all made of one.
func metEnv(before *value.Env, envs []*value.Env) *value.Env {
	if !slices.ContainsFunc(envs, func(e *value.Env) bool { return e != envs[0] }) {
		return envs[0]
	}
	names := map[string]bool{}
	for _, e := range envs {
		maps.Copy(names, e.Since(before))
	}
	vars := map[string]value.Value{}
	for name := range names {
		var of []value.Value
		for _, e := range envs {
			v, _ := e.Lookup(name)
			of = append(of, v)
		}
		vars[name] = limited(value.Choice(of...))
	}
	return before.With(vars)
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
	items := make([]thing, len(l.items))
	for i, item := range l.items {
		items[i] = join(item, none{})
	}
	l.items, l.open, l.ordered = items, true, false
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
		r.env = r.env.Set(name, value.Choice(v, value.Unknown(shortened(source))))
	}
}
