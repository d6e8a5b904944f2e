package decide

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// labelsOf is the attribute of the events of a pull request whose labels are
// known, a line for each: GitHub's name for all of them.
const labelsOf = "labels"

// outputOf matches an output of a step that stands for itself.
var outputOf = regexp.MustCompile(`^\$\{\{ *steps\.([\w-]+)\.outputs\.([\w-]+) *\}\}$`)

// numberOutput matches the names of outputs that tell which pull request a step
// has opened.
var numberOutput = regexp.MustCompile(`(?i)pr|pull|number|url`)

// events are those of an operation. Where it merges a pull request that the
// run itself has opened, they are about its base, its head and its labels.
func (d *decider) events(j *jobView, u *infer.Use, op infer.Operation) []infer.Event {
	if u.Site == nil || !slices.ContainsFunc(op.Names, func(name string) bool { return slices.Contains(merges, name) }) {
		return op.Events
	}
	about := d.opened(j, u, numberOf(&ruled{Use: u, job: j}, op))
	if about == nil {
		return op.Events
	}
	out := slices.Clone(op.Events)
	for i, e := range out {
		attributes := maps.Clone(e.Attributes)
		if attributes == nil {
			attributes = map[string]value.Value{}
		}
		switch {
		case e.Name == "push" && e.Type == "" && (len(e.Attributes["branch"]) == 0 || e.Attributes["branch"].IsContext("github.base_ref")):
			if base := about["base"]; len(base) > 0 {
				attributes["branch"] = base
			}
		case e.Name == "pull_request":
			maps.Copy(attributes, about)
		default:
			continue
		}
		out[i].Attributes = attributes
	}
	return out
}

// The commands that open and merge a pull request. Where the second names
// none, it is that of the branch.
const (
	opensPull  = "gh pr create"
	mergesPull = "gh pr merge"
)

// opened returns what is known of the pull request that a step of the run
// opens, whose output a number is, or the branch that it is opened for. Of
// several it may be, they must be alike.
func (d *decider) opened(j *jobView, u *infer.Use, number value.Value) map[string]value.Value {
	job, step := source(j, number)
	printed := len(number) == 1 && strings.Contains(number[0].Unknown, opensPull)
	branch := len(number) == 0 && u.What == mergesPull
	var found map[string]value.Value
	for _, other := range d.inferred {
		if other.Root != j.Root || other.File != j.File || !slices.Equal(other.Callers, j.Callers) {
			continue
		}
		for _, v := range other.Uses {
			if v.Site == nil {
				continue
			}
			bySource := job != "" && other.Job.Job.ID == job && strings.EqualFold(v.Site.StepID(), step)
			for _, op := range v.Operations {
				about, same := opening(v, op), other == j.Job
				byCommand := v.What == opensPull && (printed || branch && same && j.at(v.Site) < j.at(u.Site))
				if about == nil || !bySource && !byCommand && !(same && len(number) > 0 && number.Equal(about["head"])) {
					continue
				}
				if found != nil && !maps.EqualFunc(found, about, value.Value.Equal) {
					return nil
				}
				found = about
			}
		}
	}
	return found
}

// opening returns the base, the head and the labels of the pull request that
// an operation opens, as far as they are known; nil where it opens none.
func opening(v *infer.Use, op infer.Operation) map[string]value.Value {
	i := slices.IndexFunc(op.Events, func(e infer.Event) bool { return e.Key() == "pull_request.opened" })
	if i < 0 || slices.ContainsFunc(op.Targets, func(t infer.Target) bool { return t.Kind != infer.Self }) {
		return nil
	}
	about := map[string]value.Value{}
	for _, name := range refAttributes {
		known := op.Events[i].Attributes[name]
		// Of a base that only shows when it runs, no more is known than of any.
		if len(known) > 0 && !slices.ContainsFunc(known, func(p value.Part) bool { return p.Unknown != "" && name == "base" }) {
			about[name] = known
		}
	}
	for _, e := range op.Events {
		if _, known := e.Attributes[labelOf].Literal(); known && e.Key() == "pull_request.labeled" && v.Site.Action != nil {
			about[labelsOf] = e.Attributes[labelOf]
		}
	}
	return about
}

// source returns the job and the step whose output a value is, "" where it is
// none, or not the number of a pull request by its name. What a job hands on
// bears the name of the step that it comes from.
func source(j *jobView, v value.Value) (job, step string) {
	if len(v) != 1 {
		return "", ""
	}
	m := outputOf.FindStringSubmatch(v[0].Unknown)
	if m == nil || !numberOutput.MatchString(m[2]) {
		return "", ""
	}
	of := func(w *workflow.Job) bool {
		return slices.ContainsFunc(w.Steps, func(s *workflow.Step) bool { return strings.EqualFold(s.ID.Value, m[1]) })
	}
	own := j.Job.Job.Job
	if of(own) {
		return own.ID, m[1]
	}
	for _, w := range j.File.Jobs {
		switch {
		case w == own || !of(w):
		case job != "":
			return "", ""
		default:
			job = w.ID
		}
	}
	return job, m[1]
}
