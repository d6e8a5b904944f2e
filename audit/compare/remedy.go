package compare

import (
	"fmt"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/decide"
	"github.com/patrol-actions/patrol/rules"
)

// remedyRank orders the replacements, the least privileged first: a token is
// replaced by what its most demanding use takes.
var remedyRank = []audit.RemedyKind{audit.RemedyGitHubToken, audit.RemedyApp, audit.RemedyFineGrained, audit.RemedyClassic}

// remedy is the smallest replacement for a token: what all uses together take
// that GITHUB_TOKEN cannot do.
func remedy(t *audit.Token, uses []Use, web string) *audit.Remedy {
	out := &audit.Remedy{Kind: audit.RemedyNone, UnknownSteps: []string{}}
	replaceable, unknown := 0, 0
	for _, u := range uses {
		switch u.Reference.Verdict {
		case audit.VerdictReplaceable:
			replaceable++
		case audit.VerdictUnknown, audit.VerdictNone:
			unknown++
		}
		if slices.Index(remedyRank, u.Reference.Remedy.Kind) > slices.Index(remedyRank, out.Kind) {
			out.Kind = u.Reference.Remedy.Kind
		}
	}
	left := len(uses) - replaceable
	switch {
	case len(uses) == 0:
		out.Summary = "no workflow that was audited uses it: if nothing else does, revoke it"
		return out
	case left == 0:
		out.Kind = audit.RemedyGitHubToken
		out.Summary = fmt.Sprintf("GITHUB_TOKEN does all of its %s: replace them, then revoke the token", count(len(uses), "use"))
		return out
	case unknown > 0:
		out.Kind = audit.RemedyNone
		out.Summary = fmt.Sprintf("%s could not be read in full: settle what is not known first", count(unknown, "use"))
		return out
	}
	out.FineGrained = recipe(web, t.Name, uses, out.Kind)
	out.Summary = map[audit.RemedyKind]string{
		audit.RemedyGitHubToken: "GITHUB_TOKEN does, if the conditions hold that the references name; else the token below",
		audit.RemedyApp:         "a GitHub App's token with the permissions below, made in the job",
		audit.RemedyFineGrained: "a fine-grained token with the permissions below",
		audit.RemedyClassic:     "a classic token with the scopes below and an expiry: nothing less does it all",
	}[out.Kind]
	if replaceable > 0 {
		out.Summary += fmt.Sprintf("; for %s of its %s GITHUB_TOKEN does", fmt.Sprint(replaceable), count(len(uses), "use"))
	}
	return out
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// recipe joins the recipes of the references that need a token.
func recipe(web, name string, uses []Use, kind audit.RemedyKind) *audit.Recipe {
	out := &audit.Recipe{
		Name: strings.ToLower(strings.ReplaceAll(name, "_", "-")), Repositories: []string{}, Permissions: map[string]string{}, ClassicScopes: []string{},
	}
	var files []string
	for _, u := range uses {
		r := u.Reference.Remedy.FineGrained
		if r == nil {
			continue
		}
		add(out.Permissions, r.Permissions)
		out.ClassicScopes = append(out.ClassicScopes, r.ClassicScopes...)
		for _, repository := range r.Repositories {
			if !slices.Contains(out.Repositories, repository) {
				out.Repositories = append(out.Repositories, repository)
			}
		}
		if out.ResourceOwner == "" {
			out.ResourceOwner = r.ResourceOwner
		}
		out.ExpiresInDays = max(out.ExpiresInDays, r.ExpiresInDays)
		if !slices.Contains(files, u.Reference.File) {
			files = append(files, u.Reference.File)
		}
	}
	slices.Sort(out.Repositories)
	out.ClassicScopes = rules.ReduceScopes(out.ClassicScopes)
	out.Justification = "Used by " + strings.Join(files, ", ")
	out.URL = decide.RecipeURL(web, out, kind)
	return out
}
