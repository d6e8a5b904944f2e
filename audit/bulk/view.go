package bulk

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/virtual"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// Others are the repositories that workflows of several repositories name.
// They may be used by several goroutines.
type Others struct {
	// Owners are the accounts, in lower case, whose repositories are read.
	Owners map[string]bool

	lock  sync.Mutex
	trees map[string]*Tree
}

// maxOthers is how many trees, and how many bytes of them, are kept; beyond,
// all are dropped and read again where they are named once more.
const (
	maxOthers     = 500
	maxOtherBytes = 48 << 20
)

// at gives the tree of a repository at a ref; nil for one that is not read.
func (o *Others) at(name, ref string) *Tree {
	owner, _, _ := strings.Cut(name, "/")
	if o == nil || !o.Owners[strings.ToLower(owner)] || !validFullName(name) {
		return nil
	}
	key := strings.ToLower(name) + "@" + ref
	o.lock.Lock()
	defer o.lock.Unlock()
	if t := o.trees[key]; t != nil {
		return t
	}
	if o.full() || o.trees == nil {
		o.trees = map[string]*Tree{}
	}
	t := named(name, ref)
	o.trees[key] = t
	return t
}

func (o *Others) full() bool {
	total := 0
	for _, t := range o.trees {
		t.lock.Lock()
		total += t.bytes
		t.lock.Unlock()
	}
	return len(o.trees) >= maxOthers || total > maxOtherBytes
}

// maxMounts bounds the other repositories that one audit looks into.
const maxMounts = 100

// View is what is known of a repository and of those that its workflows name,
// as a file system for one audit. A file of another repository has the name
// owner/name@ref/path, see [audit.Elsewhere].
type View struct {
	tree   *Tree
	others *Others

	lock   sync.Mutex
	mounts map[string]*mounted
	// held are the trees of earlier views, by what they are mounted at.
	held  map[string]*Tree
	wants map[Want]bool
	order []Want
	// used are the entries of the root folder that were looked at, "." where
	// the folder itself was.
	used     map[string]bool
	problems []audit.Problem
}

// mounted is another repository of a view.
type mounted struct {
	tree *Tree
	said bool
}

var (
	_ fs.StatFS        = (*View)(nil)
	_ fs.ReadDirFS     = (*View)(nil)
	_ workflow.Partial = (*View)(nil)
)

// View shows what is known of a tree, and of others beside it; nil for none.
func (t *Tree) View(others *Others) *View {
	v := &View{tree: t, others: others, mounts: map[string]*mounted{}, wants: map[Want]bool{}, used: map[string]bool{}}
	if entries, err := t.entriesOf(".", quiet{}); err == nil {
		if github, ok := entries[".github"]; ok && github.mode().IsDir() && t.folders[".github"] == nil && t.objects[".github"] == nil {
			// Sure to be read.
			v.want(t, kindObject, ".github")
			if !t.single {
				v.want(t, kindFolder, workflow.Folder)
			}
		}
	}
	return v
}

// Again shows what is known by now. What the view found out of other
// repositories it keeps, even where [Others] had to drop it: else many that
// name many others would never come to an end.
func (v *View) Again() *View {
	next := v.tree.View(v.others)
	next.held = map[string]*Tree{}
	maps.Copy(next.held, v.held)
	for folder, m := range v.mounts {
		next.held[folder] = m.tree
	}
	return next
}

// want notes what is to be asked for.
func (v *View) want(t *Tree, k kind, name string) {
	w := Want{t, k, name}
	v.lock.Lock()
	defer v.lock.Unlock()
	if !v.wants[w] && !(k == kindObject && v.wants[Want{t, kindFolder, name}]) {
		v.wants[w] = true
		v.order = append(v.order, w)
	}
}

// Wants are what the audit read and was not known, in the order of reading.
// Without any the audit is whole.
func (v *View) Wants() []Want {
	v.lock.Lock()
	defer v.lock.Unlock()
	return slices.Clone(v.order)
}

// Mount makes a repository of the owners readable, below the folder that it
// returns. The error is [trace.ErrUnasked] for those of other owners, and
// [fs.ErrNotExist] where there is nothing.
func (v *View) Mount(repository, ref string, at audit.Place) (folder string, err error) {
	folder = repository + "@" + ref
	t := v.held[folder]
	if t == nil {
		t = v.others.at(repository, ref)
	}
	if t == nil {
		return "", trace.ErrUnasked
	}
	v.lock.Lock()
	m := v.mounts[folder]
	if m == nil && len(v.mounts) >= maxMounts {
		v.lock.Unlock()
		return "", fmt.Errorf("more than %d repositories and versions are named", maxMounts)
	}
	if m == nil {
		m = &mounted{tree: t}
		v.mounts[folder] = m
	}
	v.lock.Unlock()
	t.lock.Lock()
	defer t.lock.Unlock()
	_, err = t.look(".", v)
	switch {
	case errors.Is(err, errUnread):
		return folder, nil // what is read of it is missing, too
	case err != nil && !errors.Is(err, fs.ErrNotExist) && !m.said:
		m.said = true
		v.problems = append(v.problems, audit.Problem{File: at.File, Line: at.Line, Message: "could not read " + folder + ": " + err.Error()})
	}
	return folder, err
}

