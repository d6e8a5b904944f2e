package rules

import (
	"slices"
	"strconv"

	"github.com/patrol-actions/patrol/audit/value"
)

// reading is how a program reads what is joined to a flag that takes no value:
// "--draft=false".
type reading int

const (
	// plainly is for programs of which that is not known: "true" and "false"
	// mean what they say, or are an error. Anything else is taken for either.
	plainly reading = iota
	// pflag takes what Go's strconv.ParseBool does; all else is an error, and is
	// taken for either.
	pflag
	// yargs takes "true" alone for true, also as the next word, where "false"
	// may stand too; "--no-NAME" sets it to false.
	yargs
)

// toggle notes a flag that takes no value, as "true", "false" or, where it is not
// known which, as what is written. The last one counts.
func (w *words) toggle(f GhFlag, given string, assigned bool, following, next func() string) {
	switch word := following(); {
	case assigned:
		given = f.reading.of(given)
	case f.reading == yargs && (word == "true" || word == "false"):
		given = next()
	case f.reading == yargs && lonePlaceholder(word):
		// It may be one of these, or an operand.
		given = word
	default:
		given = "true"
	}
	w.flags[f.Long] = []string{given}
}

// of returns what a joined text means: "true", "false" or, where that is open, the
// text.
func (r reading) of(text string) string {
	switch set, err := strconv.ParseBool(text); {
	case r == pflag && err == nil:
		return strconv.FormatBool(set)
	case r == yargs && !value.HasPlaceholder(text) && text != "true":
		return "false"
	}
	return text
}

// open tells whether a name is that of a flag without a value of which it is not
// known whether it is set.
func (w words) open(name, text string) bool {
	f, ok := w.find(name)
	return ok && !f.Value && !slices.Contains([]string{"true", "false"}, text)
}
