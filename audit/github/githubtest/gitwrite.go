package githubtest

import (
	"encoding/base64"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/rules"
)

func createBlob(c *call) answer {
	var in struct{ Content, Encoding string }
	if refused := c.input(&in); refused != nil {
		return *refused
	}
	if in.Encoding == "base64" {
		data, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(in.Content, "\n", ""))
		if err != nil {
			return failure(http.StatusUnprocessableEntity, "content is not valid Base64")
		}
		in.Content = string(data)
	}
	sha := BlobID(in.Content)
	c.state().refs.blobs[sha] = in.Content
	return created(Object{"sha": sha, "url": c.repoURL() + "/git/blobs/" + sha})
}

// treeInput is an entry of a new tree; a null sha takes a file away.
type treeInput struct {
	Path, Mode, Type string
	SHA, Content     *string
}

func createTree(c *call) answer {
	var in struct {
		BaseTree string `json:"base_tree"`
		Tree     []treeInput
	}
	if refused := c.input(&in); refused != nil {
		return *refused
	}
	x := c.state().refs
	base := in.BaseTree
	if commit, ok := x.commits[base]; ok {
		base = commit.tree
	}
	if _, ok := x.trees[base]; base != "" && !ok {
		return notFound()
	}
	flat := map[string]entry{}
	x.walk(base, "", func(e entry) {
		if e.kind != "tree" {
			flat[e.path] = e
		}
	})
	for _, t := range in.Tree {
		if why := t.put(x, flat); why != "" {
			return failure(http.StatusUnprocessableEntity, why)
		}
	}
	sha := x.nest("", flat)
	entries := []Object{}
	for _, e := range x.trees[sha] {
		entries = append(entries, c.treeEntry(e))
	}
	return created(Object{"sha": sha, "url": c.repoURL() + "/git/trees/" + sha, "tree": entries, "truncated": false})
}

// put puts an entry among the files of a tree, and says why it cannot.
func (t treeInput) put(x refs, flat map[string]entry) string {
	e := entry{path: t.Path, mode: orElse(t.Mode, "100644"), kind: orElse(t.Type, "blob")}
	switch {
	case t.Content != nil:
		e.sha, e.size = BlobID(*t.Content), len(*t.Content)
		x.blobs[e.sha] = *t.Content
	case t.SHA == nil:
		delete(flat, t.Path)
		return ""
	default:
		content, known := x.blobs[*t.SHA]
		if !known {
			return "tree.sha " + *t.SHA + " is not a valid " + e.kind
		}
		e.sha, e.size = *t.SHA, len(content)
	}
	flat[t.Path] = e
	return ""
}

// nest makes the trees of files that are given by their whole paths.
func (o *objects) nest(dir string, flat map[string]entry) string {
	var entries []entry
	below := map[string]map[string]entry{}
	for name, e := range flat {
		first, rest, nested := strings.Cut(name, "/")
		if !nested {
			e.path = name
			entries = append(entries, e)
			continue
		}
		if below[first] == nil {
			below[first] = map[string]entry{}
		}
		below[first][rest] = e
	}
	for name, inner := range below {
		entries = append(entries, entry{name, "040000", "tree", o.nest(path.Join(dir, name), inner), 0})
	}
	return o.tree(entries)
}

// workflowFiles refuses a commit with files of workflows that no ref has yet,
// to a token that may not write them.
func (c *call) workflowFiles(x refs, sha string) *answer {
	known := map[string]bool{}
	for _, at := range x.commitOf {
		for _, file := range x.workflows(at) {
			known[file] = true
		}
	}
	all := x.workflows(sha)
	if !c.endpoint.WorkflowFiles || !slices.ContainsFunc(all, func(file string) bool { return !known[file] }) {
		return nil
	}
	var a answer
	switch {
	case c.token.scoped() && !c.token.covers("workflow"):
		a = notFound()
	case !c.token.scoped() && !c.token.holds(rules.Permission{Level: rules.LevelRepository, Name: "workflows", Access: rules.AccessWrite}):
		a = c.refuse()
	default:
		return nil
	}
	return &a
}

