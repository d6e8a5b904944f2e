package infer

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// checkout notes what actions/checkout does. One that runs under a condition
// may leave in place what another one put there.
func (in *inferrer) checkout(site *trace.Site) {
	a := site.Action
	t := &tree{origin: a.Inputs["repository"], remotes: map[string]trace.Kept{}, guards: site.Guards}
	if host, of := in.serverOf(givenServer(a)); of == elseServer {
		if len(t.origin) == 0 {
			t.origin = value.Context("github.repository")
		}
		t.origin = value.Concat(value.Text("https://"+host+"/"), t.origin)
	}
	token := a.Inputs["token"]
	if len(token) == 0 {
		token = value.Of(&value.Credential{Kind: value.JobToken, Name: "GITHUB_TOKEN"})
	}
	persists, sure := keepsCredentials(a)
	if persists && len(a.Inputs["ssh-key"]) == 0 {
		t.header, t.version, t.doubted = t.header.Keep(token, site.Guards, nil), a.Version(), !sure
	}
	unnamed := value.Context("github.ref_name")
	if len(t.origin) > 0 && !in.isSelf(t.origin) {
		unnamed = value.Context("github.event.repository.default_branch")
	}
	var branches []value.Value
	for ref := range a.Inputs["ref"].EachAlternative() {
		if len(ref) == 0 || in.isNever(ref) {
			ref = unnamed
		}
		branches = append(branches, ref)
	}
	t.branch = value.Choice(branches...)
	fetched := a.Inputs["submodules"]
	t.modules = len(fetched) > 0 && !strings.EqualFold(fetched.LiteralOr(""), "false")
	dir := folder(a.Inputs["path"])
	if before := in.session.trees[dir]; before != nil && !site.Covers(before.guards) {
		t.modules = t.modules || before.modules
		t.origin, t.branch, t.guards = value.Choice(before.origin, t.origin), value.Choice(before.branch, t.branch), nil
		if len(t.header.All()) == 0 {
			t.header, t.version, t.doubted = before.header, before.version, before.doubted
		} else if len(before.stored()) > 0 {
			t.header, t.doubted = before.header.Keep(token, site.Guards, nil), t.doubted || before.doubted
			if before.version != t.version {
				t.version = ""
			}
		}
	}
	in.session.leaveSubmodules(in.session.trees[dir])
	in.session.trees[dir] = t
}

// keepsCredentials tells whether actions/checkout leaves its token behind for
// git, as far as its input shows: that is on unless it is told anything but
// "true".
func keepsCredentials(a *trace.Action) (keeps, sure bool) {
	given, ok := a.Inputs["persist-credentials"]
	if !ok {
		return true, true
	}
	no, yes := false, false
	for _, v := range given.Alternatives() {
		text, known := v.Literal()
		on := strings.EqualFold(text, "true")
		no, yes = no || !known || !on, yes || !known || on
	}
	return yes, !no
}

// isNever tells whether a ref is the head of a pull request in a workflow that
// no pull request starts, and so always empty. A repository_dispatch may hand it
// on.
func (in *inferrer) isNever(ref value.Value) bool {
	return (ref.IsContext("github.head_ref") || ref.IsContext("github.event.pull_request.head.ref")) &&
		!slices.ContainsFunc(in.job.Root.Triggers, func(t workflow.Trigger) bool {
			return strings.HasPrefix(t.Event, "pull_request") || t.Event == "workflow_call" || t.Event == "repository_dispatch"
		})
}

// isSelf tells whether a repository is the workflow's own, and not its wiki.
func (in *inferrer) isSelf(v value.Value) bool {
	for _, t := range in.targets(v) {
		if t.Kind != Self || t.Wiki {
			return false
		}
	}
	return true
}
