package expression

import (
	"regexp"
	"slices"
	"strings"
)

// quoted matches the texts in an expression.
var quoted = regexp.MustCompile(`'([^']*)'`)

// maxNamesakes bounds how many repositories are taken from one condition.
const maxNamesakes = 20

// Namesakes returns the repositories under other owners, called as one is, that
// a condition seems to speak of. A checkout may be that of a fork, and the
// condition there to keep a step to the repository that it came from.
func Namesakes(condition, repository string) []string {
	owner, name, ok := strings.Cut(repository, "/")
	if !ok {
		return nil
	}
	var out []string
	for _, m := range quoted.FindAllStringSubmatch(condition, maxNamesakes) {
		other, rest, _ := strings.Cut(m[1], "/")
		known := rest == "" || strings.EqualFold(rest, name)
		if other == "" || strings.EqualFold(other, owner) || strings.EqualFold(other, name) || !known || strings.ContainsAny(other, " .") {
			continue
		}
		if full := other + "/" + name; !slices.Contains(out, full) {
			out = append(out, full)
		}
	}
	return out
}
