package script

import (
	"slices"
	"strings"
)

// pyLookers are functions that change nothing of what they are given, and do not hand
// it on.
var pyLookers = append(strings.Fields("list dict tuple set sorted enumerate zip min max sum int float range format Request urlopen open"), lookers...)

// pyHanders are modules whose functions hand on what they are given, or change it.
var pyHanders = strings.Fields("operator functools contextlib itertools threading concurrent asyncio atexit signal")

// meddles tells whether the name at an index is used in a way in which what it stands
// for may be changed, or go by another name: in any but those that are known to do
// neither.
func (p *python) meddles(in *pyShape, i int) bool {
	s := in.tokens
	if in.body > i || slices.Contains([]string{"global", "nonlocal", "import", "from"}, s[0].text) {
		return false
	}
	next := func(n int) pyToken {
		if i+n < len(s) {
			return s[i+n]
		}
		return pyToken{}
	}
	switch next(1).kind {
	case '.':
		return !slices.Contains(pyReaders, next(2).text)
	case '[':
		return i < in.assign && in.around[i] < 0 || in.resultAltered(i)
	case '+', '|', '*', '%', '&', '-', '/':
		return next(2).kind == '='
	case '<', '>', '!':
		return false
	case '=':
		return false // a target, the name of an operand, or a comparison
	case 'n':
		if slices.Contains([]string{"in", "is", "not"}, next(1).text) {
			return false
		}
	}
	if pyIs(s, "del") || i > in.lambda {
		return true
	}
	if i > 0 && (strings.IndexByte("*+|%", s[i-1].kind) >= 0 || pyIs(s[i-1:], "in") || pyIs(s[i-1:], "not")) {
		return false
	}
	open := in.around[i]
	if open < 0 {
		return in.meddlesPlain(i)
	}
	called := open > 0 && (s[open-1].kind == 'n' && !slices.Contains([]string{"in", "return", "and", "or", "not", "if", "else"}, s[open-1].text))
	switch {
	case s[open].kind == '[':
		return !called && (open == 0 || s[open-1].kind != ']' && s[open-1].kind != ')')
	case s[open].kind != '(' || !called:
		return true
	}
	return p.meddlesCalled(s, open, i)
}

// meddlesPlain is meddles for a name that stands in no brackets.
func (in *pyShape) meddlesPlain(i int) bool {
	s := in.tokens
	switch {
	case i == 0, slices.Contains([]string{"if", "elif", "while", "assert", "return"}, s[0].text), i < in.assign:
		return false
	case s[0].kind == 'n' && s[1].kind == '=':
		return len(s) != 3
	case s[0].kind == 'n' && s[1].kind == '+' && s[2].kind == '=':
		return false
	}
	return len(s) < 2 || s[1].kind != ','
}

// meddlesCalled is meddles for an operand of a call whose bracket stands at an index.
func (p *python) meddlesCalled(s []pyToken, open, i int) bool {
	callee := s[open-1]
	if open > 1 && s[open-2].kind == '.' {
		first := open - 1
		for first > 1 && s[first-1].kind == '.' && s[first-2].kind == 'n' {
			first -= 2
		}
		return slices.Contains(pyHanders, s[first].text)
	}
	if f, ours := p.functions[callee.text]; ours {
		whole := strings.IndexByte("(,=", s[i-1].kind) >= 0 && i+1 < len(s) && (s[i+1].kind == ',' || s[i+1].kind == ')')
		return !whole || f == nil || f.escapes || f.wrapped
	}
	return p.bound(callee) || p.loose[p.home(callee)] || !slices.Contains(pyLookers, callee.text)
}

// pyShape is a statement with what is asked of each of its tokens.
type pyShape struct {
	tokens []pyToken
	// body is [pyBody] of it, assign [pyLastAssign], and lambda the index of the first
	// lambda, behind all where there is none.
	body, assign, lambda int
	// around are the indexes of the innermost brackets around each token, -1 outside
	// of all, and ends those at which the brackets end that begin at a token, -1 for
	// none.
	around, ends []int
}

func shapeOf(s []pyToken) *pyShape {
	in := &pyShape{tokens: s, body: pyBody(s), assign: pyLastAssign(s), lambda: len(s), around: make([]int, len(s)), ends: make([]int, len(s))}
	var open []int
	for i, t := range s {
		in.ends[i] = -1
		closes := strings.IndexByte(")]}", t.kind) >= 0
		if closes && len(open) > 0 {
			in.ends[open[len(open)-1]] = i
			open = open[:len(open)-1]
		}
		if in.around[i] = -1; len(open) > 0 {
			in.around[i] = open[len(open)-1]
		}
		switch {
		case strings.IndexByte("([{", t.kind) >= 0:
			open = append(open, i)
		case t.kind == 'n' && t.text == "lambda":
			in.lambda = min(in.lambda, i)
		}
	}
	return in
}

// pyLastAssign is the index of the last "=" of an assignment, -1 for none.
func pyLastAssign(s []pyToken) int {
	depth, last := 0, -1
	for i, t := range s {
		switch t.kind {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		case '=':
			if depth == 0 && i > 0 && strings.IndexByte("=!<>", s[i-1].kind) < 0 && (i+1 == len(s) || s[i+1].kind != '=') {
				last = i
			}
		}
	}
	return last
}

// resultAltered tells whether an element of what stands at an index, or of what it
// gives, is assigned or changed by a method.
func (in *pyShape) resultAltered(i int) bool {
	s, end := in.tokens, i
	for end+1 < len(s) && (s[end+1].kind == '(' || s[end+1].kind == '[') {
		if end = in.ends[end+1]; end < 0 {
			return true
		}
	}
	if end == i {
		return false
	}
	return s[end].kind == ']' && (pyIs(s, "del") || pyAssigns(s[end+1:])) || end+2 < len(s) && s[end+1].kind == '.' && slices.Contains(pyMutators, s[end+2].text)
}
