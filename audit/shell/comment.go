package shell

import (
	"regexp"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// Comment is a comment of a script.
type Comment struct {
	// Offset is the byte at which its "#" stands.
	Offset int
	// Text is what follows the "#" on the line.
	Text string
}

// lineComment is a line that holds nothing but a comment.
var lineComment = regexp.MustCompile(`(?m)^[ \t]*#(.*?)\r?$`)

// expressionText is an expression, which no shell ever sees.
var expressionText = regexp.MustCompile(`(?s)\$\{\{.*?\}\}`)

// Comments returns the comments of a script, in order. A "#" in quotes or in a
// heredoc begins none. Of what does not parse as a script of bash (PowerShell,
// Python), only lines that begin with "#" are taken for comments; one in a
// text of several lines there would be taken for a comment too.
func Comments(source string) []Comment {
	masked := expressionText.ReplaceAllStringFunc(source, func(text string) string { return strings.Repeat("_", len(text)) })
	if out, ok := parsedComments(masked); ok {
		return out
	}
	var out []Comment
	for _, at := range lineComment.FindAllStringSubmatchIndex(masked, -1) {
		out = append(out, Comment{at[2] - 1, source[at[2]:at[3]]})
	}
	return out
}

// mayComment is where a comment can begin; Go's word boundaries do not fit.
var mayComment = regexp.MustCompile(`(?m)(?:^|[ \t;&|()])(#)`)

// parsedComments finds each "#" that can begin a comment and is in no text of
// the script. What stands in a comment behind a further "#" is one, too.
func parsedComments(source string) (out []Comment, ok bool) {
	if readable(source) != nil {
		return nil, false
	}
	defer func() {
		if recover() != nil { // the parser is not ours
			out, ok = nil, false
		}
	}()
	file, err := syntax.NewParser().Parse(strings.NewReader(source), "")
	if err != nil {
		return nil, false
	}
	var texts [][2]int
	syntax.Walk(file, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Lit, *syntax.SglQuoted:
			texts = append(texts, [2]int{int(n.Pos().Offset()), int(n.End().Offset())})
		case *syntax.Redirect:
			if n.Hdoc != nil {
				syntax.Walk(n.Hdoc, func(part syntax.Node) bool {
					if lit, is := part.(*syntax.Lit); is {
						texts = append(texts, [2]int{int(lit.Pos().Offset()), int(lit.End().Offset())})
					}
					return true
				})
			}
		}
		return true
	})
	slices.SortFunc(texts, func(a, b [2]int) int { return a[0] - b[0] })
	for _, found := range mayComment.FindAllStringSubmatchIndex(source, -1) {
		hash := found[2]
		// Texts do not overlap: the last that begins before it decides.
		next, _ := slices.BinarySearchFunc(texts, hash+1, func(r [2]int, at int) int { return r[0] - at })
		if next > 0 && hash < texts[next-1][1] {
			continue
		}
		text, _, _ := strings.Cut(source[hash+1:], "\n")
		out = append(out, Comment{hash, strings.TrimSuffix(text, "\r")})
	}
	return out, true
}
