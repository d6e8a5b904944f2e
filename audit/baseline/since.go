package baseline

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/patrol-actions/patrol/audit"
)

// Since takes out of the audit of a work tree the findings that a change has
// nothing to do with, and notes what became of those of the base: the audit
// of the commit that the change began at.
//
// A finding is kept if the base has none of its id, if what it says is not
// what it said there (another file of the change may be why), or if the line
// that it stands on is one of those that changed.
func Since(head, base *audit.Repository, commit string, changed func(file string, line int) bool, shown func(*audit.Finding) bool) {
	before := map[string]string{}
	for _, f := range base.Findings {
		before[f.ID] = said(base, f)
	}
	b := &audit.Baseline{Commit: commit, Gone: goneOf(base.Findings, ids(head.Findings, head.Accepted), func(f *audit.Finding) bool { return shown(f) && !unread(head, f) })}
	kept := []*audit.Finding{}
	for _, f := range head.Findings {
		old, known := before[f.ID]
		switch {
		case !known || old != said(head, f) || changed(f.File, f.Line):
			kept = append(kept, f)
			if shown(f) {
				b.New++
			}
		case shown(f):
			b.Still++
		}
	}
	head.Findings, head.Baseline = kept, b
}

// said is what a finding says: its severity and message, and the verdict of
// its reference with its reasons. Places are no part of it, for they move.
func said(r *audit.Repository, f *audit.Finding) string {
	var b strings.Builder
	fmt.Fprintln(&b, f.Severity, f.Message)
	for _, reference := range r.References {
		if f.Reference == "" || reference.ID != f.Reference {
			continue
		}
		fmt.Fprintln(&b, reference.Verdict)
		reasons := slices.Clone(reference.Reasons)
		slices.SortFunc(reasons, func(x, y audit.Reason) int {
			return cmp.Or(cmp.Compare(x.Code, y.Code), cmp.Compare(x.Detail, y.Detail))
		})
		for _, reason := range reasons {
			fmt.Fprintln(&b, reason.Code, reason.Detail)
		}
	}
	return b.String()
}

// ChangedLines returns the lines of a file, 1-based, that are not in it as it
// was. Line ends do not matter.
func ChangedLines(before, after []byte) map[int]bool {
	unix := func(source []byte) []byte { return bytes.ReplaceAll(source, []byte("\r\n"), []byte("\n")) }
	out := map[int]bool{}
	number := 0
	for line := range bytes.Lines(diff.Diff("a", unix(before), "b", unix(after))) {
		var from, count int
		switch {
		case bytes.HasPrefix(line, []byte("@@ ")):
			if _, err := fmt.Sscanf(string(line), "@@ -%d,%d +%d,", &from, &count, &number); err != nil {
				return out // no such line is ever written
			}
		case number == 0: // the head of the comparison
		case line[0] == '+':
			out[number] = true
			number++
		case line[0] == ' ':
			number++
		}
	}
	return out
}
