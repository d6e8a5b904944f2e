package shell

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// region is what runs only where the commands that lead to it have succeeded:
// all up to an index in Result.Commands, which is known when the walk is there.
type region struct{ end int }

// close ends a region where the walk is.
func (i *interp) close(r *region) { r.end = len(i.res.Commands) }

// frame is a shell, or the call of a function, that exit or return ends.
type frame struct {
	// end is the region up to its end, failure what is skipped should it fail:
	// nil for all that follows.
	end, failure *region
}

// pardon says of all commands what they skip, now that the regions are known.
func (i *interp) pardon() {
	i.close(i.process.end)
	for n, r := range i.pardons {
		if r != nil {
			i.res.Commands[n].Forgiven = r.end
		}
	}
}

// failure is what a failure here skips: own where nothing asks for it and the
// shell goes on.
func (i *interp) failure(own *region) *region {
	if i.forgiven == nil && !i.asked && !i.st.errexit {
		return own
	}
	return i.forgiven
}

// asking walks code for whose status something asks, with what its failure skips.
func (i *interp) asking(skips *region, walk func()) {
	forgiven, asked, ignored := i.forgiven, i.asked, i.ignored
	i.forgiven, i.asked, i.ignored = skips, true, true
	walk()
	i.forgiven, i.asked, i.ignored = forgiven, asked, ignored
}

// alone walks code that may fail, and what follows runs all the same.
func (i *interp) alone(walk func()) {
	r := &region{}
	i.asking(r, walk)
	i.close(r)
}

// turn walks the body of a loop, whose status is that of its last turn.
func (i *interp) turn(body []*syntax.Stmt) {
	if i.ignored || !i.st.errexit {
		i.alone(func() { i.stmts(body) })
		return
	}
	i.stmts(body)
}

// all walks the statements of a shell, whose status is that of the last one.
func (i *interp) all(list []*syntax.Stmt) {
	n := len(list) - 1
	if n < 0 {
		return
	}
	if i.stmts(list[:n]); i.st.over {
		return
	}
	if i.asked || i.st.errexit {
		i.stmt(list[n])
		return
	}
	forgiven := i.forgiven
	i.forgiven, i.asked = i.process.failure, true
	i.stmt(list[n])
	i.forgiven, i.asked = forgiven, false
}

// started walks what a shell runs that was started for it, in which errexit
// holds whoever asks for its status.
func (i *interp) started(walk func()) {
	forgiven, asked, ignored := i.forgiven, i.asked, i.ignored
	i.forgiven, i.asked, i.ignored = i.process.failure, false, false
	walk()
	i.forgiven, i.asked, i.ignored = forgiven, asked, ignored
}

// eachLine walks Input.Lines.
func (i *interp) eachLine(stmts []*syntax.Stmt) {
	errexit := i.st.errexit
	i.st.errexit = true
	for len(stmts) > 0 {
		block := i.line(stmts[0]).Block
		n := 1
		for n < len(stmts) && i.line(stmts[n]).Block == block {
			n++
		}
		walk := func() { i.linesOf(stmts[:n], errexit) }
		if block != 0 {
			i.guarded(walk)
		} else {
			walk()
		}
		stmts = stmts[n:]
	}
	i.st.errexit = errexit
}

// linesOf walks statements, those of a line in a shell of their own.
func (i *interp) linesOf(stmts []*syntax.Stmt, errexit bool) {
	for len(stmts) > 0 {
		n := 1
		for n < len(stmts) && i.sameLine(stmts[n-1], stmts[n]) {
			n++
		}
		walk := func() {
			i.apart(true, func() {
				i.branch(func() {
					i.st.errexit = errexit
					i.started(func() { i.all(stmts[:n]) })
				})
			})
		}
		if i.line(stmts[0]).Forgiven {
			i.alone(walk)
		} else {
			walk()
		}
		stmts = stmts[n:]
	}
}

// line is how a statement is run.
func (i *interp) line(s *syntax.Stmt) Line {
	if n := int(s.Pos().Line()) - 1; n >= 0 && n < len(i.lines) {
		return i.lines[n]
	}
	return Line{}
}

