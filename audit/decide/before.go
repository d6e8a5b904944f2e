package decide

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// madeBefore tells whether an event happens only where what it makes is
// missing, while an earlier step is there to make it: the step that opens a
// comment which later ones add to. Only a step of the same job, or of one that
// this job needs, is sure to come first, and it must be about the same thing.
// One of a job that waits for none is taken to come before the later steps of
// jobs beside it. That it failed, where the later step runs always(), is left
// aside.
func (d *decider) madeBefore(j *jobView, u *infer.Use, e infer.Event) bool {
	if e.Attributes["when"].LiteralOr("") != "missing" || u.Site == nil {
		return false
	}
	for _, other := range d.inferred {
		same := other == j.Job
		beside := !same && !needed(j.Job.Job, other.Job)
		if beside && !waitsForNone(j.Job.Job, other.Job) {
			continue
		}
		for _, v := range other.Uses {
			if v.Site == nil || beside && v.Site.Step >= u.Site.Step || same && exclude(j.Job.Job.Job, v.Site, u.Site) {
				continue
			}
			earlier := !same || j.at(v.Site) < j.at(u.Site)
			if earlier && v.What == u.What && d.coveredBy(u.Site, v.Site, same) && d.alike(u, v, same) && makes(v, e, same, beside) {
				return true
			}
		}
	}
	return false
}

// waitsForNone tells whether another job of the same run begins with it.
func waitsForNone(j, other *trace.Job) bool {
	return j.Root == other.Root && j.File == other.File && slices.Equal(j.Callers, other.Callers) && len(other.Job.Needs) == 0 && other.Job.If.IsZero()
}

// afterFailure matches conditions that only hold once something has failed or
// was cancelled.
var afterFailure = regexp.MustCompile(`^[^|!]*\b(?:failure|cancelled)\(\)[^|]*$`)

// exclude tells whether a step runs only where an earlier one of its job has
// not: that one says that all before it must have gone well, the later one that
// something went wrong, and nothing between them can.
func exclude(job *workflow.Job, earlier, later *trace.Site) bool {
	text := earlier.Condition().Value
	if !afterFailure.MatchString(later.Condition().Value) || strings.Contains(text, "always()") || strings.Contains(text, "failure()") || strings.Contains(text, "cancelled()") {
		return false
	}
	if !strings.Contains(text, "success()") || earlier.Step < 1 || later.Step > len(job.Steps) || earlier.Step >= later.Step {
		return false
	}
	return !slices.ContainsFunc(job.Steps[earlier.Step:later.Step-1], func(s *workflow.Step) bool { return !afterFailure.MatchString(s.If.Value) })
}

// needed tells whether a job runs only after another one has run, in the same
// run of the same workflow.
func needed(j, other *trace.Job) bool {
	if j.Root != other.Root || j.File != other.File || !slices.Equal(j.Callers, other.Callers) {
		return false
	}
	ids := []string{j.Job.ID}
	for i := 0; i < len(ids); i++ {
		at := slices.IndexFunc(j.File.Jobs, func(w *workflow.Job) bool { return w.ID == ids[i] })
		if at < 0 || !waits(j.File.Jobs[at]) {
			continue
		}
		for _, id := range j.File.Jobs[at].Needs {
			ids = appendNew(ids, id)
		}
	}
	return slices.Contains(ids[1:], other.Job.ID)
}

// coveredBy tells whether a step runs only where an earlier one has run too, as
// far as their conditions show: the earlier one has none, or each part of it is
// one of the later one's, or only asks whether what tells which thing is meant
// is there at all.
func (d *decider) coveredBy(later, earlier *trace.Site, sameJob bool) bool {
	own := conjuncts(later.Condition())
	return !slices.ContainsFunc(conjuncts(earlier.Condition()), func(part string) bool {
		return !(sameJob && slices.Contains(own, part)) && !d.asksFor(earlier, part)
	})
}

