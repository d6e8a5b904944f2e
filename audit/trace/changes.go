package trace

import (
	"io/fs"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/change"
	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// staleFile is a file of the checkout that the job has changed before it is read, in
// a way that is not known.
type staleFile struct{ name, by string }

// StaleFile says of a file that a command has changed it in a way that is not known.
func StaleFile(name, by string) *Unread {
	return &Unread{name, "is changed by the job before it is read (" + by + ")", "keep the text that counts in the repository"}
}

// file reads a file of the repository as the job has left it. Where it has changed it
// in a way that is not known, that is noted, and the text is the one before.
func (r *run) file(name string) ([]byte, error) {
	if !r.changes.Has(name) {
		return r.t.repository.Read(name)
	}
	now := r.now(name)
	if now.By != "" {
		r.stale = append(r.stale, staleFile{name, now.By})
	}
	if !now.There {
		return nil, fs.ErrNotExist
	}
	return []byte(now.Text), nil
}

// now returns a file as the job has left it.
func (r *run) now(name string) change.File {
	return r.checkout.Now(r.changes, name, sureFor(r.guards))
}

// isKnown tells whether a path relative to a directory is that of a file whose text is
// known as the job has left it.
func (r *run) isKnown(dir value.Value, word string) bool {
	stale := r.stale
	defer func() { r.stale = stale }()
	r.stale = nil
	_, _, there := r.read(dir, word)
	return there && r.stale == nil
}

// sureFor tells of a change whether it was made wherever code runs that has guards.
func sureFor(guards []string) func(change.Change) bool {
	return func(c change.Change) bool { return !c.Perhaps && covers(c.Guards, guards) }
}

// textOf reads a file of the checkout.
func (t *tracer) textOf(name string) (string, bool) {
	source, err := t.repository.Read(name)
	if err != nil {
		return "", false
	}
	return t.asText(name, source), true
}

// changedAction notes a local action whose file the job has changed.
func (r *run) changedAction(action *workflow.Action) {
	if !r.changes.Has(action.Path) {
		return
	}
	stale := len(r.stale)
	now, err := r.file(action.Path)
	if before, _ := r.t.textOf(action.Path); len(r.stale) == stale && (err != nil || !change.Alike(action.Path, before, string(now))) {
		r.stale = append(r.stale, staleFile{action.Path, "another one is put in its place"})
	}
}

// byCode notes the files that code in another language is seen to write, which runs in
// a folder.
func (r *run) byCode(source string, dir value.Value) {
	writings, known := r.t.writings[source]
	if !known {
		writings = change.ByCode(source)
		r.t.writings[source] = writings
	}
	at := inWorkspace(dir)
	for _, w := range writings {
		if name, ok := at(value.Text(w.Name)); ok && name != "" {
			r.makes(change.Change{Kind: change.Edited, Path: name, Edit: w.Edit, By: "code that writes " + w.Name})
		}
	}
}

// inWorkspace returns what tells the path of a word from the workspace, as seen from a
// folder. It is false for what is not known or lies elsewhere.
func inWorkspace(dir value.Value) func(value.Value) (string, bool) {
	return func(word value.Value) (string, bool) {
		name, ok := shell.Join(dir, word).Literal()
		return name, ok && shell.InWorkspace(name)
	}
}

// changedAny tells whether any of some files was changed.
func (r *run) changedAny(files map[string]bool) bool {
	if r.changes == nil {
		return false
	}
	for name := range files {
		if r.changes.Has(name) {
			return true
		}
	}
	return false
}

// Changed tells whether the job has changed a file of the checkout before the site.
func (s *Site) Changed(name string) bool { return s.changes.Has(name) }

// AnyChanged tells whether it has changed any.
func (s *Site) AnyChanged() bool { return s.changes != nil }

// FileNow returns a file of the checkout as the site finds it, by what reads those of
// the repository.
func (s *Site) FileNow(name string, read func(string) (string, bool)) change.File {
	return (&change.Files{Read: read}).Now(s.changes, name, sureFor(s.Guards))
}

// makes notes a change of a file of the workspace.
func (r *run) makes(c change.Change) {
	folder := strings.HasSuffix(c.Path, "/")
	name, other := r.inside(c.Path)
	if other != "" {
		return
	}
	if c.Path = name; folder {
		c.Path = strings.TrimSuffix(name, "/") + "/"
	}
	if c.Kind == change.Copied {
		if c.From, other = r.inside(c.From); other != "" {
			c.Kind = change.Replaced
		}
	}
	c.Guards = r.guards
	r.changes = r.changes.With(c)
}

// scriptFiles follows the files of the checkout through the commands of a script.
type scriptFiles struct {
	run        *run
	result     shell.Result
	made, read int
	file       string
	line       locate
	at         position
	told       map[string]bool
}

// upTo notes the changes that the n-th command finds made, and what the script has
// read by then that code which it started had changed.
func (s *scriptFiles) upTo(n int) {
	for ; s.made < len(s.result.Changes) && s.result.Changes[s.made].Before <= n; s.made++ {
		made := s.result.Changes[s.made].Change
		if file, ok := shell.GitFileOf(made.Path); ok {
			s.gitSettings(made, file, n)
		} else {
			s.run.makes(made)
		}
	}
	for ; s.read < len(s.result.Reads) && s.result.Reads[s.read].Before <= n; s.read++ {
		if s.run.changes != nil {
			s.reads(s.result.Reads[s.read], n)
		}
	}
}

// reads notes what a script takes from a file that is not what it holds by now.
func (s *scriptFiles) reads(file shell.Read, n int) {
	r := s.run
	name, other := r.inside(file.Name)
	if other != "" || s.told[name] || !r.changes.Has(name) {
		return
	}
	now := r.now(name)
	if now.By == "" && change.Alike(name, now.Text, file.Text) {
		return
	}
	if now.By == "" {
		now.By = "by what the script starts"
	}
	if s.told == nil {
		s.told = map[string]bool{}
	}
	s.told[name] = true
	s.unread(staleFile{name, now.By}, n)
}

// unread notes that what the commands do from the n-th on goes by a file whose text is
// not known.
func (s *scriptFiles) unread(file staleFile, n int) {
	rest := s.result.Commands[min(n, len(s.result.Commands)):]
	if len(rest) == 0 {
		return
	}
	var token value.Value
	pushes := false
	env := rest[0].Env
	for _, c := range rest {
		for _, v := range append(slices.Clone(c.Args), c.Stdin) {
			for _, credential := range v.Credentials() {
				token = value.Concat(token, value.Of(credential))
			}
		}
		pushes = pushes || speaksOfPush(commandText(c))
	}
	s.run.emit(&Site{
		File: s.file, Line: s.line.line(rest[0].Start), Step: s.at.number, step: s.at.step, Hops: s.at.hops, Env: env, JobEnv: s.run.jobEnv,
		Unread: StaleFile(file.name, file.by), Token: token, Reads: env.Credentials(), Pushes: pushes,
	})
}

// reading watches which files are read for a site, and notes at its end those whose
// text is not known.
func (r *run) reading(site *Site, at position) func() {
	outer := r.stale
	r.stale = nil
	return func() {
		stale := r.stale
		r.stale = outer
		if len(stale) == 0 || site.Unread != nil {
			return
		}
		var token value.Value
		pushes := site.Action != nil
		if c := site.Command; c != nil {
			for _, v := range append(slices.Clone(c.Args), c.Stdin) {
				token = value.Concat(token, v)
			}
		}
		if a := site.Action; a != nil {
			for _, v := range a.Inputs {
				token = value.Concat(token, v)
			}
			if script, ok := scriptActions[rules.SameAs(a.Name)]; ok {
				pushes = speaksOfPush(a.Inputs[script.script].String())
			}
		}
		for _, file := range stale {
			text, _ := r.t.textOf(file.name)
			pushes = pushes || speaksOfPush(text)
		}
		r.emit(&Site{
			File: site.File, Line: site.Line, Step: at.number, step: at.step, Hops: at.hops, Env: site.Env, JobEnv: r.jobEnv,
			Unread: StaleFile(stale[0].name, stale[0].by), Token: token, Reads: site.Env.Credentials(), Pushes: pushes,
		})
	}
}
