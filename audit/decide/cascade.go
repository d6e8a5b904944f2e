package decide

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// listener is a workflow that an event starts.
type listener struct {
	workflow *workflow.Workflow
	trigger  *workflow.Trigger
	certain  truth
	event    infer.Event
}

// startsAnyway are the events that start workflows also when GITHUB_TOKEN
// causes them.
var startsAnyway = []string{"workflow_dispatch", "repository_dispatch"}

// awaitsApproval are the activities of pull requests for which GitHub makes
// runs that a person has to approve, on github.com.
var awaitsApproval = []string{"opened", "synchronize", "reopened"}

// defaultTypes are the activity types of events that, without "types:", do
// not start for all of theirs.
var defaultTypes = map[string][]string{
	"pull_request":        {"opened", "synchronize", "reopened"},
	"pull_request_target": {"opened", "synchronize", "reopened"},
	"merge_group":         {"checks_requested"},
	"registry_package":    {"published", "updated"},
}

// expand adds the events that come along with one: what a pull request does
// starts pull_request_target as well, and a release is published, created and
// released in one go. A draft was created before, which starts nothing.
func expand(events []infer.Event) []infer.Event {
	has := func(kind string) bool {
		return slices.ContainsFunc(events, func(e infer.Event) bool { return e.Name == "release" && e.Type == kind })
	}
	var out []infer.Event
	for _, e := range events {
		out = append(out, e)
		switch {
		case e.Name == "pull_request":
			f := e
			// A mark in the commit's message keeps no such run away.
			f.Name, f.Skipped = "pull_request_target", false
			out = append(out, f)
		case e.Name == "release" && e.Type == "published":
			kinds := []string{"created", "released", "prereleased"}
			if has("released") || has("prereleased") {
				// Which of the two it is, is known.
				kinds = kinds[:1]
			}
			if e.Attributes["when"].LiteralOr("") == "draft" {
				kinds = kinds[1:]
			}
			for _, kind := range kinds {
				f := e
				f.Type = kind
				out = append(out, f)
			}
		}
	}
	return out
}

// starts tells whether an operation causes an event that starts runs, if
// somebody listens, and that would start none with GITHUB_TOKEN.
func (d *decider) starts(j *jobView, u *infer.Use, op infer.Operation) bool {
	return slices.ContainsFunc(d.caused(j, u, op), func(e infer.Event) bool {
		return !e.Skipped && !slices.Contains(startsAnyway, e.Name)
	})
}

// listeners returns the workflows that an event would start.
func (d *decider) listeners(j *jobView, e infer.Event) []listener {
	if e.Skipped || slices.Contains(startsAnyway, e.Name) {
		return nil
	}
	var out []listener
	for _, w := range d.repository.Workflows {
		for i := range w.Triggers {
			t := &w.Triggers[i]
			certain := d.listens(j, t, e)
			if certain == no {
				continue
			}
			certain = and(certain, d.runs(j, w, e))
			if e.Doubted {
				certain = and(certain, maybe)
			}
			if certain != no {
				out = append(out, listener{w, t, certain, e})
			}
		}
	}
	return out
}

func causes(u *infer.Use, e infer.Event) bool {
	return slices.ContainsFunc(u.Operations, func(op infer.Operation) bool {
		return slices.ContainsFunc(op.Events, func(f infer.Event) bool { return f.Key() == e.Key() })
	})
}

// heads tells whether anything shows that a pushed branch is the head of a
// pull request: what starts the workflow, or a step that opens one. A branch
// of which nothing shows it may still be; that its runs wait for approval is
// said in any case, but not that they would be lost.
func (d *decider) heads(j *jobView, e infer.Event) bool {
	if slices.ContainsFunc(d.refsOf(j, e.Attributes["head"], false), func(r ref) bool { return r.topic }) {
		return true
	}
	if slices.ContainsFunc(j.triggers, func(t workflow.Trigger) bool { return strings.HasPrefix(t.Event, "pull_request") }) {
		return true
	}
	return d.proposes(j)
}