// Problems are what could not be read of other repositories.
func (v *View) Problems() []audit.Problem { return v.problems }

// Used tells which entries of the repository's root folder the audit looked
// at, with their ids ("" for what is not there): as long as they stay the same,
// so does the audit. "." stands for the names of all entries.
func (v *View) Used() map[string]string {
	v.lock.Lock()
	defer v.lock.Unlock()
	out := map[string]string{}
	root := v.tree.folders["."]
	for name := range v.used {
		if name == "." {
			out["."] = strings.Join(slices.Sorted(maps.Keys(root)), "/")
			continue
		}
		out[name] = root[name].ID
	}
	return out
}

// Holds tells whether a repository still has the entries that an audit of it
// looked at.
func (r *Repository) Holds(used map[string]string) bool {
	ids := map[string]string{}
	for _, e := range r.Root {
		ids[e.Name] = e.ID
	}
	for name, id := range used {
		switch {
		case name == "." && strings.Join(slices.Sorted(maps.Keys(ids)), "/") != id:
			return false
		case name != "." && ids[name] != id:
			return false
		}
	}
	return true
}

// Mounted tells which commits the other repositories were read at, by
// "owner/name@ref"; "" for those that are not there, "?" for those that could
// not be read.
func (v *View) Mounted() map[string]string {
	out := map[string]string{}
	for folder, m := range v.mounts {
		m.tree.lock.Lock()
		out[folder] = m.tree.commit
		if m.tree.err != nil && !errors.Is(m.tree.err, fs.ErrNotExist) {
			out[folder] = "?"
		}
		m.tree.lock.Unlock()
	}
	return out
}

// ActionFolders implements [workflow.Partial]: an action at the root is the
// repository's product, all others are read where a workflow names them.
func (v *View) ActionFolders() []string {
	for _, name := range []string{"action.yml", "action.yaml"} {
		if _, err := v.Stat(name); err == nil {
			return []string{"."}
		}
	}
	return nil
}

// AllFiles implements [workflow.Partial]. What an audit finds among them rests on
// every folder of the repository.
func (v *View) AllFiles() []string {
	v.tree.lock.Lock()
	defer v.tree.lock.Unlock()
	v.lock.Lock()
	v.used["."] = true
	for name := range v.tree.folders["."] {
		v.used[name] = true
	}
	v.lock.Unlock()
	return v.tree.all(v)
}

// inside tells which tree a name lies in, and what it is called there.
func (v *View) inside(name string) (*Tree, string) {
	v.lock.Lock()
	defer v.lock.Unlock()
	if strings.Contains(name, "@") && fs.ValidPath(name) {
		for i := len(name); i > 0; i = strings.LastIndexByte(name[:i], '/') {
			if m := v.mounts[name[:i]]; m != nil {
				rest := strings.TrimPrefix(name[i:], "/")
				if rest == "" {
					rest = "."
				}
				return m.tree, rest
			}
		}
	}
	first, _, _ := strings.Cut(name, "/")
	v.used[first] = true
	return v.tree, name
}

// Open implements [fs.FS].
func (v *View) Open(name string) (fs.File, error) {
	t, inner := v.inside(name)
	t.lock.Lock()
	defer t.lock.Unlock()
	mode, err := t.look(inner, v)
	switch {
	case err != nil:
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	case mode.IsDir():
		return virtual.Folder(virtual.Info{Base: path.Base(name), Kind: fs.ModeDir}, func() ([]fs.DirEntry, error) { return v.ReadDir(name) }), nil
	}
	data, err := t.read(inner, v)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return virtual.File(virtual.Info{Base: path.Base(name), Bytes: int64(len(data))}, data), nil
}

// Stat implements [fs.StatFS]. A link to a file is one.
func (v *View) Stat(name string) (fs.FileInfo, error) {
	t, inner := v.inside(name)
	t.lock.Lock()
	defer t.lock.Unlock()
	mode, err := t.look(inner, v)
	if err == nil && mode&fs.ModeSymlink != 0 {
		_, err = t.read(inner, v)
		mode = 0
	}
	if err != nil {
		return nil, &fs.PathError{Op: "stat", Path: name, Err: err}
	}
	size := 0
	if o := t.objects[inner]; o != nil {
		size = len(o.data)
	}
	return virtual.Info{Base: path.Base(name), Kind: mode, Bytes: int64(size)}, nil
}

// ReadDir implements [fs.ReadDirFS].
func (v *View) ReadDir(name string) ([]fs.DirEntry, error) {
	t, inner := v.inside(name)
	t.lock.Lock()
	defer t.lock.Unlock()
	entries, err := t.entriesOf(inner, v)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	out := make([]fs.DirEntry, 0, len(entries))
	for _, base := range slices.Sorted(maps.Keys(entries)) {
		size := 0
		if o := t.objects[path.Join(inner, base)]; o != nil {
			size = len(o.data)
		}
		out = append(out, fs.FileInfoToDirEntry(virtual.Info{Base: base, Kind: entries[base].mode(), Bytes: int64(size)}))
	}
	return out, nil
}
