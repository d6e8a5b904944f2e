package rules

import (
	"fmt"
	"slices"
	"strings"
)

// Hook is where a program's configuration names commands that it runs with
// its own environment.
type Hook struct {
	// Config are the files that may hold it, as in [ProgramInfo.Config].
	Config []string
	// Keys are where the commands are.
	Keys []string
	// Words says that a list is the words of one command, and not a list of
	// lines for a shell.
	Words bool
	// Files says that each is a file of the project, with the words that it is
	// given.
	Files bool
	// Git says that git runs them from then on, with its hooks: "{hook}" in a key
	// stands for the name of one.
	Git bool
	// PreCommit says that they are pre-commit's, of which the call may name some.
	PreCommit bool
	// Goreleaser says that package settings knows where they are.
	Goreleaser bool
	// Plugins says that the configuration is that of semantic-release, whose
	// plugins may be files of the project.
	Plugins bool
	// Folder is the folder of the configuration, where the call names one.
	Folder string
}

// hookRow is one row of table/hooks.tsv.
type hookRow struct {
	program             []string
	hook                Hook
	folder, values, not []string
}

var hookRows = rows("hooks", []string{"program", "config", "keys", "form", "folder", "values", "not", "source"}, func(r row) (hookRow, error) {
	out := hookRow{
		program: strings.Fields(r.cell("program")), hook: Hook{Config: r.list("config"), Keys: r.list("keys"), Words: r.cell("form") == "words", Files: r.cell("form") == "files", Git: r.cell("form") == "git", PreCommit: r.cell("form") == "pre-commit", Goreleaser: r.cell("form") == "goreleaser", Plugins: r.cell("form") == "plugins"},
		folder: r.list("folder"), values: r.list("values"), not: r.list("not"),
	}
	if !slices.Contains([]string{"shell", "words", "files", "git", "pre-commit", "goreleaser", "plugins"}, r.cell("form")) || len(out.program) == 0 || out.hook.Config == nil || out.hook.Keys == nil {
		return hookRow{}, fmt.Errorf("form %q with keys %q: want a program, files, keys, and shell, words, files, git, pre-commit, goreleaser or plugins", r.cell("form"), out.hook.Keys)
	}
	return out, nil
})

// hooks are the rows by the first word of the program.
var hooks = index(hookRows, func(r hookRow) string { return r.program[0] })

// MayHook tells whether a call by a word can be one that [Hooks] knows: most
// are none.
func MayHook(word string) bool {
	name, _ := programName(word)
	return hooks()[name] != nil || launches(name)
}

// Hooks returns where commands stand that a call of a program, by its words,
// runs besides. Launchers do not matter, as with [Program]; of the flags that
// keep the program from running them, a configuration may set some.
func Hooks(args []string) []Hook {
	// A launcher may start another.
	for range 4 {
		if len(args) == 0 {
			return nil
		}
		name, _ := programName(args[0])
		for _, r := range hooks()[name] {
			if _, rest, ok := match(r.program[1:], args[1:]); ok {
				if hook, runs := r.of(rest); runs {
					return []Hook{hook}
				}
			}
		}
		args, _ = launched(args)
	}
	return nil
}

// of returns the hook of a call, by the words behind the program's own; ok is
// false where it runs none.
func (r hookRow) of(words []string) (hook Hook, ok bool) {
	hook = r.hook
	for i := 0; i < len(words); i++ {
		flag, given, joined := strings.Cut(words[i], "=")
		switch isFlag := strings.HasPrefix(flag, "-"); {
		case slices.Contains(r.not, flag) && (given == "true" || !joined && (i+1 == len(words) || words[i+1] != "false")), !isFlag && words[i] != "" && slices.Contains(r.not, "*"):
			return Hook{}, false
		case isFlag && slices.Contains(r.folder, flag):
			if !joined && i+1 < len(words) {
				i++
				given = words[i]
			}
			hook.Folder = given
		case isFlag && !joined && slices.Contains(r.values, flag):
			i++
		}
	}
	return hook, true
}
