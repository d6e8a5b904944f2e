package rules

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// ActionRun is what an action runs in the environment of its step: a script
// that an input holds, or a program with inputs among its arguments.
type ActionRun struct {
	// Parts are the pieces of the command line, with nothing between them.
	Parts []RunPart
	// Dir is the input that names the folder it runs in, beside
	// "working-directory"; "" for none.
	Dir string
	// Unless is an input with which the action runs more than that; "" for none.
	Unless string
	// Forgives is the input by which the job goes on where the command fails; ""
	// for none.
	Forgives string
	// Strict says that it ends where a command of the script fails.
	Strict bool
	// Besides says that the action does more, which stands in the table of actions.
	Besides bool
}

// RunPart is a piece of a command line: a text, or what an input makes of it.
type RunPart struct {
	// Text is the piece where Input is "".
	Text string
	// Input is the name of an input in lower case, whose value is put in. It has
	// to be given, unless Optional is set: then Default stands in its place.
	Input, Default string
	Optional       bool
	// Flag stands before the value, as one word with it. With Equals it stands
	// alone, where the value is that.
	Flag, Equals string
}

// Script is the input that holds a whole script; ok is false where the action
// runs a program.
func (r *ActionRun) Script() (input string, ok bool) {
	if len(r.Parts) != 1 || r.Parts[0].Input == "" || r.Parts[0].Optional {
		return "", false
	}
	return r.Parts[0].Input, true
}

// Inputs are the names of all inputs that have a part in it.
func (r *ActionRun) Inputs() []string {
	out := []string{r.Dir, r.Unless, r.Forgives}
	for _, p := range r.Parts {
		out = append(out, p.Input)
	}
	return slices.DeleteFunc(out, func(name string) bool { return name == "" })
}

// runInput matches an input in the column runs: {input}, {input|default},
// {input:--flag=} and {input=value:--flag}.
var runInput = regexp.MustCompile(`\{([a-zA-Z_][\w-]*)(?:=([\w-]+))?(?:(:)([^}]*)|(\|)([^}]*))?\}`)

type actionRunRow struct {
	action string
	run    ActionRun
}

var actionRunRows = rows("action-runs", []string{"action", "runs", "dir", "unless", "forgives", "strict", "besides", "source"}, func(r row) (actionRunRow, error) {
	out := actionRunRow{r.cell("action"), ActionRun{
		Dir: strings.ToLower(r.cell("dir")), Unless: strings.ToLower(r.cell("unless")), Forgives: strings.ToLower(r.cell("forgives")),
		Strict: r.cell("strict") == "yes", Besides: r.cell("besides") == "yes",
	}}
	if out.action != strings.ToLower(out.action) || !strings.Contains(out.action, "/") {
		return out, fmt.Errorf("%q is no name of an action in lower case", out.action)
	}
	text := r.cell("runs")
	if text == "" {
		return out, errors.New("runs nothing")
	}
	at := 0
	for _, m := range runInput.FindAllStringSubmatchIndex(text, -1) {
		group := func(n int) string {
			if m[2*n] < 0 {
				return ""
			}
			return text[m[2*n]:m[2*n+1]]
		}
		if before := text[at:m[0]]; before != "" {
			out.run.Parts = append(out.run.Parts, RunPart{Text: before})
		}
		out.run.Parts = append(out.run.Parts, RunPart{
			Input: strings.ToLower(group(1)), Equals: group(2), Flag: group(4), Default: group(6), Optional: m[6] >= 0 || m[10] >= 0,
		})
		at = m[1]
	}
	if rest := text[at:]; rest != "" {
		out.run.Parts = append(out.run.Parts, RunPart{Text: rest})
	}
	if slices.ContainsFunc(out.run.Parts, func(p RunPart) bool { return strings.ContainsAny(p.Text, "{}") || p.Equals != "" && p.Flag == "" }) {
		return out, fmt.Errorf("%q: an input is {input}, {input|default}, {input:--flag=} or {input=value:--flag}", text)
	}
	return out, nil
})

var actionRuns = index(actionRunRows, func(r actionRunRow) string { return r.action })

// ActionRuns returns what an action runs, in order, by its name in lower case
// without the version; nil for an action that runs nothing of others. The list
// is not to be changed.
func ActionRuns(name string) []ActionRun {
	var out []ActionRun
	for _, r := range actionRuns()[SameAs(name)] {
		out = append(out, r.run)
	}
	return out
}
