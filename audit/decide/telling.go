package decide

import (
	"path"
	"slices"

	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
)

// fewSites are so many that it is not worth while to leave some out.
const fewSites = 200

// Telling returns the sites of a job that a judgement may ask, in order. Most
// commands of long scripts are none: who asks for a site of a step that may
// read more than is known needs no second one, and a program that does nothing
// but what it is known for says no more than another one with the very
// credentials around it.
func Telling(j *infer.Job) []*trace.Site {
	if len(j.Sites) < fewSites {
		return j.Sites
	}
	used := make(map[*trace.Site]bool, len(j.Uses))
	for _, u := range j.Uses {
		used[u.Site] = true
	}
	first := map[surroundings][]*trace.Site{}
	open := map[int]bool{}
	var out []*trace.Site
	for _, s := range j.Sites {
		key := surroundings{s.File, s.Step, s.Through != nil, s.Elsewhere != ""}
		if plain(s) && !used[s] && len(first[key]) > 0 {
			alike := func(t *trace.Site) bool { return sameCredentials(t.Env, s.Env) }
			if open[s.Step] || mute(s) && slices.ContainsFunc(first[key], alike) {
				continue
			}
		}
		if s.Command != nil {
			first[key] = append(first[key], s)
			open[s.Step] = open[s.Step] || !s.Followed && (len(s.Command.Args) == 0 || !closedCommand(s))
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

// plain tells whether a command is only asked what it may read: it starts
// nothing, names no user, and looks for nobody's work.
func plain(s *trace.Site) bool {
	if s.Command == nil || s.Unread != nil || s.Followed || len(s.Command.Args) == 0 {
		return false
	}
	program := path.Base(s.Command.Args[0].String())
	return program != "git" && program != "gh"
}

// mute tells whether a plain command leaves alone all variables.
func mute(s *trace.Site) bool {
	return !s.Command.Stdin.HoldsCredential() && !slices.ContainsFunc(s.Command.Args, value.Value.HoldsCredential) && closedCommand(s)
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
