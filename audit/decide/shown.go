package decide

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/value"
)

// shownPublic says how a workflow shows that a repository, "owner/name", must be
// public: it reads its contents without a credential, or with GITHUB_TOKEN, which
// reaches no other repository that is not. It is "" for one that none shows to be, and
// wrong for a workflow that does not work.
func (d *decider) shownPublic(repository string) string {
	return d.allShown()[strings.ToLower(repository)]
}

// allShown are the repositories, in lower case, that workflows show to be public.
func (d *decider) allShown() map[string]string {
	if d.shown == nil {
		d.shown = map[string]string{}
		for _, j := range d.inferred {
			for _, u := range j.Uses {
				for _, name := range readByJobToken(j, u) {
					d.shown[name] = "a workflow reads it with GITHUB_TOKEN"
				}
			}
			for _, name := range j.Open {
				d.shown[name] = "a workflow reads it without a credential"
			}
		}
	}
	return d.shown
}

// readByJobToken are the other repositories that a use reads with
// GITHUB_TOKEN and nothing else: where a secret may stand in its place, or a
// key is given, that may be what reads.
func readByJobToken(j *infer.Job, u *infer.Use) (names []string) {
	if u.Credential.Kind != value.JobToken || u.Site == nil {
		return nil
	}
	if a := u.Site.Action; a != nil {
		if token, given := a.Inputs["token"]; len(a.Inputs["ssh-key"]) > 0 || given && len(token) == 0 {
			return nil
		}
	}
	for _, op := range u.Operations {
		if !slices.Contains(op.Names, "git fetch") && !slices.Contains(op.Names, "git clone") || op.Needs.Writes() {
			continue
		}
		for _, t := range op.Targets {
			if t.Kind == infer.Repository && IsFullName(t.Text) {
				names = append(names, strings.ToLower(t.Text))
			}
		}
	}
	if len(names) > 0 && slices.ContainsFunc(j.Uses, func(v *infer.Use) bool { return v.Site == u.Site && v.Credential.Kind != value.JobToken }) {
		return nil
	}
	return names
}
