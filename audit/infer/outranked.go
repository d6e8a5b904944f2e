package infer

import (
	"slices"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// ofGit are the events that a push with git causes, and no request does that
// an action makes beside it.
var ofGit = []string{"push", "push:tag", "create", "delete", "pull_request.synchronize", "page_build"}

// outranked tells whether the credentials that a checkout stored are those of
// GITHUB_TOKEN, and those with which an action pushes, whatever other token it
// is given: the table has a row of it for them. Git sends the stored header, and
// what stands in the address after it counts for nothing. That is so in the
// working tree of the checkout alone: an action that is told of a folder may push
// from another one.
func (in *inferrer) outranked(site *trace.Site, info *rules.ActionInfo, here *tree) bool {
	i := slices.IndexFunc(info.Tokens, func(t rules.ActionToken) bool { return t.Checkout })
	if i < 0 || here.doubted || in.session.header.Any() || toldFolder(site.Action) {
		return false
	}
	stored, sure := here.header.At(site.Guards)
	creds := stored.Credentials()
	if !sure || len(creds) == 0 || slices.ContainsFunc(creds, func(c *value.Credential) bool { return c.Kind != value.JobToken }) {
		return false
	}
	get := func(name string) (string, bool, bool) { return in.actionInput(site, creds[0], name) }
	effect, certain := info.Tokens[i].Effect(get)
	return certain && slices.Contains(effect.Operations, "git push") && len(info.Tokens[i].Open(get)) == 0
}

// toldFolder tells whether an action is given a folder to work in.
func toldFolder(a *trace.Action) bool {
	for name, v := range a.Inputs {
		if text := v.LiteralOr("?"); folderInput(name) && text != "" && text != "." && text != "./" {
			return true
		}
	}
	return false
}

// withoutPush is an operation of an action whose push is done with other
// credentials: it causes nothing.
func withoutPush(op Operation) Operation {
	if !slices.Contains(op.Names, "git push") || slices.ContainsFunc(op.Targets, func(t Target) bool { return t.Kind != Self }) {
		return op
	}
	op.Events = slices.DeleteFunc(slices.Clone(op.Events), func(e Event) bool { return slices.Contains(ofGit, e.Key()) || e.Name == "push" })
	return op
}
