package scan

import (
	"fmt"

	"github.com/patrol-actions/patrol/audit"
)

// guard keeps a fault of this program from costing more than what it was at.
type guard struct {
	on       bool
	problems []audit.Problem
}

// run does something about a place; a fault in it is noted, and ok is false then.
func (g *guard) run(file string, line int, what string, do func()) (ok bool) {
	if g.on {
		defer func() {
			if fault := recover(); fault != nil {
				g.note(file, line, what, fault)
				ok = false
			}
		}()
	}
	do()
	return true
}

// note notes a fault. It says what the runtime says, which holds nothing of
// what was read but its length.
func (g *guard) note(file string, line int, what string, fault any) {
	g.problems = append(g.problems, audit.Problem{
		File: file, Line: line, Unread: true,
		Message: fmt.Sprintf("%s could not be judged, by a fault of Patrol itself: report it, with the file (%v)", what, fault),
	})
}
