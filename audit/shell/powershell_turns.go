package shell

import (
	"maps"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// The bounds of rehearsals: how many loops within each other have them, and how many
// turns are rehearsed of one.
const (
	maxRehearsals = 2
	maxTurnsAhead = 5
)

// turns walks code that is run again and again, from what the variables hold in any of
// its turns. To know that, turns are rehearsed until another one changes nothing; what
// does not come to rest is unknown. A list to which each turn adds the same stands for
// all that are so made.
func (p *posh) turns(turn func()) {
	i := p.i
	if i.rehearsing >= maxRehearsals {
		i.carry(i.branch(turn), true, false)
		return
	}
	start := *p
	for n := range maxTurnsAhead {
		t := i.rehearsed(turn)
		*p = start
		if !i.carry(t, n > 1, n == maxTurnsAhead-1) {
			break
		}
	}
	turn()
}

// rehearsed walks code of which nothing remains but the scope that it ends in.
func (i *interp) rehearsed(walk func()) *scope {
	*i.steps += (len(i.known) + len(i.gone) + len(i.sure) + len(i.res.Files) + len(i.res.Env) + len(i.res.Outputs) + len(i.funcs) + len(i.res.Commands)) / 16
	before := *i
	parts := make([]leavable, len(i.leavables))
	for n, part := range i.leavables {
		parts[n] = *part
	}
	res := *i.res
	res.Commands, res.Problems = slices.Clip(res.Commands), slices.Clip(res.Problems)
	res.Env, res.Outputs, res.Files, res.Parts = maps.Clone(res.Env), maps.Clone(res.Outputs), maps.Clone(res.Files), maps.Clone(res.Parts)
	i.res, i.pardons, i.poshFuncs = &res, slices.Clip(i.pardons), slices.Clip(i.poshFuncs)
	i.known, i.gone, i.sure = maps.Clone(i.known), maps.Clone(i.gone), maps.Clone(i.sure)
	i.funcs, i.lent, i.aliases = maps.Clone(i.funcs), maps.Clone(i.lent), maps.Clone(i.aliases)
	i.pending = maps.Clone(i.pending)
	for file, v := range i.pending {
		own := *v
		i.pending[file] = &own
	}
	i.rehearsing++
	t := i.branch(func() { i.capture(walk) })
	for n, part := range before.leavables {
		*part = parts[n]
	}
	*i = before
	return t
}

// carry makes each variable what it is or what a turn leaves of it. Where widen, what
// that changes is unknown from then on, where all, whatever the turn sets is. It tells
// whether anything has changed.
func (i *interp) carry(t *scope, widen, all bool) (changed bool) {
	*i.steps += len(t.vars) / 16
	before := i.st.fork()
	before.vars = map[string]variable{}
	for name := range t.vars {
		before.vars[name], _ = i.st.lookup(name)
	}
	i.st.merge(true, t)
	if t.dead {
		return false
	}
	for _, name := range slices.Sorted(maps.Keys(t.vars)) {
		old := before.vars[name]
		now, _ := i.st.lookup(name)
		if old.covers(now) && !all {
			continue
		}
		changed = true
		counts := isNumber(old.value.LiteralOr("")) && slices.ContainsFunc(now.value.Alternatives(), isOpaque)
		if widen || counts {
			i.st.set(name, variable{value: value.Opaque(shownName(name), old.thing().text(), now.thing().text())})
		}
	}
	if !i.st.dir.Equal(before.dir) {
		changed = true
		if widen {
			i.st.dir = value.Unknown("$PWD")
		}
	}
	return changed
}

// shownName is how a script names a variable.
func shownName(key string) string {
	name, _, _ := strings.Cut(key, depthMark)
	if !strings.HasPrefix(name, "$") {
		return "$env:" + name
	}
	return name
}

// covers tells whether all that another variable may be is among what this one may.
func (v variable) covers(other variable) bool {
	switch {
	case v.isList != other.isList || v.hash != other.hash || v.block != other.block:
		return false
	case !v.isList:
		return isOpaque(v.value) && !other.value.HoldsCredential() || choose("…", v.value, other.value).Equal(choose("…", v.value))
	}
	return !slices.ContainsFunc(other.list, func(e element) bool {
		return !slices.ContainsFunc(v.list, func(f element) bool {
			return (!v.hash || e.key == f.key) && e.maybe == f.maybe && choose("…", f.value, e.value).Equal(choose("…", f.value))
		})
	})
}
