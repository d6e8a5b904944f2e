package trace

import (
	"cmp"
	"encoding/json"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
)

// packageManager is what is known of the command line of one.
type packageManager struct {
	// dir, filter and valued are its flags that take a value along: for the
	// folder to work in, for the packages to run in, and others. all and root
	// are those for every package, and for the workspace's own.
	dir, filter, valued, all, root []string
	// anywhere says that its flags may stand behind the script's name too.
	anywhere bool
	// scripts are commands that run the script of that name.
	scripts []string
	// builtin are commands of its own; nil where any word but those of scripts
	// and run is one.
	builtin []string
	// programs says that where there is no script, a program of that name runs:
	// named by a bare word, and also behind run.
	programs, runPrograms bool
}

// packageManagers are those of JavaScript, see the manuals of their commands
// "run".
var packageManagers = map[string]packageManager{
	"npm": {
		dir: []string{"-C", "--prefix"}, filter: []string{"-w", "--workspace"}, all: []string{"--workspaces", "-ws"}, anywhere: true,
		valued:  []string{"--script-shell", "--loglevel", "--cache", "--userconfig", "--registry", "-p", "--package", "-c", "--call"},
		scripts: []string{"test", "t", "tst", "start", "restart", "stop"},
	},
	"pnpm": {
		dir: []string{"-C", "--dir"}, filter: []string{"-F", "--filter", "--filter-prod"}, all: []string{"-r", "--recursive"}, root: []string{"-w", "--workspace-root"},
		valued:   []string{"--workspace-concurrency", "--reporter", "--loglevel", "--test-pattern", "--changed-files-ignore-pattern", "--resume-from", "--package"},
		scripts:  []string{"test", "t", "start"},
		builtin:  packageCommands,
		programs: true,
	},
	"yarn": {
		dir: []string{"--cwd"}, root: []string{"-T", "--top-level"},
		valued:  []string{"--modules-folder", "--cache-folder", "--registry", "--network-timeout", "--mutex", "--use-yarnrc"},
		builtin: packageCommands, programs: true, runPrograms: true,
	},
	"bun": {
		dir: []string{"--cwd"}, filter: []string{"--filter", "-F"}, all: []string{"--workspaces"},
		valued:   []string{"-c", "--config", "--env-file", "--shell", "-r", "--preload", "--tsconfig-override", "--elide-lines", "--conditions"},
		builtin:  slices.Concat(packageCommands, []string{"test", "build", "pm", "upgrade", "repl", "create", "info"}),
		programs: true, runPrograms: true,
	},
}

// packageCommands are words after yarn, pnpm or bun that name no script.
var packageCommands = []string{
	"install", "i", "ci", "add", "remove", "publish", "pack", "login", "whoami", "config", "set", "cache", "dlx", "exec", "x", "create",
	"init", "audit", "version", "view", "info", "outdated", "update", "upgrade", "up", "link", "prune", "rebuild", "dedupe", "store", "deploy", "dist-tag",
	"patch", "import", "fetch", "why", "list", "ls", "root", "bin", "token", "team", "owner", "access", "ping", "doctor", "pkg", "workspaces", "workspace", "plugin", "constraints", "unpublish", "deprecate", "--version", "-v", "npm", "node",
}

// packageCall is a call of a package manager.
type packageCall struct {
	packageManager
	manager string
	// folder is where it works, filters name the packages that it runs in.
	folder  value.Value
	filters []value.Value
	// every and top say that it runs in all packages, or in the workspace's own.
	every, top bool
	// ifPresent says that a script may be missing.
	ifPresent bool
	// command is its own command, "run" for a script, "" for what is a script
	// or a program; words are what it runs, with the words that this gets.
	command string
	words   []value.Value
}

// readPackageCall takes a call apart. Words are missing where it runs nothing
// of the project.
func readPackageCall(c *Command, manager string) packageCall {
	call := packageCall{manager: manager, packageManager: packageManagers[manager], folder: c.Dir}
	for args := c.Args[1:]; len(args) > 0; {
		word := args[0].String()
		named := len(call.words) > 0
		switch {
		case word == "--":
			call.words = append(call.words, args[1:]...)
			return call
		case named && (!call.anywhere || call.command == "exec"):
			call.words = append(call.words, args...)
			if n := slices.IndexFunc(call.words, func(v value.Value) bool { return v.String() == "--" }); n >= 0 {
				call.words = slices.Delete(slices.Clone(call.words), n, n+1)
			}
			return call
		case strings.HasPrefix(word, "-"):
			args = call.flag(args)
			continue
		case named || call.command != "":
			call.words = append(call.words, args[0])
		case word == "run" || word == "run-script":
			call.command = "run"
		case word == "exec" || word == "x" || word == "dlx" || word == "node" && manager == "yarn":
			if call.command = "exec"; word == "node" {
				continue // it is the program too
			}
		case manager == "pnpm" && (word == "recursive" || word == "multi"):
			call.every = true
		case manager == "yarn" && word == "workspace" && len(args) > 1:
			call.filters = append(call.filters, args[1])
			args = args[1:]
		case manager == "yarn" && word == "workspaces" && len(args) > 1:
			if args = call.inWorkspaces(args[1:]); args == nil {
				return call
			}
			continue
		default:
			call.words = append(call.words, args[0])
		}
		args = args[1:]
	}
	return call
}

