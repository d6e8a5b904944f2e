package trace

import (
	"cmp"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/settings"
	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// maxHooks bounds the commands of a configuration that are read.
const maxHooks = 50

// hooks reads the commands that a program runs because its configuration
// names them: scripts of package.json around npm version, the commands of
// semantic-release's exec plugin, those of composer.json around an install, the
// directives of go generate. A configuration that cannot be read is
// passed over here: package infer says so of the program itself.
func (r *run) hooks(site *Site, at position) {
	if len(site.Command.Args) > 0 && site.Command.Args[0].LiteralOr("") == "git" {
		r.gitHook(site, at)
		return
	}
	r.huskyHooks(site)
	if len(site.Command.Args) > 0 && site.Command.Args[0].LiteralOr("") == "go" {
		r.goGenerate(site, at)
		return
	}
	if len(site.Command.Args) == 0 || !rules.MayHook(site.Command.Args[0].String()) {
		return
	}
	words, folder, _ := site.Command.Call()
	if strings.HasPrefix(folder, "?") || site.Elsewhere != "" {
		return
	}
	for _, hook := range rules.Hooks(words) {
		if info, ok := rules.Program(words); ok {
			if file, given := info.Lookup("config"); given {
				hook.Config = []string{file}
			}
		}
		if hook.Goreleaser {
			r.goreleaser(words, hook.Config, folder, site, at)
			continue
		}
		folder := path.Join(folder, hook.Folder)
		if hook.PreCommit {
			r.preCommit(words, path.Join(folder, hook.Config[0]), site, at)
			continue
		}
		if hook.Git {
			r.managed, r.managedAt = &hook, folder
			continue
		}
		tree := settings.Find(hook.Config, func(name string) ([]byte, error) { return r.file(path.Join(folder, name)) })
		if hook.Plugins {
			tree = tree.Released()
		}
		var commands []hookCommand
		for _, line := range hookLines(hook, tree) {
			commands = append(commands, hookCommand{line: line, env: site.Command.Env, dir: site.Command.Dir})
		}
		if hook.Plugins {
			for _, name := range tree.LocalPlugins() {
				// Loaded, it does what it does when it is called.
				commands = append(commands, hookCommand{line: "node '" + name + "'", text: name, env: site.Command.Env, dir: site.Command.Dir})
			}
		}
		r.hookCommands(path.Join(folder, tree.File), commands, site, at)
	}
}

// preCommit reads the hooks of the project's own that a call of pre-commit runs. A
// file of the project may be named without "./".
func (r *run) preCommit(words []string, file string, site *Site, at position) {
	source, err := r.file(file)
	if err != nil {
		return
	}
	var commands []hookCommand
	all := settings.ReadPreCommit(source)
	for _, h := range all {
		if !h.Own || !h.RunsIn(words, all) {
			continue
		}
		line := h.Entry
		if first, _, _ := strings.Cut(line, " "); path.Ext(first) != "" && strings.Contains(first, "/") && !path.IsAbs(first) {
			line = "./" + path.Clean(first) + strings.TrimPrefix(line, first)
		}
		commands = append(commands, hookCommand{line: line, text: h.Words[0], env: site.Command.Env, dir: site.Command.Dir})
	}
	r.hookCommands(file, commands, site, at)
}

// hookLines are the lines for a shell that a configuration holds.
func hookLines(hook rules.Hook, tree settings.Tree) (lines []string) {
	for _, key := range hook.Keys {
		texts, _ := tree.Texts(key)
		if hook.Words && len(texts) > 0 {
			texts = []string{strings.Join(texts, " ")}
		}
		lines = append(lines, texts...)
	}
	for n, line := range lines {
		if first, _, _ := strings.Cut(strings.TrimSpace(line), " "); hook.Files && path.Ext(first) != "" {
			lines[n] = "./" + path.Clean(first) + strings.TrimPrefix(strings.TrimSpace(line), first)
		}
	}
	return lines
}

// hookTemplate matches what a program puts into its commands before a shell
// sees them: ${nextRelease.version}, {{ .Tag }}, <%= tag %>.
var hookTemplate = regexp.MustCompile(`\$\{[^{}]*[. (][^{}]*\}|\{\{[^}]*\}\}|<%[^%]*%>`)

// hookCommand is a command of a configuration.
type hookCommand struct {
	line string
	// text is what stands in the configuration, "" for the line itself.
	text string
	env  *value.Env
	dir  value.Value
	// templates are the variables that stand in the line, around the
	// environment that they are taken from.
	templates []settings.TemplateVariable
	around    *value.Env
}

// masked returns a line with placeholders for its templates.
func (c hookCommand) masked() (string, *value.Table) {
	table, out, from := &value.Table{}, "", 0
	rest := func(to int) {
		out += hookTemplate.ReplaceAllStringFunc(c.line[from:to], func(text string) string { return table.Placeholder(value.Unknown(text), len(text)) })
	}
	for _, t := range c.templates {
		rest(t.Start)
		v, ok := c.around.Lookup(t.Name)
		if !ok {
			v = value.Unknown(c.line[t.Start:t.End])
		}
		out += table.Placeholder(v, t.End-t.Start)
		from = t.End
	}
	rest(len(c.line))
	return out, table
}

func (r *run) hookCommands(file string, commands []hookCommand, site *Site, at position) {
	key := file + "\x00hooks"
	if len(commands) == 0 || len(r.stack) >= maxDepth || slices.Contains(r.stack, key) {
		return
	}
	r.stack = append(r.stack, key)
	defer func() { r.stack = r.stack[:len(r.stack)-1] }()
	whole, err := r.file(file)
	if err != nil {
		return
	}
	at = at.within(site.File, site.Line, "runs commands of "+file)
	for _, command := range commands[:min(len(commands), maxHooks)] {
		if path.Base(file) == "composer.json" {
			line, ok := composerLine(strings.TrimSpace(command.line))
			if !ok {
				r.composerMethod(file, command.line, whole, site)
				continue
			}
			command.line = line
		}
		masked, table := command.masked()
		first, _, _ := strings.Cut(cmp.Or(command.text, command.line), `"`)
		start := max(0, strings.Index(string(whole), first))
		line := lineOf(string(whole)).line(start)
		place := locate{func(int) int { return line }, func(from, to int) string { return oneLine(cut(command.line, from, to)) }}
		inner := *site
		inner.Command = &Command{Command: shell.Command{Args: site.Command.Args, Env: command.env, Dir: command.dir}, text: site.Command.text}
		r.code(code{kind: "shell", name: file, source: masked, table: table, file: file, line: place}, &inner, at)
	}
}
