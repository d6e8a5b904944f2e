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
	"github.com/patrol-actions/patrol/rules"
)

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
	return r.packageCommand(c, call)
}

// packageCommand handles a call that runs a script or a program.
func (r *run) packageCommand(c *Command, call packageCall) (start, bool) {
	if len(call.filters) > 0 || call.every || call.top {
		return r.workspaceScript(c, call)
	}
	if call.command == "exec" {
		return r.execIn(c, call)
	}
	return r.ownScript(c, call)
}

// execIn handles a program that a call runs where it stands, or in the folder that
// it names. npm takes the programs from there and stays where it is, and so does
// the first version of yarn.
func (r *run) execIn(c *Command, call packageCall) (start, bool) {
	folder := call.folder
	switch w, base, _ := r.workspaceAround(folder); {
	case call.manager == "npm":
		folder = c.Dir
	case call.manager == "yarn" && call.by == "exec" && folder.String() != c.Dir.String() && !r.berry(call, w, base):
		what := strings.TrimSpace("yarn exec " + call.words[0].String())
		call.leave(c, somewhere)
		return start{what: what, why: "runs in a folder that depends on the version of yarn", settle: "name a later one than the first in package.json" + orDescribe}, true
	}
	s, ok := r.programOf(c, call.words, call.folder, folder)
	if !ok && call.folder.String() != c.Dir.String() {
		call.leave(c, folder)
	}
	return s, ok
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
			if source, err := r.file(name); err == nil {
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
			why, settle := absent(call.folder, "package.json")
			return start{what: commandName(c), why: "runs a script of a package.json that " + why, settle: settle}, true
		}
		s, ok := r.bareProgram(c, call)
		if !ok && call.folder.String() != c.Dir.String() {
			call.leave(c, call.folder)
		}
		return s, ok
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
	s, ok := r.bareProgram(c, call)
	if !ok && call.manager != "npm" {
		call.leave(c, folder)
	}
	return s, ok
}

// somewhere is a folder that cannot be told.
var somewhere = value.Unknown("the folder of a package")

// leave leaves a program that is no local code to what is known of its name, with
// the configuration in the folder where it runs.
func (c *packageCall) leave(command *Command, folder value.Value) {
	by := "exec"
	if c.manager == "bun" {
		by = "x"
	}
	command.Args, command.Dir, command.Runner = c.words, folder, []string{c.manager, by}
}

// bareProgram handles a word behind a package manager that is no script: a program,
// and for bun a file too.
func (r *run) bareProgram(c *Command, call packageCall) (start, bool) {
	words := call.words
	if call.manager == "bun" && scriptKind(words[0].String(), nil) != "" {
		words = slices.Concat([]value.Value{value.Text("bun")}, words)
	}
	return r.programOf(c, words, call.folder, call.folder)
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
		if call.command == "exec" {
			call.leave(c, somewhere)
		}
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
		packages, why = call.withOwn(w)(w.selected(filters, from))
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
		if len(packages) == 1 {
			call.leave(c, value.Text(path.Join(base, packages[0].dir)))
		}
		return start{}, false // a program, which has a name
	}
	if call.ifPresent {
		return start{what: what, file: "workspace", target: what, run: func(*run, *Site, position) {}}, true
	}
	return unread("runs the script "+call.words[0].String()+", which none of the packages has", "check its name")
}

// withOwn returns packages of a workspace with its own, or without: npm runs in that
// one only where it is told to.
func (c *packageCall) withOwn(w *workspace) func(packages []*packageFolder, why string) ([]*packageFolder, string) {
	return func(packages []*packageFolder, why string) ([]*packageFolder, string) {
		root := w.root()
		if c.manager != "npm" || root == nil || !c.top && !c.every {
			return packages, why
		}
		packages = slices.DeleteFunc(slices.Clone(packages), func(p *packageFolder) bool { return p == root })
		if c.top {
			packages = slices.Insert(packages, 0, root)
		}
		return packages, why
	}
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
	return r.programOf(c, call.words, folder, folder)
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
	var rest []value.Value
	if len(call.words) > 0 {
		rest = call.words[1:]
	}
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
			r.code(code{kind: "shell", name: name, source: body, file: p.file, line: place, args: append([]value.Value{value.Text(name)}, rest...), plain: rules.KeepsVariables.Has(call.manager)}, site, at)
		},
	}.in(folder), true
}

// maxLaunches bounds how many programs a command may start through one another.
const maxLaunches = 20

// launched handles a program that a package manager starts by its words, in a
// folder. ok is false for one that is no local code.
func (r *run) launched(c *Command, words []value.Value, folder value.Value) (start, bool) {
	inner := *c
	inner.Args, inner.Dir, inner.Runner = words, folder, nil
	if inner.launches++; inner.launches > maxLaunches {
		return start{what: commandName(c), why: "starts programs through one another without end", settle: "start the program itself"}, true
	}
	inner.Written = make(map[int]shell.File, len(c.Written))
	for n, file := range c.Written {
		inner.Written[n-(len(c.Args)-len(words))] = file
	}
	s, ok := r.starts(&inner)
	return s.in(folder), ok
}
