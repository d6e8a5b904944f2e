package decide

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// run is a way in which a workflow may start.
type run struct {
	event string
	// about is the permission of what the event is about: issues,
	// pull_requests or discussions, "" for anything else.
	about string
}

// starts are the ways to start that the conditions of a use let through; one of
// which nothing is known where the workflow names no event.
func starts(u *ruled) []run {
	var out []run
	for _, t := range u.job.triggers {
		for _, about := range abouts(t.Event) {
			if passes(u, circumstancesOf(t, about)) {
				out = append(out, run{t.Event, about})
			}
		}
	}
	if len(u.job.triggers) == 0 {
		out = append(out, run{})
	}
	return out
}

// abouts are the permissions of what an event may be about.
func abouts(event string) []string {
	switch {
	case event == "issues":
		return []string{"issues"}
	case event == "issue_comment":
		return []string{"issues", "pull_requests"}
	case strings.HasPrefix(event, "pull_request"):
		return []string{"pull_requests"}
	case strings.HasPrefix(event, "discussion"):
		return []string{"discussions"}
	}
	return []string{""}
}

// circumstancesOf are what conditions can ask of a run: its event, whether a
// comment is on a pull request and, for a pull request that is open, the ref.
func circumstancesOf(t workflow.Trigger, about string) circumstances {
	out := circumstances{"github.event_name": value.Text(t.Event)}
	switch {
	case t.Event == "issue_comment" && about == "issues":
		out["github.event.issue.pull_request"] = nil
	case t.Event == "issue_comment":
		out["github.event.issue.pull_request"] = value.Text("{}")
	case t.Event == "pull_request" && !slices.Contains(t.Types, "closed"):
		out["github.ref"] = value.Concat(value.Text("refs/pull/"), value.Unknown("number"), value.Text("/merge"))
	}
	return out
}

// surely returns the part of an operation's needs that some run of the
// workflow has whatever it meets. What an action does to an issue, a pull
// request or a discussion, whichever it finds, it does to the one that the
// event is about; where the event is about none, one of them is enough, but
// for an action that goes through the lists of them.
func surely(u *ruled, op infer.Operation) rules.Needs {
	var out rules.Needs
	for _, r := range starts(u) {
		needs := op.Needs
		if op.Sure != nil {
			sure, ok := op.Sure[r.event]
			if !ok {
				sure = op.Sure[""]
			}
			needs = slices.DeleteFunc(slices.Clone(needs), func(group []rules.Permission) bool { return !sure.Meets(group) })
		}
		out = append(out, fitted(needs, op, aboutOf(u, op, r))...)
	}
	return out
}

// aboutOf is the permission of what an operation acts on in a run, "" where
// that is not known: the number that it is given goes before the event.
func aboutOf(u *ruled, op infer.Operation, r run) string {
	number := numberOf(u, op)
	switch kindOf(u, number) {
	case anIssue:
		return "issues"
	case aPull:
		return "pull_requests"
	}
	if len(number) > 0 && !infer.OfEvent(number) {
		return ""
	}
	return r.about
}

// objects are the permissions of what a comment, a label or a reaction may
// stand on.
var objects = []string{"issues", "pull_requests", "discussions"}

// makers are the operations that take the permission of an object whatever
// the event is about: they make a new one.
var makers = map[string]string{
	"POST /repos/{owner}/{repo}/issues": "issues",
	"POST /repos/{owner}/{repo}/pulls":  "pull_requests",
	"mutation createIssue":              "issues",
	"mutation createPullRequest":        "pull_requests",
	"mutation createDiscussion":         "discussions",
}

// listers are operations that lead to objects of each kind, whatever the
// event is about.
var listers = []string{"GET /repos/{owner}/{repo}/issues", "GET /search/issues", "query search", "query repository.issues"}

// fitted chooses between the objects of an action that takes the permission of
// each: the one that is at hand, or any where that is not known.
func fitted(needs rules.Needs, op infer.Operation, about string) rules.Needs {
	var out rules.Needs
	var open []rules.Permission
	for _, group := range needs {
		name := group[0].Name
		if len(group) > 1 || group[0].Access != rules.AccessWrite || !slices.Contains(objects, name) ||
			slices.ContainsFunc(op.Names, func(operation string) bool { return makers[operation] == name }) {
			out = append(out, group)
			continue
		}
		open = append(open, group[0])
	}
	lists := slices.ContainsFunc(op.Names, func(operation string) bool { return slices.Contains(listers, operation) })
	at := slices.IndexFunc(open, func(p rules.Permission) bool { return p.Name == about })
	switch {
	case lists || len(open) == 1:
		for _, p := range open {
			out = append(out, []rules.Permission{p})
		}
	case at >= 0:
		out = append(out, []rules.Permission{open[at]})
	case len(open) > 0:
		out = append(out, open)
	}
	return out
}
