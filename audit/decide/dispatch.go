package decide

import (
	"fmt"
	"path"
	"slices"

	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// botLogin is the actor of what GITHUB_TOKEN starts.
const botLogin = "github-actions[bot]"

// dispatched says what is lost behind a dispatch, which starts its workflow
// with GITHUB_TOKEN as well: jobs whose condition github-actions[bot] does not
// meet, and workflows that run after the dispatched one. That these do not
// start is what people report, and what GitHub's rule says of the events of
// GITHUB_TOKEN; that it holds for a run's end is not written down. Of a run
// that is only started again the end is heard: workflows that retry failed runs
// more than once with GITHUB_TOKEN rest on it.
func (d *decider) dispatched(j *jobView, events []infer.Event, r *ruling) {
	var skipped, after []listener
	for _, e := range events {
		for _, l := range d.dispatches(e) {
			byUser, byBot := d.skips(j, l.workflow, e, ""), d.skips(j, l.workflow, e, botLogin)
			if slices.ContainsFunc(l.workflow.Jobs, func(job *workflow.Job) bool { return byBot[job.ID] && !byUser[job.ID] }) {
				skipped = append(skipped, l)
			}
			after = append(after, d.followers(j, l.workflow, e)...)
		}
	}
	if len(skipped) > 0 {
		r.against("triggers-workflows", fmt.Sprintf("it starts %s, whose jobs by their condition do not run for %s", names(skipped), botLogin), evidence(skipped))
	}
	if len(after) > 0 {
		r.condition("reduced-function", fmt.Sprintf("%s runs after the workflow that it starts, and likely does not after one that GITHUB_TOKEN started: try it", names(after)), evidence(after))
	}
}

// dispatches returns the workflows here that a dispatch is known to start.
func (d *decider) dispatches(e infer.Event) []listener {
	var out []listener
	for _, w := range d.repository.Workflows {
		for i := range w.Triggers {
			t := &w.Triggers[i]
			if t.Event == e.Name && dispatchMeans(e, w, t) {
				out = append(out, listener{w, t, yes, e})
			}
		}
	}
	return out
}

func dispatchMeans(e infer.Event, w *workflow.Workflow, t *workflow.Trigger) bool {
	switch e.Name {
	case "workflow_dispatch":
		name, known := e.Attributes["workflow"].Literal()
		return known && name != "" && (name == path.Base(w.Path) || name == w.Path || name == w.Name.Value)
	case "repository_dispatch":
		kind, known := e.Attributes["type"].Literal()
		return known && (t.Types == nil || slices.Contains(t.Types, kind))
	}
	return false
}

// followers returns the workflows that wait for a run of another one, which an
// event starts.
func (d *decider) followers(j *jobView, first *workflow.Workflow, e infer.Event) []listener {
	run := infer.Event{Name: "workflow_run", Type: "completed", Attributes: map[string]value.Value{"event": value.Text(e.Name)}}
	var out []listener
	for _, w := range d.repository.Workflows {
		for i := range w.Triggers {
			t := &w.Triggers[i]
			if t.Event == "workflow_run" && slices.Contains(t.Workflows, title(first)) && d.runs(j, w, run) != no {
				out = append(out, listener{w, t, maybe, run})
			}
		}
	}
	return out
}

// skips tells of the jobs of a workflow, by their ids, which do not run for an
// event of some actor, or of the token's user where none is given: their
// conditions are evaluated with what is known of the event. A job that needs one which does not run does not run either,
// unless its condition says always() or asks for a failure or a cancellation.
func (d *decider) skips(j *jobView, w *workflow.Workflow, e infer.Event, actor string) map[string]bool {
	return d.skipsAt(j, w, e, actor, d.refOf(j, e))
}

// skipsAt is skips for a run of which the ref is given, empty where it is not
// known.
func (d *decider) skipsAt(j *jobView, w *workflow.Workflow, e infer.Event, actor, ref string) map[string]bool {
	var skipped map[string]bool
	scope := d.scopeOf(e, actor, ref)
	// Jobs are not always written after those that they need.
	for range 2 {
		for _, job := range w.Jobs {
			if actor == "" {
				scope.actor = j.user(job.If)
			}
			skips := waits(job) && slices.ContainsFunc(job.Needs, func(id string) bool { return skipped[id] }) ||
				expression.Condition(job.If, scope) == no
			if skips && skipped == nil {
				skipped = map[string]bool{}
				scope.skipped = skipped
			}
			if skipped != nil {
				skipped[job.ID] = skips
			}
		}
	}
	return skipped
}
