package trace

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// The places where mise looks for tasks: its configuration, and folders of
// scripts.
var (
	miseFiles   = []string{"mise.toml", ".mise.toml", "mise/config.toml", ".mise/config.toml", ".config/mise.toml", ".config/mise/config.toml"}
	miseFolders = []string{"mise-tasks", ".mise-tasks", "mise/tasks", ".mise/tasks", ".config/mise/tasks"}
)

// miseTask handles `mise run task`, and `mise task` for short, by reading the
// task's script. Tasks that are put together from templates appear with
// unknown words; several tasks behind one another are not understood.
func (r *run) miseTask(c *Command) (start, bool) {
	words := make([]string, len(c.Args))
	for i, a := range c.Args {
		words[i] = a.String()
	}
	task, ok := rules.ProjectTask(words)
	if !ok || len(task.Words) == 0 || task.Kind != rules.ProjectTasks {
		return start{}, false
	}
	name := task.Words[0]
	what := "mise run " + name
	if slices.Contains(words, ":::") {
		return start{what: what, why: "runs several tasks, which are not told apart", settle: "run them one by one"}, true
	}
	dir := miseFolder(c)
	includes := []string{}
	for _, candidate := range miseFiles {
		file, source, ok := r.read(dir, candidate)
		if !ok {
			continue
		}
		var config struct {
			Tasks  map[string]any `toml:"tasks"`
			Config struct {
				Includes []string `toml:"includes"`
			} `toml:"task_config"`
		}
		if err := toml.Unmarshal(source, &config); err != nil {
			return start{what: file, why: "does not parse as TOML", settle: "mend it"}, true
		}
		includes = append(includes, config.Config.Includes...)
		if s, ok := miseStart(what, miseTasks{name, file, string(source), config.Tasks, dir}); ok {
			return s, true
		}
	}
	if len(includes) == 0 {
		includes = miseFolders
	}
	for _, include := range includes {
		if s, ok := r.miseIncluded(c, what, name, dir, include); ok {
			return s, true
		}
	}
	why, settle := absent(dir, miseFiles[0])
	return start{what: what, why: "is a task that " + why, settle: settle}, true
}

// miseFolder is the folder in which mise looks for its configuration.
func miseFolder(c *Command) value.Value {
	for i, a := range c.Args {
		switch flag, given, ok := strings.Cut(a.String(), "="); {
		case flag != "-C" && flag != "--cd":
		case ok:
			return shell.Join(c.Dir, value.Text(given))
		case i+1 < len(c.Args):
			return shell.Join(c.Dir, c.Args[i+1])
		}
	}
	return c.Dir
}

// miseTasks is a task in a file of tasks.
type miseTasks struct {
	name, file, source string
	tasks              map[string]any
	dir                value.Value
}

// miseIncluded finds a task in what the configuration includes: a file of
// tasks, or a folder of scripts.
func (r *run) miseIncluded(c *Command, what, name string, dir value.Value, include string) (start, bool) {
	include = strings.TrimSuffix(include, "/")
	if strings.HasSuffix(include, ".toml") {
		file, source, ok := r.read(dir, include)
		if !ok {
			return start{}, false
		}
		var tasks map[string]any
		if err := toml.Unmarshal(source, &tasks); err != nil {
			return start{what: file, why: "does not parse as TOML", settle: "mend it"}, true
		}
		return miseStart(what, miseTasks{name, file, string(source), tasks, dir})
	}
	for _, ending := range miseEndings {
		script := include + "/" + strings.ReplaceAll(name, ":", "/") + ending
		if _, _, ok := r.read(dir, script); ok {
			inner := *c
			inner.Dir = dir
			return r.scriptFile(&inner, script, "", nil)
		}
	}
	return start{}, false
}

// miseEndings are those of scripts, which are no part of the task's name.
var miseEndings = []string{"", ".sh", ".bash", ".py", ".js", ".mjs", ".ts", ".mts", ".rb", ".ps1"}

