package decide

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// question is a place in a workflow at which it asks who has started it, and
// which github-actions[bot] does not pass.
type question struct {
	workflow *workflow.Workflow
	place    audit.Place
	// open says that the code may go on all the same: it also looks at the event,
	// or its job goes on should it fail.
	open bool
}

// questions returns the places of a workflow, and of those of this repository
// that it calls, that ask who started it. Like those of [awaitedJobs], they are
// held against their texts, as most are not traced.
func (d *decider) questions(j *jobView, u *infer.Use, w *workflow.Workflow, e infer.Event) []question {
	a := &asking{d: d, first: w, user: d.scopeOf(e, "", d.refOf(j, e)), bot: d.scopeOf(e, botLogin, d.refOf(j, e)), view: j, sent: d.sentBy(u, w)}
	skipped := d.skips(j, w, e, botLogin)
	for _, job := range w.Jobs {
		if !skipped[job.ID] {
			a.job(w, job, nil, 0)
		}
	}
	return a.found
}

// asking is a walk over what a dispatch starts.
type asking struct {
	d         *decider
	view      *jobView
	first     *workflow.Workflow
	user, bot *eventScope
	sent      sent
	found     []question
}

// deepest is how many calls lead from the workflow to what is looked at.
const deepest = 4

// shuts tells whether a condition lets nothing run for github-actions[bot], and
// notes it where it is for its actor.
func (a *asking) shuts(condition workflow.Text) bool {
	if condition.IsZero() || expression.Condition(condition, a.bot) != no {
		return false
	}
	a.user.actor = a.view.user(condition)
	if expression.Condition(condition, a.user) != no {
		a.note(condition.Path(), condition.Line(), "if: "+strings.Join(strings.Fields(condition.Value), " "), false)
	}
	return true
}

func (a *asking) note(file string, line int, text string, open bool) {
	q := question{a.first, audit.Place{File: file, Line: line, Text: text}, open}
	if !slices.Contains(a.found, q) {
		a.found = append(a.found, q)
	}
}

// job looks at a job that runs for github-actions[bot]. Inputs are those that
// its workflow is called with, nil for the one that is dispatched.
func (a *asking) job(w *workflow.Workflow, job *workflow.Job, inputs map[string]value.Value, depth int) {
	scope := actorScope{sent: a.sent, inputs: inputs}.with(w.Env).with(job.Env)
	if job.Call == nil {
		a.steps(job.Steps, scope, depth)
		return
	}
	path, _ := a.d.repository.OwnWorkflow(job.Call.Uses.Value)
	to := a.d.repository.Workflow(path)
	if to == nil || depth == deepest {
		return
	}
	given := scope.evalAll(to.Inputs, job.Call.Inputs)
	for _, inner := range to.Jobs {
		if !a.shuts(inner.If) {
			a.job(to, inner, given, depth+1)
		}
	}
}

func (a *asking) steps(steps []*workflow.Step, outer actorScope, depth int) {
	for _, s := range steps {
		if a.shuts(s.If) {
			continue
		}
		scope := outer.with(s.Env)
		if dir, local := strings.CutPrefix(s.Uses.Value, "./"); local {
			if action := a.d.repository.Action(strings.TrimSuffix(dir, "/")); action != nil && depth < deepest {
				scope.inputs = scope.evalAll(action.Inputs, s.With)
				a.steps(action.Steps, scope, depth+1)
			}
			continue
		}
		if where := a.d.checksActor(s, scope); where != "" {
			a.note(cmp.Or(s.Run, s.Uses).Path(), s.Line, where, s.Forgiven || byEvent.MatchString(s.Run.Value+programOf(s).Value))
		}
	}
}

// byEvent matches what asks in a script which event has started it.
var byEvent = regexp.MustCompile(`\beventName\b|\bevent_name\b|GITHUB_EVENT_NAME`)

// actorContexts are those that name who has started a run.
var actorContexts = []string{"github.actor", "github.triggering_actor", "github.event.sender.login"}

// actorScope evaluates texts of a workflow with the actor as a context of its
// own, wherever it came by.
type actorScope struct {
	sent   sent
	env    []workflow.Binding
	inputs map[string]value.Value
}

// with returns the scope inside of an env: block.
func (s actorScope) with(env []workflow.Binding) actorScope {
	s.env = slices.Concat(s.env, env)
	return s
}

// evalAll binds the inputs of what is called.
func (s actorScope) evalAll(declared []workflow.Input, given []workflow.Binding) map[string]value.Value {
	out := map[string]value.Value{}
	for _, in := range declared {
		out[strings.ToLower(in.Name)] = expression.Eval(in.Default, s)
	}
	for _, b := range given {
		out[strings.ToLower(b.Name)] = expression.Eval(b.Value, s)
	}
	return out
}

// variable is what an environment variable holds, as the innermost block has it.
func (s actorScope) variable(name string) (value.Value, bool) {
	for i, b := range slices.Backward(s.env) {
		if b.Name == name {
			s.env = s.env[:i]
			return expression.Eval(b.Value, s), true
		}
	}
	return nil, false
}

// Context implements expression.Scope.
func (s actorScope) Context(path []string) value.Value {
	name := strings.Join(path, ".")
	switch {
	case slices.Contains(actorContexts, name):
		return value.Context(actorContexts[0])
	case len(path) == 2 && path[0] == "env":
		if v, ok := s.variable(path[1]); ok {
			return v
		}
	case len(path) == 2 && path[0] == "inputs" && s.inputs != nil:
		return s.inputs[strings.ToLower(path[1])]
	default:
		if v, known := s.sent.of(path); known {
			return v
		}
	}
	return value.Unknown(name)
}

// Secret implements expression.Scope.
func (actorScope) Secret(name string, _ audit.Span) value.Value { return value.Unknown(name) }
