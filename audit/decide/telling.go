package decide

import (
	"path"
	"slices"

	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
)

// Telling returns the sites of a job that a judgement may ask, in order. Most
// commands of long scripts are none: programs that do nothing but what they
// are known for, with the very credentials around them that another command of
// their step has.
func Telling(j *infer.Job) []*trace.Site {
	used := make(map[*trace.Site]bool, len(j.Uses))
	for _, u := range j.Uses {
		used[u.Site] = true
	}
	first := map[surroundings][]*trace.Site{}
	var out []*trace.Site
	for _, s := range j.Sites {
		if s.Command == nil {
			out = append(out, s)
			continue
		}
		key := surroundings{s.File, s.Step, s.Through != nil, s.Elsewhere != ""}
		alike := slices.ContainsFunc(first[key], func(t *trace.Site) bool { return sameCredentials(t.Env, s.Env) })
		if alike && !used[s] && mute(s) {
			continue
		}
		if !alike {
			first[key] = append(first[key], s)
		}
		out = append(out, s)
	}
	return out
}

// surroundings is where a site lies, as far as somebody asks.
type surroundings struct {
	file             string
	step             int
	through, foreign bool
}

// mute tells whether a command says nothing but that it leaves alone what it
// is not handed: it names no user, and looks for nobody's work.
func mute(s *trace.Site) bool {
	if s.Unread != nil || s.Followed || len(s.Command.Args) == 0 || s.Command.Stdin.HoldsCredential() || slices.ContainsFunc(s.Command.Args, value.Value.HoldsCredential) {
		return false
	}
	program := path.Base(s.Command.Args[0].String())
	return program != "git" && program != "gh" && closedCommand(s)
}

// sameCredentials tells whether the same variables of two environments hold
// credentials, and the same ones.
func sameCredentials(a, b *value.Env) bool {
	if a == b {
		return true
	}
	return slices.Equal(a.Credentials(), b.Credentials()) && !slices.ContainsFunc(a.Credentials(), func(name string) bool {
		v, _ := a.Lookup(name)
		w, _ := b.Lookup(name)
		return !v.Equal(w)
	})
}
