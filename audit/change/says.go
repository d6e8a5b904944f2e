package change

import (
	"path"
	"regexp"
	"strings"
)

// saying matches what says where to go, or as what: a repository, its owner, a
// remote, an address, a branch, the name of a tag, a draft, a token, a label, git and
// gh, a path (which owner/name looks like as well), what a comment commands, and
// what keeps workflows from running. It is wrong for a name that says none of that
// and still decides ("target=eu" is taken to say it, "zone=eu" is not), and for
// lines of prose, which say too much.
var saying = regexp.MustCompile(`(?i)\bgh\b|git|repo(?:[^r]|$)|owner|\borg(?:s|name|ani[sz]ations?)?(?:\b|_)|remote|upstream|ur[il]\b|https?:|branch|\bref\b|\bhead\b|\bbase\b|target|prefix|tag[_-]?(?:name|format|pattern)|draft|pre-?release|token|secret|password|label|extends|plugins?\b|scripts?\b|[\w.@-]/[\w.@-]|(?:^|[\s"'])/[a-z]|skip[ -](?:ci|actions|checks)|(?:ci|actions) skip|no ci`)

// program matches the names of files that hold code, and setting a line of such a
// file that only gives something a value, or is a comment; what runs in the value
// makes it none.
var (
	program = regexp.MustCompile(`(?i)\.(?:sh|bash|zsh|ksh|bats|ps1|psm1|bat|cmd|py|[cm]?[jt]s|rb|pl|php|lua|mk|go)$|^(?:GNU)?makefile$|^\.?justfile$|^(?:rake|fast|docker)file$`)
	setting = regexp.MustCompile("^\\s*(?:(?:export|readonly|local|const|let|var|static|declare)\\s+)?(?:--)?[$\\w.\"'-]+(?:\\s*:\\s*\\w+)?\\s*(?::|[:?+]?=)[^`(]*$|^\\s*(?:#|//|--|$)")
)

// says tells whether any line of a text says where to go.
func says(name, text string) bool {
	for line := range strings.Lines(text) {
		if lineSays(name, line) {
			return true
		}
	}
	return false
}

// lineSays tells whether a line of a file does. In code every line does that runs
// something.
func lineSays(name, line string) bool {
	return saying.MatchString(line) || program.MatchString(path.Base(name)) && !setting.MatchString(strings.TrimRight(line, "\r\n"))
}

// Alike tells whether two texts of a file say the same of where to go: the lines in
// which they differ say nothing of it. Of lines that trade places nothing is seen.
func Alike(name, one, other string) bool {
	if one == other {
		return true
	}
	count := map[string]int{}
	for line := range strings.Lines(one) {
		count[strings.TrimSpace(line)]++
	}
	for line := range strings.Lines(other) {
		count[strings.TrimSpace(line)]--
	}
	for line, n := range count {
		if n != 0 && lineSays(name, line) {
			return false
		}
	}
	return true
}
