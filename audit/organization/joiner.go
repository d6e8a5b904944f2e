// Package organization joins what GitHub tells of the secrets and tokens of an
// account with what its workflows do: which secret each reference means, what
// all references to a secret take together, what the token behind it may do
// beyond that, and which secrets nobody reads.
//
// It does no I/O. A [Joiner] takes one repository after another, in any order,
// and keeps sums: what it holds grows with the secrets and the repositories,
// not with the references. The reports of shards, put in one after another,
// give what one run over all would have given.
package organization

import (
	"slices"
	"strings"
	"time"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/accept"
	"github.com/patrol-actions/patrol/audit/config"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// Options tune a join.
type Options struct {
	// Inventories are those of the accounts, and of their repositories.
	Inventories []*audit.Inventory
	// Tokens are those that were inspected. One that is called like a secret
	// is taken for what the secret holds.
	Tokens []*audit.Token
	// Web is the address of GitHub's pages; empty for https://github.com.
	Web string
	// Config has the severities of the rules, what people say of secrets, and
	// which findings they accept; nil for nothing. It is one for all accounts,
	// not that of a repository.
	Config *config.Config
	// Now is the time of the run, by which acceptances expire; Ledger gathers
	// which are needed: see [accept.Options].
	Now    time.Time
	Ledger *accept.Ledger
}

// Joiner joins. It is not safe for concurrent use.
type Joiner struct {
	options  Options
	accounts map[string]*account
	// all are the entries in the order in which they were made.
	all     []*entry
	grants  []*audit.Grant
	unasked []audit.Problem
}

// account is what is known of an account, by its login in lower case.
type account struct {
	login string
	// asked tells that its own secrets are known.
	asked bool
	// shared are its own secrets, by store and name.
	shared map[string]*entry
	// unasked are the secrets that references name and of which nobody could
	// be asked who holds them, by name.
	unasked map[string]*entry
	// repositories are those with secrets, and those that were added, by the
	// full name in lower case.
	repositories map[string]*repository
	// added counts the repositories that were added, private those of them
	// that are not public.
	added, private int
}

// repository is what is known of a repository.
type repository struct {
	name string
	// asked tells that its own secrets are known.
	asked bool
	added bool
	// public tells that everybody may read it.
	public bool
	// own are its secrets, those of environments too, by store and name; nil
	// for none.
	own map[string][]*entry
	// open is the first place where secrets go that no reference names;
	// openEnvironment is the first where those of environments may. Both are
	// empty where there is none.
	open, openEnvironment string
}

// New makes a joiner. The inventories are read, not changed.
func New(o Options) *Joiner {
	if o.Ledger == nil {
		o.Ledger = &accept.Ledger{}
	}
	j := &Joiner{options: o, accounts: map[string]*account{}}
	for _, i := range o.Inventories {
		j.inventory(i)
	}
	return j
}

// inventory takes in what one inventory has and no other had before.
func (j *Joiner) inventory(i *audit.Inventory) {
	a := j.account(i.Account)
	a.asked = a.asked || i.Asked
	for _, name := range i.Repositories {
		j.repository(name).asked = true
	}
	for _, s := range i.Secrets {
		if s.Scope == "organization" {
			if key := keyOf(s.Store, s.Name); a.shared[key] == nil {
				a.shared[key] = j.entry(s)
			}
			continue
		}
		r := j.repository(s.Owner)
		if r.own == nil {
			r.own = map[string][]*entry{}
		}
		key := keyOf(s.Store, s.Name)
		if !slices.ContainsFunc(r.own[key], func(e *entry) bool { return strings.EqualFold(e.secret.Environment, s.Environment) }) {
			r.own[key] = append(r.own[key], j.entry(s))
		}
	}
	for _, g := range i.Grants {
		if !slices.ContainsFunc(j.grants, func(have *audit.Grant) bool { return have.ID == g.ID && strings.EqualFold(have.Account, g.Account) }) {
			j.grants = append(j.grants, g)
		}
	}
	j.unasked = append(j.unasked, i.Unasked...)
}

// keyOf names a secret among those of one holder. Letter case does not matter
// to GitHub.
func keyOf(store, name string) string { return store + " " + strings.ToUpper(name) }

func (j *Joiner) account(login string) *account {
	key := strings.ToLower(login)
	if j.accounts[key] == nil {
		j.accounts[key] = &account{login: login, shared: map[string]*entry{}, unasked: map[string]*entry{}, repositories: map[string]*repository{}}
	}
	return j.accounts[key]
}

func (j *Joiner) repository(name string) *repository {
	owner, _, _ := strings.Cut(name, "/")
	a, key := j.account(owner), strings.ToLower(name)
	if a.repositories[key] == nil {
		a.repositories[key] = &repository{name: name}
	}
	return a.repositories[key]
}

// Add takes in the report of a repository. One without a name, and one that
// was added before, is passed over.
func (j *Joiner) Add(report *audit.Repository) {
	if report.Name == nil {
		return
	}
	r := j.repository(*report.Name)
	if r.added {
		return
	}
	r.added, r.name = true, *report.Name
	r.asked = r.asked || report.SecretsKnown
	// What nobody says is public may be read by a private one's secrets.
	r.public = report.Visibility == "public"
	owner, _, _ := strings.Cut(r.name, "/")
	a := j.account(owner)
	a.added++
	if !r.public {
		a.private++
	}
	r.openings(report)
	seen := map[*entry]*share{}
	for _, reference := range report.References {
		if strings.EqualFold(reference.Secret, "GITHUB_TOKEN") {
			continue
		}
		for _, e := range j.resolve(a, r, reference) {
			if seen[e] == nil {
				seen[e] = &share{files: map[string]bool{}}
			}
			e.add(r, reference, seen[e])
		}
	}
	for e, s := range seen {
		e.close(r, s)
	}
}

// openings notes where secrets go that no reference names. A repository of
// which nothing, or not every workflow, could be read is open too.
func (r *repository) openings(report *audit.Repository) {
	for _, at := range report.Open {
		place := at.File
		if at.Kind == audit.OpenEnvironment {
			r.openEnvironment = first(r.openEnvironment, place)
		} else {
			r.open = first(r.open, place)
		}
	}
	if report.Files == 0 && len(report.Errors) > 0 {
		r.open = first(r.open, unread)
	}
	for _, e := range report.Errors {
		if strings.HasPrefix(e.File, workflow.Folder+"/") {
			r.open = first(r.open, e.File)
		}
	}
}

// unread stands for the place of a repository of which nothing was read.
const unread = "."

// first keeps the first of two places that are set.
func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
