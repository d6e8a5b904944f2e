package github

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Response is what the headers of an answer say beside its body.
type Response struct {
	// Status is the HTTP status; an answer from the cache has 200.
	Status int
	// Cached tells that the body is from the cache (GitHub answered 304).
	Cached bool
	// Scopes are the scopes of a classic or OAuth token (X-OAuth-Scopes). It
	// is nil where the header is missing, as for all other kinds of token, and
	// empty where the token has no scope.
	Scopes []string
	// AcceptedScopes are the scopes of which the endpoint takes any
	// (X-Accepted-OAuth-Scopes); nil where the header is missing.
	AcceptedScopes []string
	// AcceptedPermissions are the sets of permissions of which the endpoint
	// takes any (X-Accepted-GitHub-Permissions). They say what the endpoint
	// takes, not what the token has.
	AcceptedPermissions []PermissionSet
	// Expires is when the token expires; zero where no header says so, or
	// where ExpiresText could not be read.
	Expires time.Time
	// ExpiresText is the header behind Expires
	// (GitHub-Authentication-Token-Expiration). A personal access token
	// without it never expires.
	ExpiresText string
	// SSO is what single sign-on kept back.
	SSO SSO
	// Rate is the primary rate limit after this answer.
	Rate Rate
	// Next is the address of the next page, from the Link header as it is:
	// [Client.Pages] checks it before it follows it.
	Next string
	// Date is the server's clock; zero where it does not say.
	Date time.Time
	// RequestID is the number by which GitHub's support finds the request.
	RequestID string
}

// PermissionSet is permissions that are needed together, by their API names
// (contents, pull_requests), each with its level (read, write, admin). GitHub
// also puts remarks such as allows_permissionless_access=true among them.
type PermissionSet map[string]string

// SSO is what the header X-GitHub-SSO says.
type SSO struct {
	// Required tells that the answer is kept back until the token is
	// authorised for single sign-on.
	Required bool
	// URL is where its user authorises it; "" where GitHub gives none.
	URL string
	// Organizations are the ids of the organisations whose part of the answer
	// was left out.
	Organizations []int64
}

// Rate is a primary rate limit.
type Rate struct {
	// Resource is the name of the limit: core, search, graphql and others; ""
	// where the answer has no limit, as on many GitHub Enterprise Servers.
	Resource string
	// Limit is the number of requests (points for graphql) an hour (a minute
	// for search), Remaining what is left of it.
	Limit, Remaining int
	// Reset is when Remaining becomes Limit again, by the server's clock.
	Reset time.Time
}

// ResponseOf reads the headers of an answer, such as the one in a go-github
// Response.
func ResponseOf(answer *http.Response) *Response {
	if answer == nil {
		return nil
	}
	h := answer.Header
	r := &Response{
		Status:              answer.StatusCode,
		Cached:              h.Get(cachedHeader) == cachedBody,
		Scopes:              parseScopes(h.Values("X-OAuth-Scopes")),
		AcceptedScopes:      parseScopes(h.Values("X-Accepted-OAuth-Scopes")),
		AcceptedPermissions: parsePermissions(h.Get("X-Accepted-GitHub-Permissions")),
		ExpiresText:         clean(h.Get("GitHub-Authentication-Token-Expiration")),
		SSO:                 parseSSO(h.Get("X-GitHub-SSO")),
		Rate:                parseRate(h),
		Next:                parseNext(h.Values("Link")),
		RequestID:           clean(h.Get("X-GitHub-Request-Id")),
	}
	r.Expires, _ = parseExpiration(r.ExpiresText)
	r.Date, _ = http.ParseTime(h.Get("Date"))
	return r
}

// parseScopes reads a list of scopes, which is nil without a header and empty
// where the header is.
func parseScopes(values []string) []string {
	if len(values) == 0 {
		return nil
	}
	scopes := []string{}
	for scope := range strings.SplitSeq(strings.Join(values, ","), ",") {
		if scope = clean(scope); scope != "" {
			scopes = append(scopes, scope)
		}
	}
	return scopes
}

