package reach

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/github"
	"github.com/patrol-actions/patrol/rules"
)

// repository is a row of a list of repositories.
type repository struct {
	FullName   string `json:"full_name"`
	Visibility string `json:"visibility"`
	Private    bool   `json:"private"`
	Archived   bool   `json:"archived"`
	Owner      struct {
		Login string `json:"login"`
		Type  string `json:"type"`
	} `json:"owner"`
	// Permissions is the role of the token's user, which bounds the token.
	Permissions struct {
		Admin bool `json:"admin"`
		Push  bool `json:"push"`
	} `json:"permissions"`
}

func (r *repository) hidden() bool {
	return r.Private || r.Visibility == "private" || r.Visibility == "internal"
}

// list counts the repositories within reach, page by page: none but the few
// that are asked about later stays in memory.
func (in *inspector) list(ctx context.Context) {
	reach := &audit.Reach{Complete: true, UsedRepositories: []string{}, Organizations: []audit.Membership{}}
	in.token.Reach = reach
	path, query := "/user/repos", url.Values{"per_page": {"100"}}
	if in.token.Kind == audit.TokenInstallation {
		path = "/installation/repositories"
	}
	for page, err := range in.client.Pages(ctx, path, query) {
		if page != nil {
			in.note(page.Response)
		}
		var rows []repository
		if err == nil {
			rows, err = in.rows(page)
		}
		if err != nil {
			reach.Complete = false
			in.problem("all repositories within reach", err)
			break
		}
		for i := range rows {
			if most := in.options.MaxRepositories; most > 0 && reach.Repositories >= most {
				reach.Complete = false
				break
			}
			in.count(&rows[i])
		}
		if in.options.Progress != nil {
			in.options.Progress(reach.Repositories)
		}
		if !reach.Complete {
			in.token.Problems = append(in.token.Problems, audit.Problem{
				Message: fmt.Sprintf("only the first %d repositories were listed (--max-repositories)", reach.Repositories),
			})
			break
		}
	}
	slices.Sort(reach.UsedRepositories)
	if in.token.Kind == audit.TokenInstallation && reach.Complete && reach.Repositories == 1 && strings.EqualFold(in.token.Name, "GITHUB_TOKEN") {
		// Nothing in the API tells GITHUB_TOKEN from another App's token for
		// one repository; its usual name does.
		in.token.Kind = audit.TokenGitHub
	}
}

// rows decodes a page of repositories, which is an object for installations.
func (in *inspector) rows(page *github.Page) ([]repository, error) {
	if in.token.Kind != audit.TokenInstallation {
		var rows []repository
		return rows, page.Decode(&rows)
	}
	var object struct {
		Repositories []repository `json:"repositories"`
	}
	err := page.Decode(&object)
	return object.Repositories, err
}

// count adds one repository.
func (in *inspector) count(r *repository) {
	reach := in.token.Reach
	reach.Repositories++
	switch {
	case r.Visibility == "internal":
		reach.Internal++
	case r.hidden():
		reach.Private++
	default:
		reach.Public++
	}
	if r.Permissions.Push || r.Permissions.Admin {
		reach.Push++
	}
	if r.Permissions.Admin {
		reach.Admin++
	}
	if in.used[strings.ToLower(r.FullName)] {
		reach.UsedRepositories = append(reach.UsedRepositories, r.FullName)
	}
	key := strings.ToLower(r.Owner.Login)
	if in.owners[key] == nil {
		in.owners[key] = &owner{login: r.Owner.Login, organization: r.Owner.Type == "Organization"}
	}
	in.owners[key].repositories++
	if r.hidden() {
		in.owners[key].hidden++
		in.private = in.better(in.private, r)
	} else {
		in.public = in.better(in.public, r)
	}
}

// better chooses the repository to ask about: one that a use touches, then one
// that the user administers, for some answers take that role too, then one
// that is not archived.
func (in *inspector) better(old, r *repository) *repository {
	rank := func(r *repository) int {
		n := 0
		if in.used[strings.ToLower(r.FullName)] {
			n += 4
		}
		if r.Permissions.Admin {
			n += 2
		}
		if !r.Archived {
			n++
		}
		return n
	}
	if old != nil && rank(old) >= rank(r) {
		return old
	}
	kept := *r
	return &kept
}

// maxOrganizationsAsked bounds how many organisations are asked whether they
// take the token.
const maxOrganizationsAsked = 3

