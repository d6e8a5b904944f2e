package decide

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// startedBy says what surely started the run that a use is part of: a release
// that exists, or at least a tag that does. A run by hand is taken to be made
// at a tag as well, where the workflow is otherwise for tags: that is what
// people do to repeat one that failed.
type startedBy struct{ release, tag bool }

// circumstances are what is assumed of a run to ask whether a condition lets
// it through: values by their contexts. Nothing is known of all others.
type circumstances map[string]value.Value

// Context implements expression.Scope.
func (c circumstances) Context(path []string) value.Value {
	name := strings.Join(path, ".")
	if v, ok := c[name]; ok {
		return v
	}
	return value.Unknown(name)
}

// Secret implements expression.Scope.
func (circumstances) Secret(name string, _ audit.Span) value.Value { return value.Unknown(name) }

// otherRefs are what the refs of runs begin with that are not for tags.
var otherRefs = []string{"refs/heads/", "refs/pull/"}

// onlyForTags tells whether a condition keeps out every run that is not for a
// tag, of those in which something holds.
func onlyForTags(condition workflow.Text, holds circumstances) bool {
	return !condition.IsZero() && !slices.ContainsFunc(otherRefs, func(prefix string) bool {
		run := circumstances{"github.ref": value.Concat(value.Text(prefix), value.Unknown("name")), "github.ref_type": value.Text("branch")}
		maps.Copy(run, holds)
		return expression.Condition(condition, run) != no
	})
}

// onlyForReleases tells whether a condition keeps out the runs that other
// events start. What starts the caller of a reusable workflow is not known.
func onlyForReleases(condition workflow.Text, triggers []workflow.Trigger) bool {
	listens := func(event string) bool {
		return slices.ContainsFunc(triggers, func(t workflow.Trigger) bool { return t.Event == event })
	}
	if condition.IsZero() || !listens("release") || listens("workflow_call") {
		return false
	}
	return !slices.ContainsFunc(triggers, func(t workflow.Trigger) bool {
		run := circumstances{"github.event_name": value.Text(t.Event)}
		if slices.Contains(withoutAction, t.Event) {
			run["github.event.action"] = value.Text("")
		}
		return t.Event != "release" && expression.Condition(condition, run) != no
	})
}

// withoutAction are the events whose payload names no action.
// Source: GitHub Docs, "Webhook events and payloads".
var withoutAction = []string{"push", "workflow_dispatch", "schedule", "create", "delete", "fork", "gollum", "page_build", "public", "status"}

// started reads the triggers of a use's workflow and the conditions of its
// job and step, for the runs in which something holds; nil for all of them.
func started(j *jobView, u *infer.Use, holds circumstances) startedBy {
	all := startedBy{release: true, tag: true}
	others := false
	for _, t := range j.triggers {
		released := t.Event == "release" && !slices.Contains(t.Types, "deleted") && !slices.Contains(t.Types, "unpublished")
		tagged := t.Event == "push" && (t.Tags != nil || t.TagsIgnore != nil) && t.Branches == nil && t.BranchesIgnore == nil
		if t.Event == "workflow_dispatch" {
			continue
		}
		others = true
		all.release = all.release && released
		all.tag = all.tag && (released || tagged)
	}
	all.release = all.release && others
	all.tag = all.tag && others
	conditions := []workflow.Text{j.Job.Job.Job.If}
	if u.Site != nil {
		conditions = append(conditions, u.Site.Condition())
	}
	for _, c := range conditions {
		all.release = all.release || onlyForReleases(c, j.triggers)
		all.tag = all.tag || all.release || onlyForTags(c, holds)
	}
	return all
}

// tagContexts hold the tag in a run that a tag or a release started.
var tagContexts = []string{"github.ref", "github.ref_name", "github.event.ref", "github.event.release.tag_name"}

// tagOfRun tells whether a tag is the one that started the run, given that
// one did.
func tagOfRun(tag value.Value) bool {
	all := tag.Alternatives()
	return len(tag) > 0 && !slices.ContainsFunc(all, func(v value.Value) bool {
		if len(v) == 2 && v[0].Text == "refs/tags/" {
			v = v[1:]
		}
		return len(v) != 1 || !slices.Contains(tagContexts, v[0].Context)
	})
}

// makesTag tells whether an event is that of a new tag.
func makesTag(e infer.Event) bool {
	return e.Name == "push" && e.Type == "tag" || e.Name == "create" && len(e.Attributes["branch"]) == 0
}

// publishes are the events of a new release.
var publishes = []string{"created", "published", "released", "prereleased"}

