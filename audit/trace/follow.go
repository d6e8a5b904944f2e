package trace

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// locate turns byte offsets of a script into what people are shown: the line
// of its file, and the source text on one line. Where text is nil, commands are
// shown by their words.
type locate struct {
	line func(offset int) int
	text func(from, to int) string
}

// commands emits the commands of a script, each followed by what it starts.
func (r *run) commands(result shell.Result, file string, line locate, at position) {
	script := r.newScript()
	files := scriptFiles{run: r, result: result, file: file, line: line, at: at}
	for n, c := range result.Commands {
		files.upTo(n)
		text := line.text
		if text == nil {
			text = func(int, int) string { return commandText(c) }
		}
		site := &Site{
			File: file, Line: line.line(c.Start), Step: at.number, step: at.step, Hops: at.hops, Env: c.Env, JobEnv: r.jobEnv,
			Command: &Command{Command: c, text: text, script: script, index: n, apart: r.apart},
		}
		branch := r.branch(c)
		site.branch = strings.Join(branch, "")
		r.under(branch, func() {
			r.emit(site)
			r.follow(site, at)
		})
	}
	files.upTo(len(result.Commands))
}

// follow reads the local code that a command starts, if it starts any.
func (r *run) follow(site *Site, at position) {
	if r.described(site.Command) {
		return
	}
	defer r.reading(site, at)()
	start, ok := r.starts(site.Command)
	if start.written {
		r.stale = nil
	}
	defer r.into(site)()
	if !ok {
		r.opens(runsProject(site.Command))
		r.hooks(site, at)
		return
	}
	if start.why != "" {
		r.opens(true)
		site.Unread = &Unread{start.what, start.why, start.settle}
		return
	}
	if r.full() {
		r.opens(true)
		site.Unread = tooMany(start.what, describeProgram)
		return
	}
	key := start.file + "\x00" + start.target
	if len(r.stack) >= maxDepth || slices.Contains(r.stack, key) {
		r.opens(true)
		site.Unread = &Unread{start.what, "calls itself", "break the cycle of calls"}
		return
	}
	r.stack = append(r.stack, key)
	defer func() { r.stack = r.stack[:len(r.stack)-1] }()
	at = at.within(site.File, site.Line, "runs "+start.what)
	apart := r.apart
	r.apart = false
	defer func() { r.apart = apart }()
	site.Followed, site.Starts = true, start.file
	if first := len(r.job.Sites); site.Command.TellsVariables() {
		defer func() { r.printsSettings(site, r.job.Sites[first:]) }()
	}
	if sourced(site.Command) {
		start.run(r, site, at)
	} else {
		r.in(nil, func() { start.run(r, site, at) })
	}
}

// What else settles what code does: the configuration can say it.
const (
	describeProgram = ", and describe it under \"programs\" in .github/patrol.yml"
	orDescribe      = ", or describe it under \"programs\" in .github/patrol.yml"
	describeAction  = ", and describe it under \"actions\" in .github/patrol.yml"
)

// start is local code that a command starts.
type start struct {
	// what names it for people.
	what string
	// file and target identify it, to stop at cycles.
	file, target string
	// written says that it is a script which the job wrote, of which more is known than
	// its text.
	written bool
	// why says why it cannot be read; run is nil then.
	why, settle string
	run         func(r *run, site *Site, at position)
}

