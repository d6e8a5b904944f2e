package githubtest

import (
	"net/http"
	"slices"
	"strings"
)

// compareCommits answers with what lies between two commits. The files come
// with the first page alone.
func compareCommits(c *call) answer {
	base, head, _ := strings.Cut(c.params["basehead"], "...")
	x := c.refs()
	from, haveFrom := x.find(base)
	to, haveTo := x.find(head)
	if base == "" || head == "" || !haveFrom || !haveTo {
		return notFound()
	}
	behind, ahead := x.line(from), x.line(to)
	i := slices.IndexFunc(behind, func(sha string) bool { return slices.Contains(ahead, sha) })
	if i < 0 {
		return failure(http.StatusNotFound, "No common ancestor between "+base+" and "+head+".")
	}
	ahead = ahead[:slices.Index(ahead, behind[i])]
	slices.Reverse(ahead)
	status := "identical"
	switch {
	case i > 0 && len(ahead) > 0:
		status = "diverged"
	case i > 0:
		status = "behind"
	case len(ahead) > 0:
		status = "ahead"
	}
	paged := c.list(rowsOf(ahead, func(sha string) any { return c.commitObject(x, sha) }))
	self := c.repoURL() + "/compare/" + base + "..." + head
	o := shape("commit-comparison", Object{
		"url": self, "html_url": c.webURL() + "/compare/" + base + "..." + head, "permalink_url": c.webURL() + "/compare/" + from + "..." + to,
		"diff_url": c.webURL() + ".diff", "patch_url": c.webURL() + ".patch", "base_commit": c.commitObject(x, from),
		"merge_base_commit": c.commitObject(x, behind[i]), "status": status, "ahead_by": len(ahead), "behind_by": i,
		"total_commits": len(ahead), "commits": paged.value,
	})
	if page := c.query().Get("page"); page == "" || page == "1" {
		files := []Object{}
		for _, f := range c.difference(x, behind[i], to) {
			files = append(files, c.diffEntry(f))
		}
		o["files"] = files
	}
	paged.value = o
	return paged
}

// line is a commit and what came before it, newest first.
func (x refs) line(sha string) []string {
	out := []string{}
	for sha != "" {
		out = append(out, sha)
		parents := x.commits[sha].parents
		sha = ""
		if len(parents) > 0 {
			sha = parents[0]
		}
	}
	return out
}
