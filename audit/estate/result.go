package estate

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/bulk"
	"github.com/patrol-actions/patrol/audit/state"
)

// Coverage counts the repositories of the run, as far as it is.
func (e *Estate) Coverage() (audit.Coverage, error) {
	var c audit.Coverage
	for r, err := range e.store.Repositories() {
		if err != nil {
			return c, err
		}
		e.options.Selection.takes(r, &c)
	}
	c.Listed += e.run.Hidden
	if e.options.Shard.Index <= 1 { // each is counted in one part
		c.Failed += e.run.Hidden
	}
	for r, err := range e.selected() {
		if err != nil {
			return c, err
		}
		if err := e.cover(r, &c); err != nil {
			return c, err
		}
	}
	return c, nil
}

// cover counts a selected repository.
func (e *Estate) cover(r *bulk.Repository, c *audit.Coverage) error {
	switch {
	case r.Unread != "":
		c.Failed++
		return nil
	case !workflowsIn(r):
		c.Audited++
		return nil
	}
	result, err := e.store.Result(r.Name)
	switch {
	case err != nil:
		return err
	case result == nil || !e.holds(r, result):
		c.Left++
	case result.Failed:
		c.Failed++
	default:
		c.Audited++
		if result.Workflows > 0 {
			c.WithWorkflows++
		}
	}
	return nil
}

// Keep notes something of a repository for the rest of the run, which may be
// ended and gone on with.
func (e *Estate) Keep(name string, data json.RawMessage) error { return e.store.Keep(name, data) }

// Kept gives what was noted of a repository in this run; nil for nothing.
func (e *Estate) Kept(name string) (json.RawMessage, error) { return e.store.Kept(name) }

// SetUploaded notes the key of what was uploaded of a repository, also for later
// runs.
func (e *Estate) SetUploaded(name, key string) error { return e.store.SetUploaded(name, key) }

// Uploaded gives the key of what was uploaded of a repository last; empty for
// nothing.
func (e *Estate) Uploaded(name string) (string, error) { return e.store.Uploaded(name) }

// Listed gives a repository as it is listed.
func (e *Estate) Listed(name string) (*bulk.Repository, error) {
	r, err := e.store.Repository(name)
	if err == nil && r == nil {
		err = fmt.Errorf("%s is not among the repositories of the run", name)
	}
	return r, err
}

// Source gives a file as far as reports show it: the lines around references
// and findings stand where they stood, all others are empty.
func (e *Estate) Source(r *audit.Repository, file string) ([]byte, error) {
	result, err := e.result(*r.Name)
	if err != nil {
		return nil, err
	}
	if result == nil || result.Lines[file] == nil {
		return nil, fs.ErrNotExist
	}
	lines := result.Lines[file]
	last := slices.Max(slices.Collect(maps.Keys(lines)))
	var out strings.Builder
	for n := 1; n <= last; n++ {
		out.WriteString(lines[n] + "\n")
	}
	return []byte(out.String()), nil
}

// failure is the result of a repository that could not be read, for this run.
func (e *Estate) failure(name, why string) *state.Result {
	report, _ := json.Marshal(&audit.Repository{Name: &name, Errors: []audit.Problem{{Message: why}}})
	return &state.Result{Key: e.failureKey(), Failed: true, Report: report}
}

func (e *Estate) failureKey() string { return e.key + " " + e.run.StartedAt.Format(time.RFC3339) }

// Repositories gives the audits by name, those that are there. It may be ranged
// over several times.
func (e *Estate) Repositories() iter.Seq2[*audit.Repository, error] {
	return func(yield func(*audit.Repository, error) bool) {
		for r, err := range e.selected() {
			if err != nil {
				yield(nil, err)
				return
			}
			report, err := e.report(r)
			if err != nil || report != nil {
				if !yield(report, err) || err != nil {
					return
				}
			}
		}
	}
}

// save keeps results.
func (e *Estate) save(results map[string]*state.Result) error {
	e.lock.Lock()
	defer e.lock.Unlock()
	e.last.name = ""
	return e.store.Save(results)
}

// report gives the audit of a repository; nil where there is none yet.
func (e *Estate) report(r *bulk.Repository) (*audit.Repository, error) {
	out := &audit.Repository{Name: &r.Name, Visibility: r.Visibility, Archived: r.Archived, Fork: r.Fork}
	switch {
	case r.Unread != "":
		out.Errors = []audit.Problem{{Message: r.Unread}}
		return out, nil
	case !workflowsIn(r):
		if r.Commit != "" {
			out.Ref = &r.Commit
		}
		return out, nil
	}
	result, err := e.result(r.Name)
	if err != nil || result == nil || !e.holds(r, result) {
		return nil, err
	}
	if err := json.Unmarshal(result.Report, out); err != nil {
		return nil, fmt.Errorf("the state of %s: %w", r.Name, err)
	}
	out.Visibility, out.Archived, out.Fork = r.Visibility, r.Archived, r.Fork
	if !result.Failed {
		out.Ref = &r.Commit
	}
	return out, nil
}

// result gives the result of a repository; nil where there is none. The last
// one is kept at hand: reports ask for the lines of one repository many times.
func (e *Estate) result(name string) (*state.Result, error) {
	e.lock.Lock()
	defer e.lock.Unlock()
	if e.last.name == name && name != "" {
		return e.last.result, nil
	}
	result, err := e.store.Result(name)
	if err == nil {
		e.last.name, e.last.result = name, result
	}
	return result, err
}
