package estate

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/bulk"
	"github.com/patrol-actions/patrol/audit/state"
)

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

// holds tells whether a result is of the repository as it is listed, and of
// this run if it says that the repository could not be read.
func (e *Estate) holds(r *bulk.Repository, result *state.Result) bool {
	if result.Failed {
		return result.Key == e.failureKey()
	}
	return result.Key == e.keyOf(r, result) && r.Holds(result.Used)
}

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
