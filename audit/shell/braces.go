package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// braces expands {a,b} where it stands in one literal of a word. Sequences
// such as {1..9} are left as they are, and so are braces within braces.
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
		if !strings.Contains(inner, ",") || strings.ContainsAny(inner, `{\`) {
			continue
		}
		var out [][]syntax.WordPart
		for choice := range strings.SplitSeq(inner, ",") {
			changed := *lit
			changed.Value = lit.Value[:open] + choice + lit.Value[open+length+1:]
			word := append(append(append([]syntax.WordPart{}, parts[:n]...), &changed), parts[n+1:]...)
			out = append(out, word)
		}
		return out
	}
	return [][]syntax.WordPart{parts}
}
