package trace

import (
	"encoding/json"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
)

// projectRunner is a program that runs tasks which a file of the project lists,
// and else programs.
type projectRunner struct {
	// words stand before the task: "run".
	words []string
	// values are the flags that take the next word along, folder those that
	// name the folder.
	values, folder []string
	// files and keys say where the tasks are: each file with the keys of a
	// table, in which "*" is any key, and "env" the environment that is named.
	files []projectFile
	// refs says that the texts of a list name tasks; first that the first word
	// of a command may do so.
	refs, first bool
	// only says that no other programs are run.
	only bool
}

type projectFile struct {
	name string
	keys []string
}

// projectRunners are those with tasks in TOML or JSON, see
// https://pdm-project.org/en/latest/usage/scripts/, https://hatch.pypa.io/latest/config/environment/overview/#scripts,
// https://poethepoet.natn.io/, https://rye.astral.sh/guide/pyproject/, https://pipenv.pypa.io/en/latest/scripts.html,
// https://pixi.sh/latest/workspace/advanced_tasks/ and https://docs.deno.com/runtime/reference/cli/task/.
var projectRunners = map[string]projectRunner{
	"pdm": {
		words: []string{"run"}, values: []string{"--venv"}, folder: []string{"-p", "--project"}, first: true,
		files: []projectFile{{"pyproject.toml", []string{"tool", "pdm", "scripts"}}},
	},
	"hatch": {
		words: []string{"run"}, values: []string{"-e", "--env"}, folder: []string{"-p", "--project"}, first: true,
		files: []projectFile{{"hatch.toml", []string{"envs", "env", "scripts"}}, {"pyproject.toml", []string{"tool", "hatch", "envs", "env", "scripts"}}},
	},
	"rye": {
		words: []string{"run"}, folder: []string{"--pyproject"}, first: true,
		files: []projectFile{{"pyproject.toml", []string{"tool", "rye", "scripts"}}},
	},
	"pipenv": {words: []string{"run"}, files: []projectFile{{"Pipfile", []string{"scripts"}}}},
	"poe": {
		folder: []string{"-C", "--directory", "--root"}, values: []string{"-e", "--executor"}, refs: true, only: true,
		files: []projectFile{{"poe_tasks.toml", []string{"tasks"}}, {"pyproject.toml", []string{"tool", "poe", "tasks"}}},
	},
	"pixi": {
		words: []string{"run"}, values: []string{"-e", "--environment", "--manifest-path"}, refs: true,
		files: []projectFile{
			{"pixi.toml", []string{"tasks"}}, {"pixi.toml", []string{"feature", "*", "tasks"}}, {"pixi.toml", []string{"target", "*", "tasks"}},
			{"pyproject.toml", []string{"tool", "pixi", "tasks"}}, {"pyproject.toml", []string{"tool", "pixi", "feature", "*", "tasks"}},
		},
	},
	"deno": {
		words: []string{"task"}, values: []string{"-c", "--config"}, folder: []string{"--cwd"}, refs: true, only: true,
		files: []projectFile{{"deno.json", []string{"tasks"}}, {"deno.jsonc", []string{"tasks"}}, {"package.json", []string{"scripts"}}},
	},
}

