package reach

import (
	"fmt"
	"net/http"
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

// client is one that only reads, for a token of a world.
func client(t *testing.T, server *githubtest.Server, value string) *github.Client {
	t.Helper()
	return connect.Client(t, server, value, connect.ReadOnly)
}

const (
	classicValue = "ghp_canaryClassicToken"
	fineValue    = "github_pat_canaryFineGrainedToken000000000000000000"
	appValue     = "ghs_canaryInstallation"
)

// world has an organisation with a private and a public repository, a second
// one that forbids classic tokens, a third with single sign-on, and a user's
// own repository.
func world(tokens ...githubtest.Token) githubtest.World {
	return githubtest.World{
		Users: []githubtest.User{{Login: "monalisa"}, {Login: "hubot"}},
		Organizations: []githubtest.Organization{
			{Login: "octo", Members: map[string]string{"monalisa": "admin", "hubot": "member"}},
			{Login: "strict", Members: map[string]string{"monalisa": "member"}, ForbidsClassic: true},
			{Login: "saml", Members: map[string]string{"monalisa": "member"}, SAML: true},
		},
		Repositories: []githubtest.Repository{
			{Owner: "octo", Name: "app", Visibility: githubtest.Private, Files: map[string]string{"README.md": "app"}},
			{Owner: "octo", Name: "site", Files: map[string]string{"README.md": "site"}},
			{Owner: "monalisa", Name: "dotfiles", Visibility: githubtest.Private, Files: map[string]string{"README.md": "mine"}},
			{Owner: "strict", Name: "vault", Visibility: githubtest.Private, Files: map[string]string{"README.md": "vault"}},
			{Owner: "saml", Name: "core", Visibility: githubtest.Private, Files: map[string]string{"README.md": "core"}},
		},
		Tokens: tokens,
	}
}

func inspect(t *testing.T, w githubtest.World, value string, o Options) (*audit.Token, *githubtest.Server) {
	t.Helper()
	server := githubtest.New(t, w)
	o.Name = "BOT_PAT"
	token, err := Inspect(t.Context(), client(t, server, value), o)
	if err != nil {
		t.Fatal(err)
	}
	if writes := server.Writes(); len(writes) > 0 {
		t.Errorf("requests that could change something: %v", writes)
	}
	if text := fmt.Sprintf("%+v", token); strings.Contains(text, value) {
		t.Errorf("the token's value stands in %s", text)
	}
	return token, server
}

func TestClassic(t *testing.T) {
	expires := time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC)
	token, _ := inspect(t, world(githubtest.Token{
		Name: "bot", Value: classicValue, Kind: githubtest.Classic, User: "monalisa", Scopes: []string{"repo", "read:org"}, Expires: expires,
	}), classicValue, Options{Repositories: []string{"octo/app", "strict/vault", "saml/core"}})
	if token.Kind != audit.TokenClassic || token.State != audit.TokenAlive || token.User == nil || *token.User != "monalisa" {
		t.Errorf("kind %s, state %s, user %v", token.Kind, token.State, token.User)
	}
	if token.ExpiresAt == nil || *token.ExpiresAt != "2027-01-02T03:04:05Z" || token.Unlimited {
		t.Errorf("expires at %v, unlimited %v", token.ExpiresAt, token.Unlimited)
	}
	if !slices.Contains(token.ImpliedScopes, "public_repo") || slices.Contains(token.ImpliedScopes, "repo") {
		t.Errorf("implied scopes %v", token.ImpliedScopes)
	}
	want := &audit.Reach{
		Repositories: 3, Public: 1, Private: 2, Push: 3, Admin: 3, UsedRepositories: []string{"octo/app"}, Complete: true,
		Organizations: []audit.Membership{{Login: "octo", Role: "admin", Repositories: 2}},
	}
	if diff := cmp.Diff(want, token.Reach); diff != "" {
		t.Errorf("reach -want +got:\n%s", diff)
	}
	if len(token.Refused) != 1 || token.Refused[0].Organization != "strict" || !strings.Contains(token.Refused[0].Message, "(classic)") {
		t.Errorf("refused %v", token.Refused)
	}
	if len(token.SSO) != 1 || token.SSO[0].Organization != "saml" || token.SSO[0].ID == 0 || token.SSO[0].URL == "" {
		t.Errorf("single sign-on %v", token.SSO)
	}
	if token.Permissions != nil || len(token.Probes) > 0 {
		t.Errorf("a classic token was asked for permissions: %v", token.Probes)
	}
	if len(token.Problems) > 0 {
		t.Errorf("problems %v", token.Problems)
	}
}

