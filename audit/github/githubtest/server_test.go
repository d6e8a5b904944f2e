package githubtest

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"
)

// testWorld has a person, an organization with single sign-on, one with
// policies, and a token of each kind.
func testWorld() World {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	return World{
		Now:   func() time.Time { return now },
		Users: []User{{Login: "mona", Name: "Mona", Lists: map[string][]Object{"emails": {{"email": "mona@example.com"}}}}, {Login: "hubot"}},
		Organizations: []Organization{
			{
				Login: "octo", Members: map[string]string{"mona": "admin", "hubot": "member"},
				Secrets:  []Secret{{Name: "BOT_PAT", Visibility: "selected", Repositories: []string{"app"}}, {Name: "ALL"}, {Name: "INNER", Visibility: "private"}},
				Grants:   []Grant{{Owner: "hubot", TokenName: "ci", Selection: "subset", Repositories: []string{"app"}, Permissions: "contents:write,org:members:read"}},
				Requests: []Grant{{Owner: "hubot", TokenName: "new", Selection: "all", Reason: "releases"}},
			},
			{Login: "saml", SAML: true, Members: map[string]string{"mona": "admin"}, Authorizations: []Object{{"login": "mona"}}},
			{Login: "closed-org", BaseRole: "none", Members: map[string]string{"hubot": "member"}},
			{Login: "strict", ForbidsClassic: true, ForbidsFineGrained: true, Members: map[string]string{"mona": "member"}},
		},
		Repositories: []Repository{
			{
				Owner: "mona", Name: "open", Former: []string{"mona/old"},
				Files:       map[string]string{"README.md": "Hi", ".github/workflows/ci.yml": "on: push\n", "src/a/b.go": "package b\n"},
				Branches:    map[string]map[string]string{"feature/x": {"x": "x"}},
				Tags:        map[string]map[string]string{"v1": {"README.md": "one"}},
				Protections: map[string]Object{"main": {}},
				Rulesets:    []Ruleset{{ID: 7, Name: "tags", Include: []string{"~DEFAULT_BRANCH"}, Rules: []Object{{"type": "deletion"}}, Bypass: []Object{{"actor_id": 1, "actor_type": "Integration", "bypass_mode": "always"}}}},
				Runs:        []Run{{ID: 11, Workflow: ".github/workflows/ci.yml", Jobs: []Job{{ID: 21, Name: "build", Log: "done\n"}}}},
				Lists:       map[string][]Object{"issues": {{"number": 1, "title": "One"}}, "hooks": {{"id": 5}}},
				Roles:       map[string]string{"hubot": "write"},
			},
			{Owner: "mona", Name: "closed", Visibility: Private, Secrets: []Secret{{Name: "TOKEN"}}, Files: map[string]string{"a": "b"}},
			{Owner: "mona", Name: "empty", Empty: true},
			{Owner: "octo", Name: "app", Visibility: Private, Files: map[string]string{"a": "b"}, Environments: []Environment{{Name: "prod", Secrets: []Secret{{Name: "DEPLOY"}}}}},
			{Owner: "octo", Name: "web", Files: map[string]string{"a": "b"}},
			{Owner: "saml", Name: "vault", Visibility: Private},
			{Owner: "strict", Name: "box", Visibility: Private},
			{Owner: "stranger", Name: "thing", Visibility: Private},
			{Owner: "mona", Name: "attic", Archived: true},
			{Owner: "gone", Name: "taken-down", Disabled: true},
			{Owner: "closed-org", Name: "inner", Visibility: Internal},
			{Owner: "closed-org", Name: "secret", Visibility: Private},
		},
		Tokens: []Token{
			{Name: "classic", Value: "ghp_1", Kind: Classic, User: "mona", Scopes: []string{"repo", "admin:org", "user"}},
			{Name: "root", Value: "ghp_0", Kind: Classic, User: "mona", Scopes: []string{"repo", "admin:org", "user", "admin:repo_hook", "admin:org_hook", "notifications", "gist", "codespace", "project", "admin:public_key", "admin:gpg_key", "admin:ssh_signing_key", "write:packages", "copilot", "admin:enterprise"}},
			{Name: "public", Value: "ghp_2", Kind: Classic, User: "mona", Scopes: []string{"public_repo"}},
			{Name: "bare", Value: "ghp_3", Kind: Classic, User: "mona"},
			{Name: "authorized", Value: "ghp_4", Kind: Classic, User: "mona", Scopes: []string{"repo", "read:org"}, Authorized: []string{"saml"}},
			{Name: "expired", Value: "ghp_5", Kind: Classic, User: "mona", Expires: now.Add(-time.Hour)},
			{Name: "revoked", Value: "ghp_6", Kind: Classic, User: "mona", Revoked: true},
			{Name: "oauth", Value: "gho_1", Kind: OAuth, User: "mona", Scopes: []string{"repo", "read:org"}},
			{Name: "fine", Value: "github_pat_1", Kind: FineGrained, User: "mona", Repositories: []string{"closed"}, Permissions: "contents:read,issues:write,secrets:read,account:emails:read", Expires: now.Add(time.Hour)},
			{Name: "fineorg", Value: "github_pat_2", Kind: FineGrained, User: "mona", Owner: "octo", All: true, Permissions: "contents:write,org:members:read"},
			{Name: "pending", Value: "github_pat_3", Kind: FineGrained, User: "hubot", Owner: "octo", All: true, Permissions: "contents:write,org:members:read", Pending: true},
			{Name: "finestrict", Value: "github_pat_4", Kind: FineGrained, User: "mona", Owner: "strict", All: true, Permissions: "contents:read"},
			{Name: "hubot", Value: "ghp_7", Kind: Classic, User: "hubot", Scopes: []string{"repo", "admin:org"}},
			{Name: "stranger", Value: "ghp_8", Kind: Classic, User: "stranger", Scopes: []string{"repo", "admin:org"}},
			{Name: "appuser", Value: "ghu_1", Kind: AppUser, User: "mona", All: true, Permissions: "contents:read"},
			{Name: "job", Value: "ghs_1", Kind: Installation, Owner: "mona", Repositories: []string{"closed"}, Permissions: "contents:read,pull_requests:write", Limit: 1000, Job: true},
			{Name: "writer", Value: "ghs_3", Kind: Installation, Owner: "mona", All: true, Permissions: "contents:write,checks:write,pull_requests:write,issues:write,security_events:write"},
			{Name: "app", Value: "ghs_2", Kind: Installation, Owner: "octo", All: true, Permissions: "contents:write,checks:write,pull_requests:write,issues:write,security_events:write,org:organization_personal_access_tokens:read,org:organization_personal_access_token_requests:read,org:organization_secrets:read,org:members:read"},
		},
	}
}

