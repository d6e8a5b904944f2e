package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
)

// against adds up what became of the findings of an earlier state; nil where
// nothing was held against one.
func against(r *audit.Report) *audit.Baseline {
	var total *audit.Baseline
	add := func(b *audit.Baseline) {
		if b == nil {
			return
		}
		if total == nil {
			total = &audit.Baseline{Commit: b.Commit}
		}
		if b.Commit != total.Commit {
			total.Commit = "" // of several repositories
		}
		total.New += b.New
		total.Still += b.Still
		total.Gone = append(total.Gone, b.Gone...)
	}
	for _, repository := range r.Repositories {
		add(repository.Baseline)
	}
	for _, t := range r.Tokens {
		add(t.Baseline)
	}
	return total
}

// sinceWords names what the findings were held against.
func sinceWords(b *audit.Baseline) string {
	if b.Commit != "" {
		return "commit " + clean(b.Commit[:min(len(b.Commit), 12)])
	}
	return "the baseline"
}

// baselineCounts says in a line what became of the findings of an earlier
// state. Each number is written by number.
func baselineCounts(b *audit.Baseline, number func(int) string) string {
	return fmt.Sprintf("Since %s: %s new, %s still there, %s gone", sinceWords(b), number(b.New), number(b.Still), number(len(b.Gone)))
}

// gone writes the findings of an earlier state that are no more.
func (t *text) gone(b *audit.Baseline) {
	if b == nil || len(b.Gone) == 0 {
		return
	}
	t.paint(green, "Gone:")
	t.WriteString("\n")
	for _, f := range b.Gone {
		t.said("", 2, place(f.File, f.Line, 0), f.Message+" ["+f.Rule+"]")
	}
	t.WriteString("\n")
}

// gone lists the findings of an earlier state that are no more.
func (m *markdown) gone() []string {
	var all []string
	row := func(where string, f *audit.Finding) {
		all = append(all, strings.TrimRight(fmt.Sprintf("- %s %s %s", where, markdownProse(shorten(f.Message, cellLimit)), m.code(f.Rule)), " ")+"\n")
	}
	for _, repository := range m.report.Repositories {
		if repository.Baseline != nil {
			for _, f := range repository.Baseline.Gone {
				row(m.where(repository, f.File, f.Line), f)
			}
		}
	}
	for _, t := range m.report.Tokens {
		if t.Baseline != nil {
			for _, f := range t.Baseline.Gone {
				row(MarkdownCode(t.Name), f)
			}
		}
	}
	return all
}

// quiet tells that nothing new is found about a reference of a repository of
// which only what is new is shown.
func quiet(repository *audit.Repository, r *audit.Reference) bool {
	return repository.Baseline != nil && !slices.ContainsFunc(repository.Findings, func(f *audit.Finding) bool { return f.Reference == r.ID })
}
