// Package workflow reads the GitHub Actions files of a repository: its
// workflows, and its own actions. Every scalar keeps its place, so that what
// is found in a value can be shown in the file, down to the column.
//
// Reading never fails as a whole. What cannot be read is a problem with its
// place, and the rest is read all the same.
package workflow

import (
	"bytes"
	"cmp"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rhysd/actionlint"

	"github.com/patrol-actions/patrol/audit"
)

// Folder is where GitHub looks for workflows.
const Folder = ".github/workflows"

// maxProblems is the number of problems that are noted of one file.
const maxProblems = 100

// Load reads every workflow below [Folder], and every action.yml of the
// repository but for those in .git and node_modules folders.
//
// Links are followed for single files only. Give the FS of an [os.Root], so
// that they cannot lead out of the repository.
func Load(fsys fs.FS) *Repository {
	l := newLoader(fsys)
	l.loadWorkflows()
	l.loadActions()
	return l.finish()
}

// Workflow returns the repository's own workflow of a path, nil where there is
// none.
func (r *Repository) Workflow(path string) *Workflow {
	i := slices.IndexFunc(r.Workflows, func(w *Workflow) bool { return w.Path == path })
	if i < 0 {
		return nil
	}
	return r.Workflows[i]
}

// OwnWorkflow returns the path of a reusable workflow of this repository,
// named from its root or as any other repository would name it. A reference
// after @ may be an older commit; what it calls is read as it stands here, for
// that is what the reader can change.
func (r *Repository) OwnWorkflow(uses string) (path string, ok bool) {
	path, _, _ = strings.Cut(uses, "@")
	if own, ok := strings.CutPrefix(path, "./"); ok {
		return own, true
	}
	own := r.Name + "/"
	if r.Name == "" || len(path) <= len(own) || !strings.EqualFold(path[:len(own)], own) {
		return "", false
	}
	return path[len(own):], true
}

// Action returns the repository's own action in a folder, nil where there is
// none.
func (r *Repository) Action(dir string) *Action {
	action, known := r.Actions[dir]
	if _, partial := r.fsys.(Partial); !known && partial {
		action = r.ActionIn(dir)
		r.Actions[dir] = action
		if action == nil {
			delete(r.Actions, dir)
		}
	}
	return action
}

// LoadFile reads one file as a repository of its own: an action where it is
// called action.yml (or .yaml) and lies outside [Folder], else a workflow.
func LoadFile(fsys fs.FS, name string) *Repository {
	l := newLoader(fsys)
	name = path.Clean(name)
	if isActionName(path.Base(name)) && path.Dir(name) != Folder {
		l.loadAction(name, false)
	} else {
		l.loadWorkflow(name, false)
	}
	return l.finish()
}

// ActionIn reads the action in a folder that is no part of the repository's
// own files, such as one of another repository that its file system shows too.
// It returns nil where there is none, or one with a fault.
func (r *Repository) ActionIn(dir string) *Action {
	l := newLoader(r.fsys)
	l.loadActionIn(dir)
	if len(l.repository.Problems) > 0 {
		return nil
	}
	return l.repository.Actions[path.Clean(dir)]
}

// WorkflowAt reads a workflow in the same way.
func (r *Repository) WorkflowAt(name string) *Workflow {
	l := newLoader(r.fsys)
	l.loadWorkflow(name, false)
	if len(l.repository.Workflows) == 0 {
		return nil
	}
	return l.repository.Workflows[0]
}

// loader gathers a repository.
type loader struct {
	repository *Repository
	seen       map[audit.Problem]bool
	counts     map[string]int // of problems by file
}

func newLoader(fsys fs.FS) *loader {
	return &loader{
		repository: &Repository{Actions: map[string]*Action{}, fsys: fsys, missing: map[string]bool{}, contents: map[string][]byte{}, folders: map[string][]fs.DirEntry{}},
		seen:       map[audit.Problem]bool{},
		counts:     map[string]int{},
	}
}

