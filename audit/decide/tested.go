package decide

import (
	"regexp"
	"strings"

	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// shellTests match what stands before and behind a value that a shell only
// tests for being set.
var shellTests = []struct{ before, behind *regexp.Regexp }{
	{regexp.MustCompile(`(?:\[\[?|\btest)\s+(?:!\s+)?-[nz]\s+["']?$`), regexp.MustCompile(`^["']?\s*(?:\]|;|&&|\|\||\n|$)`)},
	{regexp.MustCompile(`(?:\[\[?|\btest)\s+["']$`), regexp.MustCompile(`^["']\s*(?:==?|!=)\s*(?:""|'')\s*(?:\]|;|&&|\|\||\n|$)`)},
	{regexp.MustCompile(`\(\s*["']$`), regexp.MustCompile(`^["']\s*-(?i:eq|ne)\s*(?:""|'')\s*\)`)},
}

// testedInScript tells whether a secret that is written in the script of a
// step is only asked there whether it is set.
func testedInScript(w *workflow.Workflow, ref trace.Reference) bool {
	for _, j := range w.Jobs {
		for _, s := range j.Steps {
			if s.Run.IsZero() || ref.Span.Line < s.Line || ref.Span.Line > s.EndLine {
				continue
			}
			found := false
			for _, p := range expression.Find(s.Run.Value) {
				if p.End == 0 || s.Run.Span(p.Start, p.End).Line > ref.Span.Line || s.Run.Span(p.Start, p.End).EndLine < ref.Span.Line {
					continue
				}
				if name := strings.TrimSpace(strings.TrimSuffix(s.Run.Value[p.Body:p.End], "}}")); !strings.EqualFold(name, "secrets."+ref.Secret) {
					continue
				}
				if found = isTested(s.Run.Value[:p.Start], s.Run.Value[p.End:]); !found {
					return false
				}
			}
			return found
		}
	}
	return false
}

func isTested(before, behind string) bool {
	before = before[strings.LastIndexByte(before, '\n')+1:]
	for _, test := range shellTests {
		if test.before.MatchString(before) && test.behind.MatchString(behind) {
			return true
		}
	}
	return false
}
