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
// Releases from 0.87 on join the path of the folder first.
var (
	agenticLoad   = regexp.MustCompile(`^const (?:\{ *\w+ *\}|\w+) = require\((?:['"]([^'"]*/)gh-aw/actions/|process\.env\.GH_AW_ACTIONS_DIR \+ ['"]/|path\.join\((\w+), *['"])([\w-]+\.cjs)['"]\)?\);?$`)
	agenticFolder = regexp.MustCompile(`^const (\w+) = path\.join\(process\.env\.RUNNER_TEMP, *['"]gh-aw['"], *['"]actions['"]\);?$`)
	agenticPath   = regexp.MustCompile(`^const path = require\(['"](?:node:)?path['"]\);?$`)
	agenticCall   = regexp.MustCompile(`^(?:setupGlobals\([\w, ]*\)|(?:return )?await \w+\((?:\w+(?:, *\w+)*|\{[\w, ]*\})?\));?$`)
)

// agenticScript is a script of GitHub Agentic Workflows that a step runs.
type agenticScript struct {
	// folder is where the setup action has put gh-aw, "" below the runner's
	// folder.
	folder, name string
}

// agenticScripts returns the scripts that such a body runs. ok is false for
// every other body.
func agenticScripts(source string, table *value.Table) (scripts []agenticScript, ok bool) {
	folder := ""
	for line := range strings.Lines(source) {
		line = strings.TrimSpace(line)
		if m := agenticLoad.FindStringSubmatch(line); m != nil {
			if m[2] != folder && m[2] != "" {
				return nil, false
			}
			if m[3] != "setup_globals.cjs" {
				scripts = append(scripts, agenticScript{installed(m[1]), m[3]})
			}
			continue
		}
		if m := agenticFolder.FindStringSubmatch(line); m != nil {
			folder = m[1]
			continue
		}
		if line != "" && !strings.HasPrefix(line, "//") && !agenticCall.MatchString(line) && !agenticPath.MatchString(line) {
			return nil, false
		}
	}
	return scripts, len(scripts) > 0 && !table.HoldsCredential()
}

// installed returns a folder that is written out, and "" for one that begins
// with an expression.
func installed(folder string) string {
	if value.HasPlaceholder(folder) {
		return ""
	}
	return folder
}

// agentic emits the scripts as commands: what they do is known by their
// names, and their sources are not in the repository.
func (r *run) agentic(scripts []agenticScript, env *value.Env, body workflow.Text, at position) {
	line := lineOfText(body)
	for _, script := range scripts {
		word := script.folder + "gh-aw/actions/" + script.name
		r.emit(&Site{
			File: body.Path(), Line: line.line(strings.Index(body.Value, script.name)), Step: at.number, step: at.step, Hops: at.hops, Env: env, JobEnv: r.jobEnv,
			Command: &Command{
				Command: shell.Command{Args: []value.Value{value.Text(word)}, Env: env},
				text:    func(int, int) string { return "require('" + word + "')" },
			},
		})
	}
}
