package decide

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// standsIn tells whether the run on a pull request stands in for the one of a
// workflow that a push would start: where it listens to both, runs the same jobs
// for both, and unless there may be no pull request, of a branch that can be new
// or of which nothing shows it. So it does for the one of a new text of the pull
// request, which who pushes to it writes in the same go; and the run of one that is
// opened for that of the labels which it gets at once, where both do the same.
// Nothing stands in for the run of a tag, a release or anything else.
func (d *decider) standsIn(j *jobView, l listener, approval []listener) bool {
	if l.event.Key() == "pull_request.edited" {
		return d.rewritten(l, approval)
	}
	if l.event.Name == "pull_request" && len(l.event.Attributes[ownPull]) > 0 {
		return slices.Contains(uponOpening, l.event.Type) && d.asksAnew(l.workflow) &&
			slices.ContainsFunc(approval, func(a listener) bool { return a.workflow == l.workflow && a.event.Key() == "pull_request.opened" })
	}
	if l.event.Name != "push" || l.event.Type != "" {
		return false
	}
	i := slices.IndexFunc(approval, func(a listener) bool {
		return a.workflow == l.workflow && a.event.Attributes["when"].LiteralOr("") != "open"
	})
	return i >= 0 && !d.lasting(j, l.event.Attributes["branch"]) && !d.headless(j, l.event) && !d.leavesOut(j, l, approval[i])
}

// uponOpening are what becomes of a pull request at once that is opened with more than
// a text.
var uponOpening = []string{"labeled", "assigned", "milestoned", "review_requested"}

// rewritten tells whether a workflow listens to pushes to a pull request as well as
// to its new text, and has no job for the latter alone. It is wrong where the text
// changes and nothing is pushed.
func (d *decider) rewritten(l listener, approval []listener) bool {
	return slices.ContainsFunc(approval, func(a listener) bool { return a.workflow == l.workflow && a.event.Name == l.event.Name }) &&
		!slices.ContainsFunc(d.conditions(l.workflow, nil), func(c workflow.Text) bool { return strings.Contains(c.Value, "edited") })
}

// headless tells whether a push is to a branch that is named, and nothing shows
// that it is the head of a pull request: neither a condition of the run, nor a step
// that opens one from it, or may. Its own job does that behind the push.
func (d *decider) headless(j *jobView, e infer.Event) bool {
	branch := e.Attributes["branch"]
	if len(branch) == 0 || slices.ContainsFunc(d.refsOf(j, branch, false), func(r ref) bool { return r.topic || !r.known() }) {
		return false
	}
	if d.isHead(j, branch) {
		return false
	}
	return !slices.ContainsFunc(d.inferred, func(other *infer.Job) bool {
		uses := other.Uses
		if i := slices.IndexFunc(uses, func(u *infer.Use) bool { return pushesBranch(u, branch) }); i >= 0 {
			uses = uses[i:]
		}
		return other.Root == j.Root && slices.ContainsFunc(uses, func(u *infer.Use) bool {
			return len(u.Unknowns) > 0 || opensFrom(u, branch)
		})
	})
}

// isHead tells whether a branch is one that the conditions of a run for a pull
// request name as its head. Any other that a run names is none of its pull
// request's.
func (d *decider) isHead(j *jobView, branch value.Value) bool {
	if !slices.ContainsFunc(j.triggers, func(t workflow.Trigger) bool { return slices.Contains(ofPulls, t.Event) }) {
		return false
	}
	return slices.ContainsFunc(j.headRefs(), func(head ref) bool {
		return slices.ContainsFunc(d.refsOf(j, branch, false), func(r ref) bool { return head.known() && r.known() && head.pieces[0] == r.pieces[0] })
	})
}

// pushesBranch tells whether a use pushes a branch by that name.
func pushesBranch(u *infer.Use, branch value.Value) bool {
	return slices.ContainsFunc(u.Operations, func(op infer.Operation) bool {
		return slices.ContainsFunc(op.Events, func(e infer.Event) bool { return e.Name == "push" && e.Attributes["branch"].Equal(branch) })
	})
}

// opensFrom tells whether a use opens a pull request that may be from a branch.
// One that goes to the branch is not from it.
func opensFrom(u *infer.Use, branch value.Value) bool {
	return slices.ContainsFunc(u.Operations, func(op infer.Operation) bool {
		return slices.ContainsFunc(op.Events, func(e infer.Event) bool {
			head := shortRef(e.Attributes["head"])
			switch {
			case e.Key() != "pull_request.opened" || e.Attributes["base"].Equal(branch):
				return false
			case len(head) == 0:
				return true
			}
			if _, name, ok := strings.Cut(head.LiteralOr(""), ":"); ok {
				head = value.Text(name)
			}
			return mayEqual(head, shortRef(branch), true)
		})
	})
}

