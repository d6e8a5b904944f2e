package githubtest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// pullObject is a pull request in the form that lists have, or with all that
// one alone has.
func (c *call) pullObject(name string, o Object) Object {
	n := textOf(o["number"])
	url := c.repoURL() + "/pulls/" + n
	id := idOf(c.repo.FullName() + "!" + n)
	out := shape(name, Object{
		"id": id, "node_id": nodeID("PR", id), "url": url, "html_url": c.webURL() + "/pull/" + n, "number": 1, "state": "open",
		"user": c.simpleUser(c.repo.Owner), "labels": []any{}, "body": nil, "issue_url": c.repoURL() + "/issues/" + n,
		"head": c.side(c.repo.branch()), "base": c.side(c.repo.branch()), "author_association": "NONE", "auto_merge": nil,
	}, o)
	return out
}

// side is the head or the base of a pull request.
func (c *call) side(branch string) Object {
	sha, _ := c.refs().find(branch)
	return Object{
		"label": c.repo.Owner + ":" + branch, "ref": branch, "sha": orElse(sha, BlobID(branch)), "user": c.simpleUser(c.repo.Owner),
		"repo": c.repositoryObject("repository", c.repo),
	}
}

func refOf(o Object, side string) string {
	s, _ := o[side].(Object)
	ref, _ := s["ref"].(string)
	return ref
}

func pulls(c *call) answer {
	query := c.query()
	kept := slices.DeleteFunc(slices.Clone(c.rowsAt("pulls")), func(o Object) bool {
		_, head, _ := strings.Cut(query.Get("head"), ":")
		return !c.stateIs(o) || query.Has("head") && head != refOf(o, "head") || query.Has("base") && query.Get("base") != refOf(o, "base")
	})
	slices.Reverse(kept)
	return c.list(rowsOf(kept, func(o Object) any { return c.pullObject("pull-request-simple", o) }))
}

func pull(c *call) answer {
	if o, found := c.row("pulls", "number", c.params["pull_number"]); found {
		return ok(c.pullObject("pull-request", o))
	}
	return notFound()
}

// forbidden is what GITHUB_TOKEN hears where the setting does not let it open
// or approve pull requests.
func (c *call) forbidden() bool { return c.token.Job && !c.repo.Workflow.CanApprove }

func createPull(c *call) answer {
	var in struct{ Title, Head, Base string }
	if refused := c.input(&in); refused != nil {
		return *refused
	}
	if refused := tooLong("PullRequest", c.given("body")); refused != nil {
		return *refused
	}
	if c.forbidden() {
		return failure(http.StatusForbidden, "GitHub Actions is not permitted to create or approve pull requests.")
	}
	head := in.Head[strings.IndexByte(in.Head, ':')+1:]
	x := c.refs()
	for field, name := range map[string]string{"head": head, "base": in.Base} {
		if _, found := x.commitOf["refs/heads/"+name]; !found {
			return invalid("PullRequest", field, "invalid")
		}
	}
	if refused := c.pointless(x, head, in.Base); refused != "" {
		a := invalid("PullRequest", "head", "custom")
		a.value.(Object)["errors"] = []Object{{"resource": "PullRequest", "code": "custom", "message": refused}}
		return a
	}
	now := stamp(c.s.now())
	o := c.add("pulls", shape("", c.given("title", "body", "draft", "maintainer_can_modify"), Object{
		"number": c.nextNumber(), "state": "open", "user": c.simpleUser(c.actor()), "created_at": now, "updated_at": now,
		"head": c.side(head), "base": c.side(in.Base),
	}))
	c.add("issues", Object{"number": o["number"], "title": in.Title, "state": "open", "user": o["user"], "pull_request": Object{
		"url": c.repoURL() + "/pulls/" + textOf(o["number"]), "html_url": c.webURL(), "diff_url": c.webURL(), "patch_url": c.webURL(),
	}})
	return created(c.pullObject("pull-request", o))
}

// pointless says why there is nothing to pull, "" where there is.
func (c *call) pointless(x refs, head, base string) string {
	if x.commits[x.commitOf["refs/heads/"+head]].tree == x.commits[x.commitOf["refs/heads/"+base]].tree {
		return "No commits between " + base + " and " + head
	}
	for _, o := range c.rowsAt("pulls") {
		if refOf(o, "head") == head && refOf(o, "base") == base && o["state"] != "closed" {
			return "A pull request already exists for " + c.repo.Owner + ":" + head + "."
		}
	}
	return ""
}

