package remote

import (
	"cmp"
	"errors"
	"io/fs"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/patrol-actions/patrol/audit/github"
	"github.com/patrol-actions/patrol/audit/virtual"
)

// node is a file or a folder of a tree.
type node struct {
	mode fs.FileMode
	size int64
	// id is a file's object ID in git.
	id string
	// data is a file's content; nil until it is asked for.
	data *content
}

// content is a file's content, asked for once.
type content struct {
	once sync.Once
	data []byte
	err  error
}

// errLarge is for files of which nothing is read.
var errLarge = errors.New("the file is larger than 1024 KiB, the most that is read")

// tree is a repository at a version. Its list of files is asked for at once;
// where that is too long for one answer, folder by folder.
type tree struct {
	source *Source
	name   Name
	once   sync.Once
	err    error
	// whole says that dirs has every folder.
	whole bool

	lock sync.Mutex
	dirs map[string]map[string]*node
	// bad are folders that could not be listed.
	bad map[string]error
}

var (
	_ fs.StatFS    = (*tree)(nil)
	_ fs.ReadDirFS = (*tree)(nil)
)

func newTree(s *Source, n Name) *tree {
	return &tree{source: s, name: n, dirs: map[string]map[string]*node{}, bad: map[string]error{}}
}

// load asks for the list of files.
func (t *tree) load() {
	var answer struct {
		Tree []struct {
			Path, Mode, Type, SHA string
			Size                  int64
		}
		Truncated bool
	}
	t.err = t.source.get(github.Path("repos", t.name.Owner, t.name.Repository, "git", "trees", t.name.Ref), url.Values{"recursive": {"1"}}, &answer)
	var large *github.SizeError
	if errors.As(t.err, &large) {
		t.err, answer.Truncated = nil, true
	}
	if t.err != nil || answer.Truncated {
		return
	}
	t.dirs["."] = map[string]*node{}
	for _, e := range answer.Tree {
		switch {
		case e.Type == "tree":
			t.add(e.Path, &node{mode: fs.ModeDir})
		case e.Type == "blob" && e.Mode == "120000":
			t.add(e.Path, &node{mode: fs.ModeSymlink})
		case e.Type == "blob":
			t.add(e.Path, &node{size: e.Size, id: e.SHA, data: &content{}})
		}
	}
	t.whole = true
}

// add puts a node into its folder, which is made if need be. A name that leads
// out, or goes through a file, is left out.
func (t *tree) add(name string, n *node) bool {
	if !fs.ValidPath(name) || name == "." {
		return false
	}
	dir, base := path.Split(name)
	dir = path.Clean(dir)
	if t.dirs[dir] == nil {
		if !t.add(dir, &node{mode: fs.ModeDir}) {
			return false
		}
	}
	if had := t.dirs[dir][base]; had != nil {
		return had.mode.IsDir() && n.mode.IsDir()
	}
	t.dirs[dir][base] = n
	if n.mode.IsDir() {
		t.dirs[name] = map[string]*node{}
	}
	return true
}

// list returns what is in a folder.
func (t *tree) list(dir string) (map[string]*node, error) {
	t.lock.Lock()
	defer t.lock.Unlock()
	switch entries, ok := t.dirs[dir]; {
	case ok:
		return entries, nil
	case t.whole:
		return nil, fs.ErrNotExist
	case t.bad[dir] != nil:
		return nil, t.bad[dir]
	}
	var answer []struct {
		Name, Type, SHA string
		Size            int64
	}
	if err := t.source.get(t.contents(dir), url.Values{"ref": {t.name.Ref}}, &answer); err != nil {
		t.bad[dir] = err
		return nil, err
	}
	entries := map[string]*node{}
	for _, e := range answer {
		switch {
		case !fs.ValidPath(e.Name) || strings.Contains(e.Name, "/"):
		case e.Type == "dir":
			entries[e.Name] = &node{mode: fs.ModeDir}
		case e.Type == "file":
			entries[e.Name] = &node{size: e.Size, id: e.SHA, data: &content{}}
		case e.Type == "symlink":
			entries[e.Name] = &node{mode: fs.ModeSymlink}
		}
	}
	t.dirs[dir] = entries
	return entries, nil
}

// contents is the path by which the API gives a file or a folder.
func (t *tree) contents(name string) string {
	parts := []string{"repos", t.name.Owner, t.name.Repository, "contents"}
	if name != "." {
		parts = append(parts, strings.Split(name, "/")...)
	}
	return github.Path(parts...)
}

// find returns a node. A folder is only looked into where the one above says
// that there is one.
func (t *tree) find(name string) (*node, error) {
	if !fs.ValidPath(name) {
		return nil, fs.ErrInvalid
	}
	if name == "." {
		return &node{mode: fs.ModeDir}, nil
	}
	if !t.whole {
		if above, err := t.find(path.Dir(name)); err != nil || !above.mode.IsDir() {
			return nil, cmp.Or(err, fs.ErrNotExist)
		}
	}
	entries, err := t.list(path.Dir(name))
	if err != nil {
		return nil, err
	}
	n := entries[path.Base(name)]
	if n == nil {
		return nil, fs.ErrNotExist
	}
	return n, nil
}

// read returns the content of a file.
func (t *tree) read(name string, n *node) ([]byte, error) {
	n.data.once.Do(func() {
		switch {
		case n.data.data != nil || n.size == 0:
		case n.size > maxFile:
			n.data.err = errLarge
		default:
			n.data.data, n.data.err = t.source.raw(t.contents(name), url.Values{"ref": {t.name.Ref}})
			if len(n.data.data) > maxFile {
				n.data.data, n.data.err = nil, errLarge
			}
		}
	})
	return n.data.data, n.data.err
}

// Open implements [fs.FS]. The content of a file is asked for when it is read.
func (t *tree) Open(name string) (fs.File, error) {
	return t.open(name, func(err error) error { return err })
}

// open opens a file whose errors in reading pass through a function.
func (t *tree) open(name string, checked func(error) error) (fs.File, error) {
	n, err := t.find(name)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	switch {
	case n.mode.IsDir():
		return virtual.Folder(n.info(path.Base(name)), func() ([]fs.DirEntry, error) { return t.ReadDir(name) }), nil
	case n.mode.IsRegular():
		return virtual.LazyFile(n.info(path.Base(name)), func() ([]byte, error) {
			data, err := t.read(name, n)
			return data, checked(err)
		}), nil
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("this is not a regular file")}
}

// Stat implements [fs.StatFS].
func (t *tree) Stat(name string) (fs.FileInfo, error) {
	n, err := t.find(name)
	if err != nil {
		return nil, &fs.PathError{Op: "stat", Path: name, Err: err}
	}
	return n.info(path.Base(name)), nil
}

// ReadDir implements [fs.ReadDirFS].
func (t *tree) ReadDir(name string) ([]fs.DirEntry, error) {
	n, err := t.find(name)
	if err == nil && !n.mode.IsDir() {
		err = errors.New("this is no folder")
	}
	var entries map[string]*node
	if err == nil {
		entries, err = t.list(name)
	}
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	var out []fs.DirEntry
	for _, base := range slices.Sorted(maps.Keys(entries)) {
		out = append(out, fs.FileInfoToDirEntry(entries[base].info(base)))
	}
	return out, nil
}

// info describes a node.
func (n *node) info(base string) virtual.Info {
	return virtual.Info{Base: base, Kind: n.mode, Bytes: n.size}
}