// flag notes the first of some words, which is a flag, and returns the rest.
func (c *packageCall) flag(args []value.Value) (rest []value.Value) {
	masked := args[0].Mask()
	flag, text, given := strings.Cut(masked.Text, "=")
	v := masked.Table.Value(text)
	rest = args[1:]
	take := func() value.Value {
		if !given && len(rest) > 0 {
			v, rest = rest[0], rest[1:]
		}
		return v
	}
	switch {
	case slices.Contains(c.dir, flag):
		c.folder = shell.Join(c.folder, take())
	case slices.Contains(c.filter, flag):
		c.filters = append(c.filters, take())
	case slices.Contains(c.all, flag):
		c.every = text != "false"
	case slices.Contains(c.root, flag):
		c.top = true
	case flag == "--if-present":
		c.ifPresent = true
	case slices.Contains(c.valued, flag):
		take()
	}
	return rest
}

// foreachFlags are the flags of yarn workspaces foreach that take a value.
var foreachFlags = []string{"-j", "--jobs", "--from", "--include", "--exclude"}

// inWorkspaces reads the words behind "yarn workspaces", and returns those that
// say what to run in each package; nil where that is nothing.
func (c *packageCall) inWorkspaces(args []value.Value) (rest []value.Value) {
	c.every = true
	if args[0].String() == "run" {
		return args
	}
	if args[0].String() != "foreach" {
		return nil
	}
	for args = args[1:]; len(args) > 0 && strings.HasPrefix(args[0].String(), "-"); {
		masked := args[0].Mask()
		flag, text, given := strings.Cut(masked.Text, "=")
		v := masked.Table.Value(text)
		if args = args[1:]; !given && slices.Contains(foreachFlags, flag) && len(args) > 0 {
			v, args = args[0], args[1:]
		}
		switch flag {
		case "--include":
			c.filters = append(c.filters, v)
		case "--from":
			c.filters = append(c.filters, value.Concat(v, value.Text("...")))
		case "--exclude":
			c.filters = append(c.filters, value.Concat(value.Text("!"), v))
		}
	}
	return args
}

// selectors are the filters of a call as [workspace.selected] takes them; ok is
// false where one is only known when it runs.
func (c *packageCall) selectors(w *workspace) (out []string, ok bool) {
	for _, v := range c.filters {
		text, known := v.Literal()
		if !known || text == "" {
			return nil, false
		}
		switch {
		case c.manager == "npm" && w.byName[text] == nil:
			folder := "./" + strings.TrimPrefix(text, "./")
			if text = folder; !slices.ContainsFunc(w.packages, func(p *packageFolder) bool { return "./"+p.dir == path.Clean(folder) || p.dir == path.Clean(folder) }) {
				text += "/**"
			}
		case c.manager == "yarn":
			not, bare := "", text
			if rest, cut := strings.CutPrefix(text, "!"); cut {
				not, bare = "!", rest
			}
			if strings.Contains(bare, "/") && !strings.HasPrefix(bare, "@") && !strings.HasPrefix(bare, "*") && !strings.HasPrefix(bare, ".") {
				text = not + "./" + bare
			}
		}
		out = append(out, text)
	}
	return out, true
}

// packageScript handles `npm run x`, `yarn x`, `pnpm --filter y x` and the
// like: a script of one or several packages, or a program that their package
// manager starts.
func (r *run) packageScript(c *Command, manager string) (start, bool) {
	call := readPackageCall(c, manager)
	if len(call.words) == 0 {
		return start{}, false
	}
	if name := call.words[0].String(); call.command == "" && (call.builtin == nil || slices.Contains(call.builtin, name)) && !slices.Contains(call.scripts, name) {
		return start{}, false
	}
	if len(call.filters) > 0 || call.every || call.top {
		return r.workspaceScript(c, call)
	}
	if call.command == "exec" {
		return r.programOf(c, call.words, call.folder)
	}
	return r.ownScript(c, call)
}

