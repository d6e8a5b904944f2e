// Package trace follows the values of a repository's workflows to the places
// where something runs with them.
//
// It takes each job in turn, its steps in order, with the environment that
// the step has: variables of workflow, job and step, $GITHUB_ENV, outputs of
// earlier steps and jobs, inputs and secrets bound by callers. Composite
// actions and reusable workflows of the repository are entered with what
// their caller binds, local scripts with the environment of the command that
// starts them. What comes out are [Site]s in the order of execution: action
// calls, commands and API calls of scripts, each with the symbolic values
// that reach it. What they do to GitHub is for package infer to say.
package trace

import (
	"cmp"
	"context"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/change"
	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// Result is what was traced.
type Result struct {
	// Jobs are the ways in which jobs run, in the order of workflows. A job
	// of a reusable workflow stands here once for each local caller.
	Jobs []*Job
	// References are all places where a secret is written, by file and
	// position. GITHUB_TOKEN is none.
	References []Reference
	// Open are the places where secrets go that no reference names.
	Open []audit.Opening
	// Problems are expressions and scripts that could not be read.
	Problems []audit.Problem

	handed map[Reference]Handed
}

// Reference is one place where a secret is written.
type Reference struct {
	Secret string
	Span   audit.Span
	// Tested says that the value is not handed on there: the expression only
	// compares it, or asks whether it is set.
	Tested bool
}

// Job is one way in which a job runs.
type Job struct {
	// Root is the workflow whose triggers start it.
	Root *workflow.Workflow
	// File is the workflow that the job is written in: Root, or a reusable
	// workflow that Root calls.
	File *workflow.Workflow
	// Job is the job as written.
	Job *workflow.Job
	// Callers are the calls that lead from Root to File.
	Callers []audit.Hop
	// UnknownCaller says that File is a reusable workflow that nothing in
	// this repository calls, so that "this repository" is the caller's.
	UnknownCaller bool
	// Shared says that File, or a workflow on the way to it, shows that other
	// repositories call it as well as this one.
	Shared bool
	// Permissions are those that the job's GITHUB_TOKEN has been given; nil
	// where nobody says, so that the repository's default holds.
	Permissions *Granted
	// Granting is what the job has been given that calls File; nil where nothing
	// in this repository does, or nobody says.
	Granting *Granted
	// Sites are what runs, in order.
	Sites []*Site
}

// About says what the events that start a job are about: issues, pull
// requests, or "" for both or neither.
func (j *Job) About() string {
	if condition := j.Job.If.Value; !strings.Contains(condition, "pull_request") {
		// Most conditions say nothing of it.
	} else if m := onPullRequest.FindStringSubmatch(condition); m != nil {
		if m[1] == "!" {
			return "issues"
		}
		return "pull_requests"
	}
	result := ""
	for _, t := range j.Root.Triggers {
		is := ""
		switch {
		case strings.HasPrefix(t.Event, "pull_request"):
			is = "pull_requests"
		case t.Event == "issues":
			is = "issues"
		case t.Event == "workflow_dispatch" || t.Event == "schedule":
			continue
		}
		if !j.Job.If.IsZero() && expression.Condition(j.Job.If, startedBy(t.Event)) == expression.No {
			continue
		}
		if is == "" || result != "" && result != is {
			return ""
		}
		result = is
	}
	return result
}

// startedBy is what is known of a run by the event that started it.
type startedBy string

// Context implements expression.Scope.
func (event startedBy) Context(path []string) value.Value {
	if name := strings.Join(path, "."); name != "github.event_name" {
		return value.Unknown(name)
	}
	return value.Text(string(event))
}

// Secret implements expression.Scope.
func (startedBy) Secret(name string, _ audit.Span) value.Value { return value.Unknown(name) }

// onPullRequest matches the condition by which jobs for issue_comment tell a
// pull request's comments from an issue's.
var onPullRequest = regexp.MustCompile(`(!?)\s*github\.event\.issue\.pull_request\b`)

// Options tune a trace.
type Options struct {
	// Mints returns the outputs of an action that hold an installation
	// token which the action made.
	Mints func(action string) []string
	// Described tells whether somebody describes what a command starts, by
	// its words and the folder it runs in, or an action: then that holds,
	// and the code behind it is not read. Nil where nothing is described.
	Described interface {
		Command(words []string, folder string) bool
		Action(name string) bool
	}
	// EnterpriseServer says that the repository is on no server with runners of
	// GitHub's.
	EnterpriseServer bool
	// Remote gives the code of other repositories; nil where nobody is asked.
	Remote Remote
	// Traced is called with each job as soon as its sites are known, which it
	// may leave out then: all of them together take much memory. Nil for none.
	Traced func(*Job)
	// Memory is what traces of the same repository before have read, where only
	// workflows differ; nil for none.
	Memory *Memory
	// Fell is told of a job whose reading ended by a fault of this program, with
	// what the runtime says of that; such a job is unread, and the others go on.
	// Nil lets the fault end the program, as tests want it.
	Fell func(job *Job, fault any)
	// Whole reads every job in full, also those that no secret comes by: of
	// these an audit asks little.
	Whole bool
	// Context ends the trace once it is done: what comes out then is of no
	// use. Nil for no end.
	Context context.Context
}

// Memory holds the scripts that were read. It is not safe for concurrent use.
type Memory struct {
	parsed  shell.Parsed
	scripts map[string][]readScript
}

// NewMemory returns one that holds nothing.
func NewMemory() *Memory { return &Memory{shell.Parsed{}, map[string][]readScript{}} }

// Trace traces every workflow of a repository.
func Trace(repository *workflow.Repository, options Options) *Result {
	memory := options.Memory
	if memory == nil {
		memory = NewMemory()
	}
	t := &tracer{repository: repository, options: options, result: &Result{}, texts: map[string]string{}, parsed: memory.parsed, scripts: memory.scripts, writings: map[string][]change.Writing{}, makefiles: map[string]*makefile{}, taskfiles: map[string]*taskfile{}, artifacts: map[string][]string{}, goPrograms: map[string]goText{}, textTraits: map[string]*textTraits{}, workspaces: map[string]*workspace{}, aliases: map[string][]pathAlias{}, libraries: shell.Libraries{}, secretive: map[string]bool{}, secretLines: map[string][]int{}}
	t.callers()
	t.inventory()
	for _, w := range repository.Workflows {
		if t.onlyCalled(w) && t.called[w.Path] {
			if names := t.missed(w); len(names) > 0 {
				c := t.root(w, true)
				c.only = names
				t.workflow(c)
			}
			continue
		}
		t.workflow(t.root(w, t.onlyCalled(w)))
	}
	t.sortInherited()
	t.openings()
	slices.SortFunc(t.result.Problems, func(a, b audit.Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Message, b.Message))
	})
	t.result.Problems = slices.Compact(t.result.Problems)
	return t.result
}

