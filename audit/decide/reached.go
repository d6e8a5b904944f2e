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
// would do is all that can be said. The checkout may be
// that of a fork: a condition that holds in a repository of the same name is
// taken to hold here.
func (d *decider) reached(uses []*ruled) []*ruled {
	if !strings.Contains(d.options.Name, "/") || len(uses) < 2 {
		return uses
	}
	never := func(c workflow.Text) bool {
		if !strings.Contains(c.Value, "github.repository") || expression.Condition(c, inRepository(d.options.Name)) != no {
			return false
		}
		return !slices.ContainsFunc(expression.Namesakes(c.Value, d.options.Name), func(name string) bool {
			return expression.Condition(c, inRepository(name)) != no
		})
	}
	out := slices.DeleteFunc(slices.Clone(uses), func(u *ruled) bool {
		return !u.job.UnknownCaller && !u.job.Shared && (never(u.job.Job.Job.Job.If) || u.Site != nil && never(u.Site.Condition()))
	})
	if len(out) == 0 {
		return uses
	}
	return out
}

// inRepository are the circumstances of a run in a repository.
func inRepository(repository string) circumstances {
	owner, name, _ := strings.Cut(repository, "/")
	return circumstances{
		"github.repository": value.Text(repository), "github.event.repository.full_name": value.Text(repository),
		"github.repository_owner": value.Text(owner), "github.event.repository.owner.login": value.Text(owner),
		"github.event.repository.name": value.Text(name),
	}
}