func updatePull(c *call) answer {
	in := c.given("title", "body", "state")
	if refused := tooLong("PullRequest", in); refused != nil {
		return *refused
	}
	in["updated_at"] = stamp(c.s.now())
	maps.Copy(in, c.closing(in))
	c.change("issues", "number", c.params["pull_number"], in)
	if o, found := c.change("pulls", "number", c.params["pull_number"], in); found {
		return ok(c.pullObject("pull-request", o))
	}
	return notFound()
}

// filesOf are the files that a pull request changes: the rows of its list, or
// the difference of its two branches.
func (c *call) filesOf(n string) ([]Object, bool) {
	if rows := c.rowsAt("pulls/" + n + "/files"); rows != nil {
		return rows, true
	}
	o, found := c.row("pulls", "number", n)
	if !found {
		return nil, false
	}
	x := c.refs()
	return c.difference(x, x.commitOf["refs/heads/"+refOf(o, "base")], x.commitOf["refs/heads/"+refOf(o, "head")]), true
}

func pullFiles(c *call) answer {
	all, found := c.filesOf(c.params["pull_number"])
	if !found {
		return notFound()
	}
	return c.list(rowsOf(all, func(o Object) any { return c.diffEntry(o) }))
}

// diffEntry is a changed file.
func (c *call) diffEntry(o Object) Object {
	sha, _ := o["sha"].(string)
	return shape("diff-entry", Object{
		"sha": BlobID(""), "status": "modified", "blob_url": c.webURL() + "/blob/" + sha, "raw_url": c.webURL() + "/raw/" + sha,
		"contents_url": c.repoURL() + "/contents/",
	}, o)
}

// difference lists the files in which two commits differ.
func (c *call) difference(x refs, base, head string) []Object {
	before, after := x.blobsOf(base), x.blobsOf(head)
	names := slices.Concat(slices.Collect(maps.Keys(before)), slices.Collect(maps.Keys(after)))
	slices.Sort(names)
	var out []Object
	for _, name := range slices.Compact(names) {
		if before[name] != after[name] {
			out = append(out, diffEntry(name, x.blobs[before[name]], x.blobs[after[name]], before[name] == "", after[name] == ""))
		}
	}
	return out
}

// blobsOf are the files of a commit: their ids by path.
func (x refs) blobsOf(commit string) map[string]string {
	out := map[string]string{}
	x.walk(x.commits[commit].tree, "", func(e entry) {
		if e.kind == "blob" {
			out[e.path] = e.sha
		}
	})
	return out
}

// diffEntry is a changed file. Its patch is one hunk that takes out all lines
// and puts all in, which git would do shorter.
func diffEntry(name, before, after string, added, removed bool) Object {
	old, new := lines(before), lines(after)
	var patch strings.Builder
	fmt.Fprintf(&patch, "@@ -%d,%d +%d,%d @@", min(1, len(old)), len(old), min(1, len(new)), len(new))
	for _, l := range old {
		patch.WriteString("\n-" + l)
	}
	for _, l := range new {
		patch.WriteString("\n+" + l)
	}
	status := "modified"
	if added {
		status = "added"
	} else if removed {
		status = "removed"
	}
	return Object{
		"sha": BlobID(after), "filename": name, "status": status, "additions": len(new), "deletions": len(old),
		"changes": len(new) + len(old), "patch": patch.String(),
	}
}

func lines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(s, "\n"), "\n")
}

// inHunk tells whether a line of the new file stands in a patch.
func inHunk(patch string, line int) bool {
	for _, l := range strings.Split(patch, "\n") {
		if !strings.HasPrefix(l, "@@ ") {
			continue
		}
		fields := strings.Fields(l)
		from, count, _ := strings.Cut(strings.TrimPrefix(fields[2], "+"), ",")
		start, _ := strconv.Atoi(from)
		n, err := strconv.Atoi(count)
		if err != nil {
			n = 1
		}
		if line >= start && line < start+n {
			return true
		}
	}
	return false
}
