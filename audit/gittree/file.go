package gittree

import (
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
