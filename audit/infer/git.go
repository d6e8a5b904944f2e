package infer

import (
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// gitCall is a call of git taken apart.
type gitCall struct {
	site       *trace.Site
	tree       *tree
	dir        string
	subcommand string
	args       []value.Value // after the subcommand
	// header is given on the command line: -c http.extraheader=…
	header value.Value
	// cleared says that it takes a stored header away from this call, doubted
	// that it may.
	cleared, doubted bool
	// pushTo is the remote that the command line sets for a push which names none.
	pushTo value.Value
	// pushDefault and followTags are the settings that it has for itself.
	pushDefault, followTags value.Value
	// rewrites are its settings of addresses that are taken in place of others.
	rewrites []rewrite
	// given are its settings of remotes and pushes, as name and value, included the
	// files of settings that were read for it.
	given    [][2]value.Value
	included map[string]bool
	// below is dir from the top of the tree, "?" where that is not known.
	below string
}

// git handles a git command.
func (in *inferrer) git(site *trace.Site) {
	call := gitCall{site: site, doubted: configured(site.Env)}
	dir := folder(site.Command.Dir)
	var told value.Value // of the repository
	if v, set := site.Env.Lookup("GIT_DIR"); set {
		told = v
	}
	args := site.Command.Args[1:]
	for len(args) > 0 {
		word := args[0].String()
		switch {
		case word == "-C" && len(args) > 1:
			dir = joinFolder(dir, folder(args[1]))
			args = args[2:]
			continue
		case word == "-c" && len(args) > 1:
			call.set(args[1])
			args = args[2:]
			continue
		case (word == "--git-dir" || word == "--work-tree" || word == "--config-env") && len(args) > 1:
			if call.doubted = true; word == "--git-dir" {
				told = args[1]
			}
			args = args[2:]
			continue
		case strings.HasPrefix(word, "--git-dir=") || strings.HasPrefix(word, "--config-env="):
			call.doubted = true
			if masked := args[0].Mask(); strings.HasPrefix(word, "--git-dir=") {
				told = masked.Table.Value(strings.TrimPrefix(masked.Text, "--git-dir="))
			}
			args = args[1:]
			continue
		case strings.HasPrefix(word, "-"):
			args = args[1:]
			continue
		}
		break
	}
	if len(args) == 0 {
		return
	}
	call.subcommand, call.args = args[0].String(), args[1:]
	if of, ok := treeOf(told); ok {
		dir = joinFolder(dir, of)
	}
	call.tree, call.dir = in.session.tree(dir), dir
	call.below = in.session.below(call.tree, dir)
	in.bring(call)
	in.restage(call)
	call.moveHead()
	defer call.leave(call.tree.branch)
	switch call.subcommand {
	case "push", "send-pack":
		call.args = inFull(call.args, pushOptions)
		in.configures(call)
		in.gitPush(call)
	case "fetch", "pull", "ls-remote", "clone", "submodule", "remote-update":
		in.gitRead(call, dir)
	case "init":
		in.gitInit(call, dir)
	case "remote":
		call.remote()
	case "config":
		in.gitConfig(call)
	case "checkout", "switch":
		in.checkoutBranch(call)
	case "branch":
		call.nameBranch()
	case "symbolic-ref":
		call.symbolicRef()
	case "update-ref":
		call.updateRef()
	case "worktree":
		in.worktree(call, dir)
	case "tag":
		call.tag()
	case "add", "rm", "mv":
		call.add()
	case "commit":
		call.commit()
	case "credential", "credential-store":
		if site.Command.Stdin.HoldsCredential() {
			in.session.stored = in.session.stored.Keep(site.Command.Stdin, site.Guards, nil)
		}
	case "subtree":
		if len(call.args) > 0 && call.args[0].String() == "push" {
			call.args = operandsOf(call.args[1:], "--prefix", "-P")
			in.gitPush(call)
		}
	default:
		// git cliff, git lfs and other programs behind git.
		if call.subcommand == "lfs" && len(call.args) > 0 && call.args[0].String() == "push" {
			call.args = call.args[1:]
			in.gitPush(call)
			return
		}
		sites, sure := in.aliased(call)
		for _, s := range sites {
			in.git(s)
		}
		if !sure || len(sites) == 0 {
			in.program(site)
		}
	}
}

func joinFolder(dir, to string) string {
	switch {
	case strings.HasPrefix(to, "?") || strings.HasPrefix(to, "/"):
		return to
	case dir == ".":
		return to
	case to == ".":
		return dir
	}
	return dir + "/" + to
}

// treeOf returns the working tree whose own folder of git a path is.
func treeOf(gitDir value.Value) (dir string, ok bool) {
	dir = folder(gitDir)
	if strings.HasPrefix(dir, "?") || path.Base(dir) != ".git" {
		return "", false
	}
	return path.Dir(dir), true
}

// operandsOf returns the words that are neither flags nor values of flags.
func operandsOf(args []value.Value, valued ...string) []value.Value {
	var out []value.Value
	for i := 0; i < len(args); i++ {
		word := args[i].String()
		switch {
		case slices.Contains(valued, word):
			i++
		case strings.HasPrefix(word, "-") && len(word) > 1:
		default:
			out = append(out, args[i])
		}
	}
	return out
}

func hasFlag(args []value.Value, names ...string) bool {
	return slices.ContainsFunc(args, func(v value.Value) bool {
		word, _, _ := strings.Cut(v.String(), "=")
		return slices.Contains(names, word)
	})
}

// gitInit notes a repository that a command makes: it has none of the
// credentials that a checkout stored in the folder above. One that is there
// already stays as it is.
func (in *inferrer) gitInit(c gitCall, dir string) {
	if operands := operandsOf(c.args, "-b", "--initial-branch", "--template", "--separate-git-dir"); len(operands) > 0 {
		dir = joinFolder(dir, folder(operands[0]))
	}
	if t := in.session.trees[dir]; t != nil && !t.assumed {
		return
	}
	branch := value.Text("master")
	for i, a := range c.args {
		word := a.String()
		switch name, ok := strings.CutPrefix(word, "--initial-branch="); {
		case ok:
			branch = value.Text(name)
		case (word == "-b" || word == "--initial-branch") && i+1 < len(c.args):
			branch = c.args[i+1]
		}
	}
	in.session.trees[dir] = &tree{remotes: map[string]trace.Kept{}, branch: branch, apart: true, empty: true}
}

// remote notes `git remote add|set-url`.
func (c gitCall) remote() {
	operands := operandsOf(c.args, "-t", "-m")
	if len(operands) < 3 {
		return
	}
	switch operands[0].String() {
	case "add", "set-url":
		c.setRemote(operands[1].String(), operands[2], hasFlag(c.args, "--push"))
	}
}

// setRemote notes the address of a remote, or that for pushes alone.
func (c gitCall) setRemote(name string, address value.Value, push bool) {
	if push {
		if c.tree.pushURL == nil {
			c.tree.pushURL = map[string]trace.Kept{}
		}
		c.tree.pushURL[name] = c.tree.pushURL[name].Keep(address, c.site.Guards, nil)
	}
	var before value.Value
	if name == "origin" {
		before = c.tree.origin
	}
	c.tree.remotes[name] = c.tree.remotes[name].Keep(address, c.site.Guards, before)
}

// gitRead handles fetch, pull, clone, ls-remote, submodule.
func (in *inferrer) gitRead(c gitCall, dir string) {
	operands := operandsOf(c.args, "--depth", "-b", "--branch", "-o", "--origin", "-c", "--config", "--filter", "--shallow-since", "-j", "--jobs", "--refmap", "--reference", "--template", "-u", "--upload-pack")
	var address value.Value
	switch c.subcommand {
	case "clone":
		if len(operands) == 0 {
			return
		}
		address = operands[0]
		c.tree = &tree{origin: address, remotes: map[string]trace.Kept{}, branch: value.Context("github.event.repository.default_branch")}
		if branch, ok := flagValue(c.args, "-b", "--branch"); ok {
			c.tree.branch = branch
		}
		for _, a := range c.args {
			if w := a.String(); strings.HasPrefix(w, "-b") && len(w) > 2 {
				c.tree.branch = withoutPrefix(a, "-b")
			}
		}
		to := cloneFolder(address)
		if len(operands) > 1 {
			to = folder(operands[1])
		}
		in.session.trees[joinFolder(dir, to)] = c.tree
		address = in.instead(c, address, false)
	case "submodule":
		in.submodules(c)
		return
	default:
		address = in.addressOf(c, nil, false)
		if len(operands) > 0 {
			address = in.addressOf(c, operands[0], false)
		}
	}
	credential := in.credential(c, address)
	if !credential.HoldsCredential() {
		in.clonesOpen(c, address)
		return
	}
	targets := in.targets(address)
	if len(targets) == 0 {
		in.use(c.site, credential, "git "+c.subcommand, func(u *Use) { u.Other = true })
		return
	}
	op := Operation{
		Names: []string{"git " + c.subcommand}, Targets: targets, Answer: rules.AnswerYes, Place: c.site.Place(), Needs: needs("contents:read"),
	}
	in.use(c.site, credential, "git "+c.subcommand, func(u *Use) { u.Reads, u.Operations = true, []Operation{in.paired(u.Credential, address, op)} })
	in.hidden(c, signIn(address), credential, op)
	in.twice(c, credential, op)
}

// submodules handles `git submodule update`: which repositories they are
// stands in .gitmodules, and whether these are private nowhere.
func (in *inferrer) submodules(c gitCall) {
	c.tree.modules = true
	if len(c.args) == 0 || c.args[0].String() != "update" && c.args[0].String() != "add" {
		return
	}
	credential := in.credential(c, nil)
	op := Operation{
		Names: []string{UpdatesSubmodules}, Targets: []Target{self}, Answer: rules.AnswerConditional, Reasons: []string{"private-submodules"},
		Place: c.site.Place(), Needs: needs("contents:read"),
	}
	operations := []Operation{op}
	if c.args[0].String() == "update" && in.isSelf(c.tree.origin) {
		operations = in.withSubmodules(op, hasFlag(c.args, "--recursive"))
	}
	in.use(c.site, credential, "git submodule", func(u *Use) { u.Reads, u.Operations = true, operations })
}

// cloneFolder is the folder that git makes for a clone.
func cloneFolder(address value.Value) string {
	text := strings.TrimSuffix(strings.TrimSuffix(address.String(), "/"), ".git")
	return text[strings.LastIndexAny(text, "/:")+1:]
}

// needs parses needs that stand in this package's code. A mistake in them
// would show in the first test that comes by.
func needs(text string) rules.Needs {
	n, _ := rules.ParseNeeds(text)
	return n
}