// aboutPull tells whether an operation is about a pull request, and not a push to
// a branch that may be the head of one: what it updates, it names by nothing
// else.
func aboutPull(e infer.Event, op infer.Operation) bool {
	return len(e.Attributes["head"]) == 0 && !slices.Contains(op.Names, "git push")
}

// proposes tells whether a job of the run is seen to open a pull request.
func (d *decider) proposes(j *jobView) bool {
	opened := infer.Event{Name: "pull_request", Type: "opened"}
	return slices.ContainsFunc(d.inferred, func(other *infer.Job) bool {
		return other.Root == j.Root && slices.ContainsFunc(other.Uses, func(u *infer.Use) bool { return causes(u, opened) })
	})
}

// lasting tells whether a pushed branch stays: a workflow spells it out to
// listen to its pushes, and the run opens no pull request that may be from it.
func (d *decider) lasting(j *jobView, branch value.Value) bool {
	var spelled []string
	for _, w := range d.repository.Workflows {
		for _, t := range w.Triggers {
			if t.Event == "push" {
				spelled = append(spelled, t.Branches...)
			}
		}
	}
	return d.isOneOf(j, branch, spelled...) && !d.proposesFrom(j, branch)
}

// proposesFrom tells whether a job of the run is seen to open a pull request
// that may be from a branch.
func (d *decider) proposesFrom(j *jobView, branch value.Value) bool {
	return slices.ContainsFunc(d.inferred, func(other *infer.Job) bool {
		return other.Root == j.Root && slices.ContainsFunc(other.Uses, func(u *infer.Use) bool { return opensFrom(u, branch) })
	})
}

// maintained tells whether a pushed branch is surely no pull request's head
// but one that is kept up beside the default branch: the job runs for a pull
// request that was merged, and brings it to a branch that is there already,
// whose name is only known when it runs, without opening another pull request.
func (d *decider) maintained(j *jobView, branch value.Value) bool {
	if len(branch) == 0 || !afterMerge(j) || ofNewBranch(branch) {
		return false
	}
	for _, r := range d.refsOf(j, branch, false) {
		if r.topic || r.known() || strings.Join(r.pieces, "") != "" {
			return false
		}
	}
	opened := infer.Event{Name: "pull_request", Type: "opened"}
	return !slices.ContainsFunc(d.inferred, func(other *infer.Job) bool {
		return other.Root == j.Root && slices.ContainsFunc(other.Uses, func(u *infer.Use) bool {
			return causes(u, opened) || len(u.Unknowns) > 0 && u.Site != nil && u.Site.Action != nil
		})
	})
}

// newBranch matches the names under which a branch for a pull request comes.
var newBranch = regexp.MustCompile(`(?i)head|new|temp|work|topic|feature|source|pr[-_]?branch|(?:backport|cherry[-_]?pick|bump|update)[-_]?branch`)

// ofNewBranch tells whether the source of a name speaks of a new branch.
func ofNewBranch(branch value.Value) bool {
	return slices.ContainsFunc(branch, func(p value.Part) bool { return newBranch.MatchString(p.Unknown) })
}

// afterMerge tells whether a job runs only for pull requests that were merged.
func afterMerge(j *jobView) bool {
	closed := len(j.triggers) > 0 && !slices.ContainsFunc(j.triggers, func(t workflow.Trigger) bool {
		return t.Event != "pull_request" && t.Event != "pull_request_target" || !slices.Contains(t.Types, "closed")
	})
	condition := strings.Join(strings.Fields(j.Job.Job.Job.If.Value), " ")
	return closed && strings.Contains(condition, ".merged") && !strings.Contains(condition, "!github.event.pull_request.merged") && !strings.Contains(condition, ".merged == false")
}

// forLines tells whether a trigger is for branches that share a pattern, as
// the lines of releases do.
func forLines(t *workflow.Trigger) bool {
	return slices.ContainsFunc(t.Branches, func(p string) bool { return wild(p) && !strings.HasPrefix(p, "!") })
}

