package decide

import (
	"slices"

	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// mergeNow and enqueues are the mutations that merge a pull request, and put it
// into a merge queue.
const (
	mergeNow = "mutation mergePullRequest"
	enqueues = "mutation enqueuePullRequest"
)

// ofGh is what gh asks before it merges: where a branch has a merge queue, it
// puts the pull request there.
const ofGh = "query Repository.pullRequest"

// queued is the event of a pull request that comes into a merge queue, where an
// operation may put it there: a workflow that listens to it shows that there is
// one. That is wrong where a workflow is only made ready for a queue. A plain
// merge is refused to anybody for a branch that has one.
func (d *decider) queued(op infer.Operation) []infer.Event {
	puts := slices.Contains(op.Names, autoMerge) || slices.Contains(op.Names, mergeNow) && slices.Contains(op.Names, ofGh)
	if !puts || !slices.ContainsFunc(d.repository.Workflows, func(w *workflow.Workflow) bool {
		return slices.ContainsFunc(w.Triggers, ofQueue)
	}) {
		return nil
	}
	e := infer.Event{Name: "merge_group", Type: "checks_requested"}
	for _, o := range op.Events {
		if base := o.Attributes["base"]; o.Key() == "pull_request.closed" && len(base) > 0 {
			e.Attributes = map[string]value.Value{"base": base}
		}
	}
	return []infer.Event{e}
}

func ofQueue(t workflow.Trigger) bool { return t.Event == "merge_group" }

// listensQueue holds the base of a pull request against a trigger for merge
// queues. The default branch is taken to have one, and that of what the run is
// about; whether another one has that no filter spells is not known.
func (d *decider) listensQueue(j *jobView, t *workflow.Trigger, e infer.Event) truth {
	base := e.Attributes["base"]
	if len(base) == 0 {
		base = value.Context("github.event.repository.default_branch")
	}
	if _, spelled := base.Literal(); spelled && t.Branches == nil && t.BranchesIgnore == nil && !d.isDefault(j, base) {
		return maybe
	}
	return d.filters(j, t.Branches, t.BranchesIgnore, base, false)
}
