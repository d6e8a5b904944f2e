package trace

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
)

// justFiles are the names under which just looks for its file, see
// https://just.systems/man/en/quick-start.html.
var justFiles = []string{"justfile", "Justfile", ".justfile", "JUSTFILE", ".Justfile"}

// just handles `just [-f file] [-d dir] [NAME=value…] [RECIPE [word…]]` by
// reading the recipes of a justfile and of those that it imports. Modules,
// functions and what commands print are not understood, and appear as unknown
// words.
func (r *run) just(c *Command) (start, bool) {
	words := *c
	words.Args = slices.Clone(c.Args)
	for i := 0; i < len(words.Args); i++ {
		name, _, _ := strings.Cut(words.Args[i].Mask().Text, "=")
		switch name {
		case "--set":
			if i+2 < len(words.Args) {
				both := value.Concat(words.Args[i+1], value.Text("="), words.Args[i+2])
				words.Args = slices.Replace(words.Args, i, i+3, both)
			}
		case "--dotenv-path", "--dotenv-filename", "-E", "--shell", "--shell-arg":
			return start{what: "just", why: "is given variables or a shell that are not read", settle: "read what it does with the token" + describeProgram}, true
		}
	}
	c = &words
	call := taskWords(c, []string{"-f", "--justfile"}, []string{"-d", "--working-directory"}, []string{"--shell", "--shell-arg", "--dotenv-path", "--dotenv-filename", "--set"})
	return r.runner(c, "just", justFiles, call, func(file string, source []byte) *taskfile {
		f := newTaskfile(justTemplate)
		f.positional = true
		f.addJustfile(r, file, string(source), 0)
		f.justLoads(r, file)
		f.hand()
		for name, text := range f.vars {
			if f.exportAll {
				f.env[name], f.strong[name] = text, true
			}
		}
		if f.lost {
			return nil
		}
		return f
	})
}

var (
	justName        = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*$`)
	justEnvironment = regexp.MustCompile(`^env(?:_var)?\(\s*['"]([A-Za-z_][A-Za-z0-9_]*)['"]\s*\)$`)
	justAssignment  = regexp.MustCompile(`^(export\s+)?([A-Za-z_][A-Za-z0-9_-]*)\s*:=\s*(.*)$`)
	justAlias       = regexp.MustCompile(`^alias\s+([A-Za-z_][A-Za-z0-9_-]*)\s*:=\s*([A-Za-z_][A-Za-z0-9_-]*)`)
	justShell       = regexp.MustCompile(`^set\s+shell\s*:=\s*\[(.*)\]`)
	justImport      = regexp.MustCompile(`^import\??\s+['"]([^'"]+)['"]`)
	justExport      = regexp.MustCompile(`^set\s+export\s*(?::=\s*true)?$`)
	justNumbered    = regexp.MustCompile(`^set\s+positional-arguments\s*(?::=\s*true)?$`)
	justSystem      = regexp.MustCompile(`^(?:linux|macos|windows|unix|openbsd|freebsd|netbsd|dragonfly|android)$`)
	justPlaced      = regexp.MustCompile(`^\[(?:.*,)?\s*(?:working-directory|env)\b|^set\s+working-directory\b`)
	justParameter   = regexp.MustCompile(`([$+*]*)([A-Za-z_][A-Za-z0-9_-]*)(?:=("[^"]*"|'[^']*'|\S+))?`)
	justCommand     = regexp.MustCompile("`([^`]+)`" + `|shell\(\s*"([^"]*)"|shell\(\s*'([^']*)'`)
	justNeed        = regexp.MustCompile(`\(\s*([A-Za-z_][A-Za-z0-9_-]*)[^)]*\)|([A-Za-z_][A-Za-z0-9_-]*)`)
)

// justTemplate takes an interpolation of just apart: {{name}}.
func justTemplate(body string) (name string, plain bool) {
	if m := justEnvironment.FindStringSubmatch(body); m != nil {
		return m[1], true
	}
	return body, justName.MatchString(body)
}

// justSystems are the systems among the attributes of a line, [linux, private]: words
// that stand alone.
func justSystems(text string) (out []string) {
	for word := range strings.SplitSeq(strings.Trim(text, "[] \t"), ",") {
		if word = strings.TrimSpace(word); justSystem.MatchString(word) {
			out = append(out, word)
		}
	}
	return out
}

// addJustfile reads one justfile.
func (f *taskfile) addJustfile(r *run, file, source string, depth int) {
	var current *task
	var systems []string
	for i, line := range strings.Split(source, "\n") {
		if text := strings.TrimSpace(line); line != "" && (line[0] == ' ' || line[0] == '\t') {
			if current != nil && text != "" {
				current.justLine(file, line, i+1)
			}
			continue
		} else if text == "" || text[0] == '#' {
			continue
		} else if text[0] == '[' {
			systems = append(systems, justSystems(text)...)
			f.lost = f.lost || justPlaced.MatchString(text)
			continue
		}
		current = nil
		on := systems
		systems = nil
		f.numbered = f.numbered || justNumbered.MatchString(strings.TrimSpace(line))
		if justExport.MatchString(strings.TrimSpace(line)) {
			f.exportAll = true
			continue
		}
		if m := justShell.FindStringSubmatch(line); m != nil {
			words := strings.Fields(strings.NewReplacer("'", " ", `"`, " ", ",", " ").Replace(m[1]))
			f.lost = f.lost || slices.ContainsFunc(words[min(1, len(words)):], func(w string) bool {
				return !strings.HasPrefix(w, "-") && !strings.HasPrefix(w, "+") && w != "pipefail" && w != "errexit"
			})
			f.options = withOptions(strings.Fields(strings.NewReplacer("'", " ", `"`, " ", ",", " ").Replace(m[1])))
			continue
		}
		f.lost = f.lost || justPlaced.MatchString(strings.TrimSpace(line))
		if m := justSetting.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
			f.justDotenv(m[1], m[2])
			continue
		}
		if m := justAlias.FindStringSubmatch(line); m != nil {
			f.tasks[m[1]] = &task{needs: []string{m[2]}}
			continue
		}
		if m := justImport.FindStringSubmatch(line); m != nil {
			if source, err := r.file(path.Join(path.Dir(file), m[1])); err == nil && depth < maxIncludes {
				f.addJustfile(r, path.Join(path.Dir(file), m[1]), string(source), depth+1)
			}
			continue
		}
		if m := justAssignment.FindStringSubmatch(line); m != nil {
			f.assign(m[2], strings.TrimSpace(m[3]), m[1] != "")
			for _, command := range justCommand.FindAllStringSubmatch(m[3], -1) {
				f.before = append(f.before, recipe{file: file, text: []string{command[1] + command[2] + command[3]}, lines: []int{i + 1}})
			}
			continue
		}
		if name, parameters, needs, ok := justHead(line); ok {
			current = justTask(parameters, needs)
			if f.first == "" {
				f.first = name
			}
			current.systems = on
			switch other := f.tasks[name]; {
			case other != nil && len(on)+len(other.systems) > 0:
				other.twins = append(other.twins, current)
			case other == nil || depth == 0:
				f.tasks[name] = current
			}
		}
	}
}

// justHead takes the line apart that begins a recipe: what stands before and
// behind its colon.
func justHead(line string) (name, parameters, needs string, ok bool) {
	quote := rune(0)
	for i, c := range line {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == ':':
			name, parameters, _ = strings.Cut(strings.TrimPrefix(strings.TrimSpace(line[:i]), "@"), " ")
			return name, parameters, line[i+1:], justName.MatchString(name) && !strings.HasPrefix(line[i+1:], "=")
		}
	}
	return "", "", "", false
}

