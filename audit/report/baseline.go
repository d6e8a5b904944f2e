package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
)

// sinceSum adds up what became of the findings of an earlier state.
type sinceSum struct {
	held             bool // against something
	commit           string
	new, still, gone int
}

// add counts what became of the findings of one repository or token.
func (s *sinceSum) add(b *audit.Baseline) {
	if b == nil {
		return
	}
	if !s.held {
		s.held, s.commit = true, b.Commit
	}
	if b.Commit != s.commit {
		s.commit = "" // of several repositories
	}
	s.new += b.New
	s.still += b.Still
	s.gone += len(b.Gone)
}

// against adds up what became of the findings of an earlier state.
func against(r *audit.Report) *sinceSum {
	total := &sinceSum{}
	for _, repository := range r.Repositories {
		total.add(repository.Baseline)
	}
	for _, t := range r.Tokens {
		total.add(t.Baseline)
	}
	return total
}

// words says in a line what became of the findings of an earlier state; "" where
// nothing was held against one. Each number is written by number.
func (s *sinceSum) words(number func(int) string) string {
	if !s.held {
		return ""
	}
	since := "the baseline"
	if s.commit != "" {
		since = "commit " + clean(s.commit[:min(len(s.commit), 12)])
	}
	return fmt.Sprintf("Since %s: %s new, %s still there, %s gone", since, number(s.new), number(s.still), number(s.gone))
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
