package shell

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/patrol-actions/patrol/audit/value"
)

// holds tells whether a condition holds, where that is sure.
func (i *interp) holds(list []*syntax.Stmt) (result, ok bool) {
	if len(list) != 1 || i.open > 0 {
		return false, false
	}
	s := list[0]
	switch c := s.Cmd.(type) {
	case *syntax.BinaryCmd:
		// Without the left one nothing is sure of the right one: what runs there
		// may change what is tested here.
		x, okX := i.holds([]*syntax.Stmt{c.X})
		y, okY := i.holds([]*syntax.Stmt{c.Y})
		switch c.Op {
		case syntax.AndStmt:
			result, ok = x && y, okX && (okY || !x)
		case syntax.OrStmt:
			result, ok = x || y, okX && (okY || x)
		}
	case *syntax.TestClause:
		result, ok = i.testHolds(c.X)
	case *syntax.CallExpr:
		result, ok = i.callHolds(c)
	}
	return result != s.Negated, ok
}

// testHolds is holds for what stands in [[ … ]].
func (i *interp) testHolds(x syntax.TestExpr) (result, ok bool) {
	ok = true
	for _, all := range alternativesOf(x) {
		holds, sure := true, true
		for _, part := range all {
			one, known := i.atomHolds(part.TestExpr)
			if known && one == part.not {
				holds, sure = false, true // whatever the others
				break
			}
			sure = sure && known
		}
		if holds && sure {
			return true, true
		}
		ok = ok && sure
	}
	return false, ok
}

// atomHolds is testHolds for one part.
func (i *interp) atomHolds(x syntax.TestExpr) (result, ok bool) {
	switch x := x.(type) {
	case *syntax.ParenTest:
		return i.testHolds(x.X)
	case *syntax.Word:
		return i.isEmpty("-n", x)
	case *syntax.UnaryTest:
		if w, plain := x.X.(*syntax.Word); plain {
			return i.isEmpty(x.Op.String(), w)
		}
	case *syntax.BinaryTest:
		l, left := x.X.(*syntax.Word)
		r, right := x.Y.(*syntax.Word)
		if left && right {
			return i.isEqual(l, x.Op.String(), r, i.matches)
		}
	}
	return false, false
}

// callHolds is holds for [ … ], test, and a word that is "true" or "false".
func (i *interp) callHolds(c *syntax.CallExpr) (result, ok bool) {
	words, is := testWords(c)
	if !is && len(c.Args) == 1 && len(c.Assigns) == 0 {
		text, ok := i.settled(c.Args[0])
		return text == "true", ok && (text == "true" || text == "false") && i.functionOf(text) == nil
	}
	if slices.ContainsFunc(words, i.mayPart) {
		return false, false
	}
	if len(words) > 1 && words[0].Lit() == "!" && !compares(words[1].Lit()) {
		result, ok = i.wordsHold(words[1:])
		return !result, ok
	}
	return i.wordsHold(words)
}

// wordsHold is holds for the words of a test.
func (i *interp) wordsHold(words []*syntax.Word) (result, ok bool) {
	switch len(words) {
	case 1:
		return i.isEmpty("-n", words[0])
	case 2:
		return i.isEmpty(words[0].Lit(), words[1])
	case 3:
		return i.isEqual(words[0], words[1].Lit(), words[2], func(v value.Value, w *syntax.Word) (bool, bool) {
			text, literal := v.Literal()
			exact, ok := i.settled(w)
			return text == exact, ok && literal
		})
	}
	return false, false
}

// mayPart tells whether a word is none, or several, without the quotes that it
// has not: "[" fails by these.
func (i *interp) mayPart(w *syntax.Word) bool {
	if w.Lit() != "" || !slices.ContainsFunc(w.Parts, func(p syntax.WordPart) bool { _, bare := p.(*syntax.ParamExp); return bare }) {
		return false
	}
	text, ok := i.settled(w)
	return ok && (text == "" || strings.ContainsAny(text, " \t\n*?["))
}

// testWords returns what stands in [ … ] or behind test.
func testWords(c *syntax.CallExpr) ([]*syntax.Word, bool) {
	if len(c.Args) < 3 || len(c.Assigns) > 0 {
		return nil, false
	}
	switch last := len(c.Args) - 1; {
	case c.Args[0].Lit() == "[" && c.Args[last].Lit() == "]":
		return c.Args[1:last], true
	case c.Args[0].Lit() == "test":
		return c.Args[1:], true
	}
	return nil, false
}

// isEmpty reads the tests -z and -n of a word.
func (i *interp) isEmpty(operator string, w *syntax.Word) (result, ok bool) {
	if operator != "-z" && operator != "-n" {
		return false, false
	}
	text, ok := i.settled(w)
	if !ok && i.round != nil && len(i.calls) == i.round.calls && i.isSettled(w) && i.word(w) != nil {
		// The value of an option, which only if it is there is taken away. With
		// an empty one such a loop fails.
		return operator == "-n", true
	}
	return (text == "") == (operator == "-z"), ok
}

func (i *interp) isEqual(left *syntax.Word, operator string, right *syntax.Word, equal func(value.Value, *syntax.Word) (bool, bool)) (result, ok bool) {
	if !compares(operator) {
		return false, false
	}
	v, ok := i.settledValue(left)
	if !ok {
		return false, false
	}
	result, ok = equal(v, right)
	return result != (operator == "!="), ok
}

// compares tells whether an operator compares texts.
func compares(operator string) bool {
	return operator == "=" || operator == "==" || operator == "!="
}