// workflows are the files of workflows in a commit, with their ids.
func (x refs) workflows(commit string) []string {
	var out []string
	folder, found := x.lookup(x.commits[commit].tree, ".github/workflows")
	if !found {
		return nil
	}
	for _, e := range x.trees[folder.sha] {
		out = append(out, e.path+" "+e.sha)
	}
	return out
}

func createCommit(c *call) answer {
	var in struct {
		Message, Tree string
		Parents       []string
	}
	if refused := c.input(&in); refused != nil {
		return *refused
	}
	x := c.state().refs
	if _, known := x.trees[in.Tree]; !known {
		return failure(http.StatusUnprocessableEntity, "Tree SHA does not exist")
	}
	for _, p := range in.Parents {
		if _, known := x.commits[p]; !known {
			return failure(http.StatusUnprocessableEntity, "Parent SHA does not exist or is not a commit object")
		}
	}
	sha := x.commit(in.Tree, in.Message, in.Parents...)
	data := x.commits[sha]
	data.author = c.actor()
	x.commits[sha] = data
	return created(c.gitCommitObject(sha, x.commits[sha]))
}

func createRef(c *call) answer {
	var in struct{ Ref, SHA string }
	if refused := c.input(&in); refused != nil {
		return *refused
	}
	x := c.state().refs
	_, exists := x.commitOf[in.Ref]
	_, known := x.commits[in.SHA]
	switch {
	case !strings.HasPrefix(in.Ref, "refs/") || strings.Count(in.Ref, "/") < 2:
		return failure(http.StatusUnprocessableEntity, "Reference name must start with 'refs/' and contain at least two slashes.")
	case exists:
		return failure(http.StatusUnprocessableEntity, "Reference already exists")
	case !known:
		return failure(http.StatusUnprocessableEntity, "Object does not exist")
	}
	if refused := c.workflowFiles(x, in.SHA); refused != nil {
		return *refused
	}
	x.commitOf[in.Ref] = in.SHA
	return created(c.refObject(in.Ref, in.SHA))
}

// guarded answers a change of a branch whose rules keep the token out.
func (c *call) guarded(ref string) *answer {
	branch, isBranch := strings.CutPrefix(ref, "refs/heads/")
	if !isBranch || !c.repo.protected(branch) || c.administersRepository() {
		return nil
	}
	a := failure(http.StatusUnprocessableEntity, "Protected branch update failed for "+ref+".")
	return &a
}

func updateRef(c *call) answer {
	var in struct {
		SHA   string
		Force bool
	}
	if refused := c.input(&in); refused != nil {
		return *refused
	}
	name := "refs/" + c.params["ref"]
	x := c.state().refs
	now, exists := x.commitOf[name]
	_, known := x.commits[in.SHA]
	switch {
	case !exists:
		return failure(http.StatusUnprocessableEntity, "Reference does not exist")
	case !known:
		return failure(http.StatusUnprocessableEntity, "Object does not exist")
	case !in.Force && !x.descends(in.SHA, now):
		return failure(http.StatusUnprocessableEntity, "Update is not a fast forward")
	}
	if refused := c.guarded(name); refused != nil {
		return *refused
	}
	if refused := c.workflowFiles(x, in.SHA); refused != nil {
		return *refused
	}
	x.commitOf[name] = in.SHA
	return ok(c.refObject(name, in.SHA))
}

// descends tells whether a commit comes after another one, or is it.
func (x refs) descends(sha, from string) bool {
	return sha == from || slices.ContainsFunc(x.commits[sha].parents, func(p string) bool { return x.descends(p, from) })
}

func deleteRef(c *call) answer {
	name := "refs/" + c.params["ref"]
	x := c.state().refs
	if _, exists := x.commitOf[name]; !exists {
		return failure(http.StatusUnprocessableEntity, "Reference does not exist")
	}
	if refused := c.guarded(name); refused != nil {
		return *refused
	}
	delete(x.commitOf, name)
	return noContent()
}
