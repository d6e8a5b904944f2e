package trace

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// reusable traces the workflow that a job calls.
func (r *run) reusable(j *workflow.Job, s *scope) map[string]value.Value {
	c := r.call
	uses := j.Call.Uses
	secrets := map[string]value.Value{}
	name := uses.Value
	inputs := s.bind(j.Call)
	for _, b := range j.Call.Secrets {
		secrets[strings.ToLower(b.Name)] = expression.Eval(b.Value, s).Via(hop(b, "secret "+b.Name+" of "+name))
	}
	to := r.callee(j.Call, inputs, secrets)
	many := len(r.t.result.Jobs) >= maxJobs || r.t.sites >= 2*maxSites
	if to.file != nil && len(c.callers) < maxDepth && !calls(c, to.file) && !many {
		r.t.opensCall(c, j.Call, to.file)
		return r.t.workflow(&call{
			root: c.root, file: to.file, bound: true, unknownCaller: c.unknownCaller, shared: c.shared || to.folder == "" && r.t.shared[to.file.Path],
			events: s.events, never: s.never, by: s, with: j.Call,
			inputs: inputs, secrets: secrets, inherit: j.Call.Inherit, outer: c, granted: r.job.Permissions,
			callers: append(slices.Clip(c.callers), audit.Hop{File: c.file.Path, Line: uses.Line(), What: "calls " + to.words}),
			folder:  to.folder, inherited: inherited(c, j.Call, to.folder),
		})
	}
	if !calls(c, to.file) {
		r.t.opensCall(c, j.Call, nil)
	}
	site := &Site{File: c.file.Path, Line: uses.Line(), Env: r.jobEnv, JobEnv: r.jobEnv}
	action, ref, _ := strings.Cut(name, "@")
	site.Action = &Action{
		Name: strings.ToLower(action), Ref: ref, Workflow: true, Inputs: inputs, Secrets: secrets,
		Inherit: j.Call.Inherit, written: append(slices.Clip(j.Call.Inputs), j.Call.Secrets...),
	}
	site.Unread = to.unread
	switch {
	case to.file != nil && many:
		// What that call makes of the secrets named there is nowhere else said.
		site.Unread = tooMany(name, "")
		r.problem(c.file.Path, uses.Line(), "too many jobs run before this call: it is not followed")
	case to.file != nil:
		site.Unread = &Unread{name, "calls itself", "break the cycle of calls"}
	}
	r.emit(site)
	return nil
}

// bind evaluates the inputs that a call gives.
func (s *scope) bind(c *workflow.Call) map[string]value.Value {
	inputs := map[string]value.Value{}
	for _, b := range c.Inputs {
		inputs[strings.ToLower(b.Name)] = expression.Eval(b.Value, s).Via(hop(b, "input "+b.Name+" of "+c.Uses.Value))
	}
	return inputs
}

// callee is a workflow that a job calls.
type callee struct {
	// file is nil where it cannot be read; unread then says why.
	file   *workflow.Workflow
	unread *Unread
	// folder is that of another repository, words name the workflow.
	folder, words string
}

// callee finds the workflow that a job calls, with what the call gives it.
func (r *run) callee(c *workflow.Call, inputs, secrets map[string]value.Value) callee {
	uses := c.Uses.Value
	path, local := r.t.repository.OwnWorkflow(uses)
	switch {
	case strings.HasPrefix(uses, "./") && r.call.folder != "":
		return r.t.remoteWorkflow(r.call.folder, path, uses, "")
	case local:
		return callee{file: r.t.repository.Workflow(path), words: path, unread: &Unread{uses, "is not in this repository", "check the path"}}
	case r.t.options.Remote != nil && r.gives(c, inputs, secrets):
		return r.mountWorkflow(c.Uses)
	}
	return callee{unread: elsewhere(uses)}
}

func elsewhere(uses string) *Unread {
	return &Unread{uses, "is a reusable workflow of another repository", "audit that repository too, or read what it does with the secret"}
}

// calls tells whether c runs inside a call of w already.
func calls(c *call, w *workflow.Workflow) bool {
	for ; c != nil; c = c.outer {
		if c.file == w {
			return true
		}
	}
	return false
}
