package decide

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// These match comments which say that credentials are kept for a push with git,
// what says that they are not, or for a push of something else, and the name of
// the branch in them.
var (
	keptForPush  = regexp.MustCompile(`(?i)\b(?:need|requir|necessary|allow|credential|token|permission|PAT)\w*\b[^.;]*\b(?:push(?:es|ing)?|commit(?:s|ting)? (?:and|&) push)\b`)
	noPush       = regexp.MustCompile(`(?i)\b(?:not|no|never|without|\w+n.t|avoid|prevent|disabled?|docker|images?|registry|packages?|charts?|artifacts?|containers?|tags?|pypi|npm|nuget|crates?)\b|\bpush(?:es)? events?\b|\bon push\b`)
	pushedBranch = regexp.MustCompile("(?i)\\bpush[^.;]*?[`'\"]([\\w./-]+)[`'\"] branch\\b|\\bpush[^.;]*? branch [`'\"]([\\w./-]+)[`'\"]")
)

// keptToPush takes a comment beside a checkout which says that its credentials are
// there to push with, where code could not be read that may do so, against
// GITHUB_TOKEN: if a workflow listens to pushes of every branch, and to no pull
// request whose run would stand in. It is wrong where the unread code says [skip ci].
func (d *decider) keptToPush(ref trace.Reference, comments []block, uses []*ruled, total *ruling) {
	var job *jobView
	for _, u := range uses {
		if stores(u) {
			job = u.job
		}
	}
	if job == nil {
		return
	}
	for _, c := range comments {
		if !keptForPush.MatchString(c.text) || noPush.MatchString(c.text) {
			continue
		}
		branch := value.Unknown("the branch")
		if m := pushedBranch.FindStringSubmatch(c.text); m != nil {
			branch = value.Text(m[1] + m[2])
		}
		var lost []listener
		for _, l := range d.listeners(job, infer.Event{Name: "push", Attributes: map[string]value.Value{"branch": branch}}) {
			if l.certain == yes && !listensToPulls(l) {
				lost = append(lost, l)
			}
		}
		if len(lost) == 0 {
			continue
		}
		c.place.File = ref.Span.File
		total.against("triggers-workflows", fmt.Sprintf("a comment says that the token is there to push with, and %s would not start", names(lost)), append(evidence(lost), c.place))
		return
	}
}

// listensToPulls tells whether a workflow has runs on pull requests as well.
func listensToPulls(l listener) bool {
	return slices.ContainsFunc(l.workflow.Triggers, func(t workflow.Trigger) bool { return t.Event == "pull_request" })
}

// besidePersisting returns the comments on the input persist-credentials and right
// above it, where it stands below a token.
func besidePersisting(lines [][]byte, number int) []block {
	indent := indentation(string(at(lines, number)))
	for n := number + 1; n < number+above; n++ {
		text := string(at(lines, n))
		if strings.TrimSpace(text) != "" && indentation(text) < indent {
			break
		}
		if strings.HasPrefix(strings.TrimSpace(text), "persist-credentials:") {
			return commentsBeside(lines, n)
		}
	}
	return nil
}