// asksFor tells whether a part of a condition asks that one of the inputs which
// tell what is meant is not empty.
func (d *decider) asksFor(s *trace.Site, part string) bool {
	name, compared, ok := strings.Cut(part, "!=")
	if !ok || strings.TrimSpace(compared) != "''" || s.Action == nil {
		return false
	}
	written := "${{ " + strings.TrimSpace(name) + " }}"
	return slices.ContainsFunc(d.telling(s), func(input string) bool {
		return strings.HasSuffix(s.Action.Place(input).Text, ": "+written)
	})
}

// telling are the inputs that tell what an action is about.
func (d *decider) telling(s *trace.Site) []string {
	if key := d.byAuthor(s); key != nil {
		return key
	}
	return rules.InputIdentifying.Names()
}

// conjuncts are the parts of a condition that must all hold, without those
// that are there to run a step after a failure, or not to. A condition with
// alternatives is one part.
func conjuncts(condition workflow.Text) []string {
	text := strings.TrimSpace(condition.Value)
	if inner, ok := strings.CutPrefix(text, "${{"); ok {
		if inner, ok = strings.CutSuffix(inner, "}}"); ok && !strings.Contains(inner, "${{") {
			text = strings.TrimSpace(inner)
		}
	}
	if text == "" {
		return nil
	}
	if strings.Contains(text, "||") || strings.Contains(text, "${{") {
		return []string{text}
	}
	var out []string
	for part := range strings.SplitSeq(text, "&&") {
		part = strings.TrimSpace(part)
		if !slices.Contains([]string{"always()", "success()", "!cancelled()"}, part) {
			out = append(out, part)
		}
	}
	return out
}

// alike tells whether two uses are about the same thing: what tells which it
// is, is the same, and known. Of a comment that is found by its author, who
// must then be the same, the first input names it; that another, such as the
// number, is written alike will do.
func (d *decider) alike(u, v *infer.Use, sameJob bool) bool {
	if (u.Site.Action == nil) != (v.Site.Action == nil) {
		return false
	}
	if u.Site.Action == nil {
		return true
	}
	byAuthor := d.byAuthor(u.Site) != nil
	if byAuthor && (u.Credential.Kind != v.Credential.Kind || !strings.EqualFold(u.Credential.Name, v.Credential.Name)) {
		return false
	}
	for i, name := range d.telling(u.Site) {
		a, b := u.Site.Action.Inputs[name], v.Site.Action.Inputs[name]
		if !a.Equal(b) || (i == 0 || !byAuthor) && !sameValue(a, b, sameJob) {
			return false
		}
	}
	return true
}

// makes tells whether a use causes an event, of the very thing; first, if that
// is asked for, as what is there to make it and not to add to it.
func makes(v *infer.Use, e infer.Event, sameJob, first bool) bool {
	return slices.ContainsFunc(v.Operations, func(op infer.Operation) bool {
		adds := slices.ContainsFunc(op.Events, func(f infer.Event) bool { return f.Name == e.Name && f.Type == "edited" })
		return slices.ContainsFunc(op.Events, func(f infer.Event) bool {
			return f.Key() == e.Key() && !(first && adds && len(f.Attributes["when"]) > 0) && !slices.ContainsFunc(slices.Collect(maps.Keys(e.Attributes)), func(name string) bool {
				return name != "when" && name != "body" && !sameValue(e.Attributes[name], f.Attributes[name], sameJob)
			})
		})
	})
}

// sameValue tells whether two values are surely equal. What is only known when
// the job runs is the same in all of its steps where it is written alike, but
// need not be in another job.
func sameValue(v, w value.Value, sameJob bool) bool {
	if !v.Equal(w) {
		return false
	}
	return !slices.ContainsFunc(v, func(p value.Part) bool {
		return !sameJob && (p.OneOf != nil || p.Unknown != "") || strings.ContainsAny(p.Unknown, "$* ")
	})
}
