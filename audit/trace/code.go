package trace

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/script"
	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// code is a piece of local code.
type code struct {
	kind   string // one of the kinds of interpreters, or empty
	name   string
	source string
	table  *value.Table
	file   string
	line   locate
	args   []value.Value // $0 and the operands
	// behind are operands without what is in front of them. piped says that what the
	// command reads is the code itself, or text for it to change.
	behind []value.Value
	piped  bool
	own    bool // see [shell.Input]
	// sourced says that the shell reads it in which the command stands.
	sourced bool
	// errexit says that it ends where a command fails. A script in a file says
	// so itself, or the shell that starts it.
	errexit, pipefail bool
	// lines are [shell.Input.Lines].
	lines []shell.Line
	// whole says that all of its functions are walked.
	whole bool
	// plain says that it runs with the variables of the command that starts it: no
	// program stands between that sets others.
	plain bool
	// written says that the job wrote it, so that it lies in no file here.
	written bool
}

// errexitLine matches the first line of a script that ends where a command fails.
var errexitLine = regexp.MustCompile(`^#!\S*(?: \S+)*? -[a-z]*e`)

// startedStrictly tells whether a script ends where a command fails: a shell that
// is named asks for that, and does not read the script's first line.
func startedStrictly(c *Command, source string) bool {
	if len(c.Args) == 0 || interpreterOf(pathText(c.Args[0])).Language != "shell" {
		return errexitLine.MatchString(source)
	}
	for _, word := range c.Args[1:] {
		w := word.LiteralOr("")
		switch {
		case !strings.HasPrefix(w, "-"):
			return w == "errexit"
		case !strings.HasPrefix(w, "--") && strings.Contains(w, "e"):
			return true
		}
	}
	return false
}

// words are the operands of the code with its path in front; nil where they
// are not all known to be one word each.
func (c code) words(command *Command) []value.Value {
	if command.Loose || len(c.args) == 0 || slices.ContainsFunc(c.args, func(v value.Value) bool {
		return v.HoldsCredential() || !command.Whole && len(v) == 1 && v[0].Unknown != ""
	}) {
		return nil
	}
	return c.args
}

// again is the code with all of its functions.
func (c code) again() code {
	c.whole = true
	return c
}

// code reads local code in the environment of the command that starts it.
func (r *run) code(c code, site *Site, at position) {
	command, env := site.Command, site.Command.Env
	if !c.keepsVariables(command) || r.customized(command) {
		env = env.Opened()
	}
	switch c.kind {
	case "shell", "powershell":
		dialect := shell.Bash
		if c.kind == "powershell" {
			dialect = shell.PowerShell
		}
		own := r.shell
		if !c.sourced {
			own = &ownShell{source: c.source, file: c.file, table: c.table, env: command.Env, args: c.args, dir: command.Dir, own: c.own, unseen: c.whole}
		}
		// What it sources may call its functions, so that they are asked for late.
		live := func() *shell.Live { return r.library(own, c.file, command.Env, func() { r.code(c.again(), site, at) }) }
		if c.sourced {
			now := live()
			live = func() *shell.Live { return now }
		}
		result := shell.Interpret(shell.Input{
			Source: c.source, Table: c.table, Dialect: dialect, Errexit: c.errexit || c.sourced && command.Forgiven == 0 || c.lines == nil && startedStrictly(command, c.source),
			Pipefail: c.pipefail, Lines: c.lines,
			Env: env, Args: c.args, Given: command.Given, Loose: command.Loose || c.sourced, Sourced: c.sourced, Dir: command.Dir, Files: r.files, Parts: r.parts, Parsed: r.t.parsed, Top: r.topLevel, Own: c.own, Live: live, Read: r.reader(c.file),
		})
		if c.written && len(result.Problems) > 0 {
			r.broken(c, site, at)
		} else {
			for _, p := range result.Problems {
				r.problem(c.file, c.line.line(p.Offset), p.Message)
			}
		}
		r.keep(result)
		if result.Truncated {
			r.emit(&Site{
				File: c.file, Line: c.line.line(len(c.source)), Step: at.number, step: at.step, Hops: at.hops, Env: command.Env, JobEnv: r.jobEnv,
				Unread: &Unread{c.name, "is too long to be read to its end", "read what it does with the token" + describeProgram},
				Token:  c.table.Value(c.source), Reads: command.Env.Credentials(), Pushes: speaksOfPush(c.source),
			})
		}
		if !c.sourced {
			own.unseen = own.unseen || result.Unseen
		}
		r.in(own, func() { r.commands(result, c.file, c.line, at) })
		r.effects(result, site.File, site.Line)
		if !c.piped {
			r.handedOver(c, command.Stdin, site, at)
		}
	case "javascript":
		r.foreignExports(c.foreign(command, env, at))
		r.javaScript(script.Input{
			Source: c.source, Table: c.table, Path: c.file, Env: env, Import: r.module, Args: c.words(command), Flags: script.HasFlags(c.args),
		}, c.file, c.line, at)
		r.handedOver(c, c.given(command), site, at)
	default:
		r.foreign(c.foreign(command, env, at))
	}
}

