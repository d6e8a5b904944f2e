package githubtest

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// repositoryObject is a repository in one of the shapes that GitHub shows it
// in.
func (c *call) repositoryObject(name string, r *Repository) Object {
	url := c.base() + "/repos/" + r.FullName()
	web := "https://github.com/" + r.FullName()
	pushed := stamp(r.PushedAt)
	if r.Empty && r.PushedAt.IsZero() {
		pushed = stamp(c.s.started)
	}
	out := shape(name, Object{
		"id": r.id(), "node_id": nodeID("R", r.id()), "name": r.Name, "full_name": r.FullName(), "owner": c.simpleUser(r.Owner),
		"private": !r.public(), "visibility": orElse(r.Visibility, Public), "html_url": web, "url": url, "fork": r.Fork,
		"archived": r.Archived, "disabled": r.Disabled, "is_template": r.Template, "default_branch": r.branch(),
		"pushed_at": pushed, "updated_at": pushed, "created_at": stamp(c.s.started.AddDate(-1, 0, 0)), "size": r.size(),
		"clone_url": web + ".git", "ssh_url": "git@github.com:" + r.FullName() + ".git", "git_url": "git://github.com/" + r.FullName() + ".git",
		"svn_url": web, "contents_url": url + "/contents/{+path}", "trees_url": url + "/git/trees{/sha}",
		"permissions": c.permissions(r), "description": nil,
	}, r.Objects[""])
	return out
}

// size is in kilobytes, 0 for an empty repository.
func (r *Repository) size() int {
	if r.Empty {
		return 0
	}
	total := 1023
	for _, content := range r.Files {
		total += len(content)
	}
	return total / 1024
}

// permissions are what the token's user may do, as the role has it. A token
// with fewer permissions than its user is not told apart here, on GitHub
// neither; an installation's are read from contents and administration.
func (c *call) permissions(r *Repository) Object {
	role := "none"
	switch t := c.token; {
	case t == nil && r.public():
		role = "read"
	case t == nil:
	case t.Kind == Installation:
		role = "read"
		if t.selects(r) && strings.Contains(t.Permissions, "contents:write") {
			role = "write"
		}
	default:
		role = c.s.role(t.User, r)
	}
	return permissionsOf(role)
}

// permissionsOf are the roles that a role holds, by the names that GitHub
// gives them here.
func permissionsOf(role string) Object {
	held := rank(role)
	return Object{"pull": held >= 1, "triage": held >= 2, "push": held >= 3, "maintain": held >= 4, "admin": held >= 5}
}

func (c *call) userToken() bool { return c.token != nil && c.token.Kind != Installation }

func repository(c *call) answer {
	out := c.repositoryObject("full-repository", c.repo)
	if c.repo.Fork && out["parent"] == nil {
		parent := c.repositoryObject("repository", &Repository{Owner: "upstream", Name: c.repo.Name})
		out["parent"], out["source"] = parent, parent
	}
	return ok(out)
}

// chosen are the repositories that pass a test, in the order asked
// for.
func (c *call) chosen(item string, keep func(*Repository) bool) rows {
	query := c.query()
	query.Del("page")
	query.Del("per_page")
	key := c.path + "?" + query.Encode()
	if c.token != nil {
		key += " " + c.token.Name + " " + c.token.Value
	}
	found := c.s.index.sorted(key, keep, query.Get("sort"), query.Get("direction"))
	return rows{n: len(found), at: func(i int) any { return c.repositoryObject(item, c.s.index.at(found[i])) }}
}

