package inventory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/github"
	"github.com/patrol-actions/patrol/audit/github/githubtest"
	"github.com/patrol-actions/patrol/audit/github/githubtest/connect"
)

const (
	ownerValue = "ghp_" + "canaryOwner0000000000000000000000000"
	fineValue  = "github_pat_" + "canaryFine00000000000000000000"
	appValue   = "ghs_" + "canaryApp000000000000000000000000000"
	lastEight  = "canary88"
	everything = "org:organization_secrets:read,org:organization_dependabot_secrets:read,org:organization_codespaces_secrets:read," +
		"org:organization_administration:read,org:organization_personal_access_tokens:read,org:organization_personal_access_token_requests:read," +
		"org:members:read,secrets:read,dependabot_secrets:read,codespaces_secrets:write,actions:read,environments:read,administration:read"
)

var (
	day   = time.Date(2024, 4, 1, 12, 0, 0, 0, time.UTC)
	later = time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)
)

// world is an organisation that has all there is to ask for, with an App of
// the permissions, and an owner's tokens.
func world(permissions string) githubtest.World {
	return githubtest.World{
		Users: []githubtest.User{{Login: "mona"}},
		Organizations: []githubtest.Organization{{
			Login: "octo", Members: map[string]string{"mona": "admin"}, SAML: true,
			Workflow: githubtest.WorkflowPermissions{Default: "write", CanApprove: true},
			Secrets: []githubtest.Secret{
				{Name: "BOT_PAT", Created: day, Updated: later, Visibility: "selected", Repositories: []string{"site", "app"}},
				{Name: "NPM_TOKEN", Created: day, Updated: day, Visibility: "private"},
			},
			DependabotSecrets: []githubtest.Secret{{Name: "BOT_PAT", Created: day, Updated: day, Visibility: "selected", Repositories: []string{"app"}}},
			CodespacesSecrets: []githubtest.Secret{{Name: "DEV", Created: day, Updated: day}},
			Grants: []githubtest.Grant{
				{ID: 12, Owner: "mona", Selection: "subset", Repositories: []string{"app"}, Permissions: "contents:write,org:members:read", TokenName: "bot-pat", Expires: later, LastUsed: day, Granted: day},
				{ID: 13, Owner: "mona", Selection: "all", Permissions: "issues:read", TokenName: "all", Expired: true, Granted: day},
			},
			Requests:       []githubtest.Grant{{ID: 14, Owner: "mona", Selection: "subset", Repositories: []string{"site"}, Permissions: "contents:read", TokenName: "new", Granted: later}},
			Authorizations: []githubtest.Object{{"login": "mona", "credential_id": 77, "token_last_eight": lastEight, "authorized_credential_note": "old bot"}},
			Teams: []githubtest.Team{
				{Slug: "devs", Repositories: map[string]string{"app": "write", "site": "read"}},
				{Slug: "admins", Repositories: map[string]string{"app": "admin", "site": "maintain"}},
			},
		}},
		Repositories: []githubtest.Repository{
			{
				Owner: "octo", Name: "app", Visibility: githubtest.Private, Workflow: githubtest.WorkflowPermissions{Default: "read"},
				Secrets:           []githubtest.Secret{{Name: "DEPLOY_PAT", Created: day, Updated: day}},
				DependabotSecrets: []githubtest.Secret{{Name: "D", Created: day, Updated: day}},
				CodespacesSecrets: []githubtest.Secret{{Name: "C", Created: day, Updated: day}},
				Environments:      []githubtest.Environment{{Name: "prod/eu", Secrets: []githubtest.Secret{{Name: "DEPLOY_PAT", Created: day, Updated: later}}}, {Name: "test"}},
			},
			{Owner: "octo", Name: "site"},
		},
		Tokens: []githubtest.Token{
			{Name: "owner", Value: ownerValue, Kind: githubtest.Classic, User: "mona", Scopes: []string{"repo", "admin:org"}, Authorized: []string{"octo"}},
			{Name: "fine", Value: fineValue, Kind: githubtest.FineGrained, User: "mona", Owner: "octo", All: true, Permissions: permissions},
			{Name: "app", Value: appValue, Kind: githubtest.Installation, Owner: "octo", All: true, Permissions: permissions},
		},
	}
}

