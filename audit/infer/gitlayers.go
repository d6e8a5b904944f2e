package infer

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
)

// layer is what may be the head of a branch: a commit of the job, and what came
// in on top of it.
type layer struct {
	// message is that of the commit, made the code that made it: empty and nil
	// for what was checked out.
	message value.Value
	made    *trace.Site
	// joined are other branches that came in afterwards, or that the branch was
	// moved to.
	joined []value.Value
	// loose says that a commit came in of which no message is known.
	loose bool
}

// top is the head of the branch as it is.
func (t *tree) top() layer {
	return layer{t.message, t.made, append(slices.Clip(t.merged), t.joined...), t.loose}
}

// maxLayers bounds the commits of one tree that are remembered.
const maxLayers = 32

// covered notes that a commit comes onto the head, which stays the head where
// that commit is not made.
func (t *tree) covered() {
	if len(t.under) < maxLayers {
		t.under = append(t.under, t.top())
	}
	t.merged, t.joined, t.loose = nil, nil, false
}

// uncovered notes that the head is what another branch has.
func (t *tree) uncovered() {
	t.under, t.made, t.merged, t.joined, t.loose = nil, nil, nil, nil, false
}

// beneath adds to what is known of a push what is its head where the last
// commit was not made: down to one that surely was.
func (in *inferrer) beneath(t *tree, c *Commits, by *trace.Site) {
	c.Merged = append(slices.Clip(c.Merged), t.joined...)
	for _, l := range slices.Backward(t.under) {
		c.Merged = append(slices.Clip(c.Merged), l.joined...)
		if l.loose || l.made != nil && !skipped(l.message) {
			c.Bare = true
			return
		}
		if l.made != nil && by.Follows(l.made) {
			return
		}
	}
	c.Bare = c.Bare || len(t.under) >= maxLayers
}

// join notes which branch a command moves the head to, or joins to it.
func (c gitCall) join() {
	switch c.subcommand {
	case "merge":
		if len(c.tree.message) == 0 {
			c.joinAll(operandsOf(c.args, "-m", "--message", "-F", "--file", "-s", "--strategy", "-X", "--strategy-option"))
		}
	case "rebase":
		if operands := operandsOf(c.args, "-X", "--strategy-option", "-s", "--strategy", "-x", "--exec", "--onto"); len(operands) > 0 {
			c.joinAll(operands[:1])
		}
	case "pull":
		if operands := operandsOf(c.args, "--depth", "-s", "--strategy", "-X", "--strategy-option", "-j", "--jobs"); len(operands) > 1 && rebases(c.args) {
			c.joinAll(operands[1:])
		}
	case "reset":
		operands := operandsOf(c.args)
		if len(operands) == 0 || !hasFlag(c.args, "--soft", "--mixed", "--hard", "--keep", "--merge") && c.resetsFile(operands[0]) {
			return
		}
		if text := operands[0].String(); !strings.HasPrefix(text, "HEAD") && !strings.HasPrefix(text, "@") {
			c.tree.uncovered()
			c.joinAll(operands[:1])
		}
	case "cherry-pick", "revert", "am", "commit-tree", "update-ref", "filter-branch", "filter-repo", "subtree":
		c.tree.loose = c.tree.loose || len(c.tree.message) == 0
	}
}

// joinAll notes the branches that are joined, with their remote or without.
func (c gitCall) joinAll(refs []value.Value) {
	for _, ref := range refs {
		switch branch, own := c.branchAt(ref); {
		case own:
		case len(branch) == 0 || len(c.tree.joined) >= maxTaken:
			c.tree.loose = true
		default:
			c.tree.joined = append(c.tree.joined, branch)
		}
	}
}
