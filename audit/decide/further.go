package decide

import (
	"maps"
	"slices"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/rules"
)

// Further is what comes on top of a sum where a condition holds that is open.
type Further struct {
	// When are the conditions of which any one is enough, in the form of the
	// tables.
	When []rules.Condition
	// Permissions are those that the sum does not hold, or holds with less
	// access. Choices are the needs among them of which any one will do.
	Permissions audit.Permissions
	Choices     rules.Needs
	// Verdict is the one for all of it, Reasons are those that come to the
	// sum's.
	Verdict audit.Verdict
	Reasons []audit.Reason
}

// Further returns what comes on top under open conditions, in the order in
// which the uses name them; conditions under which the same comes are one
// entry. What takes nothing more, and is no worse for GITHUB_TOKEN, is left
// out.
func (s *Sum) Further() []Further {
	var conditions []rules.Condition
	for _, u := range s.asked {
		for _, f := range u.Further {
			if !slices.ContainsFunc(conditions, func(c rules.Condition) bool { return c.String() == f.When.String() }) {
				conditions = append(conditions, f.When)
			}
		}
	}
	var out []Further
	for _, when := range conditions {
		more, any := s.under(when)
		if !any {
			continue
		}
		i := slices.IndexFunc(out, func(have Further) bool { return sameFurther(have, more) })
		if i < 0 {
			out = append(out, more)
			continue
		}
		out[i].When = addCondition(out[i].When, when)
	}
	return out
}

// under returns what comes to the sum under a condition, and whether anything
// does.
func (s *Sum) under(when rules.Condition) (more Further, any bool) {
	all := Together(s)
	verdict := audit.VerdictReplaceable
	var reasons []audit.Reason
	for _, u := range s.asked {
		replaced := false
		for _, f := range u.Further {
			if f.When.String() != when.String() {
				continue
			}
			part := s.part(u, f)
			all.add(part)
			verdict, replaced = verdict.Worse(part.ruling.verdict), replaced || f.Replaces
			reasons = append(reasons, relevant(part.ruling)...)
		}
		if !replaced {
			verdict = verdict.Worse(u.ruling.verdict)
		}
	}
	for _, u := range s.uses {
		if len(u.Further) == 0 {
			verdict = verdict.Worse(u.ruling.verdict)
		}
	}
	more = Further{When: []rules.Condition{when}, Verdict: verdict, Permissions: morePermissions(all.Permissions(), s.Permissions())}
	more.Choices = slices.DeleteFunc(all.Choices(), func(group []rules.Permission) bool {
		return slices.ContainsFunc(s.Choices(), func(have []rules.Permission) bool { return slices.Equal(have, group) })
	})
	if verdict.Worse(s.Verdict()) == verdict {
		more.Reasons = newReasons(sortReasons(reasons), s.Reasons(), verdict != s.Verdict() || !empty(more.Permissions))
	}
	return more, !empty(more.Permissions) || len(more.Reasons) > 0
}

// part is what a use is under a condition.
func (s *Sum) part(u *ruled, f infer.Further) *ruled {
	use := *u.Use
	use.Operations, use.Keys, use.Unknowns, use.Other = f.Operations, f.Keys, nil, false
	if !f.Replaces {
		// What it does anyway may tell of which kind its object is.
		use.Operations = append(slices.Clip(u.Operations), f.Operations...)
	}
	part := &use
	if s.d.options.PublicOnly {
		part = readsInPublic(part)
	}
	return &ruled{Use: part, job: u.job, ruling: s.d.rule(u.job, part)}
}

// newReasons returns the reasons that are not among those there are. Another
// detail of the same code counts if something changes with it.
func newReasons(reasons, have []audit.Reason, changes bool) []audit.Reason {
	var out []audit.Reason
	for _, r := range reasons {
		known := func(h audit.Reason) bool { return h.Code == r.Code && (h.Detail == r.Detail || !changes) }
		if !slices.ContainsFunc(have, known) && !slices.ContainsFunc(out, known) {
			out = append(out, r)
		}
	}
	return out
}

// addCondition adds one of which any is enough: one that asks for more than
// another does not count.
func addCondition(list []rules.Condition, c rules.Condition) []rules.Condition {
	asksMore := func(c, than rules.Condition) bool {
		return !slices.ContainsFunc(than, func(t rules.Term) bool {
			return !slices.ContainsFunc(c, func(u rules.Term) bool { return u.String() == t.String() })
		})
	}
	if slices.ContainsFunc(list, func(have rules.Condition) bool { return asksMore(c, have) }) {
		return list
	}
	return append(slices.DeleteFunc(list, func(have rules.Condition) bool { return asksMore(have, c) }), c)
}

// morePermissions returns what all holds beyond some.
func morePermissions(all, some audit.Permissions) audit.Permissions {
	return audit.Permissions{
		Workflow: moreKeys(all.Workflow, some.Workflow),
		FineGrained: audit.FineGrained{
			Repository:   moreKeys(all.FineGrained.Repository, some.FineGrained.Repository),
			Organization: moreKeys(all.FineGrained.Organization, some.FineGrained.Organization),
			Account:      moreKeys(all.FineGrained.Account, some.FineGrained.Account),
		},
		ClassicScopes: slices.DeleteFunc(slices.Clone(all.ClassicScopes), func(scope string) bool { return slices.Contains(some.ClassicScopes, scope) }),
	}
}

// moreKeys returns the keys of all that some lacks, or holds with another
// access: all holds whatever some does.
func moreKeys(all, some map[string]string) map[string]string {
	out := map[string]string{}
	for key, access := range all {
		if some[key] != access {
			out[key] = access
		}
	}
	return out
}

func empty(p audit.Permissions) bool {
	return len(p.Workflow)+len(p.FineGrained.Repository)+len(p.FineGrained.Organization)+len(p.FineGrained.Account)+len(p.ClassicScopes) == 0
}

func sameFurther(a, b Further) bool {
	p, q := a.Permissions, b.Permissions
	return maps.Equal(p.Workflow, q.Workflow) && maps.Equal(p.FineGrained.Repository, q.FineGrained.Repository) &&
		maps.Equal(p.FineGrained.Organization, q.FineGrained.Organization) && maps.Equal(p.FineGrained.Account, q.FineGrained.Account) &&
		slices.Equal(p.ClassicScopes, q.ClassicScopes) && a.Choices.String() == b.Choices.String() && a.Verdict == b.Verdict &&
		slices.EqualFunc(a.Reasons, b.Reasons, func(x, y audit.Reason) bool { return x.Code == y.Code && x.Detail == y.Detail })
}