// projectTask handles a task of such a runner, by all the words of the call.
// ok is false where it runs a program.
func (r *run) projectTask(c *Command, by string, args []value.Value) (start, bool) {
	p := projectRunners[by]
	dir, environment := c.Dir, "default"
	if len(args) < len(p.words) || len(p.words) > 0 && args[0].String() != p.words[0] {
		return start{}, false
	}
	for args = args[len(p.words):]; len(args) > 0; args = args[1:] {
		word := args[0].String()
		flag, text, given := strings.Cut(word, "=")
		if !strings.HasPrefix(word, "-") && !(by == "hatch" && strings.HasPrefix(word, "+")) {
			break
		}
		if takes := slices.Contains(p.values, flag) || slices.Contains(p.folder, flag); takes && !given && len(args) > 1 {
			args = args[1:]
			text = args[0].String()
		}
		switch {
		case slices.Contains(p.folder, flag):
			dir = shell.Join(c.Dir, value.Text(text))
		case by == "hatch" && (flag == "-e" || flag == "--env"):
			environment = text
		}
	}
	if len(args) == 0 {
		return start{}, false
	}
	name := args[0].String()
	if env, task, ok := strings.Cut(name, ":"); ok && by == "hatch" {
		environment, name = env, task
	}
	what := strings.TrimSpace(by+" "+strings.Join(p.words, " ")) + " " + name
	list := projectTasks{runner: p, tasks: map[string]any{}, seen: map[string]bool{}}
	holder, text := "", ""
	for _, file := range p.files {
		found, source, ok := r.read(dir, file.name)
		if !ok {
			continue
		}
		for task, v := range projectTable(found, source, file.keys, environment) {
			if _, there := list.tasks[task]; there {
				continue
			}
			if list.tasks[task] = v; task == name {
				holder, text = found, string(source)
			}
		}
	}
	if holder != "" {
		lines, ok := list.lines(name, nil)
		if !ok {
			return start{what: what, why: "is a task of " + holder + " that is not understood", settle: "read what it does with the token" + describeProgram}, true
		}
		return projectStart(what, name, holder, text, lines, list.env, args).in(dir), true
	}
	if !p.only {
		return start{}, false
	}
	return tasks(c), true
}

// projectStart runs the lines of a task, which get the words behind its name.
func projectStart(what, name, file, source string, lines []string, env map[string]value.Value, args []value.Value) start {
	body := strings.Join(lines, "\n")
	line := 1
	if i := strings.Index(source, name); i >= 0 {
		line = lineOf(source).line(i)
	}
	return start{
		what: what, file: file, target: name,
		run: func(r *run, site *Site, at position) {
			command := *site.Command
			command.Env = command.Env.With(env)
			own := *site
			own.Command = &command
			place := locate{func(int) int { return line }, func(from, to int) string { return oneLine(cut(body, from, to)) }}
			r.code(code{kind: "shell", name: name, source: body, file: file, line: place, args: args}, &own, at)
		},
	}
}

// projectTable is the table of tasks in a file: for hatch that of an
// environment, with what it takes over from the default one.
func projectTable(file string, source []byte, keys []string, environment string) map[string]any {
	var document map[string]any
	if path.Ext(file) == ".toml" || path.Ext(file) == "" {
		if toml.Unmarshal(source, &document) != nil {
			return nil
		}
	} else if json.Unmarshal([]byte(commentLine.ReplaceAllString(string(source), "")), &document) != nil {
		return nil
	}
	out := map[string]any{}
	for _, name := range []string{"default", environment} {
		tables := []map[string]any{document}
		for _, key := range keys {
			var next []map[string]any
			for _, t := range tables {
				if key == "env" {
					key = name
				}
				for _, k := range slices.Sorted(maps.Keys(t)) {
					if inner, ok := t[k].(map[string]any); ok && (k == key || key == "*") {
						next = append(next, inner)
					}
				}
			}
			tables = next
		}
		for _, t := range tables {
			maps.Copy(out, t)
		}
	}
	return out
}

// projectTasks are the tasks of a file while one of them is read.
type projectTasks struct {
	runner projectRunner
	tasks  map[string]any
	seen   map[string]bool
	env    map[string]value.Value
}

// projectArguments matches what stands for the words behind a task's name.
var projectArguments = regexp.MustCompile(`\{args(?::[^{}]*)?\}|\{pdm\}`)

// lines are the commands of a task and of those that it needs; ok is false
// where some are not commands, such as functions of Python.
func (p *projectTasks) lines(name string, words []string) (out []string, ok bool) {
	if p.seen[name] || len(p.seen) > maxTasks {
		return nil, true
	}
	p.seen[name] = true
	return p.value(p.tasks[name], words)
}

