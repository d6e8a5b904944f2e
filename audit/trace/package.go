package trace

import (
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strings"
)

// manifest is what is read of a package.json.
type manifest struct {
	Name    string            `json:"name"`
	Scripts map[string]string `json:"scripts"`
	Bin     json.RawMessage   `json:"bin"`
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

// ownBin handles npx with the name of a program of the package at hand, which
// npx takes before it looks for one in the registry.
func (r *run) ownBin(c *Command) (start, bool) {
	n := 1
	for n < len(c.Args) && slices.Contains([]string{"-y", "--yes", "--no-install", "--no"}, c.Args[n].String()) {
		n++
	}
	if n >= len(c.Args) {
		return start{}, false
	}
	name, known := c.Args[n].Literal()
	_, source, ok := r.read(c.Dir, "package.json")
	var m manifest
	if !known || name == "" || !ok || json.Unmarshal(source, &m) != nil {
		return start{}, false
	}
	file := m.program(name)
	if file == "" {
		return start{}, false
	}
	if s, ok := r.scriptFile(c, file, "javascript", c.Args[n:]); ok {
		return s, true
	}
	return start{}, false
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
