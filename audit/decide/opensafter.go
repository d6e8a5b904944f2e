package decide

import (
	"slices"

	"github.com/patrol-actions/patrol/audit/infer"
)

// opensAfter tells whether a pull request to which a push would add commits is not
// there yet: a later command of the job opens the one of that branch come what may,
// and gh fails where there is one.
// Source: https://cli.github.com/manual/gh_pr_create
func opensAfter(j *jobView, u *infer.Use, e infer.Event) bool {
	head, known := shortRef(e.Attributes["head"]).Literal()
	if e.Type != "synchronize" || !known || u.Site == nil {
		return false
	}
	return slices.ContainsFunc(j.Uses, func(v *infer.Use) bool {
		if v.Site == nil || v.Site.Command == nil || v.What != "gh pr create" || j.at(v.Site) <= j.at(u.Site) || len(v.Site.Arms()) > 0 || v.Site.Command.Avoided {
			return false
		}
		return slices.ContainsFunc(v.Operations, func(op infer.Operation) bool {
			return slices.ContainsFunc(op.Events, func(f infer.Event) bool {
				opened, known := shortRef(f.Attributes["head"]).Literal()
				return f.Key() == "pull_request.opened" && known && opened == head
			})
		})
	})
}