// starts tells which local code a command starts. ok is false for a program
// that is no local code, which package infer looks up by name.
func (r *run) starts(c *Command) (s start, ok bool) {
	if len(c.Args) == 0 {
		return start{}, false
	}
	c = r.seenFromThere(unwrapped(c))
	program := pathText(c.Args[0])
	base := strings.TrimSuffix(path.Base(program), ".exe")
	if r.isOwn(c, program, base) {
		base = ""
	}
	if s, ok := r.runnerTask(c, base); ok {
		return s, true
	}
	if s, ok := r.onPath(c, program); ok {
		return s, true
	}
	if base == "node" && r.runsPackage(c) {
		base = pathText(c.Args[0])
		if _, ok := rules.InterpreterOf(base); !ok {
			return start{}, false
		}
		program = base
	}
	if versionedPython.MatchString(base) {
		base = "python"
	}
	if by, ok := rules.InterpreterOf(base); ok && (!strings.HasPrefix(program, "./") || r.environment(c, program)) && !elsewhereByBun(c, base) {
		if s, ok := r.interpreted(c, by.Language); ok || base != "bun" {
			return s, ok
		}
	}
	switch base {
	case "eval":
		return evaluated(c)
	case "nx":
		return r.nx(c)
	case "turbo":
		return r.turbo(c)
	case "make", "gmake":
		return r.make(c)
	case "npm", "yarn", "pnpm", "bun":
		return r.packageScript(c, base)
	case "run-s", "run-p", "npm-run-all":
		return r.packageScripts(c)
	case "npx", "bunx", "pnpx":
		return r.packageProgram(c, base)
	case "lerna":
		return r.lerna(c)
	case "awk", "gawk", "mawk", "nawk":
		return r.awk(c)
	case "concurrently":
		return r.concurrently(c)
	case "composer":
		return r.composer(c)
	case "mise":
		return r.miseTask(c)
	case "task", "go-task":
		return r.task(c)
	case "wails3":
		if len(c.Args) > 1 && c.Args[1].String() == "task" {
			// It is Task under another name.
			inner := *c
			inner.Args = c.Args[1:]
			return r.task(&inner)
		}
		return start{}, false
	case "just":
		return r.just(c)
	case "rake", "ant", "sbt", "tox", "nox", "invoke", "inv", "hatch", "grunt", "gulp", "bazel", "bazelisk", "earthly", "dagger", "cargo-make", "makers":
		return tasks(c), true
	case "cargo":
		if len(c.Args) > 1 && c.Args[1].String() == "make" {
			return tasks(c), true
		}
		return start{}, false
	case "mage":
		return r.mage(c, c.Dir, c.Args[1:])
	case "go":
		return r.goRun(c)
	}
	if rules.TakesGoals.Has(rules.ProgramName(base)) {
		return start{}, false
	}
	if s, ok := r.languageScript(c, base); ok {
		return s, true
	}
	if strings.ContainsAny(program, `/\`) {
		if s, ok := r.writtenScript(c, 0, ""); ok {
			return s, true
		}
	}
	if s, ok := r.memberBin(c, program); ok {
		return s, true
	}
	// A runner takes a script by its bare name: uv run x.py.
	if !isLocalPath(program) && (len(c.Runner) == 0 || scriptKind(program, nil) == "") {
		return start{}, false
	}
	if r.putThere(c, program) {
		return start{}, false
	}
	return r.scriptFile(c, program, scriptKind(program, nil), c.Args)
}

// versionedPython matches the programs of versions of Python.
var versionedPython = regexp.MustCompile(`^python[23]\.\d+$`)

// environmentPython matches the path of Python in an environment that a job has
// made for it.
var environmentPython = regexp.MustCompile(`/(?:bin|Scripts)/python[\d.]*(?:\.exe)?$`)

// environment tells whether a program of the workspace is Python in such an
// environment, which is no part of the checkout.
func (r *run) environment(c *Command, program string) bool {
	if !environmentPython.MatchString(program) {
		return false
	}
	_, _, there := r.read(c.Dir, program)
	return !there
}

// isOwn tells whether a word is the path of a script of the repository, which is
// not the program whose name it has.
func (r *run) isOwn(c *Command, program, base string) bool {
	if base == program || !isLocalPath(program) || rules.Installed(program) || rules.HasOwnScript.Has(base) {
		return false
	}
	_, _, there := r.read(c.Dir, program)
	return there
}

// awkRuns matches what in a program of awk runs commands.
var awkRuns = regexp.MustCompile(`\bsystem\s*\(|\|&?\s*(?:getline\b|")`)

// awk handles a program of awk that runs commands.
func (r *run) awk(c *Command) (start, bool) {
	for _, v := range c.Args[1:] {
		if awkRuns.MatchString(v.Mask().Text) {
			return r.source(c, code{kind: "awk", name: "the program given to " + path.Base(pathText(c.Args[0])), behind: c.Args[1:], piped: true}, v)
		}
	}
	return start{}, false
}

// downloads are the programs whose output is a script that is kept elsewhere.
var downloads = regexp.MustCompile(`(?:^|[(` + "`" + `|;&\s])(?:curl|wget|gh)\s`)

// evaluated handles eval of what a command prints that gets files. Of other
// programs, such as ssh-agent, it is known to set variables.
func evaluated(c *Command) (start, bool) {
	if !slices.ContainsFunc(c.Args[1:], func(v value.Value) bool { return downloads.MatchString(v.String()) }) {
		return start{}, false
	}
	return fromElsewhere(c), true
}

// fromElsewhere is a script that a command is given to read and that is not in
// the repository, as far as is known.
func fromElsewhere(c *Command) start {
	return start{what: commandName(c), why: "runs a script that comes from elsewhere", settle: "keep the script in the repository"}
}

// tasksUnread is why tasks are not read.
const tasksUnread = "runs tasks whose definition is not read"

// tasks is what a program starts that runs tasks of the project.
func tasks(c *Command) start {
	return start{what: commandName(c), why: tasksUnread, settle: "read what it does with the token" + describeProgram}
}

// unwrapped returns a command without the words of a launcher, where a path of a
// script or an interpreter stands behind them.
func unwrapped(c *Command) *Command {
	words := make([]string, len(c.Args))
	for n, v := range c.Args {
		words[n] = v.String()
	}
	inner, by, ok := rules.Launched(words)
	if !ok || len(inner) >= len(words) || by.Module || by.Spreads {
		return c
	}
	// Their flags say where to run what they run.
	if _, manager := rules.PackageManagerOf(by.Words[0]); manager {
		return c
	}
	// In another folder the script is another one.
	if slices.ContainsFunc(words[:len(words)-len(inner)], func(w string) bool {
		flag, _, _ := strings.Cut(w, "=")
		return slices.Contains(by.Folder, flag)
	}) {
		return c
	}
	rest := c.Args[len(c.Args)-len(inner):]
	word := pathText(rest[0])
	_, interpreter := rules.InterpreterOf(path.Base(word))
	if !interpreter && scriptKind(word, nil) == "" {
		return c
	}
	out := *c
	out.Args = rest
	before := len(c.Args) - len(rest)
	if !interpreter {
		before--
		// The launcher picks the interpreter by the script's name.
		out.Args = append([]value.Value{value.Text(map[string]string{"python": "python", "javascript": "node", "shell": "bash", "ruby": "ruby"}[scriptKind(word, nil)])}, rest...)
	}
	out.Written = make(map[int]shell.File, len(c.Written))
	for n, file := range c.Written {
		out.Written[n-before] = file
	}
	return &out
}

// isLocalPath tells a path of the repository from the name of a program.
func isLocalPath(program string) bool {
	if strings.HasPrefix(program, "./") || strings.HasPrefix(program, "../") || strings.HasPrefix(program, ".\\") {
		return true
	}
	return strings.Contains(program, "/") && !strings.HasPrefix(program, "/") && !strings.HasPrefix(program, "~") && !strings.HasPrefix(program, "$") &&
		!strings.Contains(program, "://") && !strings.Contains(program, "node_modules/")
}

// pathText returns a word as a path: the workspace is the repository's root.
func pathText(v value.Value) string {
	for _, prefix := range []string{"github.workspace", "github.action_path"} {
		if len(v) == 2 && v[0].Context == prefix {
			return workspaceRoot + strings.TrimPrefix(v[1].Text, "/")
		}
	}
	return v.String()
}

// repositoryPath returns a directory relative to the repository's root.
func repositoryPath(v value.Value) value.Value {
	if len(v) > 0 && v[0].Context == "github.workspace" {
		return value.Concat(value.Text("."), v[1:])
	}
	return v
}

// lineOf locates offsets in a plain file. Those that are asked for mostly
// follow each other, so that only what lies between them is looked through.
func lineOf(source string) locate {
	at, line := 0, 1
	return locate{
		line: func(offset int) int {
			offset = max(0, min(offset, len(source)))
			if offset < at {
				line -= strings.Count(source[offset:at], "\n")
			} else {
				line += strings.Count(source[at:offset], "\n")
			}
			at = offset
			return line
		},
		text: func(from, to int) string { return oneLine(cut(source, from, to)) },
	}
}

// cut returns a part of a source, its bounds moved into it.
func cut(source string, from, to int) string {
	from = max(0, min(from, len(source)))
	return source[from:max(from, min(to, len(source)))]
}

// lineOfText locates offsets in a scalar of a workflow.
func lineOfText(t workflow.Text) locate {
	line := t.Lines()
	return locate{line: line, text: func(from, to int) string { return oneLine(cut(t.Value, from, to)) }}
}

func commandName(c *Command) string {
	var words []string
	for i, a := range c.Args {
		if i == 3 {
			break
		}
		words = append(words, a.String())
	}
	return oneLine(strings.Join(words, " "))
}
