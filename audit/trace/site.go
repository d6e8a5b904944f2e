package trace

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/change"
	"github.com/patrol-actions/patrol/audit/script"
	"github.com/patrol-actions/patrol/audit/settings"
	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// Site is a place where something runs.
type Site struct {
	// File and Line are where it is written.
	File string
	Line int
	// Step is the number of the step of the job that it belongs to, from 1;
	// 0 for the job itself.
	Step int
	step *workflow.Step
	// Hops is how control came here from the step: a composite action, a
	// local script.
	Hops []audit.Hop
	// Guards are the conditions under which it runs, where the rest of its job
	// may run without it: see [Site.Covers].
	Guards []string
	// Never says that none of the events which start its workflow lets it run: the
	// conditions around it rule them out.
	Never bool
	// parent is the command or the action whose code it is, nil for the job's own;
	// inner the step of a composite action that it belongs to, nil for others;
	// branch that of Guards which no other command has.
	parent *Site
	inner  *workflow.Step
	branch string
	// dir is [run.dir], changes is [run.changes].
	dir     value.Value
	changes *change.List
	// Env is its environment; JobEnv that of the job, without what the step
	// or a script added.
	Env, JobEnv *value.Env

	// One of the following says what runs.
	Action   *Action
	Command  *Command
	Call     *script.Call
	Registry *Registry
	// Service is a container beside the steps, with its variables in Env.
	Service *Service
	// Unread is set where code runs that cannot be read. It may stand beside
	// Action or Command, or alone.
	Unread *Unread
	// Source is the text of unread code, Reads the variables that it is seen
	// to read, Token the credential of its client: what is known of it.
	Source string
	Reads  []string
	Token  value.Value
	// Client says that Token is that of a client of GitHub's.
	Client bool
	// Pushes says that the unread code seems to push with git, or that an
	// action that was followed holds some that was not read.
	Pushes bool
	// Moves is what the unread code seems to do to the working tree with git.
	Moves Moves
	// Followed says that the code behind Action or Command was read: its own
	// sites come right after this one.
	Followed bool
	// Goreleaser are the configurations that GoReleaser is seen to run with, one
	// for each call that it may be.
	Goreleaser []settings.Goreleaser
	// Starts is the file of this repository that a command or an action starts, where
	// Followed says that one was read.
	Starts string
	// Elsewhere names the repository in whose files a command runs, where that
	// is not the audited one: nothing of the audited one's is there.
	Elsewhere string
	// Through is the action of another repository whose code this is, the
	// outermost of several; nil for the repository's own.
	Through *Action
}

// Action is a call of an action, or of a reusable workflow elsewhere.
type Action struct {
	// Name is "owner/repo" or "owner/repo/path", in lower case; "./path" for
	// a local one; "docker://image" for an image.
	Name string
	// Ref is the part behind @, "" for an image.
	Ref string
	// Workflow says that it is a reusable workflow.
	Workflow bool
	// Fetched says that its code was looked at in its own repository.
	Fetched bool
	// Meant says that GITHUB_TOKEN is the default of one of its inputs there:
	// it works with that, at least in part.
	Meant bool
	// Inputs are those given, by name in lower case.
	Inputs map[string]value.Value
	// Written are the files that the job wrote of those which inputs name as what the
	// action is to say, by the input.
	Written map[string]shell.File
	// Secrets are those given to a reusable workflow, by name.
	Secrets map[string]value.Value
	// Inherit says that a reusable workflow is given every secret.
	Inherit bool
	// written are the inputs and secrets as they stand in the file, uses is
	// how it is called.
	written []workflow.Binding
	uses    workflow.Text
}

// Is tells whether it is the action of a name, or one that does the same.
func (a *Action) Is(name string) bool { return rules.SameAs(a.Name) == name }

// Version is the tag or branch that the action is used at, for a commit the
// one that the comment behind it names; "" where none does.
func (a *Action) Version() string { return version(a.Ref, a.uses) }

// Place returns where an input or a secret is written, by its name in lower
// case; the zero Place for one that is not.
func (a *Action) Place(name string) audit.Place {
	for _, b := range a.written {
		if strings.EqualFold(b.Name, name) {
			return audit.Place{File: b.Value.Path(), Line: b.Value.Line(), Text: b.Name + ": " + oneLine(b.Value.Value)}
		}
	}
	return audit.Place{}
}

// Place is the evidence for what a site does.
func (s *Site) Place() audit.Place {
	p := audit.Place{File: s.File, Line: s.Line}
	switch {
	case s.Command != nil:
		p.Text = s.Command.Text()
	case s.Action != nil:
		p.Text = "uses: " + s.Action.Name
	}
	return p
}

// StepName is what people call the step that the site belongs to, "" for the
// job itself.
func (s *Site) StepName() string {
	if s.step == nil {
		return ""
	}
	return stepName(s.step)
}

// Title is the name that the workflow gives to the step that the site belongs
// to, and its line; "" where it gives none.
func (s *Site) Title() (name string, line int) {
	if s.step == nil || s.step.Name.IsZero() {
		return "", 0
	}
	return oneLine(s.step.Name.Value), s.step.Name.Line()
}

// StepID is the ID of the step that the site belongs to, "" where it has none.
func (s *Site) StepID() string {
	if s.step == nil {
		return ""
	}
	return s.step.ID.Value
}

// InnerID is the ID of the step of a composite action that the site belongs to,
// inner says whether it belongs to one.
func (s *Site) InnerID() (id string, inner bool) {
	if s.inner == nil {
		return "", false
	}
	return s.inner.ID.Value, true
}

// StepLines are the first and the last line of the step that the site belongs
// to, 0 for the job itself.
func (s *Site) StepLines() (first, last int) {
	if s.step == nil {
		return 0, 0
	}
	return s.step.Line, s.step.EndLine
}

// Condition is the condition of the step that the site belongs to, zero where
// there is none.
func (s *Site) Condition() workflow.Text {
	if s.step == nil {
		return workflow.Text{}
	}
	return s.step.If
}

// Script is what the step that the site belongs to runs, as it is written: its
// commands, or the input "script" of an action; zero where there is none.
func (s *Site) Script() workflow.Text {
	if s.step == nil {
		return workflow.Text{}
	}
	if i := slices.IndexFunc(s.step.With, func(b workflow.Binding) bool { return b.Name == "script" }); i >= 0 && s.step.Run.IsZero() {
		return s.step.With[i].Value
	}
	return s.step.Run
}

// Registry is a container image that the runner pulls with credentials.
type Registry struct {
	Image    value.Value
	Username value.Value
	Password value.Value
}

// Service is a container that runs beside the steps of a job.
type Service struct {
	Name  string
	Image value.Value
}

// Unread is code that cannot be read.
type Unread struct {
	// What names it, such as "scripts/release.sh".
	What string
	// Why says why, as the rest of a sentence that What begins.
	Why string
	// Settle says what would settle it.
	Settle string
}
