package gittree

import (
	"bytes"
	"io"
	"io/fs"
	"time"
)

// info describes a node. The size is read when it is asked for.
type info struct {
	name string
	node *node
	tree *Tree
}

func (i *info) Name() string       { return i.name }
func (i *info) Mode() fs.FileMode  { return i.node.mode }
func (i *info) ModTime() time.Time { return time.Time{} }
func (i *info) IsDir() bool        { return i.node.mode.IsDir() }
func (i *info) Sys() any           { return nil }

func (i *info) Size() int64 {
	if i.node.children != nil {
		return 0
	}
	content, err := i.tree.content(i.node.id)
	if err != nil {
		return 0
	}
	return int64(len(content))
}

// openFile is a file that is read.
type openFile struct {
	info *info
	*bytes.Reader
}

func (f *openFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *openFile) Close() error               { return nil }

// openFolder is a folder that is listed.
type openFolder struct {
	info    *info
	entries []fs.DirEntry
}

func (f *openFolder) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *openFolder) Close() error               { return nil }

func (f *openFolder) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: f.info.name, Err: fs.ErrInvalid}
}

// ReadDir returns the next n entries, or all where n is not positive.
func (f *openFolder) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 {
		n = len(f.entries)
	} else if len(f.entries) == 0 {
		return nil, io.EOF
	}
	n = min(n, len(f.entries))
	out := f.entries[:n:n]
	f.entries = f.entries[n:]
	return out, nil
}
