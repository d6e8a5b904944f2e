package trace

import (
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/patrol-actions/patrol/audit/value"
)

// The places where mise looks for tasks: its configuration, and folders of
// scripts.
var (
	miseFiles   = []string{"mise.toml", ".mise.toml", "mise/config.toml", ".mise/config.toml", ".config/mise.toml", ".config/mise/config.toml"}
	miseFolders = []string{"mise-tasks", ".mise-tasks", "mise/tasks", ".mise/tasks", ".config/mise/tasks"}
)

// miseTask handles `mise run task` by reading the task's script. Tasks that
// are put together from templates appear with unknown words; several tasks
// behind one another are not understood.
func (r *run) miseTask(c *Command) (start, bool) {
	var words []string
	for _, a := range c.Args[1:] {
		if w := a.String(); !strings.HasPrefix(w, "-") {
			words = append(words, w)
		}
	}
	if len(words) < 2 || words[0] != "run" && words[0] != "r" {
		return start{}, false
	}
	name := words[1]
	for _, folder := range miseFolders {
		path := folder + "/" + strings.ReplaceAll(name, ":", "/")
		if _, _, ok := r.read(c.Dir, path); ok {
			return r.scriptFile(c, path, "", nil)
		}
	}
	for _, candidate := range miseFiles {
		file, source, ok := r.read(c.Dir, candidate)
		if !ok {
			continue
		}
		var config struct {
			Tasks map[string]any `toml:"tasks"`
		}
		if err := toml.Unmarshal(source, &config); err != nil {
			return start{what: file, why: "does not parse as TOML", settle: "mend it"}, true
		}
		recipe, env, ok := miseScript(config.Tasks, name, map[string]bool{})
		if !ok {
			continue
		}
		line := 1
		if i := strings.Index(string(source), "tasks."+name); i >= 0 {
			line = lineOf(string(source)).line(i)
		}
		return start{
			what: "mise run " + name, file: file, target: name,
			run: func(r *run, site *Site, at position) {
				inner := *site.Command
				inner.Env = inner.Env.With(env)
				own := *site
				own.Command = &inner
				place := locate{func(int) int { return line }, func(from, to int) string { return oneLine(cut(recipe, from, to)) }}
				r.code(code{kind: "shell", name: name, source: recipe, file: file, line: place}, &own, at)
			},
		}, true
	}
	return start{what: "mise run " + name, why: "is a task that is not in this checkout", settle: "audit a checkout that has it" + orDescribe}, true
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
	for _, need := range stringsOf(table["depends"]) {
		if s, _, ok := miseScript(tasks, need, seen); ok {
			lines = append(lines, s)
		}
	}
	lines = append(lines, stringsOf(table["run"])...)
	if file, ok := table["file"].(string); ok {
		lines = append(lines, "./"+strings.TrimPrefix(file, "./"))
	}
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
