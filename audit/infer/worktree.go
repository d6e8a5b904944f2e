package infer

import (
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// worktree notes the folder that `git worktree add` makes: it shares the remotes
// and the credentials with the tree, and has a branch and a head of its own.
func (in *inferrer) worktree(c gitCall, dir string) {
	if len(c.args) == 0 || c.args[0].String() != "add" {
		return
	}
	args := c.args[1:]
	operands := operandsOf(args, "-b", "-B", "--reason")
	if len(operands) == 0 {
		return
	}
	to, own := joinFolder(dir, folder(operands[0])), *c.tree
	if len(operands) > 1 && operands[1].String() != "HEAD" {
		own.message, own.made = nil, nil
		own.uncovered()
	}
	inner := c
	inner.tree, inner.dir, inner.subcommand = &own, to, "checkout"
	at := slices.IndexFunc(args, func(v value.Value) bool { return v.Equal(operands[0]) })
	inner.args = slices.Delete(slices.Clone(args), at, at+1)
	if len(operands) == 1 && !hasFlag(args, "-b", "-B", "-d", "--detach", "--orphan") && !strings.HasPrefix(to, "?") {
		inner.args = []value.Value{value.Text("-B"), value.Text(path.Base(to))}
	}
	defer inner.leave(own.branch)
	in.checkoutBranch(inner)
	in.session.trees[to] = &own
}
