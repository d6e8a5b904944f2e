package decide

import (
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// topicGroup matches what the names of a group of branches begin with where no
// slash ends it: a word and a mark, or one that topics are called by.
var topicGroup = regexp.MustCompile(`^(?:\w[\w-]*[-_]|(?i:feat|fix|hotfix|bug)\w*)$`)

// matchTopic holds a pattern against the head of a pull request of which
// nothing is known: a pattern for everything takes it, and one for a group of
// branches ("feature/**", "hotfix-*") may. It is wrong where pull requests come from a line
// of releases, or from a branch that a filter spells.
func matchTopic(pattern string) truth {
	if strings.Trim(pattern, "*/") == "" && strings.Contains(pattern, "*") {
		return yes
	}
	i := strings.IndexAny(pattern, "*?+[")
	if strings.HasPrefix(pattern, "release-please--") && i > 0 {
		return maybe
	}
	if i <= 0 || slices.ContainsFunc(rules.WordLine.Words(), func(line string) bool { return strings.HasPrefix(pattern, line) }) {
		return no
	}
	group := pattern[:i]
	if strings.Contains(group, "/") || topicGroup.MatchString(group) || slices.ContainsFunc(rules.Updaters(), func(bot rules.Updater) bool { return strings.HasPrefix(group, strings.TrimSuffix(bot.Branches, "/")) }) {
		return maybe
	}
	return no
}

// headContexts hold the head of the pull request that a run is for.
var headContexts = []string{"github.head_ref", "github.event.pull_request.head.ref"}

// asksHead tells whether a name is what is asked of pull requests for their head:
// of open ones, as far as gh is told nothing else. One that is found by its head
// may be any.
func asksHead(source string) bool {
	return headAsked.MatchString(source) && !headGiven.MatchString(source)
}

// headAsked matches the questions for the head of a pull request by gh and by
// its API, and what jq takes from an answer that has one; headGiven those that name it already, or ask for what is closed.
var (
	headAsked = regexp.MustCompile(`\bgh pr (?:view|list|status)\b[^|]*--json[ =]["']?[\w,]*\bheadRefName\b|\bgh api [^|]*/pulls\b.*\.head\.ref\b|\bjq\b[^|]*\.head\.ref\b`)
	headGiven = regexp.MustCompile(`\s(?:--head|-H)\b|--state[ =]["']?(?:all|closed|merged)`)
)

// namesPull matches variables of a shell that are named after the branch of a
// pull request.
var namesPull = regexp.MustCompile(`^\$\{?(?i:\w*(?:pr|pull|head)_?(?:branch|ref))\}?$`)

// askedHead is asksHead for a value.
func askedHead(v value.Value) bool { return len(v) == 1 && asksHead(v[0].Unknown) }

// triggeringContexts hold the branch of the run that a run follows.
var triggeringContexts = []string{"github.event.workflow_run.head_branch"}

// headRefs are the branches that the head of the pull request can be which a
// run is for: those that the conditions of the job or of the step name, or that
// the App makes which they name as the actor.
func (j *jobView) headRefs() []ref {
	out := j.conditioned(headContexts)
	for i := range out {
		out[i].topic = true
	}
	if out != nil {
		return out
	}
	for _, condition := range j.conditions() {
		if expression.Condition(condition, byActor(value.Unknown(expression.UserLogin))) != no {
			continue
		}
		for _, bot := range rules.Updaters() {
			if expression.Condition(condition, byActor(value.Text(bot.Login))) != no {
				out = append(out, ref{pieces: []string{bot.Branches, ""}, topic: true})
			}
		}
		if out != nil {
			return out
		}
	}
	return []ref{{topic: true}}
}

// byActor are the circumstances of a run on a pull request of somebody.
func byActor(login value.Value) circumstances {
	return circumstances{"github.actor": login, "github.triggering_actor": login, "github.event.sender.login": login, "github.event.pull_request.user.login": login}
}

// conditions are those of the job, and of the step that is looked at.
func (j *jobView) conditions() []workflow.Text {
	return slices.DeleteFunc([]workflow.Text{j.step, j.Job.Job.Job.If}, workflow.Text.IsZero)
}

// quoted matches the strings of expressions.
var quoted = regexp.MustCompile(`'([^']+)'`)

// noBranch is what no branch is called.
const noBranch = "\x00"

// conditioned are the branches that a condition of a job or step lets a context
// be: none where any other is let through as well. Names of which the condition
// asks for the beginning have another, empty, piece.
func (j *jobView) conditioned(contexts []string) []ref {
	for _, condition := range j.conditions() {
		lets := func(name string) bool { return letsBranch(condition, contexts, name) }
		if lets(noBranch) {
			continue
		}
		var out []ref
		for _, m := range quoted.FindAllStringSubmatch(condition.Value, 16) {
			switch {
			case lets(noBranch + m[1] + noBranch):
				out = append(out, ref{pieces: []string{"", m[1], ""}})
			case lets(m[1] + noBranch):
				out = append(out, ref{pieces: []string{m[1], ""}})
			case lets(noBranch + m[1]):
				out = append(out, ref{pieces: []string{"", m[1]}})
			case lets(m[1]):
				out = append(out, ref{pieces: []string{m[1]}})
			}
		}
		if out != nil {
			return out
		}
	}
	return nil
}

// letsBranch tells whether a condition lets runs through in which some contexts
// are a branch.
func letsBranch(condition workflow.Text, contexts []string, name string) bool {
	run := circumstances{}
	named := false
	for _, c := range contexts {
		run[c] = value.Text(name)
		named = named || strings.Contains(condition.Value, c)
	}
	return !named || expression.Condition(condition, run) != no
}

// triggeringRefs are the branches that a run can be for which another one
// follows: those of the trigger's filter, or else those that the workflows run
// for which it names. Where these are not known, it may be any branch.
func (d *decider) triggeringRefs(j *jobView) []ref {
	if out := j.conditioned(triggeringContexts); out != nil {
		return out
	}
	var out []ref
	for _, t := range j.triggers {
		if t.Event != "workflow_run" {
			continue
		}
		if only := (workflow.Trigger{Event: "push", Branches: t.Branches}); len(t.Branches) > 0 {
			out = append(out, d.runRefs([]workflow.Trigger{only})...)
			continue
		}
		if slices.ContainsFunc(t.BranchesIgnore, func(p string) bool { return match(p, ref{pieces: []string{d.defaultBranch}}) == yes }) {
			out = append(out, ref{topic: true})
			continue
		}
		out = append(out, d.runRefs(d.followed(j, t))...)
	}
	if out == nil {
		out = []ref{{pieces: []string{"", ""}}}
	}
	lets := func(name string) bool {
		return !slices.ContainsFunc(j.conditions(), func(c workflow.Text) bool { return !letsBranch(c, triggeringContexts, name) })
	}
	out = slices.DeleteFunc(out, func(r ref) bool { return r.known() && !lets(r.pieces[0]) })
	for i, r := range out {
		if !r.topic && r.may(d.defaultBranch) && !lets(d.defaultBranch) {
			out[i] = ref{topic: true}
		}
	}
	if len(out) == 0 {
		return []ref{{topic: true}}
	}
	return out
}

// followed are the triggers of the workflows that one waits for, but those
// whose runs the job leaves out by their event.
func (d *decider) followed(j *jobView, t workflow.Trigger) []workflow.Trigger {
	var out []workflow.Trigger
	for _, w := range d.repository.Workflows {
		if !slices.Contains(t.Workflows, title(w)) {
			continue
		}
		out = append(out, slices.DeleteFunc(slices.Clone(w.Triggers), func(t workflow.Trigger) bool {
			run := circumstances{"github.event.workflow_run.event": value.Text(t.Event)}
			return slices.ContainsFunc(j.conditions(), func(c workflow.Text) bool { return expression.Condition(c, run) == no })
		})...)
	}
	return out
}

// title is the name under which other workflows wait for one.
func title(w *workflow.Workflow) string {
	if w.Name.Value != "" {
		return w.Name.Value
	}
	return w.Path
}