func TestFineGrained(t *testing.T) {
	token, _ := inspect(t, world(githubtest.Token{
		Name: "bot", Value: fineValue, Kind: githubtest.FineGrained, User: "monalisa", Owner: "octo", Repositories: []string{"app"},
		Permissions: "contents:write,issues:read,codespaces_secrets:write,org:members:read",
	}), fineValue, Options{})
	if token.Kind != audit.TokenFineGrained || !token.Unlimited || token.Scopes != nil {
		t.Errorf("kind %s, unlimited %v, scopes %v", token.Kind, token.Unlimited, token.Scopes)
	}
	for name, want := range map[string]audit.Access{
		"contents": audit.AccessRead, "issues": audit.AccessRead, "pull_requests": audit.AccessNone, "secrets": audit.AccessNone,
		"codespaces_secrets": audit.AccessWrite, "workflows": audit.AccessUnknown, "metadata": audit.AccessRead,
	} {
		if got := token.Permissions.Repository[name]; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if _, ok := token.Permissions.Repository["checks"]; ok {
		t.Error("a fine-grained token cannot hold checks, and was asked about it")
	}
	if got := token.Permissions.Organization["members"]; got != audit.AccessRead {
		t.Errorf("members: %q", got)
	}
	if len(token.Permissions.Account) > 0 {
		t.Errorf("an organisation's token was asked about its user's account: %v", token.Permissions.Account)
	}
	if token.Requests > 60 {
		t.Errorf("%d requests for a token of one repository", token.Requests)
	}
	t.Logf("%d requests", token.Requests)
}

// TestFineGrainedPublic has a token whose only repository is public: what
// everybody may read proves nothing.
func TestFineGrainedPublic(t *testing.T) {
	given := githubtest.Token{
		Name: "bot", Value: fineValue, Kind: githubtest.FineGrained, User: "monalisa", Owner: "octo", Repositories: []string{"site"},
		Permissions: "contents:write,secrets:read",
	}
	for _, test := range []struct {
		name    string
		options Options
		want    map[string]audit.Access
	}{
		{"unused", Options{}, map[string]audit.Access{"contents": audit.AccessUnknown, "dependabot_secrets": audit.AccessUnknown, "secrets": audit.AccessRead}},
		{"used", Options{Repositories: []string{"octo/site"}},
			map[string]audit.Access{"contents": audit.AccessUnknown, "dependabot_secrets": audit.AccessNone, "secrets": audit.AccessRead}},
	} {
		t.Run(test.name, func(t *testing.T) {
			token, _ := inspect(t, world(given), fineValue, test.options)
			for name, want := range test.want {
				if got := token.Permissions.Repository[name]; got != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
		})
	}
}

func TestInstallation(t *testing.T) {
	given := githubtest.Token{
		Name: "app", Value: appValue, Kind: githubtest.Installation, Owner: "octo", Repositories: []string{"app"},
		Permissions: "contents:read,checks:write,org:members:read",
	}
	server := githubtest.New(t, world(given))
	for name, kind := range map[string]audit.TokenKind{"APP_TOKEN": audit.TokenInstallation, "GITHUB_TOKEN": audit.TokenGitHub} {
		token, err := Inspect(t.Context(), client(t, server, appValue), Options{Name: name})
		if err != nil {
			t.Fatal(err)
		}
		if token.Kind != kind || token.State != audit.TokenAlive || token.User != nil || token.Unlimited {
			t.Errorf("%s: kind %s, state %s, user %v, unlimited %v", name, token.Kind, token.State, token.User, token.Unlimited)
		}
		if token.Reach.Repositories != 1 || token.Permissions.Repository["contents"] != audit.AccessRead || token.Permissions.Repository["checks"] != audit.AccessRead ||
			token.Permissions.Repository["issues"] != audit.AccessNone {
			t.Errorf("%s: reach %+v, permissions %v", name, token.Reach, token.Permissions.Repository)
		}
	}
}

func TestDead(t *testing.T) {
	for name, given := range map[string]githubtest.Token{
		"revoked": {Name: "bot", Value: classicValue, Kind: githubtest.Classic, User: "monalisa", Revoked: true},
		"expired": {Name: "bot", Value: classicValue, Kind: githubtest.Classic, User: "monalisa", Expires: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)},
		"unknown": {Name: "bot", Value: "ghp_another", Kind: githubtest.Classic, User: "monalisa"},
	} {
		t.Run(name, func(t *testing.T) {
			token, _ := inspect(t, world(given), classicValue, Options{})
			if token.State != audit.TokenDead || token.Reach != nil || token.Unlimited || token.Requests != 1 {
				t.Errorf("state %s, reach %v, unlimited %v, %d requests", token.State, token.Reach, token.Unlimited, token.Requests)
			}
		})
	}
}

// TestFaults has servers that misbehave: what was found out stays, the rest is
// a problem, and the value of the token is nowhere.
func TestFaults(t *testing.T) {
	given := githubtest.Token{Name: "bot", Value: classicValue, Kind: githubtest.Classic, User: "monalisa", Scopes: []string{"repo"}}
	for name, fault := range map[string]githubtest.Fault{
		"500": {Status: 500}, "HTML": {HTML: true}, "truncated": {Truncate: true}, "malformed": {Malformed: true}, "reset": {Reset: true},
		"limit": {Secondary: time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			for _, path := range []string{"/user", "/user/repos"} {
				server := githubtest.New(t, world(given))
				server.Fail(githubtest.Match{Path: path}, fault)
				token, err := Inspect(t.Context(), client(t, server, classicValue), Options{Name: "BOT_PAT"})
				if err != nil {
					t.Fatal(err)
				}
				if len(token.Problems) == 0 || strings.Contains(fmt.Sprint(token), classicValue) {
					t.Errorf("%s: problems %v", path, token.Problems)
				}
				if alive := token.State == audit.TokenAlive; alive != (path == "/user/repos") || alive && token.Reach.Complete {
					t.Errorf("%s: state %s, reach %+v", path, token.State, token.Reach)
				}
			}
		})
	}
}