// client asks a server in a test.
type client struct {
	t *testing.T
	s *Server
}

// get asks with the token of that name and returns the answer with its body.
func (c client) do(method, path, token string, body io.Reader, headers ...string) (*http.Response, []byte) {
	c.t.Helper()
	req, err := http.NewRequest(method, c.s.URL+path, body)
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("User-Agent", "test")
	if t := c.s.tokenNamed(token); t != nil {
		req.Header.Set("Authorization", "Bearer "+t.Value)
	} else if token != "" {
		req.Header.Set("Authorization", "token "+token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	return resp, data
}

func (c client) get(path, token string, headers ...string) (*http.Response, []byte) {
	c.t.Helper()
	return c.do("GET", path, token, nil, headers...)
}

// object reads an answer of JSON.
func (c client) object(data []byte) Object {
	c.t.Helper()
	var out Object
	if err := json.Unmarshal(data, &out); err != nil {
		c.t.Fatalf("%v in %s", err, data)
	}
	return out
}

func (c client) array(data []byte) []Object {
	c.t.Helper()
	var out []Object
	if err := json.Unmarshal(data, &out); err != nil {
		c.t.Fatalf("%v in %s", err, data)
	}
	return out
}

func message(data []byte) string {
	var out struct{ Message string }
	if json.Unmarshal(data, &out) != nil {
		return ""
	}
	return out.Message
}
