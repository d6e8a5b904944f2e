package script

import "slices"

// maxArms bounds the branches of one condition that are told apart.
const maxArms = 12

// maxScopes bounds the conditions under which a call is seen to be made.
const maxScopes = 64

// newScope is a condition that no other code has yet.
func (r *reader) newScope() int {
	r.scoped++
	return r.scoped
}

// arms are the conditions of branches of which one runs, or none where they are not
// exhaustive: each has its own, and with a minus those of the branches before it,
// which were not taken.
func (r *reader) arms(exhaustive bool, n int) [][]int {
	out := make([][]int, n)
	var before []int
	for k := range out {
		out[k] = slices.Clone(before)
		if exhaustive && k+1 == n {
			break
		}
		own := r.newScope()
		if out[k] = append(out[k], own); n <= maxArms {
			before = append(before, -own)
		}
	}
	return out
}

// under walks what runs under further conditions.
func (r *reader) under(conditions []int, walk func()) {
	outer := r.scopes
	if r.scopes = slices.Concat(outer, conditions); len(r.scopes) > maxScopes {
		r.scopes = append(r.scopes[:maxScopes-1:maxScopes-1], r.newScope())
	}
	walk()
	r.scopes = outer
}

// narrow puts what is walked from here to the end of the region under one more
// condition.
func (r *reader) narrow() {
	n := min(len(r.scopes), maxScopes-1)
	r.scopes = append(r.scopes[:n:n], r.newScope())
}

// conditioned says of a call under which conditions it is made here.
func (r *reader) conditioned(c *Call) {
	c.Scopes, c.Guarded, c.Avoided = slices.Concat(r.ended, r.scopes), r.guards > 0, len(r.ended) > 0
}

// ends notes that the script may end here with success.
func (r *reader) ends() {
	if len(r.ended) < maxScopes {
		r.ended = append(r.ended, r.newScope())
	}
}

// maxRepeats bounds how often one start of a program is noted at a place, where others
// come between.
const maxRepeats = 8

// again tells whether the start of a program is one that was noted at an index, of
// which the same is said. It is another where others were started in between.
func (r *reader) again(at int, c Call) bool {
	before := &r.result.Calls[at]
	if c.Kind != Exec {
		return true
	}
	between := slices.ContainsFunc(r.result.Calls[at+1:], func(d Call) bool {
		return d.Kind == Exec && (d.File != c.File || d.Start != c.Start)
	})
	switch {
	case between && r.sites[place{c.File, c.Start, c.Kind}] < maxRepeats:
		return false
	case between:
		before.Scopes = append(slices.Clone(before.Scopes), r.newScope())
	case !slices.ContainsFunc(c.Scopes, func(scope int) bool { return !slices.Contains(before.Scopes, scope) }):
		before.Scopes = c.Scopes
	}
	before.Guarded, before.Avoided = before.Guarded && c.Guarded, before.Avoided && c.Avoided
	return true
}
