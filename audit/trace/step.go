package trace

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// position tells which step of the job a site belongs to.
type position struct {
	number int
	step   *workflow.Step
	hops   []audit.Hop
}

// within returns p one hop deeper.
func (p position) within(file string, line int, what string) position {
	p.hops = append(slices.Clip(p.hops), audit.Hop{File: file, Line: line, What: what})
	return p
}

// step traces a step of a job or of a composite action. outer is the
// environment of the call that the step stands in; inner lays the variables
// of enclosing steps over it.
func (r *run) step(step *workflow.Step, s *scope, outer *value.Env, inner map[string]value.Value, at position) {
	guards := r.guards
	r.guards = append(slices.Clip(guards), conditions(step.If.Value, at)...)
	defer func() { r.guards = guards }()
	r.opens(!step.EnvExpression.IsZero())
	base := outer.With(r.exportsNow()).With(inner)
	if r.open {
		base = base.Opened()
	}
	here := *s
	here.env, here.guards = base, r.guards
	vars := make(map[string]value.Value, len(step.Env))
	for _, b := range step.Env {
		vars[b.Name] = expression.Eval(b.Value, &here).Via(hop(b, "step env "+b.Name))
	}
	env := base.With(vars)
	here.env = env
	// A runner sets the step's own variables before it asks for its condition.
	if (s.composite || r.call.bound) && expression.Condition(step.If, &here) == expression.No {
		if !step.ID.IsZero() && s.steps != nil {
			s.steps[strings.ToLower(step.ID.Value)] = outputs{none: true}
		}
		return
	}
	here.when(step.If)
	never, forgiven := r.never, r.forgiven
	r.never, r.forgiven = r.never || here.never, r.forgiven || step.Forgiven
	defer func() { r.never, r.forgiven = never, forgiven }()
	r.perhaps = nil
	var found map[string]value.Value
	switch {
	case !step.Run.IsZero():
		found = r.script(step, &here, env, at)
	case !step.Uses.IsZero():
		found = r.action(step, &here, env, over(vars, inner), at)
	}
	if step.ID.IsZero() || s.steps == nil {
		return
	}
	out := outputs{values: make(map[string]value.Value, len(found)), perhaps: r.perhaps, guards: r.guards, forgiven: step.Forgiven}
	for name, v := range found {
		out.values[strings.ToLower(name)] = v.Via(audit.Hop{File: step.ID.Path(), Line: step.Line, What: "output " + name + " of step " + step.ID.Value})
	}
	s.steps[strings.ToLower(step.ID.Value)] = out
}

// over lays variables over others; what it returns is never changed.
func over(vars, others map[string]value.Value) map[string]value.Value {
	switch {
	case len(vars) == 0:
		return others
	case len(others) == 0:
		return vars
	}
	out := maps.Clone(others)
	maps.Copy(out, vars)
	return out
}

// exportsNow returns the exports as code finds them that runs now.
func (r *run) exportsNow() map[string]value.Value {
	if len(r.exports) == 0 {
		return nil
	}
	out := make(map[string]value.Value, len(r.exports))
	for name, kept := range r.exports {
		out[name], _ = kept.At(r.guards)
	}
	return out
}

// script traces a run step and returns its outputs.
func (r *run) script(step *workflow.Step, s *scope, env *value.Env, at position) map[string]value.Value {
	started, program := r.started(step, s)
	directory := step.Directory
	if directory.IsZero() {
		directory = r.job.Job.DefaultDirectory
	}
	if directory.IsZero() {
		directory = r.call.file.DefaultDirectory
	}
	masked, table := expression.Mask(step.Run, s)
	own := ownScript{
		step: step, source: masked, table: table, dir: repositoryPath(expression.Eval(directory, s)), folds: r.folds(s),
		started: started, program: program,
	}
	if line, by := r.shellLine(step, s, own.dir); line != "" {
		return r.byWrapper(own, line, by, env, at)
	}
	return r.scriptOf(own, env, at)
}

// ownScript is the script of a step.
type ownScript struct {
	step   *workflow.Step
	source string
	table  *value.Table
	dir    value.Value
	folds  shell.Folding
	// started is the shell that reads it, program another interpreter in its place.
	started stepShell
	program string
}

