package trace

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// Handed is what comes by the name of a secret at a place where that is
// written: in a reusable workflow, what its callers hand over.
type Handed struct {
	// Secrets are the names under which the secrets among it are kept.
	Secrets []string
	// JobToken says that GITHUB_TOKEN is among it, Other that something else is.
	JobToken, Other bool
}

// Handed returns what was seen to come by a reference, over all the ways in
// which its workflow runs.
func (r *Result) Handed(ref Reference) Handed { return r.handed[ref.key()] }

// key is a reference without what the letter case and its context add.
func (ref Reference) key() Reference {
	return Reference{Secret: strings.ToLower(ref.Secret), Span: ref.Span}
}

// hand notes what comes by a reference.
func (r *Result) hand(ref Reference, v value.Value) {
	if len(v) == 0 {
		return // a caller without it
	}
	h := r.handed[ref.key()]
	if len(v) == 1 && v[0].Credential != nil && v[0].Credential.Kind == value.JobToken {
		h.JobToken = true
	} else {
		h.Other = true
	}
	for _, c := range v.Credentials() {
		if c.Kind == value.Secret && !slices.Contains(h.Secrets, c.Name) {
			h.Secrets = append(h.Secrets, c.Name)
		}
	}
	if r.handed == nil {
		r.handed = map[Reference]Handed{}
	}
	r.handed[ref.key()] = h
}
