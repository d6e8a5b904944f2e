package fix

import (
	"fmt"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/decide"
	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/scan"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// demand is what a job must be given.
type demand struct {
	// wanted is what the picks take by themselves.
	wanted scopes
	// joint is what they take beside all else that goes by GITHUB_TOKEN: of
	// needs that leave a choice, one that is met anyway.
	joint scopes
	// total is what all its steps take of GITHUB_TOKEN, the replaced ones
	// among them; open are the steps of which that is not known.
	total scopes
	open  []string
	// called says that the job runs only for callers in this repository,
	// foreign that some callers are not to be seen.
	called, foreign bool
	// callable says that workflows of other repositories may call it as well.
	callable bool
}

// wants is what a pick wants of a job, or of the jobs that call it.
func (p *planner) wants(k *pick, key jobKey, after *scan.Analysis) scopes {
	out := scopes{}.plus(k.wanted[key])
	for job, wanted := range k.wanted {
		for _, view := range views(after, job) {
			for _, caller := range callers(after.Read, view) {
				if caller == key {
					out = out.plus(wanted)
				}
			}
		}
	}
	return out
}

// views are the ways in which a job runs.
func views(a *scan.Analysis, key jobKey) []*infer.Job {
	var out []*infer.Job
	for _, j := range a.Jobs {
		if keyOf(j.Job) == key {
			out = append(out, j)
		}
	}
	return out
}

// callers are the jobs that call the workflow of a job, from the outermost on.
func callers(r *workflow.Repository, view *infer.Job) []jobKey {
	var out []jobKey
	for _, hop := range view.Callers {
		w := workflowAt(r, hop.File)
		if w == nil {
			continue
		}
		for _, j := range w.Jobs {
			if j.Call != nil && j.Call.Uses.Line() == hop.Line {
				out = append(out, jobKey{w.Path, j.ID})
			}
		}
	}
	return out
}

// demands adds up what the picks want, by job.
func (p *planner) demands(after *scan.Analysis) map[jobKey]*demand {
	judge := after.Judge()
	out := map[jobKey]*demand{}
	at := func(key jobKey) *demand {
		if out[key] == nil {
			out[key] = &demand{wanted: scopes{}, joint: scopes{}, total: scopes{}, called: true}
		}
		return out[key]
	}
	for _, k := range p.picks {
		for key, wanted := range k.wanted {
			at(key).wanted = at(key).wanted.plus(wanted)
			for _, view := range views(after, key) {
				for _, caller := range callers(after.Read, view) {
					at(caller).wanted, at(caller).joint = at(caller).wanted.plus(wanted), at(caller).joint.plus(wanted)
				}
			}
		}
	}
	before := p.before.Judge()
	for _, view := range p.before.Jobs {
		if d := out[keyOf(view.Job)]; d != nil {
			d.joint = d.joint.plus(before.Sum(view, p.together(view)).Permissions().Workflow)
		}
	}
	for key, d := range out {
		seen := false
		for _, view := range after.Jobs {
			own := keyOf(view.Job) == key
			if !own && !slices.Contains(callers(after.Read, view), key) {
				continue
			}
			seen = true
			total, open := p.need(judge, after, view)
			if !own {
				total = p.requested(view.Job, total)
			}
			d.total, d.open = d.total.plus(total), appendNew(d.open, open...)
			d.called = d.called && (len(view.Callers) > 0 || !own)
			d.foreign = d.foreign || own && view.UnknownCaller
			d.callable = d.callable || own && len(view.Callers) == 0 && calledBy(after.Read, view.File) == 0 && triggered(view.File, "workflow_call")
		}
		if !seen {
			d.open = append(d.open, "the job as a whole")
		}
		d.called = d.called && seen && !p.isCall(key)
	}
	return out
}

// together are the uses of a job that go by GITHUB_TOKEN, or will once the
// picks are replaced.
func (p *planner) together(j *infer.Job) (uses []*infer.Use) {
	for _, u := range j.Uses {
		picked := !u.Other && u.Credential.Kind == value.Secret && slices.ContainsFunc(p.picks, func(k *pick) bool {
			return slices.Contains(u.Credential.Written, spanOf(k.reference))
		})
		if picked || decide.OfJob(u) {
			uses = append(uses, u)
		}
	}
	return uses
}

// calledBy counts the calls of a workflow in its own repository.
func calledBy(r *workflow.Repository, w *workflow.Workflow) (calls int) {
	for _, caller := range r.Workflows {
		for _, j := range caller.Jobs {
			if j.Call != nil && callsLocal(j.Call, w) {
				calls++
			}
		}
	}
	return calls
}

func triggered(w *workflow.Workflow, event string) bool {
	return slices.ContainsFunc(w.Triggers, func(t workflow.Trigger) bool { return t.Event == event })
}

// isCall tells whether a job calls a reusable workflow.
func (p *planner) isCall(key jobKey) bool {
	_, j := p.jobAt(key)
	return j != nil && j.Call != nil
}

// requested is what a called job asks of its caller: the permissions that it
// names, or else what its steps take.
func (p *planner) requested(j *trace.Job, total scopes) scopes {
	g := writtenGrant(j.File, j.Job)
	if g == nil {
		return total
	}
	if g.All != "" {
		access := strings.TrimSuffix(g.All, "-all")
		total = scopes{}
		for _, k := range rules.WorkflowKeys() {
			if slices.Contains(k.Accesses, access) {
				total[k.Key] = access
			}
		}
		return total
	}
	return total.plus(g.Scopes)
}

// need is what a job's steps take of GITHUB_TOKEN, and the steps of which that
// is not known: those that hand it to something unread, those that run what
// could not be read, and those with an action that may take it by default.
func (p *planner) need(judge *decide.Judge, a *scan.Analysis, j *infer.Job) (total scopes, open []string) {
	var own []*infer.Use
	for _, u := range j.Uses {
		if !decide.OfJob(u) {
			continue
		}
		own = append(own, u)
		if len(u.Unknowns) > 0 {
			open = appendNew(open, stepName(u.Site))
		}
	}
	for _, s := range j.Sites {
		if decide.Opaque(a.Knowledge, s) {
			open = appendNew(open, stepName(s))
		}
	}
	return judge.Sum(j, own).Permissions().Workflow, open
}

func stepName(s *trace.Site) string {
	name := s.StepName()
	if name == "" {
		return "the job itself"
	}
	return fmt.Sprintf("step %d (%s)", s.Step, name)
}

func appendNew(list []string, more ...string) []string {
	for _, s := range more {
		if !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}
