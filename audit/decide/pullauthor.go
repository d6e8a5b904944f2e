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

// pullAuthor is the attribute of what becomes of the pull request that a run is for:
// who may have opened it, where the conditions of the job or of the step say so.
const pullAuthor = "author"

// authorContexts hold the author of the pull request that a run is for.
var authorContexts = []string{"github.event.pull_request.user.login"}

// logins matches the texts in a condition, and those in a list that it writes as one.
var logins = regexp.MustCompile(`'([^'"]+)'|"([^"]+)"`)

// maxAuthors bounds the authors that a condition names.
const maxAuthors = 16

// ofAuthors returns an event of the pull request that the run is for with those who may
// have opened it.
func (j *jobView) ofAuthors(u *infer.Use, op infer.Operation, e infer.Event) infer.Event {
	if e.Name != "pull_request" && e.Name != "pull_request_target" || e.Type == "opened" || !infer.OfEvent(numberOf(&ruled{Use: u, job: j}, op)) {
		return e
	}
	names := j.pullAuthors()
	if len(names) == 0 {
		return e
	}
	out := e
	out.Attributes = maps.Clone(e.Attributes)
	if out.Attributes == nil {
		out.Attributes = map[string]value.Value{}
	}
	out.Attributes[pullAuthor] = value.Choice(names...)
	return out
}

// pullAuthors are those who may have opened the pull request that a job runs for; nil
// where that may be anybody, as where a condition asks for a part of the name.
func (j *jobView) pullAuthors() []value.Value {
	if len(j.triggers) == 0 || slices.ContainsFunc(j.triggers, func(t workflow.Trigger) bool { return t.Event != "pull_request" && t.Event != "pull_request_target" }) {
		return nil
	}
	for _, condition := range j.conditions() {
		lets := func(name string) bool { return letsBranch(condition, authorContexts, name) }
		if lets(noBranch) {
			continue
		}
		if names, whole := namedAlone(condition, lets); whole && len(names) > 0 {
			return names
		}
	}
	return nil
}

// namedAlone returns the names in a condition that it lets through; it is not whole where
// it may let others through that hold one of them, or that one of them holds.
func namedAlone(condition workflow.Text, lets func(string) bool) (names []value.Value, whole bool) {
	for _, m := range logins.FindAllStringSubmatch(condition.Value, maxAuthors+1) {
		name := m[1] + m[2]
		switch {
		case len(names) == maxAuthors, lets(name + noBranch), lets(noBranch + name), lets(name[1:]), lets(name[:len(name)-1]):
			return nil, false
		case lets(name) && !strings.ContainsAny(name, " /"):
			names = append(names, value.Text(name))
		}
	}
	return names, true
}

// eachAuthor returns an event for each author that it may be about.
func eachAuthor(e infer.Event) []infer.Event {
	authors, ok := e.Attributes[pullAuthor]
	if !ok {
		return []infer.Event{e}
	}
	var out []infer.Event
	for _, author := range authors.Alternatives() {
		one := e
		one.Attributes = maps.Clone(e.Attributes)
		one.Attributes[pullAuthor] = author
		out = append(out, one)
	}
	return out
}
