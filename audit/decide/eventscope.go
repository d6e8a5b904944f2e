package decide

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// scopeOf is the scope of a run for an event. Where the name of the default branch
// is only guessed, it is not held against another that is usual.
func (d *decider) scopeOf(e infer.Event, actor, ref string) *eventScope {
	main := d.defaultBranch
	if name := strings.TrimPrefix(ref, "refs/heads/"); !d.defaultSaid && name != main && slices.Contains(usualBranches(), name) {
		main = ""
	}
	return &eventScope{event: e, actor: actor, ref: ref, repository: d.options.Name, main: main}
}

// eventScope evaluates conditions of a workflow that an event would start.
type eventScope struct {
	event infer.Event
	// actor is whom the token seems to belong to, or empty.
	actor string
	// ref is the full name of the branch or tag that the run would be for,
	// or empty where it is not known.
	ref string
	// repository is the name of the workflow's own, or empty, main that of its
	// default branch.
	repository, main string
	// skipped are the jobs that are known not to run.
	skipped map[string]bool
	// jobs are those of the workflow, where their outputs are asked for; nil
	// leaves these open.
	jobs []*workflow.Job
}

// ownRefs are the events whose runs are for a branch or a tag that the event
// itself is about, or for none at all: what is deployed, what a package is
// published from, the group of a merge queue.
var ownRefs = []string{"deployment", "deployment_status", "registry_package", "package", "merge_group", "status", "page_build"}

// refOf returns the github.ref of the run that an event would start.
func (d *decider) refOf(j *jobView, e infer.Event) string {
	kind, name := "refs/heads/", e.Attributes["branch"]
	switch {
	case e.Name == "push" && e.Type == "tag", e.Name == "create" && len(e.Attributes["tag"]) > 0, e.Name == "release":
		kind, name = "refs/tags/", e.Attributes["tag"]
	case e.Name == "push", e.Name == "create":
	case e.Name == "pull_request", strings.HasPrefix(e.Name, "pull_request_review"):
		// refs/pull/17/merge
		return ""
	case slices.Contains(ownRefs, e.Name):
		return ""
	case e.Name == "pull_request_target":
		// On github.com it has become the default branch, whatever the base is.
		if name = e.Attributes["base"]; !d.options.EnterpriseServer && !d.isDefault(j, name) {
			return ""
		}
	default:
		name = value.Context("github.event.repository.default_branch")
	}
	refs := d.refsOf(j, name, false)
	if len(name) == 0 || len(refs) != 1 || refs[0].topic || !refs[0].known() {
		return ""
	}
	if kind == "refs/tags/" && refs[0].pieces[0] == d.defaultBranch {
		// The branch of the run that makes the tag, which is no name of it.
		return ""
	}
	return kind + refs[0].pieces[0]
}

// refAttributes are the attributes of events that are branches.
var refAttributes = []string{"base", "head"}

// onlyCreated are the events of one activity alone, by which no filter asks.
var onlyCreated = []string{"deployment", "deployment_status"}

// commentEvents are the events of comments.
var commentEvents = []string{"issue_comment", "pull_request_review_comment", "discussion_comment"}

