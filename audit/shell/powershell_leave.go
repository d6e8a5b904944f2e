package shell

// leavable is a part of a PowerShell script that is left early: what it set by then
// stays.
type leavable struct {
	kind leaveKind
	// base is the scope around it, left are those in which it was left.
	base *scope
	left []*scope
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
	i.poshParts = append(i.poshParts, part)
	walk()
	i.poshParts = i.poshParts[:len(i.poshParts)-1]
	return part.left
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

// leaves notes that the part is left here by a word of the script.
func (i *interp) leaves(word string) {
	kind, ok := map[string]leaveKind{"break": leavesLoop, "continue": leavesLoop, "return": leavesFunction, "throw": leavesTry, "exit": leavesScript}[word]
	if ok && !i.st.dead {
		i.passOn(kind, []*scope{i.st})
	}
	i.st.dead = true
}

// passOn hands scopes to the innermost part of a kind. One that a function calls
// may be around it; a loop is not.
func (i *interp) passOn(kind leaveKind, list []*scope) {
	for n := len(i.poshParts) - 1; n >= 0; n-- {
		part := i.poshParts[n]
		if part.kind == kind && len(part.left) < maxChoices {
			for _, s := range list {
				part.left = append(part.left, s.since(part.base))
			}
			return
		}
		if part.kind == leavesFunction && kind == leavesLoop {
			return
		}
	}
}

// since returns what a scope has changed since an outer one, as a scope on top of
// that.
func (s *scope) since(base *scope) *scope {
	out := *s
	out.vars, out.outer, out.dead, out.function, out.locals = map[string]variable{}, base, false, false, nil
	for t := s; t != nil && t != base; t = t.outer {
		for name, v := range t.vars {
			if _, changed := out.vars[name]; !changed {
				out.vars[name] = v
			}
		}
	}
	return &out
}
