package script

import (
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// Words of a program of which nothing is known are taken for operands, and the flags
// that the code writes count. So what stands in place of written flags must say that it
// does: a program that is started with such a word is not read.

// hiddenFlags stands for words among which are flags that the code writes, where these
// are too many, or go through what is not followed; longText for a text of any kind.
const (
	hiddenFlags = "flags that are not followed"
	longText    = "a long text"
)

// hides tells whether words hold such a place.
func hides(words []value.Value) bool {
	return slices.ContainsFunc(words, func(v value.Value) bool {
		for i, p := range v {
			nameless := i+1 < len(v) && v[i+1].Text == "" && v[i+1].OneOf == nil && endsInDash.MatchString(p.Text)
			if nameless || p.Unknown == hiddenFlags || p.Unknown == longText || p.OneOf != nil && hides(p.OneOf) {
				return true
			}
		}
		return false
	})
}

// endsInDash matches text in front of the name of a flag.
var endsInDash = regexp.MustCompile(`(?:^|[\s"'])--?$`)

// writesFlags matches texts in which a flag stands.
var writesFlags = regexp.MustCompile(`(?:^|[\s"'])-(?:[-A-Za-z]|$)`)

// flagged tells whether a thing is written as a flag, or has one in it.
func flagged(t thing) bool {
	switch t := t.(type) {
	case text:
		return flaggedText(t.value)
	case unknown:
		return t.source == hiddenFlags || t.source == longText
	case either:
		return slices.ContainsFunc(t.of, flagged)
	case *list:
		return slices.ContainsFunc(t.items, func(item thing) bool {
			_, nested := item.(*list)
			return !nested && flagged(item)
		})
	}
	return false
}

// HasFlags tells whether a flag stands in one of some words.
func HasFlags(words []value.Value) bool { return slices.ContainsFunc(words, flaggedText) }

// flaggedText tells the same of a text.
func flaggedText(v value.Value) bool {
	return slices.ContainsFunc(v, func(p value.Part) bool {
		return writesFlags.MatchString(p.Text) || slices.ContainsFunc(p.OneOf, flaggedText)
	}) || hides([]value.Value{v})
}

// flaggedWays are the lines that a text may be, each by itself where flags stand in only
// some of them: a shell cuts words where those begin.
func flaggedWays(v value.Value) (lines [][]value.Value) {
	if !slices.ContainsFunc(v, func(p value.Part) bool { return slices.ContainsFunc(p.OneOf, flaggedText) }) {
		return [][]value.Value{{v}}
	}
	for line := range v.EachAlternative() {
		if lines = append(lines, []value.Value{line}); len(lines) > maxPerSite {
			return [][]value.Value{{value.Concat(v, value.Unknown(hiddenFlags))}}
		}
	}
	return lines
}

// marked are the elements of a list, with what it hides.
func (l *list) marked() []thing {
	if l.open && l.source == hiddenFlags {
		return append(slices.Clip(l.items), unknown{hiddenFlags})
	}
	return l.items
}

// cut bounds the elements of a list.
func (l *list) cut() {
	if len(l.items) <= maxItems {
		return
	}
	gone := l.items[maxItems:]
	l.items, l.open = slices.Clip(l.items[:maxItems]), true
	if slices.ContainsFunc(gone, flagged) {
		l.items[maxItems-1] = unknown{hiddenFlags}
	}
}

// cutBy splits a constant by a regular expression of the code, or takes out what
// matches it; nil where the expression is not understood.
func cutBy(v value.Value, pattern thing, out bool) *list {
	by, _ := pattern.(unknown)
	end := strings.LastIndexByte(by.source, '/')
	word, constant := v.Literal()
	if !constant || end < 2 || by.source[0] != '/' || strings.Trim(by.source[end+1:], "gu") != "" || out && !strings.Contains(by.source[end:], "g") {
		return nil
	}
	re, err := regexp.Compile(by.source[1:end])
	if err != nil || re.NumSubexp() > 0 || re.MatchString("") {
		return nil
	}
	pieces := re.Split(word, -1)
	if out {
		pieces = re.FindAllString(word, -1)
	}
	l := &list{ordered: true}
	for _, piece := range pieces {
		l.items = append(l.items, literal(piece))
	}
	l.cut()
	return l
}

// hidden are the elements of a list of which nothing is known but the text that they
// are made of.
func hidden(v value.Value) []thing {
	if !flaggedText(v) {
		return nil
	}
	return []thing{unknown{hiddenFlags}}
}
