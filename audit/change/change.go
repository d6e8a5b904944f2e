// Package change tells what a job has made of the files of its checkout: which
// text one holds where it is read, or that this is not known any more.
//
// A [List] has the changes in their order, and is asked for a file late: what a
// change does is only worked out for the files that somebody reads.
package change

import (
	"path"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// Kind is what a change does to a file.
type Kind int

// The kinds of changes.
const (
	// Written is a file that holds Content, and nothing else.
	Written Kind = iota
	// Added is one that holds Content behind what was in it.
	Added
	// Copied is one that holds what From holds.
	Copied
	// Edited is one whose text Edit has changed.
	Edited
	// Replaced is one whose text is not known any more. In a folder it is of the
	// files that are there; others may have come, as builds do everywhere.
	Replaced
	// Removed is one that is gone.
	Removed
	// Restored is one that is as the checkout has it.
	Restored
)

// Change is what a command does to a file, or to the files of a folder.
type Change struct {
	Kind Kind
	// Path is from the workspace. That of a folder ends in "/"; it is "" for the
	// whole workspace.
	Path string
	// Content is for Written and Added, From for Copied, where it is a folder too
	// if Path is, Edit for Edited.
	Content value.Value
	From    string
	Edit    Edit
	// By is what makes it, for people.
	By string
	// Perhaps says that it may not have been made.
	Perhaps bool
	// Guards are the conditions under which it was made.
	Guards []string
}

// of tells whether a change is one of a file.
func (c *Change) of(name string) bool {
	return c.Path == name || c.Path == "" || strings.HasSuffix(c.Path, "/") && strings.HasPrefix(name, c.Path)
}

// folder tells whether it is one of all files of a folder.
func (c *Change) folder() bool { return c.Path == "" || strings.HasSuffix(c.Path, "/") }

// Edit changes a text. known is false where the lines that it changes say where to
// go, and what they say then is not known; lines that do not say it stay as they are.
type Edit func(name, text string) (changed string, known bool)

// maxChanges bounds those that are kept.
const maxChanges = 2000

// List are the changes so far, nil for none. Lists share what they have in common.
type List struct {
	change Change
	before *List
	length int
}

// With returns l with one more change. Where there are too many, nothing is known of
// any file any more.
func (l *List) With(c Change) *List {
	length := 1
	if l != nil {
		length += l.length
	}
	if length == maxChanges {
		c = Change{Kind: Replaced, By: "more changes of files than are looked at"}
	}
	if length > maxChanges {
		return l
	}
	return &List{c, l, length}
}

// Has tells whether a file has been changed.
func (l *List) Has(name string) bool {
	for ; l != nil; l = l.before {
		if l.change.of(name) {
			return true
		}
	}
	return false
}

// Any tells whether a file has been changed whose path matches, or all of a folder.
func (l *List) Any(matches func(name string) bool) bool {
	for ; l != nil; l = l.before {
		if l.change.folder() || matches(l.change.Path) {
			return true
		}
	}
	return false
}

// File is a file as a job has left it.
type File struct {
	Text  string
	There bool
	// By is what has changed it in a way that is not known, "" where it is. Text
	// and There are what was known before.
	By string
}

// maxText bounds the text of a file that was changed, in bytes, and maxMade that of
// all that [Files] make: beyond either, what a change does is not known.
const (
	maxText = 8 << 20
	maxMade = 64 << 20
)

// Files reads the files of a checkout as a job has left them.
type Files struct {
	// Read reads the files of the checkout.
	Read func(name string) (text string, ok bool)
	// spent is how much text was made so far.
	spent int
}

// Now returns a file as it is after all changes of a list. sure tells whether a change
// was made wherever the job comes to this place.
func (f *Files) Now(l *List, name string, sure func(Change) bool) File {
	return (&find{f, sure, map[version]File{}}).file(l, name)
}

// find reads files at one place of a job. A file is worked out once for each change
// of it, as the one after may ask for it more than once.
type find struct {
	*Files
	sure  func(Change) bool
	known map[version]File
}

// version is a file after the changes of a list.
type version struct {
	after *List
	name  string
}

// file returns a file as it is after all changes of a list.
func (f *find) file(l *List, name string) File {
	for ; l != nil && !l.change.of(name); l = l.before {
	}
	if l == nil {
		text, ok := f.Read(name)
		return File{Text: text, There: ok}
	}
	v := version{l, name}
	now, known := f.known[v]
	if !known {
		now = f.left(l, name)
		f.known[v] = now
	}
	return now
}

// left returns a file as the last change of a list has left it, be it made or not.
func (f *find) left(l *List, name string) File {
	now := f.after(l, name)
	if f.sure(l.change) {
		return now
	}
	before := f.file(l.before, name)
	switch {
	case before.By != "":
		return before
	case now.By != "" || now.There != before.There && says(name, now.Text+before.Text) || !Alike(name, before.Text, now.Text):
		before.By = l.change.By
	}
	return before
}

// after returns a file as the last change of a list leaves it where it is made.
func (f *find) after(l *List, name string) File {
	c := &l.change
	switch c.Kind {
	case Removed:
		return File{}
	case Restored:
		text, ok := f.Read(name)
		return File{Text: text, There: ok}
	case Copied:
		return f.copied(l, name)
	case Written:
		return f.written(l, name, c.Content, File{There: true})
	}
	before := f.file(l.before, name)
	switch {
	case c.Kind == Added:
		return f.written(l, name, c.Content, before)
	case !before.There && c.folder() || before.By != "":
	case c.Kind == Replaced:
		return File{before.Text, before.There, c.By}
	case c.Kind == Edited && before.There:
		text, known := before.Text, f.makes(before.Text)
		if known {
			text, known = c.Edit(name, before.Text)
		}
		if !known || !f.makes(text) {
			return File{before.Text, true, c.By}
		}
		before.Text = text
	}
	return before
}

// makes counts a text that is made, and tells whether there is room for it.
func (f *find) makes(text string) bool {
	f.spent += len(text)
	return len(text) <= maxText && f.spent <= maxMade
}

// copied returns a file as it is where others were copied to it, or to its folder.
func (f *find) copied(l *List, name string) File {
	c := &l.change
	if !c.folder() {
		from := f.file(l.before, c.From)
		if !from.There {
			from = f.file(l.before, name)
			from.By = c.By
		}
		return from
	}
	if from := f.file(l.before, path.Join(c.From, strings.TrimPrefix(name, c.Path))); from.There {
		return from
	}
	return f.file(l.before, name)
}

// written returns a file into which a text is put behind what is there.
func (f *find) written(l *List, name string, content value.Value, before File) File {
	before.There = true
	if before.By != "" {
		return before
	}
	first := ""
	for n, v := range content.Alternatives() {
		text, known := f.text(l, name, v)
		if !known || n > 0 && !Alike(name, first, text) || !f.makes(text) {
			old := f.file(l.before, name)
			old.By = l.change.By
			return old
		}
		if n == 0 {
			first = text
		}
	}
	if before.Text += first; !f.makes(before.Text) {
		before.By = l.change.By
	}
	return before
}
