package githubtest

import (
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/patrol-actions/patrol/rules"
)

// query makes the objects of one query.
type query struct {
	c *call
	// built are the refs of repositories by full name.
	built map[string]refs
	// sso is the header where single sign-on refused something.
	sso string
}

// written is Server.written, once for each repository.
func (q *query) written(r *Repository) refs {
	x, ok := q.built[r.FullName()]
	if !ok {
		x = q.c.s.written(r)
		q.built[r.FullName()] = x
	}
	return x
}

// allowed asks what a REST operation would answer, so that both interfaces
// refuse alike.
func (q *query) allowed(e *rules.Endpoint, r *Repository) *gqlError {
	asked := &call{s: q.c.s, r: q.c.r, token: q.c.token, endpoint: e, repo: r}
	return q.refusal(asked.authorize(), r.FullName())
}

// refusal turns the answer of REST into an error of GraphQL.
func (q *query) refusal(refused *answer, name string) *gqlError {
	if refused == nil {
		return nil
	}
	body, _ := refused.value.(Object)
	out := &gqlError{Type: "FORBIDDEN", Message: text(body["message"])}
	switch {
	case refused.header.Get("X-GitHub-SSO") != "":
		out.Extensions = map[string]any{"saml_failure": true}
		q.sso = refused.header.Get("X-GitHub-SSO")
	case refused.status == http.StatusNotFound:
		return unresolved(name)
	}
	return out
}

func unresolved(name string) *gqlError {
	return &gqlError{Type: "NOT_FOUND", Message: "Could not resolve to a Repository with the name '" + name + "'."}
}

// operation is an endpoint of the table, or one that takes nothing.
func operationNamed(id string) *rules.Endpoint {
	if e, ok := rules.OperationByID(id); ok {
		return e
	}
	return &rules.Endpoint{Method: http.MethodGet, Public: true}
}

// discussionsEndpoint stands for reading discussions, which REST cannot.
var discussionsEndpoint = &rules.Endpoint{
	Method: http.MethodGet, Path: "/graphql", FineGrainedPAT: true, Installation: true, Public: true,
	Needs: rules.Needs{{{Level: rules.LevelRepository, Name: "discussions", Access: rules.AccessRead}}},
}

func (q *query) repositoryField(args map[string]any) (any, *gqlError) {
	name := text(args["owner"]) + "/" + text(args["name"])
	r := q.c.s.index.repo(name)
	if r == nil && args["followRenames"] != false {
		r = q.c.s.index.repo(q.c.s.index.former[strings.ToLower(name)])
	}
	if r == nil {
		return nil, unresolved(name)
	}
	if refused := q.allowed(operationNamed("repos/get"), r); refused != nil {
		return nil, refused
	}
	return q.repository(r), nil
}

func (q *query) ownerField(kind string) resolver {
	return func(args map[string]any) (any, *gqlError) {
		login := text(args["login"])
		o := q.c.s.index.org(login)
		_, known := q.c.s.index.users[strings.ToLower(login)]
		switch {
		case o != nil && kind != "User" && q.c.s.unauthorized(q.c.token, o):
			return nil, q.refusal(q.c.s.policy(q.c.token, o, nil), login)
		case o != nil && kind != "User":
			return q.organization(o), nil
		case known && kind != "Organization":
			return q.user(login), nil
		case kind == "":
			return nil, nil
		}
		return nil, &gqlError{Type: "NOT_FOUND", Message: "Could not resolve to " + map[string]string{"User": "a User", "Organization": "an Organization"}[kind] + " with the login of '" + login + "'."}
	}
}

// node finds a repository, or a comment on a line of a pull request, by its
// global id; other objects are not found.
func (q *query) node(id string) (*gqlObject, *gqlError) {
	if strings.HasPrefix(id, "PRRC_") {
		if o := q.reviewComment(id); o != nil {
			return o, nil
		}
	}
	r, missing := q.repositoryNode(id)
	if missing != nil {
		return nil, missing
	}
	return q.repository(r), nil
}

