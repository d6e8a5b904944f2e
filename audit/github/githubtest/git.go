package githubtest

import (
	"cmp"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"path"
	"slices"
	"strings"
)

// entry is a line of a tree.
type entry struct {
	// Path is below the tree that it is listed in.
	path, mode, kind, sha string
	size                  int
}

// objects are the git objects of some files, with the ids that git gives
// them.
type objects struct {
	blobs map[string]string
	// trees are the entries of folders by id, folders their ids by path.
	trees   map[string][]entry
	folders map[string]string
	commits map[string]gitCommitData
}

// gitCommitData is a commit.
type gitCommitData struct {
	tree, message string
	parents       []string
	// author is the login of who made it through the API; "" for those that
	// the world has.
	author string
}

func newObjects() *objects {
	return &objects{blobs: map[string]string{}, trees: map[string][]entry{}, folders: map[string]string{}, commits: map[string]gitCommitData{}}
}

// objectID is the id that git gives an object.
func objectID(kind, content string) string {
	sum := sha1.Sum(fmt.Appendf(nil, "%s %d\x00%s", kind, len(content), content))
	return hex.EncodeToString(sum[:])
}

// BlobID is the id that git gives a file's content.
func BlobID(content string) string { return objectID("blob", content) }

// add puts files into the store and returns the id of their tree.
func (o *objects) add(files map[string]string) string {
	return o.folder("", files)
}

// folder adds a folder with all below it.
func (o *objects) folder(dir string, files map[string]string) string {
	var entries []entry
	below := map[string]map[string]string{}
	for name, content := range files {
		first, rest, nested := strings.Cut(name, "/")
		if nested {
			if below[first] == nil {
				below[first] = map[string]string{}
			}
			below[first][rest] = content
			continue
		}
		sha := BlobID(content)
		o.blobs[sha] = content
		entries = append(entries, entry{first, "100644", "blob", sha, len(content)})
	}
	for name, inner := range below {
		entries = append(entries, entry{name, "040000", "tree", o.folder(path.Join(dir, name), inner), 0})
	}
	sha := o.tree(entries)
	o.folders[dir] = sha
	return sha
}

// tree adds a tree of entries and returns its id.
func (o *objects) tree(entries []entry) string {
	// Git sorts a folder as if its name ended with a slash.
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Compare(a.sortKey(), b.sortKey()) })
	var content strings.Builder
	for _, e := range entries {
		raw, _ := hex.DecodeString(e.sha)
		content.WriteString(strings.TrimPrefix(e.mode, "0") + " " + e.path + "\x00" + string(raw))
	}
	sha := objectID("tree", content.String())
	o.trees[sha] = entries
	return sha
}

func (e entry) sortKey() string {
	if e.kind == "tree" {
		return e.path + "/"
	}
	return e.path
}

// commit adds a commit and returns its id.
func (o *objects) commit(tree, message string, parents ...string) string {
	text := "tree " + tree + "\n"
	for _, p := range parents {
		text += "parent " + p + "\n"
	}
	text += "author Mona <mona@example.com> 1767323045 +0000\ncommitter Mona <mona@example.com> 1767323045 +0000\n\n" + message
	sha := objectID("commit", text)
	o.commits[sha] = gitCommitData{tree: tree, message: message, parents: parents}
	return sha
}

// walk calls f for all below a tree, folders before what is in them.
func (o *objects) walk(sha, prefix string, f func(entry)) {
	for _, e := range o.trees[sha] {
		name := e.path
		e.path = path.Join(prefix, name)
		f(e)
		if e.kind == "tree" {
			o.walk(e.sha, e.path, f)
		}
	}
}

// lookup finds what lies at a path below a tree.
func (o *objects) lookup(tree, name string) (entry, bool) {
	found := entry{mode: "040000", kind: "tree", sha: tree}
	if name = strings.Trim(name, "/"); name == "" {
		return found, true
	}
	for part := range strings.SplitSeq(name, "/") {
		i := slices.IndexFunc(o.trees[found.sha], func(e entry) bool { return e.path == part })
		if found.kind != "tree" || i < 0 {
			return entry{}, false
		}
		found = o.trees[found.sha][i]
	}
	found.path = name
	return found, true
}

// refs are the commits of a repository's refs, by full name ("refs/heads/main"),
// with the objects that they lead to.
type refs struct {
	*objects
	commitOf map[string]string
	// fallback is the default branch.
	fallback string
}

// refsOf builds the refs of a repository as the world has it: every branch
// begins at the default branch.
func refsOf(r *Repository) refs {
	out := refs{objects: newObjects(), commitOf: map[string]string{}, fallback: r.branch()}
	if r.Empty {
		return out
	}
	add := func(ref string, files map[string]string, parents ...string) string {
		out.commitOf[ref] = out.commit(out.add(files), "Commit on "+ref, parents...)
		return out.commitOf[ref]
	}
	for name, files := range r.Tags {
		add("refs/tags/"+name, files)
	}
	main, given := r.Branches[r.branch()]
	if !given || r.Files != nil {
		main = r.Files
	}
	root := add("refs/heads/"+r.branch(), main)
	for name, files := range r.Branches {
		if name != r.branch() {
			add("refs/heads/"+name, files, root)
		}
	}
	return out
}

// find resolves a branch, a tag, a full ref or a commit's id; "" is the
// default branch.
func (x refs) find(name string) (sha string, ok bool) {
	if name == "" || name == "HEAD" {
		name = x.fallback
	}
	for _, prefix := range []string{"refs/heads/", "refs/tags/", "refs/", ""} {
		if sha, ok := x.commitOf[prefix+name]; ok {
			return sha, true
		}
	}
	for sha := range x.commits {
		if len(name) >= 7 && strings.HasPrefix(sha, name) {
			return sha, true
		}
	}
	return "", false
}

// names returns the refs below a prefix, sorted, without it.
func (x refs) names(prefix string) []string {
	out := []string{}
	for name := range x.commitOf {
		if short, ok := strings.CutPrefix(name, prefix); ok {
			out = append(out, short)
		}
	}
	slices.Sort(out)
	return out
}
