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

// forgiving tells whether a list goes on behind a command of it that fails. Of
// the links, outermost first, those before n are behind the command.
func forgiving(links []*syntax.BinaryCmd, n int) bool {
	for n--; n >= 0; n-- {
		if links[n].Op == syntax.OrStmt {
			return !ends(links[n].Y)
		}
	}
	return true
}

// ends tells whether a statement ends the script.
func ends(s *syntax.Stmt) bool {
	if block, ok := s.Cmd.(*syntax.Block); ok {
		return leaves(block.Stmts)
	}
	return leaves([]*syntax.Stmt{s})
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