// assign notes a variable whose value is a plain text.
func (f *taskfile) assign(name, text string, export bool) {
	text, ok := justText(text)
	if !ok {
		text = f.open + " " + name + " " + f.shut // what it is, is not known
	}
	f.vars[name] = text
	if export {
		f.env[name], f.strong[name] = text, true
	}
}

// justText is a quoted text.
func justText(text string) (string, bool) {
	for _, quote := range []string{`"`, `'`} {
		if inner, ok := strings.CutPrefix(text, quote); ok {
			inner, rest, ok := strings.Cut(inner, quote)
			return inner, ok && strings.TrimSpace(rest) == "" && !strings.Contains(inner, `\`)
		}
	}
	return "", false
}

// justTask is a recipe without its lines.
func justTask(parameters, needs string) *task {
	t := &task{words: map[string]string{}, hands: map[string][]string{}}
	for _, m := range justParameter.FindAllStringSubmatch(parameters, -1) {
		name := m[2]
		t.params = append(t.params, name)
		if text, ok := justText(m[3]); ok {
			t.words[name] = text
		}
		if strings.Contains(m[1], "$") {
			t.exports = append(t.exports, name)
		}
		if strings.ContainsAny(m[1], "+*") {
			t.variadic = name
		}
	}
	needs, _, _ = strings.Cut(needs, "#")
	for _, m := range justNeed.FindAllStringSubmatch(needs, -1) {
		t.needs = append(t.needs, m[1]+m[2])
		if m[1] != "" {
			t.hands[m[1]] = nil
		}
	}
	return t
}

// justLine adds a line of a recipe, without the marks that just reads.
func (t *task) justLine(file, text string, number int) {
	n, mode := len(t.parts), shell.Line{}
	switch {
	case n > 0 && strings.HasPrefix(t.parts[0].text[0], "#!"):
		text = strings.TrimPrefix(text, t.indent)
	case n == 0 || !continues(t.parts[n-1]):
		command := strings.TrimLeft(text, " \t")
		t.indent = text[:len(text)-len(command)]
		text = strings.TrimLeft(command, "@- \t")
		mode.Forgiven = strings.Contains(command[:len(command)-len(text)], "-")
	}
	if n == 0 || t.parts[n-1].file != file {
		t.parts = append(t.parts, recipe{file: file})
		n++
	}
	t.parts[n-1].add(text, number, mode)
}

// taken returns the recipes that the words of a call of just name: every word
// behind a recipe that takes parameters is one of them.
// Where another recipe stands behind these, or they are told by their numbers, the call
// is not understood.
func (f *taskfile) taken(names []string, rest []value.Value) (tasks []string, params []value.Value) {
	if len(names) == 0 {
		return []string{f.first}, nil
	}
	t := f.tasks[names[0]]
	if t == nil || len(t.params) == 0 {
		return names, nil
	}
	more := t.variadic == "" && len(rest) > len(t.params)
	if more || f.numbered && len(rest) > 0 && slices.ContainsFunc(t.parts, func(part recipe) bool { return numbered.MatchString(strings.Join(part.text, "\n")) }) {
		return []string{names[0], ""}, rest
	}
	return names[:1], rest
}

// numbered matches where a script asks for its words by their numbers.
var numbered = regexp.MustCompile(`\$\{?[@*1-9]`)