// nearestPackage finds the package.json of a folder of the runner, or of the
// nearest around it, as package managers do.
func (r *run) nearestPackage(dir value.Value) (folder value.Value, file string, source []byte, ok bool) {
	d, known := repositoryPath(dir).Literal()
	if known = known && !path.IsAbs(d); known {
		for d = path.Clean(d); !strings.HasPrefix(d, ".."); d = path.Dir(d) {
			name, other := r.inside(path.Join(d, "package.json"))
			if other != "" {
				break
			}
			if source, err := r.t.repository.Read(name); err == nil {
				return value.Text(d), name, source, true
			}
			if d == "." || r.t.away.holds(name) {
				break
			}
		}
	}
	file, source, ok = r.read(dir, "package.json")
	return dir, file, source, ok
}

// ownScript handles a script of the package in whose folder a call works.
func (r *run) ownScript(c *Command, call packageCall) (start, bool) {
	name := call.words[0].String()
	folder, file, source, ok := r.nearestPackage(call.folder)
	if !ok {
		if other := r.elsewhere(call.folder, "package.json"); other != "" {
			return lost(commandName(c), "runs a script", other), true
		}
		if call.command == "run" && !call.runPrograms || slices.Contains(call.scripts, name) {
			return start{what: commandName(c), why: "runs a script of a package.json that is not in this checkout", settle: "audit a checkout that has it" + orDescribe}, true
		}
		return r.programOf(c, call.words, call.folder)
	}
	p := &packageFolder{file: file, source: source}
	if err := json.Unmarshal(source, &p.manifest); err != nil {
		return start{what: file, why: "does not parse as JSON", settle: "mend it"}, true
	}
	if s, ok := r.scripts(p, call, folder); ok {
		return s, true
	}
	if s, ok := r.sharedScript(call); ok {
		return s, true
	}
	switch {
	case call.ifPresent:
		return start{what: commandName(c), file: file, target: name, run: func(*run, *Site, position) {}}, true
	case call.command == "run" && !call.runPrograms:
		return start{what: "script " + name, why: "is not in " + file, settle: "check its name"}, true
	}
	// A program of node_modules runs under that name.
	s, ok := r.programOf(c, call.words, call.folder)
	if by := map[string]string{"pnpm": "exec", "yarn": "exec", "bun": "x"}[call.manager]; !ok && by != "" {
		c.Args, c.Dir, c.Runner = call.words, folder, []string{call.manager, by}
	}
	return s, ok
}

// sharedScript handles a script with a colon in its name, which Yarn takes from
// any package of the workspace that alone has it.
func (r *run) sharedScript(call packageCall) (start, bool) {
	name := call.words[0].String()
	if call.manager != "yarn" || !strings.Contains(name, ":") {
		return start{}, false
	}
	w, base, _ := r.workspaceAround(call.folder)
	if w == nil || !r.berry(call, w, base) {
		return start{}, false
	}
	var found []*packageFolder
	for _, p := range w.packages {
		if p.Scripts[name] != "" {
			found = append(found, p)
		}
	}
	if len(found) != 1 {
		return start{}, false
	}
	return r.scripts(found[0], call, value.Text(path.Join(base, found[0].dir)))
}

// berry tells whether yarn is one from version 2 on, which runs no scripts
// around those of people.
func (r *run) berry(call packageCall, w *workspace, base string) bool {
	if call.manager != "yarn" {
		return false
	}
	if w != nil && w.root() != nil && w.root().Manager != "" {
		return !strings.HasPrefix(w.root().Manager, "yarn@1.")
	}
	_, _, ok := r.read(value.Text(base), ".yarnrc.yml")
	return ok
}

// workspaceScript handles what runs in packages of a workspace by their names
// or folders.
func (r *run) workspaceScript(c *Command, call packageCall) (start, bool) {
	what := strings.TrimSpace(call.manager + " " + cmp.Or(call.command, "run") + " " + call.words[0].String())
	unread := func(why, settle string) (start, bool) {
		return start{what: what, why: why, settle: settle + orDescribe}, true
	}
	if other := r.elsewhere(call.folder, "package.json"); other != "" {
		return lost(what, "runs a script", other), true
	}
	w, base, from := r.workspaceAround(call.folder)
	if w == nil {
		if call.top {
			return r.ownScript(c, call)
		}
		return unread("runs in packages of a workspace that is not in this checkout", "audit a checkout that has it")
	}
	filters, ok := call.selectors(w)
	if !ok {
		return unread("runs in a package whose name is only known when it runs", "write the name in the workflow")
	}
	var packages []*packageFolder
	why := ""
	switch {
	case len(filters) == 0 && call.top && !call.every:
		if packages = w.packages[:min(1, len(w.packages))]; w.root() == nil {
			why = "runs in the package of the workspace itself, which has none"
		}
	default:
		packages, why = w.selected(filters, from)
	}
	if why != "" {
		return unread(why, "audit a checkout that has them")
	}
	var parts []start
	for _, p := range packages {
		folder := value.Text(path.Join(base, p.dir))
		if s, ok := r.inPackage(c, call, p, folder); ok {
			parts = append(parts, s)
		}
	}
	if len(parts) > 0 {
		return together(what, parts), true
	}
	if call.command == "exec" || call.command == "" && call.programs {
		return start{}, false // a program, which has a name
	}
	if call.ifPresent {
		return start{what: what, file: "workspace", target: what, run: func(*run, *Site, position) {}}, true
	}
	return unread("runs the script "+call.words[0].String()+", which none of the packages has", "check its name")
}

