package decide

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/workflow"
)

// agenticFrame are the jobs that GitHub Agentic Workflows put around the
// agent's: they look who asks and whether he may, make its prompt, and report
// on how it ended.
var agenticFrame = []string{"pre_activation", "activation", "conclusion"}

// framesNothing tells whether a job does nothing of its own because it only
// frames that of an agent, which does not run. It is wrong for a reaction or a
// comment with which it answers whoever asked.
func framesNothing(w *workflow.Workflow, job *workflow.Job, skipped map[string]bool) bool {
	return skipped["agent"] && slices.Contains(agenticFrame, job.ID) && agentic(w)
}

// agentic tells whether a workflow is compiled by GitHub Agentic Workflows:
// its agent's job begins with the action that sets up their scripts.
func agentic(w *workflow.Workflow) bool {
	return strings.HasSuffix(w.Path, ".lock.yml") && slices.ContainsFunc(w.Jobs, func(job *workflow.Job) bool {
		return job.ID == "agent" && slices.ContainsFunc(job.Steps, func(s *workflow.Step) bool {
			name, _, _ := strings.Cut(s.Uses.Value, "@")
			return name == "github/gh-aw-actions/setup" || name == "github/gh-aw/actions/setup" || name == "githubnext/gh-aw/actions/setup"
		})
	})
}
