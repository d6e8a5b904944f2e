package estate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/bulk"
	"github.com/patrol-actions/patrol/audit/config"
	"github.com/patrol-actions/patrol/audit/scan"
	"github.com/patrol-actions/patrol/audit/state"
	"github.com/patrol-actions/patrol/audit/workflow"
)

const (
	// window is how many repositories are under way at a time: enough to fill
	// the requests, few enough for memory.
	window = 400
	// maxRounds bounds how often an audit may want more.
	maxRounds = 16
)

// job is a repository under way.
type job struct {
	repository *bulk.Repository
	tree       *bulk.Tree
	view       *bulk.View
	// waiting counts what was wanted and did not come yet.
	waiting int
	rounds  int
	result  *state.Result
}

// Audit audits all selected repositories that are not audited yet. An error
// ends it early: what is done is kept.
func (e *Estate) Audit(ctx context.Context) error {
	todo, total, kept, err := e.survey(ctx)
	if err != nil {
		return err
	}
	a := &auditor{
		estate: e, others: &bulk.Others{Owners: e.owners()}, total: total, done: total - len(todo), kept: kept, todo: todo,
		ready: make(chan *job, window), judged: make(chan *job, window), waiting: map[bulk.Want][]*job{}, finished: map[string]*state.Result{},
	}
	return a.run(ctx)
}

// owners are the accounts of the repositories that were asked for: theirs are
// read where workflows name them.
func (e *Estate) owners() map[string]bool {
	out := map[string]bool{}
	for _, login := range e.options.Accounts {
		out[shared(login)] = true
	}
	for _, name := range e.options.Names {
		owner, _, _ := strings.Cut(name, "/")
		out[shared(owner)] = true
	}
	return out
}

// survey finds what is to be audited anew, and counts the repositories, and
// those of them whose audit still holds.
func (e *Estate) survey(ctx context.Context) (todo []string, total, kept int, err error) {
	mounts := newResolver(e)
	for r, err := range e.selected() {
		if err != nil {
			return nil, 0, 0, err
		}
		total++
		fresh, err := e.fresh(r, mounts)
		switch {
		case err != nil:
			return nil, 0, 0, err
		case !fresh:
			todo = append(todo, r.Name)
		case workflowsIn(r):
			kept++
		}
	}
	moved, err := mounts.moved(ctx)
	if err != nil {
		return nil, 0, 0, err
	}
	slices.SortFunc(moved, byName)
	moved = slices.Compact(moved)
	todo = append(todo, moved...)
	slices.SortFunc(todo, byName)
	return todo, total, kept - len(moved), nil
}

// fresh tells whether the audit of a repository still holds, as far as its own
// files go; what it read of others is noted.
func (e *Estate) fresh(r *bulk.Repository, mounts *resolver) (bool, error) {
	if !workflowsIn(r) {
		return true, nil
	}
	result, err := e.store.Result(r.Name)
	if err != nil {
		return false, err
	}
	if result == nil || result.Failed || result.Key != e.keyOf(r, result) || !r.Holds(result.Used) {
		return false, nil
	}
	mounts.add(r.Name, result.Mounted)
	return true, nil
}

// auditor runs the audits.
type auditor struct {
	estate *Estate
	others *bulk.Others

	todo              []string
	total, done, kept int
	inFlight          int
	// queue is what is to be asked for, waiting who wants it.
	queue   []bulk.Want
	waiting map[bulk.Want][]*job
	// ready are the jobs to be audited with what is there, judged those that
	// were; busy counts those in between.
	ready, judged chan *job
	busy          int
	finished      map[string]*state.Result
}

func (a *auditor) run(ctx context.Context) (err error) {
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for j := range a.ready {
				a.estate.judge(j)
				a.judged <- j
			}
		})
	}
	defer workers.Wait()
	defer close(a.ready)
	defer func() { err = errors.Join(err, a.save()) }()
	for len(a.todo) > 0 || a.inFlight > 0 {
		if err := a.begin(); err != nil {
			return err
		}
		// A request is sent when it is full, or nothing else can fill it.
		for a.busy > 0 && len(a.queue) < a.estate.reader.Most() {
			a.settle(<-a.judged)
			if err := a.begin(); err != nil {
				return err
			}
		}
		if len(a.queue) == 0 {
			continue
		}
		left, err := a.estate.reader.Fetch(ctx, a.queue)
		if err != nil {
			return err
		}
		a.arrived(left)
		if err := a.save(); err != nil {
			return err
		}
		a.estate.progress(Progress{Total: a.total, Done: a.done, Kept: a.kept})
	}
	return nil
}

