// Package virtual gives files and folders that lie on no disk, for file systems
// of what is read elsewhere.
package virtual

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"time"
)

// Info describes a file or a folder. Nothing tells its time.
type Info struct {
	// Base is its name without the folder, Kind its type; both may be read by
	// everybody.
	Base string
	Kind fs.FileMode
	// Bytes is the size of a file, 0 where it is not known.
	Bytes int64
}

// Name implements [fs.FileInfo], as the others do.
func (i Info) Name() string { return i.Base }

// Size is the size in bytes.
func (i Info) Size() int64 { return i.Bytes }

// Mode is the type, and that everybody may read it.
func (i Info) Mode() fs.FileMode { return i.Kind | 0o444 }

// ModTime is the zero time.
func (i Info) ModTime() time.Time { return time.Time{} }

// IsDir tells whether it is a folder.
func (i Info) IsDir() bool { return i.Kind.IsDir() }

// Sys is nil.
func (i Info) Sys() any { return nil }

// File opens a file with some content.
func File(info fs.FileInfo, data []byte) fs.File {
	return &file{info: info, reader: bytes.NewReader(data)}
}

// LazyFile opens a file whose content is asked for when it is first read.
func LazyFile(info fs.FileInfo, fetch func() ([]byte, error)) fs.File {
	return &file{info: info, fetch: fetch}
}

type file struct {
	info   fs.FileInfo
	fetch  func() ([]byte, error)
	reader *bytes.Reader
}

func (f *file) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *file) Close() error               { return nil }

func (f *file) Read(p []byte) (int, error) {
	if f.reader == nil {
		data, err := f.fetch()
		if err != nil {
			return 0, err
		}
		f.reader = bytes.NewReader(data)
	}
	return f.reader.Read(p)
}

// Folder opens a folder whose entries are asked for when they are first read.
func Folder(info fs.FileInfo, list func() ([]fs.DirEntry, error)) fs.ReadDirFile {
	return &folder{info: info, list: list}
}

type folder struct {
	info fs.FileInfo
	list func() ([]fs.DirEntry, error)
	left []fs.DirEntry
}

func (f *folder) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *folder) Close() error               { return nil }

func (f *folder) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: f.info.Name(), Err: errors.New("this is a folder")}
}

// ReadDir returns the next n entries, or all where n is not positive.
func (f *folder) ReadDir(n int) ([]fs.DirEntry, error) {
	if f.list != nil {
		left, err := f.list()
		if err != nil {
			return nil, err
		}
		f.left, f.list = left, nil
	}
	if n > 0 && len(f.left) == 0 {
		return nil, io.EOF
	}
	if n <= 0 || n > len(f.left) {
		n = len(f.left)
	}
	out := f.left[:n:n]
	f.left = f.left[n:]
	return out, nil
}
