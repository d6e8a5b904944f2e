package shell

import (
	"slices"
	"strings"

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
		if !isBoth(list[0].Cmd) {
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
		out = i.tested(c.X)
	case *syntax.CallExpr:
		args := c.Args
		switch {
		case len(args) == 5 && args[0].Lit() == "[" && args[4].Lit() == "]":
			out = i.comparison(args[1], args[2].Lit(), args[3])
		case len(args) == 4 && args[0].Lit() == "test":
			out = i.comparison(args[1], args[2].Lit(), args[3])
		}
	}
	if !s.Negated {
		return out
	}
	if len(out) != 1 || isBoth(s.Cmd) {
		return nil
	}
	out[0].Equal = !out[0].Equal
	return out
}

// isBoth tells whether a condition holds where two others do: where it does not,
// either may hold all the same.
func isBoth(c syntax.Command) bool {
	switch c := c.(type) {
	case *syntax.BinaryCmd:
		return c.Op == syntax.AndStmt
	case *syntax.TestClause:
		x := c.X
		for {
			inner, ok := x.(*syntax.ParenTest)
			if !ok {
				break
			}
			x = inner.X
		}
		binary, ok := x.(*syntax.BinaryTest)
		return ok && binary.Op == syntax.AndTest
	}
	return false
}

// tested returns the comparisons that hold where what stands in [[ … ]] does.
func (i *interp) tested(x syntax.TestExpr) []Test {
	switch x := x.(type) {
	case *syntax.ParenTest:
		return i.tested(x.X)
	case *syntax.BinaryTest:
		if x.Op == syntax.AndTest {
			return append(i.tested(x.X), i.tested(x.Y)...)
		}
		l, left := x.X.(*syntax.Word)
		r, right := x.Y.(*syntax.Word)
		if left && right {
			return i.comparison(l, x.Op.String(), r)
		}
	}
	return nil
}

// narrowed is what a value can be where the tests at hand hold.
func (i *interp) narrowed(v value.Value) value.Value {
	if len(v) != 1 || v[0].Context == "" {
		return v
	}
	out := v
	for _, t := range i.held {
		text, known := t.Right.Literal()
		switch {
		case !known || !t.Left.Equal(v) || strings.ContainsAny(text, special):
			continue // a pattern, perhaps
		case t.Equal:
			return value.Text(text)
		}
		part := out[0]
		part.Except = append(slices.Clip(part.Except), text)
		out = value.Value{part}
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
