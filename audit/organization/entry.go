package organization

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/compare"
	"github.com/patrol-actions/patrol/audit/decide"
)

// entry is a secret with the sums of its references.
type entry struct {
	secret *audit.StoredSecret
	// selected are the lower-case names for which it is selected.
	selected map[string]bool

	references int
	verdict    audit.Verdict
	verdicts   map[audit.Verdict]int
	kinds      map[audit.Credential]bool
	users      []string
	targets    map[string]bool
	tally      compare.Tally
	work       audit.Work
	// needing counts the users that GITHUB_TOKEN does not do for; touched are
	// the lower-case names of the repositories that they touch, and boundless
	// tells that one of them could not be told.
	needing   int
	touched   map[string]bool
	boundless bool
}

// share is what one repository has to do with a secret.
type share struct {
	files   map[string]bool
	needing bool
}

// entry makes the entry of a secret, of which the uses are dropped.
func (j *Joiner) entry(s *audit.StoredSecret) *entry {
	own := &audit.StoredSecret{
		Name: s.Name, Owner: s.Owner, Scope: s.Scope, Environment: s.Environment, Store: s.Store, State: s.State,
		CreatedAt: s.CreatedAt, UpdatedAt: s.UpdatedAt, Visibility: s.Visibility, Selected: s.Selected,
	}
	if len(s.Selected) == 0 && s.Visibility == "selected" {
		own.Unclear = s.Unclear // the list could not be asked for
	}
	e := &entry{secret: own, verdicts: map[audit.Verdict]int{}, kinds: map[audit.Credential]bool{}, targets: map[string]bool{}, touched: map[string]bool{}}
	if len(s.Selected) > 0 {
		e.selected = map[string]bool{}
		for _, name := range s.Selected {
			e.selected[strings.ToLower(name)] = true
		}
	}
	j.all = append(j.all, e)
	return e
}

// listless tells that it is selected for repositories that nobody knows.
func (e *entry) listless() bool {
	return e.secret.Visibility == "selected" && len(e.selected) == 0
}

// visible tells whether a repository can read an organisation's secret.
func (e *entry) visible(r *repository) bool {
	switch {
	case e.secret.Visibility == "private":
		return !r.public
	case e.secret.Visibility == "selected":
		return e.selected[strings.ToLower(r.name)] || e.listless() && e.secret.Unclear != ""
	}
	return true
}

// add takes in a reference.
func (e *entry) add(r *repository, reference *audit.Reference, s *share) {
	e.references++
	e.kinds[reference.Credential] = true
	if reference.Credential == audit.CredentialOther {
		return
	}
	e.verdict = e.verdict.Worse(reference.Verdict)
	if reference.Verdict != audit.VerdictNone {
		e.verdicts[reference.Verdict]++
	}
	e.tally.Add(reference)
	e.work.References++
	s.files[reference.File] = true
	for _, target := range reference.Target {
		e.targets[target] = true
	}
	if reference.Verdict == audit.VerdictReplaceable {
		e.work.Replaceable++
		return
	}
	s.needing = true
	for _, target := range reference.Target {
		switch {
		case target == "self":
			e.touched[strings.ToLower(r.name)] = true
		case decide.IsFullName(target):
			e.touched[strings.ToLower(target)] = true
		case target == "unknown":
			e.boundless = true
		}
	}
}

// close counts a repository whose references were all added.
func (e *entry) close(r *repository, s *share) {
	e.users = append(e.users, r.name)
	e.work.Files += len(s.files)
	if len(s.files) > 0 {
		e.work.Repositories++
	}
	if s.needing {
		e.needing++
	}
}

// compareNames orders names without regard to case, and then by it.
func compareNames(a, b string) int {
	if n := strings.Compare(strings.ToLower(a), strings.ToLower(b)); n != 0 {
		return n
	}
	return strings.Compare(a, b)
}

func sorted(set map[string]bool) []string {
	out := make([]string, 0, len(set))
	for name := range set {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}