// given are the operands of the code and its input.
func (c code) given(by *Command) value.Value {
	v := value.Concat(value.Concat(c.args...), value.Concat(c.behind...))
	if c.piped {
		return v
	}
	return value.Concat(v, by.Stdin)
}

// notFollowed is what is said of code that gets a token where no reader looks.
const notFollowed = "is handed the token as an operand or as its input, which is not followed into it"

// handedOver emits the credentials that code is given where no reader looks.
func (r *run) handedOver(c code, given value.Value, site *Site, at position) {
	if given.HoldsCredential() {
		r.emit(&Site{
			File: site.File, Line: site.Line, Step: at.number, step: at.step, Hops: at.hops, Env: site.Command.Env, JobEnv: r.jobEnv,
			Unread: &Unread{c.name, notFollowed, "read what it does with the token" + describeProgram}, Token: given,
		})
	}
}

// foreign is the code as what a command starts in a language that is not read.
func (c code) foreign(by *Command, env *value.Env, at position) foreignScript {
	return foreignScript{
		language: c.kind, source: c.source, table: c.table, name: c.name, file: c.file, line: c.line, env: env, at: at, given: c.given(by), args: c.words(by), written: c.written,
		told: by.TellsVariables(),
	}
}

func (r *run) module(name string) (string, bool) {
	if r.through != nil && !r.t.away.holds(path.Clean(name)) {
		return "", false // nothing of ours stands beside an action of others
	}
	name = r.inRepository(path.Clean(name))
	source, err := r.file(name)
	if err != nil {
		return "", false
	}
	text := r.t.asText(name, source)
	if r.modules != nil {
		r.modules[name] = text
	}
	return text, true
}

// inRepository returns the path that a file of the workspace has in the
// repository: its own, or one below the folder that a step has checked the
// repository out to.
func (r *run) inRepository(name string) string {
	inner, other := r.inside(name)
	if other != "" || inner == name {
		return name
	}
	if _, err := r.file(name); err == nil {
		return name
	}
	if _, err := r.file(inner); err != nil {
		return name
	}
	return inner
}

// readScript is what was read of a file of JavaScript in an environment.
type readScript struct {
	source string
	env    *value.Env
	args   []value.Value
	result script.Result
	// opens is what javaScriptOpens says of all that was read.
	opens bool
}

// maxReadings bounds the readings of one file that are kept.
const maxReadings = 16

// readScript reads JavaScript. Jobs and their matrices start the same files of
// the repository in the same environment again and again.
func (r *run) readScript(in script.Input) script.Result {
	opens, read := javaScriptOpens(in.Source), in.Import
	in.Import = func(name string) (string, bool) {
		text, ok := read(name)
		opens = opens || ok && javaScriptOpens(text)
		return text, ok
	}
	if in.GitHubScript || in.Table != nil || r.through != nil || r.changes != nil {
		result := script.Read(in)
		r.opens(opens)
		return result
	}
	before := r.t.scripts[in.Path]
	i := slices.IndexFunc(before, func(s readScript) bool {
		return s.source == in.Source && s.env.Equal(in.Env) && slices.EqualFunc(s.args, in.Args, value.Value.Equal)
	})
	if i >= 0 {
		result := before[i].result
		// A step marks its outputs as its own.
		result.Outputs = maps.Clone(result.Outputs)
		r.opens(before[i].opens)
		return result
	}
	result := script.Read(in)
	r.opens(opens)
	if len(before) < maxReadings {
		r.t.scripts[in.Path] = append(before, readScript{in.Source, in.Env, in.Args, result, opens})
		result.Outputs = maps.Clone(result.Outputs)
	}
	return result
}

