package infer

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// ghDefault is the repository that gh takes where no flag names one: that of
// GH_REPO, or the one that it was told to take for the working tree, or that of
// the first of its remotes which lies on GitHub.
func (in *inferrer) ghDefault(site *trace.Site) []Target {
	if v, ok := site.Env.Lookup("GH_REPO"); ok && len(v) > 0 {
		if file, ok := shell.OpenedBy(v); ok {
			return []Target{{Kind: UnknownTarget, Text: "unknown", File: file}}
		}
		return in.anyTargets(v)
	}
	here := in.session.tree(folder(site.Command.Dir))
	var out []Target
	add := func(kept trace.Kept) (sure bool) {
		v, sure := kept.At(site.Guards)
		targets := in.targets(v)
		for _, t := range targets {
			if !slices.Contains(out, t) {
				out = append(out, t)
			}
		}
		return sure && len(targets) > 0
	}
	if here.resolved.Any() && add(here.resolved) {
		return out
	}
	for _, name := range rules.GhRemotes {
		if kept, ok := here.remotes[name]; ok && add(kept) && !in.dropsRemotes() {
			return out
		}
	}
	for _, t := range in.toolTargets(here) {
		if !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}

// dropsRemotes tells whether the job takes a remote away or gives it another
// name, before the site at hand.
func (in *inferrer) dropsRemotes() bool {
	return slices.ContainsFunc(in.job.Sites[:min(in.index, len(in.job.Sites))], func(s *trace.Site) bool {
		if s.Command == nil || len(s.Command.Args) < 3 || s.Command.Args[0].String() != "git" {
			return false
		}
		words := s.Command.Args
		i := slices.IndexFunc(words, func(w value.Value) bool { return w.String() == "remote" })
		return i > 0 && i+1 < len(words) && slices.Contains([]string{"remove", "rm", "rename"}, words[i+1].String())
	})
}

// ghSetDefault notes which repository `gh repo set-default` has gh take for a
// working tree: one that is named, or that of a remote.
func (in *inferrer) ghSetDefault(site *trace.Site, call rules.GhCall, table *value.Table) {
	here := in.session.tree(folder(site.Command.Dir))
	if call.Given("unset") == rules.Yes {
		here.resolved = trace.Kept{}
		return
	}
	if len(call.Operands) == 0 {
		return
	}
	name := table.Value(call.Operands[0])
	if text, known := name.Literal(); known && !strings.Contains(text, "/") {
		kept, ok := here.remotes[text]
		switch {
		case ok:
			name = kept.All()
		case text == "origin" && len(here.origin) > 0:
			name = here.origin
		case text == "origin":
			name = value.Context("github.repository")
		}
	}
	here.resolved = here.resolved.Keep(name, site.Guards, nil)
}
