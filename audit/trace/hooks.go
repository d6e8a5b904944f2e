package trace

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/settings"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// maxHooks bounds the commands of a configuration that are read.
const maxHooks = 50

// hooks reads the commands that a program runs because its configuration
// names them: scripts of package.json around npm version, the commands of
// semantic-release's exec plugin, those of composer.json around an install. A configuration that cannot be read is
// passed over here: package infer says so of the program itself.
func (r *run) hooks(site *Site, at position) {
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
		folder := path.Join(folder, hook.Folder)
		tree := settings.Find(hook.Config, func(name string) ([]byte, error) { return r.t.repository.Read(path.Join(folder, name)) })
		var commands []string
		for _, key := range hook.Keys {
			texts, _ := tree.Texts(key)
			if hook.Words && len(texts) > 0 {
				texts = []string{strings.Join(texts, " ")}
			}
			commands = append(commands, texts...)
		}
		r.hookCommands(path.Join(folder, tree.File), commands[:min(len(commands), maxHooks)], site, at)
	}
}

// hookTemplate matches what a program puts into its commands before a shell
// sees them: ${nextRelease.version}, {{ .Tag }}, <%= tag %>.
var hookTemplate = regexp.MustCompile(`\$\{[^{}]*[. (][^{}]*\}|\{\{[^}]*\}\}|<%[^%]*%>`)

func (r *run) hookCommands(file string, commands []string, site *Site, at position) {
	key := file + "\x00hooks"
	if len(commands) == 0 || len(r.stack) >= maxDepth || slices.Contains(r.stack, key) {
		return
	}
	r.stack = append(r.stack, key)
	defer func() { r.stack = r.stack[:len(r.stack)-1] }()
	whole, err := r.t.repository.Read(file)
	if err != nil {
		return
	}
	at = at.within(site.File, site.Line, "runs commands of "+file)
	for _, command := range commands {
		if path.Base(file) == "composer.json" {
			line, ok := composerLine(strings.TrimSpace(command))
			if !ok {
				r.composerMethod(file, command, whole, site)
				continue
			}
			command = line
		}
		table := &value.Table{}
		masked := hookTemplate.ReplaceAllStringFunc(command, func(text string) string { return table.Placeholder(value.Unknown(text), len(text)) })
		first, _, _ := strings.Cut(command, `"`)
		start := max(0, strings.Index(string(whole), first))
		line := lineOf(string(whole)).line(start)
		place := locate{func(int) int { return line }, func(from, to int) string { return oneLine(cut(command, from, to)) }}
		r.code(code{kind: "shell", name: file, source: masked, table: table, file: file, line: place}, site, at)
	}
}
