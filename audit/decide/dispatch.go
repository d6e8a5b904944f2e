package decide

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// botLogin is the actor of what GITHUB_TOKEN starts.
const botLogin = "github-actions[bot]"

// dispatched says what is lost behind a dispatch, which starts its workflow
// with GITHUB_TOKEN as well: jobs whose condition github-actions[bot] does not
// meet, what else asks who started the run, and workflows that run after the
// dispatched one. That those do not start is what people report, and what
// GitHub's rule says of the events of GITHUB_TOKEN; that it holds for a run's
// end is not written down. Of a run that is only started again the end is heard:
// workflows that retry failed runs more than once with GITHUB_TOKEN rest on it.
func (d *decider) dispatched(j *jobView, u *infer.Use, events []infer.Event, r *ruling) {
	var skipped, after []listener
	var asks []question
	for _, e := range events {
		for _, l := range d.dispatches(u, e) {
			byUser, byBot := d.skips(j, l.workflow, e, ""), d.skips(j, l.workflow, e, botLogin)
			if slices.ContainsFunc(l.workflow.Jobs, func(job *workflow.Job) bool { return byBot[job.ID] && !byUser[job.ID] }) {
				skipped = append(skipped, l)
			}
			asks = append(asks, d.questions(j, u, l.workflow, e)...)
			after = append(after, d.followers(j, l.workflow, e)...)
		}
	}
	if len(skipped) > 0 {
		r.against("triggers-workflows", fmt.Sprintf("it starts %s, whose jobs by their condition do not run for %s", names(skipped), botLogin), evidence(skipped))
	}
	d.refused(asks, r)
	if len(after) > 0 {
		r.condition("reduced-function", fmt.Sprintf("%s runs after the workflow that it starts, and likely does not after one that GITHUB_TOKEN started: try it", names(after)), evidence(after))
	}
}

// refused says of workflows that ask who started them what that leads to.
func (d *decider) refused(asks []question, r *ruling) {
	var sure, open []listener
	var atSure, atOpen []audit.Place
	for _, q := range asks {
		if l := (listener{workflow: q.workflow}); q.open {
			open, atOpen = append(open, l), append(atOpen, q.place)
		} else {
			sure, atSure = append(sure, l), append(atSure, q.place)
		}
	}
	if len(sure) > 0 {
		r.against("triggers-workflows", fmt.Sprintf("it starts %s, which asks who started it and does not do its work for %s", names(sure), botLogin), atSure)
	}
	if len(open) > 0 {
		r.condition("reduced-function", fmt.Sprintf("it starts %s, which asks for the permission of who started it, and %s has none: try it", names(open), botLogin), atOpen)
	}
}

// dispatches returns the workflows here that a dispatch is known to start.
func (d *decider) dispatches(u *infer.Use, e infer.Event) []listener {
	e = commanded(u, e)
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
	is := func(attribute string, means func(string) bool) bool {
		return slices.ContainsFunc(e.Attributes[attribute].Alternatives(), func(v value.Value) bool {
			name, known := v.Literal()
			return known && name != "" && means(name)
		})
	}
	switch e.Name {
	case "workflow_dispatch":
		return is("workflow", func(name string) bool { return name == path.Base(w.Path) || name == w.Path || name == w.Name.Value })
	case "repository_dispatch":
		return is("type", func(kind string) bool { return t.Types == nil || slices.Contains(t.Types, kind) })
	}
	return false
}

// slashCommands is the action that makes dispatches of commands in comments.
const slashCommands = "peter-evans/slash-command-dispatch"

// commanded returns the dispatch of a slash command with the names that it may
// have: those of the commands, with what the action adds to them.
func commanded(u *infer.Use, e infer.Event) infer.Event {
	if u.Site == nil || u.Site.Action == nil || !u.Site.Action.Is(slashCommands) {
		return e
	}
	suffix := "-command"
	if given, set := u.Site.Action.Inputs["event-type-suffix"]; set {
		suffix = given.LiteralOr(suffix)
	}
	attribute := "type"
	if e.Name == "workflow_dispatch" {
		attribute, suffix = "workflow", suffix+".yml"
	}
	var names []value.Value
	for _, v := range u.Site.Action.Inputs["commands"].Alternatives() {
		list, known := v.Literal()
		if !known {
			continue
		}
		for _, command := range strings.FieldsFunc(list, func(c rune) bool { return c == ',' || unicode.IsSpace(c) }) {
			names = append(names, value.Text(command+suffix))
		}
	}
	e.Attributes = maps.Clone(e.Attributes)
	if e.Attributes == nil {
		e.Attributes = map[string]value.Value{}
	}
	if len(names) > 0 {
		e.Attributes[attribute] = value.Choice(names...)
	}
	return e
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
