package trace

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
)

// taskFiles are the names under which Task looks for its file, in order, see
// https://taskfile.dev/usage/#supported-file-names.
var taskFiles = []string{
	"Taskfile.yml", "taskfile.yml", "Taskfile.yaml", "taskfile.yaml", "Taskfile.dist.yml", "taskfile.dist.yml", "Taskfile.dist.yaml", "taskfile.dist.yaml",
}

// task handles `task [-d dir] [-t file] [NAME…] [VAR=value…] [-- words]` by
// reading the tasks of a Taskfile and of local ones that it includes. Loops,
// and variables that a command sets, appear as unknown words.
func (r *run) task(c *Command) (start, bool) {
	call := taskWords(c, []string{"-t", "--taskfile"}, []string{"-d", "--dir"}, []string{"-o", "--output", "-C", "--concurrency", "-I", "--interval", "--timeout", "--expiry"})
	return r.runner(c, "task", taskFiles, call, func(file string, source []byte) *taskfile {
		f := newTaskfile(taskTemplate)
		f.first = "default"
		if !f.addTaskfile(r, file, source, "", 0) {
			return nil
		}
		f.hand()
		return f
	})
}

// runner starts the tasks of a call.
func (r *run) runner(c *Command, name string, files []string, call taskCall, parse func(file string, source []byte) *taskfile) (start, bool) {
	what := strings.TrimSpace(name + " " + strings.Join(call.tasks, " "))
	dir := c.Dir
	if len(call.dir) > 0 {
		dir = shell.Join(dir, call.dir)
	}
	if text, ok := call.file.Literal(); ok && text != "" {
		files = []string{text}
	}
	for _, candidate := range files {
		file, source, ok := r.read(dir, candidate)
		if !ok {
			continue
		}
		f := r.t.taskfiles[file]
		if f == nil || r.changes != nil {
			if f = parse(file, source); f == nil {
				return start{what: file, why: "is not understood", settle: "read what it does with the token" + describeProgram}, true
			}
			if r.changes == nil {
				r.t.taskfiles[file] = f
			}
		}
		if f.positional || len(call.tasks) == 0 {
			call.tasks, call.rest = f.taken(call.tasks, call.rest)
		}
		if !f.complete(call.tasks) {
			return start{what: what, why: "runs tasks of " + file + " that are not understood", settle: "read what it does with the token" + describeProgram}, true
		}
		return start{
			what: what, file: file, target: strings.Join(call.tasks, " "),
			run: func(r *run, site *Site, at position) {
				inner := *site.Command
				if inner.Dir = dir; len(call.file) > 0 {
					inner.Dir = shell.Join(dir, value.Text(path.Dir(files[0])))
				}
				own := *site
				own.Command = &inner
				f.run(r, what, call, &own, at)
			},
		}, true
	}
	if other := r.elsewhere(dir, files[0]); other != "" {
		return lost(what, "runs tasks", other), true
	}
	why, settle := absent(dir, files[0])
	return start{what: what, why: "runs tasks of a file that " + why, settle: settle}, true
}

var taskName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// taskWords takes the words of a call of a task runner apart. Flags that take
// a value of their own are those for the file, the folder, and others.
func taskWords(c *Command, file, folder, others []string) taskCall {
	call := taskCall{given: map[string]value.Value{}}
	is := func(list []string, word string) bool {
		for _, w := range list {
			if w == word {
				return true
			}
		}
		return false
	}
	for i := 1; i < len(c.Args); i++ {
		word := c.Args[i].String()
		masked := c.Args[i].Mask()
		name, text, set := strings.Cut(masked.Text, "=")
		switch {
		case word == "--":
			call.rest, call.dashed = c.Args[i+1:], true
			return call
		case is(file, word) && i+1 < len(c.Args):
			i++
			call.file = c.Args[i]
		case is(folder, word) && i+1 < len(c.Args):
			i++
			call.dir = c.Args[i]
		case is(others, word):
			i++
		case set && taskName.MatchString(name):
			call.given[name] = masked.Table.Value(text)
		case strings.HasPrefix(word, "-") && len(call.tasks) == 0:
		default:
			call.tasks = append(call.tasks, word)
			if len(call.tasks) == 1 {
				call.rest = c.Args[i+1:]
			}
		}
	}
	return call
}

var taskVariable = regexp.MustCompile(`^\.([A-Za-z_][A-Za-z0-9_]*)$`)

// taskTemplate takes a template of Task apart: {{.NAME}}.
func taskTemplate(body string) (name string, plain bool) {
	if m := taskVariable.FindStringSubmatch(body); m != nil {
		return m[1], true
	}
	return body, false
}

