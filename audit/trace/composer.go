package trace

import (
	"encoding/json"
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
)

// composerCommands are the commands of Composer that are no scripts; some of
// them have letters for short, see https://getcomposer.org/doc/03-cli.md.
var composerCommands = []string{
	"about", "archive", "audit", "browse", "home", "bump", "check-platform-reqs", "clear-cache", "clearcache", "cc", "completion", "config", "create-project", "depends", "why",
	"diagnose", "dump-autoload", "dumpautoload", "exec", "fund", "global", "help", "init", "install", "i", "licenses", "list", "outdated", "prohibits", "why-not", "reinstall",
	"remove", "rm", "uninstall", "repository", "repo", "require", "r", "run-script", "run", "search", "self-update", "selfupdate", "show", "info", "status", "suggests", "update",
	"u", "upgrade", "validate",
}

// composerValues are the flags of Composer that take the next word along.
var composerValues = []string{"-d", "--working-dir", "--timeout"}

// composer handles `composer run-script x`, or `composer x` for short, by
// reading the scripts of composer.json. Methods of classes are not read.
func (r *run) composer(c *Command) (start, bool) {
	dir := c.Dir
	var words []value.Value
	for n := 1; n < len(c.Args); n++ {
		flag, text, given := strings.Cut(c.Args[n].String(), "=")
		switch {
		case flag == "--" && !given:
		case len(words) > 1 || len(words) == 1 && !isComposerRun(words[0].String()):
			words = append(words, c.Args[n])
		case slices.Contains(composerValues, flag) && (given || n+1 < len(c.Args)):
			if !given {
				n++
				text = c.Args[n].String()
			}
			if flag != "--timeout" {
				dir = shell.Join(c.Dir, value.Text(text))
			}
		case !strings.HasPrefix(flag, "-"):
			words = append(words, c.Args[n])
		}
	}
	explicit := len(words) > 0 && isComposerRun(words[0].String())
	if explicit {
		words = words[1:]
	}
	if len(words) == 0 || !explicit && slices.Contains(composerCommands, words[0].String()) {
		return start{}, false
	}
	return r.composerScript(c, words, dir)
}

func isComposerRun(word string) bool { return word == "run-script" || word == "run" }

// composerScript is a script of the composer.json in a folder.
func (r *run) composerScript(c *Command, words []value.Value, dir value.Value) (start, bool) {
	name := words[0].String()
	what := "composer run " + name
	file, source, ok := r.read(dir, "composer.json")
	if !ok {
		if other := r.elsewhere(dir, "composer.json"); other != "" {
			return lost(what, "runs a script", other), true
		}
		why, settle := absent(dir, "composer.json")
		return start{what: what, why: "runs a script of a composer.json that " + why, settle: settle}, true
	}
	var m struct {
		Scripts map[string]json.RawMessage `json:"scripts"`
	}
	if json.Unmarshal(source, &m) != nil {
		return start{what: file, why: "does not parse as JSON", settle: "mend it"}, true
	}
	raw, ok := m.Scripts[name]
	if !ok {
		return start{what: "script " + name, why: "is not in " + file, settle: "check its name"}, true
	}
	var lines []string
	if json.Unmarshal(raw, &lines) != nil {
		var one string
		if json.Unmarshal(raw, &one) != nil {
			return start{what: file, why: "has a script " + name + " that is not understood", settle: "mend it"}, true
		}
		lines = []string{one}
	}
	for i, line := range lines {
		line, ok := composerLine(strings.TrimSpace(line))
		if !ok {
			return start{what: what, why: "calls " + oneLine(lines[i]) + ", whose code is not read", settle: "read what it does with the token" + describeProgram}, true
		}
		if lines[i] = line; len(words) > 1 && line != "" {
			lines[i] += ` "$@"` // each gets them
		}
	}
	body := strings.Join(lines, "\n")
	line := 1
	if i := strings.Index(string(source), `"`+name+`"`); i >= 0 {
		line = lineOf(string(source)).line(i)
	}
	folder := value.Text(".")
	if d, known := repositoryPath(dir).Literal(); known {
		if name, _ := r.inside(path.Join(d, "composer.json")); name == file {
			folder = dir
		}
	}
	return start{
		what: what, file: file, target: name,
		run: func(r *run, site *Site, at position) {
			place := locate{func(int) int { return line }, func(from, to int) string { return oneLine(cut(body, from, to)) }}
			r.code(code{kind: "shell", name: name, source: body, file: file, line: place, args: words}, site, at)
		},
	}.in(folder), true
}

// composerLine is one line of a script as a shell would read it; ok is false
// for a method of a class.
func composerLine(line string) (text string, ok bool) {
	switch {
	case strings.HasPrefix(line, "@php "), strings.HasPrefix(line, "@composer "):
		return line[1:], true
	case strings.HasPrefix(line, "@putenv "):
		return "export " + strings.TrimPrefix(line, "@putenv "), true
	case strings.HasPrefix(line, "@additional_args"), strings.HasPrefix(line, "@no_additional_args"):
		return "", true
	case strings.HasPrefix(line, "@"):
		return "composer run-script " + line[1:], true
	}
	first, _, spaced := strings.Cut(line, " ")
	return line, spaced || !strings.Contains(first, "::") && !strings.Contains(first, `\`)
}

// composerMethod notes a method of a class that Composer calls where the class
// is one of the repository itself, as those of packages know no token.
func (r *run) composerMethod(file, method string, source []byte, site *Site) {
	type loaded struct {
		Names map[string]any `json:"psr-4"`
		Older map[string]any `json:"psr-0"`
	}
	var m struct {
		Autoload    loaded `json:"autoload"`
		Development loaded `json:"autoload-dev"`
	}
	if json.Unmarshal(source, &m) != nil {
		return
	}
	method = strings.TrimPrefix(strings.TrimSpace(method), `\`)
	for _, names := range []map[string]any{m.Autoload.Names, m.Autoload.Older, m.Development.Names, m.Development.Older} {
		for name := range names {
			if name != "" && !strings.HasPrefix(method, name) {
				continue
			}
			inner, unread := *site.Command, *site
			inner.Args = []value.Value{value.Text("php"), value.Text(method)}
			unread.Command = &inner
			unread.Unread = &Unread{oneLine(method), "is called by " + file + ", and its code is not read", "read what it does with the token" + describeProgram}
			r.emit(&unread)
			return
		}
	}
}
