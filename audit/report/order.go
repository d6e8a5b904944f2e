package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
)

// Sort puts what a report lists into its fixed order: by file and position.
// Repositories and tokens stay in the order asked for, and uses in the order
// in which the jobs run them.
func Sort(r *audit.Report) {
	for _, repository := range r.Repositories {
		slices.SortStableFunc(repository.Errors, func(a, b audit.Problem) int {
			return cmp.Or(
				cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line),
				cmp.Compare(a.Column, b.Column), cmp.Compare(a.Message, b.Message))
		})
		slices.SortStableFunc(repository.References, func(a, b *audit.Reference) int {
			return cmp.Or(
				cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
				cmp.Compare(a.Secret, b.Secret), cmp.Compare(a.ID, b.ID))
		})
		sortFindings(repository.Findings)
		sortFindings(repository.Accepted)
		if repository.Baseline != nil {
			sortFindings(repository.Baseline.Gone)
		}
	}
}

func sortFindings(list []*audit.Finding) {
	slices.SortStableFunc(list, func(a, b *audit.Finding) int {
		return cmp.Or(
			cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			worstFirst(a.Severity, b.Severity), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.ID, b.ID),
			cmp.Compare(a.Message, b.Message))
	})
}

// findingsOf are the findings of a repository, and those about the tokens
// whose first reference stands in it.
func findingsOf(r *audit.Report, repository *audit.Repository) []*audit.Finding {
	all := repository.Findings
	byID := references(repository)
	for _, t := range r.Tokens {
		for _, f := range t.Findings {
			if byID[f.Reference] != nil {
				all = append(slices.Clip(all), f)
			}
		}
	}
	return all
}

// severities lists the severities, worst first.
var severities = []audit.Severity{audit.SeverityError, audit.SeverityWarning, audit.SeverityNotice}

// worstFirst compares severities so that the worst comes first.
func worstFirst(a, b audit.Severity) int {
	switch {
	case a == b:
		return 0
	case a.AtLeast(b):
		return -1
	}
	return 1
}

// Summarize counts what a report lists into its Summary.
func Summarize(r *audit.Report) { r.Summary = summarize(r) }

// summarize counts what a report lists. A reference without a verdict that may
// be a GitHub credential counts as unknown.
func summarize(r *audit.Report) audit.Summary {
	s := audit.Summary{Repositories: len(r.Repositories), BySeverity: map[audit.Severity]int{}}
	for _, repository := range r.Repositories {
		s.Workflows += repository.Workflows
		s.References += len(repository.References)
		s.Errors += len(repository.Errors)
		s.Findings += len(repository.Findings)
		s.Accepted += len(repository.Accepted)
		for _, f := range repository.Findings {
			s.BySeverity[f.Severity]++
		}
		for _, reference := range repository.References {
			switch {
			case reference.Credential == audit.CredentialOther:
				s.Other++
			case reference.Verdict == audit.VerdictReplaceable:
				s.Replaceable++
			case reference.Verdict == audit.VerdictConditional:
				s.Conditional++
			case reference.Verdict == audit.VerdictNotReplaceable:
				s.NotReplaceable++
			default:
				s.Unknown++
			}
		}
	}
	for _, t := range r.Tokens {
		s.Errors += len(t.Problems)
		s.Findings += len(t.Findings)
		s.Accepted += len(t.Accepted)
		for _, f := range t.Findings {
			s.BySeverity[f.Severity]++
		}
	}
	if o := r.Organization; o != nil {
		s.Findings += len(o.Findings)
		s.Accepted += len(o.Accepted)
		for _, f := range o.Findings {
			s.BySeverity[f.Severity]++
		}
	}
	return s
}

// secretCount counts the secrets that may be GitHub credentials. A secret of
// one name in two repositories counts twice: nothing tells whether they are
// one secret of the organisation.
func secretCount(r *audit.Report) int {
	type secret struct {
		repository int
		name       string
	}
	names := map[secret]bool{}
	for i, repository := range r.Repositories {
		for _, reference := range repository.References {
			if reference.Credential != audit.CredentialOther {
				names[secret{i, strings.ToUpper(reference.Secret)}] = true
			}
		}
	}
	return len(names)
}

// plural writes a count and its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if strings.HasSuffix(noun, "x") {
		noun += "e"
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// headline says in one sentence what the references of a report come to. Each
// number is written by number, so that a format can make it stand out.
func headline(r *audit.Report, number func(int) string) string {
	s := summarize(r)
	credentials := s.References - s.Other
	if len(r.Repositories) == 0 && len(r.Tokens) > 0 {
		return tokensHeadline(r.Tokens, number)
	}
	if credentials == 0 {
		return "No GitHub token but GITHUB_TOKEN in " + plural(s.Workflows, "workflow")
	}
	conditional, needed := "if a condition holds", "need a token"
	if s.Replaceable == 0 {
		conditional = "can be GITHUB_TOKEN " + conditional
	}
	if s.NotReplaceable == 1 {
		needed = "needs a token"
	}
	var parts []string
	for _, p := range []struct {
		n    int
		text string
	}{
		{s.Replaceable, "can be GITHUB_TOKEN today"}, {s.Conditional, conditional},
		{s.NotReplaceable, needed}, {s.Unknown, "not known"},
	} {
		if p.n > 0 {
			parts = append(parts, number(p.n)+" "+p.text)
		}
	}
	return fmt.Sprintf("%s to %s in %s: %s", plural(credentials, "reference"),
		plural(secretCount(r), "secret"), plural(s.Workflows, "workflow"), strings.Join(parts, ", "))
}

// Headline says in one sentence what a report comes to.
func Headline(r *audit.Report) string {
	return headline(r, func(n int) string { return fmt.Sprint(n) })
}

// tokensHeadline says how the inspected tokens are.
func tokensHeadline(tokens []*audit.Token, number func(int) string) string {
	states := map[audit.TokenState]int{}
	for _, t := range tokens {
		states[t.State]++
	}
	var parts []string
	for _, s := range []struct {
		state audit.TokenState
		text  string
	}{{audit.TokenAlive, "alive"}, {audit.TokenDead, "dead"}, {audit.TokenUnclear, "not known"}} {
		if n := states[s.state]; n > 0 {
			parts = append(parts, number(n)+" "+s.text)
		}
	}
	return plural(len(tokens), "token") + ": " + strings.Join(parts, ", ")
}

// countSeverities writes "1 error, 2 warnings", worst first.
func countSeverities(counts map[audit.Severity]int) string {
	var parts []string
	for _, severity := range severities {
		if n := counts[severity]; n > 0 {
			parts = append(parts, plural(n, string(severity)))
		}
	}
	return strings.Join(parts, ", ")
}
