package trace

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
)

// Covers tells whether a site surely runs where code ran before it that has
// these guards: whatever that left behind is then replaced by what the site
// leaves in its place. Conditions are compared as they are written.
func (s *Site) Covers(guards []string) bool { return covers(s.Guards, guards) }

// Under tells whether all of these guards hold where the site runs.
func (s *Site) Under(guards []string) bool { return covers(guards, s.Guards) }

func covers(later, earlier []string) bool {
	return !slices.ContainsFunc(later, func(g string) bool { return !slices.Contains(earlier, g) })
}

// under walks what runs under further conditions.
func (r *run) under(conditions []string, walk func()) {
	outer := r.guards
	r.guards = append(slices.Clip(outer), conditions...)
	walk()
	r.guards = outer
}

// branch is the condition of a command that only a branch of its script runs,
// or a loop: one that no other command has, as it is not known which of them
// run together.
func (r *run) branch(c shell.Command) []string {
	if !c.Guarded {
		return nil
	}
	return []string{r.newBranch()}
}

// branchPrefix begins the conditions of which nothing is known.
const branchPrefix = "branch "

// newBranch is a condition of which nothing is known.
func (r *run) newBranch() string {
	r.branches++
	return branchPrefix + strconv.Itoa(r.branches)
}

// usual are conditions that hold wherever the job goes on.
var usual = []string{"", "always()", "success()", "!cancelled()", "! cancelled()", "true", "success() || failure()"}

// conditions are those that a step's condition is made of, all of which hold
// where it runs. Those of a composite action are told apart by its callers, as
// they ask for its inputs.
func conditions(condition string, at position) []string {
	condition = strings.TrimSpace(condition)
	if inner, ok := strings.CutPrefix(condition, "${{"); ok && strings.HasSuffix(inner, "}}") && !strings.Contains(inner, "${{") {
		condition = strings.TrimSpace(strings.TrimSuffix(inner, "}}"))
	}
	if slices.Contains(usual, condition) {
		return nil
	}
	caller := ""
	if len(at.hops) > 0 {
		caller = fmt.Sprintf("%v: ", at.hops)
	}
	var out []string
	for _, part := range conjuncts(condition) {
		if part = strings.TrimSpace(part); !slices.Contains(usual, part) {
			out = append(out, caller+part)
		}
	}
	return out
}

// conjuncts parts a condition at each && that stands in no parentheses and in
// no text. One with || is not parted: that binds less.
func conjuncts(condition string) []string {
	if strings.Contains(condition, "||") {
		return []string{condition}
	}
	var out []string
	depth, from, text := 0, 0, false
	for i := 0; i < len(condition); i++ {
		switch c := condition[i]; {
		case c == '\'':
			text = !text
		case text:
		case c == '(':
			depth++
		case c == ')':
			depth--
		case depth == 0 && strings.HasPrefix(condition[i:], "&&"):
			out, from = append(out, condition[from:i]), i+2
			i++
		}
	}
	return append(out, condition[from:])
}

// alternative is what code leaves behind that runs under conditions.
type alternative struct {
	value  value.Value
	guards []string
}

// maxKept bounds what is kept of one place.
const maxKept = 16

// Kept is what code has left in a place, such as a variable for later steps:
// each may have replaced what was there before, or not have run. It is empty
// where nothing was left.
type Kept struct {
	alternatives []alternative
	all          value.Value
}

// Begun is what is kept of a place of which it is known what was there before,
// which may be nothing.
func Begun(before value.Value) Kept { return Kept{[]alternative{{before, nil}}, before} }

// Keep returns k with a value that code puts there which has these guards.
// before is what was there before anything was kept.
func (k Kept) Keep(v value.Value, guards []string, before value.Value) Kept {
	old := k.alternatives
	if len(old) == 0 && len(before) > 0 {
		old = []alternative{{before, nil}}
	}
	out := make([]alternative, 0, len(old)+1)
	for _, a := range old {
		if !covers(guards, a.guards) {
			out = append(out, a)
		}
	}
	if len(out) >= maxKept {
		out = []alternative{{k.all, nil}}
	}
	out = append(out, alternative{v, guards})
	choices := make([]value.Value, len(out))
	for n, a := range out {
		choices[n] = a.value
	}
	return Kept{out, shell.Choose("…", choices...)}
}

// Any tells whether anything was put there.
func (k Kept) Any() bool { return len(k.alternatives) > 0 }

// All is what may be there.
func (k Kept) All() value.Value { return k.all }

// At is what code may find there that has these guards. sure tells whether
// something was put there wherever that code runs.
func (k Kept) At(guards []string) (v value.Value, sure bool) {
	for n := len(k.alternatives) - 1; n >= 0; n-- {
		if !covers(k.alternatives[n].guards, guards) {
			continue
		}
		if n == 0 {
			return k.all, true
		}
		var choices []value.Value
		for _, a := range k.alternatives[n:] {
			choices = append(choices, a.value)
		}
		return shell.Choose("…", choices...), true
	}
	return k.all, false
}
