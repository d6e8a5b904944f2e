package trace

import (
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// manifest is what is read of a package.json.
type manifest struct {
	Name    string            `json:"name"`
	Scripts map[string]string `json:"scripts"`
	Bin     json.RawMessage   `json:"bin"`
	// Manager is the package manager, with its version: "yarn@4.1.0".
	Manager string `json:"packageManager"`

	// Only the names of what a package depends on are asked for.
	Dependencies         map[string]any `json:"dependencies"`
	DevDependencies      map[string]any `json:"devDependencies"`
	PeerDependencies     map[string]any `json:"peerDependencies"`
	OptionalDependencies map[string]any `json:"optionalDependencies"`
}

// runsAllFlags are the flags of npm-run-all that take the next word along.
var runsAllFlags = []string{"--max-parallel", "--npm-path"}

// packageScripts handles npm-run-all, run-s and run-p: several scripts of the
// package by their names, in which a star stands for what is between colons.
func (r *run) packageScripts(c *Command) (start, bool) {
	file, source, ok := r.read(c.Dir, "package.json")
	var m manifest
	if !ok || json.Unmarshal(source, &m) != nil {
		return tasks(c), true
	}
	var lines []string
	for i := 1; i < len(c.Args); i++ {
		word, known := c.Args[i].Literal()
		switch {
		case word == "--":
			i = len(c.Args)
		case slices.Contains(runsAllFlags, word):
			i++
		case strings.HasPrefix(word, "-"):
		case !known || word == "" || strings.Contains(word, "{"):
			return tasks(c), true
		default:
			name, rest, _ := strings.Cut(word, " ")
			for _, script := range m.named(name) {
				lines = append(lines, "npm run "+script+" "+rest)
			}
		}
	}
	body := strings.Join(lines, "\n")
	what := commandName(c)
	return start{what: what, file: file, target: what, run: func(r *run, site *Site, at position) {
		place := locate{func(int) int { return site.Line }, func(int, int) string { return c.Text() }}
		r.code(code{kind: "shell", name: what, source: body, file: site.File, line: place}, site, at)
	}}, true
}

// concurrentlyValues are the flags of concurrently that take the next word
// along.
var concurrentlyValues = []string{
	"-n", "--names", "-m", "--max-processes", "-s", "--success", "-p", "--prefix", "-c", "--prefix-colors", "-l", "--prefix-length", "-t", "--timestamp-format", "--restart-tries",
	"--restart-after", "--default-input-target", "--kill-signal", "--hide", "--name-separator", "--teardown", "--shell",
}

// managerShort matches how concurrently writes a script of the package.
var managerShort = regexp.MustCompile(`^(npm|yarn|pnpm|bun|node|deno):(\S+)(.*)$`)

// concurrently handles concurrently: commands, each in a word of its own, in
// which "npm:x-*" stands for scripts of the package.
func (r *run) concurrently(c *Command) (start, bool) {
	var m manifest
	if _, source, ok := r.read(c.Dir, "package.json"); ok {
		_ = json.Unmarshal(source, &m) // then no script is known
	}
	words, table := c.Words()
	var lines []string
	for i := 1; i < len(words); i++ {
		flag, _, given := strings.Cut(words[i], "=")
		switch short := managerShort.FindStringSubmatch(words[i]); {
		case words[i] == "--", strings.HasPrefix(words[i], "-") && given:
		case slices.Contains(concurrentlyValues, flag):
			i++
		case strings.HasPrefix(words[i], "-"):
		case short == nil:
			lines = append(lines, words[i])
		case short[1] == "node":
			lines = append(lines, "node --run "+short[2]+short[3])
		case short[1] == "deno":
			lines = append(lines, "deno task "+short[2]+short[3])
		default:
			for _, script := range m.started(short[2]) {
				lines = append(lines, short[1]+" run "+script+short[3])
			}
		}
	}
	if len(lines) == 0 {
		return tasks(c), true
	}
	body, what := strings.Join(lines, "\n"), commandName(c)
	return start{what: what, target: body, run: func(r *run, site *Site, at position) {
		place := locate{func(int) int { return site.Line }, func(int, int) string { return c.Text() }}
		r.code(code{kind: "shell", name: what, source: body, table: table, file: site.File, line: place}, site, at)
	}}, true
}

// started are the scripts that a pattern of concurrently names, in which a star
// stands for any text.
func (m *manifest) started(pattern string) []string {
	return m.named(strings.ReplaceAll(pattern, "*", "**"))
}

// named are the scripts that a pattern names; one that names none is taken for
// a script that is not there.
func (m *manifest) named(pattern string) []string {
	if !strings.Contains(pattern, "*") {
		return []string{pattern}
	}
	quoted := regexp.QuoteMeta(pattern)
	quoted = strings.ReplaceAll(quoted, `\*\*`, ".*")
	re, err := regexp.Compile("^" + strings.ReplaceAll(quoted, `\*`, "[^:]*") + "$")
	if err != nil {
		return []string{pattern}
	}
	var out []string
	for name := range m.Scripts {
		if re.MatchString(name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// packageProgram handles npx and the like: a program of the package at hand or
// of its workspace, which npx takes before it looks for one in the registry, or
// what runs local code by its words, such as tsx.
func (r *run) packageProgram(c *Command, runner string) (start, bool) {
	m, _ := rules.PackageManagerOf(runner)
	call := packageCall{manager: m.Name, flags: m, packageManager: packageManagers[m.Name], folder: c.Dir, command: "exec"}
	for args := c.Args[1:]; len(args) > 0; {
		switch word := args[0].String(); {
		case word == "-c" || word == "--call":
			return start{}, false
		case word == "--":
			args = args[1:]
		case strings.HasPrefix(word, "-"):
			args = call.flag(args)
		default:
			call.words = args
			return r.packageCommand(c, call)
		}
	}
	return start{}, false
}

// programOf handles a program that a package manager starts in a folder: one of
// the package in a folder, or of its workspace, or one that is known to run local
// code.
func (r *run) programOf(c *Command, words []value.Value, of, folder value.Value) (start, bool) {
	if name, known := words[0].Literal(); known {
		if s, ok := r.ownBin(c, name, words, of); ok {
			return s.in(folder), true
		}
		// npx tsx@4 x.ts
		if bare, _, versioned := strings.Cut(name, "@"); versioned && bare != "" {
			words = append([]value.Value{value.Text(bare)}, words[1:]...)
		}
	}
	s, ok := r.launched(c, words, folder)
	if s.why == tasksUnread {
		return start{}, false // what is known of the program by its name tells more
	}
	return s, ok
}

// ownBin handles the name of a program of the package in a folder, or of one of
// its workspace.
func (r *run) ownBin(c *Command, name string, words []value.Value, folder value.Value) (start, bool) {
	if name == "" {
		return start{}, false
	}
	inner := *c
	inner.Dir = folder
	if _, source, ok := r.read(folder, "package.json"); ok {
		var m manifest
		if json.Unmarshal(source, &m) == nil && m.program(name) != "" {
			return r.scriptFile(&inner, m.program(name), "javascript", words)
		}
	}
	w, base, _ := r.workspaceAround(folder)
	if w == nil {
		return start{}, false
	}
	for _, p := range w.packages {
		if file := p.program(name); file != "" {
			inner.Dir = value.Text(path.Join(base, p.dir))
			s, ok := r.scriptFile(&inner, file, "javascript", words)
			return s.in(folder), ok
		}
	}
	return start{}, false
}

// memberBin handles a program that a script of package.json names and that
// nobody else knows: one that a package of the workspace installs.
func (r *run) memberBin(c *Command, program string) (start, bool) {
	if len(r.stack) == 0 || strings.ContainsAny(program, `/\`) {
		return start{}, false
	}
	file, _, _ := strings.Cut(r.stack[len(r.stack)-1], "\x00")
	if path.Base(file) != "package.json" {
		return start{}, false
	}
	if _, known := c.Program(); known {
		return start{}, false
	}
	return r.ownBin(c, program, c.Args, c.Dir)
}

// program is the file that the package installs under a name, "" for none.
func (m *manifest) program(name string) string {
	var one string
	if json.Unmarshal(m.Bin, &one) == nil && name == path.Base(m.Name) {
		return one
	}
	var several map[string]string
	if json.Unmarshal(m.Bin, &several) == nil {
		return several[name]
	}
	return ""
}

// wired is what a script of wireit runs: the scripts that it depends on, and
// then its own command.
func wired(source []byte, name, manager string) string {
	var m struct {
		Wireit map[string]struct {
			Command      string            `json:"command"`
			Dependencies []json.RawMessage `json:"dependencies"`
		} `json:"wireit"`
	}
	if json.Unmarshal(source, &m) != nil {
		return "wireit"
	}
	script, ok := m.Wireit[name]
	if !ok {
		return "wireit"
	}
	var lines []string
	for _, raw := range script.Dependencies {
		var d struct {
			Script string `json:"script"`
		}
		if json.Unmarshal(raw, &d.Script) != nil && json.Unmarshal(raw, &d) != nil {
			return "wireit"
		}
		folder, other, elsewhere := strings.Cut(d.Script, ":")
		switch {
		case !strings.HasPrefix(d.Script, "."):
			lines = append(lines, manager+" run "+d.Script)
		case elsewhere:
			lines = append(lines, "npm --prefix "+folder+" run "+other)
		}
	}
	return strings.Join(append(lines, script.Command), "\n")
}
