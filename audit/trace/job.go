package trace

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/change"
	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// call is a workflow with what its caller binds.
type call struct {
	root *workflow.Workflow
	file *workflow.Workflow
	// bound says that inputs and secrets come from a caller that was read.
	bound         bool
	unknownCaller bool
	// only are the secrets, by name in lower case, that come from somewhere;
	// nil for all.
	only    map[string]bool
	shared  bool
	inputs  map[string]value.Value // by name in lower case
	secrets map[string]value.Value // by name in lower case; nil: passed through
	inherit bool
	outer   *call // who calls; nil for a root
	granted *Granted
	callers []audit.Hop
	// events are those that may have started the run, by name.
	events []string
	// never says that the conditions of its callers let none of them come here.
	never bool
	// by and with are the scope and the call that bind inputs.
	by   *scope
	with *workflow.Call
	// boundBy are the inputs by the events that come here, as they were asked for.
	boundBy map[string]map[string]value.Value
	// folder is where the files of another repository lie, whose workflow
	// this is; empty for the audited one's.
	folder string
	// inherited is where a workflow of the audited repository hands all its
	// secrets to one of another.
	inherited audit.Span
}

// names tells whether a job names a secret.
func (t *tracer) names(w *workflow.Workflow, j *workflow.Job) bool {
	return slices.ContainsFunc(t.secretLines[w.Path], func(line int) bool { return line >= j.Line && line <= j.EndLine })
}

// light tells whether no secret but GITHUB_TOKEN comes by: none is written in
// the file, and its caller hands none over. Where all is to be read in full,
// every job is taken for one that has secrets.
func (t *tracer) light(c *call) bool {
	if t.options.Whole || t.secretive[c.file.Path] || c.inherit {
		return false
	}
	for _, v := range c.secrets {
		if v.HoldsCredential() {
			return false
		}
	}
	return c.outer == nil || t.light(c.outer)
}

func (t *tracer) root(w *workflow.Workflow, unknownCaller bool) *call {
	return &call{root: w, file: w, unknownCaller: unknownCaller, events: t.startedBy(w, unknownCaller)}
}

// workflow traces the jobs of a workflow, those first whose outputs others
// need, and returns the outputs of the whole as its caller sees them.
func (t *tracer) workflow(c *call) map[string]value.Value {
	handed := map[string]outputs{}
	done := map[string]bool{}
	var visit func(j *workflow.Job)
	visit = func(j *workflow.Job) {
		if done[j.ID] {
			return
		}
		done[j.ID] = true
		for _, need := range j.Needs {
			for _, other := range c.file.Jobs {
				if strings.EqualFold(other.ID, need) {
					visit(other)
				}
			}
		}
		handed[strings.ToLower(j.ID)] = outputs{values: t.job(c, j, handed), skips: skips(j, handed)}
	}
	for _, j := range c.file.Jobs {
		visit(j)
	}
	result := map[string]value.Value{}
	s := &scope{t: t, call: c, events: c.events, jobs: handed}
	s.env = s.workflowEnv()
	for _, b := range c.file.CallOutputs {
		result[strings.ToLower(b.Name)] = expression.Eval(b.Value, s).Via(hop(b, "output "+b.Name+" of the workflow"))
	}
	return result
}

// workflowEnv is the environment that the workflow gives to its jobs.
func (s *scope) workflowEnv() *value.Env {
	vars := map[string]value.Value{}
	base := *s
	base.matrix, base.needs = nil, nil
	for _, b := range s.call.file.Env {
		vars[b.Name] = expression.Eval(b.Value, &base).Via(hop(b, "workflow env "+b.Name))
	}
	return runnerEnv.With(vars)
}

