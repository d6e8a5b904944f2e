package rules

import (
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/patrol-actions/patrol/audit"
)

// RemarkState says beside what a remark counts.
type RemarkState string

// The states.
const (
	// RemarkKnown is for uses of which all is known, and which would work
	// with GITHUB_TOKEN or may.
	RemarkKnown RemarkState = "known"
	// RemarkUnread is for uses of which something could not be read.
	RemarkUnread RemarkState = "unread"
)

// Remark is what a comment beside a token says against GITHUB_TOKEN. The code
// does not show whether that still holds.
type Remark struct {
	// Verdict is what follows: not-replaceable, or conditional where the reason
	// hangs on a setting that may have changed since.
	Verdict audit.Verdict
	// Reason is the reason code.
	Reason string
	// Detail is what the comment says, as the rest of a sentence that "a
	// comment says that" begins.
	Detail string
}

// remarkRow is one row of table/remarks.tsv.
type remarkRow struct {
	state           RemarkState
	pattern, unless *regexp.Regexp
	remark          Remark
}

var remarkRows = rows("remarks", []string{"holds", "pattern", "unless", "verdict", "reason", "detail"}, func(r row) (remarkRow, error) {
	pattern, errPattern := r.pattern("pattern")
	unless, errUnless := r.pattern("unless")
	out := remarkRow{RemarkState(r.cell("holds")), pattern, unless, Remark{audit.Verdict(r.cell("verdict")), r.cell("reason"), r.cell("detail")}}
	if !slices.Contains([]RemarkState{RemarkKnown, RemarkUnread}, out.state) || pattern == nil || out.remark.Reason == "" || out.remark.Detail == "" {
		return remarkRow{}, fmt.Errorf("state %q, reason %q: want known or unread, a pattern, a reason and a detail", out.state, out.remark.Reason)
	}
	if !slices.Contains([]audit.Verdict{audit.VerdictNotReplaceable, audit.VerdictConditional}, out.remark.Verdict) {
		return remarkRow{}, fmt.Errorf("verdict %q: want not-replaceable or conditional", out.remark.Verdict)
	}
	return out, errors.Join(errPattern, errUnless)
})

// RemarkIn returns what a block of comment says against GITHUB_TOKEN, by the
// first row that fits.
func RemarkIn(state RemarkState, comment string) (Remark, bool) {
	for _, r := range remarkRows().rows {
		if r.state == state && r.pattern.MatchString(comment) && (r.unless == nil || !r.unless.MatchString(comment)) {
			return r.remark, true
		}
	}
	return Remark{}, false
}