// inPackage is what a call runs in one of several packages.
func (r *run) inPackage(c *Command, call packageCall, p *packageFolder, folder value.Value) (start, bool) {
	if call.command != "exec" {
		if s, ok := r.scripts(p, call, folder); ok {
			return s, true
		}
		if call.command == "run" && !call.runPrograms || len(call.filters) == 0 && call.every {
			return start{}, false
		}
	}
	return r.programOf(c, call.words, folder)
}

// together is one start of several, in order: what cannot be read of one holds
// for all.
func together(what string, parts []start) start {
	for _, s := range parts {
		if s.why != "" {
			return s
		}
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return start{what: what, file: parts[0].file, target: "together " + what, run: func(r *run, site *Site, at position) {
		for _, s := range parts {
			key := s.file + "\x00" + s.target
			if slices.Contains(r.stack, key) || r.full() {
				continue
			}
			r.stack = append(r.stack, key)
			s.run(r, site, at.within(site.File, site.Line, "runs "+s.what))
			r.stack = r.stack[:len(r.stack)-1]
		}
	}}
}

// in is a start whose commands run in a folder.
func (s start) in(folder value.Value) start {
	if inner := s.run; inner != nil {
		s.run = func(r *run, site *Site, at position) {
			command := *site.Command
			command.Dir = folder
			own := *site
			own.Command = &command
			inner(r, &own, at)
		}
	}
	return s
}

// scriptPattern matches how pnpm is told to run all scripts that a regular
// expression matches.
var scriptPattern = regexp.MustCompile(`^/(.+)/$`)

// scripts are the script of a package that a call names, with those that run
// around it; ok is false where it has none.
func (r *run) scripts(p *packageFolder, call packageCall, folder value.Value) (start, bool) {
	name := call.words[0].String()
	m := scriptPattern.FindStringSubmatch(name)
	if m == nil || call.manager != "pnpm" {
		return r.namedScript(p, call, name, folder)
	}
	re, err := regexp.Compile(m[1])
	if err != nil {
		return start{}, false
	}
	var parts []start
	for _, other := range slices.Sorted(maps.Keys(p.Scripts)) {
		if re.MatchString(other) {
			if s, ok := r.namedScript(p, call, other, folder); ok {
				parts = append(parts, s)
			}
		}
	}
	if len(parts) == 0 {
		return start{}, false
	}
	return together(call.manager+" run "+name, parts), true
}

// namedScript is one script of a package.
func (r *run) namedScript(p *packageFolder, call packageCall, name string, folder value.Value) (start, bool) {
	body, ok := p.Scripts[name]
	if !ok {
		return start{}, false
	}
	rest := call.words[1:]
	switch {
	case strings.TrimSpace(body) == "wireit":
		body = wired(p.source, name, call.manager)
	case len(rest) > 0 && body != "":
		// They are added to the end of the script, whatever stands there.
		body += ` "$@"`
	}
	w, base, _ := r.workspaceAround(folder)
	if base == "" {
		base = "."
	}
	if !r.berry(call, w, base) {
		body = strings.Join(compact(p.Scripts["pre"+name], body, p.Scripts["post"+name]), "\n")
	}
	line := 1
	if i := strings.Index(string(p.source), `"`+name+`"`); i >= 0 {
		line = lineOf(string(p.source)).line(i)
	}
	what := call.manager + " run " + name
	if path.Dir(p.file) != "." && (len(call.filters) > 0 || call.every) {
		what += " in " + path.Dir(p.file)
	}
	return start{
		what: what, file: p.file, target: name,
		run: func(r *run, site *Site, at position) {
			place := locate{func(int) int { return line }, func(from, to int) string { return oneLine(cut(body, from, to)) }}
			r.code(code{kind: "shell", name: name, source: body, file: p.file, line: place, args: append([]value.Value{value.Text(name)}, rest...)}, site, at)
		},
	}.in(folder), true
}

// launched handles a program that a package manager starts by its words, in a
// folder. ok is false for one that is no local code.
func (r *run) launched(c *Command, words []value.Value, folder value.Value) (start, bool) {
	inner := *c
	inner.Args, inner.Dir, inner.Runner = words, folder, nil
	inner.Written = make(map[int]shell.File, len(c.Written))
	for n, file := range c.Written {
		inner.Written[n-(len(c.Args)-len(words))] = file
	}
	s, ok := r.starts(&inner)
	return s.in(folder), ok
}
