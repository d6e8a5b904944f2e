package githubtest

import (
	"net/http"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/rules"
)

// The roles on a repository, from least to most.
var roles = []string{"none", "read", "triage", "write", "maintain", "admin"}

func rank(role string) int { return max(0, slices.Index(roles, role)) }

// role is what a user may do with a repository.
func (s *Server) role(login string, r *Repository) string {
	best := "none"
	if login != "" && strings.EqualFold(login, r.Owner) {
		return "admin"
	}
	for name, role := range r.Roles {
		if strings.EqualFold(name, login) {
			best = role
		}
	}
	if o := s.index.org(r.Owner); o != nil {
		switch o.role(login) {
		case "admin":
			return "admin"
		case "member":
			best = better(best, orElse(o.BaseRole, "read"))
			if r.Visibility == Internal {
				best = better(best, "read")
			}
		}
	}
	if r.public() {
		best = better(best, "read")
	}
	return best
}

func better(a, b string) string {
	if rank(a) >= rank(b) {
		return a
	}
	return b
}

// role is "admin" for an owner, "member", or "".
func (o *Organization) role(login string) string {
	for name, role := range o.Members {
		if strings.EqualFold(name, login) {
			return role
		}
	}
	return ""
}

// sees tells whether a token can tell that a repository exists, single
// sign-on and policies aside.
func (s *Server) sees(t *Token, r *Repository) bool {
	switch {
	case r.public():
		return true
	case t == nil:
		return false
	case t.Kind == Installation:
		return t.selects(r)
	case t.scoped():
		return t.covers("repo") && rank(s.role(t.User, r)) > 0
	}
	return t.selects(r) && rank(s.role(t.User, r)) > 0
}

// belongs tells whether a user is more to an organization than the public:
// a member, or a collaborator of one of its repositories.
func (s *Server) belongs(login string, o *Organization, r *Repository) bool {
	if o.role(login) != "" {
		return true
	}
	if r == nil {
		return false
	}
	_, named := r.Roles[login]
	return named
}

// unauthorized tells whether single sign-on keeps a token out of an
// organization. Tokens with permissions are authorized when they are made.
func (s *Server) unauthorized(t *Token, o *Organization) bool {
	return t != nil && o != nil && o.SAML && t.scoped() && o.role(t.User) != "" && !slices.ContainsFunc(t.Authorized, func(name string) bool {
		return strings.EqualFold(name, o.Login)
	})
}

// policy answers what an organization refuses to a token whatever the
// operation, nil for nothing. That people who do not belong to it read what
// is public with any token is our reading of GitHub's words.
func (s *Server) policy(t *Token, o *Organization, r *Repository) *answer {
	if t == nil || o == nil {
		return nil
	}
	var a answer
	switch {
	case s.unauthorized(t, o):
		what := map[Kind]string{Classic: "Personal Access token", OAuth: "OAuth token"}[t.Kind]
		a = failure(http.StatusForbidden, "Resource protected by organization SAML enforcement. You must grant your "+what+" access to this organization.")
		a.head().Set("X-GitHub-SSO", "required; url=https://github.com/orgs/"+o.Login+"/sso?authorization_request="+number(idOf(t.Name+o.Login)))
	case t.Kind == Classic && o.ForbidsClassic && s.belongs(t.User, o, r):
		a = failure(http.StatusForbidden, "`"+o.Login+"` forbids access via a personal access token (classic). Please use a GitHub App, OAuth App, or a personal access token with fine-grained permissions.")
	case t.Kind == FineGrained && o.ForbidsFineGrained && strings.EqualFold(t.owner(), o.Login):
		a = failure(http.StatusForbidden, "`"+o.Login+"` forbids access via a fine-grained personal access tokens. Please use a GitHub App, OAuth App, or a personal access token with classic permissions.")
	default:
		return nil
	}
	return &a
}

// authorize answers a request that the token may not make, nil for one that
// it may.
func (c *call) authorize() *answer {
	var a answer
	switch {
	case c.repo != nil:
		a = c.authorizeRepository()
	case c.org != nil:
		a = c.authorizeOrganization()
	default:
		a = c.authorizeAccount()
	}
	if a.status == 0 {
		return nil
	}
	return &a
}

// refuse is what a token with permissions hears.
func (c *call) refuse() answer {
	if c.token.Kind == FineGrained {
		return failure(http.StatusForbidden, "Resource not accessible by personal access token")
	}
	return failure(http.StatusForbidden, "Resource not accessible by integration")
}

