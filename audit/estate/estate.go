// Package estate audits all repositories of organisations and users.
//
// It lists them, reads what an audit of each takes, many at a time, and keeps
// the results in a file as they come: a run that was ended goes on where it
// was, and the next one reads only what has changed. Nothing of more
// repositories than are under way is held in memory, however many there are.
package estate

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/accept"
	"github.com/patrol-actions/patrol/audit/bulk"
	"github.com/patrol-actions/patrol/audit/config"
	"github.com/patrol-actions/patrol/audit/github"
	"github.com/patrol-actions/patrol/audit/state"
)

// Options say what to audit, and how.
type Options struct {
	// Client asks GitHub. It sends queries, and never writes.
	Client *github.Client
	// State is the file that results are kept in; "" for none beyond the run.
	State string
	// Version is that of the program: results of another are made anew.
	Version string
	// Accounts are the logins of organisations and users, Names further
	// repositories, each "owner/name".
	Accounts, Names []string
	Selection       Selection
	Shard           Shard
	// ProposalBranch is a branch to look for in every repository; "" for none.
	ProposalBranch string
	// Config is for every repository; nil where each has its own. ConfigText
	// is what it was read from.
	Config     *config.Config
	ConfigText string
	// Plan is the state of a run that listed the repositories for this one and
	// others; "" to list them. Planning is that run: it lists anew.
	Plan     string
	Planning bool
	// Web and EnterpriseServer are as for an audit of one repository.
	Web              string
	EnterpriseServer bool
	// Now is the time of the run.
	Now time.Time
	// Progress is told how far the run is, often; nil for nobody.
	Progress func(Progress)
}

// Progress is how far a run is.
type Progress struct {
	// Listing says that the list is not whole yet: Total is GitHub's count,
	// Done how many are listed. After that they count the repositories to be
	// audited, and those that are.
	Listing     bool
	Total, Done int
	// Kept counts those of Done whose audit was taken over from the state.
	Kept int
	// Requests counts what was sent.
	Requests int
	// Remaining is what is left of the hourly limit in points; -1 where that
	// is not known.
	Remaining int
}

// Estate is a run under way.
type Estate struct {
	options Options
	store   *state.Store
	reader  *bulk.Reader
	run     *state.Run
	resumed bool
	ledger  accept.Ledger
	key     string
	// assigned is the part of each repository, where only one is audited.
	assigned map[string]int

	// last is the result that was asked for last.
	lock sync.Mutex
	last struct {
		name   string
		result *state.Result
	}
	// visible has what [Estate.visibility] found, once the list is whole.
	visible map[string]string
}

// Open begins a run, or takes up one that was ended.
func Open(o Options) (*Estate, error) {
	store, err := state.Open(o.State)
	if err != nil {
		return nil, err
	}
	e := &Estate{options: o, store: store, reader: bulk.NewReader(o.Client)}
	e.reader.ProposalBranch = o.ProposalBranch
	if err := e.begin(); err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return e, nil
}

// begin takes up the last run where it was for the same and is not done.
func (e *Estate) begin() error {
	o := e.options
	owners := strings.Join(slices.Sorted(maps.Keys(e.owners())), " ") // whose repositories are read where others name them
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s\x00%t\x00%s", o.Version, o.ConfigText, o.Web, o.EnterpriseServer, owners))
	e.key = hex.EncodeToString(sum[:8])
	scope := strings.ToLower(strings.Join(o.Accounts, " ") + "\n" + strings.Join(o.Names, " "))
	last, err := e.store.Run()
	if err != nil {
		return err
	}
	if last != nil && (last.Scope != scope || last.Done || o.Planning && last.Listed || o.Now.Sub(last.StartedAt) > maxAge) {
		last = nil
	}
	if o.Plan != "" && filepath.Clean(o.Plan) != filepath.Clean(o.State) {
		return e.takePlan(scope, last)
	}
	if last != nil {
		e.run, e.resumed = last, true
		return nil
	}
	e.run = &state.Run{Scope: scope, StartedAt: o.Now.UTC().Truncate(time.Second)}
	return e.store.Begin(e.run)
}

