// Package fix rewrites what an audit calls replaceable: the expression that
// names the secret becomes that of GITHUB_TOKEN, and the job is given the
// permissions that it then needs.
//
// A wrong edit breaks somebody's release. So an edit changes the bytes that it
// is about and no others, a permission that a job has is never taken away from
// a step whose need is not known, and a result that does not parse, or in
// which an audit finds anything new, is not handed out. What is left alone is
// left with a [Note] that says why.
//
// How a job comes by its permissions:
//
//   - A block of its own is completed: keys are added or raised, never
//     lowered. One word for all keys is spelled out where it does not do.
//   - Else, where the workflow's block gives enough, nothing is added. Where it
//     does not, the job is given a block, which sets every key that it does
//     not name to none. It holds what all steps need, where that is known; for
//     a step of which it is not, it holds all that the workflow gave.
//   - Where nobody names permissions, the repository's setting decides, which
//     is either to write everything, or to read contents and packages. What
//     is surely given is not asked for again. More is asked for only where the
//     needs of all steps are known, because a block could take something away.
//
// The package does no I/O but through the file system that it is given.
package fix

import (
	"io/fs"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/scan"
	"github.com/patrol-actions/patrol/audit/trace"
)

// Edit replaces a piece of a file.
type Edit struct {
	// File is relative to the repository's root, with slashes.
	File string
	// Start and End are the byte offsets of what is replaced. They are the
	// same where something is put in.
	Start, End int
	// New stands in its place.
	New string
	// Line and EndLine are the lines, 1-based, of the file as it was, that the
	// edit touches; for whole lines that are put in, the line that they come
	// to stand before.
	Line, EndLine int
	// Why says in a few words what the edit is for.
	Why string
	// Reference is the ID of the reference that it is for; empty where it is
	// for several.
	Reference string
}

// Change is a set of edits that belong together: one without the others would
// leave a job without something that it needs.
type Change struct {
	// References are those that the change replaces.
	References []*audit.Reference
	// Edits are sorted by file and offset.
	Edits []Edit
	// Notes say what is to be known of the change.
	Notes []Note
}

// Note says something about a place of a file.
type Note struct {
	File string
	Line int
	// Text is plain text: it may hold what a repository has written.
	Text string
}

// Options say what to fix.
type Options struct {
	// Scan is how the repository is audited. Only the references of the file
	// Scan.Only are fixed, if it is set.
	Scan scan.Options
	// File is the one file of the file system that is audited, as a
	// repository of its own; empty for a whole repository.
	File string
	// Secrets are the names of the secrets to replace, compared without case;
	// empty for all.
	Secrets []string
	// Wanted tells which references to replace; nil for all.
	Wanted func(*audit.Reference) bool
}

// File is a file that changes.
type File struct {
	Path          string
	Before, After []byte
	// Edits lead from Before to After; they are sorted and do not overlap.
	Edits []Edit
}

// Result is what there is to change.
type Result struct {
	// Report is the audit of the repository as it is.
	Report *audit.Repository
	// Changes are in the order of the references.
	Changes []*Change
	// Left says of every replaceable reference that stays why it does.
	Left []Note
	// Files are the files that change, sorted by path.
	Files []File
}

// Plan finds out what to change in a repository. It is nothing where
// Scan.Context ends it early.
func Plan(fsys fs.FS, o Options) *Result {
	o.Scan.Whole, o.Scan.Memory = true, trace.NewMemory()
	p := &planner{fsys: fsys, options: o, left: map[*audit.Reference]string{}}
	p.before = p.analyze(fsys)
	p.choose()
	p.settle()
	changes := p.verified(p.changes())
	p.remaining(changes)
	result := &Result{Report: p.before.Report, Changes: changes, Left: p.notes()}
	result.Files = p.files(changes)
	if o.Scan.Stopped() {
		return &Result{Report: &audit.Repository{}} // the rest rests on audits that came to no end
	}
	return result
}

func (p *planner) analyze(fsys fs.FS) *scan.Analysis {
	if p.options.File != "" {
		return scan.AnalyzeFile(fsys, p.options.File, p.options.Scan)
	}
	return scan.Analyze(fsys, p.options.Scan)
}