// TestLarge has a token that sees many repositories.
func TestLarge(t *testing.T) {
	w := world(githubtest.Token{Name: "bot", Value: classicValue, Kind: githubtest.Classic, User: "monalisa", Scopes: []string{"repo", "read:org"}})
	w.Repositories, w.Organizations = nil, w.Organizations[:1]
	w.Generate = func(i int) githubtest.Repository {
		return githubtest.Repository{Owner: "octo", Name: fmt.Sprintf("r%05d", i), Visibility: []string{githubtest.Private, githubtest.Public, githubtest.Internal}[i%3]}
	}
	for _, test := range []struct{ count, most, listed, requests int }{{300, 0, 300, 8}, {20000, 0, 20000, 210}, {20000, 1000, 1000, 20}} {
		w.Count = test.count
		told := 0
		token, _ := inspect(t, w, classicValue, Options{MaxRepositories: test.most, Progress: func(n int) { told = n }})
		if token.Reach.Repositories != test.listed || told != test.listed || token.Reach.Complete != (test.most == 0) {
			t.Errorf("%d: reach %+v, told %d", test.count, token.Reach, told)
		}
		if token.Requests > test.requests {
			t.Errorf("%d repositories: %d requests, want at most %d", test.count, token.Requests, test.requests)
		}
		t.Logf("%d repositories, at most %d: %d requests", test.count, test.most, token.Requests)
	}
}

