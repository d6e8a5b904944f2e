package compare

import (
	"fmt"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
)

// remedyRank orders the replacements, the least privileged first: a token is
// replaced by what its most demanding use takes.
var remedyRank = []audit.RemedyKind{audit.RemedyGitHubToken, audit.RemedyApp, audit.RemedyFineGrained, audit.RemedyClassic}

// remedy is the smallest replacement for a token: what all uses together take
// that GITHUB_TOKEN cannot do.
func remedy(t *audit.Token, uses []Use, tally *Tally, web string) *audit.Remedy {
	out := &audit.Remedy{Kind: tally.Kind(), UnknownSteps: []string{}}
	switch {
	case len(uses) == 0:
		out.Summary = "no workflow that was audited uses it: if nothing else does, revoke it"
		return out
	case tally.Replaceable == len(uses):
		out.Summary = fmt.Sprintf("GITHUB_TOKEN does all of its %s: replace them, then revoke the token", count(len(uses), "use"))
		return out
	case tally.Unknown > 0:
		out.Summary = fmt.Sprintf("%s could not be read in full: settle what is not known first", count(tally.Unknown, "use"))
		return out
	}
	out.FineGrained = tally.Recipe(t.Name, justification(uses), web)
	out.Summary = map[audit.RemedyKind]string{
		audit.RemedyGitHubToken: "GITHUB_TOKEN does, if the conditions hold that the references name; else the token below",
		audit.RemedyApp:         "a GitHub App's token with the permissions below, made in the job",
		audit.RemedyFineGrained: "a fine-grained token with the permissions below",
		audit.RemedyClassic:     "a classic token with the scopes below and an expiry: nothing less does it all",
	}[out.Kind]
	if tally.Replaceable > 0 {
		out.Summary += fmt.Sprintf("; for %s of its %s GITHUB_TOKEN does", fmt.Sprint(tally.Replaceable), count(len(uses), "use"))
	}
	return out
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// justification names the files whose uses need a token.
func justification(uses []Use) string {
	var files []string
	for _, u := range uses {
		if u.Reference.Remedy.FineGrained != nil && !slices.Contains(files, u.Reference.File) {
			files = append(files, u.Reference.File)
		}
	}
	return "Used by " + strings.Join(files, ", ")
}
