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
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
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

// Finish notes that the run is done, so that the next one begins anew.
func (e *Estate) Finish() error {
	e.run.Done = true
	return e.store.Finish(e.run)
}

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

// workflowsIn tells whether a repository can have workflows: its root has the
// folder for them.
func workflowsIn(r *bulk.Repository) bool {
	return slices.ContainsFunc(r.Root, func(e bulk.Entry) bool { return e.Name == ".github" })
}

// shared is the name under which accounts are compared.
func shared(login string) string { return strings.ToLower(login) }

// byName compares repositories by name.
func byName(a, b string) int { return cmp.Compare(strings.ToLower(a), strings.ToLower(b)) }
