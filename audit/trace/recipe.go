package trace

import (
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
)

// recipe are lines of one file that a task runner hands to a shell, with their
// line numbers.
type recipe struct {
	file  string
	text  []string
	lines []int
	// modes say how the lines are run, each by a shell of its own. There are none
	// where one shell runs them all.
	modes []shell.Line
	whole bool
	// errexit and pipefail are options of these shells.
	errexit, pipefail bool
	// forgiven says that it may fail, and what follows it runs all the same.
	forgiven bool
	// plain is that of [code].
	plain bool
}

// add adds a text, of which each line gets the same number and mode.
func (part *recipe) add(text string, number int, mode shell.Line) {
	for line := range strings.SplitSeq(text, "\n") {
		part.text, part.lines, part.modes = append(part.text, line), append(part.lines, number), append(part.modes, mode)
	}
}

// recipe reads the lines of a task.
func (r *run) recipe(name string, part recipe, table *value.Table, site *Site, at position) {
	source := strings.Join(part.text, "\n")
	place := locate{
		func(offset int) int { return part.lines[strings.Count(cut(source, 0, offset), "\n")] },
		func(from, to int) string {
			if table != nil {
				return oneLine(table.Value(cut(source, from, to)).String())
			}
			return oneLine(cut(source, from, to))
		},
	}
	own := code{kind: "shell", name: name, source: source, table: table, file: part.file, line: place, errexit: part.errexit, pipefail: part.pipefail, plain: part.plain}
	switch {
	case strings.HasPrefix(source, "#!"):
		own.kind, own.errexit = scriptKind("", []byte(source)), errexitLine.MatchString(source)
	case !part.whole:
		own.lines = append([]shell.Line{}, part.modes...)
	}
	apart := r.apart
	r.apart = apart || part.forgiven
	r.code(own, site, at)
	r.apart = apart
}

// task is a task of a task runner, with what it runs in order.
type task struct {
	needs  []string
	parts  []recipe
	env    map[string]string
	dir    string
	params []string
	// words are values of parameters and variables that the task itself gives.
	words map[string]string
	// forgiven says that each of its commands may fail.
	forgiven bool
	// indent is the white space before the first line.
	indent string
	// exports are the parameters that its programs see, variadic is the one that
	// takes all words from its place on.
	exports  []string
	variadic string
	// handed says that others give it parameters, open which variables they give, or
	// the file that it is of.
	handed bool
	open   map[string]bool
	// hands are the variables that it gives to others, by their names.
	hands map[string][]string
	// systems are those that it is for, none for all; twins are others of its name.
	systems []string
	twins   []*task
}

// taskCall is a call of a task runner.
type taskCall struct {
	// file is the file of tasks that it names, dir the folder to run in; both
	// are empty where none is given.
	file, dir value.Value
	tasks     []string
	// given are the variables that it sets.
	given map[string]value.Value
	// rest is what stands behind the first task, or behind "--" if dashed.
	rest   []value.Value
	dashed bool
}

// taskfile are the tasks of a file and of those that it includes.
type taskfile struct {
	tasks map[string]*task
	// vars are the texts of variables, env those that it exports.
	vars, env map[string]string
	// strong are those of env that stand above the environment, exportAll says that
	// all variables and parameters are exported.
	strong    map[string]bool
	exportAll bool
	// lost says that it is not understood.
	lost bool
	// dotenv is the file of variables that it loads, empty where it loads none.
	dotenv string
	// before are commands that run for the values of variables, whatever the
	// task.
	before []recipe
	// template matches what the runner puts into a line, with the name of a
	// variable as its first group, if it is one.
	template func(text string) (name string, ok bool)
	// open and shut are what stands around a template.
	open, shut string
	// first is the task that runs where none is named.
	first string
	// options are those of the shells that it starts.
	options stepShell
	// positional says that words behind a task may be its parameters, numbered that it
	// finds them as $1 and so on.
	positional, numbered bool
}