// scriptOf traces the script of a step where its shell has started, and returns the
// outputs.
func (r *run) scriptOf(own ownScript, env *value.Env, at position) map[string]value.Value {
	step, started, masked, table, dir := own.step, own.started, own.source, own.table, own.dir
	file, line := step.Run.Path(), lineOfText(step.Run)
	if program := own.program; program != "" {
		r.dir = dir
		defer func() { r.dir = nil }()
		r.opens(program == "node" && javaScriptOpens(masked))
		// The program is given the script, as a shell gives it one.
		c := shell.Command{Args: []value.Value{value.Text(program)}, Whole: true, Env: env, Dir: dir, Stdin: table.Value(masked), HasStdin: true}
		r.emit(&Site{
			File: file, Line: step.Run.Line(), Step: at.number, step: at.step, Hops: at.hops, Env: env, JobEnv: r.jobEnv, Followed: true,
			Command: &Command{Command: c, text: func(int, int) string { return "shell: " + program }},
		})
		return r.foreign(foreignScript{language: program, source: masked, table: table, file: file, line: line, env: env, at: at})
	}
	if r.idle(step.Run.Value, table, env) {
		r.opens(true)
		return map[string]value.Value{}
	}
	if r.exhausted() {
		r.opens(true)
		r.unparsed(step, masked, table, env, at, tooMany("the script", ""))
		return map[string]value.Value{}
	}
	if started.others {
		env = env.Opened()
	}
	result := shell.Interpret(shell.Input{
		Source: masked, Table: table, Dialect: started.dialect, Errexit: started.errexit, Pipefail: started.pipefail,
		Env: env, Dir: dir, Files: r.files, Parts: r.parts, Parsed: r.t.parsed, Top: r.topLevel, Read: r.reader(""), Folds: own.folds,
	})
	for _, p := range result.Problems {
		r.problem(file, line.line(p.Offset), p.Message)
	}
	r.keep(result)
	in := &ownShell{source: masked, file: file, table: table, env: env, dir: dir, unseen: result.Unseen || started.dialect != shell.Bash}
	r.in(in, func() { r.commands(result, file, line, at) })
	switch {
	case result.Truncated:
		r.unparsed(step, masked, table, env, at, &Unread{"the script", "is too long to be read to its end", "read what it does with the token"})
	case len(result.Problems) > 0:
		r.unparsed(step, masked, table, env, at, &Unread{"the script", "does not parse, so that it is read line by line only", "mend the script"})
	}
	return r.effects(result, file, step.Line)
}

// telling are words of scripts that hand something on, or that write to the
// repository with the credentials that a checkout stored.
var telling = []string{"GITHUB_ENV", "GITHUB_OUTPUT", "set-env", "set-output", "push", "release", "publish", "deploy", "commit", "tag"}

// idle tells whether a script need not be read: it is one of a job without
// secrets, no credential reaches it but what a checkout may have stored for
// reading, nothing in it speaks of writing, and the job gives nothing of its
// own that the script might take. It would be wrong for a local script that
// pushes under a name that does not say so, in a job that must not: there,
// missing-permissions stays silent.
func (r *run) idle(source string, table *value.Table, env *value.Env) bool {
	if !r.light || env.HoldsCredential() || table.HoldsCredential() {
		return false
	}
	if g := r.job.Permissions; g != nil && (g.Access("contents") == "write" || len(g.Own()) > 0) {
		return false
	}
	return !slices.ContainsFunc(telling, func(w string) bool { return strings.Contains(source, w) }) &&
		!((strings.Contains(source, ">") || strings.Contains(source, "tee")) && writesScript.MatchString(source))
}

// writesScript matches what writes a script for later steps.
var writesScript = regexp.MustCompile(`(?:>|\btee\b)[^\n;|&]*\.(?:sh|bash|ps1|py|[cm]?[jt]s|rb|pl)\b`)

// speaksOfPush tells whether code that is not all read seems to push with git.
func speaksOfPush(source string) bool {
	return strings.Contains(source, "git") && strings.Contains(source, "push")
}

// unparsed notes that a script was read line by line only, so that what is
// seen of it may be wrong, or not at all.
func (r *run) unparsed(step *workflow.Step, source string, table *value.Table, env *value.Env, at position, why *Unread) {
	r.emit(&Site{
		File: step.Run.Path(), Line: step.Run.Line(), Step: at.number, step: at.step, Hops: at.hops, Env: env, JobEnv: r.jobEnv,
		Unread: why, Token: table.Value(source), Reads: env.Credentials(), Pushes: speaksOfPush(source),
	})
}

func (r *run) problem(file string, line int, message string) {
	if audit.Elsewhere(file) {
		return // the faults of others are theirs to mend
	}
	r.t.result.Problems = append(r.t.result.Problems, audit.Problem{File: file, Line: line, Message: message})
}

// effects keeps the variables that a script sets for later steps, and returns
// its outputs.
func (r *run) effects(result shell.Result, file string, line int) map[string]value.Value {
	r.opens(result.Opens)
	for name, v := range result.Env {
		guards := r.guards
		if result.Perhaps[name] {
			guards = append(slices.Clip(guards), r.newBranch())
		}
		kept := r.exports[name]
		before, _ := r.jobEnv.Lookup(name)
		if r.forgiven && (kept.Any() || len(before) > 0) {
			guards = append(slices.Clip(guards), r.newBranch()) // the step may have failed before
		}
		if !kept.Any() && !v.HoldsCredential() && !mayBeEmpty(v) {
			kept = Begun(before)
		}
		r.exports[name] = kept.Keep(v.Via(audit.Hop{File: file, Line: line, What: "$GITHUB_ENV " + name}), guards, before)
	}
	for name := range result.PerhapsOutputs {
		if r.perhaps == nil {
			r.perhaps = map[string]bool{}
		}
		r.perhaps[strings.ToLower(name)] = true
	}
	outputs := result.Outputs
	if outputs == nil {
		outputs = map[string]value.Value{}
	}
	return outputs
}