// ask asks for the account of a world, and sees to it that nothing was written
// and that no token's value comes out.
func ask(t *testing.T, w githubtest.World, value string) (*audit.Inventory, *audit.Account, *githubtest.Server) {
	t.Helper()
	server := githubtest.New(t, w)
	account := &audit.Account{Login: "octo", Kind: "organization"}
	out, err := New(connect.Client(t, server, value)).Account(t.Context(), account)
	if err != nil {
		t.Fatal(err)
	}
	if writes := server.Writes(); len(writes) > 0 {
		t.Errorf("requests that could change something: %v", writes)
	}
	canary(t, out)
	return out, account, server
}

func canary(t *testing.T, value any) {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil || strings.Contains(strings.ToLower(string(text)), "canary") {
		t.Errorf("a token's value stands in %s (%v)", text, err)
	}
}

func messages(list []audit.Problem) (out []string) {
	for _, p := range list {
		out = append(out, p.Message)
	}
	return out
}

// lines writes secrets down, one a line.
func lines(list []*audit.StoredSecret) (out []string) {
	for _, s := range list {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s %s %s %s %s %v %s", s.Store, s.Owner, s.Scope, s.Environment, s.Name, s.UpdatedAt[:4], s.Visibility, s.Selected, s.Unclear)))
	}
	return out
}

