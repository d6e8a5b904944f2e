package rules

import (
	"errors"
	"slices"
	"strings"
)

// gitCode is a row of the table gitcode.
type gitCode struct {
	kind, name string
	harmless   []string
}

// The kinds of rows.
const (
	gitProgram  = "program"
	gitSetting  = "setting"
	gitVariable = "variable"
)

var gitCodeRows = rows("gitcode", []string{"kind", "name", "harmless", "source"}, func(r row) (gitCode, error) {
	out := gitCode{kind: r.cell("kind"), name: r.cell("name")}
	if !slices.Contains([]string{gitProgram, gitSetting, gitVariable}, out.kind) || out.name == "" {
		return out, errors.New("want a kind and a name")
	}
	if text := r.cell("harmless"); text != "" && text != "-" {
		out.harmless = strings.Split(text, "|")
	}
	return out, nil
})

// gitCodes are the rows by their kind.
var gitCodes = index(gitCodeRows, func(c gitCode) string { return c.kind })

// RunsGit tells whether a program, by its name without a folder, runs git, which
// may run code of the project in its turn.
func RunsGit(program string) bool {
	return slices.ContainsFunc(gitCodes()[gitProgram], func(c gitCode) bool { return c.name == program })
}

// GitVariables are the variables of the environment which make git run code that
// they name.
func GitVariables() []string {
	var out []string
	for _, c := range gitCodes()[gitVariable] {
		out = append(out, c.name)
	}
	return out
}

// GitVariableRuns tells whether git runs code of the project where one of these
// variables has a value.
func GitVariableRuns(name, value string) bool {
	i := slices.IndexFunc(gitCodes()[gitVariable], func(c gitCode) bool { return c.name == name })
	return i >= 0 && !gitCodes()[gitVariable][i].spares(value)
}

// GitSettingRuns tells whether git runs code of the project where one of its
// settings has a value.
func GitSettingRuns(key, value string) bool {
	key = strings.ToLower(key)
	for _, c := range gitCodes()[gitSetting] {
		begins, ends, _ := strings.Cut(c.name, "*")
		if !strings.HasPrefix(key, begins) || !strings.HasSuffix(key, ends) {
			continue
		}
		if begins == "alias." {
			// Any other alias is a command of git's own.
			return strings.HasPrefix(value, "!")
		}
		return !c.spares(value)
	}
	return false
}

// spares tells whether a value names no code of the project's: it is empty or one
// of those that are harmless, with words behind it or without.
func (c gitCode) spares(value string) bool {
	return value == "" || slices.ContainsFunc(c.harmless, func(word string) bool { return value == word || strings.HasPrefix(value, word+" ") })
}