// cascade says which workflows an operation's events would no longer start.
func (d *decider) cascade(j *jobView, u *infer.Use, op infer.Operation, r *ruling) {
	own := *j
	if own.actor == "" {
		own.owner = cmp.Or(d.owners[strings.ToUpper(u.Credential.Name)], namedAfter(u.Credential.Name))
	}
	if u.Site != nil {
		own.step = u.Site.Condition()
	}
	own.anyPull = namedPull(op.Number) && !d.proposes(j)
	j = &own
	events, by := expand(d.caused(j, u, op)), started(j, u, nil)
	var approval, stopped, open []listener
	for _, e := range events {
		if e.Name == "pull_request_target" && e.Type == "synchronize" && !(d.heads(j, e) || aboutPull(e, op)) || e.Type == "synchronize" && (d.maintained(j, e.Attributes["head"]) || d.lasting(j, e.Attributes["head"])) {
			continue
		}
		for _, l := range d.listeners(j, e) {
			switch {
			case l.certain == maybe && e.Name == "push" && e.Type == "" && forLines(l.trigger) && d.maintained(j, e.Attributes["branch"]):
				stopped = append(stopped, l)
			case e.Name == "pull_request" && slices.Contains(awaitsApproval, e.Type) && !d.options.EnterpriseServer:
				approval = append(approval, l)
			case l.certain == maybe, by.mayExist(e), by.existed(op, e) && completes(j, u, e) == maybe:
				open = append(open, l)
			default:
				stopped = append(stopped, l)
			}
		}
	}
	stood := false
	standsIn := func(l listener) bool {
		if d.standsIn(j, l, approval) {
			stood = true
			return true
		}
		asked := d.proposed(j, u, l.event)
		if !d.standsIn(j, l, asked) {
			return false
		}
		stood = true
		approval = append(approval, slices.DeleteFunc(asked, func(a listener) bool { return a.workflow != l.workflow })...)
		return true
	}
	stopped = slices.DeleteFunc(stopped, standsIn)
	open = slices.DeleteFunc(open, func(l listener) bool {
		return standsIn(l) || slices.ContainsFunc(stopped, func(s listener) bool { return s.workflow == l.workflow })
	})
	switch {
	case len(stopped) > 0:
		r.against("triggers-workflows", fmt.Sprintf("what it does starts %s, and done with GITHUB_TOKEN it would not", names(stopped)), evidence(stopped))
	case len(open) > 0:
		r.open("unknown-target", fmt.Sprintf("%s %s, which GITHUB_TOKEN would not", openings[openOf(open)], names(open)), evidence(open))
	}
	d.dispatched(j, u, events, r)
	d.awaits(j, u, op, r)
	for _, e := range d.events(j, u, op) {
		switch {
		case e.Name == "push" && e.Type == "":
			d.protected(j, e, op, r)
		case e.Key() == "pull_request.opened":
			d.fromFork(u, e, op, r)
		}
	}
	// What is lost for pull requests in any case need not be named twice.
	waiting := slices.DeleteFunc(slices.Clone(approval), func(a listener) bool {
		return !stood && opensAfter(j, u, a.event) || slices.ContainsFunc(stopped, func(l listener) bool { return l.workflow == a.workflow && l.event.Name == a.event.Name })
	})
	taken := d.succeeds(u, op)
	switch {
	case len(waiting) == 0:
	case len(taken) > 0:
		r.against("triggers-workflows", fmt.Sprintf("%s takes up a pull request once its checks have succeeded, and the runs of %s would wait for a person's approval", strings.TrimPrefix(taken[0].File, ".github/workflows/"), names(waiting)), slices.Concat(taken, evidence(waiting)))
	case d.mergesItself(j, u, op):
		r.against("triggers-workflows", fmt.Sprintf("a later step has the pull request merged after its checks, and the runs of %s would wait for a person's approval", names(waiting)), evidence(waiting))
	default:
		r.condition("approval-required", fmt.Sprintf("the runs of %s on the pull request would wait for a person's approval", names(waiting)), evidence(waiting))
	}
}