// Context implements expression.Scope.
func (s eventScope) Context(path []string) value.Value {
	e := s.event
	attribute := func(name string) value.Value {
		if v, ok := e.Attributes[name]; ok {
			if slices.Contains(refAttributes, name) {
				v = shortRef(v)
			}
			return s.named(v)
		}
		return value.Unknown(strings.Join(path, "."))
	}
	if len(path) > 2 && path[0] == "needs" && s.skipped[path[1]] {
		if path[2] == "result" {
			return value.Text("skipped")
		}
		return nil
	}
	if len(path) == 4 && path[0] == "needs" && path[2] == "outputs" {
		return s.output(path)
	}
	if expression.Lacks(e.Name, path) {
		return nil
	}
	if v, ok := s.property(path); ok {
		return v
	}
	switch strings.Join(path, ".") {
	case "github.repository", "github.event.pull_request.base.repo.full_name":
		return s.own()
	case "github.repository_owner", "github.event.repository.owner.login":
		if owner, _, ok := strings.Cut(s.repository, "/"); ok {
			return value.Text(owner)
		}
	case "github.event.pull_request.head.repo.full_name":
		if s.ownHead() {
			return s.own()
		}
	case "github.event.pull_request.head.repo.fork":
		if s.ownHead() {
			return value.Text("false")
		}
	case "github.actor", "github.triggering_actor", "github.event.sender.login", "github.event.pusher.name":
		return s.user()
	case "github.event.comment.user.login":
		// Who edits a comment has mostly written it.
		if slices.Contains(commentEvents, e.Name) && (e.Type == "created" || e.Type == "edited" && s.actor != "") {
			return s.user()
		}
	case "github.event.issue.user.login":
		if e.Key() == "issues.opened" {
			return s.user()
		}
	case "github.event.review.user.login":
		if e.Key() == "pull_request_review.submitted" {
			return s.user()
		}
	case "github.event.pull_request.user.login":
		if author, ok := e.Attributes[pullAuthor]; ok {
			return author
		}
		if e.Type == "opened" || e.Type == "synchronize" && s.namesHead() || len(e.Attributes[ownPull]) > 0 && e.Type != "synchronize" {
			return s.user()
		}
	case "github.event_name":
		return value.Text(e.Name)
	case "github.ref", "github.ref_name", "github.ref_type":
		if s.ref != "" {
			return value.Text(refPart(s.ref, path[1]))
		}
		if s.tagged() {
			return tagRef(s.named(e.Attributes["tag"]), path[1])
		}
		if s.merging() {
			return mergeRef(path[1])
		}
	case "github.event.ref":
		if e.Name == "push" && s.ref != "" {
			return value.Text(s.ref)
		}
	case "github.event.repository.default_branch":
		if s.main != "" {
			return value.Text(s.main)
		}
	case "github.event.head_commit.message":
		switch {
		case e.Name != "push":
			return nil
		case len(e.Message) > 0:
			return e.Message
		}
	case "github.event.head_commit.author.name", "github.event.head_commit.committer.name":
		switch {
		case e.Name != "push":
			return nil
		case len(e.Author) > 0:
			return e.Author
		}
	case "github.event.issue.state_reason":
		if e.Key() == "issues.closed" {
			return stateReason(attribute("reason"))
		}
	case "github.event.pull_request":
		switch {
		case e.Name == "push":
			return nil
		case strings.HasPrefix(e.Name, "pull_request"):
			return value.Text("{}")
		}
	case "github.event.number", "github.event.pull_request.number":
		if e.Name == "push" {
			return nil
		}
		return attribute("number")
	case "github.event.action":
		switch {
		case e.Name == "push":
			return nil
		case e.Type == "" && slices.Contains(onlyCreated, e.Name):
			return value.Text("created")
		}
		return value.Text(e.Type)
	case "github.event.label.name":
		if e.Type != "labeled" && e.Type != "unlabeled" && e.Name != "label" {
			return nil
		}
		return attribute(labelOf)
	case "github.event.pull_request.labels.*.name", "github.event.issue.labels.*.name":
		return attribute(labelsOf)
	case "github.event.comment.body":
		if !slices.Contains(commentEvents, e.Name) {
			return nil
		}
		return s.body()
	case "github.event.issue.body":
		if e.Name == "issues" {
			return s.body()
		}
	case "github.event.review.state", "github.event.review.body":
		if e.Name != "pull_request_review" || e.Attributes["empty"].LiteralOr("") == path[3] {
			return nil
		}
		return attribute(path[3])
	case "github.event.issue.pull_request":
		if len(e.Attributes["pull_request"]) == 0 && len(e.Attributes[onIssue]) > 0 {
			return nil
		}
		return attribute("pull_request")
	case "github.event.pull_request.merged":
		if e.Name != "pull_request" && e.Name != "pull_request_target" {
			return nil
		}
		if e.Type != "closed" {
			return value.Text("false")
		}
		return attribute("merged")
	case "github.head_ref", "github.event.pull_request.head.ref":
		if e.Name == "push" {
			return nil
		}
		return attribute("head")
	case "github.base_ref", "github.event.pull_request.base.ref":
		if e.Name == "push" {
			return nil
		}
		return attribute("base")
	case "github.event.workflow_run.event":
		if e.Name != "workflow_run" {
			return nil
		}
		return attribute("event")
	}
	return value.Unknown(strings.Join(path, "."))
}

// output is what another job hands on, as far as that hangs on the event alone.
func (s eventScope) output(path []string) value.Value {
	inner := s
	inner.jobs = nil // of those that hand it on to that one, nothing is asked
	for _, job := range s.jobs {
		for _, o := range job.Outputs {
			if strings.EqualFold(job.ID, path[1]) && strings.EqualFold(o.Name, path[3]) {
				return expression.Eval(o.Value, inner)
			}
		}
	}
	return value.Unknown(strings.Join(path, "."))
}

