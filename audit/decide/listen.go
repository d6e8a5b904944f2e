package decide

import (
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// listens holds an event against a trigger's types and filters. Where a push
// changes files that are not known, a filter by paths is taken to match.
func (d *decider) listens(j *jobView, t *workflow.Trigger, e infer.Event) truth {
	if t.Event != e.Name {
		return no
	}
	result := yes
	if e.Type != "" && e.Name != "push" {
		types := t.Types
		if types == nil {
			types = defaultTypes[e.Name]
		}
		if types != nil && !slices.Contains(types, e.Type) {
			return no
		}
	}
	switch {
	case e.Name == "push":
		result = and(result, d.listensPush(j, t, e))
	case strings.HasPrefix(e.Name, "pull_request"):
		if !d.happens(j, e) {
			return no
		}
		base := e.Attributes["base"]
		if len(base) == 0 {
			base = value.Context("github.event.repository.default_branch")
		}
		matches := d.filters(j, t.Branches, t.BranchesIgnore, base, false)
		if matches == maybe && e.Type == "opened" && d.isAny(j, base) && besideDefault(t) {
			matches = yes
		}
		result = and(result, matches)
	case e.Name == "merge_group":
		return d.listensQueue(j, t, e)
	case e.Name == "workflow_run":
		return no
	case len(e.Attributes[infer.Unseen]) > 0:
		result = maybe
	}
	if e.Name == "push" && e.Type == "tag" {
		// Paths are not looked at for tags.
		return result
	}
	return and(result, d.pathsMatch(t, e.Paths))
}

// happens is false for a new commit on a pull request whose head would be the
// default branch, or the one that GitHub Pages are published from, or the one of
// their sources: none is a pull request's head.
func (d *decider) happens(j *jobView, e infer.Event) bool {
	return e.Type != "synchronize" || !d.isOneOf(j, e.Attributes["head"], append(slices.Clip(pagesSources), d.defaultBranch, pagesBranch)...)
}

// pagesBranch is the branch that sites are published from by custom. It holds
// what was built, mostly without a history that it shares with others.
const pagesBranch = "gh-pages"

// pagesSources are the branches on which, by custom, the sources of sites are kept
// that have nothing in common with the default branch.
var pagesSources = []string{"gh-pages-src", "gh-pages-source"}

// isDefault tells whether a branch is surely the default branch.
func (d *decider) isDefault(j *jobView, branch value.Value) bool {
	return d.isOneOf(j, branch, d.defaultBranch)
}

// isOneOf tells whether a branch is surely one of those that are named.
func (d *decider) isOneOf(j *jobView, branch value.Value, names ...string) bool {
	refs := d.refsOf(j, branch, false)
	return len(branch) > 0 && !slices.ContainsFunc(refs, func(r ref) bool {
		return r.topic || !r.known() || !slices.Contains(names, r.pieces[0])
	})
}

func (d *decider) listensPush(j *jobView, t *workflow.Trigger, e infer.Event) truth {
	branchFilter := t.Branches != nil || t.BranchesIgnore != nil
	tagFilter := t.Tags != nil || t.TagsIgnore != nil
	if e.Type == "tag" {
		if !tagFilter {
			if branchFilter {
				return no
			}
			// Paths are not looked at for tags.
			return yes
		}
		only, ignore := t.Tags, t.TagsIgnore
		if most := dots(e.Attributes["tag"]); most != anyDots {
			only, ignore = ofDots(only, most), ofDots(ignore, most)
		}
		result := d.filters(j, only, ignore, e.Attributes["tag"], false)
		if result == maybe && d.asVersion(j, t, e.Attributes["tag"]) {
			return yes
		}
		return result
	}
	if !branchFilter {
		if tagFilter {
			return no
		}
		return yes
	}
	fresh := e.Attributes["fresh"].String() == "true"
	result := d.filters(j, t.Branches, t.BranchesIgnore, e.Attributes["branch"], fresh)
	if result == maybe && d.asVersionBranch(j, t, e.Attributes["branch"]) {
		return yes
	}
	return result
}

// filters holds a name against a pair of filters; with several possible
// names, the worst case counts.
func (d *decider) filters(j *jobView, only, ignore []string, v value.Value, fresh bool) truth {
	if only == nil && ignore == nil {
		return yes
	}
	if len(v) == 0 {
		v = value.Unknown("a name")
	}
	result := no
	for _, r := range d.refsOf(j, v, fresh) {
		one := yes
		if only != nil {
			one = matchList(only, r)
		}
		if ignore != nil {
			ignored := matchList(ignore, r)
			if ignored == maybe && r.topic {
				ignored = no
			}
			one = and(one, not(ignored))
		}
		result = or(result, one)
	}
	return result
}

func not(t truth) truth {
	switch t {
	case yes:
		return no
	case no:
		return yes
	}
	return maybe
}

// pathsMatch holds the changed files against a trigger's filters. Where the
// files are not known, every filter matches but one for workflow files alone:
// a push that changes these takes a permission of its own, and is seen to.
func (d *decider) pathsMatch(t *workflow.Trigger, paths []string) truth {
	switch {
	case t.Paths == nil && t.PathsIgnore == nil:
		return yes
	case len(paths) == 0 && t.Paths != nil && !slices.ContainsFunc(t.Paths, func(p string) bool { return !strings.HasPrefix(p, ".github/workflows/") }):
		return no
	case len(paths) == 0:
		return yes
	}
	for _, p := range paths {
		name := ref{pieces: []string{strings.TrimSuffix(p, "/")}}
		switch base := p[strings.LastIndexByte(p, '/')+1:]; {
		case wild(p):
			name.pieces, name.loose = wildPieces(p), true
		case base == "" || d.isFolder(t, p):
			name.pieces = []string{strings.TrimSuffix(p, "/") + "/", ""}
		case !strings.Contains(strings.TrimPrefix(base, "."), "."):
			// Most likely a folder: which files of it these are is not known.
			name.pieces = []string{p, ""}
		}
		if t.Paths != nil && matchList(t.Paths, name) != no {
			return yes
		}
		if t.PathsIgnore != nil && matchList(t.PathsIgnore, name) != yes {
			return yes
		}
	}
	return no
}

// isFolder tells whether a path is surely a folder: in the checkout, or as a
// filter has it.
func (d *decider) isFolder(t *workflow.Trigger, p string) bool {
	for _, pattern := range slices.Concat(t.Paths, t.PathsIgnore) {
		if strings.HasPrefix(strings.TrimPrefix(pattern, "!"), p+"/") {
			return true
		}
	}
	return slices.Contains(d.repository.Folders(path.Dir(p)), path.Base(p))
}

// runs tells whether any job of a workflow runs for an event, as skips has it,
// for one of the labels at least where it gives several, and one of the authors.
// Who would be the actor, and what else the payload holds, is not known: a
// condition that hangs on it lets the run through as a rule. A job whose steps
// are all skipped does nothing either.
func (d *decider) runs(j *jobView, w *workflow.Workflow, e infer.Event) truth {
	for _, one := range eachLabel(e) {
		if slices.ContainsFunc(eachAuthor(one), func(by infer.Event) bool { return d.runsFor(j, w, by) }) {
			return yes
		}
	}
	return no
}

func (d *decider) runsFor(j *jobView, w *workflow.Workflow, e infer.Event) bool {
	skipped := d.skips(j, w, e, "")
	return len(w.Jobs) == 0 || slices.ContainsFunc(w.Jobs, func(job *workflow.Job) bool {
		return !skipped[job.ID] && !framesNothing(w, job, skipped) && !d.callsNothing(j, job, e) && !(d.onlyRuns(w, e) && d.idles(j, job, e))
	})
}

// callsNothing tells whether a job calls a workflow of this repository of which no job
// runs for an event, which is the caller's there too.
func (d *decider) callsNothing(j *jobView, job *workflow.Job, e infer.Event) bool {
	if job.Call == nil || !strings.HasPrefix(job.Call.Uses.Value, "./") {
		return false
	}
	called := d.repository.Workflow(path.Clean(job.Call.Uses.Value))
	if called == nil || called.BreaksAt > 0 || len(called.Jobs) == 0 {
		return false
	}
	skipped := d.skips(j, called, e, "")
	return !slices.ContainsFunc(called.Jobs, func(inner *workflow.Job) bool { return !skipped[inner.ID] })
}

// onlyRuns tells whether nothing hangs on that a run of a workflow comes to an
// end, but what its steps do: it is no check of a commit, and no workflow waits
// for it.
func (d *decider) onlyRuns(w *workflow.Workflow, e infer.Event) bool {
	return e.Name != "push" && !strings.HasPrefix(e.Name, "pull_request") && !slices.ContainsFunc(d.repository.Workflows, func(other *workflow.Workflow) bool {
		return slices.ContainsFunc(other.Triggers, func(t workflow.Trigger) bool {
			return t.Event == "workflow_run" && slices.Contains(t.Workflows, title(w))
		})
	})
}

// idles tells whether an event lets no step of a job run, as far as their
// conditions show, and the job itself, other than one that is deployed to an
// environment, leaves nothing behind.
func (d *decider) idles(j *jobView, job *workflow.Job, e infer.Event) bool {
	if len(job.Steps) == 0 || !job.Environment.IsZero() || len(job.Containers) > 0 {
		return false
	}
	scope := d.scopeOf(e, "", d.refOf(j, e))
	return !slices.ContainsFunc(job.Steps, func(s *workflow.Step) bool {
		scope.actor = j.user(s.If)
		return s.If.IsZero() || expression.Condition(s.If, scope) != no
	})
}

// waits tells whether a job does not run where one that it needs does not. Of
// several, one may have failed while another did not run.
func waits(job *workflow.Job) bool {
	return !slices.ContainsFunc([]string{"always()", "cancelled()", "failure()"}, func(f string) bool { return strings.Contains(job.If.Value, f) })
}
