package infer

import (
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// head is the repository of a pull request's head, as the event names it. A
// pull_request workflow that a fork starts has no secrets, so where there is
// one to use, the head is a branch of this repository. Workflows that others
// start have their secrets for forks as well.
func (in *inferrer) head() Target {
	t := self
	t.MayBeFork = !in.spared() && slices.ContainsFunc(in.job.Root.Triggers, func(t workflow.Trigger) bool {
		return t.Event == "pull_request_target" || t.Event == "issue_comment" || t.Event == "workflow_run" || t.Event == "repository_dispatch"
	})
	return t
}

// withoutSecrets are the events that start no runs with secrets for forks.
var withoutSecrets = []string{"pull_request", "pull_request_review", "pull_request_review_comment"}

// pullHead is the repository of the head of a pull request that the job
// checks out by its number: any one, unless it is the one of the event.
func (in *inferrer) pullHead() Target {
	t := self
	t.MayBeFork = !in.spared() && slices.ContainsFunc(in.job.Root.Triggers, func(t workflow.Trigger) bool {
		return !slices.Contains(withoutSecrets, t.Event)
	})
	return t
}

// askedHead matches the source of a text that is the repository of the head of
// one of this repository's pull requests, as the API answers.
var askedHead = regexp.MustCompile(`^\$\(gh api [^|;&()]*\brepos/(?:\$\{\{ *github\.repository *\}\}|\$GITHUB_REPOSITORY|\$\{GITHUB_REPOSITORY\}|\{owner\}/\{repo\})/pulls/(?:\$\{\{[^}]*\}\}|[^\s/|;&()])+ (?:--jq|-q)[ =]['"]?\.head\.repo\.full_name['"]?\)$`)

// asksHead tells whether a value is the repository of the head of a pull
// request for which a request asks.
func asksHead(v value.Value) bool {
	return len(v) == 1 && strings.HasSuffix(strings.TrimRight(v[0].Unknown, `"')`), ".head.repo.full_name") && askedHead.MatchString(v[0].Unknown)
}

// updates are the operations that bring the branch of a pull request up to
// date: they write to the repository of its head.
var updates = []string{"PUT /repos/{owner}/{repo}/pulls/{pull_number}/update-branch", "mutation updatePullRequestBranch"}

// toHeads notes of operations that update the branch of a pull request that
// this may be the one of a fork, unless the step asks for that.
func (in *inferrer) toHeads(u *Use) {
	for i := range u.Operations {
		op := &u.Operations[i]
		if !slices.ContainsFunc(op.Names, func(name string) bool { return slices.Contains(updates, name) }) {
			continue
		}
		if !in.pullHead().MayBeFork || in.asksForFork() {
			return
		}
		op.Targets = slices.Clone(op.Targets)
		for k := range op.Targets {
			op.Targets[k].MayBeFork = op.Targets[k].Kind == Self
		}
	}
}

// forkSigns are fields by which code tells pull requests of forks from others.
var forkSigns = []string{"isCrossRepository", "head.repo", "headRepository", "head_repository"}

// asksForFork tells whether a script or a command of the step at hand reads
// where a pull request comes from: then it is taken to leave forks out.
func (in *inferrer) asksForFork() bool {
	if in.index >= len(in.job.Sites) {
		return false
	}
	at := in.job.Sites[in.index]
	signed := func(v value.Value) bool {
		text := v.String()
		return slices.ContainsFunc(forkSigns, func(sign string) bool { return strings.Contains(text, sign) })
	}
	return slices.ContainsFunc(in.job.Sites, func(s *trace.Site) bool {
		if s.Step != at.Step {
			return false
		}
		return s.Action != nil && signed(s.Action.Inputs["script"]) || s.Command != nil && slices.ContainsFunc(s.Command.Args, signed)
	})
}

// pullCheckout notes `gh pr checkout`: gh sets the branch up so that a push
// without a remote goes where the pull request comes from.
func (in *inferrer) pullCheckout(site *trace.Site, call rules.GhCall, table *value.Table) {
	here := in.session.tree(folder(site.Command.Dir))
	here.branch, here.created = value.Context("github.head_ref"), false
	if name, given := call.Lookup("branch"); given {
		here.branch = table.Value(name)
	}
	var number value.Value
	if len(call.Operands) > 0 {
		number = table.Value(call.Operands[0])
	}
	here.pull = call.Repo == "" && in.isSelf(here.origin)
	here.base = pullBase(number)
}

// hub handles a call of hub, the command that gh came after.
func (in *inferrer) hub(site *trace.Site) {
	words, table := value.MaskWords(site.Command.Args[1:])
	switch {
	case len(words) > 1 && words[0] == "api":
		in.hubAPI(site, words, table)
		return
	case len(words) > 2 && words[0] == "pr" && words[1] == "checkout":
		in.pullCheckout(site, rules.GhCall{Operands: words[2:3]}, table)
	case len(words) > 1 && words[0] == "checkout" && strings.Contains(words[1], "/pull/"):
		in.pullCheckout(site, rules.GhCall{Operands: words[1:2]}, table)
	case len(words) > 0 && slices.Contains([]string{"push", "fetch", "pull", "am", "cherry-pick", "merge"}, words[0]):
		// What else stands behind them, hub does itself and then git's part.
		in.git(site)
	}
	in.program(site)
}

// hubAPI handles a request that hub is told to make: its words are those of
// `gh api`, but for some flags without a value that gh has for other things or
// not at all.
func (in *inferrer) hubAPI(site *trace.Site, words []string, table *value.Table) {
	words = slices.DeleteFunc(words, func(w string) bool { return slices.Contains(hubOnly, w) })
	call, ok := rules.ParseGh(words)
	if !ok || call.Command != "api" {
		in.program(site)
		return
	}
	token, _ := site.Env.Lookup("GITHUB_TOKEN")
	host, _ := site.Env.Lookup("GITHUB_HOST")
	in.use(site, token, "hub api", func(u *Use) {
		u.Reads = true
		in.ghAPI(u, site, call, table)
		in.sentTo(u, host, site.Place())
	})
}

// hubOnly are the flags of `hub api` that gh has not, or with a value.
var hubOnly = []string{"-t", "--flat", "--obey-ratelimit", "--color", "-it", "-ti"}

// ofEvent are the contexts that hold a pull request of the event itself.
var ofEvent = []string{"github.event.pull_request.number", "github.event.number", "github.event.pull_request.html_url", "github.event.pull_request.url", "github.head_ref", "github.event.pull_request.head.ref"}

// pullBase is the branch that a pull request is for: known of the event's own.
func pullBase(number value.Value) value.Value {
	if len(number) == 1 && slices.Contains(ofEvent, number[0].Context) {
		return value.Context("github.base_ref")
	}
	return value.Unknown("the base of the pull request")
}

// spared tells whether a condition of the job, or of the step at hand, keeps
// out the pull requests of forks.
func (in *inferrer) spared() bool {
	conditions := []workflow.Text{in.job.Job.If}
	if in.index < len(in.job.Sites) {
		conditions = append(conditions, in.job.Sites[in.index].Condition())
	}
	return slices.ContainsFunc(conditions, func(c workflow.Text) bool { return !c.IsZero() && in.keepsOutForks(c) })
}

// keepsOutForks tells whether a condition is false for a pull request of a
// fork, and not so for one of the repository itself.
func (in *inferrer) keepsOutForks(condition workflow.Text) bool {
	own := value.Text(in.options.Repository)
	if expression.Condition(condition, headScope{own: own, head: value.Text("fork/" + forkName)}) == expression.No {
		return true
	}
	own = value.Text("own/" + forkName)
	return expression.Condition(condition, headScope{own: own, head: value.Text("fork/" + forkName)}) == expression.No &&
		expression.Condition(condition, headScope{own: own, head: own}) != expression.No
}

// forkName is the name of the repositories that keepsOutForks asks about.
const forkName = "repository"

// headScope is a run for a pull request whose head is in a given repository.
type headScope struct {
	// own is the workflow's own repository, empty where it is not known.
	own, head value.Value
}

// Context implements expression.Scope.
func (s headScope) Context(path []string) value.Value {
	name := strings.Join(path, ".")
	part := func(full value.Value, whole bool) value.Value {
		text := full.LiteralOr("")
		if owner, _, _ := strings.Cut(text, "/"); !whole {
			text = owner
		}
		if text == "" {
			return value.Unknown(name)
		}
		return value.Text(text)
	}
	switch name {
	case "github.repository", "github.event.repository.full_name", "github.event.pull_request.base.repo.full_name":
		return part(s.own, true)
	case "github.repository_owner", "github.event.repository.owner.login", "github.event.pull_request.base.repo.owner.login":
		return part(s.own, false)
	case "github.event.pull_request.head.repo.full_name", "github.event.workflow_run.head_repository.full_name":
		return part(s.head, true)
	case "github.event.pull_request.head.repo.owner.login", "github.event.pull_request.head.user.login", "github.event.workflow_run.head_repository.owner.login":
		return part(s.head, false)
	case "github.event.pull_request.head.repo.fork":
		if !s.head.Equal(s.own) {
			return value.Text("true")
		}
	}
	return value.Unknown(name)
}

// Secret implements expression.Scope.
func (headScope) Secret(name string, _ audit.Span) value.Value { return value.Unknown(name) }
