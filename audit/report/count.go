package report

import (
	"strings"

	"github.com/patrol-actions/patrol/audit"
)

// Counter adds up a report repository by repository, so that a report that
// never stands in memory as a whole has a summary too. Its zero value is ready
// for use.
type Counter struct {
	summary audit.Summary
	// secrets counts the secrets that may be GitHub credentials. A secret of
	// one name in two repositories counts twice: nothing tells whether they
	// are one secret of the organisation.
	secrets int
	// settled counts those of the replaceable references at which there is
	// nothing to change.
	settled int
}

// Add counts what is known of a repository. A reference without a verdict that
// may be a GitHub credential counts as unknown.
func (c *Counter) Add(repository *audit.Repository) {
	s := &c.summary
	s.Repositories++
	s.Workflows += repository.Workflows
	s.References += len(repository.References)
	s.Errors += len(repository.Errors)
	c.findings(repository.Findings, repository.Accepted)
	names := map[string]bool{}
	for _, reference := range repository.References {
		if reference.Credential != audit.CredentialOther {
			names[strings.ToUpper(reference.Secret)] = true
		}
		switch {
		case reference.Credential == audit.CredentialOther:
			s.Other++
		case reference.Verdict == audit.VerdictReplaceable:
			s.Replaceable++
			if reference.Remedy.Settled() {
				c.settled++
			}
		case reference.Verdict == audit.VerdictConditional:
			s.Conditional++
		case reference.Verdict == audit.VerdictNotReplaceable:
			s.NotReplaceable++
		default:
			s.Unknown++
		}
	}
	c.secrets += len(names)
}

// AddHead counts what a report knows beside its repositories: its tokens and
// what stands in its organisation.
func (c *Counter) AddHead(r *audit.Report) {
	for _, t := range r.Tokens {
		c.summary.Errors += len(t.Problems)
		c.findings(t.Findings, t.Accepted)
	}
	if o := r.Organization; o != nil {
		c.findings(o.Findings, o.Accepted)
		// Here it is known which secret each reference means.
		c.secrets = 0
		for _, s := range o.Secrets {
			if s.References > 0 && s.Credential != audit.CredentialOther {
				c.secrets++
			}
		}
	}
}

func (c *Counter) findings(found, accepted []*audit.Finding) {
	if c.summary.BySeverity == nil {
		c.summary.BySeverity = map[audit.Severity]int{}
	}
	c.summary.Findings += len(found)
	c.summary.Accepted += len(accepted)
	for _, f := range found {
		c.summary.BySeverity[f.Severity]++
	}
}

// today counts the references that are to be changed to GITHUB_TOKEN.
func (c *Counter) today() int { return c.summary.Replaceable - c.settled }

// Summary is what was counted.
func (c *Counter) Summary() audit.Summary {
	s := c.summary
	s.BySeverity = map[audit.Severity]int{}
	for severity, n := range c.summary.BySeverity {
		s.BySeverity[severity] = n
	}
	return s
}

// count counts all of a report.
func count(r *audit.Report) *Counter {
	c := &Counter{}
	for _, repository := range r.Repositories {
		c.Add(repository)
	}
	c.AddHead(r)
	return c
}

// Summarize counts what a report lists into its Summary.
func Summarize(r *audit.Report) { r.Summary = summarize(r) }

// summarize counts what a report lists.
func summarize(r *audit.Report) audit.Summary { return count(r).Summary() }

// foundParts says what was found beside the verdicts, each kind apart.
func foundParts(s audit.Summary) (parts []string) {
	if s.Findings > 0 {
		parts = append(parts, countSeverities(s.BySeverity))
	}
	if s.Errors > 0 {
		parts = append(parts, plural(s.Errors, "problem"))
	}
	if s.Other > 0 {
		parts = append(parts, plural(s.Other, "reference")+" to secrets of other kinds")
	}
	if s.Accepted > 0 {
		parts = append(parts, plural(s.Accepted, "accepted finding"))
	}
	return parts
}
