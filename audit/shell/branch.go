package shell

import (
	"slices"

	"mvdan.cc/sh/v3/syntax"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// alternatives walks branches of which one is run, or none if orNone.
func (i *interp) alternatives(orNone bool, walks ...func()) {
	if len(walks) < 2 || len(walks) > maxArms {
		var f fork
		for _, walk := range walks {
			i.alternative(&f, walk)
		}
		i.join(&f, orNone)
		return
	}
	i.arms(orNone, walks)
}

// maxArms bounds the branches of one condition that are told apart.
const maxArms = 12

// arms is alternatives with the branches told apart: each has a scope of its own, and
// with a minus those of the branches before it, which were not taken. Where all but
// one of them end the script, what follows is in the scopes of that one.
func (i *interp) arms(orNone bool, walks []func()) {
	var f fork
	n := len(i.scopes)
	var before, ended, lasting []int
	lasts := 0
	for k, walk := range walks {
		own := slices.Clone(before)
		if orNone || k+1 < len(walks) {
			i.scoped++
			own, before = append(own, i.scoped), append(before, -i.scoped)
		}
		i.scopes = append(i.scopes[:n:n], own...)
		i.alternative(&f, walk)
		ended = append(ended, i.scopes[n+len(own):]...)
		if b := f.branches[len(f.branches)-1]; !b.dead {
			lasts, lasting = lasts+1, own
		}
	}
	i.scopes = append(i.scopes[:n:n], ended...)
	if !orNone && lasts == 1 {
		i.scopes = append(i.scopes, lasting...)
	}
	i.join(&f, orNone)
}

// fork collects what branches do, of which one is run.
type fork struct {
	branches []*scope
	printed  []value.Value
	partial  bool
	// sure is what each of them sets for later steps that goes on: see interp.sure.
	sure []map[stored]bool
}

// alternative walks one branch.
func (i *interp) alternative(f *fork, walk func()) {
	in := func() { i.sets(f, func() *scope { return i.branch(walk) }) }
	if i.out == nil {
		in()
		return
	}
	s := i.captureArm(in)
	f.partial = f.partial || s.partial
	if s.left && f.branches[len(f.branches)-1].dead {
		return // see interp.until
	}
	f.printed = append(f.printed, s.value)
}

// join merges the scopes of the branches and what they print. To merge variables is
// work, as much as a statement for every few.
func (i *interp) join(f *fork, orNone bool) {
	for _, t := range f.branches {
		*i.steps += len(t.vars) / 16
	}
	i.st.merge(orNone, f.branches...)
	if !orNone {
		i.setByAll(f.sure)
	}
	if i.out != nil {
		if orNone {
			f.printed = append([]value.Value{nil}, f.printed...)
		}
		i.out.partial = i.out.partial || f.partial
		i.out.left = i.out.left || len(f.printed) == 0
		i.out.write(choose("…", f.printed...))
	}
}

// isTest tells whether a statement is there for its exit status.
func isTest(s *syntax.Stmt) bool {
	if s.Negated {
		return true
	}
	switch c := s.Cmd.(type) {
	case *syntax.TestClause, *syntax.ArithmCmd:
		return true
	case *syntax.BinaryCmd:
		return isTest(c.Y)
	case *syntax.Block:
		return len(c.Stmts) > 0 && isTest(c.Stmts[len(c.Stmts)-1])
	case *syntax.CallExpr:
		if len(c.Args) == 0 {
			return false
		}
		name := c.Args[0].Lit()
		if name == "git" && len(c.Args) > 1 {
			return gitTests[c.Args[1].Lit()]
		}
		return rules.FindsOut.Has(name) || value.HasPlaceholder(name)
	}
	return false
}

// gitTests are the git commands that scripts run to find something out.
var gitTests = map[string]bool{
	"diff": true, "diff-index": true, "rev-parse": true, "show-ref": true, "ls-remote": true,
	"merge-base": true, "ls-files": true, "cat-file": true,
}

func (i *interp) ifClause(c *syntax.IfClause) {
	if result, ok := i.holds(c.Cond); ok {
		succeeded := i.decided(c)
		switch {
		case result:
			i.took(c, 0)
			i.chosen(func() { i.stmts(c.Then) })
			succeeded()
		case c.Else != nil:
			i.took(c, 1)
			i.chosen(func() { i.otherwise(c.Else) })
		default:
			i.took(c, 1)
		}
		return
	}
	i.took(c, -1)
	then, otherwise := i.condition(c.Cond)
	succeeded := i.decided(c)
	body := func() {
		i.under(then, func() { i.stmts(c.Then) })
		succeeded()
	}
	if c.Else == nil {
		i.guarded(func() { i.alternatives(true, body) })
		if leaves(c.Then) {
			i.held = append(slices.Clip(i.held), otherwise...)
		}
		return
	}
	i.guarded(func() {
		i.alternatives(false, body, func() {
			i.under(otherwise, func() { i.otherwise(c.Else) })
		})
	})
}

// otherwise walks an elif or an else.
func (i *interp) otherwise(c *syntax.IfClause) {
	if c.ThenPos.IsValid() {
		i.ifClause(c)
	} else {
		i.stmts(c.Then)
	}
}

func (i *interp) whileClause(c *syntax.WhileClause) {
	if shifts(c) {
		if i.perArgument(c) {
			return
		}
		i.st.smeared = true
	}
	i.rounds++
	i.carried(c)
	succeeded := i.repeated(c)
	i.guarded(func() {
		i.alternatives(true, func() { i.reading(nil, func() { i.turns(c.Do) }) })
	})
	succeeded()
	i.rounds--
}

// shifts tells whether a loop takes its arguments one after the other.
func shifts(c syntax.Command) bool {
	found := false
	syntax.Walk(c, func(n syntax.Node) bool {
		if call, ok := n.(*syntax.CallExpr); ok && len(call.Args) > 0 && call.Args[0].Lit() == "shift" {
			found = true
		}
		return !found
	})
	return found
}

func (i *interp) forClause(c *syntax.ForClause) {
	if shifts(c) {
		i.st.smeared = true
	}
	i.rounds++
	defer func() { i.rounds-- }()
	i.carried(c)
	var runs bool
	switch loop := c.Loop.(type) {
	case *syntax.WordIter:
		var words []value.Value
		words, runs = i.iterated(loop)
		name := loop.Name.Value
		if len(words) == 0 || c.Select {
			words = append(words, value.Unknown("$"+name))
		}
		if len(words) > maxChoices {
			words = []value.Value{value.Opaque("$"+name, words...)}
		}
		i.st.set(name, variable{value: choose("$"+name, words...)})
	case *syntax.CStyleLoop:
		i.arithmetic(c.Loop)
	}
	i.guarded(func() {
		if runs {
			i.turns(c.Do)
		} else {
			i.alternatives(true, func() { i.turns(c.Do) })
		}
	})
}

// turns walks the body of a loop, which break and continue leave.
func (i *interp) turns(body []*syntax.Stmt) {
	var t *scope
	left := i.until(leavesLoop, func() { t = i.branch(func() { i.turn(body) }) })
	i.st.merge(false, append(left, t)...)
}

// iterated returns the words that a loop goes through, and whether it is sure that
// there is one.
func (i *interp) iterated(loop *syntax.WordIter) (words []value.Value, runs bool) {
	if !loop.InPos.IsValid() {
		words = i.st.args[min(1, len(i.st.args)):]
		return words, len(words) > 0 && !i.st.loose
	}
	for _, w := range loop.Items {
		if len(words) >= maxWords {
			break
		}
		list := i.words([]*syntax.Word{w})
		words = append(words, list...)
		runs = runs || len(list) > 0 && (!i.loose || hasLiteral(w) || slices.ContainsFunc(i.choices, choice.some))
	}
	return words, runs
}

// hasLiteral tells whether some text stands in a word, which is then there, whatever
// the rest of it is: the files of a pattern are the pattern where there are none.
func hasLiteral(w *syntax.Word) bool {
	return slices.ContainsFunc(w.Parts, func(p syntax.WordPart) bool {
		lit, ok := p.(*syntax.Lit)
		return ok && !value.HasPlaceholder(lit.Value)
	})
}

func (i *interp) caseClause(c *syntax.CaseClause) {
	i.word(c.Word)
	if n, ok := i.pickItem(c); ok {
		i.took(c, n)
		if n < len(c.Items) {
			i.chosen(func() { i.stmts(c.Items[n].Stmts) })
		}
		return
	}
	i.took(c, -1)
	orNone := true
	walks := make([]func(), 0, len(c.Items))
	for _, item := range c.Items {
		for _, p := range item.Patterns {
			orNone = orNone && p.Lit() != "*"
		}
		walks = append(walks, func() { i.stmts(item.Stmts) })
	}
	if len(walks) > 0 {
		i.guarded(func() { i.alternatives(orNone, walks...) })
	}
}
