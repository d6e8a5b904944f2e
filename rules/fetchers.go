package rules

import (
	"errors"
	"slices"
	"strings"
)

var fetcherRows = rows("fetchers", []string{"program", "source"}, func(r row) ([]string, error) {
	words := strings.Fields(r.cell("program"))
	if len(words) == 0 {
		return nil, errors.New("want the words of a program")
	}
	return words, nil
})

// fetchers are the rows by the first word of the program.
var fetchers = index(fetcherRows, func(words []string) string { return words[0] })

// FetchesDependencies tells whether a program, by the words of a call, fetches
// dependencies that git may have to clone.
func FetchesDependencies(args []string) bool {
	// A launcher may start another.
	for range 4 {
		if len(args) == 0 {
			return false
		}
		name, _ := programName(args[0])
		if name == "yarn" && !slices.ContainsFunc(args[1:], func(w string) bool { return !strings.HasPrefix(w, "--") || w == "--version" || w == "--help" }) {
			return true // yarn alone installs
		}
		if slices.ContainsFunc(fetchers()[name], func(words []string) bool {
			return len(args) >= len(words) && slices.Equal(args[1:len(words)], words[1:])
		}) {
			return true
		}
		args, _ = launched(args)
	}
	return false
}