// tracer holds what is shared by all workflows of a repository.
type tracer struct {
	repository *workflow.Repository
	options    Options
	result     *Result
	// called has the paths of the workflows that another one calls.
	called map[string]bool
	// given has what the calls of a workflow hand over, by its path.
	given map[string]*given
	// shared has the paths of those that show that others call them too.
	shared map[string]bool
	// secretive has the paths of the workflows that name secrets.
	secretive map[string]bool
	// secretLines has the lines on which a workflow names secrets.
	secretLines map[string][]int
	// relays has the actions by which workflows here start others, and hand on
	// what they got; nil before it was asked for.
	relays []string
	// texts has files as text, by their paths: scripts are run again and again.
	texts map[string]string
	// parsed has the scripts that were read.
	parsed shell.Parsed
	// scripts has what was read of JavaScript, by the file.
	scripts map[string][]readScript
	// libraries has the scripts that others source, likewise.
	libraries shell.Libraries
	// writings has the files that code is seen to write, by its text.
	writings map[string][]change.Writing
	// makefiles has those that were read, by their paths.
	makefiles map[string]*makefile
	// taskfiles has the files of other task runners, likewise.
	taskfiles map[string]*taskfile
	// artifacts has the files of the checkout that an artifact brings, by its workflow
	// and its name.
	artifacts map[string][]string
	// goPrograms has the programs in Go that were asked for, by their files.
	goPrograms map[string]goText
	// textTraits has what texts of code seem to do, by these.
	textTraits map[string]*textTraits
	// workspaces are those of package managers, by their folders; nil for a
	// folder that holds none.
	workspaces map[string]*workspace
	// aliases are those of tsconfig.json by its folder; nil for none.
	aliases map[string][]pathAlias
	// sites counts those of all jobs.
	sites int
	// away is what was read of other repositories.
	away away
}

