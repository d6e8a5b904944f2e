package bulk

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/github"
)

// fragments are what is asked of an object, by the kind of asking.
var fragments = map[kind]string{
	kindTree: `fragment top on GitObject { oid ... on Commit { tree { entries { name mode oid } } }
  ... on Tag { target { oid ... on Commit { tree { entries { name mode oid } } } } } }
`,
	kindObject: `fragment object on GitObject { __typename ... on Blob { byteSize isBinary isTruncated text } ... on Tree { entries { name mode } } }
`,
	kindFolder: `fragment folder on GitObject { __typename ... on Tree { entries { name mode object { ... on Blob { byteSize isBinary isTruncated text } } } } }
`,
}

// fragmentNames are what the fragments are called.
var fragmentNames = map[kind]string{kindTree: "top", kindObject: "object", kindFolder: "folder"}

// answered is the answer to them.
type answered struct {
	Typename string `json:"__typename"`
	blob
	Entries []folderEntry
	Oid     string
	Tree    *topTree
	Target  *struct {
		Oid  string
		Tree *topTree
	}
}

type topTree struct{ Entries []treeEntry }

type folderEntry struct {
	Name   string
	Mode   int
	Object *blob
}

type blob struct {
	ByteSize    int
	IsBinary    *bool
	IsTruncated bool
	Text        *string
}

// object is what a blob says of a file.
func (b *blob) object() *object {
	switch {
	case b.ByteSize > maxFile:
		return &object{err: errLarge}
	case b.IsTruncated, b.Text == nil && (b.IsBinary == nil || !*b.IsBinary):
		return &object{cut: true}
	case b.Text == nil:
		return &object{err: errBinary}
	}
	return &object{data: []byte(*b.Text)}
}

// Fetch asks for some of what is wanted, as much as one request takes, and
// returns what is left. Trees of which something could not be read are marked
// so, which is no error: that is for what ends all asking.
func (r *Reader) Fetch(ctx context.Context, wants []Want) (left []Want, err error) {
	if len(wants) == 0 {
		return nil, nil
	}
	if i := slices.IndexFunc(wants, func(w Want) bool { return w.kind == kindRaw || w.kind == kindList }); i >= 0 {
		one := r.raw
		if wants[i].kind == kindList {
			one = r.list
		}
		return slices.Delete(slices.Clone(wants), i, i+1), one(ctx, wants[i])
	}
	for most := len(wants); ; {
		some := wants[:min(len(wants), r.objects.now, most)]
		document, groups := compose(some)
		answer := map[string]map[string]*answered{}
		again, err := r.ask(ctx, &r.objects, len(some), document, nil, &answer)
		if again {
			continue
		}
		var partly *github.QueryError
		switch {
		case err != nil && ends(err):
			return wants, err
		case err != nil && !(errors.As(err, &partly) && partly.Partial):
			if len(some) > 1 {
				most = len(some) / 2 // to find the one that it is about
				continue
			}
			return wants[1:], r.gaveUp(some[0], err)
		}
		r.failures = 0
		left = slices.Clone(wants[len(some):])
		for i, g := range groups {
			left = append(left, g.take(answer[alias(i)], failures(partly, alias(i)))...)
		}
		return left, nil
	}
}

// maxFailures is the number of repositories in a row of which nothing can be
// read before GitHub is taken to be out of order.
const maxFailures = 10

// gaveUp notes that something could not be read, however little is asked for.
// A folder is then asked for without its files. The error is for where that
// happens to one repository after the other.
func (r *Reader) gaveUp(w Want, err error) error {
	if w.kind == kindFolder && github.TooMuch(err) {
		w.tree.lock.Lock()
		defer w.tree.lock.Unlock()
		w.tree.single = true
		return nil
	}
	w.tree.fail(err)
	if r.failures++; r.failures >= maxFailures && github.TooMuch(err) {
		return fmt.Errorf("%d repositories in a row could not be read: %w", r.failures, err)
	}
	return nil
}

