package script

import (
	"regexp"

	"github.com/patrol-actions/patrol/audit/value"
)

// partsAtSlash matches the regular expressions that take a repository's full
// name apart at its slash, in two groups.
var partsAtSlash = regexp.MustCompile(`^/\^?\((?:\[\^\\?/\]|\.|\[\\w\.-\]|\[\w\.-\])[+*]\)\\/\((?:\[\^\\?/\]|\.|\[\\w\.-\]|\[\w\.-\])[+*]\)\$?/[a-z]*$`)

// parted is the match of a regular expression in the repository's full name:
// all of it, the owner and the name.
func parted(pattern string, v value.Value) (thing, bool) {
	if !v.IsContext("github.repository") || !partsAtSlash.MatchString(pattern) {
		return nil, false
	}
	return &list{items: []thing{text{v}, text{value.Context(repositoryOwner)}, text{value.Context(repositoryName)}}}, true
}
