package audit

import (
	"regexp"
	"strings"
)

// elsewhere matches the name of a file of another repository. A folder of a
// repository could be called so too; that is not known to have happened.
var elsewhere = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*/[A-Za-z0-9._-]+@[^/]+/`)

// HomeOf is the folder of the repository that a file lies in: empty for the
// audited one, owner/name@ref for any other.
func HomeOf(file string) string { return strings.TrimSuffix(elsewhere.FindString(file), "/") }

// Elsewhere tells whether a file of a report lies in another repository than
// the one that was audited: such files, read over the API, are called
// owner/name@ref/path. No link and no annotation may point at them as if they
// were files of the repository.
func Elsewhere(file string) bool { return elsewhere.MatchString(file) }
