package shell

import (
	"fmt"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// braces expands {a,b} and {1..9} where they stand in one literal of a word. Long
// sequences are left as they are, and so are braces within braces.
func braces(parts []syntax.WordPart) [][]syntax.WordPart {
	for n, p := range parts {
		lit, ok := p.(*syntax.Lit)
		if !ok {
			continue
		}
		open := strings.IndexByte(lit.Value, '{')
		if open < 0 || open > 0 && lit.Value[open-1] == '\\' {
			continue
		}
		length := strings.IndexByte(lit.Value[open:], '}')
		if length < 0 {
			continue
		}
		inner := lit.Value[open+1 : open+length]
		choices := strings.Split(inner, ",")
		if len(choices) == 1 {
			choices = sequence(inner)
		}
		if len(choices) == 0 || strings.ContainsAny(inner, `{\`) {
			continue
		}
		var out [][]syntax.WordPart
		for _, choice := range choices {
			changed := *lit
			changed.Value = lit.Value[:open] + choice + lit.Value[open+length+1:]
			word := append(append(append([]syntax.WordPart{}, parts[:n]...), &changed), parts[n+1:]...)
			out = append(out, word)
		}
		return out
	}
	return [][]syntax.WordPart{parts}
}

// sequence returns the numbers or letters that stand for "1..9", "01..10", "a..f" or
// "0..8..2"; none where it is something else, or has too many.
func sequence(inner string) []string {
	ends := strings.Split(inner, "..")
	if len(ends) != 2 && len(ends) != 3 {
		return nil
	}
	from, to, ok := numbersOrLetters(ends[0], ends[1])
	if !ok {
		return nil
	}
	step := 1
	if len(ends) == 3 {
		n, err := strconv.Atoi(ends[2])
		if err != nil || n == 0 {
			return nil
		}
		step = max(n, -n)
	}
	width := 0
	if isPadded(ends[0]) || isPadded(ends[1]) {
		width = max(len(ends[0]), len(ends[1]))
	}
	distance := max(from-to, to-from)
	if distance/step >= maxWords {
		return nil
	}
	var out []string
	for n := 0; n <= distance; n += step {
		at := from + n
		if to < from {
			at = from - n
		}
		if isNumber(ends[0]) {
			out = append(out, fmt.Sprintf("%0*d", width, at))
		} else {
			out = append(out, string(rune(at)))
		}
	}
	return out
}

// numbersOrLetters reads the ends of a sequence.
func numbersOrLetters(a, b string) (from, to int, ok bool) {
	if len(a) == 1 && len(b) == 1 && isLetter(a[0]) && isLetter(b[0]) {
		return int(a[0]), int(b[0]), true
	}
	from, err := strconv.Atoi(a)
	to, err2 := strconv.Atoi(b)
	const most = 1 << 30
	return from, to, err == nil && err2 == nil && max(from, -from) < most && max(to, -to) < most
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func isPadded(s string) bool {
	digits := strings.TrimPrefix(s, "-")
	return len(digits) > 1 && digits[0] == '0'
}
