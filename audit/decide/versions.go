package decide

import (
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// versions stand for what is not known of the name of a tag or a branch.
var versions = []string{"1.2.3", "v1.2.3"}

// asVersion tells whether a tag that is known in part matches if the rest is
// a version: that is what tools and people tag, as a rule. A filter for one
// line of versions ("2.0.*") is taken to be for the one that is worked on. A tag
// of fewer numbers is taken for such.
func (d *decider) asVersion(j *jobView, t *workflow.Trigger, tag value.Value) bool {
	most := dots(tag)
	for _, r := range d.refsOf(j, tag, false) {
		if len(r.pieces) != 2 {
			continue
		}
		var names []string
		rest := max(most-strings.Count(r.pieces[0]+r.pieces[1], "."), 0)
		for _, version := range versions {
			if most != anyDots {
				version = strings.Join(strings.SplitN(version, ".", rest+2)[:min(rest+1, 3)], ".")
			}
			names = append(names, r.pieces[0]+version+r.pieces[1])
		}
		for _, pattern := range ofDots(t.Tags, most) {
			name := wildcard.ReplaceAllString(pattern, "1")
			rest, begins := strings.CutPrefix(name, r.pieces[0])
			if rest, ends := strings.CutSuffix(rest, r.pieces[1]); begins && ends && versionText.MatchString(rest) {
				names = append(names, name)
			}
		}
		if slices.ContainsFunc(names, func(name string) bool { return d.filters(j, t.Tags, t.TagsIgnore, value.Text(name), false) == yes }) {
			return true
		}
	}
	return false
}

// versionText matches a version of several numbers.
var versionText = regexp.MustCompile(`^v?[0-9]+(?:\.[0-9]+)+$`)

// asVersionBranch tells the same of a branch that begins as those of releases
// do: "release/" and something. Each version must match, for branches are
// mostly filtered by patterns for some.
func (d *decider) asVersionBranch(j *jobView, t *workflow.Trigger, branch value.Value) bool {
	refs := d.refsOf(j, branch, false)
	for _, r := range refs {
		if len(r.pieces) != 2 || r.pieces[1] != "" || !strings.HasPrefix(r.pieces[0], "release/") && !strings.HasPrefix(r.pieces[0], "releases/") {
			return false
		}
		for _, version := range versions {
			if d.filters(j, t.Branches, t.BranchesIgnore, value.Text(r.pieces[0]+version), false) != yes {
				return false
			}
		}
	}
	return len(refs) > 0
}

// isAny tells whether nothing is known of the name of a branch: what opens pull
// requests to such is there to carry changes to the branches that are kept beside
// the default one.
func (d *decider) isAny(j *jobView, branch value.Value) bool {
	refs := d.refsOf(j, branch, false)
	return len(refs) > 0 && !slices.ContainsFunc(refs, func(r ref) bool { return r.topic || r.known() || strings.Join(r.pieces, "") != "" })
}

// besideDefault tells whether a filter by branches has a pattern for some that
// are kept, and not for any branch.
func besideDefault(t *workflow.Trigger) bool {
	return slices.ContainsFunc(t.Branches, func(b string) bool {
		return wild(b) && !strings.HasPrefix(b, "!") && !compile(b).MatchString("topic")
	})
}
