package decide

import (
	"fmt"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/rules"
)

// usesSeen are uses by where they stand and the way to them, of which each is another
// one: of code that many ways lead to there are thousands.
type usesSeen map[string][]*audit.Use

// add adds a use, and tells whether it is none of those that are there.
func (s usesSeen) add(u *audit.Use) bool {
	var key strings.Builder
	fmt.Fprintln(&key, u.Job, u.Step, u.File, u.Line, u.What, u.Via)
	if slices.ContainsFunc(s[key.String()], func(have *audit.Use) bool { return sameUse(have, u) }) {
		return false
	}
	s[key.String()] = append(s[key.String()], u)
	return true
}

// sameUse tells whether two uses would read the same: a reusable workflow
// that is called ten times has each of its uses once.
func sameUse(a, b *audit.Use) bool {
	return a.Job == b.Job && a.Step == b.Step && a.File == b.File && a.Line == b.Line && a.What == b.What && a.Verdict == b.Verdict &&
		slices.Equal(a.Via, b.Via) && slices.Equal(a.Operations, b.Operations) &&
		slices.EqualFunc(a.Reasons, b.Reasons, func(x, y audit.Reason) bool { return x.Code == y.Code && x.Detail == y.Detail })
}

// onlyLookedAt tells whether uses take a credential, whichever it is, and make no
// request with it, as what strikes secrets out of files does: they say nothing of
// GitHub.
func onlyLookedAt(uses []*ruled) bool {
	return len(uses) > 0 && !slices.ContainsFunc(uses, func(u *ruled) bool {
		return u.Reads || len(u.Unknowns) > 0 || len(u.Operations) == 0 || slices.ContainsFunc(u.Operations, func(o infer.Operation) bool {
			return o.Answer != rules.AnswerYes || len(o.Names) > 0
		})
	})
}