// maxAge is how old a run may be that is gone on with. What it found is not
// lost with it: the audits of what has not changed still hold.
const maxAge = 7 * 24 * time.Hour

// Close ends the run; what is done of it stays in the state.
func (e *Estate) Close() error { return e.store.Close() }

// Resumed tells that an earlier run is gone on with.
func (e *Estate) Resumed() bool { return e.resumed }

// StartedAt is when the run began, which may be long ago where it is resumed.
func (e *Estate) StartedAt() time.Time { return e.run.StartedAt }

// Accounts are the listed accounts. What the caller finds out about them is
// known to the audits that follow.
func (e *Estate) Accounts() []audit.Account { return e.run.Accounts }

// Problems say what could not be read and has no repository's report.
func (e *Estate) Problems() []audit.Problem {
	if e.run.Hidden == 0 {
		return nil
	}
	return []audit.Problem{{Message: fmt.Sprintf("not audited: %d repositories that GitHub counts, and keeps from this token, even their names: it may have to be authorised for single sign-on", e.run.Hidden)}}
}

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

// Finish notes that the run is done, so that the next one begins anew.
func (e *Estate) Finish() error {
	e.run.Done = true
	return e.store.Finish(e.run)
}

// failure is the result of a repository that could not be read, for this run.
func (e *Estate) failure(name, why string) *state.Result {
	report, _ := json.Marshal(&audit.Repository{Name: &name, Errors: []audit.Problem{{Message: why}}})
	return &state.Result{Key: e.failureKey(), Failed: true, Report: report}
}

func (e *Estate) failureKey() string { return e.key + " " + e.run.StartedAt.Format(time.RFC3339) }

// progress tells of the run.
func (e *Estate) progress(p Progress) {
	if e.options.Progress == nil {
		return
	}
	usage := e.options.Client.Usage()
	p.Requests, p.Remaining = usage.Sent, -1
	if rate, ok := usage.Remaining["graphql"]; ok {
		p.Remaining = rate.Remaining
	}
	e.options.Progress(p)
}

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

// holds tells whether a result is of the repository as it is listed, and of
// this run if it says that the repository could not be read.
func (e *Estate) holds(r *bulk.Repository, result *state.Result) bool {
	if result.Failed {
		return result.Key == e.failureKey()
	}
	return result.Key == e.keyOf(r, result) && r.Holds(result.Used)
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

// workflowsIn tells whether a repository can have workflows: its root has the
// folder for them.
func workflowsIn(r *bulk.Repository) bool {
	return slices.ContainsFunc(r.Root, func(e bulk.Entry) bool { return e.Name == ".github" })
}

// shared is the name under which accounts are compared.
func shared(login string) string { return strings.ToLower(login) }

// account gives what is known of an account; nil for one that is not audited.
func (e *Estate) account(login string) *audit.Account {
	i := slices.IndexFunc(e.run.Accounts, func(a audit.Account) bool { return shared(a.Login) == shared(login) })
	if i < 0 {
		return nil
	}
	return &e.run.Accounts[i]
}

// settings are those of an account on which an audit can rest; empty where
// they are not known.
func (e *Estate) settings(login string) string {
	a := e.account(login)
	if a == nil {
		return ""
	}
	approve := ""
	if a.ApprovePullRequests != nil {
		approve = strconv.FormatBool(*a.ApprovePullRequests)
	}
	return a.DefaultPermissions + "/" + approve
}

// maxVisible is how many repositories' visibility is kept at hand.
const maxVisible = 10_000

// visibility is that of a listed repository; empty where it is not known.
func (e *Estate) visibility(name string) string {
	e.lock.Lock()
	defer e.lock.Unlock()
	if is, ok := e.visible[name]; ok {
		return is
	}
	is := ""
	if r, err := e.store.Repository(name); err == nil && r != nil {
		is = r.Visibility
	}
	if e.visible == nil || len(e.visible) >= maxVisible {
		e.visible = map[string]string{}
	}
	e.visible[name] = is
	return is
}

// byName compares repositories by name.
func byName(a, b string) int { return cmp.Compare(strings.ToLower(a), strings.ToLower(b)) }
