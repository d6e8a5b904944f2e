package infer

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// bring notes commits of another repository that come into the branch at
// hand: their workflow files come along. Those of another branch of the same
// repository are left out, as GitHub takes a workflow file that stands
// elsewhere in the repository as it is.
func (in *inferrer) bring(c gitCall) {
	c.filled()
	switch c.subcommand {
	case "fetch":
		in.fetched(c)
	case "pull":
		operands := operandsOf(c.args, "--depth", "-s", "--strategy", "-X", "--strategy-option", "-j", "--jobs")
		if len(operands) > 0 && in.isForeign(c, operands[0]) {
			c.tree.brought = operands[0].String()
		}
	case "merge", "rebase", "cherry-pick", "reset", "checkout", "switch":
		if !c.spares() {
			in.merged(c)
		}
		c.picked()
		c.brings()
	case "am":
		c.picked()
		c.brings()
	case "revert", "apply":
		c.brings()
	}
}

// brings notes that a commit, or the next one, has files in it that no
// `git add` names. What a pull or a rebase brings is pushed already.
func (c gitCall) brings() {
	switch c.subcommand {
	case "merge", "cherry-pick", "am", "revert":
		c.tree.open = c.tree.open || !hasFlag(c.args, "--abort", "--quit")
	case "apply":
		c.tree.open = c.tree.open || hasFlag(c.args, "--index", "--cached", "-3", "--3way")
	case "reset":
		c.tree.open = c.tree.open || hasFlag(c.args, "--soft")
	}
}

// filled notes that a new repository has got the history of the one that is
// its origin: it is a clone of that from here on.
func (c gitCall) filled() {
	origin, ok := c.tree.remotes["origin"]
	if !c.tree.empty || !ok || c.subcommand != "fetch" && c.subcommand != "pull" {
		return
	}
	c.tree.origin, c.tree.apart, c.tree.empty = origin.All(), false, false
}

// picked notes commits that others wrote and that are written anew onto
// another branch: a workflow file that they change is then like none that
// stands elsewhere in the repository. Where the job commits itself, it is
// taken to be that commit.
func (c gitCall) picked() {
	if c.tree.brought != "" || c.tree.wrote || hasFlag(c.args, "--continue", "--abort", "--skip", "--quit", "--show-current-patch") {
		return
	}
	switch c.subcommand {
	case "am":
		c.tree.brought = "the patches"
	case "cherry-pick":
		commits := operandsOf(c.args, "-m", "--mainline", "-X", "--strategy", "--strategy-option", "--cleanup")
		if slices.ContainsFunc(commits, func(v value.Value) bool { return !v.Equal(c.tree.branch) && !strings.HasPrefix(v.String(), "HEAD") }) {
			c.tree.brought = "the commits that are picked"
		}
	case "rebase":
		if c.tree.pull && len(operandsOf(c.args)) > 0 {
			c.tree.brought = "the pull request"
		}
	}
}

// history says which other repository's commits a push brings here: those of
// the working tree, or those that a refspec names. It is empty for none.
func (in *inferrer) history(c gitCall, refs []value.Value, targets []Target) string {
	if !slices.ContainsFunc(targets, func(t Target) bool { return t.Kind == Self }) {
		return ""
	}
	origin := in.targets(c.tree.origin)
	if !c.tree.apart && len(origin) > 0 && !slices.ContainsFunc(origin, func(t Target) bool { return t.Kind != Repository }) {
		return origin[0].Text
	}
	for _, r := range refs {
		source, _, _ := strings.Cut(strings.TrimPrefix(r.String(), "+"), ":")
		remote, _, branch := strings.Cut(strings.TrimPrefix(source, "refs/remotes/"), "/")
		_, added := c.tree.remotes[remote]
		switch from, fetched := c.tree.foreign[source]; {
		case fetched:
			return from
		case branch && added && in.isForeign(c, value.Text(remote)):
			return source
		}
	}
	return ""
}

// fetched notes the names that `git fetch` gives to what it fetches from
// another repository.
func (in *inferrer) fetched(c gitCall) {
	operands := operandsOf(c.args, "--depth", "--filter", "--shallow-since", "-j", "--jobs", "--refmap", "-o", "--upload-pack")
	delete(c.tree.foreign, "FETCH_HEAD")
	if c.tree.fetched = nil; len(operands) == 2 {
		c.tree.fetched = withoutPrefix(operands[1], "refs/heads/")
	}
	if len(operands) == 0 || !in.isForeign(c, operands[0]) {
		return
	}
	if c.tree.foreign == nil {
		c.tree.foreign = map[string]string{}
	}
	remote := operands[0].String()
	c.tree.foreign["FETCH_HEAD"] = remote
	for _, refspec := range operands[1:] {
		if _, to, ok := strings.Cut(refspec.String(), ":"); ok && to != "" {
			c.tree.foreign[strings.TrimPrefix(to, "refs/heads/")] = remote
		}
	}
}

// isForeign tells whether a remote, by its name or address, is another
// repository than the working tree's own, or may be one.
func (in *inferrer) isForeign(c gitCall, remote value.Value) bool {
	text := remote.String()
	kept, added := c.tree.remotes[text]
	address := kept.All()
	switch {
	case text == "origin" || !added && !strings.ContainsAny(text, "/:$"):
		return false
	case !added:
		address = remote
	}
	targets := in.targets(address)
	own := in.targets(c.tree.origin)
	return len(targets) == 0 || slices.ContainsFunc(targets, func(t Target) bool {
		return t.Kind != Self && !slices.ContainsFunc(own, func(o Target) bool { return o.Text == t.Text })
	})
}

// spares tells whether a checkout takes single files, none of them a
// workflow's.
func (c gitCall) spares() bool {
	at := slices.IndexFunc(c.args, func(v value.Value) bool { return v.String() == "--" })
	return at >= 0 && !slices.ContainsFunc(c.args[at+1:], func(v value.Value) bool {
		path := strings.TrimPrefix(v.String(), "./")
		return path == "" || path == "." || strings.HasPrefix(path, ".github") || strings.HasPrefix(path, ":") || strings.HasPrefix(path, "$")
	})
}

// merged notes which commits of another repository a command names: by a
// remote that was added, or by what was fetched from one.
func (in *inferrer) merged(c gitCall) {
	for _, a := range c.args {
		name := strings.TrimPrefix(a.String(), "refs/remotes/")
		remote, _, branch := strings.Cut(name, "/")
		_, added := c.tree.remotes[remote]
		switch from, fetched := c.tree.foreign[name]; {
		case fetched:
			c.tree.brought = from
		case branch && added && in.isForeign(c, value.Text(remote)):
			c.tree.brought = name
		}
	}
}
