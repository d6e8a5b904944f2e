package workflow

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
)

// maxSize is the size up to which files are read. GitHub itself takes
// workflow files of half that size at most.
const maxSize = 1 << 20

// maxKept bounds, in bytes, the files that are kept once they were read.
const maxKept = 8 << 20

// Partial is a file system that does not show all there is, such as one whose
// files are read over an API as they are asked for. [Load] looks for actions
// in the folders that it names alone; those that a workflow names are found by
// [Repository.Action].
type Partial interface {
	fs.FS
	// ActionFolders are the folders known to hold an action.
	ActionFolders() []string
	// AllFiles are the names of all files: none where they are not known, or are
	// more than one answer gives.
	AllFiles() []string
}

// Read returns the content of any file of the repository. It refuses paths
// that lead out of it, what is no regular file, and files over 1 MiB. It is not
// safe for concurrent use, and nobody may change what it returns: scripts are
// read again and again, so that what was read is kept.
func (r *Repository) Read(name string) ([]byte, error) {
	name = path.Clean(name)
	if r.missing[name] || r.missing[path.Dir(name)] {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	if source, known := r.contents[name]; known {
		return source, nil
	}
	source, err := readFile(r.fsys, name)
	if err == nil && r.kept+len(source) <= maxKept {
		r.kept += len(source)
		r.contents[name] = source
	}
	// The file system may show another repository only later.
	if errors.Is(err, fs.ErrNotExist) && !audit.Elsewhere(name) {
		r.missing[name] = true
		if folder := path.Dir(name); !exists(r.fsys, folder) {
			r.missing[folder] = true
		}
	}
	return source, err
}

// Glob returns the names of the files that match a pattern of [path.Match], in
// order: none where the pattern is malformed.
func (r *Repository) Glob(pattern string) []string {
	if r.fsys == nil {
		return nil
	}
	names, _ := fs.Glob(r.fsys, path.Clean(pattern))
	return names
}

// maxListed bounds the files that [Repository.All] lists.
const maxListed = 30000

// All returns the names of the repository's files, sorted, without those of .git,
// node_modules and vendor folders: none where there are too many of them, or where
// they are not known. Nobody may change the list.
func (r *Repository) All() []string {
	if r.ordered {
		return r.all
	}
	if partial, ok := r.fsys.(Partial); ok {
		names := partial.AllFiles()
		r.listed = names != nil
		for _, name := range names {
			r.list(name)
		}
	} else if !r.listed && r.fsys != nil {
		r.walk(func(string, fs.DirEntry) {}, func(string, error) {})
	}
	if len(r.all) > maxListed {
		r.all = nil
	}
	slices.Sort(r.all)
	r.ordered = r.listed
	return r.all
}

// list takes note of a file, unless it is one that [Repository.All] leaves out.
func (r *Repository) list(name string) {
	if len(r.all) > maxListed || audit.Elsewhere(name) {
		return
	}
	for folder := range strings.SplitSeq(path.Dir(name), "/") {
		if folder == ".git" || folder == "node_modules" || folder == "vendor" {
			return
		}
	}
	r.all = append(r.all, name)
}

// walk goes through every file of a file system that shows all, but for those in
// .git and node_modules folders. Links to folders are not followed.
func (r *Repository) walk(found func(name string, entry fs.DirEntry), failed func(name string, err error)) {
	r.all, r.listed = nil, true
	_ = fs.WalkDir(r.fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			if name != "." || !errors.Is(err, fs.ErrNotExist) {
				failed(name, err)
			}
			return fs.SkipDir
		case entry.IsDir() && (entry.Name() == ".git" || entry.Name() == "node_modules"):
			return fs.SkipDir
		case !entry.IsDir():
			r.list(name)
			found(name, entry)
		}
		return nil
	})
}

// Files returns the names of the files in a folder of the repository, sorted.
func (r *Repository) Files(folder string) []string {
	return r.entries(folder, func(e fs.DirEntry) bool { return !e.IsDir() })
}

// Folders returns the names of the folders in a folder of the repository,
// sorted. A symbolic link is none.
func (r *Repository) Folders(folder string) []string { return r.entries(folder, fs.DirEntry.IsDir) }

func (r *Repository) entries(folder string, wanted func(fs.DirEntry) bool) []string {
	var names []string
	for _, e := range r.folder(folder) {
		if wanted(e) {
			names = append(names, e.Name())
		}
	}
	return names
}

// folder lists a folder. What is the repository's own is listed once, for its files
// stay as they are while it is audited; a file system that is [Partial], or the
// folders of other repositories, may show more later.
func (r *Repository) folder(name string) []fs.DirEntry {
	if r.fsys == nil || !fs.ValidPath(name) {
		return nil
	}
	if entries, known := r.folders[name]; known {
		return entries
	}
	entries, err := fs.ReadDir(r.fsys, name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if _, partial := r.fsys.(Partial); !partial && !audit.Elsewhere(name) && r.keptEntries+len(entries) < maxListed {
		r.keptEntries += len(entries) + 1
		r.folders[name] = entries
	}
	return entries
}

func readFile(fsys fs.FS, name string) ([]byte, error) {
	if fsys == nil || !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	// Before it is opened: opening a pipe would wait for a writer.
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("this is not a regular file")
	}
	return readRegular(fsys, name)
}

// readRegular reads what is known to be a regular file.
func readRegular(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	// The size is no promise, so the reading is bounded too.
	if info.Size() <= maxSize {
		content := bytes.NewBuffer(make([]byte, 0, info.Size()+bytes.MinRead))
		if _, err := content.ReadFrom(io.LimitReader(f, maxSize+1)); err != nil {
			return nil, err
		}
		if content.Len() <= maxSize {
			return content.Bytes(), nil
		}
	}
	return nil, fmt.Errorf("the file is larger than %d KiB, the most that is read", maxSize>>10)
}

func exists(fsys fs.FS, name string) bool {
	_, err := fs.Stat(fsys, name)
	return err == nil
}
