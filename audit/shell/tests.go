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
		parts := alternativesOf(x)
		return len(parts) > 1 || len(parts[0]) > 1
	}
	return false
}

// tested returns the comparisons that hold where what stands in [[ … ]] does.
func (i *interp) tested(x syntax.TestExpr) []Test {
	parts := alternativesOf(x)
	if len(parts) > 1 {
		return nil
	}
	var out []Test
	for _, part := range parts[0] {
		switch x := part.TestExpr.(type) {
		case *syntax.ParenTest:
			if !part.not {
				out = append(out, i.tested(x.X)...)
			}
		case *syntax.BinaryTest:
			l, left := x.X.(*syntax.Word)
			r, right := x.Y.(*syntax.Word)
			if !left || !right {
				continue
			}
			for _, t := range i.comparison(l, x.Op.String(), r) {
				t.Equal = t.Equal != part.not
				out = append(out, t)
			}
		}
	}
	return out
}

// part is one of those that a test is made of; not says that it must not hold.
type part struct {
	syntax.TestExpr
	not bool
}

// alternativesOf parts what stands in [[ … ]] at || and then at &&. The parser does not
// heed which of these, and of "!", binds the most: it lets each take all that follows.
func alternativesOf(x syntax.TestExpr) [][]part {
	out := [][]part{nil}
	not := false
	for {
		switch c := x.(type) {
		case *syntax.UnaryTest:
			if c.Op == syntax.TsNot {
				x, not = c.X, !not
				continue
			}
		case *syntax.BinaryTest:
			if c.Op != syntax.AndTest && c.Op != syntax.OrTest {
				break
			}
			last := len(out) - 1
			out[last] = append(out[last], part{c.X, not})
			if c.Op == syntax.OrTest {
				out = append(out, nil)
			}
			x, not = c.Y, false
			continue
		}
		last := len(out) - 1
		out[last] = append(out[last], part{x, not})
		return out
	}
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
	if !compares(operator) || !isPlainWord(left) || !isPlainWord(right) {
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