// organizations finds out the organisations behind a token, the user's role in
// them, and which of them refuse it.
func (in *inspector) organizations(ctx context.Context) {
	roles := map[string]audit.Membership{}
	ids := map[int64]string{}
	if in.token.Scopes != nil && !in.stopped {
		in.memberships(ctx, roles, ids)
	}
	for key, o := range in.owners {
		if o.organization {
			m := roles[key]
			m.Login, m.Repositories = o.login, o.repositories
			roles[key] = m
		}
	}
	for _, m := range roles {
		in.token.Reach.Organizations = append(in.token.Reach.Organizations, m)
	}
	slices.SortFunc(in.token.Reach.Organizations, func(a, b audit.Membership) int {
		return cmp.Or(cmp.Compare(b.Repositories, a.Repositories), cmp.Compare(strings.ToLower(a.Login), strings.ToLower(b.Login)))
	})
	in.refusals(ctx)
	for i, s := range in.token.SSO {
		if s.Organization == "" {
			in.token.SSO[i].Organization = ids[s.ID]
		}
	}
	slices.SortFunc(in.token.SSO, func(a, b audit.SingleSignOn) int {
		return cmp.Or(cmp.Compare(a.Organization, b.Organization), cmp.Compare(a.ID, b.ID))
	})
}

// memberships lists the organisations of a user. The role takes the scope
// read:org; without it there are the names alone, and without any of them
// those that own repositories.
func (in *inspector) memberships(ctx context.Context, roles map[string]audit.Membership, ids map[int64]string) {
	type organization struct {
		Login string `json:"login"`
		ID    int64  `json:"id"`
	}
	type membership struct {
		Role         string       `json:"role"`
		Organization organization `json:"organization"`
	}
	path := "/user/memberships/orgs"
	if !slices.ContainsFunc(in.token.Scopes, coversReadOrg) {
		path = "/user/orgs"
	}
	for page, err := range in.client.Pages(ctx, path, url.Values{"per_page": {"100"}}) {
		if page != nil {
			in.note(page.Response)
		}
		var rows []membership
		if err == nil && path == "/user/orgs" {
			var plain []organization
			err = page.Decode(&plain)
			for _, o := range plain {
				rows = append(rows, membership{Organization: o})
			}
		} else if err == nil {
			err = page.Decode(&rows)
		}
		if err != nil {
			if !errors.Is(err, github.ErrForbidden) {
				in.problem("the organisations behind it", err)
			}
			return
		}
		for _, m := range rows {
			roles[strings.ToLower(m.Organization.Login)] = audit.Membership{Login: m.Organization.Login, Role: m.Role}
			ids[m.Organization.ID] = m.Organization.Login
		}
	}
}

// refusals asks for the repositories that uses touch and the list has not: it
// shows which organisations refuse the token. Asking an organisation itself
// shows nothing, for its public data is for everybody.
func (in *inspector) refusals(ctx context.Context) {
	asked := map[string]bool{}
	for _, name := range in.options.Repositories {
		login, repo, _ := strings.Cut(name, "/")
		listed := slices.ContainsFunc(in.token.Reach.UsedRepositories, func(s string) bool { return strings.EqualFold(s, name) })
		if listed || repo == "" || asked[strings.ToLower(login)] || len(asked) == maxOrganizationsAsked || in.stopped {
			continue
		}
		asked[strings.ToLower(login)] = true
		answer, err := in.client.Get(ctx, github.Path("repos", login, repo), nil, nil)
		in.refusal(ctx, login, answer, err)
	}
}

// refusal notes what an organisation's answer says of the token.
func (in *inspector) refusal(ctx context.Context, login string, answer *github.Response, err error) {
	var refused *github.StatusError
	switch {
	case err == nil, errors.Is(err, github.ErrNotFound):
		// It takes the token, or there is nothing of that name for it.
	case answer != nil && answer.SSO.Required:
		in.signOn(ctx, login, answer.SSO.URL)
	case errors.As(err, &refused) && errors.Is(err, github.ErrForbidden):
		in.token.Refused = append(in.token.Refused, audit.Refusal{Organization: login, Message: refused.Message})
	default:
		in.problem("whether "+login+" takes it", err)
	}
}

// signOn notes that an organisation wants single sign-on. Lists name such an
// organisation by its id alone, so its id is asked for too.
func (in *inspector) signOn(ctx context.Context, login, url string) {
	var account struct {
		ID int64 `json:"id"`
	}
	if _, err := in.client.Get(ctx, github.Path("users", login), nil, &account); err != nil {
		in.problem("the id of "+login, err)
	}
	for i, s := range in.token.SSO {
		if s.ID == account.ID && s.ID != 0 {
			in.token.SSO[i].Organization, in.token.SSO[i].URL = login, url
			return
		}
	}
	in.token.SSO = append(in.token.SSO, audit.SingleSignOn{Organization: login, ID: account.ID, URL: url})
}

// coversReadOrg tells whether a scope lets a token read its user's roles.
func coversReadOrg(scope string) bool { return rules.ScopeCovers(scope, "read:org") }
