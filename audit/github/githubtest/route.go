package githubtest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/rules"
)

// further are operations that the table does not have: GitHub describes them
// for Enterprise Cloud only, so the contract leaves them out too.
var further = []*rules.Endpoint{{
	ID: "orgs/list-saml-sso-authorizations", Method: http.MethodGet, Path: "/orgs/{org}/credential-authorizations",
	Needs:          rules.Needs{{{Level: rules.LevelOrganization, Name: "organization_administration", Access: rules.AccessRead}}},
	FineGrainedPAT: true, Installation: true, Scopes: []string{"read:org"},
}}

// route finds the operation and its parameters.
func (c *call) route() {
	method := c.r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	for _, e := range further {
		head, tail, _ := strings.Cut(e.Path, "{org}")
		name, ok := strings.CutPrefix(c.path, head)
		if name, found := strings.CutSuffix(name, tail); ok && found && method == e.Method && !strings.Contains(name, "/") {
			c.endpoint, c.params = e, map[string]string{"org": name}
			return
		}
	}
	e, params, found := rules.Route(method, c.path)
	if !found {
		return
	}
	c.endpoint, c.params = e, params
	for name, value := range params {
		if plain, err := url.PathUnescape(value); err == nil {
			params[name] = plain
		}
	}
}

// resolve finds the repository and the organization of the path. What does
// not exist is answered, what moved is redirected; whether the token may see
// what was found is asked later.
func (c *call) resolve() *answer {
	if id := c.params["repository_id"]; id != "" && strings.HasPrefix(c.path, "/repositories/") {
		c.repo = c.s.index.repoByID(id)
		return c.missing(c.repo == nil)
	}
	if strings.HasPrefix(c.endpoint.Path, "/repos/{owner}/{repo}") {
		full := c.params["owner"] + "/" + c.params["repo"]
		c.repo = c.s.index.repo(full)
		if c.repo != nil {
			return nil
		}
		if moved := c.s.index.repo(c.s.index.former[strings.ToLower(full)]); moved != nil {
			return c.moved(moved)
		}
		return c.missing(true)
	}
	if name, ok := c.params["org"]; ok && strings.HasPrefix(c.endpoint.Path, "/org") {
		c.org = c.s.index.org(name)
		return c.missing(c.org == nil)
	}
	return nil
}

func (c *call) missing(missing bool) *answer {
	if !missing {
		return nil
	}
	a := notFound()
	return &a
}

// moved redirects the old name of a repository to its id.
func (c *call) moved(r *Repository) *answer {
	parts := strings.SplitN(c.path, "/", 5)
	rest := ""
	if len(parts) == 5 {
		rest = "/" + parts[4]
	}
	location := c.base() + "/repositories/" + number(r.id()) + rest
	if c.r.URL.RawQuery != "" {
		location += "?" + c.r.URL.RawQuery
	}
	a := redirect(http.StatusMovedPermanently, location)
	if c.r.Method != http.MethodGet && c.r.Method != http.MethodHead {
		a = redirect(http.StatusTemporaryRedirect, location)
	}
	a.body, a.value = nil, Object{"message": "Moved Permanently", "url": location, "documentation_url": "https://docs.github.com/rest"}
	return &a
}

// base is the address before a path, in the form that the request has.
func (c *call) base() string {
	if c.prefix == "/api" {
		return c.s.EnterpriseURL()
	}
	return c.s.URL + c.prefix
}

// anyUser are operations that every user's token may call, though GitHub's
// lists of permissions do not name them: their pages say that they take none.
var anyUser = []string{"users/get-authenticated", "orgs/list-for-authenticated-user"}

// admits tells whether the operation takes tokens with permissions of this
// kind.
func admits(e *rules.Endpoint, kind Kind) bool {
	switch {
	case e.Public && e.Basis == rules.BasisPublic:
		return true
	case kind == Installation:
		return e.Installation
	case slices.Contains(anyUser, e.ID):
		return true
	case kind == AppUser:
		return (e.Installation || e.UserToken) && e.Basis != rules.BasisPublic
	}
	return e.FineGrainedPAT
}
