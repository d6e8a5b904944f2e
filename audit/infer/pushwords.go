package infer

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// pushedKind begins a reference to the branches that the words behind git push name
// which an input holds: "pushed:input:push". What stands behind "|" is the branch that
// the working tree is on by then.
const pushedKind = "pushed:"

// plainPush are the flags of git push that change nothing of what is pushed.
var plainPush = []string{"--force", "-f", "--force-with-lease", "--set-upstream", "-u", "--no-verify", "--quiet", "-q", "--verbose", "-v", "--atomic"}

// pushedBy returns the branches that such words push to the remote of the checkout,
// and a star where they may push more than is seen.
func pushedBy(words value.Value, own value.Value) value.Value {
	star := value.Unknown("*")
	text, known := words.Literal()
	if !known {
		return star
	}
	var operands []string
	for _, word := range strings.Fields(text) {
		flag := strings.HasPrefix(word, "-")
		if flag && !slices.Contains(plainPush, word) || strings.ContainsAny(word, "\"'$*\\") {
			return star
		}
		if !flag {
			operands = append(operands, word)
		}
	}
	if len(operands) > 0 && operands[0] != "origin" {
		return star
	}
	if len(operands) < 2 {
		return own
	}
	var out []value.Value
	for _, spec := range operands[1:] {
		source, to, apart := strings.Cut(strings.TrimPrefix(spec, "+"), ":")
		if !apart {
			to = source
		}
		to = strings.TrimPrefix(to, "refs/heads/")
		switch {
		case to == "HEAD" && !apart:
			out = append(out, own)
		case source == "" || to == "" || to == "tag" || strings.HasPrefix(to, "refs/"), versionName.MatchString(to):
			return star
		default:
			out = append(out, value.Text(to))
		}
	}
	return value.Choice(out...)
}
