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
}

// hookRow is one row of table/hooks.tsv.
type hookRow struct {
	program string
	hook    Hook
}

var hookRows = rows("hooks", []string{"program", "config", "keys", "form", "source"}, func(r row) (hookRow, error) {
	out := hookRow{r.cell("program"), Hook{Config: r.list("config"), Keys: r.list("keys"), Words: r.cell("form") == "words"}}
	if !slices.Contains([]string{"shell", "words"}, r.cell("form")) || out.program == "" || out.hook.Config == nil || out.hook.Keys == nil {
		return hookRow{}, fmt.Errorf("form %q with keys %q: want a program, files, keys, and shell or words", r.cell("form"), out.hook.Keys)
	}
	return out, nil
})

// hooks are the rows by the first word of the program.
var hooks = index(hookRows, func(r hookRow) string { return firstWord(r.program) })

// MayHook tells whether a call by a word can be one that [Hooks] knows: most
// are none.
func MayHook(word string) bool {
	name, _ := programName(word)
	return hooks()[name] != nil || launches(name)
}

// Hooks returns where commands stand that a call of a program, by its words,
// runs besides. Launchers do not matter, as with [Program]; flags that keep
// the program from running them are not known.
func Hooks(args []string) []Hook {
	// A launcher may start another.
	for range 4 {
		if len(args) == 0 {
			return nil
		}
		name, _ := programName(args[0])
		for _, r := range hooks()[name] {
			want := strings.Fields(r.program)[1:]
			if len(args) > len(want) && slices.Equal(args[1:len(want)+1], want) {
				return []Hook{r.hook}
			}
		}
		args, _ = launched(args)
	}
	return nil
}