// failures are what a query says of one of its repositories.
func failures(e *github.QueryError, name string) *github.QueryError {
	if e == nil {
		return nil
	}
	out := &github.QueryError{}
	for _, p := range e.Problems {
		if p.Path == "" || p.Path == name || strings.HasPrefix(p.Path, name+".") {
			out.Problems = append(out.Problems, p)
		}
	}
	if e.More { // which, is not known
		out.Problems = append(out.Problems, github.QueryProblem{Message: "more went wrong than is told"})
	}
	if len(out.Problems) == 0 {
		return nil
	}
	return out
}

func alias(i int) string { return fmt.Sprintf("r%d", i) }

// group is what is asked of one repository.
type group struct {
	tree  *Tree
	wants []Want
}

// compose writes the query for what is wanted.
func compose(wants []Want) (document string, groups []*group) {
	byTree := map[*Tree]*group{}
	for _, w := range wants {
		g := byTree[w.tree]
		if g == nil {
			g = &group{tree: w.tree}
			byTree[w.tree] = g
			groups = append(groups, g)
		}
		g.wants = append(g.wants, w)
	}
	var b strings.Builder
	used := map[kind]bool{}
	b.WriteString("query {\n")
	for i, g := range groups {
		owner, name, _ := strings.Cut(g.tree.name, "/")
		fmt.Fprintf(&b, "  %s: repository(owner: %s, name: %s) {\n", alias(i), quote(owner), quote(name))
		for j, w := range g.wants {
			expression := g.tree.commit + ":" + w.path
			if w.kind == kindTree {
				expression = g.tree.ref
			}
			used[w.kind] = true
			fmt.Fprintf(&b, "    o%d: object(expression: %s) { ...%s }\n", j, quote(expression), fragmentNames[w.kind])
		}
		b.WriteString("  }\n")
	}
	b.WriteString("}\n")
	for _, k := range slices.Sorted(maps.Keys(used)) {
		b.WriteString(fragments[k])
	}
	return b.String(), groups
}

// take notes the answer about a repository: nil where GitHub shows none. It
// returns what is to be asked for again.
func (g *group) take(answer map[string]*answered, failed *github.QueryError) (again []Want) {
	t := g.tree
	t.lock.Lock()
	defer t.lock.Unlock()
	passing := t.passing(failed)
	if answer == nil {
		switch {
		case passing:
			return g.wants
		case failed == nil || errors.Is(failed, github.ErrNotFound):
			t.err = fs.ErrNotExist
		default:
			t.err = failed
		}
		return nil
	}
	for j, w := range g.wants {
		name := fmt.Sprintf("o%d", j)
		a := answer[name]
		switch {
		case !a.whole(w.kind) && broken(failed, "."+name):
			if passing {
				again = append(again, w)
				continue
			}
			t.err = failed
			return nil
		case w.kind == kindTree:
			t.resolve(a)
		case a == nil && t.known(w.path):
			t.err = errGone
			return nil
		case a == nil:
			t.fill(w.path, &object{err: fs.ErrNotExist})
		case a.Typename == "Tree":
			t.takeFolder(w, a)
		case a.Typename == "Blob":
			t.fill(w.path, a.blob.object())
		default: // a submodule's commit is in no repository of this name
			t.fill(w.path, &object{err: fs.ErrNotExist})
		}
	}
	return again
}

// maxTries is how often an answer about a repository may break off.
const maxTries = 3

// passing tells of an error whether asking again may help: of all but those
// that say what the token may not see.
func (t *Tree) passing(e *github.QueryError) bool {
	if e == nil || !slices.ContainsFunc(e.Problems, func(p github.QueryProblem) bool {
		return !slices.Contains([]string{"NOT_FOUND", "FORBIDDEN", "INSUFFICIENT_SCOPES"}, p.Type)
	}) {
		return false
	}
	t.tries++
	return t.tries < maxTries
}

// whole tells whether all came that was asked of an object.
func (a *answered) whole(k kind) bool {
	switch {
	case a == nil:
		return false
	case k == kindTree:
		tree := a.Tree
		if a.Target != nil {
			tree = a.Target.Tree
		}
		return tree != nil && tree.Entries != nil
	}
	return a.Typename != "Tree" || a.Entries != nil
}

