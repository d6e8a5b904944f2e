package githubtest

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"
)

// query sends a query and returns the status and the body.
func (c client) query(token, query string, variables map[string]any) (int, string) {
	c.t.Helper()
	body, err := json.Marshal(gqlRequest{Query: query, Variables: variables})
	if err != nil {
		c.t.Fatal(err)
	}
	resp, data := c.do("POST", "/graphql", token, strings.NewReader(string(body)))
	return resp.StatusCode, string(data)
}

func TestGraphQL(t *testing.T) {
	world := testWorld()
	world.Repositories[0].Lists["discussions"] = []Object{{"title": "Talk"}}
	c := client{t, New(t, world)}
	for _, test := range []struct {
		name, token, query string
		variables          map[string]any
		status             int
		want               string
	}{
		{"no token", "", `{viewer{login}}`, nil, 401, `"This endpoint requires you to be authenticated."`},
		{"viewer", "fine", `{viewer{login __typename}}`, nil, 200, `{"data":{"viewer":{"login":"mona","__typename":"User"}}}`},
		{"limit", "classic", `{rateLimit{cost limit nodeCount remaining used}}`, nil, 200, `"rateLimit":{"cost":1,"limit":5000,"nodeCount":0,"remaining":4999,"used":1}`},
		{
			"files", "classic", `query($o:String!,$n:String!){repository(owner:$o,name:$n){...f isArchived}}
fragment f on Repository{a:object(expression:"HEAD:README.md"){...on Blob{text isBinary}} b:object(expression:"main:src"){...on Tree{entries{name type path}}} c:object(expression:"v2:x"){oid}}`,
			map[string]any{"o": "mona", "n": "open"}, 200,
			`{"data":{"repository":{"a":{"text":"Hi","isBinary":false},"b":{"entries":[{"name":"a","type":"tree","path":"src/a"}]},"c":null,"isArchived":false}}}`,
		},
		{"skipped", "classic", `query($x:Boolean!){viewer{login @skip(if:$x) name @include(if:$x)}}`, map[string]any{"x": true}, 200, `{"viewer":{"name":"Mona"}}`},
		{"default branch", "classic", `{repository(owner:"mona",name:"open"){defaultBranchRef{name prefix target{... on Commit{message}}} viewerPermission}}`, nil, 200, `{"name":"main","prefix":"refs/heads/","target":{"message":"Commit on refs/heads/main"}},"viewerPermission":"ADMIN"`},
		{"empty", "classic", `{repository(owner:"mona",name:"empty"){isEmpty defaultBranchRef{name}}}`, nil, 200, `{"isEmpty":true,"defaultBranchRef":null}`},
		{"renamed", "classic", `{repository(owner:"mona",name:"old"){name}}`, nil, 200, `{"name":"open"}`},
		{"unseen", "fine", `{repository(owner:"octo",name:"app"){name}}`, nil, 200, `"type":"NOT_FOUND","path":["repository"],"locations":[{"column":2,"line":1}],"message":"Could not resolve to a Repository with the name 'octo/app'."`},
		{"single sign-on", "classic", `{repository(owner:"saml",name:"vault"){name}}`, nil, 200, `"extensions":{"saml_failure":true}`},
		{"organization with single sign-on", "classic", `{organization(login:"saml"){login}}`, nil, 200, `"path":["organization"],"locations":[{"column":2,"line":1}],"extensions":{"saml_failure":true}`},
		{"files of one's own", "job", `{repository(owner:"mona",name:"closed"){object(expression:"HEAD:a"){oid}}}`, nil, 200, `"repository":{"object":{"oid":`},
		{"no discussions", "job", `{repository(owner:"mona",name:"closed"){discussions(first:1){totalCount}}}`, nil, 200, `"type":"FORBIDDEN","path":["repository","discussions"]`},
		{"discussions", "job", `{repository(owner:"mona",name:"open"){discussions(first:1){totalCount nodes{title}}}}`, nil, 200, `{"totalCount":1,"nodes":[{"title":"Talk"}]}`},
		{"no page", "classic", `{viewer{repositories{totalCount}}}`, nil, 200, `"type":"MISSING_PAGINATION_BOUNDARIES"`},
		{"large page", "classic", `{viewer{repositories(first:101){totalCount}}}`, nil, 200, `"type":"EXCESSIVE_PAGINATION"`},
		{"bad cursor", "classic", `{viewer{repositories(first:1,after:"x"){totalCount}}}`, nil, 200, `"type":"INVALID_CURSOR_ARGUMENTS"`},
		{"too many nodes", "classic", `{viewer{organizations(first:100){nodes{repositories(first:100){nodes{refs(first:100,refPrefix:"refs/heads/"){totalCount}}}}}}}`, nil, 200, `"type":"MAX_NODE_LIMIT_EXCEEDED"`},
		{"node", "classic", `query($id:ID!){node(id:$id){...on Repository{name}} nodes(ids:[$id,"R_zz"]){id}}`, map[string]any{"id": nodeID("R", idOf("mona/open"))}, 200, `"node":{"name":"open"},"nodes":[{"id":"` + nodeID("R", idOf("mona/open")) + `"},null]`},
		{"variable missing", "classic", `query($o:String!){repository(owner:$o,name:"x"){name}}`, nil, 200, `"errors":[{`},
	} {
		status, body := c.query(test.token, test.query, test.variables)
		if status != test.status || !strings.Contains(body, test.want) {
			t.Errorf("%s: %d %s\nwant %d %s", test.name, status, body, test.status, test.want)
		}
	}
}

