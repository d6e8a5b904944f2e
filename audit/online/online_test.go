package online

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/decide"
	"github.com/patrol-actions/patrol/audit/github/githubtest"
	"github.com/patrol-actions/patrol/audit/github/githubtest/connect"
	"github.com/patrol-actions/patrol/audit/workflow"
)

const (
	admin = "ghp_canaryAdministrator"
	job   = "ghs_canaryJob"
)

// world has a repository with settings, rules and a run, beside a public and
// a private one.
func world(change func(*githubtest.Repository)) githubtest.World {
	app := githubtest.Repository{
		Owner: "octo", Name: "app", Visibility: githubtest.Private, Files: map[string]string{"README.md": "app"}, DefaultBranch: "trunk",
		Workflow: githubtest.WorkflowPermissions{Default: "write", CanApprove: true},
	}
	if change != nil {
		change(&app)
	}
	return githubtest.World{
		Users:         []githubtest.User{{Login: "monalisa"}},
		Organizations: []githubtest.Organization{{Login: "octo", Members: map[string]string{"monalisa": "admin"}}},
		Repositories: []githubtest.Repository{
			app,
			{Owner: "octo", Name: "open", Files: map[string]string{"README.md": "open"}},
			{Owner: "other", Name: "closed", Visibility: githubtest.Private, Files: map[string]string{"README.md": "closed"}},
		},
		Tokens: []githubtest.Token{
			{Name: "admin", Value: admin, Kind: githubtest.Classic, User: "monalisa", Scopes: []string{"repo", "admin:org"}},
			{Name: "job", Value: job, Kind: githubtest.Installation, Owner: "octo", Repositories: []string{"app"}, Permissions: "contents:read,actions:read", Job: true},
		},
	}
}

// facts are those of octo/app, by a token.
func facts(t *testing.T, w githubtest.World, value, source string) (*Facts, *githubtest.Server) {
	t.Helper()
	server := githubtest.New(t, w)
	c := connect.Client(t, server, value, connect.ReadOnly)
	r := workflow.Load(fstest.MapFS{".github/workflows/w.yml": {Data: []byte(source)}})
	r.Name = "octo/app"
	return NewSource(c).Of(t.Context(), r), server
}

const plainWorkflow = "on: push\njobs: {a: {runs-on: x, steps: [{run: 'true'}]}}\n"

func TestSettings(t *testing.T) {
	for _, on := range []bool{true, false} {
		f, server := facts(t, world(func(r *githubtest.Repository) {
			r.Workflow = githubtest.WorkflowPermissions{Default: map[bool]string{true: "write", false: "read"}[on], CanApprove: on}
		}), admin, plainWorkflow)
		for range 2 {
			if p := f.PullRequestSetting(); !p.Known || p.Yes != on {
				t.Errorf("setting %v: %+v", on, p)
			}
			if p := f.DefaultPermissions(); !p.Known || p.Yes != on {
				t.Errorf("default %v: %+v", on, p)
			}
			if b := f.DefaultBranch(); b != "trunk" {
				t.Errorf("default branch %q", b)
			}
		}
		if n := len(server.Exchanges()); n != 2 || len(f.Problems()) > 0 {
			t.Errorf("%d requests, problems %v", n, f.Problems())
		}
	}
}

// TestFromLog has a token that may not read the settings.
func TestFromLog(t *testing.T) {
	log := func(access string) string {
		return "2026-11-21T10:00:00.0000000Z ##[group]Runner Image\n2026-11-21T10:00:00.0000000Z Contents: write\n2026-11-21T10:00:00.0000000Z ##[endgroup]\n" +
			"2026-11-21T10:00:00.1000000Z ##[group]GITHUB_TOKEN Permissions\n2026-11-21T10:00:00.1000000Z Contents: " + access +
			"\n2026-11-21T10:00:00.1000000Z Metadata: read\n2026-11-21T10:00:00.1000000Z ##[endgroup]\n"
	}
	run := func(path, event, access string) []githubtest.Run {
		return []githubtest.Run{{ID: 5, Workflow: path, Event: event, Branch: "trunk", Jobs: []githubtest.Job{{ID: 50, Name: "a", Log: log(access)}}}}
	}
	const path = ".github/workflows/w.yml"
	for _, test := range []struct {
		name   string
		source string
		runs   []githubtest.Run
		want   decide.Fact
	}{
		{"write", plainWorkflow, run(path, "push", "write"), decide.Fact{Known: true, Yes: true}},
		{"read", plainWorkflow, run(path, "push", "read"), decide.Fact{Known: true}},
		{"of a fork", plainWorkflow, run(path, "pull_request", "read"), decide.Fact{}},
		{"of another workflow", plainWorkflow, run(".github/workflows/x.yml", "push", "write"), decide.Fact{}},
		{"permissions are written", "permissions: {}\n" + plainWorkflow, run(path, "push", "write"), decide.Fact{}},
		{"no runs", plainWorkflow, nil, decide.Fact{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, _ := facts(t, world(func(r *githubtest.Repository) { r.Runs = test.runs }), job, test.source)
			got := f.DefaultPermissions()
			if got.Known != test.want.Known || got.Yes != test.want.Yes {
				t.Errorf("%+v, want %+v", got, test.want)
			}
			if f.PullRequestSetting().Known {
				t.Error("a log does not show the setting")
			}
			if p := f.Problems(); len(p) != 1 || !strings.Contains(p[0].Message, "takes administration: read") {
				t.Errorf("problems %v", p)
			}
		})
	}
}