func TestAccount(t *testing.T) {
	got, account, server := ask(t, world(everything), appValue)
	// Two secrets, a token and a request are limited to selected repositories.
	if least, sent := New(connect.Client(t, server, appValue)).AccountRequests(), len(server.Exchanges()); sent != least+4 {
		t.Errorf("%d requests, at least %d", sent, least)
	}
	want := []string{
		"actions octo organization  BOT_PAT 2026 selected [octo/app octo/site]",
		"actions octo organization  NPM_TOKEN 2024 private []",
		"dependabot octo organization  BOT_PAT 2024 selected [octo/app]",
		"codespaces octo organization  DEV 2024 all []",
	}
	if diff := cmp.Diff(want, lines(got.Secrets)); diff != "" {
		t.Errorf("secrets (-want +got):\n%s", diff)
	}
	if s := got.Secrets[0]; s.Visible != 2 || s.CreatedAt != "2024-04-01T12:00:00Z" || s.State != audit.SecretStored {
		t.Errorf("%+v", s)
	}
	none := audit.FineGrained{Repository: map[string]string{}, Organization: map[string]string{}, Account: map[string]string{}}
	grants := []*audit.Grant{
		{ID: "authorization/77", Kind: audit.GrantAuthorization, Account: "octo", Name: "old bot", User: "mona", Repositories: []string{}, Permissions: none, Scopes: []string{"repo"}, GrantedAt: got.Grants[0].GrantedAt},
		{ID: "fine-grained/12", Kind: audit.GrantFineGrained, Account: "octo", Name: "bot-pat", User: "mona", Selection: "subset", Repositories: []string{"octo/app"}, Scopes: []string{},
			Permissions: audit.FineGrained{Repository: map[string]string{"contents": "write"}, Organization: map[string]string{"members": "read"}, Account: map[string]string{}},
			GrantedAt:   "2024-04-01T12:00:00Z", LastUsedAt: "2024-04-01T12:00:00Z", ExpiresAt: "2026-10-01T12:00:00Z"},
		{ID: "fine-grained/13", Kind: audit.GrantFineGrained, Account: "octo", Name: "all", User: "mona", Selection: "all", Repositories: []string{}, Scopes: []string{}, Expired: true,
			Permissions: audit.FineGrained{Repository: map[string]string{"issues": "read"}, Organization: map[string]string{}, Account: map[string]string{}}, GrantedAt: "2024-04-01T12:00:00Z"},
		{ID: "request/14", Kind: audit.GrantRequest, Account: "octo", Name: "new", User: "mona", Selection: "subset", Repositories: []string{"octo/site"}, Scopes: []string{},
			Permissions: audit.FineGrained{Repository: map[string]string{"contents": "read"}, Organization: map[string]string{}, Account: map[string]string{}}, GrantedAt: "2026-10-01T12:00:00Z"},
	}
	if diff := cmp.Diff(grants, got.Grants); diff != "" {
		t.Errorf("grants (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string][]string{"octo/app": {"admins", "devs"}, "octo/site": {"admins"}}, got.Teams); diff != "" {
		t.Errorf("teams (-want +got):\n%s", diff)
	}
	if !got.Asked || account.DefaultPermissions != "write" || account.ApprovePullRequests == nil || !*account.ApprovePullRequests {
		t.Errorf("asked %t, account %+v", got.Asked, account)
	}
	if len(got.Unasked) > 0 {
		t.Errorf("unasked %v", got.Unasked)
	}
}

// TestPersonal asks with personal tokens: they are told nothing of others'
// tokens, and not even tried.
func TestPersonal(t *testing.T) {
	for name, value := range map[string]string{"classic": ownerValue, "fine-grained": fineValue} {
		got, _, server := ask(t, world(strings.ReplaceAll(everything, "org:organization_personal_access_token_requests:read,", "")), value)
		want := []string{
			"not asked of GitHub: the fine-grained tokens that wait for access to octo: only a GitHub App may ask, with organization_personal_access_token_requests: read",
			"not asked of GitHub: the fine-grained tokens with access to octo: only a GitHub App may ask, with organization_personal_access_tokens: read",
		}
		if diff := cmp.Diff(want, messages(got.Unasked)); diff != "" {
			t.Errorf("%s: unasked (-want +got):\n%s", name, diff)
		}
		if len(got.Secrets) != 4 || len(got.Teams) != 2 || len(got.Grants) != 1 {
			t.Errorf("%s: %d secrets, %d teams, %d grants", name, len(got.Secrets), len(got.Teams), len(got.Grants))
		}
		for _, e := range server.Exchanges() {
			if strings.Contains(e.Path, "personal-access-token") {
				t.Errorf("%s: asked %s", name, e.Path)
			}
		}
	}
}

// TestLacking takes one permission after another from an App: what it takes is
// said, and the rest is there.
func TestLacking(t *testing.T) {
	for _, test := range []struct{ permission, want string }{
		{"organization_secrets", "the secrets of octo for Actions: that takes organization_secrets: read (of a classic token the scope admin:org), which the token has not got"},
		{"organization_dependabot_secrets", "the secrets of octo for Dependabot: that takes organization_dependabot_secrets: read (of a classic token the scope admin:org), which the token has not got"},
		{"organization_codespaces_secrets", "the secrets of octo for Codespaces: that takes organization_codespaces_secrets: read (of a classic token the scope admin:org), which the token has not got"},
		{"organization_personal_access_tokens", "the fine-grained tokens with access to octo: that takes organization_personal_access_tokens: read of a GitHub App, which the token has not got"},
		{"organization_personal_access_token_requests", "the fine-grained tokens that wait for access to octo: that takes organization_personal_access_token_requests: read of a GitHub App, which the token has not got"},
		{"members", "the teams of octo: that takes members: read (of a classic token the scope read:org), which the token has not got"},
	} {
		got, _, _ := ask(t, world(strings.ReplaceAll(everything, "org:"+test.permission+":read,", "")), appValue)
		if diff := cmp.Diff([]string{"not asked of GitHub: " + test.want}, messages(got.Unasked)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.permission, diff)
		}
		if asked := test.permission != "organization_secrets"; got.Asked != asked {
			t.Errorf("%s: asked %t", test.permission, got.Asked)
		}
	}
	w := world(strings.ReplaceAll(everything, "org:organization_administration:read,", ""))
	w.Organizations[0].SAML = false
	got, account, _ := ask(t, w, appValue)
	if text := strings.Join(messages(got.Unasked), "\n"); len(got.Unasked) != 2 || account.DefaultPermissions != "" ||
		!strings.Contains(text, "GITHUB_TOKEN in octo: that takes organization_administration: read") || !strings.Contains(text, "single sign-on by SAML") {
		t.Errorf("%s", text)
	}
}

// TestSelectedUnasked has a list of repositories that is not told.
func TestSelectedUnasked(t *testing.T) {
	server := githubtest.New(t, world(everything))
	server.Fail(githubtest.Match{Path: "/orgs/octo/actions/secrets/BOT_PAT/repositories"}, githubtest.Fault{Status: 403})
	got, err := New(connect.Client(t, server, appValue)).Account(t.Context(), &audit.Account{Login: "octo", Kind: "organization"})
	if err != nil || got.Secrets[0].Unclear == "" || len(got.Secrets[0].Selected) > 0 || len(got.Unasked) != 1 {
		t.Errorf("%+v %v %v", got.Secrets[0], got.Unasked, err)
	}
}

