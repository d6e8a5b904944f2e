package shell

import (
	"regexp"
	"strings"

	"mvdan.cc/sh/v3/pattern"
	"mvdan.cc/sh/v3/syntax"

	"github.com/patrol-actions/patrol/audit/value"
)

// matches tells whether a pattern matches all of a value.
func (i *interp) matches(v value.Value, p *syntax.Word) (matches, ok bool) {
	text, literal := v.Literal()
	glob := p.Lit()
	switch {
	case glob == "*":
		return true, true
	case !literal:
		return begins(v, glob)
	case strings.ContainsAny(glob, special):
		return matchesGlob(glob, text)
	case glob == "" && !isOneQuote(p):
		return false, false
	}
	exact, ok := i.settled(p)
	return text == exact, ok
}

// special are the characters that make a word a pattern.
const special = `*?[\`

func matchesGlob(glob, text string) (matches, ok bool) {
	expr, err := pattern.Regexp(glob, pattern.EntireString)
	if err != nil {
		return false, false
	}
	re, err := regexp.Compile(expr)
	if err != nil {
		return false, false
	}
	return re.MatchString(text), true
}

// begins tells whether a pattern, as it is written, matches a value of which only
// the beginning is known: "--token=*" does, and "--user=*" does not.
func begins(v value.Value, glob string) (matches, ok bool) {
	if len(v) == 0 || v[0].Text == "" || glob == "" {
		return false, false
	}
	begin, head := v[0].Text, glob
	if n := strings.IndexAny(glob, special); n >= 0 {
		head = glob[:n]
	}
	if !strings.HasPrefix(begin, head) && !strings.HasPrefix(head, begin) {
		return false, true
	}
	// What follows is the rest of what a last star stands for.
	matches, ok = matchesGlob(glob, begin)
	return matches, ok && matches && strings.HasSuffix(glob, "*") && !strings.HasSuffix(glob, `\*`)
}

// isOneQuote tells whether a word is one quoted text, in which nothing is a
// pattern.
func isOneQuote(w *syntax.Word) bool {
	if len(w.Parts) != 1 {
		return false
	}
	switch w.Parts[0].(type) {
	case *syntax.SglQuoted, *syntax.DblQuoted:
		return true
	}
	return false
}
