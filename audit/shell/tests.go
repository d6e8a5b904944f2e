package shell

import (
	"slices"

	"mvdan.cc/sh/v3/syntax"

	"github.com/patrol-actions/patrol/audit/value"
)

// Test is a comparison of two texts.
type Test struct {
	Left, Right value.Value
	// Equal says that they are the same, or else that they are not.
	Equal bool
}

// under walks code that runs only where tests hold.
func (i *interp) under(held []Test, walk func()) {
	before := i.held
	i.held = append(slices.Clip(i.held), held...)
	walk()
	i.held = before
}

// condition returns the comparisons that hold where the condition of an if
// does, and where it does not. Only those of plain words are read.
func (i *interp) condition(list []*syntax.Stmt) (then, otherwise []Test) {
	if len(list) != 1 {
		return nil, nil
	}
	then = i.compared(list[0])
	if len(then) == 1 {
		t := then[0]
		t.Equal = !t.Equal
		if binary, ok := list[0].Cmd.(*syntax.BinaryCmd); !ok || binary.Op != syntax.AndStmt {
			otherwise = []Test{t}
		}
	}
	return then, otherwise
}

// compared returns the comparisons that hold where a statement succeeds.
func (i *interp) compared(s *syntax.Stmt) []Test {
	var out []Test
	switch c := s.Cmd.(type) {
	case *syntax.BinaryCmd:
		if c.Op == syntax.AndStmt && !s.Negated {
			return append(i.compared(c.X), i.compared(c.Y)...)
		}
	case *syntax.TestClause:
		if x, ok := c.X.(*syntax.BinaryTest); ok {
			l, left := x.X.(*syntax.Word)
			r, right := x.Y.(*syntax.Word)
			if left && right {
				out = i.comparison(l, x.Op.String(), r)
			}
		}
	case *syntax.CallExpr:
		args := c.Args
		switch {
		case len(args) == 5 && args[0].Lit() == "[" && args[4].Lit() == "]":
			out = i.comparison(args[1], args[2].Lit(), args[3])
		case len(args) == 4 && args[0].Lit() == "test":
			out = i.comparison(args[1], args[2].Lit(), args[3])
		}
	}
	if s.Negated && len(out) == 1 {
		out[0].Equal = !out[0].Equal
	}
	return out
}

// comparison evaluates one; words with a command in them are left alone, for
// it would run twice.
func (i *interp) comparison(left *syntax.Word, operator string, right *syntax.Word) []Test {
	if operator != "=" && operator != "==" && operator != "!=" || !isPlainWord(left) || !isPlainWord(right) {
		return nil
	}
	return []Test{{Left: i.word(left), Right: i.word(right), Equal: operator != "!="}}
}

// isPlainWord tells whether a word is made of text and variables alone.
func isPlainWord(w *syntax.Word) bool {
	plain := true
	syntax.Walk(w, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.CmdSubst, *syntax.ProcSubst, *syntax.ArithmExp:
			plain = false
		case *syntax.ParamExp:
			plain = plain && n.Exp == nil && n.Repl == nil && n.Slice == nil && n.Index == nil
		}
		return plain
	})
	return plain
}
