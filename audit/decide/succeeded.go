package decide

import (
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/infer"
)

// takenUp is a job that looks for pull requests of which the checks have
// succeeded, and merges or approves them.
type takenUp struct {
	place audit.Place
	// wants are what else it asks of them, each as what makes it so: the login
	// that they are assigned to, a label.
	wants []string
}

// success matches a search for pull requests by the success of their checks,
// wanted what else a search asks for.
var (
	success = regexp.MustCompile(`\bgh (?:pr list|search prs)\b[^\n]*?\b(?:status:|--checks[ =]["']?)success\b|\bis:pr\b[^\n]*\bstatus:success\b`)
	wanted  = regexp.MustCompile(`(?:^|[\s"'])(?:--(assignee|label|head|author)[ =]|(assignee|label|head|author):)["']?([^\s"']+)`)
)

// succeededJobs returns the jobs that take up what has succeeded.
func (d *decider) succeededJobs() []takenUp {
	out := []takenUp{}
	for _, by := range d.takersOf() {
		for _, s := range by.scripts {
			for _, at := range success.FindAllStringIndex(s.text, -1) {
				line, _, _ := strings.Cut(s.text[at[0]:], "\n")
				t := takenUp{place: s.at(at[0])}
				t.place.Text = "status:success"
				for _, m := range wanted.FindAllStringSubmatch(line, -1) {
					t.wants = append(t.wants, m[3])
				}
				out = append(out, t)
			}
		}
	}
	return out
}

// succeeds returns the places that look for pull requests such as an operation
// opens, and only take up those of which the checks have succeeded. What else
// they ask for must be what the step gives them.
func (d *decider) succeeds(u *infer.Use, op infer.Operation) []audit.Place {
	if !slices.ContainsFunc(op.Events, func(e infer.Event) bool { return e.Key() == "pull_request.opened" }) {
		return nil
	}
	if d.succeeded == nil {
		d.succeeded = d.succeededJobs()
	}
	var out []audit.Place
	for _, t := range d.succeeded {
		if !slices.ContainsFunc(t.wants, func(want string) bool { return !gives(u, want) }) {
			out = append(out, t.place)
		}
	}
	return out
}

// gives tells whether a step names a login, a label or a branch among what it is
// told.
func gives(u *infer.Use, name string) bool {
	among := func(text string) bool {
		return slices.ContainsFunc(strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune(", \n\t\"'=", c) }), func(word string) bool { return strings.EqualFold(word, name) })
	}
	switch {
	case u.Site == nil:
	case u.Site.Action != nil:
		for _, v := range u.Site.Action.Inputs {
			if among(v.String()) {
				return true
			}
		}
	case u.Site.Command != nil:
		for _, v := range u.Site.Command.Args {
			if among(v.String()) {
				return true
			}
		}
	}
	return false
}
