package estate

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"

	"github.com/patrol-actions/patrol/audit/bulk"
	"github.com/patrol-actions/patrol/audit/state"
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
