package rules

import (
	"slices"
	"sync"
)

// Scope is a scope of a classic token.
type Scope struct {
	Name string
	// ImpliedBy are the scopes that hold it as a part.
	ImpliedBy []string
	// Covers says what it gives access to.
	Covers string
}

var scopeRows = rows("scopes", []string{"scope", "implied_by", "covers"}, func(r row) (Scope, error) {
	return Scope{Name: r.cell("scope"), ImpliedBy: r.list("implied_by"), Covers: r.cell("covers")}, nil
})

var scopeIndex = sync.OnceValue(func() map[string]Scope {
	out := map[string]Scope{}
	for _, s := range scopeRows().rows {
		out[s.Name] = s
	}
	return out
})

// Scopes returns the scopes of classic tokens, sorted.
func Scopes() []Scope { return slices.Clone(scopeRows().rows) }

// ScopeCovers tells whether a token with the scope held may do what takes the
// scope wanted.
func ScopeCovers(held, wanted string) bool {
	// The table has no rings, and at most four scopes stand in a line.
	return held == wanted || slices.ContainsFunc(scopeIndex()[wanted].ImpliedBy, func(s string) bool { return ScopeCovers(held, s) })
}

// ReduceScopes sorts scopes and leaves out those that another one implies.
func ReduceScopes(scopes []string) []string {
	sorted := slices.Compact(slices.Sorted(slices.Values(scopes)))
	return slices.DeleteFunc(slices.Clone(sorted), func(s string) bool {
		return slices.ContainsFunc(sorted, func(t string) bool { return s != t && ScopeCovers(t, s) })
	})
}

// ClassicScopes returns the smallest set of classic scopes that meets needs,
// sorted. With publicOnly all repositories are public, where reading takes no
// scope and public_repo does for writing. Needs that no scope meets (those of
// Apps alone) add nothing.
func ClassicScopes(needs Needs, publicOnly bool) []string {
	var scopes []string
	for _, alone := range []bool{true, false} {
		for _, group := range needs.Merge() {
			if (len(group) == 1) == alone {
				scopes = addScopes(scopes, group, publicOnly)
			}
		}
	}
	return ReduceScopes(scopes)
}

// addScopes adds the scopes of the first alternative that has any, unless
// one of them is met already.
func addScopes(scopes []string, group []Permission, publicOnly bool) []string {
	var first []string
	for _, p := range group {
		wanted := scopesOf(p, publicOnly)
		if len(wanted) == 0 {
			continue
		}
		if coversAll(scopes, wanted) {
			return scopes
		}
		if first == nil {
			first = wanted
		}
	}
	if slices.ContainsFunc(group, func(p Permission) bool { return takesNoScope(p, publicOnly) }) {
		return scopes
	}
	return append(scopes, first...)
}

func coversAll(held, wanted []string) bool {
	return !slices.ContainsFunc(wanted, func(w string) bool {
		return !slices.ContainsFunc(held, func(h string) bool { return ScopeCovers(h, w) })
	})
}

func scopesOf(p Permission, publicOnly bool) []string {
	r := permissionIndex()[Permission{Level: p.Level, Name: p.Name}]
	if publicOnly {
		return r.scopes[1][p.Access]
	}
	return r.scopes[0][p.Access]
}

// takesNoScope tells whether any classic token reads what takes p: public
// things, and of an account what everybody sees.
func takesNoScope(p Permission, publicOnly bool) bool {
	return p.Access == AccessRead && len(scopesOf(p, publicOnly)) == 0 &&
		(publicOnly && p.Level == LevelRepository || p.Level == LevelAccount)
}
