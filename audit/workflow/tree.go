package workflow

import (
	"io/fs"
	"path"
	"slices"
)

// maxTree bounds the entries of folders that [Repository.Tree] looks at.
const maxTree = 40000

// vendored are folders whose files are not the project's own, or come of others.
var vendored = []string{
	".git", ".github", "node_modules", "vendor", "third_party", "thirdparty", "bower_components", "dist", "target", "out", ".venv", "venv", "site-packages", "__pycache__", ".tox", ".yarn",
	"Pods", "Carthage", "external", "fixtures", "__snapshots__", "snapshots", "testdata",
}

// Tree returns the paths of the files of the repository outside .github that
// are its own, in a bounded number: none where it takes a request to read a
// file, as with a [Partial] one. It is looked through once.
func (r *Repository) Tree() []string {
	if r.walked || r.fsys == nil {
		return r.tree
	}
	r.walked = true
	if _, partial := r.fsys.(Partial); partial {
		return nil
	}
	seen := 0
	for folders := []string{"."}; len(folders) > 0 && seen < maxTree; folders = folders[1:] {
		entries, err := fs.ReadDir(r.fsys, folders[0])
		if err != nil {
			continue
		}
		for _, e := range entries {
			if seen++; seen > maxTree {
				break
			}
			switch name := path.Join(folders[0], e.Name()); {
			case e.Type().IsRegular():
				r.tree = append(r.tree, name)
			case e.IsDir() && !slices.Contains(vendored, e.Name()):
				folders = append(folders, name)
			}
		}
	}
	return r.tree
}

// Peek returns the content of a file that is looked at but once, and not kept;
// nil for one larger than a number of bytes, or that cannot be read.
func (r *Repository) Peek(name string, limit int) []byte {
	if r.fsys == nil || !fs.ValidPath(name) {
		return nil
	}
	info, err := fs.Stat(r.fsys, name)
	if err != nil || !info.Mode().IsRegular() || info.Size() > int64(limit) {
		return nil
	}
	source, err := readRegular(r.fsys, name)
	if err != nil || len(source) > limit {
		return nil
	}
	return source
}
