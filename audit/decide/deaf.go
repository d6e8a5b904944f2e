package decide

import (
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// deaf returns the file of the reusable workflow, or of the composite action,
// of this repository that a secret is handed to under a name which it declares
// and names nowhere else; "" for any other reference.
func (d *decider) deaf(ref trace.Reference) string {
	w := d.repository.Workflow(ref.Span.File)
	if w == nil {
		return ""
	}
	for _, j := range w.Jobs {
		if j.Call != nil {
			if name := bindingOf(j.Call.Secrets, ref); name != "" {
				return d.deafWorkflow(j.Call.Uses.Value, name, true)
			}
			if name := bindingOf(j.Call.Inputs, ref); name != "" {
				return d.deafWorkflow(j.Call.Uses.Value, name, false)
			}
		}
		for _, s := range j.Steps {
			if name := bindingOf(s.With, ref); name != "" {
				return d.deafAction(s.Uses.Value, name)
			}
		}
	}
	return ""
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
// input that it declares. Its steps get no variables for its inputs.
func (d *decider) deafAction(uses, name string) string {
	dir, local := strings.CutPrefix(uses, "./")
	if !local {
		return ""
	}
	a := d.repository.Action(strings.TrimSuffix(dir, "/"))
	if a == nil || a.BreaksAt > 0 || a.Using != "composite" || !slices.ContainsFunc(a.Inputs, func(in workflow.Input) bool { return strings.EqualFold(in.Name, name) }) {
		return ""
	}
	var texts []workflow.Text
	bound := func(list []workflow.Binding) {
		for _, b := range list {
			texts = append(texts, b.Value)
		}
	}
	bound(a.Outputs)
	for _, s := range a.Steps {
		texts = append(texts, s.If, s.Uses, s.Run, s.Shell, s.Directory, s.EnvExpression)
		bound(s.Env)
		bound(s.With)
	}
	if slices.ContainsFunc(texts, func(t workflow.Text) bool { return mayRead(t, name) }) {
		return ""
	}
	return a.Path
}

// mayRead tells whether a text names an input or a secret, in whatever way, or
// may do so.
func mayRead(t workflow.Text, name string) bool {
	return strings.Contains(strings.ToLower(t.Value), strings.ToLower(name)) || secretsWhole.MatchString(t.Value)
}
