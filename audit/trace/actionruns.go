package trace

import (
	"strings"

	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// actionRuns reads what an action runs in the environment of its step; ok is
// false where it runs nothing that can be read, or does more besides.
func (r *run) actionRuns(site *Site, step *workflow.Step, s *scope, env *value.Env, at position) (outputs map[string]value.Value, ok bool) {
	for _, runs := range rules.ActionRuns(site.Action.Name) {
		if runs.Unless != "" && len(site.Action.Inputs[runs.Unless]) > 0 {
			return nil, false
		}
		input, found := commandLine(site, step, s, runs)
		if !found {
			continue
		}
		ok = ok || !runs.Besides
		site.Followed = ok
		input.Errexit, input.Env, input.Dir = runs.Strict, env, site.Action.Inputs["working-directory"]
		if dir := site.Action.Inputs[runs.Dir]; len(dir) > 0 {
			input.Dir = dir
		}
		input.Dialect, input.Files, input.Parts, input.Parsed, input.Top = shell.Bash, r.files, r.parts, r.t.parsed, r.topLevel
		input.Read = r.reader("")
		if !rules.IsQuietAction(site.Action.Name) {
			input.Env = env.Opened()
		}
		result := shell.Interpret(input.Input)
		r.keep(result)
		given, set := site.Action.Inputs[runs.Forgives]
		r.apart = set && given.LiteralOr("") != "false"
		r.commands(result, site.File, input.place, at)
		r.apart = false
		outputs = r.effects(result, site.File, step.Line)
	}
	return outputs, ok
}

// actionScript is a script that an action runs, with its place.
type actionScript struct {
	shell.Input
	place locate
}

// commandLine puts together what an action runs. It is false where an input is
// not given without which it runs nothing.
func commandLine(site *Site, step *workflow.Step, s *scope, runs rules.ActionRun) (out actionScript, ok bool) {
	given := func(input string) workflow.Text {
		for _, b := range step.With {
			if strings.EqualFold(b.Name, input) {
				return b.Value
			}
		}
		return workflow.Text{}
	}
	if input, whole := runs.Script(); whole {
		text := given(input)
		out.Source, out.Table = expression.Mask(text, s)
		out.place = lineOfText(text)
		return out, !text.IsZero()
	}
	var line value.Value
	number := step.Uses.Line()
	for _, part := range runs.Parts {
		v := site.Action.Inputs[part.Input]
		if text := given(part.Input); number == step.Uses.Line() && !text.IsZero() {
			number = text.Line()
		}
		switch {
		case part.Input == "":
			v = value.Text(part.Text)
		case part.Equals != "" && v.LiteralOr("") == part.Equals:
			v = value.Text(part.Flag)
		case part.Equals != "":
			v = nil
		case len(v) == 0 && !part.Optional:
			return out, false
		case len(v) == 0:
			v = value.Text(part.Default)
		case part.Flag != "":
			v = value.Concat(value.Text(part.Flag), oneWord(v))
		}
		line = value.Concat(line, v)
	}
	masked := line.Mask()
	out.Source, out.Table = masked.Text, masked.Table
	out.place = locate{line: func(int) int { return number }, text: func(int, int) string { return oneLine(line.String()) }}
	return out, true
}

// oneWord writes a value so that a shell takes it for one word.
func oneWord(v value.Value) value.Value {
	out := value.Text("'")
	for _, part := range v {
		if part.Text != "" {
			part.Text = strings.ReplaceAll(part.Text, "'", `'\''`)
		}
		out = value.Concat(out, value.Value{part})
	}
	return value.Concat(out, value.Text("'"))
}
