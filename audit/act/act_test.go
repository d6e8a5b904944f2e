package act

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/fix"
	"github.com/patrol-actions/patrol/audit/github"
	"github.com/patrol-actions/patrol/audit/github/githubtest"
	"github.com/patrol-actions/patrol/audit/github/githubtest/connect"
	"github.com/patrol-actions/patrol/audit/scan"
)

const (
	repo = "octo/app"
	file = ".github/workflows/a.yml"
	// all is what all actions take.
	all = "contents:write,pull_requests:write,workflows:write,issues:write,security_events:write"
)

const workflowA = `on: push
permissions: {}
jobs:
  triage:
    runs-on: ubuntu-latest
    steps:
      - run: gh issue list --repo octo/app
        env:
          GH_TOKEN: ${{ secrets.BOT_PAT }}
`

// world is an organization with a repository, an App's token with permissions,
// an owner of the organization and another App.
func world(permissions string, files map[string]string) githubtest.World {
	return githubtest.World{
		Users:         []githubtest.User{{Login: "monalisa"}, {Login: "run"}},
		Organizations: []githubtest.Organization{{Login: "octo", Members: map[string]string{"monalisa": "admin", "run": "admin"}}},
		Repositories:  []githubtest.Repository{{Owner: "octo", Name: "app", Visibility: githubtest.Private, Files: files}},
		Tokens: []githubtest.Token{
			{Name: "run", Value: "ghs_canaryRun", Kind: githubtest.Installation, Owner: "octo", All: true, Permissions: permissions},
			{Name: "person", Value: "ghp_canaryPerson", Kind: githubtest.Classic, User: "monalisa", Scopes: []string{"repo", "workflow"}},
			{Name: "namesake", Value: "ghp_canaryNamesake", Kind: githubtest.Classic, User: "run", Scopes: []string{"repo", "workflow"}},
			{Name: "other", Value: "ghs_canaryOther", Kind: githubtest.Installation, Owner: "octo", All: true, Permissions: all},
		},
	}
}

// hub is a server with the App's actor and the owner's client.
type hub struct {
	*githubtest.Server
	t      *testing.T
	actor  *Actor
	person *github.Client
	// before is called with each request of the actor that is about to go.
	before func(*http.Request)
}

func serve(t *testing.T, w githubtest.World, change ...func(*Options)) *hub {
	t.Helper()
	h := &hub{Server: githubtest.New(t, w), t: t}
	h.actor = h.as("ghs_canaryRun", change...)
	h.person = connect.Client(t, h.Server, "ghp_canaryPerson")
	return h
}

// as makes an actor of a token, which never really waits.
func (h *hub) as(value string, change ...func(*Options)) *Actor {
	h.t.Helper()
	hooked := func(o *github.Options) {
		o.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
			if h.before != nil {
				h.before(r)
			}
			return http.DefaultTransport.RoundTrip(r)
		})
	}
	o := Options{Client: connect.Client(h.t, h.Server, value, hooked), Sleep: func(context.Context, time.Duration) error { return nil }}
	for _, f := range change {
		f(&o)
	}
	a, err := New(o)
	if err != nil {
		h.t.Fatal(err)
	}
	return a
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func dryRun(o *Options) { o.DryRun = true }

// get reads as the owner.
func (h *hub) get(path string, into any) {
	h.t.Helper()
	if _, err := h.person.Get(h.t.Context(), path, nil, into); err != nil {
		h.t.Fatal(err)
	}
}

// send writes as the owner.
func (h *hub) send(method, path string, body, into any) {
	h.t.Helper()
	if _, err := h.person.Send(h.t.Context(), method, path, body, into); err != nil {
		h.t.Fatal(err)
	}
}

// expect checks an outcome, and how many requests of the App wrote since.
func (h *hub) expect(o audit.Outcome, done audit.Done, message string, writes int) {
	h.t.Helper()
	if o.Done != done || !strings.Contains(o.Message, message) || message == "" && o.Done == audit.DoneFailed {
		h.t.Errorf("%+v, want %s with %q", o, done, message)
	}
	n := 0
	for _, e := range h.Writes() {
		if e.Token == "run" {
			n++
		}
	}
	if n != writes {
		h.t.Errorf("%s: %d requests of the App wrote, want %d", o, n, writes)
	}
	h.Forget()
}

