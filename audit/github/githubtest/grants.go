package githubtest

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/rules"
)

// grants lists the fine-grained tokens that have access to an organization.
func grants(c *call) answer {
	return c.list(rowsOf(c.filtered(c.org.Grants), func(g Grant) any {
		o := c.grantObject("organization-programmatic-access-grant", "/personal-access-tokens/", g)
		o["access_granted_at"] = stamp(g.Granted)
		return o
	}))
}

// grantRequests lists those that wait for approval.
func grantRequests(c *call) answer {
	return c.list(rowsOf(c.filtered(c.org.Requests), func(g Grant) any {
		o := c.grantObject("organization-programmatic-access-grant-request", "/personal-access-token-requests/", g)
		o["created_at"], o["reason"] = stamp(g.Granted), textOrNull(g.Reason)
		return o
	}))
}

// filtered leaves the grants that the query's parameters owner, repository,
// permission and token_id let in.
func (c *call) filtered(all []Grant) []Grant {
	query := c.query()
	owners := slices.Concat(query["owner"], query["owner[]"])
	tokens := slices.Concat(query["token_id"], query["token_id[]"])
	kept := slices.DeleteFunc(slices.Clone(all), func(g Grant) bool {
		return len(owners) > 0 && !slices.Contains(owners, g.Owner) ||
			len(tokens) > 0 && !slices.Contains(tokens, number(g.tokenID())) ||
			query.Get("repository") != "" && !slices.Contains(g.Repositories, query.Get("repository"))
	})
	slices.SortStableFunc(kept, func(a, b Grant) int { return cmp.Compare(stamp(b.Granted), stamp(a.Granted)) })
	return kept
}

func (g Grant) id() int64      { return orElse(g.ID, idOf("grant "+g.Owner+g.TokenName)) }
func (g Grant) tokenID() int64 { return orElse(g.TokenID, idOf("token "+g.Owner+g.TokenName)) }

func (c *call) grantObject(name, path string, g Grant) Object {
	return shape(name, Object{
		"id": g.id(), "owner": c.simpleUser(g.Owner), "repository_selection": orElse(g.Selection, "none"),
		"repositories_url": c.base() + "/orgs/" + c.org.Login + path + number(g.id()) + "/repositories",
		"permissions":      permissionsByLevel(g.Permissions), "token_id": g.tokenID(), "token_name": g.TokenName,
		"token_expired": g.Expired, "token_expires_at": stampOrNull(g.Expires), "token_last_used_at": stampOrNull(g.LastUsed),
	})
}

// permissionsByLevel writes permissions as the lists of grants have them.
func permissionsByLevel(text string) Object {
	needs, err := rules.ParseNeeds(text)
	if err != nil {
		return Object{}
	}
	out := Object{}
	for _, p := range needs.Permissions() {
		level := map[rules.Level]string{rules.LevelAccount: "other"}[p.Level]
		level = orElse(level, string(p.Level))
		if out[level] == nil {
			out[level] = Object{}
		}
		out[level].(Object)[p.Name] = p.Access
	}
	return out
}

func grantRepositories(c *call) answer {
	return c.repositoriesOf(c.org.Grants, c.params["pat_id"])
}

func grantRequestRepositories(c *call) answer {
	return c.repositoriesOf(c.org.Requests, c.params["pat_request_id"])
}

func (c *call) repositoriesOf(all []Grant, text string) answer {
	id, err := strconv.ParseInt(text, 10, 64)
	for _, g := range all {
		if err != nil || g.id() != id {
			continue
		}
		if g.Selection != "all" {
			return c.list(c.repositoriesNamed(g.Repositories))
		}
		return c.list(c.chosen("minimal-repository", func(r *Repository) bool { return strings.EqualFold(r.Owner, c.org.Login) }))
	}
	return notFound()
}

// authorizations lists the credentials that single sign-on lets in. That an
// organization without it has no such list is a guess.
func authorizations(c *call) answer {
	if !c.org.SAML {
		return notFound()
	}
	return c.list(rowsOf(c.org.Authorizations, func(o Object) any {
		return shape("", Object{
			"login": "monalisa", "credential_id": 1, "credential_type": "personal access token", "token_last_eight": "12345678",
			"credential_authorized_at": stamp(c.s.started), "scopes": []string{"repo"}, "fingerprint": nil,
			"credential_accessed_at": nil, "authorized_credential_id": 1, "authorized_credential_note": "", "authorized_credential_expires_at": nil,
		}, o)
	}))
}
