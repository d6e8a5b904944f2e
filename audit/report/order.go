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

// plural writes a count and its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if strings.HasSuffix(noun, "x") {
		noun += "e"
	}
	return thousands(n) + " " + noun + "s"
}

// headline says in one sentence what the references of a report come to. Each
// number is written by number, so that a format can make it stand out.
func headline(r *audit.Report, number func(int) string) string {
	return count(r).headline(r.Tokens, number)
}

func (c *Counter) headline(tokens []*audit.Token, number func(int) string) string {
	s := c.summary
	credentials := s.References - s.Other
	if s.Repositories == 0 && len(tokens) > 0 {
		return tokensHeadline(tokens, number)
	}
	if s.Workflows == 0 && credentials == 0 {
		return "No workflow was read"
	}
	if credentials == 0 {
		return "No GitHub token but GITHUB_TOKEN in " + plural(s.Workflows, "workflow")
	}
	conditional, needed, settled := "if a condition holds", "need a token", "need no change of their own"
	if c.today() == 0 {
		conditional = "can be GITHUB_TOKEN " + conditional
	}
	if s.NotReplaceable == 1 {
		needed = "needs a token"
	}
	if c.settled == 1 {
		settled = "needs no change of its own"
	}
	var parts []string
	for _, p := range []struct {
		n    int
		text string
	}{
		{c.today(), "can be GITHUB_TOKEN today"}, {s.Conditional, conditional},
		{s.NotReplaceable, needed}, {s.Unknown, "not known"}, {c.settled, settled},
	} {
		if p.n > 0 {
			parts = append(parts, number(p.n)+" "+p.text)
		}
	}
	return fmt.Sprintf("%s to %s in %s: %s", plural(credentials, "reference"),
		plural(c.secrets, "secret"), plural(s.Workflows, "workflow"), strings.Join(parts, ", "))
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

// thousands writes a number with commas between its thousands.
func thousands(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