// finish sorts what was gathered.
func (l *loader) finish() *Repository {
	slices.SortStableFunc(l.repository.Problems, func(a, b audit.Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return l.repository
}

// problem notes a fault once, however many aliases lead to it.
func (l *loader) problem(p audit.Problem) {
	if l.seen[p] || l.counts[p.File] > maxProblems {
		return
	}
	l.seen[p] = true
	if l.counts[p.File]++; l.counts[p.File] > maxProblems {
		p.Message = "there are more faults from here on that are not listed"
	}
	l.repository.Problems = append(l.repository.Problems, p)
}

// failure notes that a file could not be read.
func (l *loader) failure(name string, err error) {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		err = pathError.Err // the path stands beside the message
	}
	// Behind a link that leads nowhere there is nothing to be read.
	l.problem(audit.Problem{File: name, Message: "could not be read: " + err.Error(), Unread: !errors.Is(err, fs.ErrNotExist)})
}

func (l *loader) loadWorkflows() {
	entries, err := fs.ReadDir(l.repository.fsys, Folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		l.failure(Folder, err)
	}
	for _, entry := range entries {
		if !entry.IsDir() && IsWorkflowName(entry.Name()) {
			l.loadWorkflow(path.Join(Folder, entry.Name()), entry.Type().IsRegular())
		}
	}
}

// IsWorkflowName tells whether GitHub takes a file of [Folder] with this name
// for a workflow.
func IsWorkflowName(base string) bool {
	extension := path.Ext(base)
	return extension == ".yml" || extension == ".yaml"
}

// loadActions looks for actions in every folder. Links to folders are not
// followed.
func (l *loader) loadActions() {
	if partial, ok := l.repository.fsys.(Partial); ok {
		for _, dir := range partial.ActionFolders() {
			l.loadActionIn(dir)
		}
		return
	}
	l.repository.walk(func(name string, entry fs.DirEntry) {
		if isActionName(entry.Name()) && path.Dir(name) != Folder {
			l.loadAction(name, entry.Type().IsRegular())
		}
	}, l.failure)
}

// loadActionIn reads the action in a folder, if there is one.
func (l *loader) loadActionIn(dir string) {
	for _, base := range []string{"action.yml", "action.yaml"} {
		if name := path.Join(dir, base); l.repository.fsys != nil && fs.ValidPath(name) && exists(l.repository.fsys, name) {
			l.loadAction(name, false)
		}
	}
}

func isActionName(base string) bool { return base == "action.yml" || base == "action.yaml" }

// open reads a file and makes sure that YAML can be tried on it; else it
// notes why not and returns nil. What the folder calls a regular file is not
// asked again.
func (l *loader) open(name string, regular bool) *File {
	read := readFile
	if regular {
		read = readRegular
	}
	source, err := read(l.repository.fsys, name)
	if err != nil {
		l.failure(name, err)
		return nil
	}
	if line := invalidLine(source); line > 0 {
		l.problem(audit.Problem{File: name, Line: line, Message: "could not be read: this line is not valid UTF-8", Unread: true})
		return nil
	}
	return &File{Path: name, Source: source}
}

// invalidLine returns the first line that is not UTF-8, or 0.
func invalidLine(source []byte) int {
	if utf8.Valid(source) {
		return 0
	}
	line := 0
	for text := range bytes.Lines(source) {
		line++
		if !utf8.Valid(text) {
			break
		}
	}
	return line
}

func (l *loader) loadWorkflow(name string, regular bool) {
	file := l.open(name, regular)
	if file == nil {
		return
	}
	r := &reader{file: file, problem: l.problem}
	parsed, faults := parse(file.Source)
	if parsed == nil {
		if _, err := parseYAML(file.Source); err != nil {
			before := r.syntaxProblem(err)
			parsed, _ = parse(before)
			faults = nil // what else is at fault follows from the cut
			if !holdsWork(parsed) {
				parsed, before = &actionlint.Workflow{}, nil
			}
			r.lost(len(before))
		}
	}
	for _, fault := range unreadFaults(file, faults) {
		r.parserFault(fault)
	}
	if holdsWork(parsed) || len(r.texts) > 0 {
		l.repository.Workflows = append(l.repository.Workflows, r.workflow(parsed))
	}
}

// holdsWork tells whether anything of a workflow could be parsed.
func holdsWork(parsed *actionlint.Workflow) bool {
	return parsed != nil && (parsed.On != nil || parsed.Jobs != nil)
}

func (l *loader) loadAction(name string, regular bool) {
	dir := path.Dir(name)
	if strings.HasSuffix(name, ".yaml") && exists(l.repository.fsys, strings.TrimSuffix(name, ".yaml")+".yml") {
		return // GitHub takes action.yml before action.yaml
	}
	file := l.open(name, regular)
	if file == nil {
		return
	}
	r := &reader{file: file, problem: l.problem}
	if action := r.action(); action != nil {
		action.Dir = dir
		l.repository.Actions[dir] = action
	}
}
