package shell

import "mvdan.cc/sh/v3/syntax"

// forgive walks code that may fail without an end of the script; up to an
// offset, what follows runs only where it succeeded.
func (i *interp) forgive(end uint, walk func()) {
	outer := i.forgiven
	if _, at := i.place(0, int(end)); at > outer {
		i.forgiven = at
	}
	walk()
	i.forgiven = outer
}

// forgiveAlone walks a statement that may fail, and what follows runs all the
// same.
func (i *interp) forgiveAlone(s *syntax.Stmt) {
	outer := i.forgiven
	_, i.forgiven = i.place(0, int(s.End().Offset()))
	i.stmt(s)
	i.forgiven = outer
}

// strictly walks code whose failure ends the script: well says with success.
func (i *interp) strictly(well bool, walk func()) {
	errexit, ended := i.st.errexit, i.ended
	i.st.errexit, i.ended = true, ended || well
	walk()
	i.st.errexit, i.ended = errexit, ended
}

// ending walks the last statement of the script: where that is a call or a list of
// calls, its failure is the script's with any options.
func (i *interp) ending(s *syntax.Stmt) {
	i.final = s.Cmd
	i.stmts([]*syntax.Stmt{s})
	i.final = nil
}

// substituted walks what stands in a substitution. bash goes on in there
// whatever fails; what follows the substitution runs only where its last
// command succeeded, if that is the value of a plain assignment.
func (i *interp) substituted(p *syntax.CmdSubst) {
	plain, forgiven := i.plain, i.forgiven
	i.plain = false
	for n, s := range p.Stmts {
		if i.round != nil && i.round.over {
			break
		}
		if n == len(p.Stmts)-1 && plain {
			i.stmt(s)
			break
		}
		i.forgiveAlone(s)
	}
	i.plain, i.forgiven = plain, forgiven
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

// ends tells whether a statement ends the script, or the function with a failure.
func ends(s *syntax.Stmt) bool {
	name, status := leaving(within(s))
	return name == "exit" || name == "return" && !isSuccess(status)
}

// endsScript tells whether a statement that follows a failure ends the script, as
// seen from where the failure matters: in a shell of its own it ends that.
func (i *interp) endsScript(s *syntax.Stmt) bool { return ends(s) && (i.shells == 0 || !endsWell(s)) }

// callsFunction tells whether a call is one of a function, in which errexit may
// not hold.
func (i *interp) callsFunction(call *syntax.CallExpr) bool {
	return len(call.Args) > 0 && i.funcs[call.Args[0].Lit()] != nil
}

// endsWell tells whether what a statement ends ends with success.
func endsWell(s *syntax.Stmt) bool {
	name, status := leaving(within(s))
	return name != "" && isSuccess(status)
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

// repeated walks the conditions of a loop, behind which its body runs.
func (i *interp) repeated(c *syntax.WhileClause) {
	if len(c.Cond) == 0 {
		return
	}
	end := c.Cond[len(c.Cond)-1].End().Offset()
	if !c.Until && len(c.Do) > 0 {
		end = c.Do[len(c.Do)-1].End().Offset()
	}
	i.forgive(end, func() { i.stmts(c.Cond) })
}

// asked walks the conditions of an if. Where the last one is not negated, the
// code behind it runs only where it succeeded.
func (i *interp) asked(c *syntax.IfClause) {
	if len(c.Cond) == 0 {
		return
	}
	last := c.Cond[len(c.Cond)-1]
	end := last.End().Offset()
	if !last.Negated && len(c.Cond) == 1 && len(c.Then) > 0 {
		end = c.Then[len(c.Then)-1].End().Offset()
	}
	i.forgive(end, func() { i.stmts(c.Cond) })
}
