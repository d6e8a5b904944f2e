package infer

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// gitPush handles a push.
func (in *inferrer) gitPush(c gitCall) {
	dry := hasFlag(c.args, "--dry-run", "-n")
	if !dry {
		in.pushSubmodules(c)
	}
	operands := operandsOf(c.args, "-o", "--push-option", "--repo", "--receive-pack", "--recurse-submodules")
	address, bare := in.pushAddress(c), len(operands) == 0
	if !bare {
		address = in.addressOf(c, operands[0], true)
		operands = operands[1:]
	}
	credential := in.credential(c, address)
	if !credential.HoldsCredential() {
		return
	}
	targets := in.targets(address)
	if bare && c.tree.pull {
		targets = []Target{in.pullHead()}
	}
	op := Operation{
		Names: []string{"git push"}, Targets: targets, Answer: rules.AnswerYes, Place: c.site.Place(),
		Needs: needs("contents:write"), Confidence: "high",
	}
	if len(op.Targets) == 0 {
		in.use(c.site, credential, "git push", func(u *Use) { u.Other = true })
		return
	}
	if dry {
		// GitHub asks for the same permission, and nothing comes of it.
		in.use(c.site, credential, "git push --dry-run", func(u *Use) { u.Reads, u.Operations = true, []Operation{op} })
		return
	}
	if !slices.ContainsFunc(op.Targets, func(t Target) bool { return !t.Wiki }) {
		// No workflow is read of a wiki's branches.
		op.Events = []Event{{Name: "gollum"}}
		in.use(c.site, credential, "git push", func(u *Use) { u.Reads, u.Operations = true, []Operation{op} })
		in.hidden(c, signIn(address), credential, op)
		in.twice(c, credential, op)
		return
	}
	op.Events = in.pushEvents(c, operands)
	brought := cmp.Or(c.tree.brought, in.history(c, operands, op.Targets))
	if c.touchesWorkflows() || hasFlag(c.args, "--mirror") || in.carriesHistory(c, op.Targets) {
		op.Reasons = append(op.Reasons, "workflow-files")
		op.Needs = op.Needs.Union(needs("workflows:write"))
	} else if brought != "" {
		op.Reasons, op.Answer, op.Perhaps = append(op.Reasons, "workflow-files"), rules.AnswerConditional, needs("workflows:write")
		op.Note = "what comes from " + brought + " must hold no change of files under .github/workflows, which GITHUB_TOKEN may not write"
	} else if by := c.mayTouchWorkflows(); by != "" {
		op.Reasons, op.Answer, op.Perhaps = append(op.Reasons, "workflow-files"), rules.AnswerConditional, needs("workflows:write")
		op.Note = mayBeWorkflows(by)
	}
	in.use(c.site, credential, "git push", func(u *Use) { u.Reads, u.Operations = true, []Operation{in.paired(u.Credential, address, op)} })
	in.hidden(c, signIn(address), credential, op)
	in.twice(c, credential, op)
}

