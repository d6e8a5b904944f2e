package infer

import (
	"cmp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/settings"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// Git takes another address in place of one that begins as url.<base>.insteadOf
// says: the longest such beginning counts, and for a push first those of
// pushInsteadOf, where the remote has no pushurl. What is kept as it is are
// addresses that stay those of the same repository: people set these to sign in,
// which credential looks after.
// Source: https://git-scm.com/docs/git-config#Documentation/git-config.txt-urlbaseinsteadOf

// rewriteOf reads the setting url.<base>.insteadOf or url.<base>.pushInsteadOf.
func rewriteOf(key, insteadOf value.Value) (r rewrite, ok bool) {
	masked := key.Mask()
	lower := strings.ToLower(masked.Text)
	dot := strings.LastIndexByte(lower, '.')
	if !strings.HasPrefix(lower, "url.") || dot < len("url.") {
		return rewrite{}, false
	}
	setting := lower[dot+1:]
	r = rewrite{base: masked.Table.Value(masked.Text[len("url."):dot]), insteadOf: insteadOf, push: setting == "pushinsteadof"}
	return r, r.push || setting == "insteadof"
}

// rewrite notes such a setting: in place of the one before, if none is added.
func (in *inferrer) rewrite(c gitCall, key, insteadOf value.Value) {
	r, ok := rewriteOf(key, insteadOf)
	if !ok {
		// What stands for all of the key may be an address.
		r = rewrite{base: key, insteadOf: insteadOf}
	}
	if r.guards = c.site.Guards; !hasFlag(c.args, "--global", "--system", "-f", "--file") {
		r.dir = c.dir
	}
	if !hasFlag(c.args, "--add") {
		in.session.rewrites = slices.DeleteFunc(in.session.rewrites, func(old rewrite) bool {
			return old.push == r.push && old.dir == r.dir && old.base.Equal(r.base) && c.site.Covers(old.guards)
		})
	}
	in.session.rewrites = append(in.session.rewrites, r)
}

// unsetRewrite notes that such a setting is taken away, and tells whether it is one.
func (in *inferrer) unsetRewrite(c gitCall, key value.Value) bool {
	gone, ok := rewriteOf(key, nil)
	if !ok {
		return false
	}
	var left []rewrite
	for _, r := range in.session.rewrites {
		if r.push == gone.push && r.base.Equal(gone.base) {
			if c.site.Covers(r.guards) {
				continue
			}
			r.guards = append(slices.Clip(r.guards), "not unset")
		}
		left = append(left, r)
	}
	in.session.rewrites = left
	return true
}

// rewritesFor are the settings that hold for a call of git.
func (in *inferrer) rewritesFor(c gitCall) []rewrite {
	out := slices.Clone(c.rewrites)
	for _, s := range settings.GivenToGit(c.site.Env) {
		if r, ok := rewriteOf(s[0], s[1]); ok {
			out = append(out, r)
		}
	}
	for _, r := range in.session.rewrites {
		if r.dir == "" || c.subcommand != "clone" && in.session.tree(r.dir) == c.tree {
			out = append(out, r)
		}
	}
	return out
}

// addressOf is where git goes for a remote that is named, or an address.
func (in *inferrer) addressOf(c gitCall, name value.Value, push bool) value.Value {
	address := c.remoteAddress(name)
	if pushURL, set := c.tree.pushURL[cmp.Or(name.String(), "origin")]; push && set {
		if _, sure := pushURL.At(c.site.Guards); sure {
			return in.instead(c, address, false)
		}
		return value.Choice(in.instead(c, address, true), in.instead(c, address, false))
	}
	return in.instead(c, address, push)
}

// instead returns the address that git takes in place of one, or those that it may
// take.
func (in *inferrer) instead(c gitCall, address value.Value, push bool) value.Value {
	list := in.rewritesFor(c)
	if len(list) == 0 {
		return address
	}
	var out []value.Value
	for alternative := range address.EachAlternative() {
		before := in.targets(alternative)
		for _, v := range in.insteadOf(c, list, alternative, push) {
			if slices.Equal(in.targets(v), before) {
				v = orOwn(alternative)
			}
			out = append(out, v)
		}
	}
	if !slices.ContainsFunc(out, func(v value.Value) bool { return !slices.Equal(in.targets(v), in.targets(address)) }) {
		return address
	}
	return value.Choice(out...)
}

// orOwn is the name of a repository, which for the own one is none where a tree has
// it.
func orOwn(repository value.Value) value.Value {
	if len(repository) == 0 {
		return value.Context("github.repository")
	}
	return repository
}

// insteadOf is instead of one address.
func (in *inferrer) insteadOf(c gitCall, list []rewrite, address value.Value, push bool) (out []value.Value) {
	full := in.fullAddress(address)
	for _, pushes := range []bool{true, false} {
		if pushes && !push {
			continue
		}
		more, sure := in.replaced(c, list, full, pushes)
		if out = append(out, more...); sure {
			return out
		}
	}
	return append(out, address)
}

// replaced returns what the settings of one kind make of an address, the longest
// first, until one is surely set.
func (in *inferrer) replaced(c gitCall, list []rewrite, address value.Value, push bool) (out []value.Value, sure bool) {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(r, s rewrite) int { return len(s.insteadOf.String()) - len(r.insteadOf.String()) })
	for _, r := range list {
		if r.push != push {
			continue
		}
		for beginning := range r.insteadOf.EachAlternative() {
			rest, ok := cutBeginning(address, in.spelled(beginning))
			if !ok {
				continue
			}
			out = append(out, value.Concat(r.base, rest))
			if beginning.Equal(r.insteadOf) && c.site.Under(r.guards) {
				return out, true
			}
		}
	}
	return out, false
}

// fullAddress is the address of a repository of which a tree has the name, or none
// as it is the own one.
func (in *inferrer) fullAddress(address value.Value) value.Value {
	address = in.spelled(orOwn(address))
	if text := address.Mask().Text; strings.Contains(text, ":") || !strings.Contains(text, "/") && (len(address) == 0 || address[0].Context == "") {
		return address
	}
	return value.Concat(value.Text("https://github.com/"), address)
}

// spelled returns a value with the name of the audited repository in place of the
// contexts that hold it, where that is known.
func (in *inferrer) spelled(v value.Value) value.Value {
	owner, name, known := strings.Cut(in.options.Repository, "/")
	if !known {
		return v
	}
	var out value.Value
	for _, p := range v {
		text := ""
		switch {
		case rules.OwnRepository(p.Context):
			text = in.options.Repository
		case rules.OwnOwner(p.Context):
			text = owner
		case rules.OwnName(p.Context):
			text = name
		}
		if text == "" {
			out = value.Concat(out, value.Value{p})
		} else {
			out = value.Concat(out, value.Text(text))
		}
	}
	return out
}

// cutBeginning returns a value without its beginning.
func cutBeginning(v, beginning value.Value) (rest value.Value, ok bool) {
	n := len(beginning) - 1
	if n < 0 || len(v) <= n || !v[:n].Equal(beginning[:n]) {
		return nil, false
	}
	last := beginning[n]
	if last.Text == "" {
		return v[n+1:], v[n : n+1].Equal(beginning[n:])
	}
	text, ok := strings.CutPrefix(v[n].Text, last.Text)
	return value.Concat(value.Text(text), v[n+1:]), ok
}