// run is one job while it is traced.
type run struct {
	t    *tracer
	call *call
	job  *Job
	// dir is the folder of a step whose script is not for a shell, while it is read.
	dir value.Value
	// exports are the variables written to $GITHUB_ENV so far, open says that others
	// may be, or were set when the job began.
	exports map[string]Kept
	open    bool
	// perhaps has the outputs that the step which was read last may not set.
	perhaps map[string]bool
	// state is what the action being read keeps for its script that runs at the
	// end of the job.
	state map[string]value.Value
	// files are the files that scripts wrote so far, by path, as kept has them.
	files map[string]value.Value
	// changes are those that the job has made of the files of the checkout so far,
	// stale the files of which that was read whose text is not known any more.
	changes *change.List
	stale   []staleFile
	// checkout reads the files that were changed.
	checkout change.Files
	// hooksAt is the folder that git takes its hooks from, once the job has set one.
	hooksAt string
	// huskyAt is the folder of the hooks that husky has put in place.
	huskyAt string
	// managed is what the configuration of a manager of hooks holds that has put
	// them in place, nil for none, and managedAt the folder that it lies in.
	managed   *rules.Hook
	managedAt string
	kept      map[string]Kept
	// parts tells of which of them a part only is known.
	parts map[string]bool
	// parent is the command or the action that is being followed, inner the step of
	// a composite action, readings counts those of scripts.
	parent *Site
	// apart says that what stands beside a recipe runs where that fails.
	apart    bool
	inner    *workflow.Step
	readings int
	// checkouts are what was checked out so far: every file that is read is
	// looked for there.
	checkouts []checkout
	// made are the branches that the job has made.
	made []string
	// fetched is the ref that it has fetched last, "" where that is not one alone.
	fetched string
	// jobEnv is the environment of the job itself.
	jobEnv *value.Env
	// light says that the job names no secret but GITHUB_TOKEN, and that none
	// has come by so far.
	light bool
	// stack holds the local code being read, to stop at cycles.
	stack []string
	// shell is the one that the commands being followed stand in, nil for those
	// of other languages.
	shell *ownShell
	// wrapped is the script of the step, while what its shell does is read.
	wrapped *wrappedScript
	// through is the action of another repository whose code is being read.
	through *Action
	// modules are the files of JavaScript that were read of it.
	modules map[string]string
	// guards are the conditions under which the code runs that is being read,
	// branches counts those of scripts.
	guards   []string
	branches int
	// never is [Site.Never] of the code that is being read.
	never bool
	// forgiven says that the job goes on where the step fails that is being read.
	forgiven bool
}

// job traces one job and returns its outputs.
func (t *tracer) job(c *call, j *workflow.Job, needs map[string]outputs) (found map[string]value.Value) {
	s := &scope{t: t, call: c, events: c.events, never: c.never, needs: needs, matrix: matrix(j), steps: map[string]outputs{}}
	if c.bound && expression.Condition(j.If, s) == expression.No {
		return nil
	}
	s.when(j.If)
	env := s.workflowEnv()
	s.env = env
	vars := map[string]value.Value{}
	for _, b := range j.Env {
		vars[b.Name] = expression.Eval(b.Value, s).Via(hop(b, "job env "+b.Name))
	}
	for _, container := range j.Containers {
		for _, b := range container.Env {
			// The job's own variables go before those of its container.
			_, set := vars[b.Name]
			if _, outer := env.Lookup(b.Name); container.Name == "container" && !set && !outer {
				vars[b.Name] = expression.Eval(b.Value, s).Via(hop(b, "container env "+b.Name))
			}
		}
	}
	s.env = env.With(vars)
	out := &Job{
		Root: c.root, File: c.file, Job: j, Callers: c.callers, UnknownCaller: c.unknownCaller, Shared: c.shared,
		Permissions: granted(c, j), Granting: c.granted,
	}
	light := t.light(c)
	// Else nothing is asked of this job: it has no secret to judge, and none of
	// a called workflow to say what it is, and nobody says what its
	// GITHUB_TOKEN may do, or its caller decides. Others may need its outputs.
	asked := !light || out.Permissions != nil && len(c.callers) == 0 || j.Call != nil && len(j.Call.Secrets) > 0
	if !asked && len(j.Outputs) == 0 && j.Call == nil {
		return nil
	}
	r := &run{t: t, call: c, job: out, light: !t.options.Whole && (light || !t.names(c.file, j)), exports: map[string]Kept{}, files: map[string]value.Value{}, kept: map[string]Kept{}, parts: map[string]bool{}, never: s.never, checkout: change.Files{Read: t.textOf}}
	if r.open = r.beginsOpen(j, s); !r.open {
		s.env = s.env.Closed()
	}
	r.jobEnv = s.env
	if asked {
		t.result.Jobs = append(t.result.Jobs, out)
	}
	if t.options.Traced != nil && asked {
		defer t.options.Traced(out)
	}
	if t.options.Fell != nil {
		defer func() {
			if fault := recover(); fault != nil {
				found = nil
				r.fell(fault)
			}
		}()
	}
	if j.Call != nil {
		return r.reusable(j, s)
	}
	for _, container := range j.Containers {
		r.container(container, s)
	}
	for _, step := range j.Steps {
		r.step(step, s, s.env, nil, position{number: step.Number, step: step})
	}
	found = map[string]value.Value{}
	s.env = s.env.With(r.exportsNow())
	for _, b := range j.Outputs {
		found[strings.ToLower(b.Name)] = expression.Eval(b.Value, s).Via(hop(b, "output "+b.Name+" of job "+j.ID))
	}
	return found
}

