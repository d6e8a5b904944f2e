package decide

import (
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// deaf returns the file of the reusable workflow, or of the composite action,
// of this repository that a secret is handed to under a name which it declares
// and reads nowhere else; "" for any other reference. asleep says that steps read it
// which do not run with what the call gives the action.
func (d *decider) deaf(ref trace.Reference) (file string, asleep bool) {
	w := d.repository.Workflow(ref.Span.File)
	if w == nil {
		return "", false
	}
	for _, j := range w.Jobs {
		if j.Call != nil {
			if name := bindingOf(j.Call.Secrets, ref); name != "" {
				return d.deafWorkflow(j.Call.Uses.Value, name, true), false
			}
			if name := bindingOf(j.Call.Inputs, ref); name != "" {
				return d.deafWorkflow(j.Call.Uses.Value, name, false), false
			}
		}
		for _, s := range j.Steps {
			if name := bindingOf(s.With, ref); name != "" {
				return d.deafAction(s, name)
			}
		}
	}
	return "", false
}

// secretsWhole matches expressions that take in all secrets or inputs at once,
// or one by a name that is put together.
var secretsWhole = regexp.MustCompile(`(?i)\b(?:secrets|inputs)\s*[^.\s\w-]`)

// deafWorkflow returns the path of a reusable workflow that does nothing with
// an input or a secret that it declares.
func (d *decider) deafWorkflow(uses, name string, secret bool) string {
	path, _ := d.repository.OwnWorkflow(uses)
	to := d.repository.Workflow(path)
	if to == nil || to.BreaksAt > 0 {
		return ""
	}
	declared := slices.ContainsFunc(to.Inputs, func(in workflow.Input) bool { return !secret && in.FromCall && strings.EqualFold(in.Name, name) }) ||
		slices.ContainsFunc(to.CallSecrets, func(s workflow.CallSecret) bool { return secret && strings.EqualFold(s.Name, name) })
	inherits := slices.ContainsFunc(to.Jobs, func(j *workflow.Job) bool { return j.Call != nil && j.Call.Inherit })
	if !declared || inherits {
		return ""
	}
	for text := range to.Texts() {
		if mayRead(text, name) {
			return ""
		}
	}
	return path
}

// deafAction returns the path of a composite action that does nothing with an
// input that it declares, as a step calls it. Its steps get no variables for its
// inputs.
func (d *decider) deafAction(call *workflow.Step, name string) (file string, asleep bool) {
	dir, local := strings.CutPrefix(call.Uses.Value, "./")
	if !local {
		return "", false
	}
	a := d.repository.Action(strings.TrimSuffix(dir, "/"))
	if a == nil || a.BreaksAt > 0 || a.Using != "composite" || !slices.ContainsFunc(a.Inputs, func(in workflow.Input) bool { return strings.EqualFold(in.Name, name) }) {
		return "", false
	}
	reads := func(t workflow.Text) bool { return mayRead(t, name) }
	bound := func(b workflow.Binding) bool { return reads(b.Value) }
	if slices.ContainsFunc(a.Outputs, bound) {
		return "", false
	}
	given := literalInputs(call, a)
	for _, s := range a.Steps {
		inside := slices.ContainsFunc([]workflow.Text{s.Uses, s.Run, s.Shell, s.Directory, s.EnvExpression}, reads) ||
			slices.ContainsFunc(s.Env, bound) || slices.ContainsFunc(s.With, bound)
		skipped := inside && !s.If.IsZero() && expression.Condition(s.If, given) == no
		if reads(s.If) || inside && !skipped {
			return "", false
		}
		asleep = asleep || skipped
	}
	return a.Path, asleep
}

// literalInputs are the inputs of an action that a call gives as text, or that are
// left to a default of text.
func literalInputs(call *workflow.Step, a *workflow.Action) circumstances {
	given := circumstances{}
	set := func(name string, t workflow.Text) {
		name = "inputs." + strings.ToLower(name)
		delete(given, name)
		if !strings.Contains(t.Value, "${{") {
			given[name] = value.Text(t.Value)
		}
	}
	for _, in := range a.Inputs {
		set(in.Name, in.Default)
	}
	for _, b := range call.With {
		set(b.Name, b.Value)
	}
	return given
}

// mayRead tells whether a text names an input or a secret, in whatever way, or
// may do so.
func mayRead(t workflow.Text, name string) bool {
	return strings.Contains(strings.ToLower(t.Value), strings.ToLower(name)) || secretsWhole.MatchString(t.Value)
}