func (q *query) repositoryNode(id string) (*Repository, *gqlError) {
	missing := &gqlError{Type: "NOT_FOUND", Message: "Could not resolve to a node with the global id of '" + id + "'."}
	kind, number, _ := strings.Cut(id, "_")
	n, err := strconv.ParseInt(number, 36, 64)
	if err != nil || kind != "R" {
		return nil, missing
	}
	r := q.c.s.index.repoByID(strconv.FormatInt(n, 10))
	if r == nil || q.allowed(operationNamed("repos/get"), r) != nil {
		return nil, missing
	}
	return r, nil
}

// reviewComment finds a comment that was written to a pull request; nil for
// none that the token may read.
func (q *query) reviewComment(id string) *gqlObject {
	for name, written := range q.c.s.state {
		r := q.c.s.index.repos[name]
		for path, rows := range written.rows {
			if !strings.HasPrefix(path, "pulls/") || !strings.HasSuffix(path, "/comments") {
				continue
			}
			found := slices.ContainsFunc(rows, func(o Object) bool { return o["node_id"] == id })
			if found && q.allowed(operationNamed("pulls/list-review-comments"), r) == nil {
				return q.c.s.comment(id)
			}
		}
	}
	return nil
}

func (q *query) owner(kind, login string) *gqlObject {
	id := q.c.s.index.userID(login)
	return &gqlObject{kind: kind, fields: map[string]any{
		"id": nodeID(kind[:1], id), "databaseId": id, "login": login, "url": "https://github.com/" + login,
		"repositories": q.repositories(login),
	}}
}

func (q *query) user(login string) *gqlObject {
	u := q.c.s.index.user(login)
	return q.owner("User", u.Login).with(map[string]any{
		"name": textOrNull(u.Name),
		"organizations": resolver(func(args map[string]any) (any, *gqlError) {
			var all []*Organization
			if strings.EqualFold(login, q.c.token.User) {
				all = q.c.organizations()
			}
			return connection("OrganizationConnection", "organizations", args, len(all), func(i int) *gqlObject { return q.organization(all[i]) })
		}),
	})
}

func (q *query) organization(o *Organization) *gqlObject {
	return q.owner("Organization", o.Login).with(map[string]any{
		"name": nil, "viewerCanAdminister": o.role(q.c.token.User) == "admin", "viewerIsAMember": o.role(q.c.token.User) != "",
	}).with(q.teamFields(o))
}

// repositories are those of an owner that the token sees.
func (q *query) repositories(login string) resolver {
	return func(args map[string]any) (any, *gqlError) {
		c := *q.c
		key := c.token.Name + " " + c.token.Value + " graphql " + login + " " + signature(args)
		order, _ := args["orderBy"].(map[string]any)
		sort := map[string]string{"NAME": "full_name", "PUSHED_AT": "pushed", "UPDATED_AT": "updated", "CREATED_AT": "created"}[text(order["field"])]
		found := c.s.index.sorted(key, func(r *Repository) bool {
			return c.s.owns(login, r, args["ownerAffiliations"]) && fits(r, args) && c.lists(r)
		}, sort, strings.ToLower(text(order["direction"])))
		return connection("RepositoryConnection", "repositories", args, len(found), func(i int) *gqlObject {
			return q.repository(c.s.index.at(found[i]))
		})
	}
}

// owns tells whether a repository is among those of a login, by the
// affiliations asked for.
func (s *Server) owns(login string, r *Repository, affiliations any) bool {
	if s.index.org(login) != nil {
		return strings.EqualFold(login, r.Owner)
	}
	all, _ := affiliations.([]any)
	kind := strings.ToUpper(s.affiliation(login, r))
	for _, a := range all {
		if a == kind {
			return true
		}
	}
	return false
}

// fits tells whether the filters of a connection let a repository in.
func fits(r *Repository, args map[string]any) bool {
	for name, value := range map[string]bool{"isArchived": r.Archived, "isFork": r.Fork} {
		if want, ok := args[name].(bool); ok && want != value {
			return false
		}
	}
	if privacy, ok := args["privacy"].(string); ok && (privacy == "PUBLIC") != r.public() {
		return false
	}
	visibility, ok := args["visibility"].(string)
	return !ok || visibility == strings.ToUpper(orElse(r.Visibility, Public))
}

