// Package script reads JavaScript and TypeScript for what it does to GitHub:
// the bodies of actions/github-script steps, and the local files that steps
// run with node.
//
// A script is parsed and then walked by a small abstract interpreter: every
// statement is visited once, in order, with symbolic values (package value)
// for strings and with stand-ins for objects, functions and API clients. Both
// branches of a condition are taken where it is not known which, callbacks are
// called, local functions are followed with the arguments that they are given, and
// local modules are read where they can be had. Nothing is executed.
//
// What comes out are the calls that talk to GitHub, or that may do so: calls
// of an Octokit client, GraphQL documents, HTTP requests, and programs that
// are started. Where the token goes somewhere that cannot be read, the Result
// says so: a script that cannot be read must never look like one that does
// nothing.
//
// Where the interpreter is wrong: what runs while an async function waits runs
// behind it here; a variable that is set in one of two branches of which it is not
// known which is taken has both values afterwards; a loop's body is
// walked twice at most, so a string that grows in a loop is seen with one
// piece; a function that nobody calls is walked with unknown arguments in the
// main file, and left out in imported ones.
package script

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// maxSource bounds what is read: larger files are bundles, which no reader
// of source code can follow.
const maxSource = 1 << 20

// Input is a script with its surroundings.
type Input struct {
	// Source is the code, with placeholders of Table for expressions.
	Source string
	// Table turns placeholders back; nil where there are none.
	Table *value.Table
	// Path is the file that holds the code, relative to the repository's
	// root: the workflow for github-script.
	Path string
	// GitHubScript tells that this is the body of an actions/github-script
	// step: github, context, core, exec and the rest are predefined, and
	// relative modules are found from the repository's root.
	GitHubScript bool
	// Env has the variables of the step. Inputs of an action stand in it as
	// INPUT_NAME.
	Env *value.Env
	// Args are the words that the script is started with, its own path first;
	// nil where they are not known.
	Args []value.Value
	// Flags tells that there are flags among them where Args is nil.
	Flags bool
	// Token is what the predefined client of github-script uses.
	Token value.Value
	// Base is the address of the API that it talks to, where it is given one.
	Base value.Value
	// Import returns a local file by its path from the repository's root;
	// nil where no file can be had.
	Import func(path string) (source string, ok bool)
	// Alias returns the local files that a name may mean which begins like that
	// of a package, in a file of a folder; nil where all such names are those of
	// packages.
	Alias func(name, folder string) []string
}

// CallKind says how a script talks to GitHub.
type CallKind string

// The kinds of call.
const (
	// REST is a method of an Octokit client: Method is "issues.createComment".
	REST CallKind = "rest"
	// Request is a call of a client's request or paginate with a route:
	// Method is the HTTP method and Path the route.
	Request CallKind = "request"
	// GraphQL is a query or mutation: Document has its text, Arguments the
	// variables.
	GraphQL CallKind = "graphql"
	// Fetch is an HTTP request by other means: Path is the URL, Arguments
	// are the keys of a JSON body.
	Fetch CallKind = "fetch"
	// Exec starts a program: Command has its words.
	Exec CallKind = "exec"
	// Client is the making of a client with Token. It is no operation; it
	// shows that the token is a credential for GitHub. Method is "app" where
	// Token is an App's private key.
	Client CallKind = "client"
)

// Call is something that a script does to GitHub.
type Call struct {
	Kind CallKind
	// Method is as its Kind says; empty where it is not known.
	Method string
	// Name is what the code calls a REST call, where that is not Method.
	Name string
	// Path is the route of a Request ("/repos/{owner}/{repo}/issues") or the
	// URL of a Fetch.
	Path value.Value
	// Base is the API's address where the code gives a client one; empty
	// means the address of the server that runs the workflow.
	Base value.Value
	// Arguments has the keys of the parameters. Nested objects are unknown,
	// with their own keys beside them ("commit.message"); lists of texts are
	// joined by commas; a list of objects gives a choice per inner key
	// ("tree.path").
	Arguments map[string]value.Value
	// Open tells that Arguments may lack keys, because the parameters come
	// from somewhere unknown.
	Open bool
	// Without are parameters that the call surely does not give, Open or not.
	Without []string
	// Document is the text of a GraphQL document.
	Document value.Value
	// Headers are those given in the code, by lower-case name.
	Headers map[string]value.Value
	// Token is what the call authenticates with; empty means nothing.
	Token value.Value
	// Forgiven is set where the code goes on should an Exec fail, or before it
	// ends: the index in Result.Calls up to which what follows runs only where it
	// succeeded.
	Forgiven int
	// Scopes are the conditions under which it is made, outermost first; one with a
	// minus holds where the one without does not. Guarded says that it stands under a
	// condition without another branch, in a loop, or in code that nothing is seen to
	// call, and Avoided that the script may have ended with success before it.
	Scopes           []int
	Guarded, Avoided bool
	// Command has the words of an Exec, or one string where ShellString is
	// set.
	Command []value.Value
	// Loose tells that one of the words may be several, or none.
	Loose bool
	// Hidden tells that among the words are flags that the code writes, and that are not
	// followed.
	Hidden bool
	// ShellString tells that Command is one string for a shell.
	ShellString bool
	// Env is the environment of an Exec.
	Env *value.Env
	// Dir is the directory of an Exec where the code names one.
	Dir value.Value
	// Stdin is what an Exec is given to read.
	Stdin value.Value
	// Start and End are the bytes of the call in its file; -1 where they
	// are not known.
	Start, End int
	// File is the file that holds the call: Input.Path, or a local module.
	File string
}

