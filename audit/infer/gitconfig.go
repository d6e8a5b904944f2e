package infer

import (
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/settings"
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
	in.gitSetting(c, operands[0], operands[1], hasFlag(c.args, "--global", "--system"))
}

// gitSetting notes one setting.
func (in *inferrer) gitSetting(c gitCall, key, v value.Value, global bool) {
	name := strings.ToLower(key.String())
	switch {
	case name == "include.path" || strings.HasPrefix(name, "includeif.") && strings.HasSuffix(name, ".path"):
		in.include(c, v, global)
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

// include notes the settings of a file of the checkout. One that is not there may
// name another address for pushes.
func (in *inferrer) include(c gitCall, file value.Value, global bool) {
	name := folder(file)
	if !global && !strings.HasPrefix(name, "?") && file.LiteralOr("") != "" {
		name = joinFolder(c.dir, path.Join(".git", name)) // It is named from there.
	}
	if c.included == nil {
		c.included = map[string]bool{}
	}
	if c.included[name] {
		return
	}
	c.included[name] = true
	text := in.textIn(".", name)
	if text == "" || len(c.included) > maxIncludedSettings {
		of := value.Unknown("remote.origin.pushurl of " + file.String())
		c.setRemote("origin", of, true)
		if global && !slices.ContainsFunc(in.session.rewrites, func(r rewrite) bool { return r.base.Equal(of) }) {
			in.session.rewrites = append(in.session.rewrites, rewrite{base: of, insteadOf: value.Text("https://github.com/"), guards: c.site.Guards})
		}
		return
	}
	for _, s := range settings.GitSettings(text) {
		in.gitSetting(c, value.Text(s.Key), value.Text(s.Text), global)
	}
}

// maxIncludedSettings bounds the files of settings that one includes, and these.
const maxIncludedSettings = 16

// configures notes the settings that a push is given besides those of its repository: by
// -c, by GIT_CONFIG_KEY_0 and so on, and those of a file that GIT_CONFIG_GLOBAL names.
// They are taken to hold for the pushes after it, too.
// Source: https://git-scm.com/docs/git-config#ENVIRONMENT
func (in *inferrer) configures(c gitCall) {
	for _, s := range slices.Concat(c.given, settings.GivenToGit(c.site.Env)) {
		if name := strings.ToLower(s[0].String()); strings.HasPrefix(name, "push.") || strings.HasPrefix(name, "remote.") || strings.HasPrefix(name, "include") {
			in.gitSetting(c, s[0], s[1], true)
		}
	}
	if file, set := c.site.Env.Lookup("GIT_CONFIG_GLOBAL"); set && len(file) > 0 && !strings.HasPrefix(file.LiteralOr(""), "/dev/") {
		in.include(c, file, true)
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
