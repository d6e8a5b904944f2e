// Package compare sets what a token was granted against what its uses need:
// permission by permission and repository by repository.
//
// It joins what package reach found out of a token with the references to the
// secret of the same name that an audit found.
package compare

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/decide"
	"github.com/patrol-actions/patrol/rules"
)

// The states of a comparison.
const (
	// StateOK is a permission that is needed and granted.
	StateOK = "ok"
	// StateMissing is one that is needed and not granted.
	StateMissing = "missing"
	// StateExcess is one that is granted and not needed.
	StateExcess = "excess"
	// StateUnknown is where either side is not known.
	StateUnknown = "unknown"
)

// Use is a reference with the repository that it stands in.
type Use struct {
	// Repository is "owner/name", "" where it is not known.
	Repository string
	Reference  *audit.Reference
}

// Uses returns the references to a secret of that name. Case does not matter
// to GitHub.
func Uses(r *audit.Report, name string) []Use {
	var out []Use
	for _, repository := range r.Repositories {
		full := ""
		if repository.Name != nil {
			full = *repository.Name
		}
		for _, reference := range repository.References {
			if strings.EqualFold(reference.Secret, name) && reference.Credential != audit.CredentialOther {
				out = append(out, Use{full, reference})
			}
		}
	}
	return out
}

