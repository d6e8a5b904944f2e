package shell

import (
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
	maxPath       = 1000 // bytes
	maxWords      = 1000
	maxFunctions  = 200 // of a PowerShell script
	maxChoices    = 32
)

// bounded returns v, or where v is too large an unknown with v's
// credentials: X="$X$X" in twenty lines makes a million copies.
func bounded(v value.Value, source string) value.Value {
	if v.Fits(maxNodes, maxValueBytes, maxChoices) {
		return v
	}
	return value.Opaque(source, v)
}

// choose returns the choice of two values.
func choose(source string, vs ...value.Value) value.Value {
	return bounded(value.Choice(vs...), source)
}

// Choose returns the choice of values, or where that would be too large one
// that is not known, with their credentials.
func Choose(source string, vs ...value.Value) value.Value { return choose(source, vs...) }
