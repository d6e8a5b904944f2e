package shell

import (
	"slices"

	"github.com/patrol-actions/patrol/audit/value"
)

// The bounds of the work on one script. No script that a person wrote comes
// near them; one that does is read in part, and a Problem says so.
const (
	maxCommands = 5000
	maxSteps    = 50_000
	// maxDepth bounds calls, substitutions and inner scripts; maxNesting
	// the blocks within each other.
	maxDepth   = 20
	maxNesting = 200
	// maxSource and maxOpeners keep the shell parser, which recurses
	// without a bound of its own, from running out of stack.
	maxSource  = 128 << 10
	maxOpeners = 10_000
	// maxNodes and maxValueBytes bound a value, maxWords a list.
	maxNodes      = 512
	maxValueBytes = 64 << 10
	maxWords      = 1000
	maxFunctions  = 200 // of a PowerShell script
	maxChoices    = 32
)

// bounded returns v, or where v is too large an unknown with v's
// credentials: X="$X$X" in twenty lines makes a million copies.
func bounded(v value.Value, source string) value.Value {
	if nodes, bytes := maxNodes, maxValueBytes; measure(v, &nodes, &bytes) {
		return v
	}
	return opaque(source, v)
}

// measure tells whether v fits what is left of nodes and bytes.
func measure(v value.Value, nodes, bytes *int) bool {
	for _, p := range v {
		*nodes--
		*bytes -= len(p.Text) + len(p.Unknown)
		if *nodes < 0 || *bytes < 0 || len(p.OneOf) > maxChoices {
			return false
		}
		for _, w := range p.OneOf {
			if *nodes--; !measure(w, nodes, bytes) {
				return false
			}
		}
	}
	return true
}

// maxKept bounds the credentials that an opaque value keeps.
const maxKept = 16

// opaque returns a value that cannot be known, but was made from others:
// their credentials stay in it, so that no operation loses a token.
func opaque(source string, from ...value.Value) value.Value {
	var kept []*value.Credential
	budget := 4 * maxNodes
	for _, v := range from {
		kept = keep(kept, v, &budget)
	}
	out := value.Unknown(source)
	for _, c := range kept {
		out = append(out, value.Part{Credential: c})
	}
	return out
}

// keep collects the credentials of v, looking at no more than budget parts.
func keep(kept []*value.Credential, v value.Value, budget *int) []*value.Credential {
	for _, p := range v {
		if *budget--; *budget < 0 || len(kept) >= maxKept {
			return kept
		}
		if p.Credential != nil && !slices.Contains(kept, p.Credential) {
			kept = append(kept, p.Credential)
		}
		for _, w := range p.OneOf {
			kept = keep(kept, w, budget)
		}
	}
	return kept
}

// choose returns the choice of two values.
func choose(source string, vs ...value.Value) value.Value {
	return bounded(value.Choice(vs...), source)
}

// Choose returns the choice of values, or where that would be too large one
// that is not known, with their credentials.
func Choose(source string, vs ...value.Value) value.Value { return choose(source, vs...) }
