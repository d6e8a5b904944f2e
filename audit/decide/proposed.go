package decide

import (
	"slices"

	"github.com/patrol-actions/patrol/audit/infer"
)

// proposed are the workflows that listen to the pull request which a step opens
// from a branch after its push, with whatever token: the runs for it stand in for
// those of the push, as where one action does both. It is none where the pull
// request is merged by itself after its checks, or another step opens it, which
// may not come to that. That a script looks whether there is one already is left
// aside, for then its new commits are run for.
func (d *decider) proposed(j *jobView, u *infer.Use, push infer.Event) []listener {
	if u.Site == nil || d.options.EnterpriseServer || push.Name != "push" || push.Type != "" || len(push.Attributes["branch"]) == 0 {
		return nil
	}
	at := j.at(u.Site)
	var out []listener
	for _, v := range j.Uses {
		if v.Site == nil || v.Site.Step != u.Site.Step || j.at(v.Site) <= at {
			continue
		}
		if !opensFrom(v, push.Attributes["branch"]) {
			continue
		}
		for _, op := range v.Operations {
			if d.mergesItself(j, v, op) || !onSelf(op) {
				continue
			}
			for _, e := range op.Events {
				if e.Key() != "pull_request.opened" {
					continue
				}
				if len(e.Paths) == 0 {
					e.Paths = push.Paths
				}
				out = append(out, d.listeners(j, e)...)
			}
		}
	}
	return out
}

// onSelf tells whether an operation is on the workflow's own repository alone.
func onSelf(op infer.Operation) bool {
	return len(op.Targets) > 0 && !slices.ContainsFunc(op.Targets, func(t infer.Target) bool { return t.Kind != infer.Self })
}
