package rules

import (
	"errors"
	"path"
	"slices"
	"strings"
)

// builderRow is one row of table/builders.tsv.
type builderRow struct {
	program, words, files []string
}

// Builder is a program that runs code of the project.
type Builder struct {
	// Name are its words: "go test".
	Name string
	// files are the names of files whose code it may run.
	files []string
}

// Runs tells whether the code of a file may be what the program runs, by the
// file's path in the checkout.
func (b Builder) Runs(file string) bool {
	base := path.Base(file)
	return slices.ContainsFunc(b.files, func(pattern string) bool {
		name := base
		if n := strings.Count(pattern, "/"); n > 0 {
			name = lastParts(file, n+1)
		}
		ok, err := path.Match(pattern, name)
		return ok && err == nil
	})
}

// lastParts are the last n parts of a path.
func lastParts(file string, n int) string {
	at := len(file)
	for range n {
		if at = strings.LastIndexByte(file[:at], '/'); at < 0 {
			return file
		}
	}
	return file[at+1:]
}

var builderRows = rows("builders", []string{"program", "words", "files", "source"}, func(r row) (builderRow, error) {
	out := builderRow{program: strings.Fields(r.cell("program")), files: r.list("files")}
	if words := r.cell("words"); words != "" {
		out.words = strings.Split(words, "|")
	}
	if len(out.program) == 0 || len(out.files) == 0 {
		return builderRow{}, errors.New("want the words of a program, and files")
	}
	for _, pattern := range out.files {
		if _, err := path.Match(pattern, ""); err != nil {
			return builderRow{}, err
		}
	}
	return out, nil
})

// builderPrograms are the rows by the first word of the program.
var builderPrograms = index(builderRows, func(r builderRow) string { return r.program[0] })

// MayBuild tells whether a call by a word can be one that [BuilderOf] knows:
// most are none.
func MayBuild(word string) bool {
	name, _ := programName(word)
	return builderPrograms()[name] != nil || launches(name)
}

// BuilderOf returns the program that runs code of the project, by the words of
// a call. Launchers do not matter, as with [Program].
func BuilderOf(args []string) (b Builder, ok bool) {
	// A launcher may start another.
	for range 4 {
		if len(args) == 0 {
			break
		}
		name, _ := programName(args[0])
		longest := 0
		for _, r := range builderPrograms()[name] {
			_, rest, fits := match(r.program[1:], args[1:])
			if fits && len(r.program) > longest && (r.words == nil || slices.ContainsFunc(rest, r.fits)) {
				b, ok, longest = Builder{strings.Join(r.program, " "), r.files}, true, len(r.program)
			}
		}
		if ok {
			return b, true
		}
		args, _ = launched(args)
	}
	return Builder{}, false
}

// fits tells whether a word is one of those that the row asks for.
func (r builderRow) fits(word string) bool {
	return slices.ContainsFunc(r.words, func(pattern string) bool {
		ok, err := path.Match(strings.ReplaceAll(pattern, "[", `\[`), word)
		return ok && err == nil
	})
}
