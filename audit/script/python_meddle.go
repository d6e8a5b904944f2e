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
func (p *python) meddles(s []pyToken, i int) bool {
	if pyBody(s) > i || slices.Contains([]string{"global", "nonlocal", "import", "from"}, s[0].text) {
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
		return i < pyLastAssign(s) && pyDepth(s, i) == 0 || pyResultAltered(s, i)
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
	if pyIs(s, "del") || slices.ContainsFunc(s[:i], func(t pyToken) bool { return t.kind == 'n' && t.text == "lambda" }) {
		return true
	}
	if i > 0 && (strings.IndexByte("*+|%", s[i-1].kind) >= 0 || pyIs(s[i-1:], "in") || pyIs(s[i-1:], "not")) {
		return false
	}
	open := pyAround(s, i)
	if open < 0 {
		return p.meddlesPlain(s, i)
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
func (p *python) meddlesPlain(s []pyToken, i int) bool {
	switch {
	case i == 0, slices.Contains([]string{"if", "elif", "while", "assert", "return"}, s[0].text), i < pyLastAssign(s):
		return false
	case s[0].kind == 'n' && s[1].kind == '=':
		return len(s) != 3
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

// pyAround is the index of the innermost bracket around an index, -1 outside of all.
func pyAround(s []pyToken, i int) int {
	depth := 0
	for at := i - 1; at >= 0; at-- {
		switch s[at].kind {
		case ')', ']', '}':
			depth++
		case '(', '[', '{':
			if depth--; depth < 0 {
				return at
			}
		}
	}
	return -1
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

// pyResultAltered tells whether an element of what stands at an index, or of what it
// gives, is assigned or changed by a method.
func pyResultAltered(s []pyToken, i int) bool {
	end := i
	for end+1 < len(s) && (s[end+1].kind == '(' || s[end+1].kind == '[') {
		n := pyClose(s[end+1:])
		if n < 0 {
			return true
		}
		end += 1 + n
	}
	if end == i {
		return false
	}
	return s[end].kind == ']' && (pyIs(s, "del") || pyAssigns(s[end+1:])) || end+2 < len(s) && s[end+1].kind == '.' && slices.Contains(pyMutators, s[end+2].text)
}
