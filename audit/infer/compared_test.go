package infer

import (
	"testing"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// TestCompared holds what the condition of a job says of the repository that
// an input names.
func TestCompared(t *testing.T) {
	repository := value.Unknown("${{ inputs.target }}")
	env := (*value.Env)(nil).With(map[string]value.Value{"TARGET": repository, "OTHER": value.Unknown("${{ inputs.other }}")})
	for text, want := range map[string]string{
		"inputs.target != github.repository":                          "*/*",
		"github.repository != inputs.target":                          "*/*",
		"env.TARGET && env.TARGET != github.repository":               "*/*",
		"!(env.TARGET == github.repository)":                          "*/*",
		"env.TARGET == github.repository":                             "self",
		"inputs.target == github.event.repository.full_name || false": "self",
		"${{ github.repository == inputs.target }}":                   "self",
		"env.OTHER != github.repository":                              "unknown",
		"env.TARGET != github.repository || inputs.force":             "unknown",
		"github.repository == 'acme/rocket'":                          "unknown",
		"env.TARGET == 'acme/rocket' && github.repository":            "unknown",
		"always()": "unknown",
	} {
		in := &inferrer{job: &trace.Job{Job: &workflow.Job{If: condition(t, text)}, Sites: []*trace.Site{{Env: env}}}}
		if got := texts(in.targets(repository)); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}
