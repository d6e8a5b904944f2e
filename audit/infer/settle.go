package infer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// doubt says when a use that is only supposed is dropped again.
type doubt int

const (
	// certain uses stay.
	certain doubt = iota
	// unlessRead is for a variable that other code of its step, or for one of
	// the job other code of the job, is known to read.
	unlessRead
	// unlessWritten is for stored credentials that another use is seen to
	// write with, or that other code is supposed to use.
	unlessWritten
	// unlessPurposed is unlessWritten, for code whose name says nothing of git
	// too: where the checkout takes the secret for what it reads, a repository
	// or submodules that may be private, that is what it is kept for.
	unlessPurposed
	// unlessExplained is for stored secrets of which another use is seen, or
	// in whose job something is pushed or proposed with any credential.
	unlessExplained
)

// settle drops uses that are only supposed where others make them unlikely: a
// program that nobody knows is not taken to use a variable that other code of
// its step (for a variable of the job: of the job) is known to use. That is
// wrong where both do.
func (in *inferrer) settle() {
	if !slices.ContainsFunc(in.uses, func(u *Use) bool { return u.doubt != certain }) {
		return
	}
	w := witnesses{total: len(in.uses), of: map[string]*witness{}, keys: map[*value.Credential]string{}}
	for _, u := range in.uses {
		if u.Reading == "" {
			w.hear(u)
		}
	}
	in.uses = slices.DeleteFunc(in.uses, func(u *Use) bool { return u.doubt != certain && w.dispel(u) })
}

// witnesses are what the uses of a job say of each other. A job may have many
// thousands, so that each is heard once.
type witnesses struct {
	total, proposals int
	of               map[string]*witness
	keys             map[*value.Credential]string
}

// witness is what the uses of one credential say.
type witness struct {
	// explained says that it is known to be used beside a checkout, purposed
	// that a checkout reads with it what GITHUB_TOKEN may not, written that it
	// is used to write, or by what is not known; steps are those in which a use
	// is certain.
	explained, purposed, written bool
	steps                        map[int]bool
}

func (w *witnesses) hear(u *Use) {
	key := w.key(u.Credential)
	of := w.of[key]
	if of == nil {
		of = &witness{steps: map[int]bool{}}
		w.of[key] = of
	}
	if proposes(u) {
		w.proposals++
	}
	of.purposed = of.purposed || u.doubt == certain && readsElsewhere(u)
	of.explained = of.explained || u.doubt != unlessExplained && (u.Site.Action == nil || readsElsewhere(u) || !u.Site.Action.Is("actions/checkout") && !idle(u) && !stores(u))
	if u.doubt == certain {
		of.steps[u.Site.Step] = true
		of.written = of.written || len(u.Unknowns) > 0 || slices.ContainsFunc(u.Operations, func(op Operation) bool { return op.Needs.Writes() })
	}
}

// dispel tells whether others make a use unlikely that is not certain.
func (w *witnesses) dispel(u *Use) bool {
	of := w.of[w.key(u.Credential)]
	if of == nil {
		return false
	}
	switch u.doubt {
	case unlessExplained:
		others := w.proposals
		if proposes(u) {
			others--
		}
		return u.Credential.Kind != value.Secret && w.total > 1 || others > 0 || of.explained
	case unlessWritten:
		return of.written
	case unlessPurposed:
		return of.written || of.purposed
	}
	return of.steps[u.Site.Step] || len(of.steps) > 0 && !ofStep(u.Credential)
}

// key names a credential: those are the same that [value.Value.Equal] takes
// for it.
func (w *witnesses) key(c *value.Credential) string {
	key, known := w.keys[c]
	if !known {
		key = fmt.Sprintf("%d %q %+v %+v", c.Kind, c.Name, c.Written, c.Hops)
		w.keys[c] = key
	}
	return key
}

// readsElsewhere tells whether a use reads a repository that may be another one,
// and private, or submodules that may be: that alone takes a secret.
func readsElsewhere(u *Use) bool {
	return slices.ContainsFunc(u.Operations, func(op Operation) bool {
		return slices.Contains(op.Reasons, privateSubmodules) || !op.Public && slices.Contains(op.Names, "git fetch") && slices.ContainsFunc(op.Targets, func(t Target) bool { return t.Kind != Self })
	})
}

// idle tells whether a use is one that does nothing.
func idle(u *Use) bool {
	return len(u.Unknowns) == 0 && !slices.ContainsFunc(u.Operations, func(op Operation) bool { return len(op.Names)+len(op.Needs) > 0 })
}

// stores tells whether a use does nothing but leave the credential with git.
func stores(u *Use) bool {
	return len(u.Unknowns) == 0 && !slices.ContainsFunc(u.Operations, func(op Operation) bool { return !slices.Contains(op.Names, storesCredential) })
}

// proposes tells whether a use pushes, or opens a pull request.
func proposes(u *Use) bool {
	return slices.ContainsFunc(u.Operations, func(op Operation) bool {
		return slices.Contains(op.Names, "git push") || slices.Contains(op.Names, "POST /repos/{owner}/{repo}/pulls")
	})
}

func sameCredential(c, d *value.Credential) bool {
	return value.Of(c).Equal(value.Of(d))
}

// ofStep tells whether a credential came by a variable of a step.
func ofStep(c *value.Credential) bool {
	if len(c.Hops) == 0 {
		return false
	}
	return strings.HasPrefix(c.Hops[len(c.Hops)-1].What, "step env ")
}
