package infer

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
)

// head is a branch that is checked out, as a working tree has it.
type head struct {
	branch, base  value.Value
	upstream      trace.Kept
	pull, created bool
}

// moveTo notes that another branch is checked out.
func (t *tree) moveTo(to head) {
	if !to.branch.Equal(t.branch) {
		t.before = &head{t.branch, t.base, t.upstream, t.pull, t.created}
	}
	t.knows(t.branch)
	t.knows(to.branch)
	t.branch, t.base, t.upstream, t.pull, t.created = to.branch, to.base, to.upstream, to.pull, to.created
}

// moveBack notes that the branch is checked out which was before.
func (t *tree) moveBack() {
	to := head{branch: value.Unknown("the branch that was checked out before")}
	if t.before != nil {
		to = *t.before
	}
	t.moveTo(to)
}

// checkoutWords are the words behind `git checkout` or `git switch`.
type checkoutWords struct {
	// name is the branch that is made, empty for none.
	name value.Value
	// operands are the other words that are no flags, before a "--".
	operands []value.Value
	// orphan and tracks say that the flags are there; files that files are
	// meant and no branch.
	orphan, tracks, files bool
	// over says that the branch is made anew where there is one of that name.
	over bool
}

// These match the flags of git checkout and git switch that make a branch of
// the word behind them, or of the rest of their own, that do so where there is
// one already, and that make it of the remote's branch that is named.
var (
	makesBranch  = regexp.MustCompile(`^(?:-[a-z]*[bBcC]|--create|--force-create|--orphan)$`)
	gluedBranch  = regexp.MustCompile(`^-[bBcC].`)
	makesOver    = regexp.MustCompile(`^(?:-[a-z]*[BC]|--force-create)$`)
	tracksBranch = regexp.MustCompile(`^(?:-[a-z]*t|--track(?:=.*)?)$`)
)

func (c gitCall) checkoutWords() checkoutWords {
	var out checkoutWords
	for i := 0; i < len(c.args); i++ {
		switch word := c.args[i].String(); {
		case word == "--":
			out.files = i+1 < len(c.args)
			return out
		case makesBranch.MatchString(word) && i+1 < len(c.args):
			i++
			out.name, out.orphan = c.args[i], out.orphan || word == "--orphan"
			out.over = out.over || makesOver.MatchString(word)
		case gluedBranch.MatchString(word):
			out.name = withoutPrefix(c.args[i], word[:2])
			out.over = out.over || makesOver.MatchString(word[:2])
		case tracksBranch.MatchString(word):
			out.tracks = true
		case word == "--ours" || word == "--theirs" || word == "-p" || word == "--patch" || strings.HasPrefix(word, "--pathspec"):
			out.files = true
		case word == "-" || !strings.HasPrefix(word, "-"):
			out.operands = append(out.operands, c.args[i])
		}
	}
	return out
}

// checkoutBranch notes which branch is checked out.
func (in *inferrer) checkoutBranch(c gitCall) {
	words := c.checkoutWords()
	if len(words.name) > 0 {
		to := c.started(words)
		c.tree.apart = c.tree.apart || words.orphan
		c.tree.moveTo(to)
		c.tree.over = words.over
		if to.created && c.tree.committed {
			// What is staged comes along to the new branch.
			c.tree.added, c.tree.open, c.tree.committed = nil, false, false
		}
		return
	}
	if len(words.operands) != 1 || words.files {
		return
	}
	switch to := words.operands[0]; to.String() {
	case "-", "@{-1}":
		c.tree.moveBack()
	case "HEAD", "@":
	default:
		if branch, ok := c.ofRemote(to); ok && words.tracks {
			to = branch
		} else if c.subcommand == "checkout" && in.namesFiles(c, to) {
			return
		}
		if !(c.tree.created && to.Equal(c.tree.branch)) {
			c.tree.enters(to)
		}
		c.tree.moveTo(head{branch: to})
	}
}

// started returns the branch that a checkout makes. One that starts at the
// remote's branch of the same name is there already, unless the job is seen to
// make it elsewhere. So is one that is checked out by its name as well: which of
// both happens hangs on whether it is there.
func (c gitCall) started(words checkoutWords) head {
	to := head{branch: words.name, created: words.orphan || !slices.ContainsFunc(c.tree.entered, words.name.Equal)}
	if len(words.operands) == 0 || words.orphan {
		return to
	}
	start := words.operands[0]
	branch, ok := c.ofRemote(start)
	if !ok && start.LiteralOr("") == "FETCH_HEAD" {
		branch = c.tree.fetched
	}
	if len(branch) == 0 {
		return to
	}
	to.upstream = following(branch, c.site)
	if branch.Equal(words.name) {
		to.created = false
		c.tree.enters(to.branch)
	}
	return to
}

// enters notes that a branch is checked out which is there already.
func (t *tree) enters(branch value.Value) {
	if len(t.entered) < maxBranches {
		t.entered = append(t.entered, branch)
	}
}

