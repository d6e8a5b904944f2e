package infer

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// Commits says what is known of the commits that a push brings along.
type Commits struct {
	// Branch is the branch that was checked out: pushed to another one, all
	// that it is ahead of that comes along.
	Branch value.Value
	// Source is what is pushed, empty for HEAD.
	Source value.Value
	// Taken are other branches whose commits came into it, Merged those that
	// were merged into it after the last commit, or after an earlier one that
	// is the head where the last one was not made.
	Taken, Merged []value.Value
	// Bare says that what is the head then has no mark.
	Bare bool
	// Unsure says that the last commit may not have been made where the push
	// is: there was nothing to commit, or a condition did not hold.
	Unsure bool
}

// below returns a folder of the workspace from the top of its working tree,
// "?" where it is not known. One that a step or a command puts out is taken for
// the top: nothing asks for the folders in it.
func (s *session) below(t *tree, dir string) string {
	if t.within != nil {
		return "."
	}
	for from, to := range map[string]string{"?${{ steps.": "}}", "?$(": ")"} {
		if end := strings.LastIndex(dir, to); end >= 0 && strings.HasPrefix(dir, from) {
			return path.Clean(strings.TrimPrefix(dir[end+len(to):], "/"))
		}
	}
	for d := dir; ; d = path.Dir(d) {
		at := s.trees[d]
		rest := strings.TrimPrefix(strings.TrimPrefix(dir, d), "/")
		switch {
		case at != t && (d == "." || d == "/"), at == t && d == "." && path.IsAbs(dir):
			return "?"
		case at != t:
			continue
		case d == ".":
			rest = dir
		case t.assumed && rest == "" && !path.IsAbs(d):
			// The tree is most likely that of the workspace.
			rest = d
		}
		if strings.HasPrefix(rest, "?") {
			return "?"
		}
		return path.Clean(rest)
	}
}

// stage notes a file or a folder of which changes will be committed.
func (c gitCall) stage(word value.Value) {
	text, ok := word.Literal()
	if !ok || path.Clean(text) == "." || strings.HasPrefix(text, ":") || path.IsAbs(text) {
		c.tree.open = true
		return
	}
	var names []string
	if c.below == "?" {
		names = []string{path.Clean(text), "**/" + path.Clean(text)}
	} else {
		names = []string{path.Join(c.below, text)}
	}
	for _, name := range names {
		if name == "." || strings.HasPrefix(name, "..") || strings.HasPrefix(name, "**/..") {
			c.tree.open = true
			return
		}
		if strings.HasSuffix(text, "/") {
			name += "/"
		}
		c.tree.added = append(c.tree.added, name)
	}
}

// commitValued matches the flags of git commit that have a value in the word
// behind them.
var commitValued = regexp.MustCompile(`^(-[aeiopqsvn]*[mFCct]|--(message|file|reuse-message|reedit-message|template|author|date|cleanup|fixup|squash|trailer|pathspec-from-file))$`)

// commitPaths notes the files that a call of git commit names itself.
func (c gitCall) commitPaths() {
	for i := 0; i < len(c.args); i++ {
		switch word := c.args[i].String(); {
		case commitValued.MatchString(word):
			c.tree.open = c.tree.open || word == "--pathspec-from-file"
			i++
		case strings.HasPrefix(word, "--pathspec-from-file="):
			c.tree.open = true
		case word != "" && !strings.HasPrefix(word, "-"):
			c.stage(c.args[i])
		}
	}
}

// restage notes what comes into the commits by other ways than `git add`.
func (in *inferrer) restage(c gitCall) {
	switch c.subcommand {
	case "checkout":
		c.takesBack()
		c.checkoutPaths()
	case "restore":
		c.takesBack()
		if source, ok := flagValue(c.args, "-s", "--source"); ok && source.String() != "HEAD" && slices.ContainsFunc(c.args, func(v value.Value) bool { return stagesRestored.MatchString(v.String()) }) {
			c.stageAll(operandsOf(c.args, "-s", "--source"))
		}
	case "update-index":
		switch {
		case hasFlag(c.args, "--chmod"):
			c.stageAll(operandsOf(c.args))
		case !hasFlag(c.args, "--refresh", "--really-refresh", "--assume-unchanged", "--no-assume-unchanged", "--skip-worktree", "--no-skip-worktree"):
			c.tree.open = true
		}
	case "read-tree", "commit-tree", "update-ref", "filter-branch", "filter-repo":
		c.tree.open = true
	case "subtree", "submodule":
		if len(c.args) > 0 && slices.Contains([]string{"add", "pull", "merge"}, c.args[0].String()) {
			c.tree.open = true
		}
	case "pull":
		in.pulled(c)
	case "rebase":
		if hasFlag(c.args, "--onto", "--root") {
			c.tree.open = true
		} else if operands := operandsOf(c.args, "-X", "--strategy-option", "-s", "--strategy", "-x", "--exec"); len(operands) > 0 {
			c.take(operands[0])
		}
	case "reset":
		c.resets()
	}
}

