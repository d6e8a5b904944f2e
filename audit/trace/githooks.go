package trace

import (
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
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

// gitHook reads the hooks that the job itself has written before a call of git
// which runs them. Those of a checkout are not in it: git takes none along.
func (r *run) gitHook(site *Site, at position) {
	words := site.Command.Args[1:]
	for len(words) > 1 && strings.HasPrefix(words[0].String(), "-") {
		if flag := words[0].String(); flag == "-c" || flag == "-C" {
			words = words[1:]
		}
		words = words[1:]
	}
	if len(words) == 0 || len(r.files) == 0 {
		return
	}
	if slices.ContainsFunc(words, func(v value.Value) bool { return v.LiteralOr("") == "--no-verify" }) {
		return
	}
	for _, hook := range gitHooks[words[0].LiteralOr("")] {
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
