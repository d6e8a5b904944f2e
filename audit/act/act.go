// Package act brings what an audit found to where it gets done: an issue that
// is kept up to date, pull requests with the edits of package fix, and the
// alerts of code scanning.
//
// Four rules hold for all of it:
//
//   - It writes with the token of the run itself, never with one that is
//     looked at, and only what it is asked to. A dry run reads alone.
//   - It changes nothing that it has not made. Ours is what begins with our
//     marker and was written by the account that the token writes as (see
//     identity); a branch is ours as long as its head is a commit of ours.
//   - Nothing is forced. A branch that moved between reading and writing is
//     refused by GitHub itself: commits are put on top of what was read, and a
//     branch is deleted on the condition that it still is that.
//   - An action ends in an [audit.Outcome], never in an error: what one
//     repository refuses keeps nothing from the next one. Doing it all again
//     writes nothing where nothing has changed.
//
// What the actions take, with the names of fine-grained permissions:
//
//	issue          issues: write (to read them, and to write)
//	pull request   contents: write, pull-requests: write, workflows: write
//	SARIF          security-events: write
//
// GITHUB_TOKEN never has workflows: pull requests take an App's token, or a
// person's.
package act

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/github"
	"github.com/patrol-actions/patrol/audit/remote"
	"github.com/patrol-actions/patrol/audit/report"
)

// Options say how to act.
type Options struct {
	// Client writes with the run's own token. It must not be one that only
	// reads, which those of inspected tokens are.
	Client *github.Client
	// DryRun reads what is there and says what would be done.
	DryRun bool
	// MaxPullRequests is how many new pull requests are opened at most; 0 for
	// DefaultMaxPullRequests. Those that are there already are kept up to date
	// whatever it is.
	MaxPullRequests int
	// Page gives the address of the page of a rule; nil for none.
	Page func(rule string) string
	// Now is the clock, time.Now if nil.
	Now func() time.Time
	// Sleep waits, or ends with the context's error; nil for a real wait.
	Sleep func(context.Context, time.Duration) error
}

// DefaultMaxPullRequests is how many pull requests are opened where nobody
// says.
const DefaultMaxPullRequests = 20

// Actor acts on repositories, one after the other. It is not for several
// goroutines: GitHub asks that writes come one by one.
type Actor struct {
	client *github.Client
	dryRun bool
	page   func(string) string
	pace   pacer
	// most and opened count new pull requests.
	most, opened int
	// self is who the token writes as, once it was asked.
	self *identity
	// stopped is why nothing more is tried.
	stopped error
}

// Permission is what an action takes, with the names of fine-grained
// permissions; a classic token takes the scopes repo and, for pull requests,
// workflow.
func Permission(action audit.Action) string {
	return map[audit.Action]string{
		audit.ActionIssue: issuePermission, audit.ActionPullRequest: pullPermission, audit.ActionSARIF: sarifPermission,
	}[action]
}

// Stopped is why nothing more is tried, nil as long as it is: a rate limit for
// which the client may not wait, a token that is no longer good, the end of
// the context. What is asked for after it is skipped, and can be done by a
// later run.
func (a *Actor) Stopped() error { return a.stopped }