// Repositories are the full names of those that uses touch, sorted.
func Repositories(uses []Use) []string {
	names := map[string]bool{}
	for _, u := range uses {
		for _, target := range u.Reference.Target {
			if name := u.resolve(target); decide.IsFullName(name) {
				names[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// resolve turns "self" into a name.
func (u Use) resolve(target string) string {
	if target == "self" {
		return u.Repository
	}
	return target
}

// need is what uses take, by permission and repository.
type need struct {
	permission rules.Permission
	// repository is "" for what is of no repository.
	repository string
}

// Join sets a token against its uses. Without uses of its name in what was
// audited, everything that it holds is to spare. Web is the address of GitHub's pages,
// empty for https://github.com.
func Join(t *audit.Token, uses []Use, web string) {
	tally := &Tally{}
	for _, u := range uses {
		t.References = append(t.References, u.Reference.ID)
		tally.Add(u.Reference)
	}
	t.Needed = tally.Needed()
	switch {
	case t.State != audit.TokenAlive:
	case t.Scopes != nil:
		t.Comparison = scopes(t, uses)
	case t.Permissions != nil:
		t.Comparison = permissions(t, uses)
	}
	slices.SortFunc(t.Comparison, func(a, b audit.Comparison) int {
		return cmp.Or(cmp.Compare(rank(a.State), rank(b.State)), cmp.Compare(a.Permission, b.Permission), cmp.Compare(a.Repository, b.Repository))
	})
	for _, c := range t.Comparison {
		switch name := c.Permission; {
		case c.State == StateExcess && !slices.Contains(t.Excess, name):
			t.Excess = append(t.Excess, name)
		case c.State == StateMissing && !slices.Contains(t.Missing, name):
			t.Missing = append(t.Missing, name)
		}
	}
	t.Remedy = remedy(t, uses, tally, web)
}

func rank(state string) int {
	return slices.Index([]string{StateMissing, StateExcess, StateUnknown, StateOK}, state)
}

// add takes over what is not held yet, or held for less.
func add(to, from map[string]string) {
	for name, access := range from {
		if accessRank(access) > accessRank(to[name]) {
			to[name] = access
		}
	}
}

func accessRank(access string) int {
	return slices.Index([]string{"read", "write", "admin"}, access) + 1
}

// open tells that a use of a reference could not be read in full, so that it
// may take more than is known.
func open(uses []Use) bool {
	return slices.ContainsFunc(uses, func(u Use) bool {
		return u.Reference.Verdict == audit.VerdictUnknown || u.Reference.Verdict == audit.VerdictNone
	})
}

// scopes compares scope by scope.
func scopes(t *audit.Token, uses []Use) []audit.Comparison {
	wanted := t.Needed.ClassicScopes
	out := []audit.Comparison{}
	for _, s := range wanted {
		c := audit.Comparison{Permission: s, Needed: scopeAccess(s), Granted: scopeAccess(s), State: StateOK}
		if !slices.ContainsFunc(t.Scopes, func(held string) bool { return rules.ScopeCovers(held, s) }) {
			c.Granted, c.State = audit.AccessNone, StateMissing
		}
		out = append(out, c)
	}
	for _, held := range t.Scopes {
		if slices.Contains(wanted, held) {
			continue
		}
		c := audit.Comparison{Permission: held, Needed: audit.AccessNone, Granted: scopeAccess(held), State: StateExcess}
		if open(uses) {
			c.Needed, c.State = audit.AccessUnknown, StateUnknown
		}
		out = append(out, c)
	}
	return out
}

// scopeAccess is what a scope is for: those that only read say so.
func scopeAccess(scope string) audit.Access {
	if strings.HasPrefix(scope, "read:") {
		return audit.AccessRead
	}
	return audit.AccessWrite
}

// permissions compares permission by permission and repository by repository.
func permissions(t *audit.Token, uses []Use) []audit.Comparison {
	wanted := wants(uses)
	out := []audit.Comparison{}
	for _, n := range slices.SortedFunc(maps.Keys(wanted), compareNeeds) {
		access := wanted[n]
		c := audit.Comparison{Permission: n.permission.Label(), Repository: n.repository, Needed: audit.Access(access), Granted: granted(t, n)}
		c.State = state(c.Needed, c.Granted)
		out = append(out, c)
	}
	for _, level := range []struct {
		level rules.Level
		held  map[string]audit.Access
	}{{rules.LevelRepository, t.Permissions.Repository}, {rules.LevelOrganization, t.Permissions.Organization}, {rules.LevelAccount, t.Permissions.Account}} {
		for name, access := range level.held {
			p := rules.Permission{Level: level.level, Name: name}
			used := slices.ContainsFunc(slices.Collect(maps.Keys(wanted)), func(n need) bool { return n.permission == p })
			if used || name == "metadata" || access == audit.AccessNone || access == audit.AccessUnknown {
				continue
			}
			c := audit.Comparison{Permission: p.Label(), Needed: audit.AccessNone, Granted: access, State: StateExcess}
			if open(uses) {
				c.Needed, c.State = audit.AccessUnknown, StateUnknown
			}
			out = append(out, c)
		}
	}
	return out
}

func compareNeeds(a, b need) int {
	return cmp.Or(cmp.Compare(a.permission.Label(), b.permission.Label()), cmp.Compare(a.repository, b.repository))
}

// wants spreads what each use takes over the repositories that it touches. A
// use of several repositories is taken to need all on each.
func wants(uses []Use) map[need]string {
	out := map[need]string{}
	put := func(level rules.Level, names map[string]string, repository string) {
		for name, access := range names {
			n := need{rules.Permission{Level: level, Name: name}, repository}
			if accessRank(access) > accessRank(out[n]) {
				out[n] = access
			}
		}
	}
	for _, u := range uses {
		for _, one := range u.Reference.Uses {
			p := one.Permissions.FineGrained
			put(rules.LevelOrganization, p.Organization, "")
			put(rules.LevelAccount, p.Account, "")
			for _, name := range targets(u, one) {
				put(rules.LevelRepository, p.Repository, name)
			}
		}
	}
	return out
}

// targets are the repositories of a use; "" for one that is not known.
func targets(u Use, one *audit.Use) []string {
	var out []string
	for _, op := range one.Operations {
		name := u.resolve(op.Target)
		if !decide.IsFullName(name) {
			name = ""
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// granted is what a token holds of a permission on a repository.
func granted(t *audit.Token, n need) audit.Access {
	switch n.permission.Level {
	case rules.LevelOrganization:
		return known(t.Permissions.Organization, n.permission.Name)
	case rules.LevelAccount:
		return known(t.Permissions.Account, n.permission.Name)
	}
	within := t.Reach != nil && slices.ContainsFunc(t.Reach.UsedRepositories, func(s string) bool { return strings.EqualFold(s, n.repository) })
	switch {
	case n.repository == "":
		return audit.AccessUnknown
	case !within && t.Reach != nil && t.Reach.Complete:
		return audit.AccessNone
	case !within:
		return audit.AccessUnknown
	}
	return known(t.Permissions.Repository, n.permission.Name)
}

func known(held map[string]audit.Access, name string) audit.Access {
	if a, ok := held[name]; ok {
		return a
	}
	return audit.AccessUnknown
}

// state judges a pair. Reading is granted for sure with either access; whether
// writing is, "read" does not tell, for it means reading at least.
func state(needed, granted audit.Access) string {
	switch {
	case granted == audit.AccessNone:
		return StateMissing
	case granted == audit.AccessUnknown, needed != audit.AccessRead && granted == audit.AccessRead:
		return StateUnknown
	}
	return StateOK
}
