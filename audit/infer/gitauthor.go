package infer

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
)

// author is the name that the commit at the head of a tree is signed with, where
// git config of the same job says it last before a git commit that says nothing of
// its own; nil where another step, or code that is not read, may have said it since.
func (in *inferrer) author(t *tree) value.Value {
	made := t.made
	if made == nil || made.Command == nil || len(t.message) == 0 || !t.wrote || namesAuthor(made) {
		return nil
	}
	for n := slices.Index(in.job.Sites, made) - 1; n >= 0; n-- {
		site := in.job.Sites[n]
		if site.Command == nil || site.Unread != nil {
			return nil
		}
		name, set := configuredName(site)
		if !set {
			continue
		}
		always := !site.Command.Guarded && (len(site.Guards) == 0 || slices.Equal(site.Guards, made.Guards))
		if _, known := name.Literal(); !known || !always || !site.Command.Dir.Equal(made.Command.Dir) || in.configuredElse(n) {
			return nil
		}
		return name
	}
	return nil
}

// configuredElse tells whether something before a site of the job may have given
// the tree at hand a name of its own, which wins over that of all trees.
func (in *inferrer) configuredElse(n int) bool {
	if !hasFlag(in.job.Sites[n].Command.Args, "--global", "--system") {
		return false
	}
	return slices.ContainsFunc(in.job.Sites[:n], func(s *trace.Site) bool {
		if s.Command == nil {
			return s.Action == nil || !s.Action.Is("actions/checkout")
		}
		_, set := configuredName(s)
		return set || s.Unread != nil
	})
}

// configuredName returns the name that a git config sets.
func configuredName(site *trace.Site) (name value.Value, set bool) {
	args := site.Command.Args
	at := slices.IndexFunc(args, func(v value.Value) bool {
		return strings.EqualFold(v.String(), "user.name") || strings.EqualFold(v.String(), "author.name")
	})
	if at < 0 || args[0].String() != "git" {
		return nil, slices.ContainsFunc(args, func(v value.Value) bool { return strings.Contains(strings.ToLower(v.String()), "user.name") })
	}
	if at != len(args)-2 || !hasOnly(args[1:at], "config", "--global", "--local", "--system", "set") || strings.EqualFold(args[at].String(), "author.name") {
		return value.Unknown("user.name"), true
	}
	return args[at+1], true
}

// hasOnly tells whether all words are among some.
func hasOnly(args []value.Value, words ...string) bool {
	return !slices.ContainsFunc(args, func(v value.Value) bool { return !slices.Contains(words, v.String()) })
}

// namesAuthor tells whether a git commit takes its author from elsewhere: a flag, a
// setting of its own, a variable, or the commit that it amends.
func namesAuthor(commit *trace.Site) bool {
	for _, name := range []string{"GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"} {
		if _, set := commit.Env.Lookup(name); set {
			return true
		}
	}
	args := commit.Command.Args
	return hasFlag(args, "--amend", "-C", "-c", "--reuse-message", "--reedit-message", "--author") ||
		slices.ContainsFunc(args, func(v value.Value) bool { return strings.HasPrefix(v.String(), "--author=") })
}