// ends tells whether an error will hold for all other repositories as well.
func ends(err error) bool {
	var limit *github.LimitError
	return errors.As(err, &limit) || errors.Is(err, github.ErrUnauthorized) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// New makes an actor. It sends nothing.
func New(o Options) (*Actor, error) {
	switch {
	case o.Client == nil || o.Client.ReadOnly():
		return nil, errors.New("issues, pull requests and uploads take a client that may write")
	case o.Client.Anonymous():
		return nil, errors.New("issues, pull requests and uploads take a token")
	}
	a := &Actor{client: o.Client, dryRun: o.DryRun, page: o.Page, most: o.MaxPullRequests, pace: newPacer(o.Now, o.Sleep)}
	if a.most <= 0 {
		a.most = DefaultMaxPullRequests
	}
	return a, nil
}

// identity is the account that a token writes as.
type identity struct {
	// login is without the "[bot]" that REST puts behind the names of Apps.
	login string
	bot   bool
}

// user is an author as REST shows it.
type user struct {
	Login string `json:"login"`
	Type  string `json:"type"`
}

// botSuffix ends the logins of Apps; no person's login can hold it.
const botSuffix = "[bot]"

// wrote tells whether an author is the account. A login belongs to one account
// at a time, and Apps and people are told apart, so nobody else can be.
func (i identity) wrote(u user) bool {
	bot := u.Type == "Bot"
	return bot == i.bot && u.Login != "" && strings.EqualFold(strings.TrimSuffix(u.Login, botSuffix), i.login)
}

// creator is the login by which REST lists what the account wrote.
func (i identity) creator() string {
	if i.bot {
		return i.login + botSuffix
	}
	return i.login
}

// identity asks, once, who the token writes as. REST tells it to people's
// tokens alone, GraphQL's viewer to those of installations too. Where it is
// not told, nothing can be known to be ours, and nothing is written.
func (a *Actor) identity(ctx context.Context) (identity, error) {
	if a.self != nil {
		return *a.self, nil
	}
	var answer struct {
		Viewer struct {
			Login string `json:"login"`
		} `json:"viewer"`
	}
	if err := a.client.Query(ctx, `query { viewer { login } }`, nil, &answer); err != nil {
		return identity{}, err
	}
	login, bot := strings.CutSuffix(answer.Viewer.Login, botSuffix)
	if login == "" {
		return identity{}, errors.New("GitHub does not say who the token writes as")
	}
	a.self = &identity{login: login, bot: bot || a.client.TokenKind() == github.KindInstallation}
	return *a.self, nil
}

// send sends a request that writes, in its time.
func (a *Actor) send(ctx context.Context, w weight, method, path string, body, into any) error {
	if err := a.pace.wait(ctx, w); err != nil {
		return err
	}
	_, err := a.client.Send(ctx, method, path, body, into)
	return err
}

// target is one repository and what is done there.
type target struct {
	*Actor
	owner, name string
	outcome     audit.Outcome
}

// target begins an outcome. It is not ok for what is no name of a repository,
// and where nothing more is tried.
func (a *Actor) target(action audit.Action, repository string) (*target, bool) {
	t := &target{Actor: a, outcome: audit.Outcome{Action: action, Repository: report.Clean(repository), DryRun: a.dryRun}}
	n, ok := remote.Parse(repository)
	t.owner, t.name = n.Owner, n.Repository
	switch {
	case !ok || n.Ref != "":
		t.outcome.Done, t.outcome.Message = audit.DoneFailed, "that is no name of a repository"
	case a.stopped != nil:
		t.outcome.Done, t.outcome.Message = audit.DoneSkipped, "not tried: "+report.Clean(a.stopped.Error())
	default:
		return t, true
	}
	return t, false
}

// path is that of something in the repository.
func (t *target) path(parts ...string) string {
	return github.Path(append([]string{"repos", t.owner, t.name}, parts...)...)
}

// branchPath is that of a branch's ref: its name may have slashes.
func (t *target) branchPath(kind, branch string) string {
	return t.path(append([]string{"git", kind, "heads"}, strings.Split(branch, "/")...)...)
}

// done ends in an outcome.
func (t *target) done(done audit.Done, url, message string) audit.Outcome {
	o := t.outcome
	o.Done, o.URL, o.Message = done, report.Clean(url), message
	return o
}

// refused ends in the outcome of an error: skipped where the token may not, or
// where the repository takes no changes, else failed. The permission is what
// the step takes.
func (t *target) refused(err error, permission string) audit.Outcome {
	o := t.outcome
	o.Done, o.Message = audit.DoneFailed, report.Clean(err.Error())
	if t.stopped == nil && ends(err) {
		t.stopped = err
	}
	status := &github.StatusError{}
	errors.As(err, &status)
	said := strings.ToLower(status.Message)
	switch {
	case strings.Contains(said, "archived"):
		o.Done, o.Message = audit.DoneSkipped, "the repository is archived"
	case strings.Contains(said, "not permitted to create or approve pull requests"):
		o.Done = audit.DoneSkipped
		o.Message = "the settings of Actions do not let GITHUB_TOKEN create pull requests (Settings, Actions, General, Workflow permissions)"
	case status.Status == gone:
		o.Done, o.Message = audit.DoneSkipped, "they are turned off in the repository: "+status.Message
	case status.Response != nil && status.Response.SSO.Required:
		o.Done = audit.DoneSkipped
	case errors.Is(err, github.ErrForbidden) || errors.Is(err, github.ErrNotFound):
		o.Done, o.Permission = audit.DoneSkipped, permission
		o.Message = "it takes " + permission + ", which the token of this run has not got here"
		if status.Message != "" {
			o.Message += " (" + status.Message + ")"
		}
	}
	return o
}

// The statuses by which GitHub says what is there.
const (
	notFound      = 404
	conflict      = 409
	gone          = 410
	unprocessable = 422
)

// statusOf is the status by which GitHub refused, 0 where it did not.
func statusOf(err error) int {
	var status *github.StatusError
	if errors.As(err, &status) {
		return status.Status
	}
	return 0
}