// sameLine tells whether a statement follows another on its line.
func (i *interp) sameLine(before, s *syntax.Stmt) bool {
	from, to := stmtEnd(before), int(s.Pos().Offset())
	return from <= to && !strings.Contains(strings.ReplaceAll(i.text.source[from:to], "\\\n", ""), "\n")
}

// substituted walks what stands in a substitution. bash goes on in there
// whatever fails; what follows the substitution runs only where its last
// command succeeded, if that is the value of a plain assignment.
func (i *interp) substituted(p *syntax.CmdSubst) {
	plain := i.plain
	i.plain, i.st.errexit = false, false
	if plain {
		i.started(func() { i.all(p.Stmts) })
	} else {
		i.alone(func() { i.stmts(p.Stmts) })
	}
	i.plain = plain
}

// linked returns what walks the links of a list, outermost first, by their
// number: each with what it skips should it fail.
func (i *interp) linked(links []*syntax.BinaryCmd) func(n int, s *syntax.Stmt) {
	end := &region{}
	others := map[*syntax.Stmt]*region{}
	return func(n int, s *syntax.Stmt) {
		if r := others[s]; r != nil {
			i.close(r)
			delete(others, s)
		}
		switch other := orElse(links, n); {
		case n == 0:
			i.stmt(s)
		case other == nil && i.asked:
			i.asking(i.forgiven, func() { i.stmt(s) })
		case other == nil:
			i.asking(end, func() { i.stmt(s) })
		default:
			if others[other] == nil {
				others[other] = &region{}
			}
			i.refusedTo(others[other], other, other == links[0].Y, func() { i.stmt(s) })
		}
		for _, r := range others {
			i.close(r) // nearer to the other one with each link
		}
		i.close(end)
	}
}

// refused walks what another statement alone runs behind should it fail.
func (i *interp) refused(other *syntax.Stmt, walk func()) {
	r := &region{}
	i.refusedTo(r, other, true, walk)
	i.close(r)
}

// refusedTo is refused, with the region up to the other statement; last says that
// nothing stands behind that.
func (i *interp) refusedTo(r *region, other *syntax.Stmt, last bool, walk func()) {
	if to, ok := i.escape(other, true, 0); ok {
		i.asking(to, walk)
		return
	}
	if last && i.fails(other) {
		i.asking(i.failure(r), walk)
		return
	}
	i.asking(r, walk)
}

// orElse returns what a list does where a command of it fails, nil for
// nothing. Of the links, outermost first, those before n are behind the command.
func orElse(links []*syntax.BinaryCmd, n int) *syntax.Stmt {
	for n--; n >= 0; n-- {
		if links[n].Op == syntax.OrStmt {
			return links[n].Y
		}
	}
	return nil
}

// fails tells whether a statement does nothing that matters, and fails.
func (i *interp) fails(s *syntax.Stmt) bool {
	switch c := s.Cmd.(type) {
	case *syntax.CallExpr:
		return len(c.Args) == 1 && c.Args[0].Lit() == "false" && !s.Negated
	case *syntax.Subshell:
		name, status := leaving(c.Stmts)
		return name == "exit" && status != "" && !isSuccess(status)
	}
	return false
}

// escape returns what a failure skips that a statement follows which ends the
// shell or the function; ok is false for any other one. Behind says that it
// follows at once, so that the status which it may hand on is that failure's.
func (i *interp) escape(s *syntax.Stmt, behind bool, depth int) (skips *region, ok bool) {
	list := within(s)
	name, status := leaving(list)
	if name == "" {
		return i.escapeByCall(list, depth)
	}
	f := i.process
	if name == "return" && i.function != nil {
		f = i.function
	}
	_, block := s.Cmd.(*syntax.Block)
	if isSuccess(status) && !(status == "" && behind && !block) {
		return f.end, true
	}
	return f.failure, true
}

