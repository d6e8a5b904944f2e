package github

import (
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// headers builds headers from "Name: value" lines.
func headers(lines ...string) http.Header {
	h := http.Header{}
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ":")
		h.Add(name, strings.TrimSpace(value))
	}
	return h
}

func TestResponseOf(t *testing.T) {
	at := func(s string) time.Time {
		parsed, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return parsed
	}
	for name, test := range map[string]struct {
		header []string
		want   Response
	}{
		"nothing":     {nil, Response{}},
		"classic":     {[]string{"X-OAuth-Scopes: repo, read:org,workflow"}, Response{Scopes: []string{"repo", "read:org", "workflow"}}},
		"no scopes":   {[]string{"X-OAuth-Scopes:"}, Response{Scopes: []string{}}},
		"accepted":    {[]string{"X-Accepted-OAuth-Scopes: admin:org, repo"}, Response{AcceptedScopes: []string{"admin:org", "repo"}}},
		"permissions": {[]string{"X-Accepted-GitHub-Permissions: contents=read"}, Response{AcceptedPermissions: []PermissionSet{{"contents": "read"}}}},
		"sets": {[]string{"X-Accepted-GitHub-Permissions: pull_requests=write,contents=read; issues=write"},
			Response{AcceptedPermissions: []PermissionSet{{"pull_requests": "write", "contents": "read"}, {"issues": "write"}}}},
		"broken sets":    {[]string{"X-Accepted-GitHub-Permissions: ;;,=,x=,=y, z;"}, Response{}},
		"expires":        {[]string{"GitHub-Authentication-Token-Expiration: 2026-01-02 03:04:05 UTC"}, Response{Expires: at("2026-01-02T03:04:05Z"), ExpiresText: "2026-01-02 03:04:05 UTC"}},
		"expires offset": {[]string{"GitHub-Authentication-Token-Expiration: 2026-01-02 03:04:05 +0200"}, Response{Expires: at("2026-01-02T01:04:05Z"), ExpiresText: "2026-01-02 03:04:05 +0200"}},
		"expires zone":   {[]string{"GitHub-Authentication-Token-Expiration: 2026-01-02 03:04:05 PST"}, Response{ExpiresText: "2026-01-02 03:04:05 PST"}},
		"sso url": {[]string{"X-GitHub-SSO: required; url=https://github.com/orgs/octo/sso?authorization_request=A1"},
			Response{SSO: SSO{Required: true, URL: "https://github.com/orgs/octo/sso?authorization_request=A1"}}},
		"sso bad url": {[]string{"X-GitHub-SSO: required; url=javascript:alert(1)"}, Response{SSO: SSO{Required: true}}},
		"sso partial": {[]string{"X-GitHub-SSO: partial-results; organizations=21955855,20582480,x,-1"}, Response{SSO: SSO{Organizations: []int64{21955855, 20582480}}}},
		"rate": {[]string{"X-RateLimit-Limit: 5000", "X-RateLimit-Remaining: 4999", "X-RateLimit-Reset: 1767323045", "X-RateLimit-Resource: search"},
			Response{Rate: Rate{Resource: "search", Limit: 5000, Remaining: 4999, Reset: at("2026-01-02T03:04:05Z")}}},
		"rate broken": {[]string{"X-RateLimit-Limit: 99999999999999999999", "X-RateLimit-Remaining: -1"}, Response{}},
		"next": {[]string{`Link: <https://api.github.com/x?page=1>; rel="prev", <https://api.github.com/x?a=1,2&page=3>; rel="next", <https://api.github.com/x?page=9>; rel="last"`},
			Response{Next: "https://api.github.com/x?a=1,2&page=3"}},
		"no next": {[]string{`Link: <https://api.github.com/x?page=1>; rel="prev"`}, Response{}},
		"broken":  {[]string{`Link: <https://api.github.com; rel="next"`}, Response{}},
		"hostile": {[]string{"X-OAuth-Scopes: repo\x1b[2J", "X-GitHub-Request-Id: a\u202eb"}, Response{Scopes: []string{"repo [2J"}, RequestID: "a b"}},
		"date":    {[]string{"Date: Fri, 02 Jan 2026 03:04:05 GMT"}, Response{Date: at("2026-01-02T03:04:05Z")}},
	} {
		got := ResponseOf(&http.Response{Header: headers(test.header...)})
		if diff := cmp.Diff(&test.want, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
	}
	if ResponseOf(nil) != nil {
		t.Error("no answer has a Response")
	}
}

func FuzzHeaders(f *testing.F) {
	for _, seed := range []string{
		"contents=read,issues=write; metadata=read", "required; url=https://github.com/x", "partial-results; organizations=1,2",
		`<https://a/b?c=1,2>; rel="next", <x>; rel=last`, "2026-01-02 03:04:05 +0200", "60", "Fri, 02 Jan 2026 03:04:05 GMT", "repo, read:org",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		h := http.Header{}
		for _, name := range []string{"X-OAuth-Scopes", "X-Accepted-GitHub-Permissions", "X-GitHub-SSO", "Link", "GitHub-Authentication-Token-Expiration",
			"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "X-RateLimit-Resource", "Retry-After", "Date", "X-GitHub-Request-Id"} {
			h.Set(name, value)
		}
		r := ResponseOf(&http.Response{Header: h})
		texts := append([]string{r.ExpiresText, r.RequestID, r.Rate.Resource}, r.Scopes...)
		for _, set := range r.AcceptedPermissions {
			for name, level := range set {
				texts = append(texts, name, level)
			}
		}
		for _, text := range texts {
			if !utf8.ValidString(text) || strings.ContainsAny(text, "\x00\x1b\r\n\u202e\u2028") || utf8.RuneCountInString(text) > maxMessage {
				t.Errorf("%q gives the text %q", value, text)
			}
		}
		if r.SSO.URL != "" && !strings.HasPrefix(r.SSO.URL, "https://") {
			t.Errorf("%q gives the address %q", value, r.SSO.URL)
		}
		now := time.Unix(1_700_000_000, 0)
		if wait, ok := waitAfter(&http.Response{Header: h}, now); ok && strings.Trim(value, "0123456789") == "" && (wait < 0 || wait > maxHold) {
			t.Errorf("%q waits %s", value, wait)
		}
	})
}
