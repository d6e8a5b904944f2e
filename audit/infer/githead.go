package infer

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
)

// moveHead forgets the message of the last commit where a command puts another
// one at the head of the branch. A rebase leaves it there.
func (c gitCall) moveHead() {
	if hasFlag(c.args, "--abort", "--quit", "-n", "--no-commit", "--squash", "--skip") {
		return
	}
	defer c.join()
	switch c.subcommand {
	case "merge":
		operands := operandsOf(c.args, "-m", "--message", "-F", "--file", "-s", "--strategy", "-X", "--strategy-option")
		message, given := flagValue(c.args, "-m", "--message")
		switch {
		case hasFlag(c.args, "--no-ff") && given:
			c.tree.covered()
			c.tree.message, c.tree.made = message, c.site
		case hasFlag(c.args, "--ff-only"):
			c.tree.message = c.fromLeft(operands)
		default:
			c.tree.message = nil
		}
	case "cherry-pick":
		c.tree.message = c.fromLeft(operandsOf(c.args, "-m", "--mainline", "-X", "--strategy", "--strategy-option", "--cleanup"))
	case "revert", "am", "commit-tree", "update-ref", "filter-branch", "filter-repo":
		c.tree.message = nil
	case "subtree":
		if len(c.args) > 0 && slices.Contains([]string{"add", "pull", "merge"}, c.args[0].String()) {
			c.tree.message = nil
		}
	case "rebase":
		if len(operandsOf(c.args, "-X", "--strategy-option", "-s", "--strategy", "-x", "--exec", "--onto")) > 1 {
			// It checks out the second one.
			c.tree.message = nil
		}
	case "reset":
		operands := operandsOf(c.args)
		if len(operands) > 0 && operands[0].String() != "HEAD" && (hasFlag(c.args, "--soft", "--mixed", "--hard", "--keep", "--merge") || !c.resetsFile(operands[0])) {
			c.tree.message = nil
		}
	}
}

// resetsFile tells whether the word of a reset is most likely a file.
func (c gitCall) resetsFile(word value.Value) bool {
	text := word.String()
	return c.args[0].String() == "--" || !strings.HasPrefix(text, "origin/") && !strings.HasPrefix(text, "HEAD") && !strings.HasPrefix(text, "@")
}

// fromLeft is the message of the commit that comes to the head with the branch
// which was left before, nil for any other one.
func (c gitCall) fromLeft(operands []value.Value) value.Value {
	if len(operands) != 1 || len(c.tree.left) == 0 {
		return nil
	}
	if word := operands[0]; word.Equal(c.tree.left) || word.String() == "-" || word.String() == "@{-1}" {
		return c.tree.said
	}
	return nil
}

// rebases tells whether a pull puts the own commits behind what it takes in.
func rebases(args []value.Value) bool {
	return slices.ContainsFunc(args, func(v value.Value) bool {
		word := v.String()
		return word == "-r" || word == "--rebase" || strings.HasPrefix(word, "--rebase=") && word != "--rebase=false"
	})
}

// leave notes what stays behind where another branch is checked out than the
// one before: what was committed there, and the message of its head.
func (c gitCall) leave(before value.Value) {
	if !slices.Contains([]string{"checkout", "switch", "symbolic-ref"}, c.subcommand) || c.tree.branch.Equal(before) {
		return
	}
	makes := []string{"-b", "-B", "-c", "-C", "--create", "--force-create", "--orphan"}
	if hasFlag(c.args, makes...) {
		if start := operandsOf(c.args, makes...); hasFlag(c.args, "--orphan") || len(start) > 0 && start[0].String() != "HEAD" {
			c.tree.message = nil
			c.tree.uncovered()
		}
		return
	}
	c.tree.left, c.tree.said = before, c.tree.message
	c.tree.message, c.tree.taken = nil, nil
	c.tree.uncovered()
	if c.tree.committed {
		c.tree.added, c.tree.open, c.tree.committed = nil, false, false
	}
}

// commits says what is known of what a push of the tree brings, by the code
// that pushes.
func (in *inferrer) commits(t *tree, by *trace.Site) *Commits {
	c := &Commits{Branch: t.branch, Taken: t.taken, Merged: t.merged, Unsure: t.made != nil && !by.Follows(t.made)}
	if c.Unsure {
		in.beneath(t, c, by)
	}
	return c
}
