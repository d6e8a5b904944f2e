package decide

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// reached leaves out the uses whose step, or job, asks for another repository
// than this one: they never run here. Where that are all of them, what they
// would do is all that can be said.
func (d *decider) reached(uses []*ruled) []*ruled {
	owner, name, known := strings.Cut(d.options.Name, "/")
	if !known || len(uses) < 2 {
		return uses
	}
	here := circumstances{
		"github.repository": value.Text(d.options.Name), "github.event.repository.full_name": value.Text(d.options.Name),
		"github.repository_owner": value.Text(owner), "github.event.repository.owner.login": value.Text(owner),
		"github.event.repository.name": value.Text(name),
	}
	never := func(c workflow.Text) bool {
		return strings.Contains(c.Value, "github.repository") && expression.Condition(c, here) == no
	}
	out := slices.DeleteFunc(slices.Clone(uses), func(u *ruled) bool {
		return !u.job.UnknownCaller && !u.job.Shared && (never(u.job.Job.Job.Job.If) || u.Site != nil && never(u.Site.Condition()))
	})
	if len(out) == 0 {
		return uses
	}
	return out
}