func (q *query) repository(r *Repository) *gqlObject {
	role := "NONE"
	if q.c.userToken() {
		role = strings.ToUpper(q.c.s.role(q.c.token.User, r))
	}
	owner := "User"
	if q.c.s.index.org(r.Owner) != nil {
		owner = "Organization"
	}
	pushed := stampOrNull(r.PushedAt)
	if !r.Empty {
		pushed = stamp(r.PushedAt)
	}
	return &gqlObject{kind: "Repository", fields: map[string]any{
		"id": nodeID("R", r.id()), "databaseId": r.id(), "name": r.Name, "nameWithOwner": r.FullName(), "url": "https://github.com/" + r.FullName(),
		"owner":       resolver(func(map[string]any) (any, *gqlError) { return q.owner(owner, r.Owner), nil }),
		"description": nil, "isArchived": r.Archived, "isDisabled": r.Disabled, "isEmpty": r.Empty, "isFork": r.Fork,
		"isInOrganization": owner == "Organization", "isPrivate": !r.public(), "isTemplate": r.Template,
		"visibility": strings.ToUpper(orElse(r.Visibility, Public)), "viewerPermission": map[bool]any{true: role, false: nil}[role != "NONE"],
		"viewerCanAdminister": role == "ADMIN", "createdAt": stamp(q.c.s.started.AddDate(-1, 0, 0)), "pushedAt": pushed,
		"updatedAt": stamp(r.PushedAt), "diskUsage": r.size(), "hasDiscussionsEnabled": len(r.Lists["discussions"]) > 0,
		"defaultBranchRef": resolver(func(map[string]any) (any, *gqlError) { return q.ref(r, "refs/heads/"+r.branch()) }),
		"ref": resolver(func(args map[string]any) (any, *gqlError) {
			name := text(args["qualifiedName"])
			if !strings.HasPrefix(name, "refs/") {
				name = "refs/heads/" + name
			}
			return q.ref(r, name)
		}),
		"refs":   resolver(func(args map[string]any) (any, *gqlError) { return q.refs(r, args) }),
		"object": resolver(func(args map[string]any) (any, *gqlError) { return q.expression(r, args) }),
		"repositoryTopics": resolver(func(args map[string]any) (any, *gqlError) {
			return connection("RepositoryTopicConnection", "repositoryTopics", args, len(r.Topics), func(i int) *gqlObject {
				topic := &gqlObject{kind: "Topic", fields: map[string]any{"id": "TO_" + r.Topics[i], "name": r.Topics[i]}}
				return &gqlObject{kind: "RepositoryTopic", fields: map[string]any{"id": "RT_" + r.Topics[i], "topic": topic}}
			})
		}),
		"discussions": resolver(func(args map[string]any) (any, *gqlError) { return q.discussions(r, args) }),
	}}
}

func (q *query) discussions(r *Repository, args map[string]any) (any, *gqlError) {
	if refused := q.allowed(discussionsEndpoint, r); refused != nil {
		return nil, refused
	}
	all := r.Lists["discussions"]
	return connection("DiscussionConnection", "discussions", args, len(all), func(i int) *gqlObject {
		o := &gqlObject{kind: "Discussion", fields: map[string]any{"id": nodeID("D", int64(i)), "number": i + 1, "title": "", "url": "https://github.com/" + r.FullName()}}
		return o.with(all[i])
	})
}

func (q *query) ref(r *Repository, name string) (any, *gqlError) {
	if refused := q.allowed(operationNamed("git/get-ref"), r); refused != nil {
		return nil, refused
	}
	x := q.written(r)
	if _, found := x.commitOf[name]; !found {
		return nil, nil
	}
	return q.refObject(r, x, name), nil
}

func (q *query) refObject(r *Repository, x refs, name string) *gqlObject {
	prefix := name[:strings.Index(name[5:], "/")+6]
	return &gqlObject{kind: "Ref", fields: map[string]any{
		"id": "REF_" + name, "name": strings.TrimPrefix(name, prefix), "prefix": prefix,
		"repository": resolver(func(map[string]any) (any, *gqlError) { return q.repository(r), nil }),
		"target":     resolver(func(map[string]any) (any, *gqlError) { return q.git(r, x, "commit", x.commitOf[name]), nil }),
	}}
}

