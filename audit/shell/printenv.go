package shell

import (
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// otherVariables stands for the lines of variables that nobody here has set, where all
// are printed.
const otherVariables = "$(printenv)"

// allVariables are the lines of all variables of an environment: those that the script
// has set, and those that tell GitHub CLI where to go. Of the others it is not told
// that they are there.
func (i *interp) allVariables(env *value.Env) value.Value {
	var out []value.Value
	names := append(i.variables(), rules.GhPlaces...)
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		v, set := i.st.lookup(name)
		if given, ok := env.Lookup(name); ok && set && v.exported && !v.unset && !v.isList && len(out) < maxWords && !strings.Contains(name, depthMark) {
			out = append(out, value.Text(name+"="), given, value.Text("\n"))
		}
	}
	return value.Concat(append(out, value.Unknown(otherVariables), value.Text("\n"))...)
}

// variablesLeft returns what a filter leaves of the lines of all variables: of those
// of grep, what its pattern matches, of another one what tells GitHub CLI where to go,
// of which the value is not known any more. It is false for a filter of other text.
func (i *interp) variablesLeft(c *call) (value.Value, bool) {
	if i.in == nil || !slices.ContainsFunc(i.in.value, func(p value.Part) bool { return p.Unknown == otherVariables }) {
		return nil, false
	}
	keeps := linesOfGrep(c.args)
	var out []value.Value
	for _, line := range lines(i.in.value) {
		masked := line.Mask()
		name, _, set := strings.Cut(masked.Text, "=")
		switch {
		case !set:
		case keeps != nil && keeps(line.String()):
			out = append(out, line, value.Text("\n"))
		case keeps == nil && slices.Contains(rules.GhPlaces, name):
			out = append(out, value.Text(name+"="), value.Unknown("$"+name), value.Text("\n"))
		}
	}
	return value.Concat(append(out, value.Unknown(otherVariables), value.Text("\n"))...), true
}

// grepSigns matches what the two kinds of patterns of grep do not take alike.
var grepSigns = regexp.MustCompile(`[\\+?{}()|]`)

// linesOfGrep returns what tells whether a call of grep prints a line, nil where that
// is not known.
func linesOfGrep(args []value.Value) func(line string) bool {
	extended, inverted, ignores := false, false, false
	var patterns []string
	for n := 1; n < len(args); n++ {
		word, known := args[n].Literal()
		switch {
		case !known:
			return nil
		case isFlags(word) && strings.Trim(word[1:], "EPviae") == "":
			extended = extended || strings.ContainsAny(word, "EP")
			inverted = inverted || strings.Contains(word, "v")
			ignores = ignores || strings.Contains(word, "i")
		case strings.HasPrefix(word, "-"):
			return nil
		default:
			patterns = append(patterns, word)
		}
	}
	switch program := args[0].LiteralOr(""); {
	case program != "grep" && program != "egrep" || len(patterns) != 1:
		return nil
	case program != "egrep" && !extended && grepSigns.MatchString(patterns[0]):
		return nil
	}
	if ignores {
		patterns[0] = "(?i)" + patterns[0]
	}
	pattern, err := regexp.Compile(patterns[0])
	if err != nil {
		return nil
	}
	return func(line string) bool { return pattern.MatchString(line) != inverted }
}

// maxSettings bounds the text of a file of settings that is taken for what is printed
// of it.
const maxSettings = 4096

// settingsBeside returns the text of a file of the checkout that a script names by the
// folder which it lies in itself, and that holds settings; nil for any other.
func (i *interp) settingsBeside(p value.Value) value.Value {
	if _, known := p.Literal(); known || i.read == nil || len(p) == 0 {
		return nil
	}
	text, ok := i.readNow(p)
	if found, _ := Settings(text); !ok || len(found) == 0 || len(text) > maxSettings {
		return nil
	}
	return value.Text(text)
}