// broken tells whether something went wrong at the end of a path.
func broken(e *github.QueryError, end string) bool {
	return e != nil && slices.ContainsFunc(e.Problems, func(p github.QueryProblem) bool {
		return p.Path == "" || strings.HasSuffix(p.Path, end) || strings.Contains(p.Path, end+".")
	})
}

// resolve notes which commit a ref names.
func (t *Tree) resolve(a *answered) {
	if a == nil {
		t.err = fs.ErrNotExist
		return
	}
	id, tree := a.Oid, a.Tree
	if a.Target != nil {
		id, tree = a.Target.Oid, a.Target.Tree
	}
	if tree == nil || !validID(id) {
		t.err = fs.ErrNotExist
		return
	}
	t.at(id, entries(tree.Entries))
}

// takeFolder notes the entries of a folder, and the files that came with it.
func (t *Tree) takeFolder(w Want, a *answered) {
	var list []treeEntry
	for _, e := range a.Entries {
		list = append(list, treeEntry{Name: e.Name, Mode: e.Mode})
		if w.kind == kindFolder && e.Object != nil && e.Object.IsBinary != nil && validName(e.Name) {
			t.fill(path.Join(w.path, e.Name), e.Object.object())
		}
	}
	t.list(w.path, entries(list))
	t.fill(w.path, &object{folder: true})
}

// raw asks for a file that a query does not give in full.
func (r *Reader) raw(ctx context.Context, w Want) error {
	t := w.tree
	parts := append(strings.Split("repos/"+t.name, "/"), "contents")
	data, _, err := r.client.Raw(ctx, github.Path(append(parts, strings.Split(w.path, "/")...)...), url.Values{"ref": {t.commit}})
	switch {
	case err != nil && ends(err):
		return err
	case err != nil && github.TooMuch(err):
		return r.gaveUp(w, err) // another run may read it
	}
	r.failures = 0
	o := &object{data: data, err: err}
	if len(data) > maxFile {
		o = &object{err: errLarge}
	}
	t.lock.Lock()
	defer t.lock.Unlock()
	t.fill(w.path, o)
	return nil
}

// list asks for the names of all files.
func (r *Reader) list(ctx context.Context, w Want) error {
	t := w.tree
	parts := append(strings.Split("repos/"+t.name, "/"), "git", "trees", t.commit)
	var answer struct {
		Tree      []struct{ Path, Type string }
		Truncated bool
	}
	_, err := r.client.Get(ctx, github.Path(parts...), url.Values{"recursive": {"1"}}, &answer)
	var large *github.SizeError
	switch {
	case err != nil && ends(err):
		return err
	case err != nil && github.TooMuch(err) && !errors.As(err, &large):
		return r.gaveUp(w, err) // another run may read it
	}
	r.failures = 0
	t.lock.Lock()
	defer t.lock.Unlock()
	t.listed = true
	for _, e := range answer.Tree {
		if e.Type == "blob" && fs.ValidPath(e.Path) && err == nil && !answer.Truncated {
			t.files = append(t.files, e.Path)
		}
	}
	return nil
}

// Commits asks which commits "owner/name@ref" stand for; those that are not
// there are left out.
func (r *Reader) Commits(ctx context.Context, names []string) (map[string]string, error) {
	var wants []Want
	trees := make([]*Tree, len(names))
	for i, n := range names {
		full, ref, _ := strings.Cut(n, "@")
		trees[i] = named(full, ref)
		if validFullName(full) {
			wants = append(wants, Want{trees[i], kindTree, ""})
		}
	}
	for len(wants) > 0 {
		left, err := r.Fetch(ctx, wants)
		if err != nil {
			return nil, err
		}
		wants = left
	}
	out := map[string]string{}
	for i, n := range names {
		if trees[i].commit != "" {
			out[n] = trees[i].commit
		}
	}
	return out, nil
}