// escapeByCall is escape for the call of a function that ends the shell.
func (i *interp) escapeByCall(list []*syntax.Stmt, depth int) (skips *region, ok bool) {
	if len(list) == 0 || depth >= maxDepth {
		return nil, false
	}
	call, ok := list[len(list)-1].Cmd.(*syntax.CallExpr)
	if !ok || len(call.Args) == 0 {
		return nil, false
	}
	f := i.functionOf(call.Args[0].Lit())
	if f == nil || f.decl.Body == nil {
		return nil, false
	}
	if name, _ := leaving(within(f.decl.Body)); name == "return" {
		return nil, false
	}
	return i.escape(f.decl.Body, false, depth+1)
}

// isSuccess tells whether exit or return is success with such a word.
func isSuccess(status string) bool { return status == "" || status == "0" }

// leaves tells whether code ends the script.
func leaves(list []*syntax.Stmt) bool {
	name, _ := leaving(list)
	return name == "exit"
}

// within returns the statements of a block, or the one that is none.
func within(s *syntax.Stmt) []*syntax.Stmt {
	if block, ok := s.Cmd.(*syntax.Block); ok {
		return block.Stmts
	}
	return []*syntax.Stmt{s}
}

// leaving returns the name of the exit or return that code ends with, and its
// word: "?" where that is not known.
func leaving(list []*syntax.Stmt) (name, status string) {
	if len(list) == 0 {
		return "", ""
	}
	call, ok := list[len(list)-1].Cmd.(*syntax.CallExpr)
	if !ok || len(call.Args) == 0 {
		return "", ""
	}
	if name = call.Args[0].Lit(); name != "exit" && name != "return" {
		return "", ""
	}
	if len(call.Args) > 1 {
		if status = call.Args[1].Lit(); status == "" {
			status = "?"
		}
	}
	return name, status
}

// last walks the conditions of an if or a loop but for the last one, which it
// returns, nil where there is none.
func (i *interp) last(conditions []*syntax.Stmt) *syntax.Stmt {
	n := len(conditions) - 1
	if n < 0 {
		return nil
	}
	i.alone(func() { i.stmts(conditions[:n]) })
	return conditions[n]
}

// repeated walks the conditions of a loop, and returns what ends the region of
// its body. Behind a loop that waits for a command that has succeeded.
func (i *interp) repeated(c *syntax.WhileClause) (succeeded func()) {
	s, r := i.last(c.Cond), &region{}
	succeeded = func() {}
	switch {
	case s == nil:
	case c.Until != s.Negated && !breaks(c.Do):
		i.asking(nil, func() { i.plainly(s) })
	case c.Until || s.Negated:
		i.alone(func() { i.plainly(s) })
	default:
		i.asking(r, func() { i.stmt(s) })
		succeeded = func() { i.close(r) }
	}
	return succeeded
}

// breaks tells whether a loop may end before its condition does.
func breaks(body []*syntax.Stmt) bool {
	found := false
	for _, s := range body {
		syntax.Walk(s, func(n syntax.Node) bool {
			if call, ok := n.(*syntax.CallExpr); ok && len(call.Args) > 0 {
				found = found || slices.Contains([]string{"break", "continue", "exit", "return", "exec"}, call.Args[0].Lit())
			}
			return !found
		})
	}
	return found
}

// decided walks the conditions of an if, and returns what ends the region of
// what it runs then. Where anything else ends the script, what follows runs only
// where the condition held.
func (i *interp) decided(c *syntax.IfClause) (succeeded func()) {
	s, r := i.last(c.Cond), &region{}
	succeeded = func() {}
	if s == nil {
		return succeeded
	}
	var failed []*syntax.Stmt
	switch {
	case s.Negated:
		failed = c.Then
	case c.Else != nil && !c.Else.ThenPos.IsValid():
		failed = c.Else.Then
	}
	if len(failed) > 0 {
		if to, ok := i.escape(failed[len(failed)-1], false, 0); ok {
			i.asking(to, func() { i.plainly(s) })
			return succeeded
		}
	}
	if s.Negated {
		i.alone(func() { i.plainly(s) })
		return succeeded
	}
	i.asking(r, func() { i.stmt(s) })
	i.close(r)
	return func() { i.close(r) }
}
