package githubtest

import (
	"encoding/base64"
	"net/http"
	"strings"
)

// emptyRepository is the answer where there is no commit yet.
func emptyRepository() answer { return failure(http.StatusConflict, "Git Repository is empty.") }

func (c *call) repoURL() string { return c.base() + "/repos/" + c.repo.FullName() }

func (c *call) webURL() string { return "https://github.com/" + c.repo.FullName() }

// treeLimit is GitHub's bound on a recursive tree.
const treeLimit = 100_000

// gitTree answers with a tree, by its id, a commit's, a branch or a tag.
func gitTree(c *call) answer {
	x := c.refs()
	if len(x.commitOf) == 0 {
		return emptyRepository()
	}
	sha := c.params["tree_sha"]
	if commit, ok := x.find(sha); ok {
		sha = x.commits[commit].tree
	}
	if _, ok := x.trees[sha]; !ok {
		return notFound()
	}
	limit, truncated := orElse(c.repo.TreeLimit, treeLimit), false
	entries := []Object{}
	add := func(e entry) {
		if truncated = truncated || len(entries) >= limit; !truncated {
			entries = append(entries, c.treeEntry(e))
		}
	}
	if c.query().Has("recursive") {
		x.walk(sha, "", add)
	} else {
		for _, e := range x.trees[sha] {
			entries = append(entries, c.treeEntry(e))
		}
	}
	return ok(Object{"sha": sha, "url": c.repoURL() + "/git/trees/" + sha, "tree": entries, "truncated": truncated})
}

func (c *call) treeEntry(e entry) Object {
	o := Object{"path": e.path, "mode": e.mode, "type": e.kind, "sha": e.sha, "url": c.repoURL() + "/git/" + e.kind + "s/" + e.sha}
	if e.kind == "blob" {
		o["size"] = e.size
	}
	return o
}

func gitBlob(c *call) answer {
	sha := c.params["file_sha"]
	content, found := c.refs().blobs[sha]
	if !found {
		return notFound()
	}
	if raw(c.r) {
		return rawAnswer(content)
	}
	return ok(shape("blob", Object{
		"sha": sha, "node_id": "B_" + sha, "size": len(content), "url": c.repoURL() + "/git/blobs/" + sha,
		"content": base64Lines(content), "encoding": "base64",
	}))
}

// raw tells whether a client wants a file as it is.
func raw(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	return strings.HasPrefix(accept, "application/vnd.github.") && strings.Contains(accept, "raw")
}

func rawAnswer(content string) answer {
	a := answer{status: http.StatusOK, body: []byte(content)}
	a.head().Set("Content-Type", "application/vnd.github.raw+json; charset=utf-8")
	return a
}

// base64Lines is base64 as GitHub writes it, with lines of 60 characters.
func base64Lines(content string) string {
	text := base64.StdEncoding.EncodeToString([]byte(content))
	var out strings.Builder
	for len(text) > 0 {
		n := min(60, len(text))
		out.WriteString(text[:n] + "\n")
		text = text[n:]
	}
	return out.String()
}

func gitCommit(c *call) answer {
	sha := c.params["commit_sha"]
	data, found := c.refs().commits[sha]
	if !found {
		return notFound()
	}
	return ok(c.gitCommitObject(sha, data))
}

func (c *call) person() Object {
	return Object{"name": "Mona", "email": "mona@example.com", "date": "2026-01-02T03:04:05Z"}
}

func (c *call) gitCommitObject(sha string, data gitCommitData) Object {
	parents := []Object{}
	for _, p := range data.parents {
		parents = append(parents, Object{"sha": p, "url": c.repoURL() + "/git/commits/" + p, "html_url": c.webURL() + "/commit/" + p})
	}
	return shape("git-commit", Object{
		"sha": sha, "node_id": "C_" + sha, "url": c.repoURL() + "/git/commits/" + sha, "html_url": c.webURL() + "/commit/" + sha,
		"author": c.person(), "committer": c.person(), "message": data.message, "parents": parents,
		"tree":         Object{"sha": data.tree, "url": c.repoURL() + "/git/trees/" + data.tree},
		"verification": Object{"verified": false, "reason": "unsigned", "signature": nil, "payload": nil, "verified_at": nil},
	})
}

func (c *call) commitObject(x refs, sha string) Object {
	data := x.commits[sha]
	author := orElse(data.author, c.repo.Owner)
	inner := c.gitCommitObject(sha, data)
	return shape("commit", Object{
		"sha": sha, "node_id": "C_" + sha, "url": c.repoURL() + "/commits/" + sha, "html_url": c.webURL() + "/commit/" + sha,
		"comments_url": c.repoURL() + "/commits/" + sha + "/comments",
		"commit": Object{
			"url": c.repoURL() + "/git/commits/" + sha, "author": c.person(), "committer": c.person(), "message": data.message,
			"tree": inner["tree"], "comment_count": 0, "verification": inner["verification"],
		},
		"author": c.simpleUser(author), "committer": c.simpleUser(author), "parents": inner["parents"],
	})
}

// commits lists the commits of a branch, newest first.
func commits(c *call) answer {
	x := c.refs()
	sha, found := x.find(c.query().Get("sha"))
	if len(x.commitOf) == 0 {
		return emptyRepository()
	}
	if !found {
		return notFound()
	}
	return c.list(rowsOf(x.line(sha), func(sha string) any { return c.commitObject(x, sha) }))
}

func commit(c *call) answer {
	x := c.refs()
	sha, found := x.find(c.params["ref"])
	if !found {
		return failure(http.StatusUnprocessableEntity, "No commit found for SHA: "+c.params["ref"])
	}
	if strings.Contains(c.r.Header.Get("Accept"), ".sha") {
		return rawAnswer(sha)
	}
	return ok(c.commitObject(x, sha))
}

func combinedStatus(c *call) answer {
	sha, found := c.refs().find(c.params["ref"])
	if !found {
		return notFound()
	}
	return ok(shape("combined-commit-status", Object{
		"state": "pending", "sha": sha, "total_count": 0, "statuses": []any{}, "url": c.repoURL() + "/commits/" + sha + "/status",
		"commit_url": c.repoURL() + "/commits/" + sha, "repository": c.repositoryObject("minimal-repository", c.repo),
	}))
}

func (c *call) refObject(name, sha string) Object {
	return shape("git-ref", Object{
		"ref": name, "node_id": "REF_" + name, "url": c.repoURL() + "/git/" + name,
		"object": Object{"type": "commit", "sha": sha, "url": c.repoURL() + "/git/commits/" + sha},
	})
}

func gitRef(c *call) answer {
	name := "refs/" + strings.TrimPrefix(c.params["ref"], "refs/")
	sha, found := c.refs().commitOf[name]
	if !found {
		return notFound()
	}
	return ok(c.refObject(name, sha))
}

func gitRefs(c *call) answer {
	x := c.refs()
	if len(x.commitOf) == 0 {
		return emptyRepository()
	}
	names := x.names("refs/" + c.params["ref"])
	return c.list(rowsOf(names, func(rest string) any {
		name := "refs/" + c.params["ref"] + rest
		return c.refObject(name, x.commitOf[name])
	}))
}
