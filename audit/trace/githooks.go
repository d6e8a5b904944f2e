package trace

import (
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/settings"
	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// gitHooks are the hooks that commands of git run, see https://git-scm.com/docs/githooks.
var gitHooks = map[string][]string{
	"commit":   {"pre-commit", "prepare-commit-msg", "commit-msg", "post-commit"},
	"push":     {"pre-push"},
	"merge":    {"pre-merge-commit", "prepare-commit-msg", "commit-msg", "post-merge"},
	"pull":     {"pre-merge-commit", "post-merge", "pre-rebase", "post-rewrite"},
	"rebase":   {"pre-rebase", "post-rewrite", "post-checkout"},
	"checkout": {"post-checkout"},
	"switch":   {"post-checkout"},
	"am":       {"applypatch-msg", "pre-applypatch", "post-applypatch"},
}

// unverified are the hooks that --no-verify passes over.
var unverified = []string{"pre-commit", "commit-msg", "pre-merge-commit", "pre-push", "pre-rebase"}

// hooksFolder returns the folder of hooks that words of git name, as a setting
// of the call or behind "git config".
func hooksFolder(words []value.Value) (folder string, ok bool) {
	for n, w := range words {
		name, to, joined := strings.Cut(w.LiteralOr(""), "=")
		if !strings.EqualFold(name, "core.hookspath") {
			continue
		}
		if joined {
			return to, true
		}
		if n+1 < len(words) {
			return words[n+1].LiteralOr(""), true
		}
	}
	return "", false
}

// huskyHooks notes that the hooks of husky are in use from here on. Source:
// https://typicode.github.io/husky/how-to.html
func (r *run) huskyHooks(site *Site) {
	if len(site.Command.Args) == 0 {
		return
	}
	words, folder, _ := site.Command.Call()
	at := slices.IndexFunc(words[:min(len(words), 3)], func(w string) bool { return path.Base(w) == "husky" })
	if at < 0 || at > 0 && !rules.MayRunTask(words[0]) || strings.HasPrefix(folder, "?") || site.Elsewhere != "" {
		return
	}
	words = slices.DeleteFunc(slices.Clone(words[at+1:]), func(w string) bool { return w == "install" })
	switch {
	case len(words) == 0:
		r.huskyAt = path.Join(folder, ".husky")
	case !strings.HasPrefix(words[0], "-") && len(words) == 1:
		r.huskyAt = path.Join(folder, words[0])
	}
}

// treeHook reads a hook of the checkout, from the folder that git was told of, or
// that of husky, which starts it with a shell.
func (r *run) treeHook(hook, hooks string, site *Site, at position) {
	if site.Elsewhere != "" {
		return
	}
	if hooks != "" && !path.IsAbs(hooks) {
		name := path.Join(hooks, hook)
		if dir := site.Command.Dir.LiteralOr(""); dir != "" || len(site.Command.Dir) == 0 {
			r.hookCommands(path.Join(dir, name), []hookCommand{{line: "./" + name, env: site.Command.Env, dir: site.Command.Dir}}, site, at)
		}
	}
	if v, _ := site.Env.Lookup("HUSKY"); r.huskyAt != "" && v.LiteralOr("") != "0" {
		name := path.Join(r.huskyAt, hook)
		r.hookCommands(name, []hookCommand{{line: "sh -e " + name, env: site.Command.Env}}, site, at)
	}
	if r.managed != nil {
		r.managedHook(hook, site, at)
	}
}

// managedHook reads the commands of a hook that a manager of hooks runs.
func (r *run) managedHook(hook string, site *Site, at position) {
	if v, _ := site.Env.Lookup("LEFTHOOK"); slices.Contains([]string{"0", "false"}, v.LiteralOr("")) {
		return
	}
	of := *r.managed
	of.Keys = nil
	for _, key := range r.managed.Keys {
		of.Keys = append(of.Keys, strings.ReplaceAll(key, "{hook}", hook))
	}
	tree := settings.Find(of.Config, func(name string) ([]byte, error) { return r.file(path.Join(r.managedAt, name)) })
	var commands []hookCommand
	for _, line := range hookLines(of, tree) {
		commands = append(commands, hookCommand{line: line, env: site.Command.Env, dir: site.Command.Dir})
	}
	r.hookCommands(path.Join(r.managedAt, tree.File), commands, site, at)
}

// gitHook reads the hooks that run with a call of git: those that the job itself
// has written before, and those of the checkout where the job has told git of them,
// for git takes none along.
func (r *run) gitHook(site *Site, at position) {
	words := site.Command.Args[1:]
	hooks := r.hooksAt
	for len(words) > 1 && strings.HasPrefix(words[0].String(), "-") {
		if flag := words[0].String(); flag == "-c" || flag == "-C" {
			if folder, ok := hooksFolder(words[1:2]); ok {
				hooks = folder
			}
			words = words[1:]
		}
		words = words[1:]
	}
	if len(words) == 0 {
		return
	}
	if words[0].LiteralOr("") == "config" {
		if folder, ok := hooksFolder(words[1:]); ok {
			r.hooksAt = folder
		}
	}
	passed := slices.ContainsFunc(words, func(v value.Value) bool { return v.LiteralOr("") == "--no-verify" })
	for _, hook := range gitHooks[words[0].LiteralOr("")] {
		if passed && slices.Contains(unverified, hook) {
			continue
		}
		r.treeHook(hook, hooks, site, at)
		name := path.Join(".git/hooks", hook)
		key := shell.Join(site.Command.Dir, value.Text(name)).String()
		content, written := r.files[key]
		if stacked := "hook " + key; written && len(r.stack) < maxDepth && !slices.Contains(r.stack, stacked) {
			r.stack = append(r.stack, stacked)
			r.runHook(name, content, r.parts[key], site, at.within(site.File, site.Line, "runs "+name))
			r.stack = r.stack[:len(r.stack)-1]
		}
	}
}

// runHook reads a hook that the job wrote.
func (r *run) runHook(name string, content value.Value, part bool, site *Site, at position) {
	texts := wholes(content)
	if part || slices.ContainsFunc(texts, holdsOtherCode) {
		r.emit(&Site{
			File: site.File, Line: site.Line, Step: at.number, step: at.step, Hops: at.hops, Env: site.Env, JobEnv: r.jobEnv, Pushes: true,
			Unread: &Unread{name, "is written by the job with text that is only known when it runs", "keep the hook in the repository"},
			Token:  content, Reads: site.Env.Credentials(),
		})
		return
	}
	for _, text := range texts {
		masked := text.Mask()
		r.in(nil, func() {
			r.code(code{kind: writtenKind("", name, masked.Text), name: name, source: masked.Text, table: masked.Table, file: site.File, line: writtenAt(site, masked), own: true, written: true}, site, at)
		})
	}
}