// begin starts as many repositories as there is room for.
func (a *auditor) begin() error {
	for len(a.todo) > 0 && a.inFlight < window {
		name := a.todo[0]
		a.todo = a.todo[1:]
		r, err := a.estate.store.Repository(name)
		if err != nil {
			return err
		}
		if r == nil {
			continue
		}
		a.inFlight++
		j := &job{repository: r, tree: r.Tree()}
		j.view = j.tree.View(a.others)
		a.expect(j)
	}
	return nil
}

// expect puts what a job wants into the queue; with nothing, it is audited.
func (a *auditor) expect(j *job) {
	wants := j.view.Wants()
	for _, w := range wants {
		if len(a.waiting[w]) == 0 {
			a.queue = append(a.queue, w)
		}
		a.waiting[w] = append(a.waiting[w], j)
	}
	if j.waiting = len(wants); j.waiting == 0 {
		a.busy++
		a.ready <- j
	}
}

// arrived lets the jobs go on whose wants have come.
func (a *auditor) arrived(left []bulk.Want) {
	still := map[bulk.Want]bool{}
	for _, w := range left {
		still[w] = true
	}
	for _, w := range a.queue {
		if still[w] {
			continue
		}
		for _, j := range a.waiting[w] {
			if j.waiting--; j.waiting == 0 {
				a.busy++
				a.ready <- j
			}
		}
		delete(a.waiting, w)
	}
	a.queue = left
}

// settle takes a job that was audited: it is done, or wants more.
func (a *auditor) settle(j *job) {
	a.busy--
	if j.result == nil {
		a.expect(j)
		return
	}
	a.finished[j.repository.Name] = j.result
	a.inFlight--
	a.done++
}

// save keeps what is finished.
func (a *auditor) save() error {
	err := a.estate.save(a.finished)
	a.finished = map[string]*state.Result{}
	return err
}

// judge audits a repository with what is known of it. There is a result if it
// wanted nothing more.
func (e *Estate) judge(j *job) {
	if err := j.tree.Err(); err != nil {
		j.result = e.failure(j.repository.Name, unread(err))
		return
	}
	j.rounds++
	j.view = j.view.Again()
	options, known, faults := e.scanning(j.repository, j.view)
	report := scan.Repository(j.view, options)
	if len(j.view.Wants()) > 0 && j.rounds < maxRounds {
		return
	}
	report.Errors = append(report.Errors, faults...)
	if n := len(j.view.Wants()); n > 0 {
		report.Errors = append(report.Errors, audit.Problem{Message: fmt.Sprintf("%d files and folders that one leads to from the other were not read: there are too many", n)})
	}
	report.Root = nil
	data, err := json.Marshal(report)
	if err != nil {
		j.result = e.failure(j.repository.Name, err.Error())
		return
	}
	j.result = &state.Result{Used: j.view.Used(), Mounted: j.view.Mounted(), Workflows: report.Workflows, Report: data, Seen: known.seen, Lines: excerpts(j.view, report)}
	if slices.ContainsFunc(options.Config.Acceptances(), func(a config.Acceptance) bool { return a.Expires != "" }) {
		j.result.Day = e.day()
	}
	j.result.Key = e.keyOf(j.repository, j.result)
}

// scanning are the options for an audit by a view, the facts that it may ask
// for, and the faults of the repository's own configuration.
func (e *Estate) scanning(r *bulk.Repository, view *bulk.View) (scan.Options, *facts, []audit.Problem) {
	known := &facts{estate: e, repository: r, seen: map[string]string{}}
	o := scan.Options{
		Name: r.Name, DefaultBranch: r.Branch, Web: e.options.Web, EnterpriseServer: e.options.EnterpriseServer,
		Remote: view, Config: e.options.Config, Ledger: &e.ledger, Now: e.run.StartedAt,
		Online: func(*workflow.Repository) scan.Online { return known },
	}
	if e.options.Config != nil {
		return o, known, nil
	}
	o.Ledger = nil
	own, err := config.Find(view)
	var faults *config.Error
	if errors.As(err, &faults) {
		return o, known, faults.Problems
	}
	o.Config = own
	return o, known, nil
}

