package decide

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/rules"
)

// verdictRules are the rules that say a verdict.
var verdictRules = map[audit.Verdict]string{
	audit.VerdictReplaceable:    "replaceable-pat",
	audit.VerdictConditional:    "conditional-pat",
	audit.VerdictNotReplaceable: "unscoped-pat",
	audit.VerdictUnknown:        "unknown-pat-use",
}

// findings applies the rules.
func (d *decider) findings(references []*audit.Reference) []*audit.Finding {
	f := &finder{decider: d, ids: newFingerprints(d.repository)}
	for _, r := range references {
		if r.Remedy.Settled() {
			continue
		}
		f.verdict(r)
		f.exposed(r)
	}
	f.inherited()
	f.whole()
	for _, j := range d.jobs {
		f.permissions(j)
	}
	slices.SortStableFunc(f.out, func(a, b *audit.Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Message, b.Message))
	})
	return f.out
}

type finder struct {
	*decider
	ids *fingerprints
	out []*audit.Finding
}

// add notes a finding of a rule; its severity stands on the rule's page.
func (f *finder) add(rule, message string, span audit.Span, parts ...string) *audit.Finding {
	page, _ := rules.PageByID(rule)
	finding := &audit.Finding{
		Rule: rule, Severity: page.Severity, Message: message, File: span.File,
		Line: span.Line, Column: span.Column, EndLine: span.EndLine, EndColumn: span.EndColumn,
		ID: f.ids.ID(append([]string{rule, span.File}, parts...)...),
	}
	f.out = append(f.out, finding)
	return finding
}

// verdict writes the verdict of a reference as a finding.
func (f *finder) verdict(r *audit.Reference) {
	rule, ok := verdictRules[r.Verdict]
	if !ok || r.Credential != audit.CredentialGitHub {
		return
	}
	finding := f.add(rule, message(r), spanOf(r), r.ID)
	finding.Reference, finding.Fix = r.ID, r.Remedy.Summary
	for _, reason := range r.Reasons {
		for _, p := range reason.Evidence {
			if len(finding.Related) < 10 && p.File != "" && (p.File != r.File || p.Line != r.Line) && !slices.Contains(finding.Related, p) {
				finding.Related = append(finding.Related, p)
			}
		}
	}
}

func spanOf(r *audit.Reference) audit.Span {
	return audit.Span{File: r.File, Line: r.Line, Column: r.Column, EndLine: r.EndLine, EndColumn: r.EndColumn}
}

// message says a verdict in a sentence; the reasons stand in the reference.
func message(r *audit.Reference) string {
	consumer := "here"
	for _, u := range r.Uses {
		if u.Verdict == r.Verdict && u.What != "" {
			consumer = "for " + u.What
			break
		}
	}
	if others := len(r.Uses) - 1; others > 0 {
		consumer += fmt.Sprintf(" and %d more %s", others, plural(others, "use", "uses"))
	}
	switch r.Verdict {
	case audit.VerdictReplaceable:
		if len(r.Uses) == 0 {
			return fmt.Sprintf("Nothing reads %s here, so that no token is needed.", r.Secret)
		}
		return fmt.Sprintf("%s is used %s, where GITHUB_TOKEN would do.", r.Secret, consumer)
	case audit.VerdictConditional:
		return fmt.Sprintf("%s is used %s, where GITHUB_TOKEN would do if something holds that the code does not show (%s).", r.Secret, consumer, reasonCodes(r))
	case audit.VerdictNotReplaceable:
		return fmt.Sprintf("%s is needed %s (%s).", r.Secret, consumer, reasonCodes(r))
	}
	return fmt.Sprintf("Whether GITHUB_TOKEN would do in place of %s %s is not known (%s).", r.Secret, consumer, reasonCodes(r))
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func reasonCodes(r *audit.Reference) string {
	var out []string
	for _, reason := range r.Reasons {
		out = append(out, reason.Code)
	}
	return strings.Join(out, ", ")
}
