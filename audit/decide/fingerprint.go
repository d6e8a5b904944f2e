package decide

import (
	"regexp"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/fingerprint"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// fingerprints makes ids that stay when lines move, steps are renamed or the
// file is laid out anew: of the file, the job, the key that the secret is
// given to, what the step runs, the secret, and last its place among equals.
type fingerprints struct {
	fingerprint.IDs
	repository *workflow.Repository
	// slots are the places of the files that were asked about: most files
	// hold no secret.
	slots map[string][]slot
}

// slot is a place of a file that can hold a secret.
type slot struct {
	span audit.Span
	// job is the ID of the job around it, key the path of keys that lead to
	// it, owner what the step around it runs. Each may be empty.
	job, key, owner string
}

func newFingerprints(r *workflow.Repository) *fingerprints {
	return &fingerprints{repository: r, slots: map[string][]slot{}}
}

// of are the places of a file.
func (f *fingerprints) of(file string) []slot {
	list, known := f.slots[file]
	if known {
		return list
	}
	for _, w := range f.repository.Workflows {
		if w.Path == file {
			list = workflowSlots(w)
		}
	}
	for _, a := range f.repository.Actions {
		if a.Path == file {
			list = actionSlots(a)
		}
	}
	f.slots[file] = list
	return list
}

func (f *fingerprints) reference(ref trace.Reference) string {
	var at slot
	for _, s := range f.of(ref.Span.File) {
		if within(ref.Span, s.span) {
			at = s
			break
		}
	}
	return f.ID("reference", ref.Span.File, at.job, at.key, at.owner, strings.ToUpper(ref.Secret))
}

// within tells whether a span begins inside another.
func within(s, outer audit.Span) bool {
	after := s.Line > outer.Line || s.Line == outer.Line && s.Column >= outer.Column
	before := s.Line < outer.EndLine || s.Line == outer.EndLine && s.Column <= outer.EndColumn
	return after && before
}

// slots gathers the places of one file.
type slots struct {
	job string
	// step is the one around the place; nil outside steps.
	step *workflow.Step
	list []slot
}

// workflowSlots are the places of a workflow that its model has a field for.
// What has none (concurrency, a matrix) has no key: a secret there is told
// from its equals by its order alone.
func workflowSlots(w *workflow.Workflow) []slot {
	s := &slots{}
	s.bindings("env", w.Env)
	s.text("env", w.EnvExpression)
	s.bindings("outputs", w.CallOutputs)
	for _, j := range w.Jobs {
		s.job = j.ID
		s.bindings("env", j.Env)
		s.text("env", j.EnvExpression)
		s.text("if", j.If)
		s.bindings("outputs", j.Outputs)
		for _, c := range j.Containers {
			s.bindings("container."+c.Name+".env", c.Env)
			s.text("container."+c.Name+".username", c.Username)
			s.text("container."+c.Name+".password", c.Password)
		}
		if j.Call != nil {
			s.bindings("call.with", j.Call.Inputs)
			s.bindings("call.secrets", j.Call.Secrets)
		}
		s.steps(j.Steps)
		// A place of the job that nothing above holds.
		s.list = append(s.list, slot{span: audit.Span{Line: j.Line, Column: 1, EndLine: j.EndLine + 1}, job: j.ID})
	}
	return s.list
}

func actionSlots(a *workflow.Action) []slot {
	s := &slots{}
	s.bindings("env", a.Env)
	for _, arg := range a.Args {
		s.text("args", arg)
	}
	s.bindings("outputs", a.Outputs)
	s.steps(a.Steps)
	return s.list
}

func (s *slots) steps(steps []*workflow.Step) {
	for _, step := range steps {
		s.step = step
		s.bindings("env", step.Env)
		s.text("env", step.EnvExpression)
		s.bindings("with", step.With)
		s.text("run", step.Run)
		s.text("if", step.If)
		s.step = nil
	}
}

func (s *slots) bindings(under string, list []workflow.Binding) {
	for _, b := range list {
		s.text(under+"."+b.Name, b.Value)
	}
}

func (s *slots) text(key string, t workflow.Text) {
	// Only a condition is an expression without its marks.
	if key != "if" && !strings.Contains(t.Value, "${{") || !strings.Contains(strings.ToLower(t.Value), "secrets") {
		return
	}
	owner := ""
	if s.step != nil {
		owner = runs(s.step)
	}
	s.list = append(s.list, slot{t.Span(0, len(t.Value)), s.job, key, owner})
}

// plainWord is a word of a script that is no assignment, flag or expansion.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./][A-Za-z0-9_./-]*$`)

// preamble are commands that many scripts begin with, so that they tell
// nothing of what a script is for.
var preamble = map[string]bool{"set": true, "cd": true, "echo": true, "export": true, "shopt": true, "mkdir": true, "source": true, ".": true, "#!/bin/bash": true}

// runs says what a step runs, in words that stay when a version is raised or
// a script grows: the name of its action, or the first words of the first
// command that says what the script is for. It tells steps of one job apart,
// so that one that is removed leaves the others their ids. A script that
// begins with another command is taken for another step.
func runs(step *workflow.Step) string {
	if name, _, _ := strings.Cut(step.Uses.Value, "@"); name != "" {
		return strings.ToLower(name)
	}
	for line := range strings.Lines(step.Run.Value) {
		words := strings.Fields(line)
		if len(words) == 0 || !plainWord.MatchString(words[0]) || preamble[words[0]] {
			continue
		}
		if len(words) > 1 && plainWord.MatchString(words[1]) {
			return words[0] + " " + words[1]
		}
		return words[0]
	}
	return ""
}