// callers notes which workflows another one calls, and which of them show that
// other repositories call them too: the call names them as those would. Inputs
// and secrets that no call here gives tell nothing, as they are optional. What a
// workflow is only tested by is there for others to call.
func (t *tracer) callers() {
	t.called, t.shared, t.given = map[string]bool{}, map[string]bool{}, map[string]*given{}
	for _, w := range t.repository.Workflows {
		for _, j := range w.Jobs {
			if j.Call == nil {
				continue
			}
			if path, ok := t.repository.OwnWorkflow(j.Call.Uses.Value); ok && path != w.Path {
				t.called[path] = t.called[path] || !tests(w.Path, path)
				if t.given[path] == nil {
					t.given[path] = &given{secrets: map[string]bool{}}
				}
				t.given[path].add(j.Call)
				t.shared[path] = t.shared[path] || !strings.HasPrefix(j.Call.Uses.Value, "./")
			}
		}
	}
}

// given is what the calls of a workflow hand over together.
type given struct {
	inherit bool
	secrets map[string]bool // by name in lower case
}

func (g *given) add(c *workflow.Call) {
	g.inherit = g.inherit || c.Inherit
	for _, b := range c.Secrets {
		g.secrets[strings.ToLower(b.Name)] = true
	}
}

// missed are the secrets, in lower case, that a workflow reads, and that no call
// here hands over: other repositories call it with them, or with all that they
// have.
func (t *tracer) missed(w *workflow.Workflow) map[string]bool {
	g, out := t.given[w.Path], map[string]bool{}
	if g.inherit {
		return nil
	}
	for _, r := range t.result.References {
		if name := strings.ToLower(r.Secret); r.Span.File == w.Path && !g.secrets[name] && !isJobToken(name) {
			out[name] = true
		}
	}
	return out
}

// testWord matches what marks the name of a test.
var testWord = regexp.MustCompile(`(?i)(?:^|[-_.])(?:self[-_]?)?tests?(?:[-_.]|$)`)

// tests tells whether a workflow is, by its name, the test of another one:
// "test-backport.yml" of "backport.yml".
func tests(caller, callee string) bool {
	stem := func(name string) string { return strings.TrimSuffix(path.Base(name), path.Ext(name)) }
	return testWord.MatchString(stem(caller)) && strings.Contains(testWord.ReplaceAllString(stem(caller), "-"), stem(callee)) && !testWord.MatchString(stem(callee))
}

// onlyCalled tells whether a workflow runs only when another calls it.
func (t *tracer) onlyCalled(w *workflow.Workflow) bool {
	for _, trigger := range w.Triggers {
		if trigger.Event != "workflow_call" {
			return false
		}
	}
	return len(w.Triggers) > 0
}

// inventory lists every secret that is written anywhere, whether or not the
// trace comes by.
func (t *tracer) inventory() {
	for _, w := range t.repository.Workflows {
		t.opensEnvironments(w)
		bare := map[workflow.Text]bool{}
		condition := func(text workflow.Text) {
			// Few conditions name one, and to look up every text would take long.
			if strings.Contains(strings.ToLower(text.Value), "secrets") {
				bare[text] = true
			}
		}
		for _, j := range w.Jobs {
			if j.Call != nil && j.Call.Inherit {
				t.secretive[w.Path] = true
			}
			condition(j.If)
			for _, s := range j.Steps {
				condition(s.If)
			}
		}
		for text := range w.Texts() {
			t.references(text, bare[text])
		}
	}
	for _, a := range t.repository.Actions {
		for text := range a.Texts() {
			t.references(text, false)
		}
	}
	slices.SortFunc(t.result.References, func(a, b Reference) int {
		return cmp.Or(cmp.Compare(a.Span.File, b.Span.File), cmp.Compare(a.Span.Line, b.Span.Line), cmp.Compare(a.Span.Column, b.Span.Column))
	})
	// An anchored node is visited at each of its aliases, but written once.
	t.result.References = slices.Compact(t.result.References)
}

// named notes a place where a secret is written.
func (t *tracer) named(span audit.Span) {
	t.secretive[span.File] = true
	t.secretLines[span.File] = append(t.secretLines[span.File], span.Line)
}

func (t *tracer) references(text workflow.Text, bare bool) {
	secrets, problems := expression.Scan(text, bare)
	for _, p := range problems {
		t.result.Problems = append(t.result.Problems, audit.Problem{
			File: p.Span.File, Line: p.Span.Line, Column: p.Span.Column, Message: p.Message,
		})
	}
	for _, written := range secrets {
		if isJobToken(written.Name) {
			continue
		}
		t.named(written.Span)
		if written.Name == expression.AllSecrets {
			t.open(audit.OpenAll, written.Span)
			continue
		}
		t.result.References = append(t.result.References, Reference{written.Name, written.Span, written.Tested})
	}
}