func TestPublic(t *testing.T) {
	f, server := facts(t, world(nil), job, plainWorkflow)
	for name, want := range map[string]decide.Fact{
		"octo/open": {Known: true, Yes: true}, "OCTO/open": {Known: true, Yes: true}, "other/closed": {Known: true}, "no/where": {Known: true}, "octo/app": {Known: true},
	} {
		for range 2 {
			if got := f.Public(name); got != want {
				t.Errorf("%s: %+v, want %+v", name, got, want)
			}
		}
	}
	if n := len(server.Exchanges()); n != 4 {
		t.Errorf("%d requests for 4 repositories", n)
	}
}

func TestPush(t *testing.T) {
	rule := func(kind string, bypass ...githubtest.Object) func(*githubtest.Repository) {
		return func(r *githubtest.Repository) {
			r.Rulesets = []githubtest.Ruleset{{ID: 7, Name: "trunk", Include: []string{"~DEFAULT_BRANCH"}, Rules: []githubtest.Object{{"type": kind}}, Bypass: bypass}}
		}
	}
	actions := githubtest.Object{"actor_id": actionsApp, "actor_type": "Integration", "bypass_mode": "always"}
	for _, test := range []struct {
		name       string
		token      string
		change     func(*githubtest.Repository)
		known, yes bool
		detail     string
	}{
		{"free", job, nil, true, true, ""},
		{"harmless", job, rule("deletion"), true, true, ""},
		{"barred, seen by an administrator", admin, rule("update"), true, false, "GitHub Actions is not on it"},
		{"let through", admin, rule("update", actions), true, true, ""},
		{"not shown", job, rule("update"), false, false, "may keep GITHUB_TOKEN out"},
		{"classic protection", job, func(r *githubtest.Repository) { r.Protections = map[string]githubtest.Object{"trunk": {}} }, false, false, "it is protected"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, _ := facts(t, world(test.change), test.token, plainWorkflow)
			got := f.Push("trunk")
			if got.Known != test.known || got.Yes != test.yes || !strings.Contains(got.Detail, test.detail) {
				t.Errorf("%+v", got)
			}
			if again := f.Push("trunk"); again != got {
				t.Errorf("asked again: %+v", again)
			}
		})
	}
}

// TestFaults has servers that do not answer: nothing is known, it is said once
// why, and asking ends where it is of no use.
func TestFaults(t *testing.T) {
	for name, fault := range map[string]githubtest.Fault{"500": {Status: 500}, "HTML": {HTML: true}, "reset": {Reset: true}, "limit": {Secondary: 3600e9}} {
		t.Run(name, func(t *testing.T) {
			f, server := facts(t, world(nil), admin, plainWorkflow)
			server.Fail(githubtest.Match{}, fault)
			if f.PullRequestSetting().Known || f.DefaultPermissions().Known || f.Push("trunk").Known || f.Public("octo/open").Known || f.DefaultBranch() != "" {
				t.Error("something is known")
			}
			if len(f.Problems()) == 0 {
				t.Error("no problem is said")
			}
			for _, p := range f.Problems() {
				if strings.Contains(p.Message, admin) {
					t.Errorf("the token stands in %q", p.Message)
				}
			}
		})
	}
}

func TestUnnamed(t *testing.T) {
	f, server := facts(t, world(nil), admin, plainWorkflow)
	f.repository = ""
	if f.PullRequestSetting().Known || f.Push("main").Known || f.DefaultBranch() != "" || len(server.Exchanges()) > 0 {
		t.Error("a repository without a name was asked about")
	}
	if p := f.Problems(); len(p) != 1 || !strings.Contains(p[0].Message, "--repository") {
		t.Errorf("problems %v", p)
	}
}

func TestSecrets(t *testing.T) {
	day := time.Date(2023, 4, 1, 12, 0, 0, 0, time.UTC)
	w := world(func(r *githubtest.Repository) {
		r.Secrets = []githubtest.Secret{{Name: "BOT_PAT", Updated: day, Created: day}, {Name: "UNUSED", Updated: day, Created: day}}
		r.Environments = []githubtest.Environment{{Name: "prod/eu", Secrets: []githubtest.Secret{{Name: "DEPLOY_PAT", Updated: day, Created: day}}}}
	})
	w.Organizations[0].Secrets = []githubtest.Secret{{Name: "ORG_PAT", Updated: day, Created: day, Visibility: "all"}}
	f, _ := facts(t, w, admin, plainWorkflow)
	want := []audit.Secret{
		{Name: "BOT_PAT", Scope: "repository", UpdatedAt: "2023-04-01T12:00:00Z"},
		{Name: "DEPLOY_PAT", Scope: "environment", Environment: "prod/eu", UpdatedAt: "2023-04-01T12:00:00Z"},
		{Name: "ORG_PAT", Scope: "organization", UpdatedAt: "2023-04-01T12:00:00Z"},
	}
	if diff := cmp.Diff(want, f.Secrets([]string{"bot_pat", "DEPLOY_PAT", "ORG_PAT", "NOWHERE"})); diff != "" || len(f.Problems()) > 0 {
		t.Errorf("-want +got:\n%s\nproblems %v", diff, f.Problems())
	}
	f, server := facts(t, w, job, plainWorkflow)
	if got := f.Secrets([]string{"BOT_PAT"}); got != nil {
		t.Errorf("a token that may not read secrets sees %v", got)
	}
	if p := f.Problems(); len(p) == 0 || !strings.Contains(p[0].Message, "takes secrets: read") {
		t.Errorf("problems %v", p)
	}
	before := len(server.Exchanges())
	if f.Secrets(nil) != nil || len(server.Exchanges()) != before {
		t.Error("asked without need")
	}
}
