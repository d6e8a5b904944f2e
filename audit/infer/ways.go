package infer

import (
	"maps"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// maxWays bounds the ways through a job that are read beside the whole of it.
const maxWays = 16

// ways are the ways through a job on which not all runs that sets where git and gh go:
// one on which nothing of it does that hangs on a condition, and one for each of the
// conditions alone, with one of each two that exclude each other. Each is what runs
// then. Ways of two conditions out of three are not among them: the whole of the job
// stands for those that hold together.
func ways(all []*trace.Site) [][]*trace.Site {
	turning := map[trace.Arm][]trace.Arm{} // with those around it
	var order []trace.Arm
	for _, s := range all {
		if !turns(s) {
			continue
		}
		arms := slices.DeleteFunc(s.Arms(), func(a trace.Arm) bool { return a.Failure() && !lightly(s) })
		for n, a := range arms {
			around, known := turning[a]
			if !known {
				around = arms[n:]
				order = append(order, a)
			}
			turning[a] = slices.DeleteFunc(slices.Clone(around), func(b trace.Arm) bool { return !slices.Contains(arms, b) })
		}
	}
	if len(order) == 0 {
		return nil
	}
	commits := len(committing(all))
	var out [][]*trace.Site
	for n := -1; n < len(order) && len(out) < maxWays; n++ {
		var on []trace.Arm
		if n >= 0 {
			on = slices.Clone(turning[order[n]])
		}
		// Of two conditions that exclude each other one holds.
		for k, a := range order {
			against := func(b trace.Arm) bool { return slices.ContainsFunc(on, b.Opposite) }
			if slices.ContainsFunc(order[k+1:], a.Opposite) && !slices.Contains(on, a) && !slices.ContainsFunc(turning[a], against) {
				on = append(on, turning[a]...)
			}
		}
		way := along(all, func(a trace.Arm) bool { _, is := turning[a]; return is && !slices.Contains(on, a) })
		// Where nothing is committed, nothing is pushed.
		empty := commits > 0 && len(committing(way)) == 0
		if !empty && len(way) < len(all) && !slices.ContainsFunc(out, func(other []*trace.Site) bool { return slices.Equal(other, way) }) {
			out = append(out, way)
		}
	}
	return out
}

// along returns what of a job's code runs where some conditions do not hold: not what
// hangs on them, nor what runs only behind that.
func along(all []*trace.Site, off func(trace.Arm) bool) []*trace.Site {
	var out, left []*trace.Site
	for _, s := range all {
		switch {
		case slices.ContainsFunc(s.Arms(), off):
			if turns(s) {
				left = append(left, s)
			}
		case slices.ContainsFunc(left, func(l *trace.Site) bool { return s.Follows(l) || s.Asks(l) || holdsToo(s, l) }):
		default:
			out = append(out, s)
		}
	}
	return out
}

// holdsToo tells whether the comparisons under which a site runs hold for another one
// as well.
func holdsToo(s, of *trace.Site) bool {
	held := s.Held()
	return len(of.Held()) > 0 && !slices.ContainsFunc(of.Held(), func(t shell.Test) bool {
		return !slices.ContainsFunc(held, func(o shell.Test) bool {
			return o.Equal == t.Equal && o.Left.Equal(t.Left) && o.Right.Equal(t.Right)
		})
	})
}

// gitWords are the words of a site's command without git's own flags; nil for none.
func gitWords(s *trace.Site) []string {
	if s.Command == nil || s.Followed {
		return nil
	}
	words, _ := s.Command.Words()
	if len(words) < 2 || words[0] != "git" {
		return words
	}
	return append([]string{"git"}, shell.GitWords(words[1:])...)
}

// turns tells whether a site sets where later calls of git and gh go. Who commits are
// by is none of that.
func turns(s *trace.Site) bool {
	words := gitWords(s)
	if !rules.Turns.Has(beginning(words, 2)) && !rules.Turns.Has(beginning(words, 3)) {
		return false
	}
	return words[1] != "config" || !slices.ContainsFunc(words[2:], func(w string) bool { return strings.HasPrefix(strings.ToLower(w), "user.") })
}

// lightly tells whether a site is one that scripts let fail on purpose: to go to a
// branch that need not be there.
func lightly(s *trace.Site) bool {
	words := gitWords(s)
	return slices.Contains([]string{"checkout", "switch", "restore"}, words[1])
}

// committing are the sites that commit with git.
func committing(all []*trace.Site) []*trace.Site {
	return slices.DeleteFunc(slices.Clone(all), func(s *trace.Site) bool { return beginning(gitWords(s), 2) != "git commit" })
}

// also adds what the job does on another way.
func (j *Job) also(other *Job) {
	for _, u := range other.Uses {
		n := slices.IndexFunc(j.Uses, u.sameAs)
		switch {
		case n >= 0:
			j.Uses[n].also(u)
		case len(u.Operations)+len(u.Unknowns) > 0:
			j.Uses = append(j.Uses, u)
		}
	}
}

// sameAs tells whether two uses are of one credential at one place.
func (u *Use) sameAs(other *Use) bool {
	a, b := u.Credential, other.Credential
	return u.Site == other.Site && u.What == other.What && (a == b || a.Kind == b.Kind && a.Name == b.Name && slices.Equal(a.Written, b.Written))
}

// also adds what is done with the credential on another way.
func (u *Use) also(other *Use) {
	for _, op := range other.Operations {
		n := slices.IndexFunc(u.Operations, op.sameRequest)
		if n < 0 {
			u.Operations = append(slices.Clip(u.Operations), op)
			continue
		}
		events := slices.Clip(u.Operations[n].Events)
		for _, e := range op.Events {
			if !slices.ContainsFunc(events, e.same) {
				events = append(events, e)
			}
		}
		u.Operations[n].Events = events
	}
	if len(u.Operations)+len(u.Unknowns) == 0 {
		return // What it is there for is seen where all of the job is.
	}
	for _, unknown := range other.Unknowns {
		if !slices.ContainsFunc(u.Unknowns, func(v Unknown) bool { return v.Code == unknown.Code && v.Detail == unknown.Detail }) {
			u.Unknowns = append(slices.Clip(u.Unknowns), unknown)
		}
	}
}

// sameRequest tells whether two operations differ in nothing but their events.
func (o Operation) sameRequest(other Operation) bool {
	return slices.Equal(o.Names, other.Names) && slices.Equal(o.Targets, other.Targets) && o.Answer == other.Answer && slices.Equal(o.Reasons, other.Reasons) &&
		o.Private == other.Private && o.UserOnly == other.UserOnly && o.ClassicOnly == other.ClassicOnly && slices.EqualFunc(o.Needs, other.Needs, slices.Equal)
}

// same tells whether two events are the same in all that is asked of them.
func (e Event) same(other Event) bool {
	return e.Name == other.Name && e.Type == other.Type && e.Skipped == other.Skipped && e.Short == other.Short && e.Doubted == other.Doubted &&
		slices.Equal(e.Paths, other.Paths) && e.Message.Equal(other.Message) && e.Author.Equal(other.Author) &&
		maps.EqualFunc(e.Attributes, other.Attributes, value.Value.Equal)
}