// parsePermissions reads "contents=read,issues=read; contents=write": sets
// split by semicolons, of which one is enough.
func parsePermissions(value string) (sets []PermissionSet) {
	for part := range strings.SplitSeq(value, ";") {
		set := PermissionSet{}
		for pair := range strings.SplitSeq(part, ",") {
			name, level, ok := strings.Cut(clean(pair), "=")
			if name, level = strings.TrimSpace(name), strings.TrimSpace(level); ok && name != "" && level != "" {
				set[name] = level
			}
		}
		if len(set) > 0 {
			sets = append(sets, set)
		}
	}
	return sets
}

// parseExpiration reads the two forms in which GitHub writes when a token
// expires: "2026-01-01 00:00:00 UTC" and "2026-01-01 00:00:00 +0200". Other
// names of zones are not read: Go would take them for UTC.
func parseExpiration(value string) (time.Time, bool) {
	value = strings.TrimSpace(value)
	for _, zone := range []string{" UTC", " GMT", " Z", "Z"} {
		if rest, ok := strings.CutSuffix(value, zone); ok {
			value = rest + " +0000"
			break
		}
	}
	for _, layout := range []string{"2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05 -07:00", "2006-01-02T15:04:05 -0700", time.RFC3339} {
		if t, err := time.Parse(layout, value); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// parseSSO reads "required; url=…" and "partial-results; organizations=1,2".
// The address is kept only if it is one of https.
func parseSSO(value string) (sso SSO) {
	kind, rest, _ := strings.Cut(clean(value), ";")
	if strings.TrimSpace(kind) == "required" {
		sso.Required = true
	}
	name, argument, _ := strings.Cut(strings.TrimSpace(rest), "=")
	switch name {
	case "url":
		if u, err := url.Parse(argument); err == nil && u.Scheme == "https" && u.User == nil && u.Host != "" {
			sso.URL = u.String()
		}
	case "organizations":
		for id := range strings.SplitSeq(argument, ",") {
			if n, err := strconv.ParseInt(strings.TrimSpace(id), 10, 64); err == nil && n > 0 {
				sso.Organizations = append(sso.Organizations, n)
			}
		}
	}
	return sso
}

// parseRate reads the headers of the primary rate limit.
func parseRate(h http.Header) Rate {
	limit, err := strconv.Atoi(h.Get("X-RateLimit-Limit"))
	remaining, err2 := strconv.Atoi(h.Get("X-RateLimit-Remaining"))
	if err != nil || err2 != nil || limit < 0 || remaining < 0 {
		return Rate{}
	}
	rate := Rate{Resource: clean(h.Get("X-RateLimit-Resource")), Limit: limit, Remaining: remaining}
	if rate.Resource == "" {
		rate.Resource = "core"
	}
	if seconds, err := strconv.ParseInt(h.Get("X-RateLimit-Reset"), 10, 64); err == nil && seconds > 0 && seconds < 1<<40 {
		rate.Reset = time.Unix(seconds, 0).UTC()
	}
	return rate
}

// parseNext finds the address with rel="next" in Link headers.
func parseNext(values []string) string {
	rest := strings.Join(values, ",")
	for rest != "" {
		_, after, ok := strings.Cut(rest, "<")
		if !ok {
			return ""
		}
		address, after, ok := strings.Cut(after, ">")
		if !ok {
			return ""
		}
		parameters, _, _ := strings.Cut(after, "<")
		for parameter := range strings.FieldsFuncSeq(parameters, func(r rune) bool { return r == ';' || r == ',' }) {
			name, value, _ := strings.Cut(strings.TrimSpace(parameter), "=")
			if strings.EqualFold(name, "rel") && strings.Trim(value, `" `) == "next" {
				return address
			}
		}
		rest = after
	}
	return ""
}