func newTaskfile(template func(text string) (name string, ok bool)) *taskfile {
	return &taskfile{tasks: map[string]*task{}, vars: map[string]string{}, env: map[string]string{}, strong: map[string]bool{}, template: template, open: "{{", shut: "}}"}
}

// run reads the tasks of a call, each after those that it needs.
func (f *taskfile) run(r *run, what string, c taskCall, site *Site, at position) {
	done := map[string]bool{}
	var visit func(name string, first bool)
	visit = func(name string, first bool) {
		t := f.tasks[name]
		if t == nil || done[name] || len(done) > maxTasks {
			return
		}
		done[name] = true
		for _, need := range t.needs {
			visit(need, false)
		}
		for _, t := range append([]*task{t}, t.twins...) {
			if !r.fits(t.systems) {
				continue
			}
			own := *site
			inner := *site.Command
			inner.Env = f.environment(inner.Env, t, c.given).With(f.exported(t, c, first))
			if t.dir != "" {
				inner.Dir = f.folder(t, c, first, inner.Env)
			}
			own.Command = &inner
			f.parts(r, what, t, c, first, &own, at)
		}
	}
	f.parts(r, what, &task{parts: f.before}, c, false, site, at)
	for i, name := range c.tasks {
		visit(name, i == 0)
	}
}

// folders are the variables of Task that name the folder of the file, or that of the
// call, which is taken for the same one.
var folders = strings.NewReplacer("{{.ROOT_DIR}}", ".", "{{.TASKFILE_DIR}}", ".", "{{.USER_WORKING_DIR}}", ".")

// folder is the one that a task runs in.
func (f *taskfile) folder(t *task, c taskCall, first bool, env *value.Env) value.Value {
	table := &value.Table{}
	text := f.fill(folders.Replace(t.dir), t, c, first, env, table)
	if strings.Contains(text, "$") {
		return value.Unknown(t.dir)
	}
	return table.Value(path.Clean(text))
}

// exported are the parameters of a task that its programs see.
func (f *taskfile) exported(t *task, c taskCall, first bool) map[string]value.Value {
	out := map[string]value.Value{}
	for i, name := range t.params {
		if !f.exportAll && !slices.Contains(t.exports, name) {
			continue
		}
		text, ok := t.words[name]
		switch {
		case name == t.variadic:
			out[name] = value.Unknown("$" + name)
		case first && i < len(c.rest):
			out[name] = c.rest[i]
		case ok && !t.handed && !strings.Contains(text, f.open):
			out[name] = value.Text(text)
		default:
			out[name] = value.Unknown("$" + name)
		}
	}
	return out
}

// hand notes which tasks get parameters or variables of others.
func (f *taskfile) hand() {
	for _, t := range f.tasks {
		for name, variables := range t.hands {
			if to := f.tasks[name]; to != nil {
				to.handed = true
				to.opens(variables)
			}
		}
	}
}

// opens notes variables that a task may have from elsewhere.
func (t *task) opens(names []string) {
	if t.open == nil {
		t.open = map[string]bool{}
	}
	for _, name := range names {
		t.open[name] = true
	}
}

// fits tells whether a task is for the system that a job may run on.
func (r *run) fits(systems []string) bool {
	on := ""
	if r.job != nil && r.job.Job != nil {
		for _, label := range r.job.Job.RunsOn {
			for system, name := range map[string]string{"ubuntu": "linux", "windows": "windows", "macos": "macos"} {
				if strings.HasPrefix(strings.ToLower(label.Value), system+"-") {
					on = name
				}
			}
		}
	}
	return on == "" || len(systems) == 0 || slices.Contains(systems, on) || on != "windows" && slices.Contains(systems, "unix")
}

