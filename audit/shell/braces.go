package shell

import (
	"slices"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"
)

// maxBraces bounds the braces of a word.
const maxBraces = 20

// braces expands {a,b} and {1..9}. It is false where there are too many of them, or
// of what they stand for.
func braces(w *syntax.Word) ([]*syntax.Word, bool) {
	split := &syntax.Word{Parts: slices.Clone(w.Parts)}
	if !syntax.SplitBraces(split) {
		return []*syntax.Word{w}, true
	}
	switch n := bracesIn(split); {
	case n == 0:
		return []*syntax.Word{w}, true
	case n > maxBraces:
		return nil, false
	}
	var out []*syntax.Word
	for word, err := range expand.BracesSeq(nil, split) {
		if err != nil || len(out) == maxWords {
			return nil, false
		}
		out = append(out, word)
	}
	return out, true
}

// bracesIn counts the braces of a word, with those in them.
func bracesIn(w *syntax.Word) int {
	n := 0
	for _, p := range w.Parts {
		if b, ok := p.(*syntax.BraceExp); ok {
			n++
			for _, e := range b.Elems {
				n += bracesIn(e)
			}
		}
	}
	return n
}
