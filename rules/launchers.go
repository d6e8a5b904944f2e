package rules

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// LauncherKind is how a program runs another one.
type LauncherKind string

const (
	// Wrapper runs it as it stands in its words, whatever flags come before it.
	Wrapper LauncherKind = "wrapper"
	// Environment runs it with what the project has prepared.
	Environment LauncherKind = "environment"
	// PackageRunner runs a program that it finds in packages.
	PackageRunner LauncherKind = "package"
)

// Launcher is a program that runs the program which its words name.
type Launcher struct {
	// Words are those that it is called by: "uv run".
	Words []string
	Kind  LauncherKind
	// Values are its flags that take the next word along, with those of the package
	// manager that it is, Folder those that name the folder to run the program in. With one of Elsewhere it runs something else
	// than the word behind them names, or with other variables.
	Values, Elsewhere, Folder []string
	// Operands is how many words of its own come before the program's.
	Operands int
	// Assigns tells that NAME=value, Counts that numbers may come before the
	// program. Alone tells that without a program it does something of its own.
	Assigns, Counts, Alone bool
	// Scripts tells that what it runs may be a script of the project, under any
	// name.
	Scripts bool
	// Module tells that it runs a Go module by its import path, Spreads that it may
	// run the program in the folders of several packages.
	Module, Spreads bool
	// Functions tells that what it runs may be a function of the shell, Opens that it
	// has other variables than whoever starts it.
	Functions, Opens bool
}

var launcherRows = rows("launchers", []string{"words", "kind", "values", "elsewhere", "folder", "operands", "also", "source"}, func(r row) (Launcher, error) {
	l := Launcher{
		Words: strings.Fields(r.cell("words")), Kind: LauncherKind(r.cell("kind")), Values: r.list("values"), Elsewhere: r.list("elsewhere"), Folder: r.list("folder"),
	}
	var err error
	l.Operands, err = strconv.Atoi(r.cell("operands"))
	if err != nil || len(l.Words) == 0 || !slices.Contains([]LauncherKind{Wrapper, Environment, PackageRunner}, l.Kind) {
		return Launcher{}, errors.New("want words, a kind and a number of operands")
	}
	for _, also := range r.list("also") {
		switch also {
		case "assigns":
			l.Assigns = true
		case "counts":
			l.Counts = true
		case "alone":
			l.Alone = true
		case "opens":
			l.Opens = true
		case "scripts":
			l.Scripts = true
		case "module":
			l.Module = true
		case "spreads":
			l.Spreads = true
		case "functions":
			l.Functions = true
		default:
			return Launcher{}, fmt.Errorf("what is %q", also)
		}
	}
	return l, nil
})

// launchersOf are the launchers by their first words, those with more words
// first.
var launchersOf = sync.OnceValue(func() map[string][]Launcher {
	out := index(launcherRows, func(l Launcher) string { return l.Words[0] })()
	for name, all := range out {
		if m, ok := PackageManagerOf(name); ok {
			for i := range all {
				all[i].Values = slices.Concat(all[i].Values, m.Valued())
			}
		}
		slices.SortStableFunc(all, func(a, b Launcher) int { return len(b.Words) - len(a.Words) })
	}
	return out
})

// WrapperOf returns the wrapper of a name; ok is false for any other program.
func WrapperOf(name string) (l Launcher, ok bool) {
	for _, l := range launchersOf()[name] {
		if l.Kind == Wrapper {
			return l, true
		}
	}
	return Launcher{}, false
}

// RunsFunctions tells whether a program that runs others may run a function of the
// shell that calls it: most are programs of their own, which know of none.
func RunsFunctions(name string) bool {
	return slices.ContainsFunc(launchersOf()[name], func(l Launcher) bool { return l.Functions })
}

// Environments returns the launchers that run a program with what the project has
// prepared, by their first word, those with more words first.
func Environments(name string) (out []Launcher) {
	for _, l := range launchersOf()[name] {
		if l.Kind == Environment {
			out = append(out, l)
		}
	}
	return out
}

// Launched returns the words of the program that the first program runs, and the
// launcher that it is; ok is false where it is none, or runs nothing.
func Launched(args []string) (inner []string, by Launcher, ok bool) {
	inner, by = launched(args)
	return inner, by, len(inner) > 0
}

// launches tells whether a program, by its name, is the first word of a
// launcher.
func launches(name string) bool { return launchersOf()[name] != nil }

// launched returns the words of the program that the first program runs,
// and the launcher; nil where there is none.
func launched(args []string) (inner []string, by Launcher) {
	if len(args) == 0 {
		return nil, Launcher{}
	}
	name, local := programName(args[0])
	if local {
		return nil, Launcher{}
	}
	for _, l := range launchersOf()[name] {
		if len(args) < len(l.Words) || !slices.Equal(args[1:len(l.Words)], l.Words[1:]) {
			continue
		}
		inner := l.skip(args[len(l.Words):])
		if len(inner) > 0 && l.Module {
			inner = slices.Concat([]string{moduleName(inner[0])}, inner[1:])
		}
		return inner, l
	}
	return nil, Launcher{}
}

// skip passes over the launcher's own words. In npx -p A B only B is run.
func (l Launcher) skip(args []string) []string {
	operands := l.Operands
	for i := 0; i < len(args); i++ {
		word := args[i]
		switch {
		case word == "--":
			return args[i+1:]
		case strings.HasPrefix(word, "-"):
			if slices.Contains(l.Values, word) {
				i++
			}
		case operands > 0:
			operands--
		case l.Assigns && strings.Contains(word, "="), l.Counts && strings.Trim(word, "0123456789.smh") == "":
		default:
			return args[i:]
		}
	}
	return nil
}

var majorVersion = regexp.MustCompile(`^v[0-9]+$`)

// moduleName returns the program's name in the import path of a Go module:
// "goreleaser" for "github.com/goreleaser/goreleaser/v2@latest". A path of
// the project is returned as it is.
func moduleName(path string) string {
	path, _, versioned := strings.Cut(path, "@")
	if !versioned && !strings.Contains(firstSegment(path), ".") || strings.HasPrefix(path, ".") {
		return "./" + path
	}
	parts := strings.Split(path, "/")
	if n := len(parts); n > 1 && majorVersion.MatchString(parts[n-1]) {
		parts = parts[:n-1]
	}
	return parts[len(parts)-1]
}

func firstSegment(path string) string {
	segment, _, _ := strings.Cut(path, "/")
	return segment
}
