package shell

import (
	"mvdan.cc/sh/v3/syntax"

	"github.com/patrol-actions/patrol/rules"
)

// binary walks lists (a && b || c) and pipes.
func (i *interp) binary(b *syntax.BinaryCmd) {
	if b.Op == syntax.Pipe || b.Op == syntax.PipeAll {
		i.pipe(stages(b))
		return
	}
	// a && b || c, with a test as a, is how scripts write if-then-else.
	if and, ok := b.X.Cmd.(*syntax.BinaryCmd); ok && len(b.X.Redirs) == 0 && !b.X.Negated &&
		b.Op == syntax.OrStmt && and.Op == syntax.AndStmt && isTest(and.X) {
		i.alone(func() { i.stmt(and.X) })
		then := func() { i.refused(b.Y, func() { i.stmt(and.Y) }) }
		switch result, ok := i.holds([]*syntax.Stmt{and.X}); {
		case !ok:
			i.took(and, -1)
			i.took(b, -1)
			i.guarded(func() {
				i.alternatives(false, then, func() { i.stmt(b.Y) })
			})
		case result:
			i.took(and, 0)
			i.took(b, 1)
			i.chosen(then)
		default:
			i.took(and, 1)
			i.took(b, 0)
			i.chosen(func() { i.stmt(b.Y) })
		}
		return
	}
	// Lists nest to the left, as deep as they are long.
	var links []*syntax.BinaryCmd
	first := b.X
	for links = append(links, b); ; {
		c, ok := first.Cmd.(*syntax.BinaryCmd)
		if !ok || c.Op == syntax.Pipe || c.Op == syntax.PipeAll || len(first.Redirs) > 0 {
			break
		}
		links, first = append(links, c), c.X
	}
	walk := i.linked(links)
	if n := len(links) - 1; links[n].Op == syntax.OrStmt && goesTo(first) {
		i.elsewhere(links[n], first, func(m int, s *syntax.Stmt) { walk(n+m, s) })
		if links = links[:n]; n == 0 {
			return
		}
	} else {
		walk(len(links), first)
	}
	tested, risky := isTest(first), mayFail(first)
	result, held := i.holds([]*syntax.Stmt{first})
	for n := len(links) - 1; n >= 0; n-- {
		link := links[n]
		if held {
			if result != (link.Op == syntax.AndStmt) {
				i.took(link, 1)
				continue
			}
			held = false
			i.took(link, 0)
			i.chosen(func() { walk(n, link.Y) })
			continue
		}
		i.took(link, -1)
		if link.Op == syntax.AndStmt && !tested {
			n = i.expected(links, n, &risky, walk)
		} else {
			i.guarded(func() { i.alternatives(true, func() { walk(n, link.Y) }) })
			risky = risky && mayFail(link.Y)
		}
		tested = tested || isTest(links[n].Y)
	}
}

// goesTo tells whether a statement changes the folder.
func goesTo(s *syntax.Stmt) bool {
	c, ok := s.Cmd.(*syntax.CallExpr)
	name := ""
	if ok {
		name = callee(c)
	}
	return !s.Negated && (name == "cd" || name == "pushd")
}

// elsewhere walks cd x || y: where y runs the folder is what it was.
func (i *interp) elsewhere(or *syntax.BinaryCmd, cd *syntax.Stmt, walk func(int, *syntax.Stmt)) {
	i.took(or, -1)
	var f fork
	i.alternative(&f, func() { walk(1, cd) })
	i.guarded(func() {
		i.alternative(&f, func() { walk(0, or.Y) })
		i.join(&f, false)
	})
}

// expected walks the links of a list from n on that follow commands of which none is
// a test, and returns the last one. What follows a command that is expected to
// succeed is as good as unconditional: cd x && make. Where it may as well fail the
// commands behind it count as run all the same, for what comes then would fail too,
// but what they set is no more than possible.
func (i *interp) expected(links []*syntax.BinaryCmd, n int, risky *bool, walk func(int, *syntax.Stmt)) int {
	var other *syntax.Stmt
	if other = orElse(links, n); other != nil {
		_, leaves := i.escape(other, true, 0)
		*risky = *risky && !leaves
	}
	if !*risky {
		walk(n, links[n].Y)
		*risky = mayFail(links[n].Y)
		return n
	}
	last := n
	for last > 0 && links[last-1].Op == syntax.AndStmt && !isTest(links[last].Y) {
		last--
	}
	arm := func() {
		for m := n; m >= last; m-- {
			i.took(links[m], -1)
			walk(m, links[m].Y)
		}
	}
	if other != nil && last == 1 && !mayFail(links[last].Y) {
		i.took(links[0], -1)
		i.perhaps(false, arm, func() { i.guarded(func() { walk(0, other) }) })
		return 0
	}
	i.perhaps(true, arm)
	return last
}

// perhaps walks branches of which one is run, or none if orNone. Its commands do not
// count as conditional, nor does the folder that it goes to: where making that has
// failed, so does what follows.
func (i *interp) perhaps(orNone bool, walks ...func()) {
	maybe := i.maybe
	i.maybe = true
	branches := make([]*scope, 0, len(walks))
	n := len(i.scopes)
	for _, walk := range walks {
		i.scope()
		i.region(func() { branches = append(branches, i.branch(walk)) })
		i.scopes = append(i.scopes[:n:n], i.scopes[n+1:]...)
		n = len(i.scopes)
	}
	i.maybe = maybe
	i.st.merge(orNone, branches...)
	if first := branches[0]; orNone && !first.dead {
		i.st.dir, i.st.oldDir, i.st.stack = first.dir, first.oldDir, first.stack
	}
}

// mayFail tells whether a statement may fail in a script that works as it should.
func mayFail(s *syntax.Stmt) bool {
	switch c := s.Cmd.(type) {
	case *syntax.DeclClause:
		return false
	case *syntax.Block:
		return len(c.Stmts) > 0 && mayFail(c.Stmts[len(c.Stmts)-1])
	case *syntax.CallExpr:
		if len(c.Args) == 0 {
			return substitutes(c)
		}
		name := c.Args[0].Lit()
		if name == "git" && len(c.Args) > 1 {
			return !gitPrepares[c.Args[1].Lit()]
		}
		return name != "jq" && builtin(name) == nil && printer(name) == nil && !rules.StaysIdle.Has(name)
	}
	return true
}

// substitutes tells whether a command stands in another.
func substitutes(c syntax.Node) bool {
	found := false
	syntax.Walk(c, func(n syntax.Node) bool {
		_, ok := n.(*syntax.CmdSubst)
		found = found || ok
		return !found
	})
	return found
}

// gitPrepares are the git commands that only fail where nothing works.
var gitPrepares = map[string]bool{"add": true, "clone": true, "config": true, "init": true, "remote": true}