// Problem is a fault of a script, or a limit of this reader.
type Problem struct {
	// File is as in Call.
	File string
	// Offset is a byte in File, or -1.
	Offset int
	// Message is plain text for people.
	Message string
	// Credentials are those that get out of sight there; nil means that it
	// may be anything that the script can reach.
	Credentials []*value.Credential
}

// Result is what a script does.
type Result struct {
	// Calls are in order of execution, as far as there is one.
	Calls []Call
	// Env are variables set for later steps (core.exportVariable).
	Env map[string]value.Value
	// Perhaps are those of Env that need not be set, PerhapsOutputs those of Outputs.
	Perhaps, PerhapsOutputs map[string]bool
	// Outputs are the step's outputs (core.setOutput, and "result" for what
	// a github-script body returns).
	Outputs map[string]value.Value
	// State is what an action keeps for its script that runs at the end of
	// the job (core.saveState).
	State map[string]value.Value
	// EnvReads are the variables of the environment that are read, sorted.
	EnvReads []string
	// Modules are the packages from outside the repository that are
	// imported, sorted; those of the platform, of actions/toolkit and of
	// Octokit are not among them.
	Modules []string
	// Unread are places where a client or a token goes that cannot be read.
	Unread []Problem
	// Problems are faults of the code: mostly that it does not parse.
	Problems []Problem
}

// Read reads a script.
func Read(in Input) Result {
	r := newReader(in)
	source := in.Source
	if in.GitHubScript {
		literal, whole := wholeScript(in)
		if !whole {
			r.unread(in.Path, 0, "the script comes from "+literal+", which is not known")
			return r.finish()
		}
		source = literal
	}
	if len(source) > maxSource {
		r.unread(in.Path, 0, "the script is too long to be read")
		return r.finish()
	}
	if isBundle(source) {
		r.unread(in.Path, 0, "the script is bundled code, which is not read")
		return r.finish()
	}
	r.runMain(source, source == in.Source)
	return r.finish()
}

// wholeScript returns the code of a github-script step. Where all of it is
// one expression, its value is the code if that is known; if not, what stands
// for it is returned.
func wholeScript(in Input) (source string, ok bool) {
	trimmed := strings.TrimSpace(in.Source)
	if !value.HasPlaceholder(trimmed) || strings.Trim(trimmed, "_") == "" {
		return in.Source, true
	}
	v := in.Table.Value(trimmed)
	if len(v) != 1 {
		return in.Source, true
	}
	if text, literal := v.Literal(); literal && !value.HasPlaceholder(text) {
		return text, true
	}
	return v.String(), false
}

// isBundle recognises the output of ncc, webpack, rollup and esbuild by the
// helpers that they put into it.
func isBundle(source string) bool {
	for _, mark := range []string{"__nccwpck_require__", "__webpack_require__", "__webpack_modules__", "var __commonJS = ", "var __commonJSMin", "createCommonjsModule(", "getDefaultExportFromCjs"} {
		if strings.Contains(source, mark) {
			return true
		}
	}
	return false
}

// finish sorts what has no order of its own.
func (r *reader) finish() Result {
	for name := range r.envReads {
		r.result.EnvReads = append(r.result.EnvReads, name)
	}
	slices.Sort(r.result.EnvReads)
	for name := range r.packages {
		r.result.Modules = append(r.result.Modules, name)
	}
	slices.Sort(r.result.Modules)
	if r.wanders || moves.MatchString(r.in.Source) {
		wander(r.result.Calls)
	}
	r.result.Perhaps, r.result.PerhapsOutputs = r.unsure(r.result.Env), r.unsure(r.result.Outputs)
	return r.result
}

// forgive notes of the calls from an index on that the code goes on should they
// fail: at once, or behind all of them.
func forgive(calls []Call, from int, atOnce bool) {
	for i := from; i < len(calls); i++ {
		switch {
		case calls[i].Forgiven != 0:
		case atOnce:
			calls[i].Forgiven = i + 1
		default:
			calls[i].Forgiven = len(calls)
		}
	}
}
