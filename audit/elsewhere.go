package audit

import "regexp"

// elsewhere matches the name of a file of another repository. A folder of a
// repository could be called so too; that is not known to have happened.
var elsewhere = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*/[A-Za-z0-9._-]+@[^/]+/`)

// Elsewhere tells whether a file of a report lies in another repository than
// the one that was audited: such files, read over the API, are called
// owner/name@ref/path. No link and no annotation may point at them as if they
// were files of the repository.
func Elsewhere(file string) bool { return elsewhere.MatchString(file) }
