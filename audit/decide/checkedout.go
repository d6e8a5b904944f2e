package decide

import (
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/value"
)

// ofTag matches what an expression or a name is that means a tag. A checkout
// takes branches as well, but nobody gives a tag the name of one.
var ofTag = regexp.MustCompile(`(?i)tag|version|release|^v`)

// orRun matches an input that is one of the workflow's own inputs, and the tag
// of the run where that is empty.
var orRun = regexp.MustCompile(`: ["']?\$\{\{ *(inputs\.[\w-]+) *\|\| *github\.ref(?:_name)? *\}\}["']?$`)

// checkedOut tells whether a tag is there already because an earlier step of
// the job has checked it out: by the same expression, and in this repository.
// What stands beside such an expression for the runs in which it is empty must
// be the tag that started them. It is wrong where the name is a branch's, and
// a tag of that name is missing.
func checkedOut(j *jobView, u *infer.Use, tag value.Value) bool {
	refs := refsCheckedOut(j, u)
	if len(tag) == 0 || len(refs) == 0 || deletes(j) {
		return false
	}
	return !slices.ContainsFunc(tag.Alternatives(), func(one value.Value) bool {
		if tagOfRun(one) {
			return !tagBeside(j, u, tag)
		}
		_, known := one.Literal()
		return known || !ofTag.MatchString(one.String()) || !slices.ContainsFunc(refs, one.Equal)
	})
}

// refsCheckedOut are what the steps before a use check out of this repository.
func refsCheckedOut(j *jobView, u *infer.Use) []value.Value {
	if u.Site == nil {
		return nil
	}
	var out []value.Value
	for _, s := range j.Sites {
		if s.Action == nil || !s.Action.Is("actions/checkout") || s.File != u.Site.File || s.Step >= u.Site.Step {
			continue
		}
		if own := s.Action.Inputs["repository"]; len(own) > 0 && !own.IsContext("github.repository") {
			continue
		}
		if condition := s.Condition(); !condition.IsZero() && condition.Value != u.Site.Condition().Value {
			continue
		}
		out = append(out, s.Action.Inputs["ref"].Alternatives()...)
	}
	return out
}

// deletes tells whether a job deletes branches or tags.
func deletes(j *jobView) bool { return slices.ContainsFunc(j.Uses, deletesRef) }

// deletesRef tells the same of a use.
func deletesRef(u *infer.Use) bool {
	return slices.ContainsFunc(u.Operations, func(op infer.Operation) bool {
		return slices.ContainsFunc(op.Events, func(e infer.Event) bool { return e.Name == "delete" })
	})
}

// tagBeside tells whether the tag of the run is what a use takes where one of
// the workflow's inputs is empty, and such a run is always for a tag.
func tagBeside(j *jobView, u *infer.Use, tag value.Value) bool {
	if u.Site.Action == nil || len(tag.Alternatives()) != 2 {
		return false
	}
	for name, given := range u.Site.Action.Inputs {
		m := orRun.FindStringSubmatch(u.Site.Action.Place(name).Text)
		if m == nil || !given.Equal(tag) {
			continue
		}
		return started(j, u, circumstances{strings.ToLower(m[1]): nil}).tag
	}
	return false
}
