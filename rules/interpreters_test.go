package rules

import "testing"

// TestInterpreters checks that each program stands once, and not among the
// languages that want certain endings of their scripts.
func TestInterpreters(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range interpreterRows().rows {
		if seen[r.program] {
			t.Errorf("%s stands twice", r.program)
		}
		seen[r.program] = true
		if _, both := ScriptLanguage(r.program); both {
			t.Errorf("%s stands in the table languages too", r.program)
		}
	}
	if i, ok := InterpreterOf("deno"); !ok || i.Language != "javascript" || len(i.Commands) != 1 {
		t.Errorf("deno: %+v, %v", i, ok)
	}
	if _, ok := InterpreterOf("cargo"); ok {
		t.Error("cargo runs no script")
	}
}
