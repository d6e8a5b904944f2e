package organization

import (
	"fmt"
	"strings"

	"github.com/patrol-actions/patrol/audit"
)

// advise says what to do about a secret as a whole.
func (f *finisher) advise(e *entry) {
	s := e.secret
	kind := e.tally.Kind()
	s.Remedy = audit.Remedy{Kind: audit.RemedyNone, UnknownSteps: []string{}}
	switch references := plural(e.tally.References, "reference"); {
	case s.State == audit.SecretMissing:
		s.Remedy.Summary = "nobody holds it, so that what reads it gets an empty text: store it, or remove the references"
	case e.references == 0 && s.Unclear != "":
		s.Remedy.Summary = "no reference was found, which settles nothing: " + s.Unclear
	case e.references == 0:
		s.Remedy.Summary = "no workflow reads it: delete it, and revoke what it holds"
	case s.Credential == audit.CredentialOther:
		s.Remedy.Summary = "not a credential for GitHub"
	case kind == audit.RemedyGitHubToken && e.tally.Replaceable == e.tally.References:
		s.Remedy.Kind = kind
		s.Remedy.Summary = "remove it: GITHUB_TOKEN does in " + allOf(e.tally.References)
	case kind == audit.RemedyNone:
		s.Remedy.Summary = fmt.Sprintf("settle first what %d of %s do, which could not be read in full", e.tally.Unknown, references)
	default:
		s.Remedy.Kind = kind
		s.Remedy.FineGrained = e.tally.Recipe(s.Name, fmt.Sprintf("Used by %s of %s", plural(e.work.Files, "workflow file"), plural(e.work.Repositories, "repository")), f.options.Web)
		s.Remedy.Summary = replacement(kind, s.Remedy.FineGrained)
		if e.tally.Replaceable > 0 {
			s.Remedy.Summary += fmt.Sprintf("; in %d of %s GITHUB_TOKEN does", e.tally.Replaceable, references)
		}
	}
}

func allOf(n int) string {
	if n == 1 {
		return "the one reference to it"
	}
	return fmt.Sprintf("all %d references", n)
}

// replacement says which token is to stand in its place.
func replacement(kind audit.RemedyKind, r *audit.Recipe) string {
	permissions := make([]string, 0, len(r.Permissions))
	set := map[string]bool{}
	for name, access := range r.Permissions {
		set[name+": "+access] = true
	}
	permissions = append(permissions, sorted(set)...)
	with := ""
	if len(permissions) > 0 {
		with = " with " + strings.Join(permissions, ", ")
	}
	if n := len(r.Repositories); n > 0 && kind != audit.RemedyClassic {
		with += " on " + plural(n, "repository")
	}
	switch kind {
	case audit.RemedyGitHubToken:
		return "GITHUB_TOKEN does, if the conditions hold that the references name; else a token" + with
	case audit.RemedyApp:
		return "a GitHub App's token, made in the job" + with
	case audit.RemedyFineGrained:
		return "a fine-grained token" + with
	}
	return "a classic token with " + strings.Join(r.ClassicScopes, ", ") + " and an expiry: nothing less does it all"
}
