package inventory

import (
	"fmt"
	"strings"
	"time"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/github"
)

// maxSubsets bounds of how many tokens the selected repositories are asked,
// each of which takes a request.
const maxSubsets = 2000

// grantRow is a token in GitHub's lists of those with access, and of requests
// for it.
type grantRow struct {
	ID    int64 `json:"id"`
	Owner struct {
		Login string `json:"login"`
	} `json:"owner"`
	Selection   string `json:"repository_selection"`
	Permissions struct {
		Organization map[string]string `json:"organization"`
		Repository   map[string]string `json:"repository"`
		Other        map[string]string `json:"other"`
	} `json:"permissions"`
	Name     string  `json:"token_name"`
	Expired  bool    `json:"token_expired"`
	Expires  *string `json:"token_expires_at"`
	LastUsed *string `json:"token_last_used_at"`
	Granted  *string `json:"access_granted_at"`
	Created  *string `json:"created_at"`
}

// grantKinds are the lists of fine-grained tokens: with access, and waiting.
var grantKinds = map[audit.GrantKind]struct{ path, what, list, repositories string }{
	audit.GrantFineGrained: {"personal-access-tokens", "the fine-grained tokens with access to ", "orgs/list-pat-grants", "orgs/list-pat-grant-repositories"},
	audit.GrantRequest:     {"personal-access-token-requests", "the fine-grained tokens that wait for access to ", "orgs/list-pat-grant-requests", "orgs/list-pat-grant-request-repositories"},
}

// grants lists fine-grained tokens. GitHub tells these to Apps alone, so that
// a personal token is not even tried.
func (a *asker) grants(kind audit.GrantKind) {
	k := grantKinds[kind]
	if a.over() {
		return
	}
	what := k.what + a.out.Account
	if !asks(k.list, a.client.TokenKind()) {
		a.note("not asked of GitHub: " + what + ": only a GitHub App may ask, with " + strings.TrimSuffix(takes(k.list), " of a GitHub App"))
		return
	}
	begun := len(a.out.Grants)
	for row, err := range github.List[grantRow](a.ctx, a.client, github.Path("orgs", a.out.Account, k.path), pages, "") {
		if err != nil {
			a.failed(what, k.list, err)
			return
		}
		if len(a.out.Grants)-begun >= a.rows {
			a.truncated(what)
			break
		}
		a.out.Grants = append(a.out.Grants, row.grant(kind, a.out.Account))
	}
	subsets := 0
	for _, g := range a.out.Grants[begun:] {
		if g.Selection != "subset" || a.over() {
			continue
		}
		if subsets++; subsets > maxSubsets {
			a.note(fmt.Sprintf("of %s only %d were asked for the repositories that they are limited to", what, maxSubsets))
			return
		}
		_, id, _ := strings.Cut(g.ID, "/")
		names, _, err := a.repositories(github.Path("orgs", a.out.Account, k.path, id, "repositories"), "", what)
		if err != nil {
			a.failed("the repositories of "+what, k.repositories, err)
			continue
		}
		g.Repositories = names
	}
}

// grant makes a grant of a row.
func (r *grantRow) grant(kind audit.GrantKind, account string) *audit.Grant {
	granted := r.Granted
	if kind == audit.GrantRequest {
		granted = r.Created
	}
	p := r.Permissions
	return &audit.Grant{
		ID: fmt.Sprintf("%s/%d", kind, r.ID), Kind: kind, Account: account, Name: short(r.Name), User: short(r.Owner.Login),
		Selection: short(r.Selection), Repositories: []string{}, Scopes: []string{},
		Permissions: fineGrained(levels(p.Repository), levels(p.Organization), levels(p.Other)),
		GrantedAt:   moment(granted), LastUsedAt: moment(r.LastUsed), ExpiresAt: moment(r.Expires), Expired: r.Expired,
	}
}

// levels keeps the permissions whose access is one that is known.
func levels(held map[string]string) map[string]string {
	out := map[string]string{}
	for name, access := range held {
		if access == "read" || access == "write" || access == "admin" {
			out[short(name)] = access
		}
	}
	return out
}

// moment reads a time in the forms that GitHub gives here; empty for none,
// and for what is none.
func moment(text *string) string {
	if text == nil {
		return ""
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05.000-07:00", "2006-01-02 15:04:05 MST"} {
		if t, err := time.Parse(layout, *text); err == nil {
			return stamp(t)
		}
	}
	return ""
}

// authorizationRow is a credential that its user authorised for single
// sign-on. The last characters of a token, which GitHub gives too, are no
// business of a report.
type authorizationRow struct {
	ID         int64    `json:"credential_id"`
	Type       string   `json:"credential_type"`
	Login      string   `json:"login"`
	Note       string   `json:"authorized_credential_note"`
	Title      string   `json:"authorized_credential_title"`
	Scopes     []string `json:"scopes"`
	Authorized *string  `json:"credential_authorized_at"`
	Accessed   *string  `json:"credential_accessed_at"`
	Expires    *string  `json:"authorized_credential_expires_at"`
}

// authorizationTakes is what the list of authorisations takes. GitHub
// describes it for Enterprise Cloud alone, so that the table of operations
// has no row for it.
const authorizationTakes = "single sign-on by SAML, and organization_administration: read (of a classic token the scope read:org)"

// authorizations lists the credentials that single sign-on lets in: the only
// list there is of classic tokens. An organisation without SAML has none.
func (a *asker) authorizations() {
	if a.over() {
		return
	}
	what := "the classic tokens that single sign-on lets into " + a.out.Account
	begun := len(a.out.Grants)
	for row, err := range github.List[authorizationRow](a.ctx, a.client, github.Path("orgs", a.out.Account, "credential-authorizations"), pages, "") {
		if err != nil {
			if a.ended = ends(a.ctx, err); a.ended == nil {
				a.note(a.explain(what, authorizationTakes, err))
			}
			return
		}
		if len(a.out.Grants)-begun >= a.rows {
			a.truncated(what)
			return
		}
		name := short(row.Note)
		if name == "" {
			name = short(row.Title)
		}
		scopes := []string{}
		for _, s := range row.Scopes {
			scopes = append(scopes, short(s))
		}
		a.out.Grants = append(a.out.Grants, &audit.Grant{
			ID: fmt.Sprintf("%s/%d", audit.GrantAuthorization, row.ID), Kind: audit.GrantAuthorization, Account: a.out.Account,
			Name: name, User: short(row.Login), Repositories: []string{}, Permissions: fineGrained(nil, nil, nil), Scopes: scopes,
			GrantedAt: moment(row.Authorized), LastUsedAt: moment(row.Accessed), ExpiresAt: moment(row.Expires),
		})
	}
}
