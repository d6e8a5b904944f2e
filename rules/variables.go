package rules

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// variableRow is one row of table/variables.tsv.
type variableRow struct {
	program []string
	words   []string
	any     bool
}

var variableRows = rows("variables", []string{"program", "words", "reads", "note"}, func(r row) (variableRow, error) {
	out := variableRow{program: strings.Fields(r.cell("program")), any: r.cell("reads") == "any"}
	if words := r.cell("words"); words != "" {
		out.words = strings.Split(words, "|")
	}
	if len(out.program) == 0 || !out.any && r.cell("reads") != "named" {
		return variableRow{}, fmt.Errorf("reads %q: want any or named", r.cell("reads"))
	}
	return out, nil
})

// variablePrograms are the rows by the first word of the program.
var variablePrograms = index(variableRows, func(r variableRow) string { return r.program[0] })

// ReadsAnyVariable tells whether a program, by the words of a call, may read a
// variable that the call does not name. Known is false for a program of which
// that is not written down.
func ReadsAnyVariable(args []string) (reads, known bool) {
	if len(args) == 0 {
		return false, false
	}
	for _, r := range variablePrograms()[path.Base(args[0])] {
		n := len(r.program)
		if len(args) < n || !slices.Equal(args[1:n], r.program[1:]) {
			continue
		}
		if r.words == nil || slices.ContainsFunc(args[n:], r.fits) {
			return r.any, true
		}
	}
	return false, false
}

// fits tells whether a word is one of those that the row is about.
func (r variableRow) fits(word string) bool {
	return slices.ContainsFunc(r.words, func(pattern string) bool { return matchValue(pattern, word) })
}
