package estate

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/bulk"
	"github.com/patrol-actions/patrol/audit/state"
)

// takePlan takes over the list of another run, or takes up the last run if
// that did so already.
func (e *Estate) takePlan(scope string, last *state.Run) error {
	plan, err := state.Read(e.options.Plan)
	var run *state.Run
	if err == nil {
		defer plan.Close()
		run, err = plan.Run()
	}
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	case run == nil || !run.Listed:
		return fmt.Errorf("%s holds no plan: make one with 'patrol org … --plan N --state FILE'", e.options.Plan)
	case run.Scope != scope:
		return fmt.Errorf("%s is the plan of other accounts than those that are asked for", e.options.Plan)
	case last != nil && last.Listed && last.StartedAt.Equal(run.StartedAt):
		e.run, e.resumed = last, true
		return nil
	}
	// Until the list is there the run has none, whatever comes in between.
	if err := e.store.Begin(&state.Run{Scope: scope, StartedAt: run.StartedAt}); err != nil {
		return err
	}
	var some []*bulk.Repository
	for r, err := range plan.Repositories() {
		if err != nil {
			return err
		}
		if some = append(some, r); len(some) == 1000 {
			if err := e.store.List(&state.Run{Scope: scope, StartedAt: run.StartedAt}, some); err != nil {
				return err
			}
			some = nil
		}
	}
	e.run, run.Done = run, false
	return e.store.List(run, some)
}

// List lists the repositories of all accounts.
func (e *Estate) List(ctx context.Context) error {
	if e.run.Listed {
		return nil
	}
	done := 0
	for i, login := range e.options.Accounts {
		if i < len(e.run.Accounts)-1 || i == len(e.run.Accounts)-1 && e.run.Next == "" {
			continue // listed before the run was ended
		}
		if err := e.listAccount(ctx, login, i, &done); err != nil {
			return err
		}
	}
	return e.lookUp(ctx)
}

func (e *Estate) listAccount(ctx context.Context, login string, i int, done *int) error {
	for {
		page, err := e.reader.List(ctx, login, e.run.Next)
		if err != nil {
			return err
		}
		if i == len(e.run.Accounts) {
			e.run.Accounts = append(e.run.Accounts, audit.Account{Login: page.Login, Kind: page.Kind})
		}
		e.run.Next = page.Next
		account := &e.run.Accounts[i]
		account.Repositories += len(page.Repositories) + page.Hidden
		e.run.Hidden += page.Hidden
		for _, r := range page.Repositories {
			if r.Visibility != "public" {
				account.Private++
			}
		}
		if err := e.store.List(e.run, page.Repositories); err != nil {
			return err
		}
		*done += len(page.Repositories)
		e.progress(Progress{Listing: true, Total: page.Total, Done: *done})
		if page.Next == "" {
			return nil
		}
	}
}

// lookUp lists the repositories that were named one by one, which makes the
// list whole.
func (e *Estate) lookUp(ctx context.Context) error {
	if len(e.options.Names) == 0 {
		e.run.Listed = true
		return e.store.List(e.run, nil)
	}
	done := 0
	for some := range slices.Chunk(e.options.Names, lookedUp) {
		if err := e.lookUpSome(ctx, some); err != nil {
			return err
		}
		done += len(some)
		e.progress(Progress{Listing: true, Total: len(e.options.Names), Done: done})
	}
	e.run.Accounts, e.run.Listed = append(e.run.Accounts, audit.Account{Kind: "list"}), true
	return e.store.List(e.run, nil)
}

// lookedUp is how many repositories are looked up before they are noted.
const lookedUp = 500

// lookUpSome lists those of some repositories that are not on the list yet.
func (e *Estate) lookUpSome(ctx context.Context, names []string) error {
	var left []string
	for _, name := range names {
		r, err := e.store.Repository(name)
		if err != nil {
			return err
		}
		if r == nil {
			left = append(left, name)
		}
	}
	found, err := e.reader.Lookup(ctx, left)
	if err != nil {
		return err
	}
	var all []*bulk.Repository
	for _, name := range left {
		r := found[name]
		if r == nil {
			r = &bulk.Repository{Name: name, Unread: "GitHub does not show the repository: check its name, and that the token may read it"}
		}
		all = append(all, r)
	}
	return e.store.List(e.run, all)
}
