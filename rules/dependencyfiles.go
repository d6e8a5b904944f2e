package rules

import (
	"errors"
	"regexp"
	"slices"
	"strings"
)

// DependencyFiles are files of a checkout by which a program knows which
// dependencies it fetches.
type DependencyFiles struct {
	program, commands []string
	// Kind is "lock", "manifest" or "beside".
	Kind string
	// Files are their names, of which for a lock the first one counts that is there.
	Files     []string
	git       *regexp.Regexp
	public    *regexp.Regexp
	elsewhere []string
}

var dependencyFileRows = rows("dependency-files", []string{"program", "kind", "commands", "files", "git", "public", "elsewhere", "source"}, func(r row) (out []DependencyFiles, err error) {
	d := DependencyFiles{Kind: r.cell("kind"), commands: r.list("commands"), Files: r.list("files"), elsewhere: r.list("elsewhere")}
	if d.git, err = regexp.Compile(r.cell("git")); err != nil {
		return nil, err
	}
	if public := r.cell("public"); public != "" {
		if d.public, err = regexp.Compile(public); err != nil {
			return nil, err
		}
	}
	if !slices.Contains([]string{"lock", "manifest", "beside"}, d.Kind) || len(r.list("program")) == 0 || r.cell("git") == "" {
		return nil, errors.New("want a program, a kind that is known, and what is fetched by git")
	}
	for _, words := range r.list("program") {
		d.program = strings.Fields(words)
		out = append(out, d)
	}
	return out, nil
})

// DependencyFilesOf returns the files that tell which dependencies a call fetches, by
// its words: those of the same kind that suffice for it. set tells whether a variable
// of the environment is set; one with a star stands for all that begin alike.
func DependencyFilesOf(words []string, kind string, set func(variable string) bool) (out []DependencyFiles) {
	for _, list := range dependencyFileRows().rows {
		for _, d := range list {
			n := len(d.program)
			if d.Kind != kind || len(words) < n || !slices.Equal(words[:n], d.program) {
				continue
			}
			if kind == "beside" || d.has(words[n:]) && !d.readsOther(words[n:], set) {
				out = append(out, d)
			}
		}
	}
	return out
}

// has tells whether the first of the words behind the program is among the commands.
func (d DependencyFiles) has(words []string) bool {
	if len(words) == 0 || strings.HasPrefix(words[0], "-") {
		return slices.Contains(d.commands, "alone")
	}
	return slices.Contains(d.commands, words[0])
}

// readsOther tells whether a call or its environment has other files be read.
func (d DependencyFiles) readsOther(words []string, set func(variable string) bool) bool {
	return slices.ContainsFunc(d.elsewhere, func(e string) bool {
		if name, ok := strings.CutPrefix(e, "env:"); ok {
			return set(name)
		}
		return slices.ContainsFunc(words, func(w string) bool {
			return w == e || strings.HasPrefix(w, e+"=") || !strings.HasPrefix(e, "--") && len(e) == 2 && strings.HasPrefix(w, e)
		})
	})
}

// Fetches tells whether the text of such a file may name a dependency that git fetches.
func (d DependencyFiles) Fetches(text string) bool {
	if d.public != nil {
		text = d.public.ReplaceAllString(text, "")
	}
	return d.git.MatchString(text)
}
