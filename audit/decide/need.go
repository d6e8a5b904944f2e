package decide

import (
	"cmp"
	"maps"
	"slices"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/rules"
)

// need adds up what uses take.
type need struct {
	// all is taken wherever it is; own is what is taken of GITHUB_TOKEN: on
	// the workflow's own repository.
	all, own rules.Needs
	keys     map[string]string
	scopes   []string
	// settled is the part of all that leaves no choice.
	settled rules.Needs
	// ownScopes are those of operations that the scopes of their needs do
	// not do, as of deleting a repository.
	ownScopes []string
	// scoped is the part of all that has its scopes from the needs; open is
	// that of repositories which anybody can see.
	scoped, open rules.Needs
	// publicOnly says that all repositories are public.
	publicOnly bool
	// classicOnly says that no fine-grained PAT will do for some part.
	classicOnly bool
	// preferred are the alternatives to take of needs that leave a choice,
	// where none of them is taken anyway.
	preferred []rules.Permission
}

func newNeed() *need { return &need{keys: map[string]string{}} }

func emptyPermissions() audit.Permissions { return newNeed().permissions() }

// use adds a use.
func (n *need) use(u *ruled) {
	for _, op := range u.Operations {
		needs := n.fit(u, op)
		general := meets(op.Scopes, rules.ClassicScopes(needs, n.publicOnly))
		for _, t := range op.Targets {
			n.all = n.all.Union(needs).Union(op.Perhaps)
			n.settle(op.Needs)
			switch {
			case general && t.OtherOwner && forks(op):
				// Who is no member of a repository forks it only if it is public.
				n.open = n.open.Union(needs)
			case general:
				n.scoped = n.scoped.Union(needs)
			}
			if t.Kind == infer.Self || t.Kind == infer.Registry || ofPackages(needs) {
				n.own = n.own.Union(needs)
			}
		}
		for _, s := range op.Scopes {
			n.scopes = appendNew(n.scopes, s)
		}
		if !general {
			n.ownScopes = append(n.ownScopes, op.Scopes...)
		}
		n.classicOnly = n.classicOnly || op.ClassicOnly
	}
	for key, access := range u.Keys {
		if n.keys[key] != rules.AccessWrite {
			n.keys[key] = access
		}
	}
}

// ofPackages tells whether all that is needed is for packages: these belong to an
// owner, and one may let this repository in.
func ofPackages(needs rules.Needs) bool {
	return len(needs) > 0 && !slices.ContainsFunc(needs, func(group []rules.Permission) bool {
		return slices.ContainsFunc(group, func(p rules.Permission) bool { return p.Name != "packages" })
	})
}

// forks tells whether an operation goes by a fork of the token's user.
func forks(op infer.Operation) bool {
	return slices.Contains(op.Names, "POST /repos/{owner}/{repo}/forks")
}

// settle notes the needs that leave no choice.
func (n *need) settle(needs rules.Needs) {
	for _, group := range needs {
		if len(group) == 1 {
			n.settled = append(n.settled, group)
		}
	}
}

// meets tells whether the general scopes for an operation's needs are in line
// with those that its page names, if it names any.
func meets(named, general []string) bool {
	return len(named) == 0 || len(general) == 0 || slices.ContainsFunc(general, func(s string) bool {
		return slices.ContainsFunc(named, func(t string) bool { return rules.ScopeCovers(t, s) })
	})
}

// fit chooses between alternatives that depend on the object, an issue or a
// pull request, where that is seen. Others stay open, as what else is needed
// may meet them: n notes what to take of them if it does not. What else the
// token does is no sign of the object, unless the very use does it.
func (n *need) fit(u *ruled, op infer.Operation) rules.Needs {
	out := make(rules.Needs, 0, len(op.Needs))
	for _, group := range op.Needs {
		issues, pulls, ok := shared(group)
		if !ok {
			if len(group) > 1 {
				n.preferred = append(n.preferred, preferIn(u, op, group))
			}
			out = append(out, group)
			continue
		}
		switch objectOf(u, op) {
		case anIssue:
			out = append(out, []rules.Permission{issues})
		case aPull:
			out = append(out, []rules.Permission{pulls})
		case bothObjects:
			out = append(out, []rules.Permission{issues}, []rules.Permission{pulls})
		case anyObject:
			switch {
			case takes(u, group):
				out = append(out, group)
			case u.job.asked:
				out = append(out, []rules.Permission{prefer(u, group)})
			default:
				out = append(out, []rules.Permission{issues}, []rules.Permission{pulls})
			}
		default:
			n.preferred = append(n.preferred, prefer(u, group))
			out = append(out, group)
		}
	}
	return out
}

// takes tells whether a use surely takes one of the alternatives: then its
// object is of that kind.
func takes(u *ruled, group []rules.Permission) bool {
	return slices.ContainsFunc(u.Operations, func(op infer.Operation) bool {
		return slices.ContainsFunc(op.Needs, func(sure []rules.Permission) bool {
			return len(sure) == 1 && slices.ContainsFunc(group, sure[0].Covers)
		})
	})
}

// preferIn chooses the alternative of the object, where that is a pull
// request, or else as prefer does.
func preferIn(u *ruled, op infer.Operation, group []rules.Permission) rules.Permission {
	if i := slices.IndexFunc(group, func(p rules.Permission) bool { return p.Name == "pull_requests" }); i >= 0 && op.OnPull {
		return group[i]
	}
	return prefer(u, group)
}

