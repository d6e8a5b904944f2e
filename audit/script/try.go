package script

import (
	"regexp"

	"github.com/grafana/sobek/ast"
)

// throws matches what ends the code that has caught an error.
var throws = regexp.MustCompile(`\bthrow\b|\bprocess\.exit\(|\bdie\(|\breject\(`)

// failsStep matches what makes the step fail.
var failsStep = regexp.MustCompile(`\bsetFailed\(|\bprocess\.exit\(\s*[1-9]`)

func (f *frame) tryStatement(s *ast.TryStatement) {
	body := func() { f.statement(s.Body) }
	var tried *region
	switch {
	case s.Catch != nil && !leaves(s.Catch.Body.List, false):
		tried = f.survived(handlerOf(f.code(s.Catch.Body)), body)
	case s.Catch != nil && !throws.MatchString(f.code(s.Catch.Body)):
		from := len(f.result.Calls)
		// What follows here runs only where all of it did.
		f.narrow()
		tried = f.attempted(body)
		forgive(f.result.Calls, from, false)
	default:
		tried = f.attempted(body)
	}
	if s.Catch != nil {
		f.midway(tried, func() {
			f.guarded(func() {
				f.block(func() {
					if s.Catch.Parameter != nil {
						f.bind(s.Catch.Parameter, unknown{"error"}, false)
					}
					f.statement(s.Catch.Body)
				})
			})
		})
	}
	if s.Finally != nil {
		f.midway(tried, func() { f.statement(s.Finally) })
	}
}

// caught is member for the callee of a call, which may be the method that catches what
// the promise before it fails with.
func (f *frame) caught(callee ast.Expression, args []ast.Expression) (receiver thing, names []string) {
	dot, ok := callee.(*ast.DotExpression)
	catches := -1 // which argument does
	switch {
	case ok && dot.Identifier.Name == "catch":
		catches = 0
	case ok && dot.Identifier.Name == "then":
		catches = 1
	}
	if catches < 0 || catches >= len(args) {
		return f.member(callee)
	}
	if by := f.handler(args[catches]); by.throws || by.fails {
		return f.member(callee)
	}
	f.survived(handler{}, func() { receiver, names = f.member(callee) })
	return receiver, names
}

// settled evaluates the arguments of a call of a method: behind one that waits for
// promises whether they fail or not, the script goes on.
func (f *frame) settled(receiver thing, names []string, args []ast.Expression) (out []thing) {
	if of, ok := receiver.(outside); !ok || of.name != "Promise" || len(names) != 1 || names[0] != "allSettled" {
		return f.arguments(args)
	}
	f.survived(handler{}, func() { out = f.arguments(args) })
	return out
}

// handler is what code does that has caught an error: it throws one itself, or makes
// the step fail.
type handler struct{ throws, fails bool }

func handlerOf(code string) handler {
	return handler{throws.MatchString(code), failsStep.MatchString(code)}
}

// handler tells it of a function that is handed over, as far as it is ours.
func (f *frame) handler(e ast.Expression) handler {
	name, ok := e.(*ast.Identifier)
	if !ok {
		return handlerOf(f.code(e))
	}
	fn, ok := f.lookup(name.Name.String()).(*function)
	if !ok {
		return handler{}
	}
	by, known := f.handlers[fn]
	if !known {
		for _, s := range fn.body {
			of := handlerOf(fn.frame.code(s))
			by.throws, by.fails = by.throws || of.throws, by.fails || of.fails
		}
		if fn.expression != nil {
			by = handlerOf(fn.frame.code(fn.expression))
		}
		f.handlers[fn] = by
	}
	return by
}

// attempted walks code of which it is seen what it has set where it fails: all that
// the region has of it.
func (f *frame) attempted(walk func()) *region {
	outer, own := f.attempt, newRegion()
	f.reader.attempt = own
	walk()
	f.reader.attempt = outer
	own.passed(outer, ofAny)
	return own
}

// survived walks code whose failure is caught by some other code, behind which it goes
// on.
func (f *frame) survived(by handler, walk func()) *region {
	from := len(f.result.Calls)
	var sure map[string]bool
	var tried *region
	f.regions(false, func() {
		tried = f.attempted(walk)
		tried.passed(f.region, ofAny)
		sure = f.sure
	})
	// No later step runs after what fails the step.
	f.setByAll(by.fails, []map[string]bool{sure})
	if !by.throws {
		forgive(f.result.Calls, from, false)
	}
	return tried
}

// midway walks code before which other code may have failed: it sees what that had set
// until then. What it does not set itself is afterwards as it was.
func (f *frame) midway(tried *region, walk func()) {
	whole := map[spot]thing{}
	outer, own := f.region, newRegion()
	for _, s := range tried.order {
		whole[s] = f.held(s)
		f.hold(s, s.met(append(tried.left[s][:len(tried.left[s]):len(tried.left[s])], whole[s])))
	}
	f.reader.region = own
	walk()
	f.reader.region = outer
	for _, s := range own.order {
		held := f.held(s)
		if before, tried := whole[s]; tried {
			f.hold(s, before)
		} else {
			f.hold(s, own.before[s])
		}
		f.write(s, held)
	}
	for _, s := range tried.order {
		if _, set := own.before[s]; !set {
			f.hold(s, whole[s])
		}
	}
}
