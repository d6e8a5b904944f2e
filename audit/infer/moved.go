package infer

import (
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// moved notes what code that is not read seems to do to the working tree: which branch
// is checked out, and where its remotes are, is then only known when it runs. Of tags,
// see changesRefs.
func (in *inferrer) moved(site *trace.Site) {
	if !site.Moves.Branch && !site.Moves.Remotes {
		return
	}
	c := gitCall{site: site, dir: folder(site.Dir())}
	c.tree = in.session.tree(c.dir)
	if site.Moves.Branch {
		c.subcommand, c.args = "switch", []value.Value{value.Unknown("the branch that " + site.Unread.What + " checks out")}
		before := c.tree.branch
		in.checkoutBranch(c)
		c.leave(before)
	}
	if site.Moves.Remotes {
		for _, name := range append([]string{"origin"}, rules.GhRemotes...) {
			if _, there := c.tree.remotes[name]; there || name == "origin" {
				c.setRemote(name, value.Unknown("the remote that "+site.Unread.What+" sets"), false)
			}
		}
	}
}
