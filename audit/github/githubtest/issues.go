package githubtest

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

func (c *call) issueObject(o Object) Object {
	n := textOf(o["number"])
	url := c.repoURL() + "/issues/" + n
	id := idOf(c.repo.FullName() + "#" + n)
	return shape("issue", Object{
		"id": id, "node_id": nodeID("I", id), "url": url, "html_url": c.webURL() + "/issues/" + n, "repository_url": c.repoURL(),
		"number": 1, "state": "open", "labels": []any{}, "assignees": []any{}, "user": c.simpleUser(c.repo.Owner), "body": nil,
		"labels_url": url + "/labels{/name}", "author_association": "NONE",
	}, o)
}

// stateIs tells whether a row is in the state that a list asks for.
func (c *call) stateIs(o Object) bool {
	want := orElse(c.query().Get("state"), "open")
	state, _ := o["state"].(string)
	return want == "all" || want == orElse(state, "open")
}

func issues(c *call) answer {
	kept := slices.DeleteFunc(slices.Clone(c.rowsAt("issues")), func(o Object) bool {
		label := c.query().Get("labels")
		creator := c.query().Get("creator")
		return !c.stateIs(o) || label != "" && !hasLabel(o, label) || creator != "" && !strings.EqualFold(creator, c.loginOf(o))
	})
	slices.Reverse(kept)
	return c.list(rowsOf(kept, func(o Object) any { return c.issueObject(o) }))
}

// loginOf is the login of who wrote an issue or a pull request.
func (c *call) loginOf(o Object) string {
	user, given := o["user"].(Object)
	if !given {
		return c.repo.Owner
	}
	return text(user["login"])
}

// bodyLimit is how many characters GitHub takes as the body of an issue or a
// pull request.
const bodyLimit = 65536

// tooLong answers a body that is longer.
func tooLong(resource string, in Object) *answer {
	if utf8.RuneCountInString(text(in["body"])) <= bodyLimit {
		return nil
	}
	a := invalid(resource, "body", "custom")
	a.value.(Object)["errors"] = []Object{{"resource": resource, "field": "body", "code": "custom", "message": "body is too long (maximum is 65536 characters)"}}
	return &a
}

func hasLabel(o Object, name string) bool {
	labels, _ := o["labels"].([]any)
	return slices.ContainsFunc(labels, func(l any) bool {
		label, _ := l.(Object)
		return label["name"] == name
	})
}

// labelled turns the names of labels in a body into labels.
func labelled(in Object) Object {
	names, ok := in["labels"].([]any)
	if !ok {
		return in
	}
	labels := []any{}
	for _, n := range names {
		labels = append(labels, Object{"name": n})
	}
	in["labels"] = labels
	return in
}

// nextNumber numbers issues and pull requests together.
func (c *call) nextNumber() int {
	last := 0
	for _, path := range []string{"issues", "pulls"} {
		for _, o := range c.rowsAt(path) {
			n, _ := strconv.Atoi(textOf(o["number"]))
			last = max(last, n)
		}
	}
	return last + 1
}

func createIssue(c *call) answer {
	in := c.given("title", "body", "labels")
	if title, _ := in["title"].(string); title == "" {
		return invalid("Issue", "title", "missing_field")
	}
	if refused := tooLong("Issue", in); refused != nil {
		return *refused
	}
	now := stamp(c.s.now())
	o := c.add("issues", shape("", labelled(in), Object{
		"number": c.nextNumber(), "state": "open", "user": c.simpleUser(c.actor()), "created_at": now, "updated_at": now,
	}))
	return created(c.issueObject(o))
}

func issue(c *call) answer {
	if o, found := c.row("issues", "number", c.params["issue_number"]); found {
		return ok(c.issueObject(o))
	}
	return notFound()
}

func updateIssue(c *call) answer {
	in := labelled(c.given("title", "body", "state", "state_reason", "labels"))
	if refused := tooLong("Issue", in); refused != nil {
		return *refused
	}
	in["updated_at"] = stamp(c.s.now())
	maps.Copy(in, c.closing(in))
	if o, found := c.change("issues", "number", c.params["issue_number"], in); found {
		return ok(c.issueObject(o))
	}
	return notFound()
}

// closing is the date that a change of state sets.
func (c *call) closing(in Object) Object {
	switch in["state"] {
	case "closed":
		return Object{"closed_at": stamp(c.s.now())}
	case "open":
		return Object{"closed_at": nil}
	}
	return nil
}

func createComment(c *call) answer {
	n := c.params["issue_number"]
	_, isIssue := c.row("issues", "number", n)
	if _, isPull := c.row("pulls", "number", n); !isIssue && !isPull {
		return notFound()
	}
	in := c.given("body")
	if body, _ := in["body"].(string); body == "" {
		return invalid("IssueComment", "body", "missing_field")
	}
	id, now := c.nextID(), stamp(c.s.now())
	o := shape("issue-comment", Object{
		"id": id, "node_id": nodeID("IC", id), "url": c.repoURL() + "/issues/comments/" + number(id), "issue_url": c.repoURL() + "/issues/" + n,
		"html_url": c.webURL() + "/issues/" + n + "#issuecomment-" + number(id), "user": c.simpleUser(c.actor()), "created_at": now, "updated_at": now,
		"author_association": "NONE", "performed_via_github_app": nil,
	}, in)
	c.add("issues/comments", o)
	return created(c.add("issues/"+n+"/comments", o))
}

// commentPath is the list that a comment was written to.
func (c *call) commentPath() (string, bool) {
	o, found := c.row("issues/comments", "id", c.params["comment_id"])
	url, _ := o["issue_url"].(string)
	return "issues/" + url[max(0, len(c.repoURL()+"/issues/")):] + "/comments", found && url != ""
}

func comment(c *call) answer {
	if o, found := c.row("issues/comments", "id", c.params["comment_id"]); found {
		return ok(o)
	}
	return notFound()
}

func updateComment(c *call) answer {
	in := c.given("body")
	in["updated_at"] = stamp(c.s.now())
	path, found := c.commentPath()
	if !found {
		return notFound()
	}
	c.change(path, "id", c.params["comment_id"], in)
	o, _ := c.change("issues/comments", "id", c.params["comment_id"], in)
	return answer{status: http.StatusOK, value: o}
}
