package rules

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// FileUse is what a program does to the files that it is given.
type FileUse string

const (
	// FilesRead is a program that changes none.
	FilesRead FileUse = "reads"
	// FilesEdited is one that changes them in place.
	FilesEdited FileUse = "edits"
	// FilesCopied is one that writes those of the first words to the last.
	FilesCopied FileUse = "copies"
	// fileWritten and fileTold are of flags: what stands behind them is written,
	// or is only read.
	fileWritten FileUse = "output"
	fileTold    FileUse = "told"
)

// fileUseRow is a row of table/file-uses.tsv.
type fileUseRow struct {
	program string
	flag    *regexp.Regexp
	does    FileUse
}

var fileUseRows = rows("file-uses", []string{"program", "flag", "does", "source"}, func(r row) (fileUseRow, error) {
	out := fileUseRow{program: r.cell("program"), does: FileUse(r.cell("does"))}
	if flag := r.cell("flag"); flag != "" {
		var err error
		if out.flag, err = regexp.Compile(flag); err != nil {
			return out, err
		}
	}
	kinds := []FileUse{FilesRead, FilesEdited, FilesCopied}
	if out.program == "*" {
		kinds = []FileUse{FilesRead, fileWritten, fileTold}
	}
	if _, err := path.Match(out.program, ""); err != nil && out.family() || out.program == "" || !slices.Contains(kinds, out.does) || out.program == "*" && out.flag == nil {
		return out, fmt.Errorf("%q %q %q: want a program, a flag where it is any, and what that does", out.program, r.cell("flag"), out.does)
	}
	return out, nil
})

// namedFileUses are the rows of programs that are told by their whole names,
// otherFileUses those of families and of any program, in the order of the table.
var (
	namedFileUses = sync.OnceValue(func() map[string][]fileUseRow {
		out := map[string][]fileUseRow{}
		for _, r := range fileUseRows().rows {
			if !r.family() {
				out[r.program] = append(out[r.program], r)
			}
		}
		return out
	})
	otherFileUses = sync.OnceValue(func() []fileUseRow {
		return slices.DeleteFunc(slices.Clone(fileUseRows().rows), func(r fileUseRow) bool { return !r.family() })
	})
)

func (r fileUseRow) family() bool { return strings.Contains(r.program, "*") }

// holds tells whether the words behind the program's name are those of the row.
func (r fileUseRow) holds(words []string) bool {
	return r.flag == nil || slices.ContainsFunc(words, r.flag.MatchString)
}

// fileProgram is the name of a program as the table writes it.
func fileProgram(word string) string {
	return strings.ToLower(strings.TrimSuffix(path.Base(word), ".exe"))
}

// NamedFileUse returns what a call does to the files that it is given, as the
// manual of the program says; "" for a program that is not known by its name.
// Source: the manuals that the table names.
func NamedFileUse(words []string) FileUse {
	if len(words) == 0 {
		return ""
	}
	for _, r := range namedFileUses()[fileProgram(words[0])] {
		if r.holds(words[1:]) {
			return r.does
		}
	}
	return ""
}

// OnlyReads tells whether a program that NamedFileUse does not know is taken to
// change no file, by the family that its name is of (a linter), or by a word
// that makes such programs only look (--check). It is custom, not a promise.
func OnlyReads(words []string) bool {
	if len(words) == 0 {
		return true
	}
	name := fileProgram(words[0])
	return slices.ContainsFunc(otherFileUses(), func(r fileUseRow) bool {
		match, _ := path.Match(r.program, name)
		return match && r.does == FilesRead && r.holds(words)
	})
}

// WrittenBehind tells whether what stands behind a flag is, by custom, a file
// that the program writes, and ToldBehind whether it is one that it only reads.
func WrittenBehind(flag string) bool { return flagIs(flag, fileWritten) }

// ToldBehind is described with WrittenBehind.
func ToldBehind(flag string) bool { return flagIs(flag, fileTold) }

func flagIs(flag string, does FileUse) bool {
	return slices.ContainsFunc(otherFileUses(), func(r fileUseRow) bool { return r.does == does && r.flag.MatchString(flag) })
}
