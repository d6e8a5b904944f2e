package decide

import (
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// object is what an operation acts on that issues and pull requests share:
// GitHub asks for the permission that fits, and refuses the other one.
type object int

// The objects.
const (
	// noObject is for operations on neither, such as making a label: each
	// permission will do.
	noObject object = iota
	anyObject
	anIssue
	aPull
	bothObjects
)

// objectOf says what an operation acts on: its number tells, or else what
// starts the job, where the number is that of the event or is left to an
// action; anyObject where nothing does. Scripts that pull requests start act on
// linked issues all the time.
func objectOf(u *ruled, op infer.Operation) object {
	if kind := seenObject(u, op); !op.OnIssue || kind == aPull {
		return kind
	}
	return anIssue
}

// seenObject is objectOf as far as the number of an operation tells.
func seenObject(u *ruled, op infer.Operation) object {
	number := numberOf(u, op)
	if infer.OfEvent(number) && ofNumber(op) {
		// What starts the step says more than a call which may never be made.
		if kind := startedFor(u); kind == anIssue || kind == aPull {
			return kind
		}
	}
	if kind := kindOf(u, number); kind != anyObject {
		return kind
	}
	switch own := infer.OfEvent(number) || len(number) == 0 && !scheduled(u); {
	case own && u.job.About() == "issues":
		return anIssue
	case own && u.job.About() == "pull_requests":
		return aPull
	case own && ofNumber(op):
		return startedFor(u)
	case ofNumber(op):
		return anyObject
	}
	return noObject
}

// scheduled tells whether a use may run on a schedule: then there is no object
// of an event, and what is given no number goes through a list.
func scheduled(u *ruled) bool {
	return slices.ContainsFunc(u.job.triggers, func(t workflow.Trigger) bool {
		return t.Event == "schedule" && passes(u, circumstances{"github.event_name": value.Text(t.Event)})
	})
}

// ofNumber tells whether an operation is about one issue or pull request.
func ofNumber(op infer.Operation) bool {
	return len(op.Number) > 0 || slices.ContainsFunc(op.Names, func(name string) bool {
		return strings.Contains(name, "{issue_number}") || strings.Contains(name, "/issues/comments/") || name == "mutation addComment" || name == "mutation addProjectV2ItemById"
	})
}

// numberOf is the number that an operation is given, if it is seen.
func numberOf(u *ruled, op infer.Operation) value.Value {
	if len(op.Number) > 0 || u.Site == nil || u.Site.Action == nil {
		return op.Number
	}
	for _, name := range rules.InputNumber.Names() {
		if v := u.Site.Action.Inputs[name]; len(v) > 0 {
			return v
		}
	}
	return nil
}

// The sources of numbers, by the names of variables, steps, methods and
// commands in them.
var (
	pullSource = regexp.MustCompile(`(?i)\bpulls?\b|pull[-_]?request|\bpr\b|(?:^|[^a-z])pr[-_]|\bpr[-_]?(?:num|id)|[a-z]Pr(?:Number)?\b|gh pr `)
	listSource = regexp.MustCompile(`\bissues\.listForRepo\b|\bgh issue list\b`)
	madeSource = regexp.MustCompile(`\bissues\.create\(`)
	// textSource is for numbers that are found in a text: mostly of linked
	// issues.
	textSource = regexp.MustCompile(`\.(?:body|title)\b|BODY|TITLE`)
	// headSource is for those that are found in the name of a branch: of issues
	// that it is for.
	headSource = regexp.MustCompile(`\.head\.ref\b|\bhead_ref\b|\bHEAD_REF\b`)
	// linkedSource is for the issues that a pull request closes.
	linkedSource = regexp.MustCompile(`closingIssuesReferences`)
	// fieldsSource is for what gh is asked of pull requests.
	fieldsSource = regexp.MustCompile(`\bgh pr (?:view|list|status)\b.*?\s--json[ =]["']?([\w,]+)`)
	// addressSource is for addresses, among what is asked.
	addressSource = regexp.MustCompile(`\burl\b`)
)

// inText tells whether a number is found in what a pull request says, or in the
// name of its branch, and is not asked for by these.
func inText(source string) bool {
	if m := fieldsSource.FindStringSubmatch(source); m != nil {
		// Other fields do not say which one it is.
		return !slices.ContainsFunc(strings.Split(m[1], ","), func(field string) bool {
			return field == "number" || field == "url" || field == "id"
		})
	}
	return textSource.MatchString(source) || headSource.MatchString(source) && !otherPulls.MatchString(source)
}

// linkedAddress tells whether an operation finds what it acts on by the
// addresses of the issues that a pull request closes: these may lie in other
// repositories.
func linkedAddress(op infer.Operation) bool {
	return slices.ContainsFunc(op.Number.Alternatives(), func(v value.Value) bool {
		return slices.ContainsFunc(v, func(p value.Part) bool {
			return linkedSource.MatchString(p.Unknown) && addressSource.MatchString(p.Unknown)
		})
	})
}

// kindOf says of what a number is one, as far as the number itself shows:
// where it comes from, or that a call for pull requests takes it too.
func kindOf(u *ruled, number value.Value) object {
	if len(number) == 0 {
		return anyObject
	}
	if slices.ContainsFunc(u.job.Uses, func(v *infer.Use) bool {
		return slices.ContainsFunc(v.Operations, func(op infer.Operation) bool { return op.OnPull && op.Number.Equal(number) })
	}) {
		return aPull
	}
	result := anyObject
	for _, alternative := range number.Alternatives() {
		kind := anyObject
		for _, p := range alternative {
			switch {
			case p.Context == "github.event.number" || strings.HasPrefix(p.Context, "github.event.pull_request.") && infer.OfEvent(value.Value{p}):
				kind = aPull
			case strings.HasPrefix(p.Context, "github.event.workflow_run.pull_requests"):
				kind = aPull
			case madeSource.MatchString(p.Unknown) || linkedSource.MatchString(p.Unknown):
				kind = anIssue
			case listSource.MatchString(p.Unknown):
				kind = listed(u)
			case pullSource.MatchString(p.Unknown) && !inText(p.Unknown):
				kind = aPull
			}
		}
		if kind == anyObject || result != anyObject && kind != result {
			return anyObject
		}
		result = kind
	}
	return result
}

// The ways in which a script tells pull requests from issues, which stand in
// one list and have their comments in common.
var (
	// leavesOut goes on without pull requests, and leavesIn with them only.
	leavesOut = regexp.MustCompile(`if\s*\([^()]*\.pull_request\b\s*\)\s*\{?\s*(?:continue|return)\s*(?:false|null|undefined)?\s*[;}\n]|![\w.?]+\.pull_request\b\s*(?:[),;&|?\n]|$)|\.pull_request\s*===?\s*(?:undefined|null)`)
	leavesIn  = regexp.MustCompile(`if\s*\(\s*![\w.?]+\.pull_request\b\s*\)\s*\{?\s*(?:continue|return)\b`)
	// asks tells them apart in some other way.
	asks = regexp.MustCompile(`\.issue\??\.pull_request\b`)
)

// scriptOf is the script of the step that a use stands in, if it is one for
// actions/github-script.
func scriptOf(u *ruled) string {
	if u.Site == nil {
		return ""
	}
	i := slices.IndexFunc(u.job.Sites, func(s *trace.Site) bool {
		return s.Step == u.Site.Step && s.Action != nil && len(s.Action.Inputs["script"]) > 0
	})
	if i < 0 {
		return ""
	}
	return u.job.Sites[i].Action.Inputs["script"].String()
}

// listed says what a script takes of a list of issues, which holds pull
// requests as well.
func listed(u *ruled) object {
	switch code := scriptOf(u); {
	case leavesIn.MatchString(code):
		return aPull
	case leavesOut.MatchString(code):
		return anIssue
	}
	return bothObjects
}

// anyPage is what the addresses of issues and pull requests begin with, in a
// repository without a name: conditions ask for what follows.
const anyPage = "https://github.com/-/-/"

// startedFor says of what the events are that start a step: of issues, of
// pull requests, or of both, as comments are. Nothing follows from others, nor
// where a script tells comments apart in a way that is not read.
func startedFor(u *ruled) object {
	issues, pulls := false, false
	for _, t := range u.job.triggers {
		run := circumstances{
			"github.event_name": value.Text(t.Event), "github.event.issue.pull_request": nil,
			"github.event.issue.html_url": value.Text(anyPage + "issues/1"),
		}
		ofIssue := t.Event == "issues" || t.Event == "issue_comment"
		issues = issues || ofIssue && passes(u, run)
		run["github.event.issue.pull_request"] = value.Text("{}")
		run["github.event.issue.html_url"] = value.Text(anyPage + "pull/1")
		ofPull := strings.HasPrefix(t.Event, "pull_request") || t.Event == "issue_comment"
		pulls = pulls || ofPull && passes(u, run)
	}
	code := scriptOf(u)
	switch {
	case issues && pulls && leavesIn.MatchString(code):
		return aPull
	case issues && pulls && leavesOut.MatchString(code):
		return anIssue
	case issues && pulls && asks.MatchString(code):
		return anyObject
	case issues && pulls && kindOf(u, value.Context("github.event.issue.number")) == aPull:
		return aPull
	case issues && pulls:
		return bothObjects
	case issues:
		return anIssue
	case pulls:
		return aPull
	}
	return anyObject
}

// passes tells whether the conditions of a use's job, of the jobs that it
// needs and of its step let a run through.
func passes(u *ruled, run circumstances) bool {
	if u.Site != nil && expression.Condition(u.Site.Condition(), run) == expression.No {
		return false
	}
	job := u.job.Job.Job
	needed := []string{job.Job.ID}
	for i := 0; i < len(needed); i++ {
		at := slices.IndexFunc(job.File.Jobs, func(w *workflow.Job) bool { return w.ID == needed[i] })
		if at < 0 {
			continue
		}
		w := job.File.Jobs[at]
		if expression.Condition(w.If, run) == expression.No {
			return false
		}
		if waits(w) {
			for _, id := range w.Needs {
				needed = appendNew(needed, id)
			}
		}
	}
	return true
}

// shared returns the permissions of a need that issues and pull requests
// share, if it is one.
func shared(group []rules.Permission) (issues, pulls rules.Permission, ok bool) {
	find := func(name string) int {
		return slices.IndexFunc(group, func(p rules.Permission) bool { return p.Name == name })
	}
	i, p := find("issues"), find("pull_requests")
	if len(group) != 2 || i < 0 || p < 0 {
		return rules.Permission{}, rules.Permission{}, false
	}
	return group[i], group[p], true
}