func TestGraphQLPages(t *testing.T) {
	c := client{t, New(t, testWorld())}
	const query = `query($after:String){organization(login:"octo"){repositories(first:1,after:$after,orderBy:{field:NAME,direction:DESC}){totalCount nodes{name} pageInfo{hasNextPage endCursor}}}}`
	var names []string
	variables := map[string]any{}
	for range 5 {
		_, body := c.query("classic", query, variables)
		var out struct {
			Data struct {
				Organization struct {
					Repositories struct {
						TotalCount int
						Nodes      []struct{ Name string }
						PageInfo   struct {
							HasNextPage bool
							EndCursor   string
						}
					}
				}
			}
		}
		if err := json.Unmarshal([]byte(body), &out); err != nil {
			t.Fatal(err)
		}
		page := out.Data.Organization.Repositories
		for _, n := range page.Nodes {
			names = append(names, n.Name)
		}
		if variables["after"] = page.PageInfo.EndCursor; !page.PageInfo.HasNextPage {
			break
		}
	}
	if diff := cmp.Diff([]string{"web", "app"}, names); diff != "" {
		t.Error(diff)
	}
}

func TestGraphQLBudget(t *testing.T) {
	world := testWorld()
	world.Limits.GraphQLObjects = 10
	c := client{t, New(t, world)}
	if status, body := c.query("classic", `{viewer{repositories(first:5){nodes{owner{login} name}}}}`, nil); status != 502 || !strings.Contains(body, "Something went wrong") {
		t.Errorf("a large query: %d %s", status, body)
	}
	if status, _ := c.query("classic", `{viewer{repositories(first:1){nodes{name}}}}`, nil); status != 200 {
		t.Errorf("a small query: %d", status)
	}
}

// TestSchema holds our part of the schema against GitHub's.
func TestSchema(t *testing.T) {
	public, err := loadedGraphQL()
	if err != nil {
		t.Fatal(err)
	}
	if public == nil {
		t.Skip("PATROL_GRAPHQL_SCHEMA is not set")
	}
	ours, err := schema()
	if err != nil {
		t.Fatal(err)
	}
	for name, def := range ours.Types {
		theirs := public.schema.Types[name]
		if theirs == nil {
			t.Errorf("GitHub has no type %s", name)
			continue
		}
		compareFields(t, def, theirs)
		for _, v := range def.EnumValues {
			if theirs.EnumValues.ForName(v.Name) == nil {
				t.Errorf("GitHub has no %s.%s", name, v.Name)
			}
		}
	}
}

func compareFields(t *testing.T, ours, theirs *ast.Definition) {
	for _, f := range ours.Fields {
		g := theirs.Fields.ForName(f.Name)
		if g == nil || g.Type.String() != f.Type.String() {
			t.Errorf("GitHub has no %s.%s of type %s", ours.Name, f.Name, f.Type)
			continue
		}
		for _, a := range f.Arguments {
			if b := g.Arguments.ForName(a.Name); b == nil || b.Type.String() != a.Type.String() {
				t.Errorf("GitHub has no %s.%s(%s: %s)", ours.Name, f.Name, a.Name, a.Type)
			}
		}
	}
}