// sorted is pick in an order; without one the repositories stay as the world
// has them, which GitHub does not do (its order is by name or by date).
func (x *index) sorted(key string, keep func(*Repository) bool, sort, direction string) []int {
	found := x.pick(key, keep)
	if sort == "" {
		return found
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if ordered, ok := x.reach["sorted "+key]; ok {
		return ordered
	}
	type named struct {
		i   int
		key string
	}
	all := make([]named, len(found))
	for i, n := range found {
		r := x.at(n)
		all[i] = named{n, strings.ToLower(r.FullName())}
		if sort != "full_name" {
			all[i].key = stamp(r.PushedAt)
		}
	}
	slices.SortStableFunc(all, func(a, b named) int {
		if (sort == "full_name") == (direction == "desc") {
			a, b = b, a
		}
		return cmp.Compare(a.key, b.key)
	})
	ordered := make([]int, len(all))
	for i, n := range all {
		ordered[i] = n.i
	}
	x.reach["sorted "+key] = ordered
	return ordered
}

// userRepositories lists what the token's user has more than public access
// to, as far as the token reaches.
func userRepositories(c *call) answer {
	query := c.query()
	if query.Get("type") != "" && (query.Get("visibility") != "" || query.Get("affiliation") != "") {
		return failure(http.StatusUnprocessableEntity, "If you specify visibility or affiliation, you cannot specify type.")
	}
	// Asked for what single sign-on hides: that goes into a header.
	c.organizations()
	affiliations := strings.Split(orElse(query.Get("affiliation"), "owner,collaborator,organization_member"), ",")
	visibility := orElse(query.Get("visibility"), "all")
	return c.list(c.chosen("repository", func(r *Repository) bool {
		kind := c.s.affiliation(c.token.User, r)
		return kind != "" && slices.Contains(affiliations, kind) && (visibility == "all" || (visibility == "public") == r.public()) && c.lists(r)
	}))
}

// affiliation says why a user has access to a repository beyond the public's,
// "" for no reason.
func (s *Server) affiliation(login string, r *Repository) string {
	if strings.EqualFold(login, r.Owner) {
		return "owner"
	}
	if o := s.index.org(r.Owner); o != nil && o.role(login) != "" && rank(s.role(login, r)) > 0 {
		return "organization_member"
	}
	for name := range r.Roles {
		if strings.EqualFold(name, login) {
			return "collaborator"
		}
	}
	return ""
}

// lists tells whether a list shows a repository to the token.
func (c *call) lists(r *Repository) bool {
	t := c.token
	if !c.s.sees(t, r) || c.s.policy(t, c.s.index.org(r.Owner), r) != nil {
		return false
	}
	return t == nil || t.scoped() || r.public() || t.selects(r)
}

// ownerRepositories lists those of an organization or of a user.
func ownerRepositories(c *call) answer {
	owner := orElse(c.params["org"], c.params["username"])
	if c.org != nil {
		owner = c.org.Login
		if c.s.unauthorized(c.token, c.org) {
			c.hidden = append(c.hidden, c.org.id())
		}
	}
	kind := c.query().Get("type")
	return c.list(c.chosen("minimal-repository", func(r *Repository) bool {
		return strings.EqualFold(r.Owner, owner) && ofKind(r, kind) && c.lists(r)
	}))
}

// ofKind tells whether the parameter type of a list lets a repository in.
func ofKind(r *Repository, kind string) bool {
	switch kind {
	case "public":
		return r.public()
	case "private":
		return !r.public()
	case "forks":
		return r.Fork
	case "sources":
		return !r.Fork
	}
	return true
}

func installationRepositories(c *call) answer {
	all := c.chosen("repository", func(r *Repository) bool { return c.token.selects(r) })
	selection := "selected"
	if c.token.All {
		selection = "all"
	}
	return c.counted("repositories", all, Object{"repository_selection": selection})
}

// collaborators lists the owner and those who have a role of their own, by
// login. Members with the organization's base role are left out, as with the
// affiliation "direct".
func collaborators(c *call) answer {
	logins := slices.Collect(maps.Keys(c.repo.Roles))
	if c.s.index.org(c.repo.Owner) == nil {
		logins = append(logins, c.repo.Owner)
	}
	slices.Sort(logins)
	return c.list(rowsOf(slices.Compact(logins), func(login string) any {
		role := c.s.role(login, c.repo)
		return shape("collaborator", c.simpleUser(login), Object{"permissions": permissionsOf(role), "role_name": role})
	}))
}

func collaboratorPermission(c *call) answer {
	login := c.params["username"]
	role := c.s.role(login, c.repo)
	legacy := map[string]string{"triage": "read", "maintain": "write"}
	user := shape("simple-user", c.simpleUser(login), Object{"role_name": role})
	return ok(shape("repository-collaborator-permission", Object{
		"permission": orElse(legacy[role], role), "role_name": role, "user": user,
	}))
}