// value reads a task, or a part of one.
func (p *projectTasks) value(v any, words []string) (out []string, ok bool) {
	switch v := v.(type) {
	case string:
		return p.command(strings.Join(append([]string{v}, words...), " "))
	case []any:
		return p.list(v, p.runner.refs)
	case map[string]any:
		return p.table(v)
	}
	return nil, false
}

// command is one command, whose first word may name a task.
func (p *projectTasks) command(text string) ([]string, bool) {
	text = strings.TrimPrefix(strings.TrimSpace(text), "- ")
	if name, rest, _ := strings.Cut(text, " "); p.runner.first && p.tasks[name] != nil && !p.seen[name] {
		return p.lines(name, compact(rest))
	}
	if projectArguments.MatchString(text) {
		return []string{projectArguments.ReplaceAllString(text, `"$$@"`)}, true
	}
	return []string{text + ` "$@"`}, true
}

// list is a list of commands, or of names of tasks.
func (p *projectTasks) list(all []any, refs bool) (out []string, ok bool) {
	for _, v := range all {
		var part []string
		switch text, isText := v.(string); {
		case !isText:
			part, ok = p.value(v, nil)
		case refs:
			name, rest, _ := strings.Cut(text, " ")
			if p.tasks[name] == nil {
				return nil, false
			}
			part, ok = p.lines(name, compact(rest))
		default:
			part, ok = p.command(text)
		}
		if !ok {
			return nil, false
		}
		out = append(out, part...)
	}
	return out, true
}

// projectCommand are the keys of a task that hold what it runs, projectNeeds
// those for tasks that run around it.
var (
	projectCommand = []string{"cmd", "shell", "command", "chain", "composite", "sequence", "ref", "task"}
	projectNeeds   = []string{"deps", "depends-on", "depends_on", "dependencies"}
)

// table is a task with its details.
func (p *projectTasks) table(t map[string]any) (out []string, ok bool) {
	if set, ok := t["env"].(map[string]any); ok {
		for name, v := range set {
			if text, ok := v.(string); ok && !strings.ContainsAny(text, "${") {
				p.env = maps.Clone(p.env)
				if p.env == nil {
					p.env = map[string]value.Value{}
				}
				p.env[name] = value.Text(text)
			}
		}
	}
	for _, key := range projectNeeds {
		if needs, there := t[key].([]any); there {
			part, ok := p.list(needs, true)
			if !ok {
				return nil, false
			}
			out = append(out, part...)
		}
	}
	for _, key := range projectCommand {
		v, there := t[key]
		if !there {
			continue
		}
		var part []string
		words, isList := v.([]any)
		switch name, isText := v.(string); {
		case (key == "ref" || key == "task") && isText:
			part, ok = p.list([]any{name}, true)
		case isList && key == "cmd":
			part, ok = []string{quotedWords(words)}, true
		case isList:
			part, ok = p.list(words, p.runner.refs && key == "sequence")
		default:
			part, ok = p.value(v, nil)
		}
		return append(out, part...), ok
	}
	return out, len(out) > 0
}

// quotedWords are the words of a command as a shell would read them.
func quotedWords(words []any) string {
	var out []string
	for _, w := range words {
		text, _ := w.(string)
		out = append(out, "'"+strings.ReplaceAll(text, "'", `'\''`)+"'")
	}
	return strings.Join(out, " ")
}

// runnerTask handles a command that stands behind a runner, or begins with one.
func (r *run) runnerTask(c *Command, base string) (start, bool) {
	if len(c.Runner) > 1 && projectRunners[c.Runner[0]].words != nil && slices.Equal(projectRunners[c.Runner[0]].words, c.Runner[1:2]) {
		args := append([]value.Value{value.Text(c.Runner[1])}, c.Args...)
		return r.projectTask(c, c.Runner[0], args)
	}
	if _, ok := projectRunners[base]; ok {
		return r.projectTask(c, base, c.Args[1:])
	}
	return start{}, false
}