func (q *query) refs(r *Repository, args map[string]any) (any, *gqlError) {
	if refused := q.allowed(operationNamed("git/list-matching-refs"), r); refused != nil {
		return nil, refused
	}
	x, prefix := q.written(r), text(args["refPrefix"])
	names := x.names(prefix)
	return connection("RefConnection", "refs", args, len(names), func(i int) *gqlObject { return q.refObject(r, x, prefix+names[i]) })
}

// expression finds what "REF:PATH", "REF" or an id stands for.
func (q *query) expression(r *Repository, args map[string]any) (any, *gqlError) {
	if refused := q.allowed(operationNamed("repos/get-content"), r); refused != nil {
		return nil, refused
	}
	x := q.written(r)
	name, file, below := strings.Cut(orElse(text(args["expression"]), text(args["oid"])), ":")
	if _, isBlob := x.blobs[name]; isBlob && !below {
		return q.git(r, x, "blob", name), nil
	}
	sha, found := x.find(name)
	if !found {
		return nil, nil
	}
	if !below && slices.Contains(r.Annotated, name) {
		return &gqlObject{kind: "Tag", fields: map[string]any{
			"id": "tag_" + sha, "oid": objectID("tag", name+sha), "name": name, "message": "Release",
			"target": resolver(func(map[string]any) (any, *gqlError) { return q.git(r, x, "commit", sha), nil }),
		}}, nil
	}
	if !below {
		return q.git(r, x, "commit", sha), nil
	}
	e, found := x.lookup(x.commits[sha].tree, file)
	if !found {
		return nil, nil
	}
	e.path = file
	return q.gitAt(r, x, e.kind, e.sha, file), nil
}

func (q *query) git(r *Repository, x refs, kind, sha string) *gqlObject {
	return q.gitAt(r, x, kind, sha, "")
}

// textLimit is where GitHub cuts the text of a blob.
const textLimit = 512_000

// gitAt is a git object; dir is the path of a tree, for its entries.
func (q *query) gitAt(r *Repository, x refs, kind, sha, dir string) *gqlObject {
	o := &gqlObject{kind: strings.ToUpper(kind[:1]) + kind[1:], fields: map[string]any{
		"id": kind + "_" + sha, "oid": sha, "abbreviatedOid": sha[:7], "commitUrl": "https://github.com/" + r.FullName() + "/commit/" + sha,
		"repository": resolver(func(map[string]any) (any, *gqlError) { return q.repository(r), nil }),
	}}
	switch kind {
	case "blob":
		content := x.blobs[sha]
		binary := !utf8.ValidString(content) || strings.ContainsRune(content, 0)
		o.with(map[string]any{"byteSize": len(content), "isBinary": binary, "isTruncated": len(content) > textLimit, "text": content[:min(len(content), textLimit)]})
		if binary {
			o.fields["text"] = nil
		}
	case "tree":
		o.with(map[string]any{"entries": resolver(func(map[string]any) (any, *gqlError) { return q.entries(r, x, sha, dir), nil })})
	case "commit":
		data := x.commits[sha]
		o.with(map[string]any{
			"committedDate": "2026-01-02T03:04:05Z", "message": data.message,
			"tree": resolver(func(map[string]any) (any, *gqlError) { return q.git(r, x, "tree", data.tree), nil }),
		})
	}
	return o
}

func (q *query) entries(r *Repository, x refs, sha, dir string) []*gqlObject {
	out := []*gqlObject{}
	for _, e := range x.trees[sha] {
		mode, _ := strconv.ParseInt(e.mode, 8, 64)
		name := path.Join(dir, e.path)
		out = append(out, &gqlObject{kind: "TreeEntry", fields: map[string]any{
			"name": e.path, "path": name, "mode": mode, "oid": e.sha, "type": e.kind, "size": e.size, "extension": path.Ext(e.path),
			"object": resolver(func(map[string]any) (any, *gqlError) { return q.gitAt(r, x, e.kind, e.sha, name), nil }),
		}})
	}
	return out
}
