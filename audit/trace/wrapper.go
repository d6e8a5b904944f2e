package trace

import (
	"path"
	"strings"

	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// stepScript is the file that stands for {0} in the shell of a step, in which the
// runner puts the step's script.
const stepScript = "/home/runner/work/_temp/step"

// shellLine returns the shell of a step as a command line, and where it stands, if that
// runs code of the repository or lines of its own before the step's script. Of other
// programs around a shell (conda run, nix develop -c) only the shell counts.
func (r *run) shellLine(step *workflow.Step, s *scope, dir value.Value) (line string, by workflow.Text) {
	by = r.shellOf(step)
	text, known := expression.Eval(by, s).Literal()
	words := strings.Fields(text)
	if !known || len(words) < 2 || !r.runsBefore(words, dir) {
		return "", by
	}
	if !strings.Contains(text, "{0}") {
		return "", by // The runner refuses it.
	}
	return strings.ReplaceAll(text, "{0}", stepScript), by
}

// runsBefore tells whether the words of a step's shell hold code of the repository, or
// lines for a shell.
func (r *run) runsBefore(words []string, dir value.Value) bool {
	if isLocalPath(words[0]) {
		return true
	}
	inShell := false
	for _, word := range words {
		if _, _, there := r.read(dir, word); there && strings.Contains(word, "/") {
			return true
		}
		by, interpreter := rules.InterpreterOf(strings.TrimSuffix(path.Base(word), ".exe"))
		switch {
		case interpreter:
			inShell = by.Language == "shell"
		case inShell && len(word) > 1 && word[0] == '-' && word[1] != '-' && strings.HasSuffix(word, "c"):
			return true
		case strings.HasPrefix(word, "-") || strings.Contains(word, "{0}") || strings.ContainsAny(word, `"'`):
		default:
			if _, _, there := r.read(dir, word); there {
				return true
			}
		}
	}
	return false
}

// wrappedScript is the script of a step that code of the repository starts.
type wrappedScript struct {
	own     ownScript
	reached bool
	found   map[string]value.Value
}

// start reads the script where it is started, with what it finds set there.
func (w *wrappedScript) start() start {
	return start{what: "the script of the step", file: stepScript, run: func(r *run, site *Site, at position) {
		own := w.own
		words := make([]string, len(site.Command.Args))
		for n, a := range site.Command.Args {
			words[n] = a.String()
		}
		switch by := interpreterOf(words[0]); {
		case by.Language == "shell" && words[0] != "source" && words[0] != ".":
			own.started = withOptions(words)
		case by.Language == "powershell":
			own.started = stepShell{dialect: shell.PowerShell}
		case by.Language != "" && by.Language != "shell":
			own.program = words[0]
		}
		w.reached, r.wrapped = true, nil
		w.found = r.scriptOf(own, site.Env, at)
		r.wrapped = w
	}}
}

// byWrapper reads the shell of a step that is code of the repository, and in it the
// script of the step. Where that is not seen to be started, it is read as if it were,
// and what was set before it is not known.
func (r *run) byWrapper(own ownScript, line string, by workflow.Text, env *value.Env, at position) map[string]value.Value {
	own.program, own.started = "", stepShell{errexit: true}
	w := &wrappedScript{own: own}
	r.wrapped = w
	result := shell.Interpret(shell.Input{
		Source: line, Table: &value.Table{}, Env: env, Dir: own.dir, Files: r.files, Parts: r.parts, Parsed: r.t.parsed,
		Top: r.topLevel, Read: r.reader(""), Folds: own.folds,
	})
	r.in(nil, func() {
		r.commands(result, by.Path(), locate{func(int) int { return by.Line() }, func(int, int) string { return "shell: " + oneLine(by.Value) }}, at)
	})
	r.wrapped = nil
	if w.reached {
		return w.found
	}
	r.opens(true)
	r.unparsed(own.step, own.source, own.table, env, at, &Unread{"the shell of the step", "is code in which the step's script is not seen to be started", "read what it sets for the script"})
	return r.scriptOf(own, env.Opened(), at)
}
