package infer

import (
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// closing is the circumstance that a message closes an issue.
const closing = "closing-keyword"

// closingKeyword matches a keyword by which a commit on the default branch, or a
// merged pull request, closes an issue, up to the issue's number. One of another
// repository is left out.
// Source: https://docs.github.com/en/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue
var closingKeyword = regexp.MustCompile(`(?i)(?:^|[^\w-])(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+#`)

// ClosesIssue tells whether a message or a text, or one of several, has a keyword
// with the number of an issue, which may be one that is only known when it runs. A
// number may also be that of a pull request, which is not closed so.
func ClosesIssue(text value.Value) bool {
	return slices.ContainsFunc(text.Alternatives(), func(v value.Value) bool {
		masked := v.Mask().Text
		return slices.ContainsFunc(closingKeyword.FindAllStringIndex(masked, -1), func(at []int) bool {
			rest := masked[at[1]:]
			return rest != "" && (strings.ContainsRune("123456789", rune(rest[0])) || value.HasPlaceholder(firstRune(rest)))
		})
	})
}

// ghCloses notes for the conditions of the tables that a merge with gh closes an
// issue: the message that it is given says so, or the text of a pull request that
// the job has opened before, which is taken to be the one that is merged.
func (in *inferrer) ghCloses(call rules.GhCall, table *value.Table) {
	closes := func(flag string) bool {
		text, given := call.Lookup(flag)
		return given && ClosesIssue(table.Value(text))
	}
	switch base, _ := call.Lookup("base"); call.Command {
	case "pr create":
		in.opens(closes("body"), table.Value(base))
	case "pr merge":
		if closes("subject") || closes("body") || in.session.closes {
			call.Flags[rules.GhClosing] = []string{"true"}
		}
	}
}

// opens notes that the job opens a pull request whose text closes an issue, which
// GitHub heeds only where its base is the default branch: of a base that is
// written out, that is told by its name.
func (in *inferrer) opens(closes bool, base value.Value) {
	name, known := base.Literal()
	usual := !known || name == "" || name == "main" || name == "master"
	in.session.closes = in.session.closes || closes && usual
}

func firstRune(text string) string {
	for _, r := range text {
		return string(r)
	}
	return ""
}