// javaScript reads JavaScript and emits its calls.
func (r *run) javaScript(in script.Input, file string, line locate, at position) map[string]value.Value {
	if in.Import == nil {
		in.Import = r.module
	}
	if r.through == nil {
		in.Alias = r.t.alias
	}
	defer r.byCode(in.Source, r.parent.Dir())
	result := r.readScript(in)
	placed := func(start int, in string, site Site) Site {
		site.Step, site.step, site.Hops, site.JobEnv = at.number, at.step, at.hops, r.jobEnv
		site.File = file
		if in != "" && in != file {
			// A call in an imported module: its offsets are of that file.
			site.File = r.inRepository(in)
			source, _ := r.module(in)
			site.Line = lineOf(source).line(start)
		} else {
			site.Line = line.line(max(start, 0))
		}
		return site
	}
	emit := func(start int, in string, site Site) {
		site = placed(start, in, site)
		r.emit(&site)
	}
	for _, p := range result.Problems {
		r.problem(file, line.line(max(p.Offset, 0)), p.Message)
	}
	program := r.newScript()
	for n, c := range result.Calls {
		if c.Kind != script.Exec {
			emit(c.Start, c.File, Site{Env: in.Env, Call: &c})
			continue
		}
		r.executes(c, program, n, placed(c.Start, c.File, Site{Env: in.Env}), at)
	}
	if in.GitHubScript && len(result.Calls) == 0 && len(result.Unread) == 0 {
		// The client is made, and nothing is done with it.
		emit(0, "", Site{Env: in.Env, Call: &script.Call{Kind: script.Client, Token: in.Token}})
	}
	r.libraries(in, result.Modules, emit)
	for _, u := range result.Unread {
		site := Site{Env: in.Env, Unread: &Unread{what(file), u.Message, "write the call with the client's own methods"}, Token: in.Token, Reads: result.EnvReads}
		if len(u.Credentials) > 0 {
			// It is known which of them get out of sight.
			site.Token, site.Reads = nil, nil
			for _, c := range u.Credentials {
				site.Token = value.Concat(site.Token, value.Of(c))
			}
		}
		site.Client = in.GitHubScript && !slices.ContainsFunc(site.Token.Credentials(), func(c *value.Credential) bool {
			return !slices.Contains(in.Token.Credentials(), c)
		})
		emit(u.Offset, u.File, site)
	}
	if r.state != nil {
		maps.Copy(r.state, result.State)
	}
	return r.effects(shell.Result{Env: result.Env, Perhaps: result.Perhaps, Outputs: result.Outputs, PerhapsOutputs: result.PerhapsOutputs}, file, r.lineOfStep(at))
}

func what(file string) string {
	if strings.HasPrefix(file, ".github/workflows/") {
		return "the script"
	}
	return file
}

func (r *run) lineOfStep(at position) int {
	for _, s := range r.job.Job.Steps {
		if s.Number == at.number {
			return s.Line
		}
	}
	return 0
}

func commandText(c shell.Command) string {
	var words []string
	for _, a := range c.Args {
		words = append(words, a.String())
	}
	return oneLine(strings.Join(words, " "))
}

// nodeAction reads the sources of a JavaScript action of this repository: what
// it runs, and what runs at the end of the job. The runner leaves out what is to
// run before, as the action is not there when the job begins. Source:
// https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax#runspre
func (r *run) nodeAction(site *Site, action *workflow.Action, inputs map[string]value.Value, at position) map[string]value.Value {
	r.state = map[string]value.Value{}
	defer func() { r.state = nil }()
	outputs := r.localScript(site, action, action.Main, inputs, at)
	if action.Post != "" && action.Post != action.Main {
		r.localScript(site, action, action.Post, inputs, at)
	}
	return outputs
}

// localScript reads one script of a JavaScript action of this repository.
func (r *run) localScript(site *Site, action *workflow.Action, script string, inputs map[string]value.Value, at position) map[string]value.Value {
	name := path.Join(action.Dir, script)
	source, err := r.file(name)
	if from, ok := r.built(name, source); ok {
		at = at.within(action.Path, max(action.UsingLine, 1), "reads "+from.name+" in place of "+name)
		name, source, err = from.name, []byte(from.source), nil
	}
	if site.Starts = name; err != nil {
		site.Followed, site.Starts = false, ""
		site.Unread = &Unread{name, "is not in this checkout", "audit a checkout that has it, or describe the action under \"actions\" in .github/patrol.yml"}
		return nil
	}
	return r.nodeScript(site, original{name, string(source)}, inputs, at)
}

// nodeScript reads a script of a JavaScript action.
func (r *run) nodeScript(site *Site, from original, inputs map[string]value.Value, at position) map[string]value.Value {
	vars := map[string]value.Value{}
	for name, v := range inputs {
		vars["INPUT_"+strings.ToUpper(strings.ReplaceAll(name, " ", "_"))] = v
	}
	for name, v := range r.state {
		vars["STATE_"+name] = v
	}
	return r.javaScript(script.Input{
		Source: from.source, Path: from.name, Env: site.Env.With(vars), Import: r.module,
	}, from.name, lineOf(from.source), at)
}

func compact(lines ...string) []string {
	return slices.DeleteFunc(lines, func(s string) bool { return s == "" })
}