// parts reads the lines of a task, filled. First says that the call names the
// task before any other.
func (f *taskfile) parts(r *run, what string, t *task, c taskCall, first bool, site *Site, at position) {
	for _, part := range t.parts {
		table := &value.Table{}
		lines := make([]string, len(part.text))
		for i, text := range part.text {
			lines[i] = f.fill(text, t, c, first, site.Command.Env, table)
		}
		part.text, part.errexit, part.pipefail = lines, part.errexit || f.options.errexit, part.pipefail || f.options.pipefail
		r.recipe(what, part, table, site, at)
	}
}

// maxTasks bounds the tasks that one call runs.
const maxTasks = 100

// complete tells whether all tasks of a call are known, and those that they
// need.
func (f *taskfile) complete(names []string) bool {
	seen := map[string]bool{}
	var known func(name string) bool
	known = func(name string) bool {
		if seen[name] {
			return true
		}
		if len(seen) >= maxTasks {
			return false
		}
		seen[name] = true
		t := f.tasks[name]
		return t != nil && !slices.ContainsFunc(t.needs, func(need string) bool { return !known(need) })
	}
	return !slices.ContainsFunc(names, func(name string) bool { return !known(name) })
}

// environment is what a task runs with: what the file and the task set, where
// they are plain texts.
func (f *taskfile) environment(env *value.Env, t *task, given map[string]value.Value) *value.Env {
	vars := map[string]value.Value{}
	for _, set := range []map[string]string{f.env, t.env} {
		for name, text := range set {
			if _, there := env.Lookup(name); there && !f.strong[name] {
				continue
			}
			if strings.Contains(text, f.open) {
				vars[name] = value.Unknown("$" + name)
			} else {
				vars[name] = value.Text(text)
			}
		}
	}
	for name, v := range given {
		vars[name] = v
	}
	return env.With(vars)
}

// fill puts into a line what the runner does: what a call gives, a plain
// variable of the file, a variable of the environment; anything else is not
// known.
func (f *taskfile) fill(text string, t *task, c taskCall, first bool, env *value.Env, table *value.Table) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(text, f.open)
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		body, after, ok := strings.Cut(rest, f.shut)
		if !ok {
			b.WriteString(f.open + rest)
			return b.String()
		}
		text = after
		name, plain := f.template(strings.TrimSpace(body))
		b.WriteString(f.word(name, plain, t, c, first, env, table))
	}
}

// word is what stands for one template.
func (f *taskfile) word(name string, plain bool, t *task, c taskCall, first bool, env *value.Env, table *value.Table) string {
	unknown := func() string { return table.Placeholder(value.Unknown("{{ "+name+" }}"), 0) }
	if !plain {
		return unknown()
	}
	if own, set := t.words[name]; set && !f.positional && !strings.Contains(own, f.open) {
		return own // Task's own variables stand above those of the call.
	}
	if v, ok := c.given[name]; ok {
		return table.Placeholder(v, 0)
	}
	if name == "CLI_ARGS" && !f.positional {
		if !c.dashed {
			return ""
		}
		return placed(c.rest, table)
	}
	if i := slices.Index(t.params, name); i >= 0 {
		if first && i < len(c.rest) && name == t.variadic {
			return placed(c.rest[i:], table)
		}
		if first && i < len(c.rest) {
			return table.Placeholder(c.rest[i], 0)
		}
		if text, ok := t.words[name]; ok && !t.handed && !strings.Contains(text, f.open) {
			return text
		}
		return unknown()
	}
	for n, set := range []map[string]string{t.words, f.vars} {
		if n > 0 && t.open[name] {
			return unknown()
		}
		if text, ok := set[name]; ok && !strings.Contains(text, f.open) {
			return text
		}
	}
	if _, ok := env.Lookup(name); ok {
		return "${" + name + "}"
	}
	return unknown()
}

// placed are words, each as a placeholder.
func placed(words []value.Value, table *value.Table) string {
	var out []string
	for _, w := range words {
		out = append(out, table.Placeholder(w, 0))
	}
	return strings.Join(out, " ")
}
