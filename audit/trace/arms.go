package trace

import (
	"strings"

	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// Arm is a condition of which it hangs whether a site runs, and has success: one of
// its script or of one around, of its step, or a failure that what follows survives.
// Those of two sites are equal where it is the same one.
type Arm struct {
	// script and place are those of a condition of a script, or of a command that
	// may fail where failed is set; step is one that may, and guard a condition that
	// is written for the step.
	script, place int
	failed        bool
	step          *workflow.Step
	guard         string
}

// Opposite tells whether one of two conditions holds where the other does not.
func (a Arm) Opposite(b Arm) bool {
	switch {
	case a.guard != "" && b.guard != "":
		return denies(a.guard, b.guard) || denies(b.guard, a.guard)
	case a.script != 0 && !a.failed && !b.failed:
		return a.script == b.script && a.place == -b.place
	}
	return false
}

// denies tells whether a condition says that another one does not hold.
func denies(condition, of string) bool {
	return condition == "!"+of || condition == "!("+of+")" || strings.Count(of, "==") == 1 && condition == strings.Replace(of, "==", "!=", 1)
}

// Failure tells whether it is the success of one command.
func (a Arm) Failure() bool { return a.failed }

// Arms returns what it hangs on whether the site runs, the innermost conditions of a
// script first. Where it hangs on nothing it is nil.
func (s *Site) Arms() []Arm {
	var out []Arm
	for l := s; l != nil; l = l.parent {
		c := l.Command
		if c == nil || c.script == 0 {
			continue
		}
		if c.Forgiven != 0 {
			out = append(out, Arm{script: c.script, place: c.index, failed: true})
		}
		for n := len(c.Scopes) - 1; n >= 0; n-- {
			out = append(out, Arm{script: c.script, place: c.Scopes[n]})
		}
	}
	if step := s.ownStep(); step != nil && step.Forgiven {
		out = append(out, Arm{step: step})
	}
	for _, guard := range s.Guards {
		if !strings.HasPrefix(guard, branchPrefix) {
			out = append(out, Arm{guard: guard})
		}
	}
	return out
}

// Asks tells whether the conditions of a site ask for what the step of another one
// has put out, or how it went.
func (s *Site) Asks(about *Site) bool {
	step := about.ownStep()
	if step == nil || step.ID.Value == "" {
		return false
	}
	for _, guard := range s.Guards {
		if strings.Contains(guard, "steps."+step.ID.Value+".") {
			return true
		}
	}
	return false
}

// Held are the comparisons of texts that hold where the site runs.
func (s *Site) Held() []shell.Test {
	if s.Command == nil {
		return nil
	}
	return s.Command.Held
}
