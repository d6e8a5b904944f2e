package githubtest

import (
	"strings"
	"testing"
)

func TestAccess(t *testing.T) {
	s := New(t, testWorld())
	c := client{t, s}
	const (
		noPAT = "Resource not accessible by personal access token"
		noApp = "Resource not accessible by integration"
	)
	for _, test := range []struct {
		path, token string
		status      int
		// message begins the message, header is "Name: value".
		message, header string
	}{
		{"/user", "", 401, "Requires authentication", "X-RateLimit-Limit: 60"},
		{"/user", "ghp_unknown", 401, "Bad credentials", ""},
		{"/user", "expired", 401, "Bad credentials", ""},
		{"/user", "revoked", 401, "Bad credentials", ""},
		{"/user", "classic", 200, "", "X-OAuth-Scopes: repo, admin:org, user"},
		{"/user", "bare", 200, "", "X-OAuth-Scopes: "},
		{"/user", "fine", 200, "", "GitHub-Authentication-Token-Expiration: 2026-11-21 13:00:00 UTC"},
		{"/user", "appuser", 200, "", ""},
		{"/user", "job", 403, noApp, ""},
		{"/user/emails", "classic", 200, "", "X-Accepted-OAuth-Scopes: user, user:email"},
		{"/user/emails", "bare", 404, "Not Found", ""},
		{"/user/emails", "fine", 200, "", "X-Accepted-GitHub-Permissions: emails=read"},
		{"/user/emails", "fineorg", 403, noPAT, "X-Accepted-GitHub-Permissions: emails=read"},
		{"/user/orgs", "bare", 403, "You need at least read:org scope", ""},
		{"/user/orgs", "classic", 200, "", "X-GitHub-SSO: partial-results; organizations=" + number(idOf("saml"))},
		{"/user/orgs", "authorized", 200, "", "X-GitHub-SSO: "},
		{"/user/repos", "job", 403, noApp, ""},
		{"/user/repos", "classic", 200, "", "X-GitHub-SSO: partial-results; organizations=" + number(idOf("saml"))},

		{"/repos/mona/open", "", 200, "", ""},
		{"/repos/mona/closed", "", 404, "Not Found", ""},
		{"/repos/mona/closed", "public", 404, "Not Found", ""},
		{"/repos/mona/closed", "classic", 200, "", "X-OAuth-Scopes: repo, admin:org, user"},
		{"/repos/mona/closed", "fine", 200, "", "X-Accepted-GitHub-Permissions: metadata=read"},
		{"/repos/mona/closed", "fineorg", 404, "Not Found", ""},
		{"/repos/mona/closed", "job", 200, "", "X-RateLimit-Limit: 1000"},
		{"/repos/mona/open", "job", 200, "", ""},
		{"/repos/octo/app", "job", 404, "Not Found", ""},
		{"/repos/octo/app", "pending", 404, "Not Found", ""},
		{"/repos/octo/web", "pending", 200, "", ""},
		{"/repos/stranger/thing", "classic", 404, "Not Found", ""},
		{"/repos/nobody/none", "classic", 404, "Not Found", ""},

		{"/repos/mona/closed/contents/a", "fine", 200, "", "X-Accepted-GitHub-Permissions: contents=read"},
		{"/repos/mona/open/contents/README.md", "fine", 200, "", ""},
		{"/repos/mona/closed/pulls", "fine", 403, noPAT, "X-Accepted-GitHub-Permissions: pull_requests=read"},
		{"/repos/mona/closed/issues", "job", 403, noApp, "X-Accepted-GitHub-Permissions: issues=read"},
		{"/repos/mona/open/pulls", "fine", 200, "", ""},
		{"/repos/mona/closed/actions/secrets", "fine", 200, "", "X-Accepted-GitHub-Permissions: secrets=read"},
		{"/repos/mona/open/actions/secrets", "fine", 403, noPAT, ""},
		{"/repos/mona/open/actions/secrets", "", 401, "Requires authentication", ""},
		{"/repos/mona/open/actions/secrets", "public", 404, "Not Found", "X-Accepted-OAuth-Scopes: repo"},
		{"/repos/octo/web/hooks", "classic", 200, "", ""},
		{"/repos/mona/closed/commits/main/check-runs", "fine", 403, noPAT, "X-Accepted-GitHub-Permissions: checks=read"},

		{"/repos/saml/vault", "classic", 403, "Resource protected by organization SAML enforcement. You must grant your Personal Access token", "X-GitHub-SSO: required; url=https://github.com/orgs/saml/sso?authorization_request=" + number(idOf("classicsaml"))},
		{"/repos/saml/vault", "oauth", 403, "Resource protected by organization SAML enforcement. You must grant your OAuth token", ""},
		{"/repos/saml/vault", "authorized", 200, "", ""},
		{"/repos/strict/box", "classic", 403, "`strict` forbids access via a personal access token (classic). Please use a GitHub App", ""},
		{"/repos/strict/box", "oauth", 200, "", ""},

		{"/repos/strict/box", "finestrict", 403, "`strict` forbids access via a fine-grained personal access token", ""},

		{"/repos/mona/open/hooks", "hubot", 403, "Must have admin rights to Repository.", ""},
		{"/repos/mona/open/actions/secrets", "hubot", 200, "", ""},
		{"/repos/octo/app/actions/secrets", "hubot", 403, "Must have push access", ""},
		{"/repos/octo/app/actions/permissions/workflow", "hubot", 403, "Must have admin rights to Repository.", ""},
		{"/repos/gone/taken-down", "classic", 403, "Repository access blocked", ""},
		{"/repos/closed-org/inner", "hubot", 200, "", ""},
		{"/repos/closed-org/secret", "hubot", 404, "Not Found", ""},
		{"/repos/closed-org/inner", "classic", 404, "Not Found", ""},
		{"/repos/mona/closed/releases/1/reactions", "fine", 403, noPAT, ""},
		{"/orgs/octo/members", "stranger", 404, "Not Found", ""},
		{"/orgs/octo/members", "pending", 403, noPAT, ""},
		{"/orgs/octo/actions/secrets", "hubot", 403, "You must be an organization owner", ""},

		{"/orgs/octo", "", 200, "", ""},
		{"/orgs/octo/members", "classic", 200, "", ""},
		{"/orgs/octo/members", "fineorg", 200, "", "X-Accepted-GitHub-Permissions: members=read"},
		{"/orgs/octo/members", "fine", 403, noPAT, ""},
		{"/orgs/octo/actions/secrets", "classic", 200, "", "X-Accepted-OAuth-Scopes: admin:org"},
		{"/orgs/octo/actions/secrets", "oauth", 403, "You need at least admin:org scope", ""},
		{"/orgs/octo/actions/secrets", "app", 200, "", ""},
		{"/orgs/octo/actions/secrets", "fineorg", 403, noPAT, ""},
		{"/orgs/octo/personal-access-tokens", "classic", 403, "You must authenticate via a GitHub App.", ""},
		{"/orgs/octo/personal-access-tokens", "fineorg", 403, noPAT, "X-Accepted-GitHub-Permissions: organization_personal_access_tokens=read"},
		{"/orgs/octo/personal-access-tokens", "app", 200, "", ""},
		{"/orgs/saml/credential-authorizations", "authorized", 200, "", ""},
		{"/orgs/saml/credential-authorizations", "classic", 403, "Resource protected by organization SAML", ""},

		{"/installation/repositories", "classic", 403, "You must authenticate with an installation access token", ""},
		{"/installation/repositories", "app", 200, "", ""},
		{"/rate_limit", "", 200, "", ""},
		{"/meta", "job", 200, "", ""},
	} {
		resp, body := c.get(test.path, test.token)
		if resp.StatusCode != test.status || !strings.HasPrefix(message(body), test.message) {
			t.Errorf("GET %s with %q: %d %q, want %d %q", test.path, test.token, resp.StatusCode, message(body), test.status, test.message)
		}
		if name, want, ok := strings.Cut(test.header, ": "); ok && resp.Header.Get(name) != want {
			t.Errorf("GET %s with %q: %s is %q, want %q", test.path, test.token, name, resp.Header.Get(name), want)
		}
	}
}