func TestUser(t *testing.T) {
	server := githubtest.New(t, world(everything))
	for kind, asked := range map[string]bool{"user": true, "list": false} {
		got, err := New(connect.Client(t, server, ownerValue)).Account(t.Context(), &audit.Account{Login: "mona", Kind: kind})
		if err != nil || got.Asked != asked || len(got.Unasked) > 0 || len(server.Exchanges()) > 0 {
			t.Errorf("%s: %+v %v", kind, got, err)
		}
	}
}

// TestTeamPages has more teams and repositories than a query carries.
func TestTeamPages(t *testing.T) {
	w := world(everything)
	w.Organizations[0].Teams = nil
	all := map[string]string{}
	for i := range 230 {
		name := fmt.Sprintf("r%d", i)
		w.Repositories = append(w.Repositories, githubtest.Repository{Owner: "octo", Name: name})
		all[name] = "write"
	}
	for i := range 60 {
		w.Organizations[0].Teams = append(w.Organizations[0].Teams, githubtest.Team{Slug: fmt.Sprintf("t%02d", i), Repositories: map[string]string{"app": "triage", "r1": "admin"}})
	}
	w.Organizations[0].Teams[30].Repositories = all
	got, _, server := ask(t, w, appValue)
	queries := 0
	for _, e := range server.Exchanges() {
		if e.Path == "/graphql" {
			queries++
		}
	}
	if len(got.Teams) != 230 || len(got.Teams["octo/r1"]) != 60 || !slices.Equal(got.Teams["octo/r229"], []string{"t30"}) || queries != 5 {
		t.Errorf("%d repositories, %d teams of r1, %v of r229, %d queries", len(got.Teams), len(got.Teams["octo/r1"]), got.Teams["octo/r229"], queries)
	}
}

func TestRepository(t *testing.T) {
	server := githubtest.New(t, world(everything))
	source := New(connect.Client(t, server, appValue))
	got, err := source.Repository(t.Context(), "octo/app", Options{})
	if err != nil || !got.Asked || got.DefaultPermissions != "read" || got.ApprovePullRequests == nil || len(source.Unasked()) > 0 {
		t.Errorf("%+v %v %v", got, source.Unasked(), err)
	}
	want := []string{
		"actions octo/app repository  DEPLOY_PAT 2024  []",
		"actions octo/app environment prod/eu DEPLOY_PAT 2026  []",
		"dependabot octo/app repository  D 2024  []",
		"codespaces octo/app repository  C 2024  []",
	}
	if diff := cmp.Diff(want, lines(got.Secrets)); diff != "" {
		t.Errorf("secrets (-want +got):\n%s", diff)
	}
	canary(t, got)
	if least, most := Requests(Options{MaxEnvironments: 2}); least != 5 || most != len(server.Exchanges()) || len(server.Writes()) > 0 {
		t.Errorf("%d to %d requests, %d were sent", least, most, len(server.Exchanges()))
	}
	report := &audit.Repository{}
	if got.Fill(report); !report.SecretsKnown || report.DefaultPermissions != "read" || report.ApprovePullRequests == nil {
		t.Errorf("%+v", report)
	}
	inventory := &audit.Inventory{}
	got.Keep(inventory)
	server.Forget()
	o := Options{Stores: []string{StoreActions}, MaxEnvironments: 1}
	if got, err = source.Repository(t.Context(), "octo/app", o); err != nil || got.Asked || len(got.Secrets) != 2 {
		t.Errorf("%+v %v", got, err)
	}
	if _, most := Requests(o); most != len(server.Exchanges()) {
		t.Errorf("%d requests at most, %d were sent", most, len(server.Exchanges()))
	}
	got.Keep(inventory)
	if len(inventory.Secrets) != 6 || !slices.Equal(inventory.Repositories, []string{"octo/app"}) {
		t.Errorf("%+v", inventory)
	}
}