// stagesRestored matches the flags with which git restore changes the index.
var stagesRestored = regexp.MustCompile(`^(-W?SW?|--staged)$`)

func (c gitCall) stageAll(words []value.Value) {
	for _, w := range words {
		c.stage(w)
	}
}

// flagValue returns the value of a flag, in its word or in the one behind it.
func flagValue(args []value.Value, names ...string) (value.Value, bool) {
	for i, a := range args {
		name, _, attached := strings.Cut(a.String(), "=")
		switch {
		case !slices.Contains(names, name):
		case attached:
			masked := a.Mask()
			_, text, _ := strings.Cut(masked.Text, "=")
			return masked.Table.Value(text), true
		case i+1 < len(args):
			return args[i+1], true
		}
	}
	return nil, false
}

// checkoutPaths notes the files that a checkout takes from another commit:
// those are staged.
func (c gitCall) checkoutPaths() {
	if hasFlag(c.args, "-b", "-B", "--orphan", "-t", "--track", "--ours", "--theirs") {
		return
	}
	operands := operandsOf(c.args)
	if len(operands) < 2 || operands[0].String() == "HEAD" || c.args[0].String() == "--" {
		return
	}
	c.stageAll(operands[1:])
}

// pulled notes the branch that a pull takes in.
func (in *inferrer) pulled(c gitCall) {
	operands := operandsOf(c.args, "--depth", "-s", "--strategy", "-X", "--strategy-option", "-j", "--jobs")
	if len(operands) == 0 {
		return
	}
	if in.isForeign(c, operands[0]) {
		c.tree.open = true
	}
	before := len(c.tree.taken)
	for _, ref := range operands[1:] {
		c.take(ref)
	}
	if !rebases(c.args) {
		c.tree.merged = append(c.tree.merged, c.tree.taken[before:]...)
	}
}

// resets notes the commit that a reset goes to. Without a flag that says what
// it resets, a word may be a file.
func (c gitCall) resets() {
	operands := operandsOf(c.args)
	if len(operands) == 0 || c.args[0].String() == "--" {
		return
	}
	word := operands[0].String()
	if hasFlag(c.args, "--hard", "--mixed", "--keep", "--merge") || strings.HasPrefix(word, "origin/") || strings.HasPrefix(word, "HEAD") || strings.HasPrefix(word, "@") {
		c.take(operands[0])
	}
}

// maxTaken bounds the branches that one tree takes in.
const maxTaken = 16

// take notes a branch, with its remote or without, whose commits come into the
// one at hand. Which files another commit than the head of a branch brings is
// not known.
func (c gitCall) take(ref value.Value) {
	switch branch, own := c.branchAt(ref); {
	case own:
	case len(branch) == 0 || len(c.tree.taken) >= maxTaken:
		c.tree.open = true
	default:
		c.tree.taken = append(c.tree.taken, branch)
	}
}

// branchAt returns the branch whose head a word of git's means, empty for
// another commit; own says that it is what is checked out.
func (c gitCall) branchAt(ref value.Value) (branch value.Value, own bool) {
	masked := ref.Mask()
	text, _, _ := strings.Cut(strings.TrimPrefix(masked.Text, "+"), ":")
	text = strings.TrimPrefix(strings.TrimPrefix(text, "refs/remotes/"), "origin/")
	switch {
	case text == "HEAD" || text == "@" || strings.HasPrefix(text, "@{u") || ref.IsContext("github.sha"):
		return nil, true
	case text == "FETCH_HEAD":
		return c.tree.fetched, false
	case strings.ContainsAny(text, "~^@"):
		return nil, false
	}
	return masked.Table.Value(text), false
}

// sourced returns the events of a refspec with what it pushes, where that is
// not what is checked out.
func sourced(events []Event, ref value.Value) []Event {
	masked := ref.Mask()
	source, _, _ := strings.Cut(strings.TrimPrefix(masked.Text, "+"), ":")
	source = strings.TrimPrefix(source, "refs/heads/")
	if source == "HEAD" || source == "@" || source == "" {
		return events
	}
	for i := range events {
		if c := events[i].Commits; c != nil {
			with := *c
			with.Source = masked.Table.Value(source)
			events[i].Commits = &with
		}
	}
	return events
}

// inFolder returns events with the files that an action commits, which it is
// given as they lie in the folder that it works in.
func (in *inferrer) inFolder(events []Event, target string, get given) []Event {
	input, ok := strings.CutPrefix(target, "checkout:")
	if !ok || !slices.ContainsFunc(events, func(e Event) bool { return len(e.Paths) > 0 && e.Commits == nil }) {
		return events
	}
	dir, _ := get(input)
	if len(dir) == 0 {
		return events
	}
	at := folder(dir)
	below := in.session.below(in.session.tree(at), at)
	for i, e := range events {
		if len(e.Paths) == 0 || e.Commits != nil {
			continue
		}
		c := gitCall{tree: &tree{}, below: below}
		for _, p := range e.Paths {
			c.stage(value.Text(p))
		}
		events[i].Paths = c.tree.paths()
	}
	return events
}