// With reads a listed repository for a function that needs its files and not
// its audit alone: it is called with what is there as often as it wants more,
// and what it did when it wanted nothing more holds.
func (e *Estate) With(ctx context.Context, name string, do func(fsys fs.FS, o scan.Options)) error {
	r, err := e.Listed(name)
	if err != nil {
		return err
	}
	tree := r.Tree()
	view := tree.View(&bulk.Others{Owners: e.owners()})
	for range maxRounds {
		view = view.Again()
		options, _, _ := e.scanning(r, view)
		do(view, options)
		wants := view.Wants()
		if len(wants) == 0 {
			return nil
		}
		for len(wants) > 0 {
			if wants, err = e.reader.Fetch(ctx, wants); err != nil {
				return err
			}
		}
		if err := tree.Err(); err != nil {
			return errors.New(unread(err))
		}
	}
	return errors.New("could not be read in full: one file leads to too many others")
}

// around is how many lines above and below what an audit is about are kept;
// maxLine bounds one of them, in bytes.
const (
	around  = 2
	maxLine = 1000
)

// excerpts are the lines around the references and findings of an audit.
func excerpts(fsys fs.FS, r *audit.Repository) map[string]map[int]string {
	wanted := map[string]map[int]bool{}
	want := func(file string, first, last int) {
		if wanted[file] == nil {
			wanted[file] = map[int]bool{}
		}
		for n := first - around; n <= min(max(first, last), first+10)+around; n++ {
			wanted[file][n] = true
		}
	}
	for _, x := range r.References {
		want(x.File, x.Line, x.EndLine)
	}
	for _, f := range r.Findings {
		want(f.File, f.Line, f.EndLine)
	}
	out := map[string]map[int]string{}
	for file, numbers := range wanted {
		source, err := fs.ReadFile(fsys, file)
		if err != nil {
			continue // it is shown without lines
		}
		n := 0
		for line := range strings.Lines(string(source)) {
			if n++; numbers[n] {
				if out[file] == nil {
					out[file] = map[int]string{}
				}
				line = strings.TrimRight(line, "\r\n")
				out[file][n] = strings.ToValidUTF8(hidden(line)[:min(len(line), maxLine)], "")
			}
		}
	}
	return out
}

// tokenValue is a token of GitHub as somebody may have written it into a file:
// the lines are kept and shown, and it shall not be.
//
// Source: GitHub Docs, "About authentication to GitHub", on the formats of
// tokens. Older ones cannot be told from other text.
var tokenValue = regexp.MustCompile(`gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}`)

// hidden is a line with stars in place of tokens, as long as it was.
func hidden(line string) string {
	return tokenValue.ReplaceAllStringFunc(line, func(value string) string {
		kind := value[:4]
		return kind + strings.Repeat("*", len(value)-len(kind))
	})
}

// unread says why nothing of a repository could be read.
func unread(err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return "could not be read: GitHub does not show it any more, or the token may not read its contents (contents: read)"
	}
	return "could not be read: " + err.Error()
}

// day is the day of the run.
func (e *Estate) day() string { return e.run.StartedAt.Format("2006-01-02") }

// keyOf is the key that a result of a repository must have to hold today.
func (e *Estate) keyOf(of *bulk.Repository, r *state.Result) string {
	key := e.key
	if r.Day != "" {
		key += " " + e.day()
	}
	for _, name := range slices.SortedFunc(maps.Keys(r.Seen), byName) {
		is := of.Visibility
		switch {
		case !strings.Contains(name, "/"):
			is = e.settings(name)
		case !strings.EqualFold(name, of.Name):
			is = e.visibility(name)
		}
		key += " " + name + "=" + is
	}
	return key
}

// resolver asks which commits the repositories stand at that audits of others
// read.
type resolver struct {
	estate *Estate
	// users are the repositories by what they mounted: "owner/name@ref" and
	// the commit.
	users map[[2]string][]string
}

func newResolver(e *Estate) *resolver { return &resolver{estate: e, users: map[[2]string][]string{}} }

func (m *resolver) add(user string, mounted map[string]string) {
	for folder, commit := range mounted {
		key := [2]string{folder, commit}
		m.users[key] = append(m.users[key], user)
	}
}

// moved gives the repositories that read another at a commit where it is no
// more.
func (m *resolver) moved(ctx context.Context) (users []string, err error) {
	folders := map[string]bool{}
	for key := range m.users {
		folders[key[0]] = true
	}
	commits, err := m.estate.reader.Commits(ctx, slices.Sorted(maps.Keys(folders)))
	if err != nil {
		return nil, err
	}
	for key, some := range m.users {
		if commits[key[0]] != key[1] {
			users = append(users, some...)
		}
	}
	return users, nil
}