// prefer chooses the alternative that the job has been given, or else the
// first: of many, that for issues or pull requests, whichever the job is about.
func prefer(u *ruled, group []rules.Permission) rules.Permission {
	group = slices.SortedStableFunc(slices.Values(group), func(a, b rules.Permission) int {
		return cmp.Compare(usual(u, b), usual(u, a))
	})
	if g := u.job.Permissions; g != nil {
		for _, p := range group {
			key, access, ok := rules.WorkflowKey(p)
			if held := g.Access(key); ok && (held == access || held == rules.AccessWrite) {
				return p
			}
		}
	}
	return group[0]
}

// usual tells how usual it is that an object of many kinds is of the one that a
// permission is for.
func usual(u *ruled, p rules.Permission) int {
	switch {
	case p.Name == u.job.About():
		return 3
	case p.Name == "issues":
		return 2
	case p.Name == "pull_requests":
		return 1
	}
	return 0
}

// chosen returns needs without alternatives: those that others meet are gone,
// and of the rest there is one each, a usable one where there is any.
func (n *need) chosen(needs rules.Needs, usable func(rules.Permission) bool) rules.Needs {
	var out, open rules.Needs
	for _, group := range needs.Merge() {
		if slices.ContainsFunc(group, usable) {
			group = slices.DeleteFunc(slices.Clone(group), func(p rules.Permission) bool { return !usable(p) })
		}
		if len(group) == 1 {
			out = append(out, group)
		} else {
			open = append(open, group)
		}
	}
	for _, group := range open {
		if slices.ContainsFunc(out, func(taken []rules.Permission) bool { return slices.ContainsFunc(group, taken[0].Covers) }) {
			continue
		}
		p := group[0]
		if i := slices.IndexFunc(n.preferred, func(p rules.Permission) bool { return slices.Contains(group, p) }); i >= 0 {
			p = n.preferred[i]
		}
		out = append(out, []rules.Permission{p})
	}
	return out.Merge()
}

// join adds what GITHUB_TOKEN needs beside n.
func (n *need) join(m *need) {
	n.own = n.own.Union(m.own)
	n.keys = plus(n.keys, m.keys)
	n.preferred = append(n.preferred, m.preferred...)
}

// within returns the need of steps that do with what their job's GITHUB_TOKEN has
// been given: of alternatives those that it has, and of what it has not been
// given no more than that.
func (n *need) within(g *trace.Granted) *need {
	out := *n
	out.own, out.keys = nil, map[string]string{}
	for _, group := range n.own {
		if held := heldOf(group, g); len(held) > 0 {
			out.own = append(out.own, held)
		}
	}
	for key, access := range n.keys {
		switch held := g.Access(key); {
		case held == access, held == rules.AccessWrite:
			out.keys[key] = access
		case held == rules.AccessRead:
			out.keys[key] = held
		}
	}
	return &out
}

// heldOf are the alternatives of a need that a job has been given; where it may
// only read what it would write, the reading.
func heldOf(group []rules.Permission, g *trace.Granted) []rules.Permission {
	var held, read []rules.Permission
	for _, p := range group {
		key, access, ok := rules.WorkflowKey(p)
		has := g.Access(key)
		switch {
		case !ok, has == access, has == rules.AccessWrite:
			held = append(held, p)
		case has == rules.AccessRead:
			p.Access = rules.AccessRead
			read = append(read, p)
		}
	}
	if held == nil {
		return read
	}
	return held
}

// workflow returns the keys that GITHUB_TOKEN needs.
func (n *need) workflow() map[string]string {
	keys, _ := n.chosen(n.own, func(p rules.Permission) bool {
		_, _, ok := rules.WorkflowKey(p)
		return ok || p.Always()
	}).Workflow()
	for key, access := range n.keys {
		if keys[key] != rules.AccessWrite {
			keys[key] = access
		}
	}
	return keys
}

// permissions writes the need down in the three vocabularies.
func (n *need) permissions() audit.Permissions {
	out := audit.Permissions{
		Workflow: n.workflow(),
		FineGrained: audit.FineGrained{
			Repository: map[string]string{}, Organization: map[string]string{}, Account: map[string]string{},
		},
		ClassicScopes: []string{},
	}
	for _, p := range n.fineGrained() {
		switch p.Level {
		case rules.LevelOrganization:
			out.FineGrained.Organization[p.Name] = p.Access
		case rules.LevelAccount:
			out.FineGrained.Account[p.Name] = p.Access
		case rules.LevelRepository:
			if p.FineGrained() {
				out.FineGrained.Repository[p.Name] = p.Access
			}
		}
	}
	if scopes := n.classicScopes(); len(scopes) > 0 {
		out.ClassicScopes = scopes
	}
	return out
}

// fineGrained returns one permission for each need, metadata:read left out.
func (n *need) fineGrained() []rules.Permission {
	var out []rules.Permission
	for _, group := range n.chosen(n.all, rules.Permission.FineGrained) {
		p := group[0]
		if !p.Always() {
			out = append(out, p)
		}
	}
	return out
}

func (n *need) classicScopes() []string {
	scopes := append(rules.ClassicScopes(n.scoped, n.publicOnly), n.ownScopes...)
	scopes = append(scopes, rules.ClassicScopes(n.open, true)...)
	if len(scopes) == 0 && !(n.publicOnly && n.reads()) {
		scopes = n.scopes
	}
	return rules.ReduceScopes(scopes)
}

// reads tells whether the need is known, and all of it is reading in
// repositories.
func (n *need) reads() bool {
	return len(n.all) > 0 && !slices.ContainsFunc(n.all.Permissions(), func(p rules.Permission) bool {
		return p.Access != rules.AccessRead || p.Level != rules.LevelRepository
	})
}

// plus adds keys to a map of permissions, the higher access winning.
func plus(into, keys map[string]string) map[string]string {
	out := maps.Clone(into)
	for key, access := range keys {
		if out[key] != rules.AccessWrite && access != "none" {
			out[key] = access
		}
	}
	return out
}
