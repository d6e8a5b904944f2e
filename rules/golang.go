package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// GoName is what is known of a name of a package in Go: a function, a type, a
// variable, or a member of a type.
type GoName struct {
	// Does is the word that table/golang.tsv has for it, "" where nothing is known.
	Does string
	// Operand is the first of a call's operands that this is about.
	Operand int
}

// goRow is one row of table/golang.tsv.
type goRow struct {
	packages, names []string
	GoName
}

var goRows = rows("golang", []string{"package", "name", "does", "operand"}, func(r row) (goRow, error) {
	out := goRow{r.list("package"), r.list("name"), GoName{Does: r.cell("does")}}
	if out.packages == nil || out.names == nil || out.Does == "" {
		return out, fmt.Errorf("want packages, names and what they do")
	}
	if text := r.cell("operand"); text != "" {
		n, err := strconv.Atoi(text)
		out.Operand = n
		return out, err
	}
	return out, nil
})

// goPackages are the rows by their packages.
var goPackages = sync.OnceValue(func() map[string][]goRow {
	out := map[string][]goRow{}
	for _, r := range goRows().rows {
		for _, path := range r.packages {
			out[path] = append(out[path], r)
		}
	}
	return out
})

// goWords are the rows by what they say.
var goWords = index(goRows, func(r goRow) string { return r.Does })

// goVersion matches what tells the major version in the path of a package. Source:
// https://go.dev/ref/mod#major-version-suffixes
var goVersion = regexp.MustCompile(`/v\d+(/|$)|\.v\d+$`)

// FindGoName returns what is known of a name of a package, by the path that it is
// imported by; "Type.Member" for a member, and "*" for the package as a whole.
func FindGoName(path, name string) GoName {
	path = goVersion.ReplaceAllString(path, "$1")
	rows := goPackages()[path]
	for begin := path; rows == nil && begin != ""; {
		rows = goPackages()[begin+"/..."]
		begin = begin[:max(0, strings.LastIndexByte(begin, '/'))]
	}
	for _, r := range rows {
		if slices.ContainsFunc(r.names, func(of string) bool { return goFits(of, name) }) {
			return r.GoName
		}
	}
	return GoName{}
}

// goFits tells whether a name of a row, with a star behind it or without, is one.
// A star alone stands for no member.
func goFits(of, name string) bool {
	begin, any := strings.CutSuffix(of, "*")
	return of == name || any && strings.HasPrefix(name, begin) && (begin != "" || !strings.Contains(name, "."))
}

// FindGoMember returns what is known of a member that does something of some type,
// by its name.
func FindGoMember(does, name string) (n GoName, ok bool) {
	for _, r := range goWords()[does] {
		for _, of := range r.names {
			if _, member, found := strings.Cut(of, "."); found && goFits(member, name) {
				return r.GoName, true
			}
		}
	}
	return GoName{}, false
}