func TestOnlyReading(t *testing.T) {
	server := githubtest.New(t, world())
	host, err := github.ParseHost(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	c, err := github.New(github.Options{Host: host})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Inspect(t.Context(), c, Options{}); err == nil {
		t.Error("a client that can write was taken")
	}
	if n := len(server.Exchanges()); n > 0 {
		t.Errorf("%d requests were made", n)
	}
}

// TestNothingIsWritten has every kind of token, well and in trouble: what is
// sent can change nothing, and no other host gets the token.
func TestNothingIsWritten(t *testing.T) {
	const oauth, appUser, old = "gho_canaryOAuth000", "ghu_canaryAppUser00", "ghp_canaryRevoked0"
	server := githubtest.New(t, world(
		githubtest.Token{Name: "classic", Value: classicValue, Kind: githubtest.Classic, User: "monalisa", Scopes: []string{"repo", "admin:org", "user"}},
		githubtest.Token{Name: "fine-grained", Value: fineValue, Kind: githubtest.FineGrained, User: "monalisa", Owner: "octo", Permissions: "contents:write,secrets:write,org:members:write"},
		githubtest.Token{Name: "oauth", Value: oauth, Kind: githubtest.OAuth, User: "hubot", Scopes: []string{"repo"}},
		githubtest.Token{Name: "app-user", Value: appUser, Kind: githubtest.AppUser, User: "monalisa", Owner: "octo", Permissions: "contents:write"},
		githubtest.Token{Name: "installation", Value: appValue, Kind: githubtest.Installation, Owner: "octo", Permissions: "contents:write,checks:write"},
		githubtest.Token{Name: "revoked", Value: old, Kind: githubtest.Classic, User: "monalisa", Revoked: true},
	))
	faults := map[string]githubtest.Fault{
		"none": {Delay: time.Nanosecond}, "500": {Status: 500}, "403": {Status: 403}, "404": {Status: 404}, "405": {Status: 405}, "HTML": {HTML: true},
		"truncated": {Truncate: true}, "malformed": {Malformed: true}, "reset": {Reset: true}, "limit": {Secondary: time.Hour},
		"sent on": {Redirect: server.StorageURL + "/x"}, "sent in a circle": {Redirect: server.URL + "/user"},
	}
	places := map[string]githubtest.Match{"all": {}, "user": {Path: "/user"}, "list": {Path: "/user/repos"}, "rest": {Skip: 3}}
	if testing.Short() {
		places = map[string]githubtest.Match{"all": {}}
	}
	for name, fault := range faults {
		for path, match := range places {
			for _, value := range []string{classicValue, fineValue, oauth, appUser, appValue, old, "ghp_canaryUnknown0"} {
				server.Heal()
				server.Forget()
				server.Fail(match, fault)
				o := Options{Name: "BOT_PAT", Repositories: []string{"octo/app", "strict/vault", "saml/core"}}
				if _, err := Inspect(t.Context(), client(t, server, value), o); err != nil {
					t.Fatal(err)
				}
				all := server.Exchanges()
				if len(all) == 0 || len(server.Writes()) > 0 {
					t.Errorf("%s (%s): %d requests, of which write: %v", name, path, len(all), server.Writes())
				}
				for _, e := range all {
					if e.Method != http.MethodGet || e.Body != "" || e.Host != "api" && e.Token != "" {
						t.Errorf("%s (%s): %s %s at %s with the token %q", name, path, e.Method, e.Path, e.Host, e.Token)
					}
				}
			}
		}
	}
}