// pushAddress is where a push goes that names no remote: the one of --repo, of the
// branch, or of remote.pushDefault, else origin.
func (in *inferrer) pushAddress(c gitCall) value.Value {
	for i, a := range c.args {
		if given := withoutPrefix(a, "--repo="); !given.Equal(a) {
			return in.addressOf(c, given, true)
		}
		if a.LiteralOr("") == "--repo" && i+1 < len(c.args) {
			return in.addressOf(c, c.args[i+1], true)
		}
	}
	remote := c.pushTo
	if len(remote) == 0 {
		for _, kept := range []trace.Kept{c.tree.pushTo, in.session.pushTo} {
			if v, _ := kept.At(c.site.Guards); len(remote) == 0 {
				remote = v
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.tree.branchPushTo)) {
		of, _ := c.tree.branchPushTo[name].At(c.site.Guards)
		if _, known := c.tree.branch.Literal(); strings.EqualFold(name, c.tree.branch.String()) {
			remote = of
		} else if !known {
			// The branch may be this one.
			if len(remote) == 0 {
				remote = value.Text("origin")
			}
			remote = value.Choice(remote, of)
		}
	}
	var addresses []value.Value
	for _, alternative := range remote.Alternatives() {
		addresses = append(addresses, in.addressOf(c, alternative, true))
	}
	return value.Choice(addresses...)
}

// pushSubmodules handles a push that pushes the submodules as well.
func (in *inferrer) pushSubmodules(c gitCall) {
	for i, a := range c.args {
		how, given := strings.CutPrefix(a.String(), "--recurse-submodules=")
		if a.String() == "--recurse-submodules" && i+1 < len(c.args) {
			how, given = c.args[i+1].String(), true
		}
		if given && (how == "on-demand" || how == "only") {
			c.tree, c.args = in.session.tree("?"+joinFolder(c.dir, shell.SubmodulePath)), nil
			in.gitPush(c)
			return
		}
	}
}

// paired returns an operation on a remote with the targets that it has with one
// credential: of several addresses that the remote may have, those that hold
// it, where any does.
func (in *inferrer) paired(c *value.Credential, address value.Value, op Operation) Operation {
	if len(address) != 1 || len(address[0].OneOf) < 2 {
		return op
	}
	var own []value.Value
	for _, alternative := range address[0].OneOf {
		if slices.ContainsFunc(alternative.Credentials(), func(d *value.Credential) bool { return sameCredential(c, d) }) {
			own = append(own, alternative)
		}
	}
	if targets := in.targets(value.Choice(own...)); len(own) > 0 && len(targets) > 0 {
		op.Targets = targets
	}
	return op
}

// twice notes the places at which the secret that git uses is stored once
// more: git does not come by them, and they change together with it.
func (in *inferrer) twice(c gitCall, winner value.Value, op Operation) {
	stored := []value.Value{in.session.stored.All(), in.session.netrc.All(), in.session.header.All()}
	for _, r := range in.session.rewrites {
		stored = append(stored, r.base)
	}
	for _, v := range stored {
		for _, other := range v.Credentials() {
			same := func(w *value.Credential) bool { return w.Kind == value.Secret && w.Name == other.Name }
			if other.Kind == value.Secret && !v.Equal(winner) && slices.ContainsFunc(winner.Credentials(), same) {
				in.use(c.site, value.Of(other), op.Names[0], func(u *Use) { u.Reads, u.Operations = true, []Operation{op} })
			}
		}
	}
}

// hidden notes the credential of an address that git does not come to use, as
// a stored header wins. On the own repository it changes nothing where the
// header is GITHUB_TOKEN already, so that no run hangs on it; else the
// operation is what it was meant for, and who replaces the one must replace
// the other.
func (in *inferrer) hidden(c gitCall, address, winner value.Value, op Operation) {
	won := func(c *value.Credential) bool {
		return slices.ContainsFunc(winner.Credentials(), func(w *value.Credential) bool { return sameCredential(w, c) })
	}
	if !slices.ContainsFunc(address.Credentials(), func(c *value.Credential) bool { return !won(c) }) {
		return
	}
	secret := slices.ContainsFunc(winner.Credentials(), func(w *value.Credential) bool { return w.Kind == value.Secret })
	if !secret && !slices.ContainsFunc(op.Targets, func(t Target) bool { return t.Kind != Self }) {
		op.Events = nil
	}
	in.use(c.site, address, op.Names[0], func(u *Use) { u.Reads, u.Operations = true, []Operation{op} })
}

// carriesHistory tells whether a push brings this repository's history into
// another one, a fork or a mirror: its workflow files come along.
func (in *inferrer) carriesHistory(c gitCall, targets []Target) bool {
	elsewhere := !slices.ContainsFunc(targets, func(t Target) bool { return t.Kind != Repository })
	return elsewhere && !c.tree.apart && in.isSelf(c.tree.origin)
}

// touchesWorkflows tells whether the commits hold workflow files: those that
// were staged by name, or that a command changed before all was staged.
func (c gitCall) touchesWorkflows() bool {
	return c.tree.edited && (c.tree.open && !c.tree.spared || !c.tree.open && len(c.tree.added) == 0 || slices.ContainsFunc(c.tree.added, coversWorkflows)) || slices.ContainsFunc(c.tree.added, func(p string) bool { return strings.HasPrefix(p, ".github/workflows") })
}

// pushEvents says what a push with these refspecs causes.
func (in *inferrer) pushEvents(c gitCall, refs []value.Value) []Event {
	var events []Event
	follows := hasFlag(c.args, "--follow-tags") && !in.noTags(c) || in.followsTags(c) && len(c.tree.annotated) > 0 && !hasFlag(c.args, "--no-follow-tags")
	if follows || hasFlag(c.args, "--tags") {
		tag := value.Unknown("a tag")
		if len(c.tree.tags)+len(c.tree.annotated) > 0 {
			own := slices.Clone(c.tree.tags)
			for _, t := range c.tree.annotated {
				if !slices.ContainsFunc(own, t.Equal) {
					own = append(own, t)
				}
			}
			tag = value.Choice(own...)
		}
		events = append(events, landing(tagEvents(tag), c.landing(refs))...)
		if hasFlag(c.args, "--tags") && !hasFlag(c.args, "--follow-tags") && len(refs) == 0 {
			return events
		}
	}
	if hasFlag(c.args, "--all", "--branches") && !hasFlag(c.args, "--mirror") && !in.moreBranches(c) {
		events = append(events, in.branchEvents(c, c.tree.branch, c.tree.created)...)
		for _, branch := range c.tree.branches {
			if !branch.Equal(c.tree.branch) {
				events = append(events, in.elsewhere(c, branch, true)...)
			}
		}
		return events
	}
	if hasFlag(c.args, "--all", "--branches", "--mirror") {
		return append(events, in.branchEvents(c, value.Unknown("every branch"), false)...)
	}
	if hasFlag(c.args, "--delete", "-d") {
		for _, r := range refs {
			for _, ref := range c.apart(r) {
				if !notBranch(ref.Mask().Text) {
					events = append(events, deletes(ref))
				}
			}
		}
		return events
	}
	if len(refs) == 0 {
		set, sure := in.setPushes(c)
		if refs = set; !sure {
			events = append(events, in.aloneEvents(c)...)
		}
	}
	for i := 0; i < len(refs); i++ {
		if refs[i].String() == "tag" && i+1 < len(refs) {
			i++
			events = append(events, tagEvents(refs[i])...)
			continue
		}
		for _, ref := range c.apart(refs[i]) {
			events = append(events, sourced(in.refEvents(c, ref), ref)...)
		}
	}
	return events
}

// noTags tells whether the job is seen to make no tag that a push takes along with
// its commits, which are the annotated ones, nor to fetch one from another repository.
// Source: https://git-scm.com/docs/git-push#Documentation/git-push.txt---follow-tags
func (in *inferrer) noTags(c gitCall) bool {
	return !c.tree.heavy && len(c.tree.annotated) == 0 && !(len(c.tree.tags) > 0 && in.signsTags()) && !c.tree.assumed && len(c.tree.remotes) == 0 && len(c.tree.foreign) == 0 && c.tree.brought == "" &&
		in.isSelf(c.tree.origin) && !slices.ContainsFunc(in.job.Sites[:in.index], changesRefs)
}

// moreBranches tells whether a checkout may have other branches than those that
// the job is seen to have made or checked out.
func (in *inferrer) moreBranches(c gitCall) bool {
	return c.tree.assumed || len(c.tree.branches) >= maxBranches || !in.isSelf(c.tree.origin) || slices.ContainsFunc(in.job.Sites[:in.index], changesRefs)
}

// refKeepers are the commands of git of which it is seen what branches and tags
// they make, if any.
var refKeepers = []string{
	"add", "branch", "checkout", "clean", "commit", "config", "describe", "diff", "fetch", "log", "ls-files", "ls-remote", "merge", "mv", "push", "pull", "rebase", "remote",
	"reset", "restore", "rev-list", "rev-parse", "rm", "show", "stash", "status", "switch", "symbolic-ref", "tag",
}

// changesRefs tells whether a site may make a branch or a tag of the checkout in a
// way that is not seen.
func changesRefs(s *trace.Site) bool {
	switch {
	case s.Unread != nil:
		return true
	case s.Action != nil:
		return !strings.HasPrefix(s.Action.Name, "actions/") && !strings.Contains(s.Action.Name, "/setup-")
	case s.Command == nil || len(s.Command.Args) == 0 || s.Followed:
		return false
	}
	words, _ := s.Command.Words()
	switch words[0] {
	case "gh":
		return len(words) > 1 && (words[1] == "repo" || words[1] == "pr")
	case "git":
		i := slices.IndexFunc(words[1:], func(w string) bool { return slices.Contains(refKeepers, w) })
		refspec := slices.ContainsFunc(words[1:], func(w string) bool { return strings.Contains(w, ":") && !strings.Contains(w, "//") })
		return i < 0 || refspec && slices.Contains([]string{"fetch", "pull"}, words[1+i])
	}
	if rules.MakesNoTag(words) {
		return false
	}
	info, ok := s.Command.Program()
	return !ok || !info.Quiet || runsUnseen(s.Command, info) || versionTool.MatchString(strings.Join(words[:min(len(words), 3)], " "))
}

// versionTool matches the words of programs that are known to read no token, and
// may make a tag of a version.
var versionTool = regexp.MustCompile(`(?i)\b(?:tag|version|release|bump|semver|changesets?|cz|commitizen|publish|svu)|ver$`)

// tagEvents are those of a pushed tag.
func tagEvents(tag value.Value) []Event {
	return landing([]Event{
		{Name: "push", Type: "tag", Attributes: map[string]value.Value{"tag": tag}},
		{Name: "create", Attributes: map[string]value.Value{"tag": tag}},
	}, []value.Value{tag})
}

// landing returns events of tags with those that are there afterwards.
func landing(events []Event, tags []value.Value) []Event {
	for i := range events {
		events[i].Lands = tags
	}
	return events
}

// paths are the files that the commits change, nil where they are not known.
func (t *tree) paths() []string {
	if t.open {
		return nil
	}
	return t.added
}

// branchEvents are those of a pushed branch. A branch made in this very job
// and pushed without force is a new one, so no pull request can be open for
// it; where a name is pushed by force again and again, one may be, and also
// where the job has opened one, or asks for one afterwards.
func (in *inferrer) branchEvents(c gitCall, branch value.Value, created bool) []Event {
	attributes := map[string]value.Value{"branch": branch}
	push := Event{Name: "push", Attributes: attributes, Message: said(c.tree.message), Author: in.author(c.tree), Skipped: skipped(c.tree.message)}
	push.Paths, push.Commits = c.tree.paths(), in.commits(c.tree, c.site)
	in.session.pushed = append(in.session.pushed, push)
	events := []Event{push}
	own := ofThisRun(branch)
	forced := hasFlag(c.args, "-f", "--force", "--force-with-lease")
	if created || own {
		attributes["fresh"] = value.Text("true")
		if !own && (forced || c.tree.over) && fromOutside(branch) {
			attributes["fresh"] = value.Text(TakesOver)
		}
		events = append(events, Event{Name: "create", Attributes: attributes})
	}
	if !own && !c.tree.apart && (!created || forced && in.again(branch) || in.asksLater(branch) || in.proposedBefore(branch)) {
		update := Event{Name: "pull_request", Type: "synchronize", Attributes: map[string]value.Value{"head": branch}, Paths: push.Paths, Commits: push.Commits, Skipped: push.Skipped}
		if len(c.tree.base) > 0 && branch.Equal(c.tree.branch) {
			update.Attributes["base"] = c.tree.base
		}
		if created {
			update.Attributes["when"] = value.Text("open")
		}
		events = append(events, update)
	}
	return events
}
