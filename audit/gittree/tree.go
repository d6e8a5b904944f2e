package gittree

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/patrol-actions/patrol/audit/virtual"
)

const (
	// maxList bounds the list of a commit's files, in bytes. The largest
	// repositories there are have half a million.
	maxList = 128 << 20
	// maxBlob bounds a file; whoever reads files takes less.
	maxBlob = 4 << 20
	// maxLinks bounds how many links one name may lead through.
	maxLinks = 16
)

// Tree is the files of a commit. It is safe for concurrent use.
//
// Submodules are empty folders. Links are followed as long as they stay
// within the tree.
type Tree struct {
	ctx  context.Context
	git  Git
	root *node

	mutex sync.Mutex
	blobs map[string]blob
}

// node is a file or a folder.
type node struct {
	name     string
	mode     fs.FileMode
	id       string           // of a file's or a link's content
	children map[string]*node // of a folder
}

type blob struct {
	content []byte
	err     error
}

// Open lists the files of a state, below its prefix; where that is no folder
// of the commit, there are none. The context holds for all that is read.
func Open(ctx context.Context, git Git, b Base) (*Tree, error) {
	t := &Tree{ctx: ctx, git: git, root: folder("."), blobs: map[string]blob{}}
	name := b.Commit + "^{tree}"
	if b.Prefix != "" {
		name = b.Commit + ":" + b.Prefix
	}
	id, err := git.Run(ctx, shortAnswer, "rev-parse", "--verify", "--quiet", "--end-of-options", name)
	if err != nil {
		return nil, err
	}
	tree := strings.TrimSpace(string(id.Stdout))
	if id.Code != 0 || !objectID.MatchString(tree) {
		if b.Prefix == "" {
			return nil, failed(id)
		}
		return t, nil
	}
	list, err := git.Run(ctx, maxList, "ls-tree", "-r", "-z", "--full-tree", tree)
	switch {
	case err != nil:
		return nil, err
	case list.Truncated:
		return nil, errors.New("the commit has too many files")
	case list.Code != 0:
		return nil, failed(list)
	}
	for entry := range bytes.SplitSeq(list.Stdout, []byte{0}) {
		t.add(string(entry))
	}
	return t, nil
}

func folder(name string) *node {
	return &node{name: name, mode: fs.ModeDir | 0o755, children: map[string]*node{}}
}

// add takes a line "MODE TYPE ID\tNAME" of the list. A name that is none in a
// file system, which a tree made by hand may have, is left out.
func (t *Tree) add(entry string) {
	head, name, _ := strings.Cut(entry, "\t")
	words := strings.Fields(head)
	if len(words) != 3 || !fs.ValidPath(name) || name == "." || !objectID.MatchString(words[2]) {
		return
	}
	at := t.root
	dir, base := path.Split(name)
	for part := range strings.SplitSeq(strings.TrimSuffix(dir, "/"), "/") {
		if part == "" {
			continue
		}
		next := at.children[part]
		if next == nil {
			next = folder(part)
			at.children[part] = next
		}
		if next.children == nil {
			return
		}
		at = next
	}
	if at.children[base] != nil {
		return
	}
	switch words[0] {
	case "100644", "100664", "100755":
		at.children[base] = &node{name: base, mode: 0o644, id: words[2]}
	case "120000":
		at.children[base] = &node{name: base, mode: fs.ModeSymlink | 0o777, id: words[2]}
	case "160000":
		at.children[base] = folder(base)
	}
}

// find returns the node of a name, links followed.
func (t *Tree) find(op, name string) (*node, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	missing := &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
	rest := name
	for range maxLinks {
		at, done := t.root, "."
		parts := strings.Split(rest, "/")
		if rest == "." {
			parts = nil
		}
		link := false
		for i, part := range parts {
			if at = at.children[part]; at == nil {
				return nil, missing
			}
			if at.mode&fs.ModeSymlink == 0 {
				done = path.Join(done, part)
				continue
			}
			target, err := t.content(at.id)
			if err != nil {
				return nil, &fs.PathError{Op: op, Path: name, Err: err}
			}
			rest = path.Join(slices.Concat([]string{done, string(target)}, parts[i+1:])...)
			if path.IsAbs(string(target)) || !fs.ValidPath(rest) {
				return nil, missing // out of the tree
			}
			link = true
			break
		}
		if !link {
			return at, nil
		}
	}
	return nil, missing
}

// content reads a blob, once.
func (t *Tree) content(id string) ([]byte, error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if b, ok := t.blobs[id]; ok {
		return b.content, b.err
	}
	out, err := t.git.Run(t.ctx, maxBlob, "cat-file", "blob", id)
	switch {
	case err != nil:
	case out.Truncated:
		err = fmt.Errorf("the file is larger than %d MiB", maxBlob>>20)
	case out.Code != 0:
		err = failed(out)
	}
	b := blob{out.Stdout, err}
	if err != nil {
		b.content = nil
	}
	t.blobs[id] = b
	return b.content, b.err
}

// Open opens a file or a folder.
func (t *Tree) Open(name string) (fs.File, error) {
	n, err := t.find("open", name)
	if err != nil {
		return nil, err
	}
	info := &info{path.Base(name), n, t}
	if n.children != nil {
		return virtual.Folder(info, func() ([]fs.DirEntry, error) { return t.entries(n), nil }), nil
	}
	content, err := t.content(n.id)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return virtual.File(info, content), nil
}

// Stat describes a file or a folder without reading it.
func (t *Tree) Stat(name string) (fs.FileInfo, error) {
	n, err := t.find("stat", name)
	if err != nil {
		return nil, err
	}
	return &info{path.Base(name), n, t}, nil
}

// ReadDir lists a folder.
func (t *Tree) ReadDir(name string) ([]fs.DirEntry, error) {
	n, err := t.find("readdir", name)
	switch {
	case err != nil:
		return nil, err
	case n.children == nil:
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: errors.New("not a directory")}
	}
	return t.entries(n), nil
}

func (t *Tree) entries(n *node) []fs.DirEntry {
	out := make([]fs.DirEntry, 0, len(n.children))
	for _, child := range n.children {
		out = append(out, fs.FileInfoToDirEntry(&info{child.name, child, t}))
	}
	slices.SortFunc(out, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return out
}