// existed tells whether an event is that of making a tag or a release which
// is there already: the one that started the run. What changes a release that
// exists says so in the table, or causes none of the events of a new one.
func (s startedBy) existed(op infer.Operation, e infer.Event) bool {
	tag := e.Attributes["tag"]
	if makesTag(e) && len(tag) == 0 {
		tag = e.Attributes["of"]
	}
	if !tagOfRun(tag) {
		return false
	}
	switch {
	case makesTag(e):
		return s.tag
	case e.Name == "release" && slices.Contains(publishes, e.Type):
		isNew := slices.ContainsFunc(op.Events, func(f infer.Event) bool { return f.Name == "release" && f.Type == "published" })
		return s.release && isNew && e.Attributes["when"].LiteralOr("") != "exists"
	}
	return false
}

// mayExist tells whether an event is that of making a tag only where it is
// missing, in a run that a tag started, and which tag it is is not known:
// most likely that one, put together in some other way.
func (s startedBy) mayExist(e infer.Event) bool {
	_, known := e.Attributes["tag"].Literal()
	return s.tag && makesTag(e) && e.Attributes["when"].LiteralOr("") == "missing" && (!known || len(e.Attributes["tag"]) == 0)
}

// completes tells whether an event is that of a pre-release which becomes a
// release: the action is told that it is none, and the run is for one.
func completes(j *jobView, u *infer.Use, e infer.Event) truth {
	if e.Name != "release" || e.Type != "released" || u.Site == nil || u.Site.Action == nil {
		return no
	}
	if !slices.ContainsFunc(rules.InputPrerelease.Names(), func(name string) bool { return u.Site.Action.Inputs[name].LiteralOr("") == "false" }) {
		return no
	}
	others, pre := false, false
	for _, t := range j.triggers {
		if t.Event == "release" {
			pre = pre || slices.Contains(t.Types, "prereleased")
			others = others || t.Types == nil || slices.ContainsFunc(t.Types, func(kind string) bool { return kind != "prereleased" })
			pre = pre || t.Types == nil || slices.Contains(t.Types, "published") || slices.Contains(t.Types, "created")
		}
	}
	for _, c := range []workflow.Text{j.Job.Job.Job.If, u.Site.Condition()} {
		of := func(kind string) bool {
			return expression.Condition(c, circumstances{"github.event.release.prerelease": value.Text(kind)}) != no
		}
		pre, others = pre && of("true"), others && of("false")
	}
	switch {
	case !pre:
		return no
	case others:
		return maybe
	}
	return yes
}

// caused returns the events that an operation causes, without those of what
// is there already, and of what it does not act on.
func (d *decider) caused(j *jobView, u *infer.Use, op infer.Operation) []infer.Event {
	by, of := started(j, u, nil), objectOf(&ruled{Use: u, job: j}, op)
	out := slices.DeleteFunc(slices.Clone(d.events(j, u, op)), func(e infer.Event) bool {
		return d.madeBefore(j, u, e) || d.taggedBefore(j, u, op, e) || by.existed(op, e) && completes(j, u, e) == no || d.stands(j, e) ||
			d.isBranch(op, e) || makesTag(e) && checkedOut(j, u, e.Attributes["tag"]) || d.isThere(j, u, op, e) || ofOther(op, e, of) || closedBefore(j, e)
	})
	out = append(out, d.spelledTags(j, out)...)
	files := filesMerged(j, u, op)
	for i, e := range out {
		e = j.ofAuthors(u, op, d.onto(j, e))
		if out[i] = e; len(files) > 0 {
			out[i].Paths = files
		}
		switch {
		case of == anIssue && e.Name == "issue_comment":
			out[i] = with(e, onIssue, "true")
		case e.Name == "pull_request" && e.Type == "closed" && len(e.Attributes["merged"]) == 0 && !pushes(op):
			out[i] = with(e, "merged", "false")
		case e.Name == "pull_request" && e.Type != "opened" && makesPull(op):
			out[i] = with(e, ownPull, "true")
		}
	}
	return slices.Concat(out, d.closing(j, out), d.queued(op), newLabels(op, out))
}

// stands tells whether a branch that an operation may make is there already: a
// workflow's filters spell it out, or it is one that nearly every repository
// has.
func (d *decider) stands(j *jobView, e infer.Event) bool {
	branch := e.Attributes["branch"]
	if !e.Doubted || e.Name != "create" || len(branch) == 0 {
		return false
	}
	return !slices.ContainsFunc(d.refsOf(j, branch, false), func(r ref) bool {
		return !r.topic && (!r.known() || r.pieces[0] != d.defaultBranch && r.pieces[0] != pagesBranch && !d.spelled(r.pieces[0]))
	})
}

// isBranch tells whether an event is that of a pushed tag, of a name that may
// be a branch's as well and that a workflow's filters have as one.
func (d *decider) isBranch(op infer.Operation, e infer.Event) bool {
	name, ok := e.Attributes["tag"].Literal()
	if !ok || !makesTag(e) || !slices.ContainsFunc(op.Events, func(f infer.Event) bool { return f.Name == "push" && f.Attributes["branch"].LiteralOr("") == name }) {
		return false
	}
	return d.spelled(name)
}

