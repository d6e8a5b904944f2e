package trace

import (
	"encoding/json"
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// spread runs tasks in packages of a workspace, each after those that it needs,
// as turbo, nx and lerna do.
type spread struct {
	r *run
	w *workspace
	// base is the folder of the workspace on the runner.
	base string
	// call has the package manager and the words behind the tasks.
	call packageCall
	// needs are what a task depends on: "task", "^task" of the packages that
	// the package depends on, "package#task".
	needs func(p *packageFolder, task string) []string
	// body is what a task runs in a package, where it is no script; nil where
	// every task is one.
	body func(p *packageFolder, task string) (s start, ok bool)

	seen  map[spreadTask]bool
	parts []start
}

type spreadTask struct {
	p    *packageFolder
	task string
}

// add takes in a task of a package.
func (s *spread) add(p *packageFolder, task string) {
	key := spreadTask{p, task}
	if s.seen[key] {
		return
	}
	s.seen[key] = true
	for _, need := range s.needs(p, task) {
		below, up := strings.CutPrefix(need, "^")
		name, of, other := strings.Cut(need, "#")
		switch {
		case strings.HasPrefix(need, "$"): // a variable
		case up:
			for _, q := range s.w.needsOf(p) {
				s.add(q, below)
			}
		case name == "//" && s.w.root() != nil:
			s.add(s.w.root(), of)
		case other:
			for _, q := range s.w.find(name) {
				s.add(q, of)
			}
		default:
			s.add(p, need)
		}
	}
	folder := value.Text(path.Join(s.base, p.dir))
	if s.body != nil {
		if part, ok := s.body(p, task); ok {
			s.parts = append(s.parts, part)
			return
		}
	}
	call := s.call
	call.words, call.every = append([]value.Value{value.Text(task)}, s.call.words...), true
	if part, ok := s.r.namedScript(p, call, task, folder); ok {
		s.parts = append(s.parts, part)
	}
}

// spread begins to run tasks in the workspace around the folder of a command;
// rest are the words that each gets. It is nil where there is no package.json.
func (r *run) spread(dir value.Value, rest []value.Value) (s *spread, from string) {
	w, base, from := r.workspaceAround(dir)
	if w == nil {
		folder, file, source, ok := r.nearestPackage(dir)
		p := &packageFolder{dir: ".", file: file, source: source}
		if !ok || json.Unmarshal(source, &p.manifest) != nil {
			return nil, ""
		}
		w = &workspace{packages: []*packageFolder{p}, byName: map[string][]*packageFolder{p.Name: {p}}}
		base, from = folder.LiteralOr("."), "."
	}
	manager := "npm"
	if root := w.root(); root != nil {
		if name, _, _ := strings.Cut(root.Manager, "@"); packageManagers[name].scripts != nil || name == "yarn" || name == "bun" {
			manager = name
		}
	}
	return &spread{r: r, w: w, base: base, call: packageCall{manager: manager, words: rest}, seen: map[spreadTask]bool{}}, from
}

// taskWord is a call of a program that runs tasks in packages: its flags by
// their names, each with its values, the other words, and what stands behind
// "--".
type taskWord struct {
	flags       map[string][]string
	words       []string
	rest        []value.Value
	understands bool
}

// readTaskWords takes the words behind the program apart; values are the flags
// that take the next word along, many those that take all until the next flag.
func readTaskWords(args []value.Value, values, many []string) taskWord {
	t := taskWord{flags: map[string][]string{}, understands: true}
	for len(args) > 0 {
		if args[0].String() == "--" {
			t.rest = args[1:]
			return t
		}
		word, known := args[0].Literal()
		flag, text, given := strings.Cut(word, "=")
		args = args[1:]
		switch {
		case !known || word == "":
			// A flag need not be known: --parallel=${{ inputs.n }}.
			t.understands = false
		case !strings.HasPrefix(word, "-"):
			t.words = append(t.words, word)
		case given:
			t.flags[flag] = append(t.flags[flag], text)
		case slices.Contains(many, flag):
			for len(args) > 0 && !strings.HasPrefix(args[0].String(), "-") {
				word, known := args[0].Literal()
				t.understands = t.understands && known
				t.flags[flag], args = append(t.flags[flag], word), args[1:]
			}
		case slices.Contains(values, flag) && len(args) > 0:
			word, known := args[0].Literal()
			t.understands = t.understands && known
			t.flags[flag], args = append(t.flags[flag], word), args[1:]
		default:
			t.flags[flag] = append(t.flags[flag], "")
		}
	}
	return t
}

// of are the values of a flag under any of its names, parted at commas.
func (t taskWord) of(names ...string) []string {
	var out []string
	for _, name := range names {
		for _, text := range t.flags[name] {
			for _, part := range strings.Split(text, ",") {
				if part = strings.TrimSpace(part); part != "" {
					out = append(out, part)
				}
			}
		}
	}
	return out
}

// start is what was taken in, in order.
func (s *spread) start(c *Command) (start, bool) {
	if len(s.parts) == 0 || slices.ContainsFunc(s.parts, func(p start) bool { return p.why != "" }) {
		return tasks(c), true
	}
	return together(commandName(c), s.parts), true
}

// turboValues are the flags of turbo that take the next word along.
var turboValues = []string{
	"-F", "--filter", "--scope", "--concurrency", "--cache-dir", "--cwd", "--output-logs", "--env-mode", "--token", "--team", "--api", "--log-order", "--log-prefix", "--ignore", "--ui",
	"--cache-workers", "--profile", "--remote-cache-timeout", "--root-turbo-json", "--cache", "--since",
}

// turboCommands are words behind turbo that are no tasks.
var turboCommands = []string{"prune", "login", "logout", "link", "unlink", "gen", "generate", "ls", "daemon", "query", "watch", "info", "bin", "config", "telemetry", "scan", "boundaries", "completion", "devtools"}

// turbo handles `turbo [run] task… [--filter x]`: the scripts of these names in
// the packages of the workspace, each after those that turbo.json lists. That
// turbo keeps variables from them which it is not told of does not matter here:
// what they do with them is read, whether they get them or not.
func (r *run) turbo(c *Command) (start, bool) {
	t := readTaskWords(c.Args[1:], turboValues, nil)
	if len(t.words) > 0 && t.words[0] == "run" {
		t.words = t.words[1:]
	} else if len(t.words) > 0 && slices.Contains(turboCommands, t.words[0]) {
		return tasks(c), true
	}
	dir := c.Dir
	if to := t.of("--cwd"); len(to) > 0 {
		dir = value.Text(to[0])
	}
	s, from := r.spread(dir, t.rest)
	if s == nil || len(t.words) == 0 || !t.understands {
		return tasks(c), true
	}
	config, ok := r.turboFile(s.base)
	if !ok {
		return tasks(c), true
	}
	s.needs = func(p *packageFolder, task string) []string {
		own, _ := r.turboFile(path.Join(s.base, p.dir))
		return slices.Concat(config[task], config[p.Name+"#"+task], own[task])
	}
	packages, why := s.w.selected(t.of("-F", "--filter", "--scope"), from)
	if why != "" {
		return start{what: commandName(c), why: why, settle: "audit a checkout that has them" + orDescribe}, true
	}
	for _, task := range t.words {
		name, of, one := strings.Cut(task, "#")
		if _, root := config["//#"+task]; !one && root && s.w.root() != nil {
			s.add(s.w.root(), task)
		}
		for _, p := range packages {
			switch {
			case one && p.Name == name:
				s.add(p, of)
			case !one && (p.dir != "." || len(s.w.packages) == 1):
				s.add(p, task)
			}
		}
	}
	return s.start(c)
}

// turboFile returns what the tasks of turbo.json in a folder depend on; ok is
// false where there is none that can be read.
func (r *run) turboFile(folder string) (needs map[string][]string, ok bool) {
	type task struct {
		DependsOn []string `json:"dependsOn"`
	}
	var config struct {
		Tasks    map[string]task `json:"tasks"`
		Pipeline map[string]task `json:"pipeline"`
	}
	for _, name := range []string{"turbo.json", "turbo.jsonc"} {
		file, other := r.inside(path.Join(folder, name))
		source, err := r.file(file)
		if other != "" || err != nil {
			continue
		}
		if json.Unmarshal([]byte(commentLine.ReplaceAllString(string(source), "")), &config) != nil {
			return nil, false
		}
		needs = map[string][]string{}
		for _, tasks := range []map[string]task{config.Pipeline, config.Tasks} {
			for name, t := range tasks {
				needs[name] = t.DependsOn
			}
		}
		return needs, true
	}
	return nil, false
}

// lernaValues are the flags of lerna run that take the next word along.
var lernaValues = []string{"--scope", "--ignore", "--concurrency", "--since", "--loglevel", "--npm-client", "--max-buffer"}

// lerna handles `lerna run task` and `lerna exec -- words`; its other commands
// have names of their own.
func (r *run) lerna(c *Command) (start, bool) {
	t := readTaskWords(c.Args[1:], lernaValues, nil)
	if len(t.words) == 0 || t.words[0] != "run" && t.words[0] != "exec" {
		return start{}, false
	}
	if t.words[0] == "exec" && len(t.rest) == 0 {
		for _, word := range t.words[1:] {
			t.rest = append(t.rest, value.Text(word))
		}
	}
	s, from := r.spread(c.Dir, t.rest)
	if s == nil || !t.understands || t.words[0] == "run" && len(t.words) < 2 {
		return tasks(c), true
	}
	filters := t.of("--scope")
	if _, deps := t.flags["--include-dependencies"]; deps {
		for i := range filters {
			filters[i] += "..."
		}
	}
	for _, name := range t.of("--ignore") {
		filters = append(filters, "!"+name)
	}
	packages, why := s.w.selected(filters, from)
	if _, dependents := t.flags["--include-dependents"]; dependents && why == "" {
		packages = s.w.packages
	}
	if why != "" {
		return start{what: commandName(c), why: why, settle: "audit a checkout that has them" + orDescribe}, true
	}
	if t.words[0] == "exec" {
		return r.lernaExec(c, s, packages, t.rest)
	}
	nx := r.nxFile(s.base)
	s.needs = nx.needs
	for _, task := range strings.Split(t.words[1], ",") {
		for _, p := range packages {
			if p.dir != "." {
				s.add(p, task)
			}
		}
	}
	return s.start(c)
}

// lernaExec is a command that runs in each of some packages.
func (r *run) lernaExec(c *Command, s *spread, packages []*packageFolder, words []value.Value) (start, bool) {
	for _, p := range packages {
		if p.dir == "." || len(words) == 0 {
			continue
		}
		if part, ok := r.launched(c, words, value.Text(path.Join(s.base, p.dir))); ok {
			s.parts = append(s.parts, part)
		}
	}
	if len(s.parts) == 0 {
		return start{}, false // the program has a name
	}
	return together(commandName(c), s.parts), true
}
