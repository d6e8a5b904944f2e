package infer

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
)

// gitConfig notes settings that carry credentials.
func (in *inferrer) gitConfig(c gitCall) {
	operands, takes := configOperands(c.args)
	if len(operands) == 0 {
		return
	}
	if takes || len(operands) == 1 {
		if takes {
			in.unset(c, operands[0])
		}
		return
	}
	key, v := operands[0], operands[1]
	name := strings.ToLower(key.String())
	global := hasFlag(c.args, "--global", "--system")
	switch {
	case strings.HasSuffix(name, ".insteadof") && strings.HasPrefix(v.LiteralOr(""), "https://api.github.com"):
		// Git speaks to no API.
		in.use(c.site, signIn(key), "git config url.insteadOf", func(u *Use) { u.Reads = true })
	case strings.HasSuffix(name, ".insteadof") || strings.HasSuffix(name, ".pushinsteadof"):
		in.rewrite(c, key, v)
	case strings.HasSuffix(name, "extraheader"):
		if global {
			in.session.header = in.session.header.Keep(v, c.site.Guards, nil)
		} else {
			c.tree.header = c.tree.header.Keep(v, c.site.Guards, nil)
		}
	case strings.HasPrefix(name, "credential.") && strings.HasSuffix(name, "helper"):
		if v.HoldsCredential() {
			in.session.stored = in.session.stored.Keep(v, c.site.Guards, nil)
		} else if strings.Contains(v.String(), "gh") {
			in.session.helper = true
		}
	case strings.HasPrefix(name, "remote.") && strings.HasSuffix(name, "url"):
		if parts := strings.Split(key.String(), "."); len(parts) == 3 {
			c.setRemote(parts[1], v, strings.HasSuffix(name, ".pushurl"))
		}
	case in.pushSetting(c, name, v):
	case strings.HasPrefix(name, aliasKey):
		in.noteAlias(c, key.String()[len(aliasKey):], v)
	case name == "remote.pushdefault" && global:
		in.session.pushTo = in.session.pushTo.Keep(v, c.site.Guards, value.Text("origin"))
	case name == "remote.pushdefault":
		c.tree.pushTo = c.tree.pushTo.Keep(v, c.site.Guards, value.Text("origin"))
	case strings.HasPrefix(name, "branch.") && (strings.HasSuffix(name, ".pushremote") || strings.HasSuffix(name, ".remote")):
		c.setBranchRemote(name, v)
	case strings.HasPrefix(name, "branch.") && strings.HasSuffix(name, ".merge"):
		c.follow(withoutPrefix(v, "refs/heads/"))
	case slices.Contains(idleKeys, name) && !in.keyRead(c.site, name):
		in.use(c.site, v, "git config "+name, func(u *Use) { u.Reads = true })
	}
}

// setBranchRemote notes the remote that a push of a branch goes to: that of its
// pushRemote comes before its remote.
func (c gitCall) setBranchRemote(key string, remote value.Value) {
	branch, setting := strings.TrimPrefix(key, "branch."), ""
	if i := strings.LastIndexByte(branch, '.'); i >= 0 {
		branch, setting = branch[:i], branch[i+1:]
	}
	before, set := c.tree.branchPushTo[branch]
	if setting == "remote" && set || !set && len(c.tree.branchPushTo) >= maxBranches {
		return
	}
	if c.tree.branchPushTo == nil {
		c.tree.branchPushTo = map[string]trace.Kept{}
	}
	c.tree.branchPushTo[branch] = before.Keep(remote, c.site.Guards, value.Text("origin"))
}

// idleKeys are settings that people write a token to, and that git never reads.
var idleKeys = []string{"user.password", "user.token"}

// keyRead tells whether other code of the job may ask git for a setting: by its
// name, or in a file that could not be read.
func (in *inferrer) keyRead(by *trace.Site, key string) bool {
	return slices.ContainsFunc(in.job.Sites, func(s *trace.Site) bool {
		if s == by || s.Command == nil {
			return s != by && s.Unread != nil
		}
		return s.Unread != nil || slices.ContainsFunc(s.Command.Args, func(a value.Value) bool { return strings.Contains(strings.ToLower(a.String()), key) })
	})
}

// configOperands returns the words of `git config` that are neither flags nor,
// since git 2.46, what it is to do, and whether they name what is taken away.
func configOperands(args []value.Value) (operands []value.Value, takes bool) {
	operands = operandsOf(args, "-f", "--file")
	takes = hasFlag(args, "--unset", "--unset-all", "--remove-section", "--rename-section")
	if takes || len(operands) == 0 {
		return operands, takes
	}
	switch operands[0].LiteralOr("") {
	case "set":
		return operands[1:], false
	case "unset", "remove-section", "rename-section":
		return operands[1:], true
	case "get", "list", "edit", "get-color", "get-colorbool":
		return nil, false
	}
	return operands, false
}

// unset notes a setting or a section of them that is taken away.
func (in *inferrer) unset(c gitCall, key value.Value) {
	name, known := key.Literal()
	name = strings.ToLower(name)
	section := hasFlag(c.args, "--remove-section", "--rename-section") || strings.HasPrefix(checkoutHeader, name+".")
	switch {
	case in.unsetRewrite(c, key):
	case in.unsetPush(c, name):
	case !known:
		c.tree.doubted = true
	case strings.HasSuffix(name, "extraheader"), section && (name == "http" || strings.HasPrefix(name, "http.")):
		if hasFlag(c.args, "--global", "--system") {
			in.session.header = in.session.header.Keep(nil, c.site.Guards, nil)
		} else {
			c.tree.header = c.tree.header.Keep(nil, c.site.Guards, nil)
		}
	}
}
