package trace

import (
	"cmp"
	"errors"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// Remote gives the code of other repositories.
type Remote interface {
	// Mount makes the files of a repository "owner/name" at a ref readable
	// below the folder that it returns, by the file system of the traced
	// repository. The error is fs.ErrNotExist where there is none, or where
	// nobody may know of it, and ErrUnasked where it is not asked for: then the
	// audit goes on as if nobody could be asked. Place is where the repository
	// is named.
	Mount(repository, ref string, place audit.Place) (folder string, err error)
}

// ErrUnasked is for repositories that a [Remote] does not read.
var ErrUnasked = errors.New("other repositories of this owner are not read")

// Bounds of what is followed into other repositories: calls of actions and
// workflows, and sites of a job.
const (
	maxRemote      = 2000
	maxRemoteSites = 20_000
)

// away is what was read of other repositories.
type away struct {
	// folders are those that hold another repository.
	folders   map[string]bool
	actions   map[string]*workflow.Action
	workflows map[string]*workflow.Workflow
	// calls counts the actions and workflows that were entered.
	calls int
	// secrets are those that a workflow of others reads by "secrets: inherit",
	// at the place of these words.
	secrets []Reference
}

// holds tells whether a file lies in another repository.
func (a *away) holds(name string) bool {
	for folder := path.Dir(name); folder != "." && folder != "/"; folder = path.Dir(folder) {
		if a.folders[folder] {
			return true
		}
	}
	return false
}

// leaves tells whether a word that begins in another repository names a file
// outside of it: what lies there on a runner is not known here.
func (a *away) leaves(word, name string) bool {
	word = strings.TrimPrefix(strings.TrimPrefix(word, workspaceRoot), "./")
	from := ""
	for folder := range a.folders {
		if strings.HasPrefix(word, folder+"/") && len(folder) > len(from) {
			from = folder // a ref may go on where another ends
		}
	}
	return from != "" && !strings.HasPrefix(name, from+"/")
}

// inherit notes a secret that a workflow of others reads by inheritance.
func (a *away) inherit(name string, place audit.Span) {
	ref := Reference{Secret: name, Span: place}
	if !slices.Contains(a.secrets, ref) {
		a.secrets = append(a.secrets, ref)
	}
}

// sortInherited puts the secrets of inherit among the references.
func (t *tracer) sortInherited() {
	if len(t.away.secrets) == 0 {
		return
	}
	t.result.References = append(t.result.References, t.away.secrets...)
	slices.SortFunc(t.result.References, func(a, b Reference) int {
		return cmp.Or(cmp.Compare(a.Span.File, b.Span.File), cmp.Compare(a.Span.Line, b.Span.Line), cmp.Compare(a.Span.Column, b.Span.Column), cmp.Compare(a.Secret, b.Secret))
	})
}

// inherited is the place of "secrets: inherit" where that is written in the
// audited repository, and hands them to a workflow in the folder of another.
func inherited(c *call, to *workflow.Call, folder string) audit.Span {
	if !to.Inherit || folder == "" || c.folder != "" {
		return audit.Span{}
	}
	return to.InheritText.Span(0, len(to.InheritText.Value))
}

// handsOver tells whether a secret comes to a call by "secrets: inherit" of
// the audited repository, and where.
func (c *call) handsOver(name string) (audit.Span, bool) {
	if isJobToken(name) || name == expression.AllSecrets {
		return audit.Span{}, false
	}
	place := audit.Span{}
	for ; c.bound && c.inherit; c = c.outer {
		if c.inherited.File != "" {
			place = c.inherited
		}
	}
	// A caller in between that names its secrets has references of its own.
	return place, place.File != "" && !c.bound
}

// fullCommit matches the name of a commit, which nobody can move.
var fullCommit = regexp.MustCompile(`^(?:[0-9a-fA-F]{40}|[0-9a-fA-F]{64})$`)

// asItStands says that a version can be moved to other code.
func asItStands(ref string) string {
	if fullCommit.MatchString(ref) {
		return ""
	}
	return " as it stands at " + oneLine(ref) + " today"
}

// mount makes another repository readable, if nothing speaks against it. Where
// nobody is asked for it there is neither a folder nor anything to say.
func (r *run) mount(repository, ref string, file string, line int, at []audit.Hop) (folder string, unread *Unread) {
	what := repository + "@" + ref
	t := r.t
	if t.away.calls++; t.away.calls > maxRemote || len(r.job.Sites) > maxRemoteSites {
		return "", &Unread{what, "is one of too many actions and workflows of others to be read", "read what it does with the token" + describeAction}
	}
	folder, err := t.options.Remote.Mount(repository, ref, r.home(file, line, at))
	switch {
	case errors.Is(err, ErrUnasked):
		return "", nil
	case errors.Is(err, fs.ErrNotExist):
		return "", &Unread{what, "is not to be found on GitHub, or the token of this audit may not read it", "check its name, give a token that may read it" + describeOr}
	case err != nil:
		return "", &Unread{what, "could not be read over the API", "audit again" + describeOr}
	}
	if t.away.folders == nil {
		t.away.folders, t.away.actions, t.away.workflows = map[string]bool{}, map[string]*workflow.Action{}, map[string]*workflow.Workflow{}
	}
	t.away.folders[folder] = true
	return folder, nil
}

const describeOr = ", or describe it under \"actions\" in .github/patrol.yml"

// home is the place in the audited repository that led to a place.
func (r *run) home(file string, line int, hops []audit.Hop) audit.Place {
	if !audit.Elsewhere(file) {
		return audit.Place{File: file, Line: line}
	}
	for _, h := range slices.Backward(slices.Concat(r.call.callers, hops)) {
		if !audit.Elsewhere(h.File) {
			return audit.Place{File: h.File, Line: h.Line}
		}
	}
	return audit.Place{File: r.call.root.Path}
}

// remoteAction finds the action of another repository of which nothing is
// known, where somebody may be asked for it and a credential is at hand that
// it could use.
func (r *run) remoteAction(site *Site, step *workflow.Step, at position) *workflow.Action {
	written, ref, _ := strings.Cut(step.Uses.Value, "@")
	if r.t.options.Remote == nil || ref == "" || !r.reaches(site) {
		return nil
	}
	if _, known := rules.Action(site.Action.Name); known {
		return nil
	}
	parts := strings.SplitN(written, "/", 3)
	if len(parts) < 2 {
		return nil
	}
	folder, unread := r.mount(parts[0]+"/"+parts[1], ref, site.File, site.Line, at.hops)
	if unread != nil || folder == "" {
		site.Unread = unread
		return nil
	}
	dir := folder
	if len(parts) == 3 {
		dir = path.Join(folder, parts[2])
	}
	action, seen := r.t.away.actions[dir]
	if !seen && (dir == folder || strings.HasPrefix(dir, folder+"/")) {
		action = r.t.repository.ActionIn(dir)
		r.t.away.actions[dir] = action
	}
	if action == nil {
		site.Unread = &Unread{written + "@" + ref, "has no action.yml that can be read", "check the path" + describeOr}
		return nil
	}
	site.Action.Fetched, site.Action.Meant = true, r.meant(action) != ""
	return action
}

// reaches tells whether a credential may come to an action: by its inputs or
// its variables, or as GITHUB_TOKEN in a job that is looked at as a whole.
func (r *run) reaches(site *Site) bool {
	if !r.light || site.Env.HoldsCredential() {
		return true
	}
	for _, v := range site.Action.Inputs {
		if v.HoldsCredential() {
			return true
		}
	}
	return false
}

// entered notes whose code is read until the function that it returns is
// called.
func (r *run) entered(a *Action) (leave func()) {
	if r.through != nil {
		return func() {}
	}
	r.through = a
	return func() { r.through = nil }
}

// meant says which inputs of an action have GITHUB_TOKEN for their default:
// evidence, not proof, that it works with that.
func (r *run) meant(action *workflow.Action) string {
	var names []string
	for _, in := range action.Inputs {
		if strings.Contains(in.Default.Value, "github.token") {
			names = append(names, oneLine(in.Name))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "; GITHUB_TOKEN is the default of its " + strings.Join(names[:min(len(names), 3)], ", ")
}

// gives tells whether a call hands any secret to the workflow that it calls,
// or stands in a job that is looked at as a whole.
func (r *run) gives(c *workflow.Call, inputs, secrets map[string]value.Value) bool {
	if c.Inherit || !r.light {
		return true
	}
	for _, given := range []map[string]value.Value{inputs, secrets} {
		for _, v := range given {
			if v.HoldsCredential() {
				return true
			}
		}
	}
	return false
}

// mountWorkflow finds a reusable workflow of another repository.
func (r *run) mountWorkflow(uses workflow.Text) callee {
	written, ref, _ := strings.Cut(uses.Value, "@")
	parts := strings.SplitN(written, "/", 3)
	if len(parts) < 3 || ref == "" || path.Dir(parts[2]) != workflow.Folder {
		return callee{unread: elsewhere(uses.Value)}
	}
	folder, unread := r.mount(parts[0]+"/"+parts[1], ref, r.call.file.Path, uses.Line(), nil)
	if unread != nil {
		unread.Settle = strings.Replace(unread.Settle, describeOr, ", or read what it does with the secret", 1)
		return callee{unread: unread}
	}
	if folder == "" {
		return callee{unread: elsewhere(uses.Value)}
	}
	return r.t.remoteWorkflow(folder, parts[2], uses.Value, asItStands(ref))
}

// remoteWorkflow reads a workflow of another repository. The secrets that it
// names are its caller's: no reference stands there, but its jobs are read as
// closely as those that name them here.
func (t *tracer) remoteWorkflow(folder, name, uses, words string) callee {
	full := path.Join(folder, name)
	w, seen := t.away.workflows[full]
	if !seen && strings.HasPrefix(full, folder+"/") {
		w = t.repository.WorkflowAt(full)
		t.away.workflows[full] = w
		for text := range texts(w) {
			secrets, _ := expression.Scan(text, false)
			for _, s := range secrets {
				if !isJobToken(s.Name) {
					t.named(s.Span)
				}
			}
		}
	}
	if w == nil || w.BreaksAt > 0 {
		return callee{unread: &Unread{uses, "is no workflow that can be read in its repository", "check the path"}}
	}
	return callee{file: w, folder: folder, words: full + words}
}

func texts(w *workflow.Workflow) func(yield func(workflow.Text) bool) {
	if w == nil {
		return func(func(workflow.Text) bool) {}
	}
	return w.Texts()
}
