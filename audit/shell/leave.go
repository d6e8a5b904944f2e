package shell

import (
	"slices"

	"github.com/patrol-actions/patrol/audit/value"
)

// leavable is a part of a script that is left early: what it set by then stays.
type leavable struct {
	kind leaveKind
	// base is the scope around it, left are those in which it was left.
	base *scope
	left []*scope
	// scopes are those which begin where it was left, up to its end.
	scopes []int
	// out takes what it prints, printed is that where it was left.
	out     *sink
	printed []value.Value
}

// leaveKind says which words leave a part.
type leaveKind int

const (
	leavesLoop     leaveKind = iota // break, continue
	leavesFunction                  // return
	leavesTry                       // throw
	leavesScript                    // exit
)

// leaving walks a part that is left early, and returns the scopes in which that is.
func (i *interp) leaving(kind leaveKind, walk func()) []*scope {
	part := &leavable{kind: kind, base: i.st}
	i.during(part, walk)
	return part.left
}

func (i *interp) during(part *leavable, walk func()) {
	returned := i.returned
	i.leavables = append(i.leavables, part)
	walk()
	i.leavables = i.leavables[:len(i.leavables)-1]
	if part.kind != leavesScript {
		i.returned = returned
	}
	if len(part.scopes) > 0 {
		i.scopes = slices.DeleteFunc(slices.Clone(i.scopes), func(scope int) bool { return slices.Contains(part.scopes, scope) })
	}
}

// until is leaving for bash: what the part has printed where it is left is all that
// it prints.
func (i *interp) until(kind leaveKind, walk func()) []*scope {
	if i.out == nil {
		return i.leaving(kind, walk)
	}
	part := &leavable{kind: kind, base: i.st, out: i.out}
	s := i.captureArm(func() { i.during(part, walk) })
	if !s.left || len(part.printed) == 0 {
		part.printed = append(part.printed, s.value)
	}
	i.out.partial = i.out.partial || s.partial
	i.out.write(choose("…", part.printed...))
	return part.left
}

// leavesHere notes that a part of a bash script is left here; goes says that anything
// runs behind that.
func (i *interp) leavesHere(kind leaveKind, goes bool) {
	if goes && !i.st.dead {
		if part := i.passOn(kind, []*scope{i.st}); part != nil && part.out != nil && len(part.printed) < maxChoices {
			part.printed = append(part.printed, i.printedSince(part.out))
		}
	}
	i.st.dead = true
	if i.out != nil {
		i.out.left = true
	}
}

// printedSince is what was printed since an outer sink was that of the command.
func (i *interp) printedSince(out *sink) value.Value {
	var arms []value.Value
	for s := i.out; s != nil && s != out; s = s.outer {
		if arms = append(arms, s.value); !s.arm {
			arms = nil // it goes elsewhere
		}
	}
	slices.Reverse(arms)
	return bounded(value.Concat(arms...), "…")
}

// leavable walks branches as alternatives does, which may be left early.
func (i *interp) leavable(kind leaveKind, orNone bool, walks ...func()) {
	var f fork
	left := i.leaving(kind, func() {
		for _, walk := range walks {
			i.alternative(&f, walk)
		}
	})
	f.branches = append(f.branches, left...)
	i.join(&f, orNone)
}

// leaves notes that the part is left here by a word of a PowerShell script, exit with
// a status.
func (i *interp) leaves(word string, status value.Value) {
	kind, ok := map[string]leaveKind{"break": leavesLoop, "continue": leavesLoop, "return": leavesFunction, "throw": leavesTry, "exit": leavesScript}[word]
	part := i.innermost(kind)
	if part == nil && kind != leavesTry {
		kind = leavesScript // there is no loop or function around
	}
	if ok && !i.st.dead {
		i.passOn(kind, []*scope{i.st})
	}
	i.st.dead = true
	text := status.LiteralOr(status.String())
	succeeds := len(status) == 0 || text == "0"
	switch {
	case !ok || part == nil && kind == leavesTry:
	case part != nil && kind != leavesScript:
		i.early = true
		i.leftAt(part)
	case kind == leavesScript && !succeeds:
		i.early = i.early || !isNumber(text) && text != "$LASTEXITCODE"
	default:
		i.early = true
		i.ends(false)
	}
}

// leftAt notes that what follows in a part may not run.
func (i *interp) leftAt(part *leavable) {
	if part != nil {
		i.ends(true)
		part.scopes = append(part.scopes, i.scoped)
	}
}

// ends notes that the script may have ended here with success, or the part of it that
// is its own.
func (i *interp) ends(part bool) {
	switch {
	case part:
		i.returned = true
	case i.shells == 0:
		i.ended = true
	}
	i.scope()
}

// innermost returns the innermost part of a kind, nil for none. One that a function
// calls may be around it; a loop is not, nor where a shell of its own is in between.
func (i *interp) innermost(kind leaveKind) *leavable {
	for _, part := range slices.Backward(i.leavables) {
		if part.kind == kind {
			return part
		}
		if part.kind == leavesScript || kind == leavesLoop && part.kind == leavesFunction {
			break
		}
	}
	return nil
}

// passOn hands scopes to the innermost part of a kind, and returns that.
func (i *interp) passOn(kind leaveKind, list []*scope) *leavable {
	part := i.innermost(kind)
	for _, s := range list {
		if part != nil && len(part.left) < maxChoices {
			part.left = append(part.left, s.since(part.base))
		}
	}
	return part
}

// since returns what a scope has changed since an outer one, as a scope on top of
// that.
func (s *scope) since(base *scope) *scope {
	out := *s
	out.vars, out.outer, out.dead, out.over, out.function, out.locals = map[string]variable{}, base, false, false, false, nil
	for t := s; t != nil && t != base; t = t.outer {
		for name, v := range t.vars {
			if _, changed := out.vars[name]; !changed {
				out.vars[name] = v
			}
		}
	}
	return &out
}
