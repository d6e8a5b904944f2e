package expression

import (
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// The letters of which values are made up that only the run knows, in lower
// case.
const (
	digits  = "0123456789"
	hex     = digits + "abcdef"
	letters = "abcdefghijklmnopqrstuvwxyz"
	// names is what names of events are written with.
	names = letters + digits + "_"
	// login is what the names of users and Apps are written with: those of
	// managed users have an underscore, those of Apps "[bot]".
	login = names + "-[]"
)

// alphabets are contexts whose values cannot hold just any text.
// Source: https://docs.github.com/actions/reference/workflows-and-actions/contexts
var alphabets = map[string]string{
	"github.run_id": digits, "github.run_number": digits, "github.run_attempt": digits,
	"github.repository_id": digits, "github.repository_owner_id": digits, "github.actor_id": digits,
	"github.event.number": digits, "github.event.pull_request.number": digits, "github.event.issue.number": digits,
	"github.event.comment.id": digits, "github.event.release.id": digits, "github.event.discussion.number": digits,
	"github.event.workflow_run.id": digits, "github.event.workflow_run.run_number": digits, "github.event.workflow_run.run_attempt": digits,
	"github.sha": hex, "github.workflow_sha": hex, "github.event.after": hex, "github.event.before": hex,
	"github.event.pull_request.head.sha": hex, "github.event.pull_request.base.sha": hex, "github.event.pull_request.merge_commit_sha": hex,
	"github.event.head_commit.id": hex, "github.event.workflow_run.head_sha": hex, "github.event.check_suite.head_sha": hex,
	"github.event_name": names,
	"github.actor":      login, "github.triggering_actor": login, "github.repository_owner": login, "github.event.sender.login": login,
	"github.event.pull_request.user.login": login, "github.event.issue.user.login": login, "github.event.comment.user.login": login,
	"github.event.repository.owner.login": login, "github.event.review.user.login": login,
	"runner.os": letters, "runner.arch": letters + digits,
}

// outcome matches what tells how a job or a step ended: one word.
var outcome = regexp.MustCompile(`^\$\{\{ (?:job\.status|needs\.[\w-]+\.result|steps\.[\w-]+\.(?:outcome|conclusion)) \}\}$`)

// alphabet returns the letters of which a part is made up that is not known;
// any is true where these may be all.
func alphabet(p value.Part) (of string, any bool) {
	if outcome.MatchString(p.Unknown) {
		return letters, false
	}
	of, ok := alphabets[p.Context]
	return of, !ok
}

// mayHold tells whether a value that is known in part may hold a text where
// the search looks for it: false where the known parts and the letters of the
// others leave no place for it.
func mayHold(search string, v value.Value, part string) bool {
	part = strings.ToLower(part)
	return slices.ContainsFunc(v.Alternatives(), func(one value.Value) bool {
		return reaches(search, one, part)
	})
}

// reaches follows how much of a text may have been seen at each point of a
// value: reached[n] says that its first n bytes may stand right before the
// point.
func reaches(search string, v value.Value, part string) bool {
	begin := func() []bool {
		reached := make([]bool, len(part)+1)
		reached[0] = true
		return reached
	}
	reached, found := begin(), false
	for _, p := range v {
		if text, ok := (value.Value{p}).Literal(); ok {
			for _, c := range []byte(strings.ToLower(text)) {
				next := make([]bool, len(part)+1)
				next[0] = search != "startswith"
				for n := range len(part) {
					next[n+1] = reached[n] && part[n] == c
				}
				reached, found = next, found || next[len(part)]
			}
			continue
		}
		of, any := alphabet(p)
		for n := range len(part) {
			reached[n+1] = reached[n+1] || reached[n] && (any || strings.IndexByte(of, part[n]) >= 0)
		}
		// The part of the value that is not known may end before the text
		// begins, unless that is at the very beginning.
		reached[0] = reached[0] || search != "startswith"
		found = found || reached[len(part)]
	}
	if search == "endswith" {
		return reached[len(part)]
	}
	return found || part == ""
}
