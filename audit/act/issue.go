package act

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/github"
)

// Issue is an issue that is to say how things are.
type Issue struct {
	// Repository is "owner/name", where the issue is.
	Repository string
	// Scope names what was audited, such as an organisation's login: each has
	// an issue of its own in a repository.
	Scope string
	// Title is for a new issue: later it belongs to those who work with it.
	// It should name what does not change. GitHub shows it as it is, so that
	// nothing from a repository may stand in it.
	Title string
	// Body is Markdown in which all that comes from repositories is escaped,
	// such as the markdown format of package report. It should hold nothing
	// that changes with every run, or each one will edit the issue.
	Body string
	// Clean tells that there is nothing to do, and the body says so.
	Clean bool
}

const issuePermission = "issues: write"

// maxIssues bounds how many issues of the token's account are looked through,
// the open ones and the closed ones each.
const maxIssues = 3000

// issueRow is an issue in a list.
type issueRow struct {
	Number      int       `json:"number"`
	URL         string    `json:"html_url"`
	Body        string    `json:"body"`
	User        user      `json:"user"`
	PullRequest *struct{} `json:"pull_request"`
}

// errTooMany ends a search among more issues than are looked through.
var errTooMany = errors.New("among the open issues of this token's account there are too many to find the right one")

// Issue keeps one issue up to date: it is made where something is to be done,
// edited when the body is another one, closed when all is clean, and opened
// again when something comes back.
//
// An issue that a person closed stays closed as long as it would say the same
// as when it was closed. Where several are ours, because two runs made one
// each, all but the oldest are closed.
func (a *Actor) Issue(ctx context.Context, x Issue) audit.Outcome {
	t, ok := a.target(audit.ActionIssue, x.Repository)
	if !ok {
		return t.outcome
	}
	self, err := a.identity(ctx)
	if err != nil {
		return t.refused(err, issuePermission)
	}
	first := issueMarker(x.Scope)
	body := first + "\n" + cutBody(strings.ToValidUTF8(x.Body, "\uFFFD"), maxBody-len(first)-1,
		"_Cut here: an issue holds 65,536 characters. The JSON report has all._")
	open, err := t.issues(ctx, self, first, "open")
	if err != nil {
		return t.refused(err, issuePermission)
	}
	if len(open) > 0 {
		return t.keepIssue(ctx, open, body, x.Clean)
	}
	if x.Clean {
		return t.done(audit.DoneUnchanged, "", "nothing to report")
	}
	closed, err := t.issues(ctx, self, first, "closed")
	if err != nil {
		return t.refused(err, issuePermission)
	}
	if len(closed) > 0 {
		return t.reopenIssue(ctx, closed[0], body)
	}
	return t.makeIssue(ctx, x.Title, body)
}

// issueMarker is the first line of an issue about something. Only the first
// line counts: further below stands what repositories have written.
func issueMarker(scope string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(scope)))
	return "<!-- patrol:issue " + hex.EncodeToString(sum[:8]) + " -->"
}

// issues are those of ours in a state: open ones from the oldest on, closed
// ones from the one on which something was done last.
func (t *target) issues(ctx context.Context, self identity, first, state string) ([]issueRow, error) {
	query := url.Values{"state": {state}, "creator": {self.creator()}, "sort": {"updated"}, "direction": {"desc"}, "per_page": {"100"}}
	found, err := t.searchIssues(ctx, self, first, query)
	if statusOf(err) == unprocessable { // a creator that GitHub cannot look for
		query.Del("creator")
		found, err = t.searchIssues(ctx, self, first, query)
	}
	if state == "open" {
		slices.SortFunc(found, func(a, b issueRow) int { return cmp.Compare(a.Number, b.Number) })
	} else if errors.Is(err, errTooMany) {
		err = nil // it was closed long ago: another one begins
	}
	return found, err
}

func (t *target) searchIssues(ctx context.Context, self identity, first string, query url.Values) ([]issueRow, error) {
	var found []issueRow
	seen := 0
	for row, err := range github.List[issueRow](ctx, t.client, t.path("issues"), query, "") {
		if err != nil {
			return nil, err
		}
		line, _, _ := strings.Cut(row.Body, "\n")
		if row.PullRequest == nil && self.wrote(row.User) && strings.TrimRight(line, "\r") == first {
			found = append(found, row)
		}
		if seen++; seen >= maxIssues {
			if len(found) == 0 {
				return nil, errTooMany
			}
			break
		}
	}
	return found, nil
}

// keepIssue brings the oldest of the open issues up to date and closes others.
func (t *target) keepIssue(ctx context.Context, open []issueRow, body string, clean bool) audit.Outcome {
	for _, double := range open[1:] {
		if err := t.patchIssue(ctx, double, map[string]any{"state": "closed", "state_reason": "not_planned"}); err != nil {
			return t.refused(err, issuePermission)
		}
	}
	row, change, done := open[0], map[string]any{}, audit.DoneUnchanged
	if !sameBody(row.Body, body) {
		change["body"], done = body, audit.DoneUpdated
	}
	if clean {
		change["state"], change["state_reason"], done = "closed", "completed", audit.DoneClosed
	}
	if len(change) > 0 {
		if err := t.patchIssue(ctx, row, change); err != nil {
			return t.refused(err, issuePermission)
		}
	}
	message := ""
	if n := len(open) - 1; n > 0 {
		message = fmt.Sprintf("closed %d more like it", n)
	}
	return t.done(done, row.URL, message)
}

// reopenIssue opens a closed issue again. When we close one it says that all
// is clean; so one that says what it would say now was closed by a person.
func (t *target) reopenIssue(ctx context.Context, row issueRow, body string) audit.Outcome {
	if sameBody(row.Body, body) {
		return t.done(audit.DoneUnchanged, row.URL, "a person closed it; it is opened again when something changes")
	}
	if err := t.patchIssue(ctx, row, map[string]any{"state": "open", "body": body}); err != nil {
		return t.refused(err, issuePermission)
	}
	return t.done(audit.DoneReopened, row.URL, "")
}

func (t *target) makeIssue(ctx context.Context, title, body string) audit.Outcome {
	var made issueRow
	if t.dryRun {
		return t.done(audit.DoneCreated, "", "")
	}
	if err := t.send(ctx, content, "POST", t.path("issues"), map[string]any{"title": title, "body": body}, &made); err != nil {
		return t.refused(err, issuePermission)
	}
	return t.done(audit.DoneCreated, made.URL, "")
}

func (t *target) patchIssue(ctx context.Context, row issueRow, change map[string]any) error {
	if t.dryRun {
		return nil
	}
	w := quiet
	if change["state"] != nil {
		w = content
	}
	return t.send(ctx, w, "PATCH", t.path("issues", fmt.Sprint(row.Number)), change, nil)
}
