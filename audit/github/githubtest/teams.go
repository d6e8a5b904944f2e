package githubtest

import (
	"maps"
	"slices"
	"strings"
)

// Team is a team of an organization.
type Team struct {
	Slug string
	// Name is the slug where it is "".
	Name string
	// Repositories are the roles that the team has, by the names of the
	// organization's repositories: "read", "triage", "write", "maintain" or
	// "admin".
	Repositories map[string]string
}

// seesTeams tells what keeps a token from the teams of an organization.
func (q *query) seesTeams(o *Organization) *gqlError {
	e := operationNamed("teams/list")
	asked := &call{s: q.c.s, r: q.c.r, token: q.c.token, endpoint: e, org: o}
	return q.refusal(asked.authorize(), o.Login)
}

// teamFields are the fields of an organization that lead to its teams.
func (q *query) teamFields(o *Organization) map[string]any {
	return map[string]any{
		"teams": resolver(func(args map[string]any) (any, *gqlError) {
			if refused := q.seesTeams(o); refused != nil {
				return nil, refused
			}
			return connection("TeamConnection", "teams", args, len(o.Teams), func(i int) *gqlObject { return q.team(o, o.Teams[i]) })
		}),
		"team": resolver(func(args map[string]any) (any, *gqlError) {
			if refused := q.seesTeams(o); refused != nil {
				return nil, refused
			}
			for _, t := range o.Teams {
				if t.Slug == text(args["slug"]) {
					return q.team(o, t), nil
				}
			}
			return nil, nil
		}),
	}
}

func (q *query) team(o *Organization, t Team) *gqlObject {
	id := idOf("team " + o.Login + "/" + t.Slug)
	return &gqlObject{kind: "Team", fields: map[string]any{
		"id": nodeID("T", id), "databaseId": id, "slug": t.Slug, "name": orElse(t.Name, t.Slug),
		"repositories": resolver(func(args map[string]any) (any, *gqlError) { return q.teamRepositories(o, t, args) }),
	}}
}

// teamRepositories are those of a team that the token sees, by name. Their
// edges say which role the team has.
func (q *query) teamRepositories(o *Organization, t Team, args map[string]any) (any, *gqlError) {
	var all []*Repository
	for _, name := range slices.Sorted(maps.Keys(t.Repositories)) {
		if r := q.c.s.index.repo(o.Login + "/" + name); r != nil && q.c.lists(r) {
			all = append(all, r)
		}
	}
	page, refused := connection("TeamRepositoryConnection", "repositories", args, len(all), func(i int) *gqlObject { return q.repository(all[i]) })
	if refused != nil {
		return nil, refused
	}
	object := page.(*gqlObject)
	from, to, _ := bounds("repositories", args, len(all))
	object.fields["edges"] = resolver(func(map[string]any) (any, *gqlError) {
		out := []*gqlObject{}
		for i := from; i < to; i++ {
			out = append(out, &gqlObject{kind: "TeamRepositoryEdge", fields: map[string]any{
				"cursor": cursor(i), "permission": strings.ToUpper(t.Repositories[all[i].Name]),
				"node": resolver(func(map[string]any) (any, *gqlError) { return q.repository(all[i]), nil }),
			}})
		}
		return out, nil
	})
	return object, nil
}
