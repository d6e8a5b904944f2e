package workflow

import (
	"io/fs"
	"iter"
	"slices"

	"github.com/patrol-actions/patrol/audit"
)

// Binding is a name that is given a value: a variable, an input, an output,
// a secret.
type Binding struct {
	// Name is the name as written.
	Name string
	// NameText is the name with its place. It is zero for the few names that
	// the parser keeps no place of (with.entrypoint, with.args).
	NameText Text
	// Value is the value.
	Value Text
}

// Repository is what was read of a repository.
type Repository struct {
	// Name is "owner/name" where the caller knows it, see [GuessName]. Load
	// leaves it empty.
	Name string
	// Workflows are sorted by path.
	Workflows []*Workflow
	// Actions are the repository's own actions by folder, "." for the root.
	Actions map[string]*Action
	// Problems are the faults of what was read, sorted by place.
	Problems []audit.Problem

	fsys fs.FS
	// missing has the files that were asked for in vain, and their folders
	// where these are not there either: many steps run the same program, whose
	// configuration may have any of a dozen names.
	missing map[string]bool
	// contents has the files that were read, up to maxKept bytes; kept counts
	// those.
	contents map[string][]byte
	kept     int
	// folders has the folders that were listed, up to maxListed names in all, which
	// keptEntries counts.
	folders     map[string][]fs.DirEntry
	keptEntries int
	// all are the names of all files, if listed says that they were looked for;
	// ordered says that they are sorted.
	all             []string
	listed, ordered bool
}

// Workflow is one workflow file.
type Workflow struct {
	*File
	Name     Text
	Triggers []Trigger
	// Permissions is nil where the workflow has none at its top.
	Permissions *Permissions
	Env         []Binding
	// EnvExpression is set where env is one expression.
	EnvExpression Text
	// DefaultShell and DefaultDirectory are defaults.run.
	DefaultShell     Text
	DefaultDirectory Text
	// Jobs are in the order of the file.
	Jobs []*Job
	// Inputs are those of workflow_call and of workflow_dispatch.
	Inputs      []Input
	CallSecrets []CallSecret
	CallOutputs []Binding
	texts       []Text
}

// Texts returns every scalar value of the workflow in the order of the file,
// also those that the model has no field for (concurrency, run-name, …).
// Keys are not among them. A value that is reached by several aliases comes
// once.
func (w *Workflow) Texts() iter.Seq[Text] { return slices.Values(w.texts) }

// Trigger is one event of "on:". A filter that is not written is nil.
type Trigger struct {
	Event          string
	Line           int
	Types          []string
	Branches       []string
	BranchesIgnore []string
	Tags           []string
	TagsIgnore     []string
	Paths          []string
	PathsIgnore    []string
	// Workflows are the names that workflow_run waits for.
	Workflows []string
}

// Permissions is a permissions block.
type Permissions struct {
	// All is "read-all" or "write-all", or "" where keys are named one by one.
	All string
	// Scopes has the access by workflow key in lower case. It is empty, but
	// not nil, for {}; nil where one word stands for all.
	Scopes map[string]string
	// Text is the one word that stands for all, as written.
	Text Text
	// Line is the line of the key "permissions", EndLine the last line of
	// its value.
	Line, EndLine int
}

// Input is an input of a workflow or an action.
type Input struct {
	Name string
	// Description is empty where there is none, and for inputs of actions.
	Description string
	// Default is zero where there is none.
	Default  Text
	Required bool
	// Type is empty for actions, and for a workflow_dispatch input that
	// names none.
	Type string
	// Options are those of a choice.
	Options []string
	// FromCall tells an input of workflow_call from one of
	// workflow_dispatch; it is set for inputs of actions too.
	FromCall bool
}

// CallSecret is a secret that a reusable workflow declares.
type CallSecret struct {
	Name     string
	Required bool
	Line     int
}

// Job is one job: either steps, or the call of a reusable workflow.
type Job struct {
	// ID is the job's key as written. GitHub compares it without case.
	ID string
	// Line is the line of the key, EndLine the job's last line.
	Line, EndLine int
	Name, If      Text
	Needs         []string
	// RunsOn are the labels, or the one expression that yields them.
	RunsOn []Text
	// RunnerGroup is the group of runners to choose one of.
	RunnerGroup Text
	// Forgiven says that the run goes on, or may, where the job fails.
	Forgiven bool
	// Permissions is nil where the job has none of its own.
	Permissions *Permissions
	Env         []Binding
	// EnvExpression is set where env is one expression.
	EnvExpression    Text
	DefaultShell     Text
	DefaultDirectory Text
	// Environment is the environment's name.
	Environment Text
	Outputs     []Binding
	// Matrix has the literal values by dotted name in lower case: for
	// matrix.config.os the name is "config.os". Values that only include:
	// adds are among them; of what exclude: takes away, only a value of which no
	// combination is left is taken away. Lists inside values are not followed.
	Matrix map[string][]string
	// MatrixDynamic is the first expression in the matrix. Where it is set,
	// there may be values (and names) that Matrix does not show.
	MatrixDynamic Text
	// MatrixLacks has the names of which some combinations have no value.
	MatrixLacks map[string]bool
	Steps       []*Step
	// Call is nil where the job has steps.
	Call           *Call
	Containers     []Container
	TimeoutMinutes Text
}

// Call is the call of a reusable workflow.
type Call struct {
	Uses    Text
	Inputs  []Binding
	Secrets []Binding
	// Inherit is set by "secrets: inherit", InheritText is the word.
	Inherit     bool
	InheritText Text
}

// Container is a job's container or service.
type Container struct {
	// Name is "container", or the service's name.
	Name  string
	Image Text
	Env   []Binding
	// EnvExpression is set where env is one expression.
	EnvExpression Text
	Username      Text
	Password      Text
}

// Step is one step of a job or of a composite action.
type Step struct {
	// Number is the step's place among its steps, 1-based.
	Number int
	// Line is where the step's first key stands, EndLine its last line. A
	// step that is an alias has the place of its anchor.
	Line, EndLine int
	ID, Name, If  Text
	Uses, Run     Text
	// Self says that Uses names an action of the repository that the file lies
	// in, whatever is checked out: it is written "$/path", and "./path" here.
	Self      bool
	Shell     Text
	Directory Text
	Env, With []Binding
	// Forgiven says that the job goes on, or may, where the step fails.
	Forgiven bool
	// EnvExpression is set where env is one expression.
	EnvExpression Text
}

// Action is an action of the repository itself: an action.yml.
type Action struct {
	*File
	// Dir is the folder that the file lies in, "." for the root.
	Dir     string
	Name    Text
	Inputs  []Input
	Outputs []Binding
	// Using is "composite", "docker", "node20", …
	Using     string
	UsingLine int
	// Steps are those of a composite action.
	Steps []*Step
	// Main, Pre and Post are the scripts of a JavaScript action. For a
	// Docker action Pre and Post are its pre- and post-entrypoint.
	Main, Pre, Post   string
	Image, Entrypoint string
	Args              []Text
	Env               []Binding

	texts []Text
}

// Texts returns every scalar value of the action in the order of the file.
// Keys are not among them.
func (a *Action) Texts() iter.Seq[Text] { return slices.Values(a.texts) }