// ofRemote returns the branch that a name means as one of a remote's:
// "origin/topic" is topic.
func (c gitCall) ofRemote(name value.Value) (value.Value, bool) {
	if len(name) == 0 {
		return nil, false
	}
	text := strings.TrimPrefix(strings.TrimPrefix(name[0].Text, "refs/"), "remotes/")
	remote, branch, ok := strings.Cut(text, "/")
	if _, added := c.tree.remotes[remote]; !ok || remote != "origin" && !added || branch == "" && len(name) == 1 {
		return nil, false
	}
	return value.Concat(value.Text(branch), name[1:]), true
}

// withoutPrefix is a value without what its literal beginning begins with.
func withoutPrefix(v value.Value, prefix string) value.Value {
	if len(v) == 0 || !strings.HasPrefix(v[0].Text, prefix) {
		return v
	}
	return value.Concat(value.Text(strings.TrimPrefix(v[0].Text, prefix)), v[1:])
}

// fileName matches names that end as those of files do. Endings of one letter
// are left out: branches for a line of versions are called "2.x".
var fileName = regexp.MustCompile(`(?:^|/)[^/]*\.[A-Za-z][A-Za-z0-9_]{1,11}$`)

// namesFiles tells whether the one operand of `git checkout` is files that are
// taken back, and not a branch. Git refuses a name that may be both, so what
// is there in the checkout is no branch. It is wrong for a branch that is
// called like a file, "hotfix-login.php".
func (in *inferrer) namesFiles(c gitCall, operand value.Value) bool {
	if len(operand) == 0 {
		return false
	}
	if last := operand[len(operand)-1].Text; strings.HasSuffix(last, "/") {
		return true
	}
	text, ok := operand.Literal()
	switch {
	case strings.HasPrefix(operand[0].Text, ".") || strings.HasPrefix(operand[0].Text, ":"):
		return true
	case !ok:
		return false
	case strings.ContainsAny(text, "*?[") || fileName.MatchString(text):
		return true
	}
	return in.stands(c, text)
}

// stands tells whether a file or a folder of that name stands in the audited
// repository, where a command of git's is about that.
func (in *inferrer) stands(c gitCall, name string) bool {
	if in.options.Read == nil || in.options.List == nil || !in.isSelf(c.tree.origin) || strings.HasPrefix(c.dir, "?") {
		return false
	}
	dir := c.dir
	for d := c.dir; d != "." && d != "/"; d = path.Dir(d) {
		if in.session.trees[d] == c.tree {
			dir = strings.TrimPrefix(strings.TrimPrefix(c.dir, d), "/")
			break
		}
	}
	file := path.Join(dir, name)
	if strings.HasPrefix(file, "/") || strings.HasPrefix(file, "..") {
		return false
	}
	if len(in.options.List(file)) > 0 {
		return true
	}
	_, err := in.options.Read(file)
	return err == nil
}

// nameBranch notes a branch that is renamed, or that gets an upstream.
func (c gitCall) nameBranch() {
	for i, a := range c.args {
		word := a.String()
		if to, ok := strings.CutPrefix(word, "--set-upstream-to="); ok {
			c.tracks(value.Text(to))
		} else if (word == "-u" || word == "--set-upstream-to") && i+1 < len(c.args) {
			c.tracks(c.args[i+1])
		}
	}
	operands := operandsOf(c.args, "-u", "--set-upstream-to")
	if !hasFlag(c.args, "-m", "-M", "--move") {
		if len(operands) > 0 {
			c.tree.knows(operands[0])
		}
		return
	}
	if len(operands) == 1 || len(operands) == 2 && operands[0].Equal(c.tree.branch) {
		// That a branch of the new name is there already is not ruled out.
		c.tree.branch, c.tree.created, c.tree.pull, c.tree.base = operands[len(operands)-1], false, false, nil
	}
}

// symbolicRef notes that HEAD is put on a branch, with the files as they are: it may
// be there or not.
func (c gitCall) symbolicRef() {
	operands := operandsOf(c.args, "-m")
	if len(operands) > 1 && operands[0].String() == "HEAD" && !hasFlag(c.args, "-d", "--delete") {
		c.tree.moveTo(head{branch: withoutPrefix(operands[1], "refs/heads/")})
	}
}

// updateRef notes a branch or a tag that is made or moved.
func (c gitCall) updateRef() {
	operands := operandsOf(c.args, "-m")
	if len(operands) < 2 || hasFlag(c.args, "-d", "--delete", "--stdin") {
		return
	}
	if tag := withoutPrefix(operands[0], "refs/tags/"); !tag.Equal(operands[0]) {
		// It may be put on the object of an annotated tag.
		c.tree.tags, c.tree.heavy = append(c.tree.tags, tag), true
	} else if branch := withoutPrefix(operands[0], "refs/heads/"); !branch.Equal(operands[0]) {
		c.tree.knows(branch)
	}
}
