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

// Tally adds up what references take, without keeping them: in whatever order
// they are added, the sums are the same. The zero Tally is ready for use.
type Tally struct {
	// References counts what was added, Replaceable those that GITHUB_TOKEN
	// replaces, Unknown those that could not be read in full.
	References, Replaceable, Unknown int
	// kind is the remedy of the most demanding reference.
	kind audit.RemedyKind
	need *audit.Permissions
	// recipe has the sums of the references' recipes; scopes and
	// recipeScopes are the classic scopes of both, also those that others
	// bring along.
	recipe       audit.Recipe
	scopes       map[string]bool
	recipeScopes map[string]bool
	repositories map[string]bool
	owners       map[string]int
}

// Add adds a reference.
func (t *Tally) Add(r *audit.Reference) {
	t.References++
	switch r.Verdict {
	case audit.VerdictReplaceable:
		t.Replaceable++
	case audit.VerdictUnknown, audit.VerdictNone:
		t.Unknown++
	}
	if slices.Index(remedyRank, r.Remedy.Kind) > slices.Index(remedyRank, t.kind) {
		t.kind = r.Remedy.Kind
	}
	if t.need == nil {
		t.need, t.scopes = noNeed(), map[string]bool{}
	}
	add(t.need.Workflow, r.Permissions.Workflow)
	add(t.need.FineGrained.Repository, r.Permissions.FineGrained.Repository)
	add(t.need.FineGrained.Organization, r.Permissions.FineGrained.Organization)
	add(t.need.FineGrained.Account, r.Permissions.FineGrained.Account)
	for _, scope := range r.Permissions.ClassicScopes {
		t.scopes[scope] = true
	}
	if r.Remedy.FineGrained != nil {
		t.addRecipe(r.Remedy.FineGrained)
	}
}

func (t *Tally) addRecipe(r *audit.Recipe) {
	if t.repositories == nil {
		t.repositories, t.owners, t.recipeScopes, t.recipe.Permissions = map[string]bool{}, map[string]int{}, map[string]bool{}, map[string]string{}
	}
	add(t.recipe.Permissions, r.Permissions)
	for _, scope := range r.ClassicScopes {
		t.recipeScopes[scope] = true
	}
	t.recipe.ExpiresInDays = max(t.recipe.ExpiresInDays, r.ExpiresInDays)
	for _, repository := range r.Repositories {
		t.repositories[repository] = true
	}
	if r.ResourceOwner != "" {
		t.owners[r.ResourceOwner]++
	}
}

func noNeed() *audit.Permissions {
	return &audit.Permissions{Workflow: map[string]string{}, ClassicScopes: []string{}, FineGrained: audit.FineGrained{
		Repository: map[string]string{}, Organization: map[string]string{}, Account: map[string]string{},
	}}
}

// Needed is what all references take together.
func (t *Tally) Needed() *audit.Permissions {
	if t.need == nil {
		return noNeed()
	}
	t.need.ClassicScopes = reduced(t.scopes)
	return t.need
}

// reduced are scopes without those that others bring along; never nil.
func reduced(scopes map[string]bool) []string {
	if out := rules.ReduceScopes(slices.Sorted(maps.Keys(scopes))); out != nil {
		return out
	}
	return []string{}
}

// Kind is the least privileged replacement for the token behind all
// references: none where there are none, or where one could not be read in
// full.
func (t *Tally) Kind() audit.RemedyKind {
	switch {
	case t.References == 0 || t.Replaceable < t.References && t.Unknown > 0:
		return audit.RemedyNone
	case t.Replaceable == t.References:
		return audit.RemedyGitHubToken
	}
	return cmp.Or(t.kind, audit.RemedyNone)
}

// Recipe is the token that does for all references that need one. Its owner is
// the one that most of them name: a token has no more than one. Web is the
// address of GitHub's pages, empty for https://github.com.
func (t *Tally) Recipe(secret, justification, web string) *audit.Recipe {
	out := t.recipe
	out.Name = strings.ToLower(strings.ReplaceAll(secret, "_", "-"))
	out.Repositories, out.Permissions, out.Justification = []string{}, map[string]string{}, justification
	maps.Copy(out.Permissions, t.recipe.Permissions)
	out.Repositories = append(out.Repositories, slices.Sorted(maps.Keys(t.repositories))...)
	out.ClassicScopes = reduced(t.recipeScopes)
	for _, owner := range slices.Sorted(maps.Keys(t.owners)) {
		if t.owners[owner] > t.owners[out.ResourceOwner] {
			out.ResourceOwner = owner
		}
	}
	out.URL = decide.RecipeURL(web, &out, t.Kind())
	return &out
}
