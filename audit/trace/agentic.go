package trace

import (
	"regexp"
	"strings"

	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// The lines of which GitHub Agentic Workflows make the bodies of their
// actions/github-script steps: a script of theirs is loaded, and called.
var (
	agenticLoad = regexp.MustCompile(`^const (?:\{ *\w+ *\}|\w+) = require\((?:['"][^'"]*/gh-aw/actions|process\.env\.GH_AW_ACTIONS_DIR \+ ['"])/(\w+\.cjs)['"]\);?$`)
	agenticCall = regexp.MustCompile(`^(?:setupGlobals\([\w, ]*\)|(?:return )?await \w+\((?:\w+(?:, *\w+)*)?\));?$`)
)

// agenticScripts returns the scripts that such a body runs. ok is false for
// every other body.
func agenticScripts(source string, table *value.Table) (scripts []string, ok bool) {
	for line := range strings.Lines(source) {
		line = strings.TrimSpace(line)
		m := agenticLoad.FindStringSubmatch(line)
		switch {
		case m != nil && m[1] == "setup_globals.cjs":
		case m != nil:
			scripts = append(scripts, m[1])
		case line == "", strings.HasPrefix(line, "//"), agenticCall.MatchString(line):
		default:
			return nil, false
		}
	}
	return scripts, len(scripts) > 0 && !table.HoldsCredential()
}

// agentic emits the scripts as commands: what they do is known by their
// names, and their sources are not in the repository.
func (r *run) agentic(scripts []string, env *value.Env, body workflow.Text, at position) {
	line := lineOfText(body)
	for _, name := range scripts {
		word := "gh-aw/actions/" + name
		r.emit(&Site{
			File: body.Path(), Line: line.line(strings.Index(body.Value, name)), Step: at.number, step: at.step, Hops: at.hops, Env: env, JobEnv: r.jobEnv,
			Command: &Command{
				Command: shell.Command{Args: []value.Value{value.Text(word)}, Env: env},
				text:    func(int, int) string { return "require('" + word + "')" },
			},
		})
	}
}
