package bulk

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"
)

// Tree is what is known of a repository at a commit. It may be used by several
// goroutines.
type Tree struct {
	// name is "owner/name", ref the commit or, for a repository that others
	// name, what they call it.
	name, ref string

	lock sync.Mutex
	// commit is the full name of the commit; empty until it is known.
	commit string
	// err is why nothing can be read: fs.ErrNotExist where there is nothing.
	err error
	// folders has the entries of the folders that are known, by path.
	folders map[string]map[string]Entry
	// objects are the files and folders that were asked for, by path.
	objects map[string]*object
	bytes   int
	// files are the names of all files, if listed says that they were asked for:
	// none where there are more than GitHub lists at once.
	files  []string
	listed bool
	// single tells that folders are asked for without the content of their
	// files, which was too much; tries counts the answers that broke off.
	single bool
	tries  int
}

// object is a file or a folder that was asked for.
type object struct {
	folder bool
	data   []byte
	// err is why there is no content: fs.ErrNotExist for what is not there.
	err error
	// cut says that GitHub gave the beginning of the file alone.
	cut bool
}

var (
	// errUnread is for what was not asked for yet.
	errUnread = errors.New("it was not read yet")
	errLarge  = fmt.Errorf("the file is larger than %d KiB, the most that is read", maxFile>>10)
	errBinary = errors.New("it is no text")
	errGone   = errors.New("its default branch was at a commit that GitHub does not have any more: the next run reads it as it is then")
	errMany   = fmt.Errorf("more than %d files and folders, or %d MiB of them, would have to be read of the repository", maxObjects, maxBytes>>20)
)

// Tree begins to read a listed repository: its root folder is known, and
// nothing else.
func (r *Repository) Tree() *Tree {
	t := &Tree{name: r.Name, ref: r.Commit, folders: map[string]map[string]Entry{}, objects: map[string]*object{}}
	if r.Empty() {
		t.err = fs.ErrNotExist
		return t
	}
	t.at(r.Commit, r.Root)
	return t
}

// named begins to read a repository that others name, of which nothing is
// known.
func named(name, ref string) *Tree {
	return &Tree{name: name, ref: ref, folders: map[string]map[string]Entry{}, objects: map[string]*object{}}
}

// at says which commit the tree is of, and what its root folder has.
func (t *Tree) at(commit string, root []Entry) {
	t.commit = commit
	t.list(".", root)
}

// list says what a folder has.
func (t *Tree) list(name string, all []Entry) {
	entries := make(map[string]Entry, len(all))
	for _, e := range all {
		entries[e.Name] = e
	}
	t.folders[name] = entries
}

// kind is a way to ask.
type kind uint8

const (
	// kindTree asks which commit a ref names, and for its root folder.
	kindTree kind = iota
	// kindObject asks for a file, or for the entries of a folder.
	kindObject
	// kindFolder asks for a folder with the content of its files.
	kindFolder
	// kindRaw asks for a file that a query does not give in full.
	kindRaw
	// kindList asks for the names of all files.
	kindList
)

// Want is something of a repository that is to be asked for.
type Want struct {
	tree *Tree
	kind kind
	path string
}

// missing notes what is to be asked for.
type missing interface {
	want(t *Tree, k kind, name string)
}

// look tells what lies at a path. The error is errUnread where that is not
// known; then it is noted as missing.
func (t *Tree) look(name string, m missing) (fs.FileMode, error) {
	switch {
	case !fs.ValidPath(name):
		return 0, fs.ErrInvalid
	case t.err != nil:
		return 0, t.err
	case t.commit == "":
		m.want(t, kindTree, "")
		return 0, errUnread
	case name == ".":
		return fs.ModeDir, nil
	}
	if entries, listed := t.folders[path.Dir(name)]; listed {
		e, ok := entries[path.Base(name)]
		if !ok {
			return 0, fs.ErrNotExist
		}
		return e.mode(), nil
	}
	if o := t.objects[name]; o != nil {
		switch {
		case o.folder:
			return fs.ModeDir, nil
		case errors.Is(o.err, fs.ErrNotExist):
			return 0, fs.ErrNotExist
		}
		return 0, nil
	}
	above := path.Dir(name)
	mode, err := t.look(above, quiet{})
	switch {
	case err != nil && !errors.Is(err, errUnread):
		return 0, fs.ErrNotExist
	case err == nil && !mode.IsDir():
		return 0, fs.ErrNotExist
	case len(t.objects) >= maxObjects:
		return 0, errMany
	}
	// With the folder it is known what else is not there, and what is a link.
	m.want(t, kindObject, above)
	m.want(t, kindObject, name)
	return 0, errUnread
}

// quiet takes note of nothing.
type quiet struct{}

func (quiet) want(*Tree, kind, string) {}

// entriesOf are the entries of a folder.
func (t *Tree) entriesOf(name string, m missing) (map[string]Entry, error) {
	mode, err := t.look(name, m)
	switch {
	case err != nil:
		return nil, err
	case !mode.IsDir():
		return nil, errors.New("this is no folder")
	}
	if entries, listed := t.folders[name]; listed {
		return entries, nil
	}
	if o := t.objects[name]; o != nil {
		return nil, nil // a submodule: its files are another repository's
	}
	m.want(t, kindObject, name)
	return nil, errUnread
}

// maxLinks bounds how many links one name may lead through.
const maxLinks = 8

// read gives the content of a file, through links to files of the tree.
func (t *Tree) read(name string, m missing) ([]byte, error) {
	for range maxLinks {
		mode, err := t.look(name, m)
		switch {
		case err != nil:
			return nil, err
		case mode.IsDir():
			return nil, errors.New("this is a folder")
		}
		data, err := t.content(name, m)
		if err != nil || mode&fs.ModeSymlink == 0 {
			return data, err
		}
		target := path.Join(path.Dir(name), string(data))
		if strings.HasPrefix(string(data), "/") || !fs.ValidPath(target) {
			return nil, errors.New("it is a link out of the repository")
		}
		name = target
	}
	return nil, errors.New("it is a link that leads through too many others")
}

// content gives what stands in the object at a path.
func (t *Tree) content(name string, m missing) ([]byte, error) {
	o := t.objects[name]
	switch {
	case o == nil && (len(t.objects) >= maxObjects || t.bytes > maxBytes):
		return nil, errMany
	case o == nil:
		m.want(t, kindObject, name)
		return nil, errUnread
	case o.cut:
		m.want(t, kindRaw, name)
		return nil, errUnread
	}
	return o.data, o.err
}

// all gives the names of all files.
func (t *Tree) all(m missing) []string {
	if _, err := t.look(".", m); err != nil {
		return nil
	}
	if !t.listed {
		m.want(t, kindList, "")
	}
	return t.files
}

// known tells whether a folder that was read has a path as a file or a folder
// of the repository.
func (t *Tree) known(name string) bool {
	e, ok := t.folders[path.Dir(name)][path.Base(name)]
	return ok && e.Mode != modeSubmodule
}

// fill notes what a file holds.
func (t *Tree) fill(name string, o *object) {
	t.objects[name] = o
	t.bytes += len(o.data)
}

// fail ends the reading of a tree.
func (t *Tree) fail(err error) {
	t.lock.Lock()
	defer t.lock.Unlock()
	t.err = err
}

// Err is why nothing of the repository can be read; nil where something can.
func (t *Tree) Err() error {
	t.lock.Lock()
	defer t.lock.Unlock()
	return t.err
}
