package decide

import (
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// taggedBefore tells whether an event is that of making a tag only where it
// is missing, and code that surely ran before has pushed the very tag, with
// whatever token: in the same job, or in one that it needs.
func (d *decider) taggedBefore(j *jobView, u *infer.Use, made infer.Operation, e infer.Event) bool {
	tag := e.Attributes["tag"]
	if !makesTag(e) || len(tag) == 0 || e.Attributes["when"].LiteralOr("") != "missing" || u.Site == nil {
		return false
	}
	for _, job := range d.comesBefore(j) {
		same := job == j.Job
		for _, v := range job.Uses {
			if v.Site == nil || !pushesTag(v, made, tag) || same && !runsBefore(j, v.Site, u.Site) || !same && !v.Site.Runs() {
				continue
			}
			if same && d.steady(j, v, u, tag) && !deletesSince(j, v) || !same && ofTheRun(tag) && !deletes(j) {
				return true
			}
		}
	}
	return false
}

// runsBefore tells whether a site of a job comes before another one that is only
// reached where it has run.
func runsBefore(j *jobView, earlier, later *trace.Site) bool {
	return j.at(earlier) < j.at(later) && later.RunsAfter(earlier)
}

// deletesSince tells whether a job deletes a branch or a tag after a use.
func deletesSince(j *jobView, from *infer.Use) bool {
	at := j.at(from.Site)
	return slices.ContainsFunc(j.Uses, func(u *infer.Use) bool { return deletesRef(u) && j.at(u.Site) > at })
}

// pushesTag tells whether a use pushes a tag of a name to where an operation acts.
// The names of what an action makes are those of its inputs.
func pushesTag(v *infer.Use, made infer.Operation, tag value.Value) bool {
	return slices.ContainsFunc(v.Operations, func(op infer.Operation) bool {
		return slices.EqualFunc(op.Targets, made.Targets, func(a, b infer.Target) bool { return a.Text == b.Text }) &&
			slices.ContainsFunc(op.Events, func(f infer.Event) bool {
				if !makesTag(f) || f.Doubted || f.Attributes["when"] != nil {
					return false
				}
				return slices.ContainsFunc(f.Lands, tag.Equal) || f.Lands == nil && v.Site.Action != nil && tag.Equal(f.Attributes["tag"])
			})
	})
}

// ofTheRun tells whether all jobs of a run have the same value: it is known, or
// the event's, or an input of the workflow.
func ofTheRun(v value.Value) bool {
	return !slices.ContainsFunc(v, func(p value.Part) bool {
		return p.OneOf != nil || p.Unknown != "" && !isInput.MatchString(p.Unknown) || p.Context != "" && !strings.HasPrefix(p.Context, "github.")
	})
}

// Patterns for what the source of a value says: an input, a command that prints it, and one
// that prints what stands in a file.
var (
	isInput   = regexp.MustCompile(`^\$\{\{ *(?:github\.event\.)?inputs\.[\w-]+ *\}\}$`)
	isPrinted = regexp.MustCompile("[$]\\(|`")
	readsFile = regexp.MustCompile(`^\$\((?:cat|grep|jq|head|node -pe?|sed -n|yq) `)
	isRandom  = regexp.MustCompile(`\$\{?(?:RANDOM|SECONDS|EPOCH)`)
)

// steady tells whether a value that is only known when the job runs is the same
// at two places of it where it is written alike: it was printed once, or both
// times from a file that nothing in between gives another version.
func (d *decider) steady(j *jobView, from, to *infer.Use, v value.Value) bool {
	return !slices.ContainsFunc(v, func(p value.Part) bool {
		switch {
		case p.OneOf != nil:
			return slices.ContainsFunc(p.OneOf, func(one value.Value) bool { return !d.steady(j, from, to, one) })
		case p.Unknown == "":
			return false
		case !strings.HasPrefix(p.Unknown, "$") || strings.Contains(p.Unknown, "*") || isRandom.MatchString(p.Unknown):
			return true
		case !isPrinted.MatchString(p.Unknown) || d.printedOnce(j, p.Unknown):
			return false
		}
		return !readsFile.MatchString(p.Unknown) || setsVersion(j, from, to)
	})
}

// printedOnce tells whether what the scripts of a job run holds a command once, so
// that all that is called after it was printed by the very call.
func (d *decider) printedOnce(j *jobView, source string) bool {
	calls := 0
	for _, s := range scriptsOf(d.repository, j.Job.Job.File, j.Job.Job.Job) {
		calls += strings.Count(s.text, source)
	}
	return calls == 1
}

// setsVersion tells whether a command between two uses of a job gives files another
// version.
func setsVersion(j *jobView, from, to *infer.Use) bool {
	between := j.Sites[j.at(from.Site)+1:]
	return slices.ContainsFunc(between[:max(slices.Index(between, to.Site), 0)], func(s *trace.Site) bool {
		if s.Command == nil {
			return false
		}
		words, _ := s.Command.Words()
		return rules.MakesCommit(words) || ofVersions.MatchString(strings.Join(words, " "))
	})
}
