package inventory

import (
	"slices"
	"strings"
)

// Bounds of what is asked about teams.
const (
	// teamsAtOnce is how many teams a query asks for, each with a hundred
	// repositories.
	teamsAtOnce = 25
	// maxTeamQueries bounds the queries of an account.
	maxTeamQueries = 4000
)

// teamRepositories is the part of a query that asks for a team's repositories.
const teamRepositories = `repositories(first: 100, after: $after) {
	pageInfo { hasNextPage endCursor }
	edges { permission node { nameWithOwner } }
}`

// teamsQuery asks for teams with the first page of their repositories,
// teamQuery for the next page of one.
const (
	teamsQuery = `query ($login: String!, $first: Int!, $cursor: String, $after: String) {
	organization(login: $login) {
		teams(first: $first, after: $cursor) {
			pageInfo { hasNextPage endCursor }
			nodes { slug ` + teamRepositories + ` }
		}
	}
}`
	teamQuery = `query ($login: String!, $slug: String!, $after: String) {
	organization(login: $login) { team(slug: $slug) { slug ` + teamRepositories + ` } }
}`
)

// pageInfo is where a connection goes on.
type pageInfo struct {
	HasNextPage bool   `json:"hasNextPage"`
	EndCursor   string `json:"endCursor"`
}

// team is a team in GraphQL.
type team struct {
	Slug         string `json:"slug"`
	Repositories struct {
		PageInfo pageInfo `json:"pageInfo"`
		Edges    []struct {
			Permission string `json:"permission"`
			Node       struct {
				NameWithOwner string `json:"nameWithOwner"`
			} `json:"node"`
		} `json:"edges"`
	} `json:"repositories"`
}

// teams finds out which teams may write to which repositories.
func (a *asker) teams() {
	cursor := ""
	for queries := 0; !a.over(); {
		var answer struct {
			Organization *struct {
				Teams struct {
					PageInfo pageInfo `json:"pageInfo"`
					Nodes    []*team  `json:"nodes"`
				} `json:"teams"`
			} `json:"organization"`
		}
		queries++
		err := a.client.Query(a.ctx, teamsQuery, variables("login", a.out.Account, "first", teamsAtOnce, "cursor", cursor), &answer)
		if err != nil {
			a.failed("the teams of "+a.out.Account, "teams/list", err)
		}
		if answer.Organization == nil {
			break // else a part was refused, and the rest is good
		}
		for _, t := range answer.Organization.Teams.Nodes {
			for t != nil && a.team(t) && !a.over() {
				if queries++; queries > maxTeamQueries {
					a.note("not all teams of " + a.out.Account + " were read: there are too many")
					return
				}
				t = a.rest(t)
			}
		}
		page := answer.Organization.Teams.PageInfo
		if !page.HasNextPage || page.EndCursor == "" || page.EndCursor == cursor || queries > maxTeamQueries {
			break
		}
		cursor = page.EndCursor
	}
	for _, slugs := range a.out.Teams {
		slices.Sort(slugs)
	}
}

// rest asks for the next page of a team's repositories; nil where there is
// none.
func (a *asker) rest(t *team) *team {
	var answer struct {
		Organization *struct {
			Team *team `json:"team"`
		} `json:"organization"`
	}
	after := t.Repositories.PageInfo.EndCursor
	err := a.client.Query(a.ctx, teamQuery, variables("login", a.out.Account, "slug", t.Slug, "after", after), &answer)
	if err != nil {
		a.failed("the teams of "+a.out.Account, "teams/list", err)
	}
	if answer.Organization == nil || answer.Organization.Team == nil {
		return nil
	}
	next := answer.Organization.Team
	if next.Repositories.PageInfo.EndCursor == after {
		next.Repositories.PageInfo.HasNextPage = false // a list without end
	}
	return next
}

// team notes the repositories that a team may write to, and tells whether
// there are more to ask for.
func (a *asker) team(t *team) (more bool) {
	for _, e := range t.Repositories.Edges {
		switch e.Permission {
		case "WRITE", "MAINTAIN", "ADMIN":
			key, slug := strings.ToLower(short(e.Node.NameWithOwner)), short(t.Slug)
			if !slices.Contains(a.out.Teams[key], slug) {
				a.out.Teams[key] = append(a.out.Teams[key], slug)
			}
		}
	}
	return t.Repositories.PageInfo.HasNextPage && t.Repositories.PageInfo.EndCursor != ""
}

// variables are those of a query, given as names and values in turn. An empty
// text is null.
func variables(pairs ...any) map[string]any {
	out := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			out[pairs[i].(string)] = pairs[i+1]
		}
	}
	return out
}
