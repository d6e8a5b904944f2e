package organization

import (
	"strings"

	"github.com/patrol-actions/patrol/audit"
)

// The stores that workflows read.
const (
	storeActions    = "actions"
	storeDependabot = "dependabot"
)

// resolve finds the secrets that a reference can mean, as GitHub looks for
// them: those of the job's environment, then those of the repository, then
// those of the organisation that the repository can see.
//
// Runs that Dependabot starts read the same names from its own store. Which
// runs these are nobody knows beforehand, so a secret of that store counts the
// reference as well: too many where Dependabot starts no run of the workflow.
//
// Where the repository's own secrets were not asked for, the organisation's
// one of that name is taken, though one of the repository's may stand before
// it.
func (j *Joiner) resolve(a *account, r *repository, reference *audit.Reference) []*entry {
	name := reference.Secret
	out, rest := r.ofEnvironments(name, reference.Environments)
	if rest {
		if e := a.find(r, storeActions, name); e != nil {
			out = append(out, e)
		}
	}
	if len(out) == 0 {
		if e := j.unknown(a, r, reference); e != nil {
			out = append(out, e)
		}
	}
	if e := a.find(r, storeDependabot, name); e != nil {
		out = append(out, e)
	}
	return out
}

// ofEnvironments finds the secrets of environments, and tells whether those of
// the repository come into question too. An environment whose name is
// computed can be any.
func (r *repository) ofEnvironments(name string, environments []string) (out []*entry, rest bool) {
	if len(environments) == 0 {
		return nil, true
	}
	for _, environment := range environments {
		found := false
		computed := strings.Contains(environment, "${{")
		for _, e := range r.own[keyOf(storeActions, name)] {
			if e.secret.Environment == "" || !computed && !strings.EqualFold(e.secret.Environment, environment) {
				continue
			}
			found = true
			if !contains(out, e) {
				out = append(out, e)
			}
		}
		rest = rest || computed || !found
	}
	return out, rest
}

func contains(list []*entry, e *entry) bool {
	for _, have := range list {
		if have == e {
			return true
		}
	}
	return false
}

// find looks for a secret of the repository, then for one of its account.
func (a *account) find(r *repository, store, name string) *entry {
	key := keyOf(store, name)
	for _, e := range r.own[key] {
		if e.secret.Environment == "" {
			return e
		}
	}
	if e := a.shared[key]; e != nil && e.visible(r) {
		return e
	}
	return nil
}

// unknown is the entry of a secret that nobody is known to hold. Where all
// holders were asked it is missing in that repository, unless a caller binds
// the name. Where not, there is one entry for the account, and none for what
// is no credential for GitHub: nothing could be said about it.
func (j *Joiner) unknown(a *account, r *repository, reference *audit.Reference) *entry {
	if reference.FromCaller {
		return nil // most often it has the name that the workflow gives it
	}
	if a.asked && r.asked {
		key := keyOf("", reference.Secret)
		if len(r.own[key]) == 0 {
			if r.own == nil {
				r.own = map[string][]*entry{}
			}
			r.own[key] = []*entry{j.entry(&audit.StoredSecret{Name: strings.ToUpper(reference.Secret), Owner: r.name, Store: storeActions, State: audit.SecretMissing})}
		}
		return r.own[key][0]
	}
	if reference.Credential == audit.CredentialOther {
		return nil
	}
	key := strings.ToUpper(reference.Secret)
	if a.unasked[key] == nil {
		a.unasked[key] = j.entry(&audit.StoredSecret{Name: key, Owner: a.login, Store: storeActions, State: audit.SecretUnasked})
	}
	return a.unasked[key]
}
