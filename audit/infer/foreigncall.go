package infer

import (
	"bytes"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// looksFor tells whether a program that nobody knows is taken to read a
// variable whatever else does: it is one under which programs look for a token,
// and somebody set it for the very step, or the words of the call speak of
// GitHub or of sending something off. Code of the project that is built or
// tested is no such program. It is wrong where the variable is meant for
// another command of the step alone, which a step of its own would show.
func (in *inferrer) looksFor(site *trace.Site, c *value.Credential, variable string) bool {
	if !rules.EnvReadsToken(variable) {
		return false
	}
	words, _ := site.Command.Words()
	if task, ok := projectTask(site.Command); ok {
		if task.Kind != rules.AnyProgram || len(task.Words) == 0 {
			return false
		}
		words = task.Words
	}
	if onlyAsks(words) || !writtenInStep(site) || !programWord.MatchString(words[0]) || cmdlet.MatchString(words[0]) && !strings.Contains(words[0], "GitHub") || slices.Contains(shellWords, words[0]) || in.sourced(site, words[0]) {
		return false
	}
	return near(site, variable) && !exported(c) || speaksOfGitHub(words)
}

// writtenInStep tells whether a command stands in a step itself, or in a task
// that it names: a script may have functions of its own from another file.
func writtenInStep(site *trace.Site) bool {
	switch name := path.Base(site.File); path.Ext(name) {
	case ".yml", ".yaml", ".toml", ".mk":
		return true
	default:
		return slices.Contains([]string{"package.json", "composer.json", "makefile", "gnumakefile", "justfile", ".justfile"}, strings.ToLower(name))
	}
}

// programWord matches what can be a program's name, or a placeholder for one:
// no label, and no text that a mark of a shell has made a command.
var programWord = regexp.MustCompile(`^[^\s:;,()'"{}\[\]]+$`)

// shellWords are those of a shell that run what has sites of its own.
var shellWords = []string{"eval", "source", ".", "builtin", "command", "exec", "coproc", "call"}

// sourced tells whether a word is a function of a script that a command before
// it in the step took in.
func (in *inferrer) sourced(site *trace.Site, word string) bool {
	if in.options.Read == nil {
		return false
	}
	for n := in.index - 1; n >= 0 && in.job.Sites[n].Step == site.Step; n-- {
		s := in.job.Sites[n]
		if s.Command == nil || s.Starts == "" || !slices.Contains([]string{".", "source"}, s.Command.Args[0].String()) {
			continue
		}
		if value.HasPlaceholder(word) {
			return true
		}
		if text, err := in.options.Read(s.Starts); err == nil && (bytes.Contains(text, []byte(word+"(")) || bytes.Contains(text, []byte(word+" (")) || bytes.Contains(text, []byte("function "+word))) {
			return true
		}
	}
	return false
}

// exported tells whether a credential came by a variable that an earlier step
// of the job set for all that come after it.
func exported(c *value.Credential) bool {
	return len(c.Hops) > 0 && strings.HasPrefix(c.Hops[len(c.Hops)-1].What, "$GITHUB_ENV ")
}

// onlyAsks tells whether a call asks a program for no more than its version or
// its manual.
func onlyAsks(words []string) bool {
	return len(words) == 2 && slices.Contains([]string{"--version", "-version", "-V", "-v", "version", "--help", "-h", "help"}, words[1])
}

// speaksOfGitHub tells whether the words of a call speak of GitHub, of what it
// has, or of sending something off, and not of looking at something.
func speaksOfGitHub(words []string) bool {
	for _, w := range nameWords(strings.Join(callWords(words), " ")) {
		if strings.Contains(w, "github") || strings.HasPrefix(w, "octo") || rules.WordGitHub.Has(w) || rules.WordGitHub.Has(strings.TrimSuffix(w, "s")) || records(w) {
			return !looks(strings.Join(words, " "))
		}
	}
	return false
}
