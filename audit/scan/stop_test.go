package scan

import (
	"context"
	"io/fs"
	"testing"
	"testing/fstest"
)

// watched is a file system that tells of the files that are opened.
type watched struct {
	fs.FS
	opened func(name string)
}

func (w watched) Open(name string) (fs.File, error) {
	w.opened(name)
	return w.FS.Open(name)
}

// TestStopped ends an audit while it reads a script: it reads no further, and
// gives nothing that it had.
func TestStopped(t *testing.T) {
	workflow := func(script string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: actions/checkout@v4\n      - {run: ./" + script + ", env: {GH_TOKEN: '${{ secrets.A_PAT }}'}}\n")}
	}
	script := &fstest.MapFile{Data: []byte("gh issue close 1\n")}
	files := fstest.MapFS{".github/workflows/a.yml": workflow("a.sh"), ".github/workflows/b.yml": workflow("b.sh"), "a.sh": script, "b.sh": script}
	ctx, cancel := context.WithCancel(t.Context())
	read := map[string]bool{}
	options := Options{Context: ctx}
	run := func(fsys fs.FS) int {
		r := Repository(watched{fsys, func(name string) {
			if read[name] = true; name == "a.sh" && options.Context == ctx {
				cancel()
			}
		}}, options)
		return len(r.References) + len(r.Findings)
	}
	if n := run(files); n != 0 || !options.Stopped() || !read["a.sh"] || read["b.sh"] {
		t.Errorf("it has %d records, and has read %v", n, read)
	}
	options.Context = nil
	if n := run(files); n == 0 || options.Stopped() || !read["b.sh"] {
		t.Errorf("not stopped it has %d records, and has read %v", n, read)
	}
}