// leavesOut tells whether a job of a workflow runs for the push of a branch, and
// for the pull request of the branch does not; one that only says that others
// failed is not missed, nor one of which it is not seen that it runs. The branch
// is none that a condition spells, where its name is not known.
func (d *decider) leavesOut(j *jobView, l, pull listener) bool {
	name := ""
	for _, r := range d.refsOf(j, l.event.Attributes["branch"], false) {
		name = strings.Join(r.pieces, noBranch)
		if r.pieces == nil {
			name = noBranch
		}
	}
	push := d.scopeOf(l.event, "", "refs/heads/"+name)
	push.skipped, push.jobs = d.skipsAt(j, l.workflow, l.event, "", push.ref), l.workflow.Jobs
	request := d.scopeOf(pull.event, "", d.refOf(j, pull.event))
	request.skipped, request.jobs = d.skips(j, l.workflow, pull.event, ""), l.workflow.Jobs
	return slices.ContainsFunc(d.conditions(l.workflow, push.skipped), func(condition workflow.Text) bool {
		if strings.Contains(condition.Value, "failure()") && !strings.Contains(condition.Value, "!failure()") {
			return false
		}
		push.actor, request.actor = j.user(condition), j.user(condition)
		return leavesPulls(condition, request) && surelyRuns(condition, push)
	})
}

// conditions are those of the jobs of a workflow, but of such as do not run, and
// of the jobs of the workflows of this repository that these call.
func (d *decider) conditions(w *workflow.Workflow, skipped map[string]bool) []workflow.Text {
	var out []workflow.Text
	for _, job := range w.Jobs {
		if skipped[job.ID] {
			continue
		}
		if !job.If.IsZero() {
			out = append(out, job.If)
		}
		if job.Call == nil || !strings.HasPrefix(job.Call.Uses.Value, "./") {
			continue
		}
		if called := d.repository.Workflow(path.Clean(job.Call.Uses.Value)); called != nil {
			for _, inner := range called.Jobs {
				if !inner.If.IsZero() {
					out = append(out, inner.If)
				}
			}
		}
	}
	return out
}

// leavesPulls tells whether a condition keeps the runs of pull requests out: each
// has a head and a base.
func leavesPulls(condition workflow.Text, s *eventScope) bool {
	if expression.Condition(condition, s) == no {
		return true
	}
	if !asksRefs.MatchString(condition.Value) {
		return false
	}
	named := *s
	named.event.Attributes = map[string]value.Value{}
	maps.Copy(named.event.Attributes, s.event.Attributes)
	for _, name := range []string{"base", "head", "number"} {
		if _, known := s.event.Attributes[name].Literal(); !known || len(s.event.Attributes[name]) == 0 {
			named.event.Attributes[name] = value.Text(noBranch)
		}
	}
	return expression.Condition(condition, &named) == no
}

// asksRefs matches conditions that ask whether a run is for a pull request by its
// refs or its number, not for their names.
var asksRefs = regexp.MustCompile(`(?:` + ofPull + `)\s*[!=]=\s*(?:''|null)|(?:''|null)\s*[!=]=\s*(?:` + ofPull + `)|!\s*(?:` + ofPull + `)\b`)

// ofPull matches the contexts that hold the refs of a pull request or its number.
const ofPull = `github\.(?:(?:head|base)_ref|event\.(?:pull_request\.)?number)`

// surelyRuns tells whether a condition lets a run through, or hangs on no more
// than what is set for the repository or what other jobs found: such as are
// there for runs that happen.
func surelyRuns(condition workflow.Text, s *eventScope) bool {
	seen := &doubtScope{eventScope: s}
	switch expression.Condition(condition, seen) {
	case yes:
		return true
	case no:
		return false
	}
	return !seen.doubt
}

// doubtScope notes whether a condition asks for what is not known of the run.
type doubtScope struct {
	*eventScope
	doubt bool
}

// settled are contexts that a repository's own workflows ask for so that they do
// not run in its forks.
var settled = []string{"github.repository", "github.repository_owner", "github.event.repository.fork"}

// Context implements expression.Scope.
func (s *doubtScope) Context(path []string) value.Value {
	v := s.eventScope.Context(path)
	if _, known := v.Literal(); known || len(v) == 0 || slices.Contains(settled, strings.Join(path, ".")) {
		return v
	}
	if path[0] == "github" || path[0] == "env" || path[len(path)-1] == "result" {
		s.doubt = true
	}
	return v
}
