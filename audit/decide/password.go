package decide

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// typedIn are the contexts of what whoever starts a run gives it.
var typedIn = []string{"inputs.", "github.event.inputs.", "github.event.client_payload."}

// password tells whether a condition holds a secret against what somebody gives
// the run: it is a word that the two share, and not what opens GitHub to the
// job. Where the same secret is seen to be a GitHub credential, that counts.
func (d *decider) password(secret string) bool {
	if d.passwords == nil {
		d.passwords = map[string]bool{}
		for _, w := range d.repository.Workflows {
			if slices.ContainsFunc(w.Triggers, func(t workflow.Trigger) bool { return t.Event == "workflow_call" }) {
				// What it is given by a caller may be the same token.
				continue
			}
			for _, name := range heldAgainstInputs(w) {
				d.passwords[name] = true
			}
		}
	}
	name := strings.ToUpper(secret)
	return d.passwords[name] && !d.tokens[name]
}

// heldAgainstInputs are the secrets, in upper case, that the expressions of a
// workflow hold against what somebody gives the run, by themselves or by a
// variable of a step that its condition asks for.
func heldAgainstInputs(w *workflow.Workflow) []string {
	var out []string
	look := func(text workflow.Text, condition bool, env ...[]workflow.Binding) {
		for _, pair := range expression.Compared(text, condition) {
			for i, path := range pair {
				other := strings.Join(pair[1-i], ".")
				if len(path) != 2 || !slices.ContainsFunc(typedIn, func(begin string) bool { return strings.HasPrefix(other, begin) }) {
					continue
				}
				switch path[0] {
				case "secrets":
					out = append(out, strings.ToUpper(path[1]))
				case "env":
					out = append(out, secretsOf(path[1], env)...)
				}
			}
		}
	}
	for text := range w.Texts() {
		look(text, false)
	}
	for _, j := range w.Jobs {
		for _, s := range j.Steps {
			look(s.If, true, s.Env, j.Env, w.Env)
		}
	}
	return out
}

// secretsOf are the secrets that a variable is made of, given the variables of
// the step, its job and its workflow.
func secretsOf(name string, env [][]workflow.Binding) []string {
	for _, list := range env {
		for _, b := range list {
			if !strings.EqualFold(b.Name, name) {
				continue
			}
			var out []string
			written, _ := expression.Scan(b.Value, false)
			for _, s := range written {
				out = append(out, strings.ToUpper(s.Name))
			}
			return out
		}
	}
	return nil
}