// merging tells whether the run is for what merging a pull request would make:
// GitHub's own ref for it, refs/pull/17/merge. Once it is merged, the run is for
// its base.
func (s eventScope) merging() bool {
	return s.event.Name == "pull_request" && s.event.Type != "closed"
}

// tagged tells whether the run is for a tag.
func (s eventScope) tagged() bool {
	return makesTag(s.event) && (s.event.Name != "create" || len(s.event.Attributes["tag"]) > 0) || s.event.Name == "release"
}

// tagRef is one of the contexts that speak of the ref of a tag, of whose name
// the beginning is known at most.
func tagRef(name value.Value, context string) value.Value {
	if text, _ := name[:min(1, len(name))].Literal(); text == "" || strings.HasPrefix(text, "refs/") {
		name = value.Unknown(expression.TagName)
	}
	switch context {
	case "ref":
		return value.Concat(value.Text("refs/tags/"), name)
	case "ref_name":
		return name
	}
	return value.Text("tag")
}

// mergeRef is one of the contexts that speak of the ref of a pull request.
func mergeRef(context string) value.Value {
	number := value.Concat(value.Unknown("the number"), value.Text("/merge"))
	switch context {
	case "ref":
		return value.Concat(value.Text("refs/pull/"), number)
	case "ref_name":
		return number
	}
	return value.Text("branch")
}

// body is the text of the comment or the issue that the event is about.
func (s eventScope) body() value.Value {
	v, ok := s.event.Attributes["body"]
	switch {
	case ok:
		return s.named(v)
	case s.event.Attributes[infer.CommandIn].LiteralOr("") == infer.Reported:
		return value.Unknown(expression.Report)
	case s.event.Attributes[infer.CommandIn].LiteralOr("") == infer.Fixed:
		return value.Unknown(expression.Fixed)
	case len(s.event.Attributes[infer.CommandIn]) > 0:
		return value.Unknown(expression.NoCommand)
	}
	return value.Unknown("body")
}

// user is whom the token belongs to: a secret that would do what GITHUB_TOKEN
// does is taken to be a user's. It is wrong for a secret that something else
// keeps filled with an App's installation token.
func (s eventScope) user() value.Value {
	if s.actor != "" {
		return value.Text(s.actor)
	}
	return value.Unknown(expression.UserLogin)
}

// namesHead tells whether the job itself names the branch that it adds
// commits to: then the pull request is of its own making.
func (s eventScope) namesHead() bool {
	head := s.event.Attributes["head"]
	if len(head) == 0 || len(head) == 1 && head[0].OneOf != nil {
		return false
	}
	name, _ := shortRef(head)[:1].Literal()
	return name != "" && !slices.ContainsFunc(rules.Updaters(), func(bot rules.Updater) bool {
		return strings.HasPrefix(name, bot.Branches) || strings.HasPrefix(bot.Branches, name)
	})
}

// own is the workflow's own repository.
func (s eventScope) own() value.Value {
	if s.repository != "" {
		return value.Text(s.repository)
	}
	return value.Context("github.repository")
}

// named is a value with the repository's own name written out, so that it is
// seen what stands in it.
func (s eventScope) named(v value.Value) value.Value {
	var out value.Value
	for _, p := range v {
		piece := value.Value{p}
		if piece.IsContext("github.repository") {
			piece = s.own()
		}
		out = value.Concat(out, piece)
	}
	return out
}

// ownHead tells whether the head of the pull request is a branch of this
// repository: that of a pull request which the event opens, or to which it
// adds commits, is, for it was pushed here, unless the head names its owner.
func (s eventScope) ownHead() bool {
	head := s.event.Attributes["head"]
	return slices.Contains([]string{"opened", "synchronize", "reopened"}, s.event.Type) && len(head) > 0 &&
		len(s.event.Attributes["fork"]) == 0 && !strings.Contains(head.Mask().Text, ":")
}

// refPart is one of the contexts that speak of a full ref.
func refPart(ref, context string) string {
	_, rest, _ := strings.Cut(ref, "/")
	kind, name, _ := strings.Cut(rest, "/")
	switch context {
	case "ref_name":
		return name
	case "ref_type":
		return map[string]string{"heads": "branch", "tags": "tag"}[kind]
	}
	return ref
}

// Secret implements expression.Scope.
func (s eventScope) Secret(name string, _ audit.Span) value.Value {
	return value.Unknown("secrets." + name)
}
