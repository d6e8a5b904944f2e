package githubtest

import (
	"net/http"
	"slices"
)

// reviewComment is a comment in the body of a review.
type reviewComment struct {
	Path      string `json:"path"`
	Body      string `json:"body"`
	Line      int    `json:"line"`
	StartLine int    `json:"start_line"`
	Side      string `json:"side"`
}

// createReview writes a review with its comments, all of them or none: GitHub
// refuses the whole where one comment does not stand in the difference.
func createReview(c *call) answer {
	var in struct {
		Body, Event string
		CommitID    string `json:"commit_id"`
		Comments    []reviewComment
	}
	if refused := c.input(&in); refused != nil {
		return *refused
	}
	n := c.params["pull_number"]
	o, found := c.row("pulls", "number", n)
	files, _ := c.filesOf(n)
	switch {
	case !found:
		return notFound()
	case in.Event == "APPROVE" && c.forbidden():
		return unprocessable("GitHub Actions is not permitted to approve pull requests.")
	case (in.Event == "APPROVE" || in.Event == "REQUEST_CHANGES") && c.authorOf(o) == c.actor():
		return unprocessable("Can not " + map[string]string{"APPROVE": "approve", "REQUEST_CHANGES": "request changes on"}[in.Event] + " your own pull request")
	case in.Event == "COMMENT" && in.Body == "" && len(in.Comments) == 0:
		return unprocessable("Body can't be blank")
	}
	for _, comment := range in.Comments {
		if why := comment.misplaced(files); why != "" {
			return unprocessable(why)
		}
	}
	return c.review(n, in.Body, in.Event, in.CommitID, in.Comments)
}

func unprocessable(why string) answer {
	a := failure(http.StatusUnprocessableEntity, "Unprocessable Entity")
	a.value.(Object)["errors"] = []string{why}
	return a
}

func (c *call) authorOf(o Object) string {
	user, _ := o["user"].(Object)
	login, _ := user["login"].(string)
	return login
}

// misplaced says why a comment cannot stand where it is put, "" where it can.
func (m reviewComment) misplaced(files []Object) string {
	i := slices.IndexFunc(files, func(o Object) bool { return o["filename"] == m.Path })
	if i < 0 {
		return "Path could not be resolved"
	}
	patch, _ := files[i]["patch"].(string)
	if m.Side == "LEFT" || m.Line == 0 {
		return ""
	}
	if !inHunk(patch, m.Line) || m.StartLine > 0 && !inHunk(patch, m.StartLine) {
		return "Line could not be resolved"
	}
	return ""
}

// review stores a review and its comments.
func (c *call) review(n, body, event, commit string, comments []reviewComment) answer {
	id, now := c.nextID(), stamp(c.s.now())
	url := c.repoURL() + "/pulls/" + n
	states := map[string]string{"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}
	web := c.webURL() + "/pull/" + n + "#pullrequestreview-" + number(id)
	o := shape("pull-request-review", Object{
		"id": id, "node_id": nodeID("PRR", id), "user": c.simpleUser(c.actor()), "body": body, "state": orElse(states[event], "PENDING"),
		"html_url": web, "pull_request_url": url, "commit_id": textOrNull(commit), "submitted_at": now, "author_association": "NONE",
		"_links": Object{"html": Object{"href": web}, "pull_request": Object{"href": url}},
	})
	c.add("pulls/"+n+"/reviews", o)
	for _, m := range comments {
		c.add("pulls/"+n+"/comments", c.reviewCommentObject(m, n, id, commit))
	}
	return ok(o)
}

func (c *call) reviewCommentObject(m reviewComment, n string, review int64, commit string) Object {
	id, now := c.nextID(), stamp(c.s.now())
	url := c.repoURL() + "/pulls/comments/" + number(id)
	web := c.webURL() + "/pull/" + n + "#discussion_r" + number(id)
	pull := c.repoURL() + "/pulls/" + n
	o := shape("pull-request-review-comment", Object{
		"id": id, "node_id": nodeID("PRRC", id), "url": url, "html_url": web, "pull_request_review_id": review, "diff_hunk": "@@",
		"path": m.Path, "body": m.Body, "commit_id": commit, "original_commit_id": commit, "user": c.simpleUser(c.actor()),
		"created_at": now, "updated_at": now, "pull_request_url": pull, "author_association": "NONE", "side": orElse(m.Side, "RIGHT"),
		"_links": Object{"self": Object{"href": url}, "html": Object{"href": web}, "pull_request": Object{"href": pull}},
	})
	if m.Line > 0 {
		o["line"], o["original_line"] = m.Line, m.Line
	}
	if m.StartLine > 0 {
		o["start_line"], o["original_start_line"], o["start_side"] = m.StartLine, m.StartLine, "RIGHT"
	}
	return o
}

func pullComments(c *call) answer {
	return c.list(rowsOf(c.rowsAt("pulls/"+c.params["pull_number"]+"/comments"), func(o Object) any {
		return shape("pull-request-review-comment", o)
	}))
}