// TestRepositoryRefused asks for what an App may not: once, and once it is
// said.
func TestRepositoryRefused(t *testing.T) {
	server := githubtest.New(t, world("metadata:read"))
	source := New(connect.Client(t, server, appValue))
	for _, name := range []string{"octo/app", "octo/site"} {
		got, err := source.Repository(t.Context(), name, Options{})
		if err != nil || got.Asked || len(got.Secrets) > 0 {
			t.Errorf("%+v %v", got, err)
		}
	}
	want := []string{
		"not asked of GitHub: the Codespaces secrets of some repositories: that takes codespaces_secrets: write (of a classic token the scope repo), which the token has not got",
		"not asked of GitHub: the Dependabot secrets of some repositories: that takes dependabot_secrets: read (of a classic token the scope repo), which the token has not got",
		"not asked of GitHub: the default permissions of GITHUB_TOKEN in some repositories: that takes administration: read (of a classic token the scope repo), which the token has not got",
		"not asked of GitHub: the environments of some repositories: that takes actions: read (of a classic token the scope repo), which the token has not got",
		"not asked of GitHub: the secrets of some repositories: that takes secrets: read (of a classic token the scope repo), which the token has not got",
	}
	if diff := cmp.Diff(want, messages(source.Unasked())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if n := len(server.Exchanges()); n != 6 { // the environments of a public repository are for everybody
		t.Errorf("%d requests", n)
	}
}

// TestFaults has servers that do not answer: a limit ends the run with what
// there is, all else is said and nothing is lost.
func TestFaults(t *testing.T) {
	for name, test := range map[string]struct {
		fault githubtest.Fault
		ends  bool
		most  int
	}{
		"500":       {githubtest.Fault{Status: 500}, false, 8},
		"HTML":      {githubtest.Fault{HTML: true}, false, 8},
		"reset":     {githubtest.Fault{Reset: true}, false, 1},
		"truncated": {githubtest.Fault{Truncate: true}, false, 8},
		"malformed": {githubtest.Fault{Status: 200, Body: `{"secrets": "none"}`}, false, 8},
		"limit":     {githubtest.Fault{Secondary: time.Hour}, true, 0},
	} {
		server := githubtest.New(t, world(everything))
		server.Fail(githubtest.Match{}, test.fault)
		source := New(connect.Client(t, server, appValue))
		got, err := source.Account(t.Context(), &audit.Account{Login: "octo", Kind: "organization"})
		var limit *github.LimitError
		if errors.As(err, &limit) != test.ends || (err != nil) != test.ends || len(got.Unasked) > test.most || len(got.Unasked) == 0 != test.ends || got.Asked {
			t.Errorf("%s: %+v %v", name, got, err)
		}
		settings, err := source.Repository(t.Context(), "octo/app", Options{})
		if (err != nil) != test.ends || settings.Asked {
			t.Errorf("%s: %+v %v", name, settings, err)
		}
		canary(t, messages(append(got.Unasked, source.Unasked()...)))
	}
	server := githubtest.New(t, world(everything))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := New(connect.Client(t, server, appValue)).Account(ctx, &audit.Account{Login: "octo", Kind: "organization"}); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that ended: %v", err)
	}
}

// TestBounds reads no list beyond the bound, and takes none of them for whole.
func TestBounds(t *testing.T) {
	server := githubtest.New(t, world(everything))
	source := New(connect.Client(t, server, appValue))
	source.rows = 1
	got, err := source.Account(t.Context(), &audit.Account{Login: "octo", Kind: "organization"})
	if err != nil || got.Asked || len(got.Secrets) != 3 || got.Secrets[0].Unclear == "" || len(got.Secrets[0].Selected) > 0 {
		t.Errorf("%+v %v", got, err)
	}
	want := []string{
		"only the first 1 of the fine-grained tokens with access to octo were read",
		"only the first 1 of the repositories for which secrets of octo are selected were read",
		"only the first 1 of the secrets of octo for Actions were read",
	}
	if diff := cmp.Diff(want, messages(got.Unasked)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestHostileNames has names that would break a line.
func TestHostileNames(t *testing.T) {
	w := world(everything)
	w.Organizations[0].Grants[0].TokenName = "a\nb\u2028\x1b[31m" + strings.Repeat("é", 300)
	got, _, _ := ask(t, w, appValue)
	if name := got.Grants[1].Name; strings.ContainsAny(name, "\n\x1b\u2028") || len(name) > maxName+1 || !strings.HasPrefix(name, "ab[31m") {
		t.Errorf("%q", name)
	}
}
