package decide

import (
	"fmt"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
)

// judged is a reference with what its judgement rests on.
type judged struct {
	*audit.Reference
	uses []*ruled
	need *need
}

// byAuthor returns the inputs that tell which comment of its own author an
// action takes up; nil where it takes up none that way.
func (d *decider) byAuthor(s *trace.Site) []string {
	if s == nil || s.Action == nil {
		return nil
	}
	info, _ := infer.Action(d.options.Knowledge, s.Action.Name)
	if info == nil {
		return nil
	}
	return info.ByAuthor
}

// together sees to references whose actions look for one another's comments by
// the author: changed alone, one does not find what the others have made. Where
// one of them stays as it is, that is a condition for the rest; else it is said
// that they go together.
func (d *decider) together(all []*judged) {
	stays := func(j *judged) bool {
		return j.Verdict == audit.VerdictNotReplaceable || j.Verdict == audit.VerdictUnknown
	}
	var found []*judged
	for _, j := range all {
		if i := slices.IndexFunc(j.uses, func(u *ruled) bool { return u.named != "" }); i >= 0 && j.Remedy.Kind == audit.RemedyGitHubToken {
			j.Remedy.Summary += j.uses[i].named
		}
		if slices.ContainsFunc(j.uses, func(u *ruled) bool { return d.byAuthor(u.Site) != nil }) {
			found = append(found, j)
		}
	}
	staying := map[*judged][]*judged{}
	for _, j := range found {
		if stays(j) || j.Verdict == audit.VerdictNone {
			continue
		}
		var fellows []*judged
		for _, other := range found {
			if other != j && other.Verdict != audit.VerdictNone && d.sameComment(j, other) {
				fellows = append(fellows, other)
				if stays(other) {
					staying[j] = append(staying[j], other)
				}
			}
		}
		if len(fellows) > 0 && len(staying[j]) == 0 {
			j.Remedy.Summary += "; it finds its comment by its author: change it together with " + placesOf(fellows)
		}
	}
	for j, fellows := range staying {
		d.bind(j, fellows)
	}
}

// bind notes on a reference that others, which stay as they are, look for the
// same comment.
func (d *decider) bind(j *judged, fellows []*judged) {
	var places []audit.Place
	for _, other := range fellows {
		places = append(places, audit.Place{File: other.File, Line: other.Line, Text: "secrets." + other.Secret})
	}
	found := &ruling{}
	found.condition("reduced-function", "it finds its comment by its author: change it together with "+placesOf(fellows), places)
	total := &ruling{verdict: j.Verdict, reasons: slices.Clone(j.Reasons)}
	total.take(found)
	j.Verdict, j.Reasons = total.verdict, sortReasons(total.reasons)
	for _, use := range j.Uses {
		if slices.ContainsFunc(j.uses, func(u *ruled) bool { return d.byAuthor(u.Site) != nil && written(u, use) }) {
			bear(use, found)
		}
	}
	j.Remedy = d.remedy(j.Reference, j.uses, j.need)
}

// written tells whether a use is the one that stands in the report.
func written(u *ruled, use *audit.Use) bool {
	return u.job.Job.Job.Job.ID == use.Job && u.Site.Step == use.Step && u.File == use.File && u.Line == use.Line && u.What == use.What
}

// placesOf lists at most three references by file and line.
func placesOf(all []*judged) string {
	var out []string
	for _, j := range all {
		out = appendNew(out, fmt.Sprintf("%s:%d", j.File, j.Line))
	}
	if len(out) > 3 {
		return fmt.Sprintf("%s and %d more", strings.Join(out[:3], ", "), len(out)-3)
	}
	return strings.Join(out, ", ")
}

// sameComment tells whether two references may be used for the same comment: by
// one action, with inputs that do not tell two comments apart.
func (d *decider) sameComment(a, b *judged) bool {
	for _, u := range a.uses {
		names := d.byAuthor(u.Site)
		for _, v := range b.uses {
			if names == nil || v.Site == nil || v.Site.Action == nil || v.Site.Action.Name != u.Site.Action.Name {
				continue
			}
			oneRun := u.job.Root == v.job.Root
			if !slices.ContainsFunc(names, func(name string) bool {
				return !mayEqual(u.Site.Action.Inputs[name], v.Site.Action.Inputs[name], oneRun)
			}) {
				return true
			}
		}
	}
	return false
}

// mayEqual tells whether two values can be the same: neither what stands
// behind parts that they have in common nor what they end with tells them
// apart. The number of a run is another in each workflow.
func mayEqual(v, w value.Value, oneRun bool) bool {
	return slices.ContainsFunc(v.Alternatives(), func(a value.Value) bool {
		return slices.ContainsFunc(w.Alternatives(), func(b value.Value) bool {
			for len(a) > 0 && len(b) > 0 && a[:1].Equal(b[:1]) {
				if a[0].Context == "github.run_id" && !oneRun {
					return false
				}
				a, b = a[1:], b[1:]
			}
			s, sKnown := a.Literal()
			t, tKnown := b.Literal()
			if sKnown && tKnown {
				return s == t
			}
			begin, end := ends(a)
			otherBegin, otherEnd := ends(b)
			return (strings.HasPrefix(begin, otherBegin) || strings.HasPrefix(otherBegin, begin)) &&
				(strings.HasSuffix(end, otherEnd) || strings.HasSuffix(otherEnd, end))
		})
	})
}

// ends are the texts that a value is known to begin and to end with.
func ends(v value.Value) (begin, end string) {
	if text, ok := v.Literal(); ok {
		return text, text
	}
	return v[0].Text, v[len(v)-1].Text
}
