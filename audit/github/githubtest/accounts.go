package githubtest

import (
	"net/http"
	"slices"
	"strings"
)

// simpleUser is a user as other objects show it; organizations have the same
// form.
func (c *call) simpleUser(login string) Object {
	kind := orElse(c.s.index.user(login).Type, "User")
	switch {
	case c.s.index.org(login) != nil:
		kind = "Organization"
	case strings.HasSuffix(login, "[bot]"):
		kind = "Bot"
	}
	id := c.s.index.userID(login)
	return shape("simple-user", Object{
		"login": login, "id": id, "node_id": nodeID("U", id), "url": c.base() + "/users/" + login,
		"html_url": "https://github.com/" + login, "type": kind,
	})
}

func viewer(c *call) answer {
	if c.token.Kind == Installation {
		return c.refuse()
	}
	u := c.s.index.user(c.token.User)
	o := shape("private-user", c.simpleUser(u.Login), Object{
		"name": textOrNull(u.Name), "created_at": stamp(c.s.started), "updated_at": stamp(c.s.started), "two_factor_authentication": true,
	})
	if !c.token.scoped() || !c.token.covers("read:user") {
		o = shape("public-user", c.simpleUser(u.Login), Object{"name": textOrNull(u.Name)})
	}
	return ok(o)
}

func userByLogin(c *call) answer {
	login := c.params["username"]
	_, known := c.s.index.users[strings.ToLower(login)]
	if !known && c.s.index.org(login) == nil {
		return notFound()
	}
	u := c.s.index.user(login)
	return ok(shape("public-user", c.simpleUser(u.Login), Object{"name": textOrNull(u.Name)}))
}

// organizations are those of the token's user that the token may tell of;
// what single sign-on hides is noted for the header.
func (c *call) organizations() []*Organization {
	var out []*Organization
	for i := range c.s.world.Organizations {
		o := &c.s.world.Organizations[i]
		switch {
		case o.role(c.token.User) == "":
		case c.s.unauthorized(c.token, o):
			c.hidden = append(c.hidden, o.id())
		case c.s.policy(c.token, o, nil) != nil:
		case c.token.scoped() || strings.EqualFold(c.token.owner(), o.Login):
			out = append(out, o)
		}
	}
	return out
}

func (c *call) simpleOrganization(o *Organization) Object {
	return shape("organization-simple", Object{
		"login": o.Login, "id": o.id(), "node_id": nodeID("O", o.id()), "url": c.base() + "/orgs/" + o.Login,
	})
}

func userOrganizations(c *call) answer {
	return c.list(rowsOf(c.organizations(), func(o *Organization) any { return c.simpleOrganization(o) }))
}

func (c *call) member(o *Organization, login string) Object {
	return shape("org-membership", Object{
		"url": c.base() + "/orgs/" + o.Login + "/memberships/" + login, "state": "active", "role": o.role(login),
		"organization_url": c.base() + "/orgs/" + o.Login, "organization": c.simpleOrganization(o), "user": c.simpleUser(login),
	})
}

func memberships(c *call) answer {
	return c.list(rowsOf(c.organizations(), func(o *Organization) any { return c.member(o, c.token.User) }))
}

func membership(c *call) answer {
	o := c.s.index.org(c.params["org"])
	if o == nil || o.role(c.token.User) == "" {
		return notFound()
	}
	if refused := c.s.policy(c.token, o, nil); refused != nil {
		return *refused
	}
	return ok(c.member(o, c.token.User))
}

func orgMembership(c *call) answer {
	if c.org.role(c.params["username"]) == "" {
		return notFound()
	}
	return ok(c.member(c.org, c.params["username"]))
}

func members(c *call) answer {
	logins := []string{}
	role := orElse(c.query().Get("role"), "all")
	for login, held := range c.org.Members {
		if role == "all" || role == held {
			logins = append(logins, login)
		}
	}
	slices.Sort(logins)
	return c.list(rowsOf(logins, func(login string) any { return c.simpleUser(login) }))
}

// organization shows more to a token that administers it.
func organization(c *call) answer {
	o := c.org
	out := shape("organization-full", c.simpleOrganization(o), Object{
		"html_url": "https://github.com/" + o.Login, "type": "Organization", "created_at": stamp(c.s.started), "updated_at": stamp(c.s.started),
	})
	if c.administers(o) {
		out["default_repository_permission"] = orElse(o.BaseRole, "read")
		out["two_factor_requirement_enabled"] = true
		out["members_can_create_repositories"] = true
	}
	return answer{status: http.StatusOK, value: out}
}

// administers tells whether the token may read an organization's settings.
func (c *call) administers(o *Organization) bool {
	t := c.token
	switch {
	case t == nil || c.s.policy(t, o, nil) != nil:
		return false
	case t.scoped():
		return t.covers("admin:org") && o.role(t.User) == "admin"
	}
	return strings.EqualFold(t.owner(), o.Login) && !t.Pending && strings.Contains(t.Permissions, "org:organization_administration:") &&
		(t.Kind == Installation || o.role(t.User) == "admin")
}
