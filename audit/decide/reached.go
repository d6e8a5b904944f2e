package decide

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// reached leaves out the uses whose step, or job, asks for another repository
// than this one, for an event that starts no run of it, or for what never holds:
// they never run here. Where that are all
// of them, what they would do is all that can be said. The checkout may be
// that of a fork: a condition that holds in a repository of the same name is
// taken to hold here.
func (d *decider) reached(uses []*ruled) []*ruled {
	if len(uses) < 2 {
		return uses
	}
	out := slices.DeleteFunc(slices.Clone(uses), func(u *ruled) bool {
		job, step := u.job.Job.Job.Job.If, workflow.Text{}
		if u.Site != nil {
			step = u.Site.Condition()
		}
		elsewhere := !u.job.UnknownCaller && !u.job.Shared && (d.elsewhereOnly(job) || d.elsewhereOnly(step))
		return elsewhere || neverHolds(job) || neverHolds(step) || u.Site != nil && u.Site.Never
	})
	if len(out) == 0 {
		return uses
	}
	return out
}

// elsewhereOnly tells whether a condition asks for another repository.
func (d *decider) elsewhereOnly(c workflow.Text) bool {
	if !strings.Contains(d.options.Name, "/") || !strings.Contains(c.Value, "github.repository") || expression.Condition(c, inRepository(d.options.Name)) != no {
		return false
	}
	return !slices.ContainsFunc(expression.Namesakes(c.Value, d.options.Name), func(name string) bool {
		return expression.Condition(c, inRepository(name)) != no
	})
}

// neverRun tells whether all uses are in steps or jobs that never run, wherever
// the repository is.
func neverRun(uses []*ruled) bool {
	return len(uses) > 0 && !slices.ContainsFunc(uses, func(u *ruled) bool {
		return !neverHolds(u.job.Job.Job.Job.If) && (u.Site == nil || !neverHolds(u.Site.Condition()))
	})
}

// neverHolds tells whether a condition keeps out every run, as "if: false" does.
func neverHolds(c workflow.Text) bool {
	return !c.IsZero() && expression.Condition(c, circumstances{}) == no
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