// addTaskfile reads one Taskfile, whose tasks others call by a prefix. It is
// false where it is no such file.
func (f *taskfile) addTaskfile(r *run, file string, source []byte, prefix string, depth int) bool {
	var document yaml.Node
	if err := yaml.Unmarshal(source, &document); err != nil || len(document.Content) == 0 {
		return false
	}
	root := document.Content[0]
	f.options.errexit = f.options.errexit || slices.ContainsFunc(elements(member(root, "set")), isErrexit)
	// own are the variables of a file that is included.
	var own []string
	for _, part := range []struct {
		key  string
		into map[string]string
	}{{"vars", f.vars}, {"env", f.env}} {
		for name, node := range pairs(member(root, part.key)) {
			text, ok := scalar(node)
			_, set := part.into[name]
			switch {
			case ok && prefix == "":
				part.into[name] = text
			case part.key == "env" && !ok, part.key == "env" && set:
				part.into[name] = f.open + " " + name + " " + f.shut
			case part.key == "env":
				part.into[name] = text
			case prefix != "":
				own = append(own, name)
			}
			f.before = append(f.before, commandOf(file, member(node, "sh"))...)
		}
	}
	if prefix == "" {
		r.taskDotenv(f.env, file, member(root, "dotenv"))
	}
	tasks := member(root, "tasks")
	for name, node := range pairs(tasks) {
		t := &task{env: map[string]string{}, words: map[string]string{}}
		t.readTask(file, node, prefix)
		t.opens(own)
		if node.Kind == yaml.MappingNode {
			r.taskDotenv(t.env, file, member(node, "dotenv"))
		}
		f.tasks[prefix+name] = t
		for _, alias := range elements(member(node, "aliases")) {
			f.tasks[prefix+alias.Value] = t
		}
	}
	if depth >= maxIncludes {
		return tasks != nil
	}
	for name, node := range pairs(member(root, "includes")) {
		to, ok := scalar(node)
		if !ok {
			to, _ = scalar(member(node, "taskfile"))
		}
		f.includeTaskfile(r, path.Join(path.Dir(file), to), prefix+name+":", depth)
		dir, _ := scalar(member(node, "dir"))
		seen := map[*task]bool{}
		for inner, t := range f.tasks {
			if strings.HasPrefix(inner, prefix+name+":") && !seen[t] {
				seen[t] = true
				t.opens(variableNames(member(node, "vars")))
				if dir != "" {
					t.dir = strings.TrimSuffix(dir+"/"+t.dir, "/")
				}
			}
		}
	}
	return true
}

// includeTaskfile reads a file that another names, or that of a folder.
func (f *taskfile) includeTaskfile(r *run, name, prefix string, depth int) {
	for _, candidate := range append([]string{""}, taskFiles...) {
		file := path.Join(name, candidate)
		if source, err := r.file(file); err == nil {
			f.addTaskfile(r, file, source, prefix, depth+1)
			return
		}
	}
}

// readTask reads what one task runs.
func (t *task) readTask(file string, node *yaml.Node, prefix string) {
	commands := node
	if node.Kind == yaml.MappingNode {
		for name, v := range pairs(member(node, "env")) {
			text, ok := scalar(v)
			if !ok {
				text = "{{ " + name + " }}"
			}
			t.env[name] = text
		}
		for name, v := range pairs(member(node, "vars")) {
			if text, ok := scalar(v); ok {
				t.words[name] = text
			}
			t.parts = append(t.parts, commandOf(file, member(v, "sh"))...)
		}
		for _, v := range append(elements(member(node, "status")), elements(member(node, "preconditions"))...) {
			t.parts = append(t.parts, commandOf(file, v)...)
			t.parts = append(t.parts, commandOf(file, member(v, "sh"))...)
		}
		t.dir, _ = scalar(member(node, "dir"))
		for _, need := range elements(member(node, "deps")) {
			t.need(need, prefix)
		}
		t.forgiven = isTrue(member(node, "ignore_error"))
		if commands = member(node, "cmds"); commands == nil {
			commands = member(node, "cmd")
		}
	}
	for _, c := range elements(commands) {
		if loop := member(c, "for"); loop != nil {
			turn, named := scalar(member(loop, "as"))
			if !named {
				turn = "ITEM"
			}
			delete(t.words, turn)
			t.opens([]string{turn})
		}
		deferred := member(c, "defer")
		for _, part := range []*yaml.Node{c, deferred} {
			if part != nil && part.Kind == yaml.MappingNode {
				t.need(part, prefix)
			}
		}
		for _, part := range []*yaml.Node{c, member(c, "cmd"), deferred} {
			for _, command := range commandOf(file, part) {
				command.errexit = slices.ContainsFunc(append(elements(member(node, "set")), elements(member(c, "set"))...), isErrexit)
				command.forgiven = t.forgiven || isTrue(member(c, "ignore_error")) || part == deferred
				t.parts = append(t.parts, command)
			}
		}
	}
}

// isTrue tells whether a setting is switched on, or may be.
func isTrue(node *yaml.Node) bool {
	text, ok := scalar(node)
	return ok && text != "false"
}

// isErrexit tells whether an option of the shell ends a command of several lines
// where one of them fails.
func isErrexit(option *yaml.Node) bool { return option.Value == "e" || option.Value == "errexit" }

// commandOf is the command that a node holds, none where it is no text.
func commandOf(file string, node *yaml.Node) []recipe {
	text, ok := scalar(node)
	if !ok || text == "" {
		return nil
	}
	return []recipe{linesOf(file, text, node)}
}

// need notes a task that another runs. It is read before the other's own
// commands, whatever the order.
func (t *task) need(node *yaml.Node, prefix string) {
	name, ok := scalar(node)
	if !ok {
		if name, ok = scalar(member(node, "task")); !ok {
			return
		}
	}
	inner, root := strings.CutPrefix(name, ":")
	if !root {
		inner = prefix + name
	}
	t.needs = append(t.needs, inner)
	if t.hands == nil {
		t.hands = map[string][]string{}
	}
	t.hands[inner] = append(t.hands[inner], variableNames(member(node, "vars"))...)
}

// variableNames are those that a call or an include sets.
func variableNames(node *yaml.Node) []string {
	var out []string
	for name := range pairs(node) {
		out = append(out, name)
	}
	return out
}

// linesOf are the lines of a scalar, those of a block scalar below its first.
func linesOf(file, text string, node *yaml.Node) recipe {
	first := node.Line
	if node.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		first++
	}
	out := recipe{file: file, whole: true}
	for i, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		out.text, out.lines = append(out.text, line), append(out.lines, first+i)
	}
	return out
}
