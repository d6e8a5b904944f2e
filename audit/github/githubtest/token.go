package githubtest

import (
	"slices"
	"strings"
	"time"

	"github.com/patrol-actions/patrol/rules"
)

// Kind is a kind of token.
type Kind string

// The kinds of token.
const (
	// Classic is a personal access token with scopes (ghp_).
	Classic Kind = "classic"
	// FineGrained is a personal access token with permissions (github_pat_).
	FineGrained Kind = "fine-grained"
	// OAuth is the token of an OAuth app for a user (gho_): it has scopes.
	OAuth Kind = "oauth"
	// AppUser is the token of a GitHub App for a user (ghu_).
	AppUser Kind = "app-user"
	// Installation is the token of a GitHub App's installation (ghs_).
	// GITHUB_TOKEN is one that is limited to one repository.
	Installation Kind = "installation"
)

// Token is a credential that the server knows. No other is let in.
type Token struct {
	// Name is how records call it, never its value.
	Name, Value string
	Kind        Kind
	// User is its user's login; "" for an installation.
	User string
	// Scopes are those of a classic or OAuth token.
	Scopes []string
	// Owner is the resource owner of a fine-grained token (its user where it
	// is ""), and the account of an installation.
	Owner string
	// Permissions is in the form of rules.ParseNeeds, without alternatives:
	// "contents:write,org:members:read". metadata:read comes with any.
	Permissions string
	// All tells that it reaches all repositories of its owner, Repositories
	// are the names (or full names) of those that were selected. With
	// neither it reads what is public.
	All          bool
	Repositories []string
	// Pending tells that the owner has not approved a fine-grained token.
	Pending bool
	// Authorized are the organizations for which it has single sign-on.
	Authorized []string
	// Expires is the zero time for a token that never does.
	Expires time.Time
	Revoked bool
	// Job tells that an installation token is a workflow job's GITHUB_TOKEN,
	// which the repository may keep from opening and approving pull requests.
	Job bool
	// Limit is how many requests it has in an hour; 0 for those of Limits.
	Limit int
}

// scoped tells whether scopes limit the token, and not permissions.
func (t *Token) scoped() bool { return t.Kind == Classic || t.Kind == OAuth }

// holds tells whether the token has a permission.
func (t *Token) holds(p rules.Permission) bool {
	needs, err := rules.ParseNeeds(t.Permissions)
	if err != nil {
		return false
	}
	held := needs.Permissions()
	if p.Always() {
		return len(held) > 0 || t.Kind != Installation
	}
	return slices.ContainsFunc(held, func(h rules.Permission) bool { return h.Covers(p) })
}

// meets tells whether the token has what something takes.
func (t *Token) meets(needs rules.Needs) bool {
	for _, group := range needs {
		if !slices.ContainsFunc(group, t.holds) {
			return false
		}
	}
	return true
}

// covers tells whether the token has a classic scope.
func (t *Token) covers(scope string) bool {
	return slices.ContainsFunc(t.Scopes, func(held string) bool { return rules.ScopeCovers(held, scope) })
}

// owner is the login whose resources a token with permissions reaches.
func (t *Token) owner() string {
	if t.Owner == "" {
		return t.User
	}
	return t.Owner
}

// selects tells whether a repository is among those that a token with
// permissions was given.
func (t *Token) selects(r *Repository) bool {
	if t.Pending || !strings.EqualFold(t.owner(), r.Owner) {
		return false
	}
	return t.All || slices.ContainsFunc(t.Repositories, func(name string) bool {
		return strings.EqualFold(name, r.Name) || strings.EqualFold(name, r.FullName())
	})
}