// plan is what there is to fix in some files.
func plan(files map[string]string) *fix.Result {
	fsys := fstest.MapFS{}
	for name, content := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(content)}
	}
	return fix.Plan(fsys, fix.Options{Scan: scan.Options{Name: repo}})
}

func TestNew(t *testing.T) {
	h := serve(t, world(all, nil))
	for name, c := range map[string]*github.Client{
		"none": nil, "read only": connect.Client(t, h.Server, "ghs_canaryRun", connect.ReadOnly),
	} {
		if _, err := New(Options{Client: c}); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	host, err := github.ParseHost(h.URL)
	if err != nil {
		t.Fatal(err)
	}
	anonymous, err := github.New(github.Options{Host: host})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := New(Options{Client: anonymous}); err == nil {
		t.Error("a client without a token is taken")
	}
}

func TestIdentity(t *testing.T) {
	app, person := identity{"run", true}, identity{"Mona", false}
	for _, test := range []struct {
		who  identity
		user user
		want bool
	}{
		{app, user{"run[bot]", "Bot"}, true}, {app, user{"RUN[bot]", "Bot"}, true},
		{app, user{"run", "User"}, false}, {app, user{"runner[bot]", "Bot"}, false}, {app, user{"", "Bot"}, false},
		{person, user{"mona", "User"}, true}, {person, user{"mona[bot]", "Bot"}, false}, {person, user{"mona2", "User"}, false},
		{identity{}, user{}, false},
	} {
		if got := test.who.wrote(test.user); got != test.want {
			t.Errorf("%+v wrote %+v: %v", test.who, test.user, got)
		}
	}
	h := serve(t, world(all, nil))
	for value, want := range map[string]identity{"ghs_canaryRun": app, "ghp_canaryPerson": {"monalisa", false}, "ghp_canaryNamesake": {"run", false}} {
		if got, err := h.as(value).identity(t.Context()); err != nil || got != want {
			t.Errorf("%s: %+v %v", value, got, err)
		}
	}
}

// Where GitHub does not say who the token writes as, nothing is written.
func TestIdentityUnknown(t *testing.T) {
	files := map[string]string{file: workflowA}
	h := serve(t, world(all, files))
	h.Fail(githubtest.Match{Template: "/graphql"}, githubtest.Fault{Status: 403, Body: `{"message":"Resource not accessible by integration"}`})
	h.expect(h.actor.Issue(t.Context(), Issue{Repository: repo, Title: "t", Body: "b"}), audit.DoneSkipped, "it takes issues: write", 0)
	h.expect(h.actor.PullRequest(t.Context(), PullRequest{Repository: repo, Base: "main", Plan: plan(files)}), audit.DoneSkipped, "it takes contents: write", 0)
}

func TestTarget(t *testing.T) {
	h := serve(t, world(all, nil))
	for _, name := range []string{"", "octo", "octo/", "octo/..", "octo/app/x", "octo/app@main", "octo/app\nx", "-/x", "octo/%2e%2e"} {
		o := h.actor.Issue(t.Context(), Issue{Repository: name, Title: "t", Body: "b"})
		if o.Done != audit.DoneFailed || strings.Contains(o.String(), "\n") {
			t.Errorf("%q: %s", name, o)
		}
	}
	if n := len(h.Exchanges()); n != 0 {
		t.Errorf("%d requests for what is no repository", n)
	}
}

// An action ends in an outcome whatever goes wrong, and says no token.
func TestFaults(t *testing.T) {
	files := map[string]string{file: workflowA}
	for name, fault := range map[string]githubtest.Fault{
		"5xx": {Status: 500}, "reset": {Reset: true}, "page": {HTML: true}, "malformed": {Malformed: true}, "truncated": {Truncate: true},
		"limit": {Secondary: time.Minute}, "dead": {Status: 401, Body: `{"message":"Bad credentials ghs_canaryRun"}`},
	} {
		for _, template := range []string{"/repos/{owner}/{repo}/issues", "/repos/{owner}/{repo}/pulls", "/repos/{owner}/{repo}/git/trees", "/repos/{owner}/{repo}/code-scanning/sarifs", "/graphql"} {
			h := serve(t, world(all, files))
			h.Fail(githubtest.Match{Template: template}, fault)
			x := SARIF{Repository: repo, Branch: "main", Commit: strings.Repeat("a", 40), Log: log(1)}
			scanned, _ := h.actor.UploadSARIF(t.Context(), x)
			for _, o := range []audit.Outcome{
				h.actor.Issue(t.Context(), Issue{Repository: repo, Title: "t", Body: "b"}),
				h.actor.PullRequest(t.Context(), PullRequest{Repository: repo, Base: "main", Plan: plan(files)}), scanned,
			} {
				if strings.Contains(o.String(), "canary") || o.Done == "" {
					t.Errorf("%s of %s: %s", name, template, o)
				}
			}
		}
	}
}

// What holds for all repositories is not tried with each.
func TestStopped(t *testing.T) {
	for said, fault := range map[string]githubtest.Fault{"secondary rate limit": {Secondary: time.Minute}, "401": {Status: 401}} {
		h := serve(t, world(all, nil))
		h.Fail(githubtest.Match{Method: "POST", Template: "/repos/{owner}/{repo}/issues"}, fault)
		if err := h.actor.Stopped(); err != nil {
			t.Fatal(err)
		}
		h.expect(h.actor.Issue(t.Context(), issue("one", false)), audit.DoneFailed, said, 1)
		if h.actor.Stopped() == nil {
			t.Errorf("%s: it goes on", said)
		}
		h.expect(h.actor.Issue(t.Context(), issue("one", false)), audit.DoneSkipped, "not tried: ", 0)
	}
	h := serve(t, world(all, nil))
	ctx, cancel := context.WithCancel(t.Context())
	h.actor.pace.sleep = func(context.Context, time.Duration) error { cancel(); return ctx.Err() }
	h.expect(h.actor.Issue(ctx, issue("one", false)), audit.DoneCreated, "", 1)
	h.expect(h.actor.Issue(ctx, issue("two", false)), audit.DoneFailed, "canceled", 0)
	if !errors.Is(h.actor.Stopped(), context.Canceled) {
		t.Errorf("%v", h.actor.Stopped())
	}
}

func TestPermission(t *testing.T) {
	for action, want := range map[audit.Action]string{
		audit.ActionIssue: "issues: write", audit.ActionSARIF: "security-events: write",
		audit.ActionPullRequest: "contents: write, pull-requests: write and workflows: write",
	} {
		if got := Permission(action); got != want {
			t.Errorf("%s takes %q", action, got)
		}
	}
}

func TestOutcome(t *testing.T) {
	for want, o := range map[string]audit.Outcome{
		"o/r: issue created (https://x)":                      {Action: audit.ActionIssue, Repository: "o/r", Done: audit.DoneCreated, URL: "https://x"},
		"o/r: pull-request would be created: two":             {Action: audit.ActionPullRequest, Repository: "o/r", Done: audit.DoneCreated, DryRun: true, Message: "two"},
		"o/r: sarif skipped: it takes security-events: write": {Action: audit.ActionSARIF, Repository: "o/r", Done: audit.DoneSkipped, DryRun: true, Message: "it takes security-events: write"},
	} {
		if got := o.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestPacer(t *testing.T) {
	clock := time.Unix(1000, 0)
	var slept []time.Duration
	p := newPacer(func() time.Time { return clock }, func(_ context.Context, d time.Duration) error {
		slept = append(slept, d)
		clock = clock.Add(d)
		return nil
	})
	for range contentPerHour {
		if err := p.wait(t.Context(), content); err != nil {
			t.Fatal(err)
		}
	}
	if len(slept) != contentPerHour-1 || slept[0] != time.Second {
		t.Fatalf("%d waits, the first of %s", len(slept), slept[0])
	}
	start := clock
	if err := p.wait(t.Context(), content); err != nil || clock.Sub(time.Unix(1000, 0)) != time.Hour {
		t.Errorf("the next one goes %s after the first: %v", clock.Sub(time.Unix(1000, 0)), err)
	}
	clock = clock.Add(time.Hour)
	before := len(slept)
	if err := p.wait(t.Context(), quiet); err != nil || len(slept) != before || start.After(clock) {
		t.Errorf("it waits %s after an hour: %v", slept[before:], err)
	}
	p.sleep = func(context.Context, time.Duration) error { return context.Canceled }
	if err := p.wait(t.Context(), quiet); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
