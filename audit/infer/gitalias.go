package infer

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
)

// Package shell follows the aliases of git that a script sets for itself and surely.
// Those of earlier steps, and those that only branches set, are followed here.

const aliasKey = "alias."

// noteAlias notes an alias that `git config` sets.
func (in *inferrer) noteAlias(c gitCall, name string, text value.Value) {
	if in.session.aliases == nil {
		in.session.aliases = map[string]trace.Kept{}
	}
	in.session.aliases[name] = in.session.aliases[name].Keep(text, c.site.Guards, nil)
}

// aliased returns what a call of git stands for by an alias, and whether that is all
// that it may be. Of several, only pushes are followed: what others leave behind would
// be taken for one after the other. An alias that a shell runs is none.
func (in *inferrer) aliased(c gitCall) (sites []*trace.Site, sure bool) {
	text, sure := in.session.aliases[c.subcommand].At(c.site.Guards)
	if len(text) == 0 {
		return nil, false
	}
	all, outer := text.Alternatives(), c.site.Command.Args
	for _, alternative := range all {
		masked := alternative.Mask()
		words := strings.Fields(masked.Text)
		if len(words) == 0 || strings.ContainsAny(masked.Text, `"'\`) || !slices.Contains(refKeepers, words[0]) || words[0] != "push" && (!sure || len(all) > 1) {
			return nil, false
		}
		command := *c.site.Command
		command.Args = slices.Clone(outer[:len(outer)-len(c.args)-1])
		for _, word := range words {
			command.Args = append(command.Args, masked.Table.Value(word))
		}
		command.Args = append(command.Args, c.args...)
		site := *c.site
		site.Command = &command
		sites = append(sites, &site)
	}
	return sites, sure
}
