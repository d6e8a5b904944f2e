package decide

import (
	"fmt"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/settings"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// updater is a bot that brings dependencies up to date here.
type updater struct {
	rules.Updater
	settings.Updates
	// file is its configuration.
	file string
}

// updaters returns the bots that are configured in the repository.
func (d *decider) updaters() []updater {
	read := map[string]func(func(string) ([]byte, error)) (settings.Updates, string){
		"Dependabot": settings.DependabotUpdates, "Renovate": infer.RenovateUpdates,
	}
	var out []updater
	for _, bot := range rules.Updaters() {
		if of := read[bot.Name]; of != nil {
			if updates, file := of(d.repository.Read); updates.Workflows || updates.Others {
				out = append(out, updater{bot, updates, file})
			}
		}
	}
	return out
}

// updating is a run for a pull request in which the bot updates something of an
// ecosystem: an example of it.
func (b updater) updating(ecosystem, example string) updateScope {
	scope := updateScope{login: value.Text(b.Login), ecosystem: ecosystem, branch: b.Branches}
	if ecosystem != "" {
		scope.branch += ecosystem + "/" + example
	}
	return scope
}

// updated is what of pull requests by which bots update actions an operation
// merges.
type updated struct {
	bots []updater
	// sure says that it picks what they open, alone that it merges nothing else.
	sure, alone bool
}

// updates tells which updates of actions an operation merges: none of those
// that the run itself opens, which are its own.
func (d *decider) updates(j *jobView, u *infer.Use, op infer.Operation) updated {
	if !slices.ContainsFunc(op.Names, func(name string) bool { return slices.Contains(merges, name) }) || d.proposes(j) {
		return updated{}
	}
	if d.updating == nil {
		d.updating = append([]updater{}, d.updaters()...)
	}
	out := updated{alone: true}
	for _, b := range d.updating {
		m := d.meets(j, u, b)
		if m == no {
			continue
		}
		if b.Workflows {
			out.bots, out.sure = append(out.bots, b), out.sure || m == yes
		}
		out.alone = out.alone && m == yes && b.Workflows && (!b.Others || !d.passes(j, u, b.updating(b.Packages, "left-pad-9")))
	}
	return out
}

// merges says what stands in the way of an operation that merges updates of
// actions: they change workflow files, and GitHub merges no such pull request
// for GITHUB_TOKEN. To have it merged later is refused for most, and works for
// some: under which rules is not written down.
// Sources: https://github.com/zio/zio-sbt/issues/744 and pull/703,
// https://github.com/cli/cli/issues/11493
func (d *decider) merges(j *jobView, u *infer.Use, op infer.Operation, r *ruling, at []audit.Place) {
	found := d.updates(j, u, op)
	if len(found.bots) == 0 {
		return
	}
	var who []string
	places := slices.Clone(at)
	for _, b := range found.bots {
		who = append(who, b.Name)
		places = append(places, audit.Place{File: b.file, Line: 1})
	}
	bots := strings.Join(who, " and ")
	switch later := slices.Contains(op.Names, autoMerge); {
	case found.alone && !later:
		r.against("workflow-files", fmt.Sprintf("%s merges pull requests in which %s updates actions: these change files under .github/workflows, and GITHUB_TOKEN may not merge that", operationName(op), bots), places)
	case later:
		r.condition("workflow-files", fmt.Sprintf("%s mostly fails on the pull requests of %s that update actions: they change files under .github/workflows, and GitHub lets GITHUB_TOKEN merge that in few repositories: try it", operationName(op), bots), places)
	default:
		r.condition("workflow-files", fmt.Sprintf("%s fails on the pull requests of %s that update actions: they change files under .github/workflows, and GITHUB_TOKEN may not merge that", operationName(op), bots), places)
	}
}

// mergesUpdates is a use with what else it takes to merge updates of actions.
func (d *decider) mergesUpdates(j *jobView, u *infer.Use) *infer.Use {
	for i, op := range u.Operations {
		if !d.updates(j, u, op).sure {
			continue
		}
		more := *u
		more.Operations = slices.Clone(u.Operations)
		more.Operations[i].Perhaps = op.Perhaps.Union(rules.Needs{{{Name: "workflows", Access: rules.AccessWrite, Level: rules.LevelRepository}}})
		u = &more
	}
	return u
}

// ofPulls are the events that are, or may be, about a pull request which
// somebody else has opened.
var ofPulls = []string{"pull_request", "pull_request_target", "pull_request_review", "pull_request_review_comment", "issue_comment", "check_suite", "check_run", "status", "workflow_run"}

// meets tells whether a use takes up the updates of actions by a bot: yes where
// it picks what bots open, maybe where it takes up what anybody opens.
func (d *decider) meets(j *jobView, u *infer.Use, b updater) truth {
	if !d.passes(j, u, b.updating(b.Actions, "actions/checkout-9")) {
		return no
	}
	if a := u.Site.Action; a != nil && strings.Contains(a.Name, strings.ToLower(b.Name)) {
		return yes
	}
	if !d.passes(j, u, updateScope{login: value.Unknown(expression.UserLogin)}) {
		return yes
	}
	switch picks, named := picksAuthors(j, strings.TrimSuffix(b.Login, "[bot]")); {
	case named:
		return maybe
	case picks:
		return no
	}
	if slices.ContainsFunc(j.triggers, func(t workflow.Trigger) bool {
		return slices.Contains(ofPulls, t.Event) && !(len(t.Types) == 1 && t.Types[0] == "closed")
	}) {
		return maybe
	}
	return no
}

// authorSigns are what code reads that tells pull requests by their authors.
var authorSigns = []string{"user.id", "user.login", "github.actor", "github.triggering_actor", "sender.login", "author", "GITHUB_ACTOR"}

// picksAuthors tells whether a step of a job reads who opened a pull request,
// and whether one names a given bot. Which step hangs on which is not asked.
func picksAuthors(j *jobView, bot string) (picks, named bool) {
	for _, s := range j.Job.Job.Job.Steps {
		texts := []workflow.Text{s.If, s.Run}
		for _, b := range slices.Concat(s.With, s.Env) {
			texts = append(texts, b.Value)
		}
		for _, text := range texts {
			named = named || strings.Contains(text.Value, bot)
			picks = picks || slices.ContainsFunc(authorSigns, func(sign string) bool { return strings.Contains(text.Value, sign) })
		}
	}
	return picks, named
}

// passes tells whether the conditions of a use may let a run for a pull request
// through.
func (d *decider) passes(j *jobView, u *infer.Use, scope updateScope) bool {
	return expression.Condition(j.Job.Job.Job.If, scope) != no && expression.Condition(u.Site.Condition(), scope) != no
}

// updateScope is a run for a pull request in which a bot updates something.
type updateScope struct {
	login value.Value
	// ecosystem and branch are empty where they are not known; of a branch that
	// ends with a slash, the beginning is.
	ecosystem, branch string
}

// Context implements expression.Scope.
func (s updateScope) Context(path []string) value.Value {
	name := strings.Join(path, ".")
	last := path[len(path)-1]
	switch {
	case name == "github.actor", name == "github.triggering_actor", name == "github.event.sender.login",
		name == "github.event.pull_request.user.login", name == "github.event.issue.user.login",
		name == "github.event.workflow_run.actor.login", name == "github.event.workflow_run.triggering_actor.login":
		return s.login
	case s.ecosystem != "" && last == "package-ecosystem" && (path[0] == "steps" || path[0] == "needs"):
		// Output of dependabot/fetch-metadata.
		return value.Text(s.ecosystem)
	case s.branch != "" && (name == "github.head_ref" || name == "github.event.pull_request.head.ref" || name == "github.event.workflow_run.head_branch"):
		if strings.HasSuffix(s.branch, "/") {
			return value.Concat(value.Text(s.branch), value.Unknown(name))
		}
		return value.Text(s.branch)
	}
	return value.Unknown(name)
}

// Secret implements expression.Scope.
func (updateScope) Secret(name string, _ audit.Span) value.Value { return value.Unknown(name) }