// openings say what is not known of an event that may start workflows, by its
// name; "" is for those of branches and tags, and doubted for such as may be.
var openings = map[string]string{
	"":                 "which branch or tag it touches is only known when it runs; it may start",
	doubted:            "whether it pushes a tag, or a branch that is new, the code does not show; it may start",
	"merge_group":      "whether the branch has a merge queue is not seen here; where it has, it starts",
	"label":            "whether a label that it gives is there already is not seen here; where it is not, it starts",
	"registry_package": "whether it pushes a package is not seen here; where it does, it starts",
}

// doubted stands for events that are [infer.Event.Doubted].
const doubted = "doubted"

// openOf is the event that all have in common, if openings speaks of it.
func openOf(open []listener) string {
	name := open[0].event.Name
	switch {
	case openings[name] != "" && !slices.ContainsFunc(open, func(l listener) bool { return l.event.Name != name }):
		return name
	case !slices.ContainsFunc(open, func(l listener) bool { return !l.event.Doubted }):
		return doubted
	}
	return ""
}

// fromFork says what stands in the way of a pull request from another owner's
// fork: it lets the maintainers edit the branch unless it is told not to, which
// GitHub refuses to who may not write there.
func (d *decider) fromFork(u *infer.Use, e infer.Event, op infer.Operation, r *ruling) {
	own, _, named := strings.Cut(d.options.Name, "/")
	owner, _, other := strings.Cut(e.Attributes["head"].Mask().Text, ":")
	if !named || !other || owner == "" || value.HasPlaceholder(owner) || strings.Contains(owner, "/") || strings.EqualFold(owner, own) {
		return
	}
	r.condition("reduced-function", fmt.Sprintf("%s opens a pull request from the fork of %s: GITHUB_TOKEN may not write there, so that it must not let maintainers edit the branch (--no-maintainer-edit, maintainer_can_modify: false)",
		operationName(op), owner), []audit.Place{place(u)})
}

// autoMerge is the mutation that has a pull request merged once its checks are
// through.
const autoMerge = "mutation enablePullRequestAutoMerge"

// mergesItself tells whether an operation opens or updates a pull request for
// which a later step of the workflow, with whatever token, enables auto-merge.
func (d *decider) mergesItself(j *jobView, u *infer.Use, op infer.Operation) bool {
	if !slices.ContainsFunc(op.Events, func(e infer.Event) bool {
		return e.Key() == "pull_request.opened" || e.Key() == "pull_request.synchronize"
	}) {
		return false
	}
	return slices.ContainsFunc(d.inferred, func(other *infer.Job) bool {
		return other.Root == j.Root && slices.ContainsFunc(other.Uses, func(v *infer.Use) bool {
			later := other.File != j.File || v.Line > u.Line ||
				v.Line == u.Line && other == j.Job && j.at(v.Site) > j.at(u.Site)
			return later && slices.ContainsFunc(v.Operations, func(o infer.Operation) bool { return slices.Contains(o.Names, autoMerge) })
		})
	})
}

// names lists workflows for a sentence, at most three of them.
func names(ls []listener) string {
	var out []string
	for _, l := range ls {
		name := strings.TrimPrefix(l.workflow.Path, ".github/workflows/")
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	switch {
	case len(out) > 3:
		return fmt.Sprintf("%s and %d more", strings.Join(out[:3], ", "), len(out)-3)
	case len(out) > 1:
		return strings.Join(out[:len(out)-1], ", ") + " and " + out[len(out)-1]
	}
	return strings.Join(out, "")
}

func evidence(ls []listener) []audit.Place {
	var out []audit.Place
	for _, l := range ls {
		p := audit.Place{File: l.workflow.Path, Line: l.trigger.Line, Text: "on: " + l.event.Key()}
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}
