package trace

import (
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// outputs are those of a step or a job, by name in lower case.
type outputs struct {
	values map[string]value.Value
	// perhaps has those that are not sure to be set where it succeeds.
	perhaps map[string]bool
	// guards are the conditions of a step, forgiven says that the job goes on
	// where it fails.
	guards   []string
	forgiven bool
	// skips says of a job that it may be left out, none of a step that it is.
	skips, none bool
}

// afterFailure matches a condition under which code runs also where what came
// before it has failed, or was left out.
var afterFailure = regexp.MustCompile(`(?i)\b(?:always|failure|cancelled)\s*\(`)

// afterAll tells whether the conditions let something run after a failure.
func (s *scope) afterAll() bool {
	return slices.ContainsFunc(s.conditions, func(c workflow.Text) bool { return afterFailure.MatchString(c.Value) })
}

// value returns an output, which may be empty where lacking says so. What holds a
// credential stays as it is: without it nothing is done.
func (o outputs) value(name string, path []string, lacking func() bool) value.Value {
	v, ok := o.values[name]
	switch {
	case o.none:
		return nil
	case !ok:
		return unknown(path)
	case v.HoldsCredential() || !o.perhaps[name] && !lacking():
		return v
	}
	return orEmpty(v)
}

// skips tells whether a job may be left out while what needs it runs on: it has a
// condition, or waits for such a job.
func skips(j *workflow.Job, needs map[string]outputs) bool {
	return len(conditions(j.If.Value, position{})) > 0 || !afterFailure.MatchString(j.If.Value) && slices.ContainsFunc(j.Needs, func(id string) bool { return needs[strings.ToLower(id)].skips })
}

// stepOutput is an output of a step before, empty where that did not run or came
// to no end.
func (s *scope) stepOutput(id, name string, path []string) value.Value {
	o := s.steps[id]
	of := "steps." + id
	ended := func(outcome, conclusion string) bool {
		return s.possible(id, world{of + ".outcome": value.Text(outcome), of + ".conclusion": value.Text(conclusion), strings.Join(path, "."): nil})
	}
	return o.value(name, path, func() bool {
		return (!covers(o.guards, s.guards) || s.afterAll()) && ended("skipped", "skipped") ||
			o.forgiven && ended("failure", "success") || s.afterAll() && ended("failure", "failure")
	})
}

// jobOutput is an output of a job before, which has succeeded unless the
// conditions let this one run all the same.
func (s *scope) jobOutput(id, name string, path []string) value.Value {
	o := s.needs[id]
	ended := func(result string) bool {
		return s.possible(id, world{"needs." + id + ".result": value.Text(result), strings.Join(path, "."): nil})
	}
	return o.value(name, path, func() bool {
		return s.afterAll() && (ended("failure") || o.skips && ended("skipped"))
	})
}

// calledOutput is an output of a job as its workflow hands it on to the caller,
// whose job succeeds also where that one is left out.
func (s *scope) calledOutput(id, name string, path []string) value.Value {
	o := s.jobs[id]
	return o.value(name, path, func() bool { return o.skips })
}