// spelled tells whether a workflow's filters spell out a branch.
func (d *decider) spelled(branch string) bool {
	return slices.ContainsFunc(d.repository.Workflows, func(w *workflow.Workflow) bool {
		return slices.ContainsFunc(w.Triggers, func(t workflow.Trigger) bool { return slices.Contains(t.Branches, branch) })
	})
}

// spelledTags are the pushes of tags that pushes of branches may be: of names
// that a filter for tags spells, or the beginning of them, and none for
// branches.
func (d *decider) spelledTags(j *jobView, events []infer.Event) []infer.Event {
	var out []infer.Event
	for _, e := range events {
		if !e.Short || e.Name != "push" {
			continue
		}
		branch := e.Attributes["branch"]
		if slices.ContainsFunc(d.refsOf(j, branch, false), d.tagAlone) {
			out = append(out, infer.Event{Name: "push", Type: "tag", Attributes: map[string]value.Value{"tag": branch}, Doubted: true})
		}
	}
	return out
}

// tagAlone tells whether the filters of workflows spell a name as that of a tag
// and not as that of a branch.
func (d *decider) tagAlone(name ref) bool {
	tag := false
	for _, w := range d.repository.Workflows {
		for _, t := range w.Triggers {
			if slices.ContainsFunc(t.Branches, func(p string) bool { return spells(p, name) }) {
				return false
			}
			tag = tag || slices.ContainsFunc(t.Tags, func(p string) bool { return spells(p, name) })
		}
	}
	return tag
}

// spells tells whether a pattern is a name, or begins with a word that the name
// begins with. One letter, as that of versions, is no word.
func spells(pattern string, name ref) bool {
	if name.topic || name.pieces[0] == "" {
		return false
	}
	if !wild(pattern) {
		return name.known() && name.pieces[0] == pattern
	}
	head := pattern[:strings.IndexAny(pattern, "*?+[")]
	return len(head) > 2 && strings.HasPrefix(name.pieces[0], head) && match(pattern, name) != no
}

// merges are the operations that merge a pull request, now or later.
var merges = []string{
	"PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge", "PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge-async",
	mergeNow, enqueues, autoMerge,
}

// otherPulls matches where a number comes from that may be any pull request's.
var otherPulls = regexp.MustCompile(`\bpr (?:list|status|view)\b|\bsearch\b|/pulls\b|\bpulls\.list`)

// filesMerged are the files that an operation merges, where it merges the pull
// request that the job has opened before, with whatever token, and these are
// known; nil otherwise. A number that is only known when the job runs is taken
// to be that pull request's, if the job opens no other one and asks for none.
func filesMerged(j *jobView, u *infer.Use, op infer.Operation) []string {
	if u.Site == nil || !slices.ContainsFunc(op.Names, func(name string) bool { return slices.Contains(merges, name) }) {
		return nil
	}
	if slices.ContainsFunc(op.Number, func(p value.Part) bool { return p.Unknown == "" || otherPulls.MatchString(p.Unknown) }) {
		return nil
	}
	var opener *infer.Use
	var files []string
	for _, v := range j.Uses {
		for _, o := range v.Operations {
			for _, e := range o.Events {
				switch {
				case e.Key() != "pull_request.opened":
				case v.Site == nil || opener != nil && (opener.File != v.File || opener.Line != v.Line):
					return nil
				default:
					opener, files = v, e.Paths
				}
			}
		}
	}
	if opener == nil || opener.File != u.File || opener.Line >= u.Line {
		return nil
	}
	return files
}

// pushes tells whether an operation causes pushes, as every merge does.
func pushes(op infer.Operation) bool {
	return slices.ContainsFunc(op.Events, func(e infer.Event) bool { return e.Name == "push" })
}

// with returns an event with one more attribute.
func with(e infer.Event, name, text string) infer.Event {
	attributes := map[string]value.Value{name: value.Text(text)}
	maps.Copy(attributes, e.Attributes)
	e.Attributes = attributes
	return e
}

// ownPull is the attribute of what becomes of a pull request that the very
// operation opens, or has opened in a run before.
const ownPull = "own_pull"

// makesPull tells whether an operation opens a pull request.
func makesPull(op infer.Operation) bool {
	return slices.ContainsFunc(op.Events, func(e infer.Event) bool { return e.Key() == "pull_request.opened" })
}

// onIssue is the attribute of the events of comments that are surely on an
// issue, not on a pull request.
const onIssue = "on_issue"

// ofOther tells whether an event is that of a pull request, where the operation
// is one that issues and pull requests share and acts on an issue; or the other
// way round. The message of a merge may close an issue besides.
func ofOther(op infer.Operation, e infer.Event, of object) bool {
	twin := map[object]string{anIssue: "pull_request", aPull: "issues"}[of]
	own := map[object]string{anIssue: "issues", aPull: "pull_request"}[of]
	return twin != "" && e.Name == twin && !pushes(op) && slices.ContainsFunc(op.Events, func(f infer.Event) bool { return f.Name == own && f.Type == e.Type })
}