// miseStart reads a task of a file.
func miseStart(what string, t miseTasks) (start, bool) {
	recipe, env, ok := miseScript(t.tasks, t.name, map[string]bool{})
	if !ok {
		return start{}, false
	}
	line := 1
	for _, head := range []string{"tasks." + t.name, "[" + t.name + "]", `"` + t.name + `"`} {
		if i := strings.Index(t.source, head); i >= 0 {
			line = lineOf(t.source).line(i)
			break
		}
	}
	return start{
		what: what, file: t.file, target: t.name,
		run: func(r *run, site *Site, at position) {
			inner := *site.Command
			inner.Env, inner.Dir = inner.Env.With(env), t.dir
			own := *site
			own.Command = &inner
			place := locate{func(int) int { return line }, func(from, to int) string { return oneLine(cut(recipe, from, to)) }}
			r.code(code{kind: "shell", name: t.name, source: recipe, file: t.file, line: place}, &own, at)
		},
	}, true
}

// miseScript returns the commands of a task and of those on which it depends,
// and the variables that it sets.
func miseScript(tasks map[string]any, name string, seen map[string]bool) (script string, env map[string]value.Value, ok bool) {
	task, ok := tasks[name]
	if !ok || seen[name] {
		return "", nil, false
	}
	seen[name] = true
	table, detailed := task.(map[string]any)
	if !detailed {
		return strings.Join(stringsOf(task), "\n"), nil, true
	}
	var lines []string
	others := func(list any) {
		for _, other := range miseNeeds(tasks, list) {
			if s, _, ok := miseScript(tasks, other, seen); ok {
				lines = append(lines, s)
			} else if !seen[other] {
				lines = append(lines, "mise run "+shellWord(other))
			}
		}
	}
	others(table["depends"])
	if list, ok := table["run"].([]any); ok {
		for _, part := range list {
			if step, ok := part.(map[string]any); ok {
				others(step["task"])
				others(step["tasks"])
			} else {
				lines = append(lines, stringsOf([]any{part})...)
			}
		}
	} else {
		lines = append(lines, stringsOf(table["run"])...)
	}
	if file, ok := table["file"].(string); ok {
		lines = append(lines, "./"+strings.TrimPrefix(file, "./"))
	}
	others(table["depends_post"])
	env = map[string]value.Value{}
	if set, ok := table["env"].(map[string]any); ok {
		for name, v := range set {
			if text, ok := v.(string); ok && !strings.Contains(text, "{{") {
				env[name] = value.Text(text)
			}
		}
	}
	return strings.Join(lines, "\n"), env, len(lines) > 0
}

// miseNeeds are the names of tasks that another depends on, see
// https://mise.jdx.dev/tasks/task-configuration.html: names, lists of a name
// and its words, tables, and words in front that set variables.
func miseNeeds(tasks map[string]any, v any) []string {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	var out []string
	for _, x := range list {
		text := ""
		switch x := x.(type) {
		case string:
			text = x
		case []any:
			text = strings.Join(stringsOf(x), " ")
		case map[string]any:
			text, _ = x["task"].(string)
		}
		for _, word := range strings.Fields(text) {
			if name, _, set := strings.Cut(word, "="); !set || !taskName.MatchString(name) {
				out = append(out, miseNamed(tasks, word)...)
				break
			}
		}
	}
	return out
}

// miseNamed are the tasks that a name with wildcards means; the name where
// none is known.
func miseNamed(tasks map[string]any, name string) []string {
	var out []string
	if strings.Contains(name, "*") {
		for _, task := range slices.Sorted(maps.Keys(tasks)) {
			if ok, _ := path.Match(name, task); ok {
				out = append(out, task)
			}
		}
	}
	if out == nil {
		out = []string{name}
	}
	return out
}

// shellWord is a word as a shell reads it.
func shellWord(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// stringsOf are the texts of a value that is one, or a list of them.
func stringsOf(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, x := range v {
			if text, ok := x.(string); ok {
				out = append(out, text)
			}
		}
		return out
	}
	return nil
}
