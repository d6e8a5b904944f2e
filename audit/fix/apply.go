package fix

import (
	"bytes"
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/patrol-actions/patrol/audit/virtual"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// Apply makes edits in a source. It refuses edits that lie outside of it, and
// those that overlap; where two are the same, one of them is made. The source
// stays as it is.
func Apply(source []byte, edits []Edit) ([]byte, error) {
	sorted := slices.Clone(edits)
	sortEdits(sorted)
	sorted = slices.CompactFunc(sorted, same)
	var out bytes.Buffer
	at := 0
	for _, e := range sorted {
		switch {
		case e.Start < 0 || e.End < e.Start || e.End > len(source):
			return nil, fmt.Errorf("an edit of bytes %d to %d lies outside of %d bytes", e.Start, e.End, len(source))
		case e.Start < at:
			return nil, fmt.Errorf("two edits overlap at byte %d", e.Start)
		}
		out.Write(source[at:e.Start])
		out.WriteString(e.New)
		at = e.End
	}
	out.Write(source[at:])
	return out.Bytes(), nil
}

func sortEdits(edits []Edit) {
	slices.SortStableFunc(edits, func(a, b Edit) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
	})
}

// same tells whether two edits do the same, whatever they are for.
func same(a, b Edit) bool {
	return a.File == b.File && a.Start == b.Start && a.End == b.End && a.New == b.New
}

// overlay is a file system in which some files have another content.
type overlay struct {
	fs.FS
	files map[string][]byte
}

// over lays files over others. What shows only a part shows only a part still.
func over(below fs.FS, files map[string][]byte) fs.FS {
	top := overlay{below, files}
	if partial, ok := below.(workflow.Partial); ok {
		return partialOverlay{top, partial}
	}
	return top
}

// partialOverlay is one over a file system that does not show all there is.
type partialOverlay struct {
	overlay
	partial workflow.Partial
}

// ActionFolders implements [workflow.Partial].
func (o partialOverlay) ActionFolders() []string { return o.partial.ActionFolders() }

// AllFiles implements [workflow.Partial]: a file that is laid over is there below.
func (o partialOverlay) AllFiles() []string { return o.partial.AllFiles() }

// Open implements fs.FS.
func (o overlay) Open(name string) (fs.File, error) {
	content, ok := o.files[name]
	if !ok {
		return o.FS.Open(name)
	}
	return virtual.File(virtual.Info{Base: path.Base(name), Bytes: int64(len(content))}, content), nil
}
