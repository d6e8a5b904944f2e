package rules

import (
	"errors"
	"path"
	"regexp"
	"slices"
	"strings"
)

// NamedFiles is how the files of a program name the variables that it takes from
// the environment.
type NamedFiles struct {
	program []string
	// only are the words one of which stands behind the program, "alone" for a
	// call without any; nil for any.
	only, flags []string
	// Files are those that a call reads, from the folder in which it works; Above
	// says that it looks in the folders above as well.
	Files []string
	Above bool
	// Hosts are texts without one of which a file sends GitHub nothing; nil where
	// what it is for does not show there.
	Hosts []string
	// Variable matches one, with its name as the group that is set.
	Variable *regexp.Regexp
	// Does is what the program does with it, which is not read; "" where it signs
	// in to a registry of GitHub's with it, and pulls packages: then that is
	// Registry.
	Does, Registry string
}

var namedFileRows = rows("named-files", []string{"program", "commands", "flags", "files", "above", "hosts", "pattern", "does", "registry", "source"}, func(r row) (NamedFiles, error) {
	out := NamedFiles{
		program: strings.Fields(r.cell("program")), only: r.list("commands"), flags: r.list("flags"), Files: r.list("files"),
		Above: r.cell("above") == "yes", Hosts: r.list("hosts"), Does: r.cell("does"), Registry: r.cell("registry"),
	}
	if len(out.program) == 0 || out.Files == nil || (out.Does == "") == (out.Registry == "") {
		return NamedFiles{}, errors.New("want a program, files, and what it does or a registry")
	}
	var err error
	out.Variable, err = regexp.Compile(r.cell("pattern"))
	return out, err
})

// namedFiles are the rows by the first word of the program.
var namedFiles = index(namedFileRows, func(n NamedFiles) string { return n.program[0] })

// NamedFilesOf returns what a call reads of files which name variables, by its
// words, with the files that these name, if they name some.
func NamedFilesOf(words []string) (out []NamedFiles) {
	if len(words) == 0 {
		return nil
	}
	words = slices.Clone(words)
	words[0] = path.Base(words[0])
	for _, n := range namedFiles()[words[0]] {
		if len(words) < len(n.program) || !slices.Equal(words[:len(n.program)], n.program) {
			continue
		}
		rest, command := words[len(n.program):], "alone"
		if len(rest) > 0 && !strings.HasPrefix(rest[0], "-") {
			command = rest[0]
		}
		if n.only != nil && !slices.Contains(n.only, command) {
			continue
		}
		if given := n.given(rest); given != nil {
			n.Files = given
		}
		out = append(out, n)
	}
	return out
}

// given are the files that the flags of a call name.
func (n NamedFiles) given(words []string) (files []string) {
	for i, w := range words {
		flag, file, joined := strings.Cut(w, "=")
		if !joined && i+1 < len(words) {
			file = words[i+1]
		}
		if slices.Contains(n.flags, flag) && file != "" {
			files = append(files, file)
		}
	}
	return files
}
