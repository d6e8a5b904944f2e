package trace

import (
	"path"
	"strings"

	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// stepShell is the shell that a run step is for, with its options.
type stepShell struct {
	dialect           shell.Dialect
	errexit, pipefail bool
	// others says that it may have variables that the step does not have.
	others bool
}

// started returns the shell of a run step; program is set instead where the
// "shell" is another interpreter.
func (r *run) started(step *workflow.Step, s *scope) (started stepShell, program string) {
	text := r.shellOf(step)
	if text.IsZero() {
		// Windows runners default to PowerShell.
		if r.system(s) == "windows" {
			return stepShell{dialect: shell.PowerShell}, ""
		}
		return stepShell{errexit: true}, ""
	}
	named, known := expression.Eval(text, s).Literal()
	words := strings.Fields(named)
	if len(words) == 0 {
		// One that is only known when it runs may have any options.
		return stepShell{errexit: known, others: !known}, ""
	}
	switch name := strings.TrimSuffix(path.Base(words[0]), ".exe"); name {
	case "pwsh", "powershell":
		return stepShell{dialect: shell.PowerShell}, ""
	case "cmd":
		return stepShell{dialect: shell.Cmd}, ""
	case "python", "python3", "node", "ruby", "perl", "nu", "julia", "Rscript", "deno", "bun":
		return stepShell{}, words[0]
	case "bash", "sh":
		if len(words) == 1 {
			return stepShell{errexit: true, pipefail: name == "bash"}, ""
		}
	}
	asked := withOptions(words)
	asked.others = interpreterOf(words[0]).Language != "shell" || shell.OpensShell(words)
	return asked, ""
}

// shellOf is what says which shell a step has, zero where nothing does.
func (r *run) shellOf(step *workflow.Step) workflow.Text {
	for _, text := range []workflow.Text{step.Shell, r.job.Job.DefaultShell} {
		if !text.IsZero() {
			return text
		}
	}
	return r.call.file.DefaultShell
}

// systems are those of hosted runners, by what their labels begin with.
var systems = []string{"windows", "ubuntu", "macos"}

// system is the one of [systems] that a job runs on, empty where that is not known.
func (r *run) system(s *scope) string {
	for _, label := range r.job.Job.RunsOn {
		v, ok := expression.Eval(label, s).Literal()
		for _, name := range systems {
			if ok && strings.HasPrefix(strings.ToLower(v), name) {
				return name
			}
		}
	}
	return ""
}

// folds says how the job's system tells names of variables apart.
func (r *run) folds(s *scope) shell.Folding {
	switch r.system(s) {
	case "":
		return shell.Unsettled
	case "windows":
		return shell.Folded
	}
	return shell.Distinct
}

// withOptions returns what the words behind a shell's name ask of it. The name
// may be left out.
func withOptions(words []string) (asked stepShell) {
	if len(words) > 0 && !strings.HasPrefix(words[0], "-") && !strings.HasPrefix(words[0], "+") {
		words = words[1:]
	}
	options := make([]value.Value, len(words))
	for i, w := range words {
		options[i] = value.Text(w)
	}
	asked.errexit, asked.pipefail = shell.Options(options)
	return asked
}
