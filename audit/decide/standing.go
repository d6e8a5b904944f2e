package decide

import (
	"slices"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// standing says where a reference stands, as far as that decides which secret
// it means: the environments of the jobs around it, with "" for a job without
// one beside others with one, and whether other workflows call this one.
func (d *decider) standing(ref trace.Reference, uses []*ruled) (environments []string, fromCaller bool) {
	w := d.repository.Workflow(ref.Span.File)
	if w == nil {
		return nil, false
	}
	jobs := w.Jobs
	for _, j := range jobs {
		if ref.Span.Line >= j.Line && ref.Span.Line <= j.EndLine {
			jobs = []*workflow.Job{j}
		}
	}
	for _, j := range jobs {
		environments = appendNew(environments, j.Environment.Value)
		if len(jobs) == 1 && j.Call != nil && j.Call.Inherit && ref.Span == j.Call.InheritText.Span(0, len(j.Call.InheritText.Value)) {
			// What the called workflow's jobs read counts here.
			for _, u := range uses {
				environments = appendNew(environments, u.job.Job.Job.Job.Environment.Value)
			}
		}
	}
	if !slices.ContainsFunc(environments, func(name string) bool { return name != "" }) {
		environments = nil
	}
	slices.Sort(environments)
	return environments, slices.ContainsFunc(w.Triggers, func(t workflow.Trigger) bool { return t.Event == "workflow_call" })
}