// fell leaves a job unread whose reading ended by a fault of this program.
func (r *run) fell(fault any) {
	site := Fallen(r.job)
	site.Env, site.JobEnv = r.jobEnv, r.jobEnv
	r.job.Sites = nil
	r.emit(site)
	r.t.options.Fell(r.job, fault)
}

// Fallen is the one site of a job of which no more is known than that a fault of
// this program ended the reading of it.
func Fallen(j *Job) *Site {
	return &Site{
		File: j.File.Path, Line: j.Job.Line, Env: runnerEnv, JobEnv: runnerEnv,
		Unread: &Unread{"job " + j.Job.ID, "ended the reading of it by a fault of Patrol itself", "report it, with the job"},
	}
}

// container notes the credentials with which the runner pulls an image.
func (r *run) container(c workflow.Container, s *scope) {
	if c.Name != "container" && len(c.Env) > 0 {
		r.service(c, s)
	}
	if c.Password.IsZero() {
		return
	}
	r.emit(&Site{
		File: r.call.file.Path, Line: c.Password.Line(), Env: r.jobEnv, JobEnv: r.jobEnv,
		Registry: &Registry{
			Image:    expression.Eval(c.Image, s),
			Username: expression.Eval(c.Username, s),
			Password: expression.Eval(c.Password, s),
		},
	})
}

// service notes a container beside the steps, which has no variables but its own.
func (r *run) service(c workflow.Container, s *scope) {
	vars := map[string]value.Value{}
	for _, b := range c.Env {
		vars[b.Name] = expression.Eval(b.Value, s).Via(hop(b, "service env "+b.Name))
	}
	env := runnerEnv.With(vars)
	if !env.HoldsCredential() {
		return
	}
	r.emit(&Site{
		File: r.call.file.Path, Line: c.Env[0].Value.Line(), Env: env, JobEnv: r.jobEnv,
		Service: &Service{Name: c.Name, Image: expression.Eval(c.Image, s)},
	})
}

func (r *run) emit(site *Site) {
	site.dir = r.dir
	site.changes = r.changes
	site.Through, site.Guards, site.Never, site.parent, site.inner = r.through, r.guards, r.never, r.parent, r.inner
	r.job.Sites = append(r.job.Sites, site)
	r.t.sites++
	if site.Command != nil {
		site.Elsewhere = r.elsewhere(site.Command.Dir, ".")
	}
	r.checksOut(site)
}

// matrix returns the values of a job's matrix by dotted name.
func matrix(j *workflow.Job) map[string]value.Value {
	out := map[string]value.Value{}
	for name, values := range j.Matrix {
		var vs []value.Value
		for _, v := range values {
			vs = append(vs, value.Text(v))
		}
		if j.MatrixLacks[name] {
			vs = append(vs, nil)
		}
		out[strings.ToLower(name)] = value.Choice(vs...)
	}
	return out
}

// hop is the hop of a value that is written in a binding.
func hop(b workflow.Binding, what string) audit.Hop {
	return audit.Hop{File: b.Value.Path(), Line: b.Value.Line(), What: what}
}

func oneLine(s string) string {
	var b strings.Builder
	runes := 0
	for field := range strings.FieldsSeq(s) {
		if runes > 0 {
			b.WriteByte(' ')
			runes++
		}
		b.WriteString(field)
		if runes += utf8.RuneCountInString(field); runes > 120 {
			return string([]rune(b.String())[:119]) + "…"
		}
	}
	return b.String()
}

func stepName(s *workflow.Step) string {
	switch {
	case !s.Name.IsZero():
		return oneLine(s.Name.Value)
	case !s.Uses.IsZero():
		return s.Uses.Value
	}
	line, _, _ := strings.Cut(strings.TrimSpace(s.Run.Value), "\n")
	return oneLine(line)
}

func isJobToken(name string) bool { return strings.EqualFold(name, "GITHUB_TOKEN") }