func (c *call) authorizeRepository() answer {
	t, e, r := c.token, c.endpoint, c.repo
	if refused := c.s.policy(t, c.s.index.org(r.Owner), r); refused != nil {
		return *refused
	}
	reads := e.Public && e.Reads() && r.public()
	switch {
	case !c.s.sees(t, r):
		return notFound()
	case r.Disabled:
		return failure(http.StatusForbidden, "Repository access blocked")
	case reads:
		return answer{}
	case t == nil:
		return failure(http.StatusUnauthorized, "Requires authentication")
	case t.scoped():
		if refused := c.scopes(r.public()); refused.status != 0 {
			return refused
		}
	case !admits(e, t.Kind) || len(e.Needs) > 0 && !t.selects(r) || !t.meets(e.Needs):
		return c.refuse()
	}
	if t.Kind != Installation && rank(c.s.role(t.User, r)) < rank(roleFor(e)) {
		return c.lacksRole(roleFor(e))
	}
	if r.Archived && !e.Reads() && e.Method != http.MethodDelete {
		return failure(http.StatusForbidden, "Repository was archived so is read-only.")
	}
	return answer{}
}

// scopes refuses a token that lacks a classic scope. GitHub hides what is in
// a repository or an account, and says it plainly for an organization.
func (c *call) scopes(public bool) answer {
	if !c.endpoint.Reads() && appsOnly(c.endpoint.Needs) {
		return failure(http.StatusForbidden, "You must authenticate via a GitHub App.")
	}
	for _, scope := range c.endpoint.ClassicScopes(public) {
		if c.token.covers(scope) {
			continue
		}
		if scope == "notifications" {
			return failure(http.StatusForbidden, "Missing the 'notifications' scope.")
		}
		if strings.HasSuffix(scope, ":org") {
			return failure(http.StatusForbidden, "You need at least "+scope+" scope to perform this action.")
		}
		return notFound()
	}
	return answer{}
}

// appsOnly tells whether something takes a permission that no scope gives:
// that of check runs.
func appsOnly(needs rules.Needs) bool {
	return slices.ContainsFunc(needs, func(group []rules.Permission) bool {
		return group[0].Level != rules.LevelAccount && len(rules.ClassicScopes(rules.Needs{group}, false)) == 0
	})
}

// lacksRole is what a user hears whose role does not suffice. The last text
// is a guess.
func (c *call) lacksRole(role string) answer {
	switch {
	case role == "admin" && c.token.scoped():
		return failure(http.StatusForbidden, "Must have admin rights to Repository.")
	case !c.token.scoped():
		return c.refuse()
	case c.endpoint.Reads():
		return failure(http.StatusForbidden, "Must have push access to repository")
	}
	return failure(http.StatusForbidden, "Must have push access to view repository collaborators.")
}

func (c *call) authorizeOrganization() answer {
	t, e, o := c.token, c.endpoint, c.org
	if e.Public && e.Reads() {
		return answer{}
	}
	if t == nil {
		return failure(http.StatusUnauthorized, "Requires authentication")
	}
	if refused := c.s.policy(t, o, nil); refused != nil {
		return *refused
	}
	role := orgRoleFor(e)
	switch {
	case t.scoped():
		if appsOnly(e.Needs) {
			return failure(http.StatusForbidden, "You must authenticate via a GitHub App.")
		}
		if o.role(t.User) == "" {
			return notFound()
		}
		if refused := c.scopes(false); refused.status != 0 {
			return refused
		}
	case !admits(e, t.Kind) || !strings.EqualFold(t.owner(), o.Login) || t.Pending || !t.meets(e.Needs):
		return c.refuse()
	}
	if t.Kind != Installation && role == "admin" && o.role(t.User) != "admin" {
		return failure(http.StatusForbidden, "You must be an organization owner to perform this action.")
	}
	return answer{}
}

func (c *call) authorizeAccount() answer {
	t, e := c.token, c.endpoint
	switch {
	case e.Public && e.Reads():
		return answer{}
	case t == nil:
		return failure(http.StatusUnauthorized, "Requires authentication")
	case e.ID == "apps/list-repos-accessible-to-installation":
		if t.Kind != Installation {
			return failure(http.StatusForbidden, "You must authenticate with an installation access token in order to list repositories for an installation.")
		}
		return answer{}
	case t.scoped() && len(e.Scopes) == 0 && t.meets(e.Needs):
		// A list of what the token sees, such as /user/repos: its scopes
		// decide what stands there.
		return answer{}
	case t.scoped():
		return c.scopes(false)
	case !admits(e, t.Kind) || !t.meets(e.Needs):
		return c.refuse()
	}
	return answer{}
}
