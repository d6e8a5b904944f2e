package infer

import (
	"maps"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// ghToken returns the token that gh takes at a site: GH_TOKEN, GITHUB_TOKEN,
// what it was logged in with. An empty variable counts as unset.
func (in *inferrer) ghToken(site *trace.Site) value.Value {
	return in.ghTokenOf(site, rules.GhVariables...)
}

// enterpriseToken is ghToken for an Enterprise Server.
func (in *inferrer) enterpriseToken(site *trace.Site) value.Value {
	return in.ghTokenOf(site, "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN")
}

// ghTokenOf returns what is in the first of the variables that is not empty,
// and further ones where that may be.
func (in *inferrer) ghTokenOf(site *trace.Site, names ...string) value.Value {
	var found value.Value
	for _, name := range names {
		v, ok := site.Env.Lookup(name)
		if !ok || len(v) == 0 {
			continue
		}
		if found = also(found, v); !mayBeEmpty(v) {
			return twins(site, found, names)
		}
	}
	login, _ := in.session.login.At(site.Guards)
	return also(found, login)
}

// mayBeEmpty tells whether one of the alternatives of a value is empty.
func mayBeEmpty(v value.Value) bool {
	return len(v) == 1 && slices.ContainsFunc(v[0].OneOf, func(w value.Value) bool { return len(w) == 0 })
}

// nameLogins puts a login in place of each context that is one, in the flags
// that name people: that is no team, and neither @me nor @copilot.
func nameLogins(call rules.GhCall, table *value.Table) {
	for _, flag := range []string{"assignee", "add-assignee", "reviewer", "add-reviewer"} {
		for i, word := range call.Flags[flag] {
			if login, known := loginText(table.Value(word)); known {
				call.Flags[flag][i] = login
			}
		}
	}
}

// loginText is the text of a value with "login" for each login in it; known is
// false where it is something else. Of several logins the first one stands for all.
func loginText(v value.Value) (text string, known bool) {
	var out strings.Builder
	for _, part := range v {
		switch {
		case part.Text != "":
			out.WriteString(part.Text)
		case part.Context == "github.actor" || part.Context == "github.triggering_actor",
			strings.HasPrefix(part.Context, "github.event.") && strings.HasSuffix(part.Context, ".login"):
			out.WriteString("login")
		case len(part.OneOf) > 0:
			for n, w := range part.OneOf {
				one, known := loginText(w)
				if !known || strings.ContainsAny(one, "@/") {
					return "", false
				}
				if n == 0 {
					out.WriteString(one)
				}
			}
		default:
			return "", false
		}
	}
	return out.String(), true
}

// gh handles a call of the GitHub CLI.
func (in *inferrer) gh(site *trace.Site) {
	words, table := value.MaskWords(site.Command.Args[1:])
	call, ok := rules.ParseGh(words)
	nameLogins(call, table)
	token := in.ghToken(site)
	host := ghHost(site, call, table)
	if foreign(host.LiteralOr("")) {
		token = in.enterpriseToken(site)
	}
	what := strings.TrimSpace("gh " + call.Command)
	at := site.Place()
	switch {
	case call.Command == "auth login":
		in.ghLogin(site, call, table)
		return
	case call.Command == "auth setup-git":
		in.session.helper = true
		in.use(site, token, what, func(u *Use) { u.Reads = true })
		return
	case call.Command == "auth token":
		in.ghPrints(site, token)
		return
	case call.Command == "pr checkout":
		in.pullCheckout(site, call, table)
	case call.Command == "repo set-default":
		in.ghSetDefault(site, call, table)
	case call.Command == "repo clone":
		in.ghClone(site, call, table)
	case !ok:
		in.use(site, token, "gh", func(u *Use) {
			u.Reads = true
			u.Unknowns = []Unknown{{Code: "unread", Detail: "which command of gh this is, is only known when it runs", Place: at, Settle: "write the command out"}}
		})
		return
	case call.Command == "api":
		in.use(site, token, what, func(u *Use) { u.Reads = true; in.ghAPI(u, site, call, table); in.sentTo(u, host, at) })
		return
	}
	in.proposesUnpushed(site, call)
	in.ghCloses(call, table)
	effect, certain, known := rules.GhEffect(call)
	in.use(site, token, what, func(u *Use) {
		u.Reads = true
		if !known {
			u.Unknowns = []Unknown{{Code: "unread", Detail: what + " is an extension of gh, whose code is not here", Place: at, Settle: "read what it does with the token" + describe("programs")}}
			return
		}
		u.Operations = append(u.Operations, in.ghOperation(site, call, effect, table))
		for _, part := range effect.Cases {
			u.Operations = append(u.Operations, in.ghOperation(site, call, part.Effect, table))
		}
		if !certain {
			u.Unknowns = []Unknown{{Code: "unread", Detail: "further flags of " + what + " are only known when it runs", Place: at, Settle: "write the flags out"}}
			if len(call.Unlisted) > 0 {
				u.Unknowns = []Unknown{{Code: "unread", Detail: what + " is not known to have a flag " + call.Unlisted[0], Place: at, Settle: "see what the flag does"}}
			}
		}
		in.sentTo(u, host, at)
	})
}

// ghHost is the server that gh talks to, or empty for its default. The address of
// a pull request or an issue that is only known when it runs is taken for one of
// that.
func ghHost(site *trace.Site, call rules.GhCall, table *value.Table) value.Value {
	if call.Hostname != "" {
		if value.HasPlaceholder(call.Hostname) && len(call.Flags["hostname"]) == 0 {
			return nil
		}
		return table.Value(call.Hostname)
	}
	v, _ := site.Env.Lookup("GH_HOST")
	return v
}

// foreign tells whether a host is an Enterprise Server, as gh sees it: it has
// variables of its own for the token of one.
func foreign(host string) bool {
	return host != "" && host != "github.com" && !strings.HasSuffix(host, ".ghe.com")
}

// withoutHead takes from the events of an operation on a pull request that a
// call names that its head would be the branch the job is on.
func withoutHead(op *Operation, branch value.Value) {
	for i, e := range op.Events {
		if e.Name == "pull_request" && e.Attributes["head"].Equal(branch) {
			op.Events[i].Attributes = maps.Clone(e.Attributes)
			delete(op.Events[i].Attributes, "head")
		}
	}
}

// ghOperation turns the effect of a command into an operation.
func (in *inferrer) ghOperation(site *trace.Site, call rules.GhCall, e rules.Effect, table *value.Table) Operation {
	here := in.session.tree(folder(site.Command.Dir))
	op := in.filled(e, table, func(string) (value.Value, bool) { return nil, false }, here, site.Place())
	if len(op.Names) == 0 {
		op.Names = []string{"gh " + call.Command}
	}
	if strings.HasPrefix(call.Command, "pr ") && len(call.Operands) > 0 {
		op.Number, op.OnPull = table.Value(call.Operands[0]), true
		if !op.Number.Equal(here.branch) && !strings.Contains(op.Number.String(), "gh pr create") {
			withoutHead(&op, here.branch)
		}
	}
	if slices.Contains(ofIssues, call.Command) && len(call.Operands) > 0 {
		orPull(&op, table.Value(call.Operands[0]))
	}
	if len(call.Operands) > 1 && slices.ContainsFunc(call.Operands[1:], value.HasPlaceholder) {
		// Any of these may be a flag.
		op.forget("prerelease", "draft", "reason")
	}
	if target, given := call.Lookup("target"); given {
		in.releases(&op, table.Value(target))
	}
	if file, given := call.Lookup("body-file"); given {
		in.saysFile(&op, site.Command, table.Value(file))
	}
	if call.Command == "pr merge" {
		mergesBySaying(&op, call, table)
	}
	if head, given := call.Lookup("head"); call.Command == "pr create" && here.created && !here.apart && (!given || table.Value(head).Equal(here.branch)) {
		proposesFiles(&op, here.paths())
	}
	switch group, _, _ := strings.Cut(call.Command, " "); {
	case (group == "pr" || group == "issue") && len(call.Operands) > 0 && in.isAddressOf(table.Value(call.Operands[0])):
		op.Targets = []Target{{Kind: UnknownTarget, Text: "unknown"}}
	case e.Target == "":
		op.Targets = in.ghDefault(site)
	}
	return op
}

// forget takes attributes from the events of an operation: what they say is only
// known when it runs.
func (op *Operation) forget(names ...string) {
	for i, e := range op.Events {
		op.Events[i].Attributes = maps.Clone(e.Attributes)
		maps.DeleteFunc(op.Events[i].Attributes, func(name string, _ value.Value) bool { return slices.Contains(names, name) })
	}
}

// ofIssues are the commands for issues that take the number of a pull request
// just the same.
var ofIssues = []string{"issue close", "issue reopen", "issue comment", "issue edit"}

// orPull lets an operation on an issue be one on a pull request, which takes
// another permission and causes other events.
func orPull(op *Operation, number value.Value) {
	op.Number, op.OnIssue = number, true
	shared := make(rules.Needs, 0, len(op.Needs))
	for _, group := range op.Needs {
		if len(group) == 1 && group[0].Name == "issues" {
			pulls := group[0]
			pulls.Name = "pull_requests"
			group = []rules.Permission{group[0], pulls}
		}
		shared = append(shared, group)
	}
	op.Needs = shared
	for _, e := range op.Events {
		if e.Name == "issues" {
			e.Name = "pull_request"
			op.Events = append(op.Events, e)
		}
	}
}

// proposesFiles notes which files the pull request changes that an operation opens:
// what was committed to the branch that the job made for it. Commits that this
// branch began with are taken to be those of the base.
func proposesFiles(op *Operation, paths []string) {
	for i := range op.Events {
		if strings.HasPrefix(op.Events[i].Name, "pull_request") {
			op.Events[i].Paths = paths
		}
	}
}

// ghLogin handles `gh auth login --with-token`.
func (in *inferrer) ghLogin(site *trace.Site, call rules.GhCall, table *value.Table) {
	if call.Given("with-token") == rules.No {
		return
	}
	v := site.Command.Stdin
	in.session.login = in.session.login.Keep(v, site.Guards, nil)
	in.use(site, v, ghLoginUse, func(u *Use) { u.Reads = true })
}

// ghPrints handles `gh auth token`. A token of the environment is followed from
// there; where one goes that gh was logged in with is not.
func (in *inferrer) ghPrints(site *trace.Site, token value.Value) {
	for _, name := range rules.GhVariables {
		if v, set := site.Env.Lookup(name); set && v.HoldsCredential() && len(site.Command.Args) == 3 {
			return
		}
	}
	in.use(site, token, "gh auth token", func(u *Use) {
		u.Reads, u.Unknowns = true, []Unknown{{
			Code: "unread", Detail: "what takes the token that gh was logged in with, which this prints, is not followed", Place: site.Place(),
			Settle: "give the token itself to what takes it",
		}}
	})
}

// ghClone notes the working tree that `gh repo clone` makes. What stands behind
// -- are flags of git.
func (in *inferrer) ghClone(site *trace.Site, call rules.GhCall, table *value.Table) {
	if len(call.Operands) == 0 {
		return
	}
	address := table.Value(call.Operands[0])
	to := cloneFolder(address)
	if len(call.Operands) > 1 && !strings.HasPrefix(call.Operands[1], "-") {
		to = folder(table.Value(call.Operands[1]))
	}
	t := &tree{origin: address, remotes: map[string]trace.Kept{}, branch: value.Context("github.event.repository.default_branch")}
	for i, a := range site.Command.Args[:len(site.Command.Args)-1] {
		if word := a.String(); word == "-b" || word == "--branch" {
			t.branch = site.Command.Args[i+1]
		}
	}
	in.session.trees[joinFolder(folder(site.Command.Dir), to)] = t
}
