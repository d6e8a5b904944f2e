package rules

import (
	"slices"
	"strings"
)

// DescribedProgram is a program that somebody else than the tables describes,
// such as a project its own.
type DescribedProgram struct {
	// Name are its command words, or the path of a script.
	Name string
	// Uses are what it does, apart by the tokens that it takes. A program
	// without any is quiet.
	Uses []DescribedUse
}

// DescribedUse is what such a program does with one token.
type DescribedUse struct {
	Token TokenSource
	// Effect is as in the tables: "self" is a target too, and "" stands for
	// the repository of the working tree.
	Effect Effect
}

// Call returns what is known of one call, by the words that stand behind the
// program's name.
func (p DescribedProgram) Call(args []string) *ProgramInfo {
	base := programRow{name: p.Name}
	for _, use := range p.Uses {
		if use.Token.Kind == "flag" {
			base.flags = append(base.flags, GhFlag{Long: use.Token.Name, Value: true})
		}
		for _, reference := range references(use.Effect) {
			if flag, ok := strings.CutPrefix(reference, "flag:--"); ok {
				base.flags = append(base.flags, GhFlag{Long: flag, Value: true})
			}
		}
	}
	var rows []programRow
	for _, use := range p.Uses {
		r := base
		r.tokens, r.effectRow = []TokenSource{use.Token}, effectRow{mode: modeBase, effect: use.Effect}
		rows = append(rows, r)
	}
	if len(rows) == 0 {
		base.effectRow = effectRow{mode: modeBase, effect: Effect{Answer: AnswerQuiet}}
		rows = append(rows, base)
	}
	return newProgramInfo(rows, args)
}

// references are the texts of an effect that may refer to what a call is
// given.
func references(e Effect) []string {
	out := []string{e.Target}
	for _, event := range e.Events {
		for _, text := range event.Attributes {
			out = append(out, text)
		}
	}
	for i, text := range out {
		out[i], _, _ = strings.Cut(text, "|")
	}
	return out
}

// Behind tells whether a call, by its words, is one of the program with
// these command words, and returns the words behind them. As with [Program],
// launchers, a path before the name and a version after it do not matter.
func Behind(name string, args []string) (rest []string, ok bool) {
	// A launcher may start another: "sudo env A=1 npx x".
	for range 4 {
		if len(args) == 0 {
			return nil, false
		}
		if word, _ := programName(args[0]); word == ownName(firstWord(name)) {
			if _, rest, ok := match(strings.Fields(name)[1:], args[1:]); ok {
				return rest, true
			}
		}
		args, _ = launched(args)
	}
	return nil, false
}

// valueFlags are the flags of interpreters that take the next word along.
var valueFlags = []string{"-o", "-O", "-r", "--require", "--import", "--loader"}

// Script returns the path of the script that a call runs, directly or by an
// interpreter, and the words behind it; "" where it runs none. The word may
// turn out to be no path at all: a program found by its name looks the same.
func Script(args []string) (path string, rest []string) {
	for range 4 {
		if len(args) == 0 {
			return "", nil
		}
		inner, _ := launched(args)
		if inner == nil {
			break
		}
		args = inner
	}
	name, local := programName(args[0])
	if _, runs := InterpreterOf(name); local || !runs {
		return args[0], args[1:]
	}
	for i := 1; i < len(args); i++ {
		word := args[i]
		switch {
		case slices.Contains(valueFlags, word):
			i++
		case word == "run" && (name == "deno" || name == "bun"), strings.EqualFold(word, "-file"):
		case word == "-c", word == "-m", word == "-e", strings.EqualFold(word, "-command"):
			return "", nil
		case strings.HasPrefix(word, "-") || strings.HasPrefix(word, "+"):
		default:
			return word, args[i+1:]
		}
	}
	return "", nil
}

// PermissionNames returns the names of the permissions of a level, as the API
// writes them, each with the accesses that it has.
func PermissionNames(level Level) map[string][]string {
	out := map[string][]string{}
	for _, p := range permissionRows().rows {
		if p.level == level {
			out[p.name] = p.accesses
		}
	}
	return out
}
