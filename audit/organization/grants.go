package organization

import (
	"cmp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/rules"
)

// matchedByName is why a grant is taken for a secret's token.
const matchedByName = "name"

// tokenName makes names alike that people write differently: secrets are in
// capitals with _, tokens often in small letters with - or spaces. It is a
// guess that two things of one name are one: a token of that name may stand in
// no secret, or in another one, and most tokens are called something else.
func tokenName(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' || r == '.' {
			return '_'
		}
		return r
	}, strings.ToUpper(strings.TrimSpace(name)))
}

// byName sorts the grants by account and by the name of their token.
func (f *finisher) byName() {
	f.named = map[string][]*audit.Grant{}
	for _, g := range f.grants {
		if g.Name != "" {
			key := strings.ToLower(g.Account) + " " + tokenName(g.Name)
			f.named[key] = append(f.named[key], g)
		}
	}
}

// matched are the grants that are called like a secret, in its own account.
func (f *finisher) matched(e *entry) []*audit.Grant {
	login, _, _ := strings.Cut(strings.ToLower(e.secret.Owner), "/")
	return f.named[login+" "+tokenName(e.secret.Name)]
}

// match notes the grants that are taken for a secret's token, and what they
// hold that no use takes, unless a use could not be read in full. Of a grant
// the access is known, unlike that of a token that is looked at from outside.
func (f *finisher) match(e *entry) {
	s := e.secret
	s.Grants, s.Excess = []string{}, []string{}
	for _, g := range f.matched(e) {
		s.Grants, s.MatchedBy = append(s.Grants, g.ID), matchedByName
		switch {
		case g.Expired || e.tally.References == 0 || e.tally.Unknown > 0:
			// Nothing can be said, or need be.
		case g.Kind == audit.GrantFineGrained:
			s.Excess = append(s.Excess, e.excess(g)...)
		case g.Kind == audit.GrantAuthorization:
			s.Excess = append(s.Excess, e.excessScopes(g)...)
		}
	}
	slices.Sort(s.Grants)
	slices.SortFunc(s.Excess, func(a, b string) int {
		// Permissions have no slash, and come first.
		return cmp.Or(cmp.Compare(strings.Count(a, "/"), strings.Count(b, "/")), compareNames(a, b))
	})
	s.Excess = slices.Compact(s.Excess)
}

// excess lists what a grant holds that no use takes: "issues:write", which is
// also said where reading would do, "organization:members:read",
// "owner/name", and "owner/*" for all repositories but those that are touched.
func (e *entry) excess(g *audit.Grant) (out []string) {
	need := e.tally.Needed().FineGrained
	for _, level := range []struct {
		level        rules.Level
		held, wanted map[string]string
	}{
		{rules.LevelRepository, g.Permissions.Repository, need.Repository},
		{rules.LevelOrganization, g.Permissions.Organization, need.Organization},
		{rules.LevelAccount, g.Permissions.Account, need.Account},
	} {
		for name, access := range level.held {
			p := rules.Permission{Level: level.level, Name: name, Access: access}
			if p.Always() {
				continue
			}
			wanted := rules.Permission{Level: level.level, Name: name, Access: level.wanted[name]}
			if wanted.Access == "" || !wanted.Covers(p) {
				out = append(out, p.Label()+":"+access)
			}
		}
	}
	if !e.boundless {
		out = append(out, e.spare(g)...)
	}
	return out
}

// excessScopes lists the scopes of a classic token that no use takes: "repo"
// also where public_repo would do.
func (e *entry) excessScopes(g *audit.Grant) (out []string) {
	for _, scope := range g.Scopes {
		if !slices.Contains(e.tally.Needed().ClassicScopes, scope) {
			out = append(out, scope)
		}
	}
	return out
}

// spare lists the repositories of a grant that no use touches. The uses that
// GITHUB_TOKEN does count as well: today they touch them.
func (e *entry) spare(g *audit.Grant) (out []string) {
	touched := map[string]bool{}
	for _, name := range e.users {
		if e.targets["self"] {
			touched[strings.ToLower(name)] = true
		}
	}
	for name := range e.targets {
		touched[strings.ToLower(name)] = true
	}
	if e.targets["unknown"] {
		return nil
	}
	if g.Selection == "all" {
		return []string{g.Account + "/*"}
	}
	for _, name := range g.Repositories {
		if !touched[strings.ToLower(name)] {
			out = append(out, name)
		}
	}
	return out
}
