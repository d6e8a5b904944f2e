package remote

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"github.com/patrol-actions/patrol/audit"
)

// maxMounts bounds the repositories that one audit looks into.
const maxMounts = 200

// View is a repository together with those that its workflows name. A file of
// another repository has the name owner/name@ref/path, see [audit.Elsewhere].
type View struct {
	source *Source
	local  fs.FS

	lock     sync.Mutex
	mounts   map[string]*mount
	problems []audit.Problem
	ended    bool
}

// mount is another repository of a view.
type mount struct {
	folder string
	tree   *tree
	err    error
	// at is where it was asked for first.
	at audit.Place
	// failed says that a file of it could not be read, and that this is noted.
	failed bool
}

var (
	_ fs.StatFS    = (*View)(nil)
	_ fs.ReadDirFS = (*View)(nil)
)

// Over lays other repositories beside the files of one.
func (s *Source) Over(local fs.FS) *View {
	return &View{source: s, local: local, mounts: map[string]*mount{}}
}

// Mount makes a repository "owner/name" at a ref readable, below the folder
// that it returns. The error is [fs.ErrNotExist] where there is none or the
// token may not know of it. Any other is noted as a problem at the place, and
// none is noted twice.
func (v *View) Mount(repository, ref string, at audit.Place) (folder string, err error) {
	name, ok := Parse(repository + "@" + ref)
	if !ok {
		return "", fs.ErrNotExist
	}
	v.lock.Lock()
	m := v.mounts[name.String()]
	known := m != nil
	if !known {
		if len(v.mounts) >= maxMounts {
			v.lock.Unlock()
			return "", v.fail(&mount{folder: name.String(), at: at}, fmt.Errorf("more than %d repositories and versions are named", maxMounts))
		}
		m = &mount{folder: name.String(), at: at}
		v.mounts[m.folder] = m
	}
	v.lock.Unlock()
	if !known {
		m.tree, m.err = v.source.tree(name)
		if m.err != nil && !errors.Is(m.err, fs.ErrNotExist) {
			m.err = v.fail(m, m.err)
		}
	}
	return m.folder, m.err
}

// fail notes a problem. Where nothing more is asked of GitHub at all, that is
// said once.
func (v *View) fail(m *mount, err error) error {
	v.lock.Lock()
	defer v.lock.Unlock()
	message := "could not read " + m.folder + ": " + err.Error()
	switch over := v.source.over(); {
	case m.failed || over != nil && v.ended:
		return err
	case over != nil:
		v.ended = true
		message += "; nothing more was read of other repositories"
	}
	m.failed = true
	v.problems = append(v.problems, audit.Problem{File: m.at.File, Line: m.at.Line, Message: message, Unread: v.ended})
	return err
}

// Problems are what could not be read of other repositories.
func (v *View) Problems() []audit.Problem {
	v.lock.Lock()
	defer v.lock.Unlock()
	return append([]audit.Problem(nil), v.problems...)
}

// inside tells which repository a name lies in, and what it is called there;
// nil for the view's own.
func (v *View) inside(name string) (*mount, string) {
	if !strings.Contains(name, "@") || !fs.ValidPath(name) {
		return nil, name
	}
	v.lock.Lock()
	defer v.lock.Unlock()
	for i := len(name); i > 0; i = strings.LastIndexByte(name[:i], '/') {
		// A ref may go on where another ends: the longer one counts.
		if m := v.mounts[name[:i]]; m != nil && m.tree != nil && m.err == nil {
			return m, cmp.Or(strings.TrimPrefix(name[i:], "/"), ".")
		}
	}
	return nil, name
}

// checked notes a failure other than that of something that is not there.
func (v *View) checked(m *mount, err error) error {
	if err == nil || errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) || errors.Is(err, errLarge) {
		return err
	}
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		_ = v.fail(m, pathError.Err)
		return err
	}
	return v.fail(m, err)
}

// Open implements [fs.FS].
func (v *View) Open(name string) (fs.File, error) {
	m, rest := v.inside(name)
	if m == nil {
		return v.local.Open(name)
	}
	opened, err := m.tree.open(rest, func(err error) error { return v.checked(m, err) })
	return opened, v.checked(m, err)
}

// Stat implements [fs.StatFS].
func (v *View) Stat(name string) (fs.FileInfo, error) {
	m, rest := v.inside(name)
	if m == nil {
		return fs.Stat(v.local, name)
	}
	i, err := m.tree.Stat(rest)
	return i, v.checked(m, err)
}

// ReadDir implements [fs.ReadDirFS].
func (v *View) ReadDir(name string) ([]fs.DirEntry, error) {
	m, rest := v.inside(name)
	if m == nil {
		return fs.ReadDir(v.local, name)
	}
	entries, err := m.tree.ReadDir(rest)
	return entries, v.checked(m, err)
}
