package trace

import (
	"encoding/json"
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// nxConfig is what is read of nx.json.
type nxConfig struct {
	Plugins  []json.RawMessage   `json:"plugins"`
	Defaults map[string]nxTarget `json:"targetDefaults"`
	there    bool
}

// nxTarget is a target of a project, or what nx.json says of all of that name.
type nxTarget struct {
	Executor  string            `json:"executor"`
	Command   string            `json:"command"`
	DependsOn []json.RawMessage `json:"dependsOn"`
	Options   struct {
		Command  json.RawMessage   `json:"command"`
		Commands []json.RawMessage `json:"commands"`
		Script   string            `json:"script"`
		Cwd      string            `json:"cwd"`
	} `json:"options"`
}

// nxProject is what is read of project.json, or of "nx" in package.json.
type nxProject struct {
	Name    string              `json:"name"`
	Targets map[string]nxTarget `json:"targets"`
}

// nxFile reads nx.json of a folder of the runner.
func (r *run) nxFile(folder string) (n nxConfig) {
	file, other := r.inside(path.Join(folder, "nx.json"))
	if source, err := r.file(file); other == "" && err == nil {
		n.there = json.Unmarshal([]byte(commentLine.ReplaceAllString(string(source), "")), &n) == nil
	}
	return n
}

// needs is what nx.json says that a task depends on.
func (n nxConfig) needs(_ *packageFolder, task string) []string { return n.Defaults[task].needs() }

// needs are what a target depends on, as [spread] has it.
func (t nxTarget) needs() []string {
	var out []string
	for _, raw := range t.DependsOn {
		var text string
		var detailed struct {
			Target       string          `json:"target"`
			Projects     json.RawMessage `json:"projects"`
			Dependencies bool            `json:"dependencies"`
		}
		if json.Unmarshal(raw, &text) == nil {
			// "project:target", where a target may have a colon as well: what
			// is no project has no such target.
			if project, target, ok := strings.Cut(text, ":"); ok {
				out = append(out, project+"#"+target)
			}
			out = append(out, text)
			continue
		}
		if json.Unmarshal(raw, &detailed) != nil {
			continue
		}
		var one string
		var several []string
		if json.Unmarshal(detailed.Projects, &one) == nil && one != "" && one != "self" && one != "dependencies" {
			several = []string{one}
		}
		switch _ = json.Unmarshal(detailed.Projects, &several); {
		case detailed.Dependencies || one == "dependencies":
			out = append(out, "^"+detailed.Target)
		case len(several) == 0:
			out = append(out, detailed.Target)
		}
		for _, name := range several {
			out = append(out, name+"#"+detailed.Target)
		}
	}
	return out
}

// nxValues are the flags of nx that take the next word along, nxMany those that
// take several.
var (
	nxValues = []string{"-c", "--configuration", "--parallel", "--maxParallel", "--base", "--head", "--files", "--output-style", "--outputStyle", "--runner", "--target", "--project"}
	nxMany   = []string{"-t", "--targets", "-p", "--projects", "--exclude"}
)

// nxCommands are words behind nx that are no targets, see
// https://nx.dev/docs/reference/nx-commands.
var nxCommands = []string{
	"release", "add", "configure-ai-agents", "connect", "daemon", "deregister", "format:check", "format:write", "format", "g", "generate", "graph", "import", "init", "list", "login",
	"logout", "mcp", "migrate", "print-affected", "affected:graph", "register", "repair", "report", "reset", "show", "sync", "sync:check", "view-logs", "start-ci-run", "fix-ci",
}

// nx handles `nx run project:target`, `nx target project`, `nx run-many` and
// `nx affected`, whose targets are scripts of package.json or commands of
// project.json. Where a plugin may have made them up, or runs them, they are
// tasks that are not read.
func (r *run) nx(c *Command) (start, bool) {
	if len(c.Args) > 1 && slices.Contains(nxCommands, c.Args[1].String()) {
		return start{}, false // no task of the project
	}
	t := readTaskWords(c.Args[1:], nxValues, nxMany)
	s, from := r.spread(c.Dir, t.rest)
	if s == nil || len(t.words) == 0 || !t.understands {
		return tasks(c), true
	}
	config := r.nxFile(s.base)
	if !config.there {
		return tasks(c), true
	}
	of := r.nxTargets(s, config)
	targets, packages, ok := nxSelection(s, t, from)
	if !ok {
		return tasks(c), true
	}
	for _, task := range targets {
		found := false
		for _, p := range packages {
			switch has, known := of.has(p, task); {
			case has:
				found = true
				s.add(p, task)
			case !known:
				return tasks(c), true
			}
		}
		if !found {
			return tasks(c), true
		}
	}
	return s.start(c)
}

// nxSelection is what a call of nx names: targets, and packages; ok is false
// where that is not understood.
func nxSelection(s *spread, t taskWord, from string) (targets []string, packages []*packageFolder, ok bool) {
	command, behind, colon := strings.Cut(t.words[0], ":")
	switch {
	case t.words[0] == "run" && len(t.words) == 2:
		name, target, given := strings.Cut(t.words[1], ":")
		if packages = s.w.find(name); packages == nil {
			// The target alone is one of the project at hand.
			return nil, nil, false
		}
		return []string{target}, packages, given
	case command == "run-many" || command == "affected":
		targets = t.of("-t", "--target", "--targets")
		if colon {
			targets = append(targets, behind)
		}
		if s.w.missing != "" || s.w.lone {
			return nil, nil, false
		}
		packages = s.w.packages
		if names := t.of("-p", "--projects", "--project"); len(names) > 0 {
			packages = nil
			for _, name := range names {
				found := s.w.find(name)
				if found == nil {
					return nil, nil, false // a pattern, a tag, or not there
				}
				packages = append(packages, found...)
			}
		}
		return targets, packages, len(targets) > 0
	case len(t.words) == 2:
		packages = s.w.find(t.words[1])
		return t.words[:1], packages, packages != nil
	case len(t.words) == 1 && s.w.at(from) != nil:
		packages = []*packageFolder{s.w.at(from)}
		if names := t.of("--project"); len(names) > 0 {
			packages = s.w.find(names[0])
		}
		return t.words, packages, packages != nil
	}
	return nil, nil, false
}

// nxTargets tells which targets packages have.
type nxTargets struct {
	config   nxConfig
	projects map[*packageFolder]*nxProject
	read     func(p *packageFolder) *nxProject
}

// has tells whether a package has a target; known is false where a plugin may
// give it one.
func (n *nxTargets) has(p *packageFolder, task string) (has, known bool) {
	_, target := n.read(p).Targets[task]
	_, script := p.Scripts[task]
	return target || script, len(n.config.Plugins) == 0
}

// nxTargets has a spread run the targets of projects.
func (r *run) nxTargets(s *spread, config nxConfig) *nxTargets {
	n := &nxTargets{config: config, projects: map[*packageFolder]*nxProject{}}
	n.read = func(p *packageFolder) *nxProject {
		if n.projects[p] == nil {
			n.projects[p] = r.nxProject(path.Join(s.base, p.dir), p)
		}
		return n.projects[p]
	}
	s.needs = func(p *packageFolder, task string) []string {
		t, ok := n.read(p).Targets[task]
		if ok && t.DependsOn != nil {
			return t.needs()
		}
		return slices.Concat(config.Defaults[task].needs(), config.Defaults[t.Executor].needs())
	}
	s.body = func(p *packageFolder, task string) (start, bool) {
		t, ok := n.read(p).Targets[task]
		if !ok {
			return start{}, false
		}
		if t.Executor == "" && t.Command == "" {
			t.Executor, t.Command, t.Options = config.Defaults[task].Executor, config.Defaults[task].Command, config.Defaults[task].Options
		}
		return r.nxTarget(s, p, task, t)
	}
	return n
}

// nxProject reads project.json in a folder of the runner, and "nx" in the
// package.json beside it.
func (r *run) nxProject(folder string, p *packageFolder) *nxProject {
	out := &nxProject{Targets: map[string]nxTarget{}}
	var inPackage struct {
		Nx nxProject `json:"nx"`
	}
	if json.Unmarshal(p.source, &inPackage) == nil {
		for name, t := range inPackage.Nx.Targets {
			out.Targets[name] = t
		}
	}
	file, other := r.inside(path.Join(folder, "project.json"))
	var own nxProject
	if source, err := r.file(file); other == "" && err == nil {
		_ = json.Unmarshal([]byte(commentLine.ReplaceAllString(string(source), "")), &own) // then it has no targets that are known
	}
	for name, t := range own.Targets {
		out.Targets[name] = t
	}
	return out
}

// nxTarget is what a target runs; ok is false where that is a script of the
// package.
func (r *run) nxTarget(s *spread, p *packageFolder, task string, t nxTarget) (start, bool) {
	file := path.Join(path.Dir(p.file), "project.json")
	what := "nx run " + p.Name + ":" + task
	lines := compact(t.Command)
	switch {
	case t.Executor == "nx:noop":
		return start{what: what, file: file, target: task, run: func(*run, *Site, position) {}}, true
	case t.Executor == "nx:run-script":
		call := s.call
		call.every = true
		return r.namedScript(p, call, t.Options.Script, value.Text(path.Join(s.base, p.dir)))
	case t.Executor == "" && len(lines) == 0:
		return start{}, false
	case t.Executor == "nx:run-commands" || strings.HasSuffix(t.Executor, "workspace:run-commands"):
		for _, raw := range append([]json.RawMessage{t.Options.Command}, t.Options.Commands...) {
			lines = append(lines, nxLines(raw)...)
		}
	case len(lines) == 0:
		return start{what: what, why: "runs an executor that is not read: " + t.Executor, settle: "read what it does with the token" + describeProgram}, true
	}
	if len(lines) == 0 {
		return start{what: what, why: "runs commands that are not understood", settle: "read what it does with the token" + describeProgram}, true
	}
	fill := strings.NewReplacer("{projectRoot}", p.dir, "{workspaceRoot}", ".", "{projectName}", p.Name)
	body := fill.Replace(strings.Join(lines, "\n"))
	folder := value.Text(path.Join(s.base, fill.Replace(t.Options.Cwd)))
	line := 1
	if source, err := r.file(file); err == nil {
		if i := strings.Index(string(source), `"`+task+`"`); i >= 0 {
			line = lineOf(string(source)).line(i)
		}
	} else {
		file = p.file
	}
	return start{
		what: what, file: file, target: task,
		run: func(r *run, site *Site, at position) {
			place := locate{func(int) int { return line }, func(from, to int) string { return oneLine(cut(body, from, to)) }}
			r.code(code{kind: "shell", name: task, source: body, file: file, line: place}, site, at)
		},
	}.in(folder), true
}

// nxLines are the commands of an option: a text, a list, or what has one.
func nxLines(raw json.RawMessage) []string {
	var text string
	var several []string
	var detailed struct {
		Command string `json:"command"`
	}
	switch {
	case len(raw) == 0:
		return nil
	case json.Unmarshal(raw, &text) == nil:
		return compact(text)
	case json.Unmarshal(raw, &several) == nil:
		return several
	case json.Unmarshal(raw, &detailed) == nil:
		return compact(detailed.Command)
	}
	return nil
}
