package shell

import (
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// gitValued are git's own flags that a word of their own follows.
var gitValued = []string{"-C", "-c", "--git-dir", "--work-tree", "--namespace", "--config-env"}

// GitWords returns the words of a call of git behind its own flags: the subcommand,
// and what that is given. It takes those behind the word git.
func GitWords(words []string) []string {
	for len(words) > 0 && strings.HasPrefix(words[0], "-") {
		n := 1
		if slices.Contains(gitValued, words[0]) {
			n = 2
		}
		words = words[min(n, len(words)):]
	}
	return words
}

// gitRuns walks what a call of git runs besides: the commands of submodule
// foreach, of a rebase and of a bisection. It returns the call itself, with what
// an alias of the script stands for; nil where that is a command of a shell.
func (i *interp) gitRuns(c *call) *call {
	i.eachSubmodule(c)
	n, given := 1, map[string]value.Value{}
	for ; n < len(c.args); n++ {
		word := c.args[n].LiteralOr("")
		if word == "-c" && n+1 < len(c.args) {
			if name, text, ok := splitSetting(c.args[n+1]); ok {
				given[name] = text
			}
		}
		if slices.Contains(gitValued, word) {
			n++
		} else if !strings.HasPrefix(word, "-") {
			break
		}
	}
	if n >= len(c.args) {
		return c
	}
	words := c.args[n+1:]
	switch name := c.args[n].LiteralOr(""); name {
	case "config":
		i.noteAlias(words)
	case "bisect":
		if len(words) > 1 && words[0].LiteralOr("") == "run" {
			i.again(func() { i.invoke(c.with(words[1:])) })
		}
	case "rebase":
		for m, w := range words {
			flag, text, joined := strings.Cut(w.LiteralOr(""), "=")
			switch {
			case flag == "--exec" && joined:
				i.again(func() { i.inner(value.Text(text), c) })
			case (flag == "-x" || flag == "--exec") && m+1 < len(words):
				i.again(func() { i.inner(words[m+1], c) })
			}
		}
	default:
		text, known := given[name]
		if !known {
			text, known = i.aliases[name]
		}
		if known {
			return i.unaliased(c, n, text)
		}
	}
	return c
}

// topLevel returns what `git rev-parse --show-toplevel` prints, in the folder
// that -C names. It is wrong for a folder that the job made a repository of its
// own by other means than a checkout.
func (i *interp) topLevel(c *call) (value.Value, bool) {
	dir, words := i.st.dir, c.args[1:]
	for len(words) > 1 && words[0].LiteralOr("") == "-C" {
		dir, words = Join(dir, words[1]), words[2:]
	}
	if i.top == nil || len(words) != 2 || words[0].LiteralOr("") != "rev-parse" || words[1].LiteralOr("") != "--show-toplevel" {
		return nil, false
	}
	name, known := dir.Literal()
	if name = path.Clean(name); !known || path.IsAbs(name) || strings.HasPrefix(name, "..") || strings.HasPrefix(name, "~") {
		return nil, false
	}
	top, ok := i.top(name)
	return absolute(top), ok
}

// again walks what git may run several times, or not at all.
func (i *interp) again(walk func()) {
	i.guarded(func() { i.unsettled(func() { i.branch(func() { i.deeper(walk) }) }) })
}

// aliasSetting begins the settings of git that give a command another name.
const aliasSetting = "alias."

// splitSetting parts alias.NAME=TEXT.
func splitSetting(v value.Value) (name string, text value.Value, ok bool) {
	if len(v) == 0 || !strings.HasPrefix(v[0].Text, aliasSetting) {
		return "", nil, false
	}
	name, after, ok := strings.Cut(strings.TrimPrefix(v[0].Text, aliasSetting), "=")
	return name, value.Concat(value.Text(after), v[1:]), ok
}

// noteAlias notes an alias that `git config` sets. One that only a branch sets is
// left open.
func (i *interp) noteAlias(words []value.Value) {
	words = slices.DeleteFunc(slices.Clone(words), func(v value.Value) bool {
		w := v.LiteralOr("")
		return strings.HasPrefix(w, "--") || w == "set"
	})
	if len(words) != 2 {
		return
	}
	if name, ok := strings.CutPrefix(words[0].LiteralOr(""), aliasSetting); ok && i.guard > 0 {
		delete(i.aliases, name)
	} else if ok {
		if i.aliases == nil {
			i.aliases = map[string]value.Value{}
		}
		i.aliases[name] = words[1]
	}
}

// unaliased is a call of git whose n-th word is an alias for a text: further
// words of git, or a command of a shell behind "!", which is walked.
func (i *interp) unaliased(c *call, n int, text value.Value) *call {
	if len(text) == 0 {
		return c
	}
	if script, ok := strings.CutPrefix(text[0].Text, "!"); ok {
		i.deeper(func() {
			outer := i.st
			i.st = &scope{env: i.environment(c), args: c.args[n:], loose: c.loose, dir: outer.dir}
			i.inner(value.Concat(value.Text(script), text[1:], value.Text(` "$@"`)), c)
			i.st = outer
		})
		return nil
	}
	var f fields
	f.split(text)
	f.end()
	return c.with(slices.Concat(c.args[:n], f.words, c.args[n+1:]))
}
