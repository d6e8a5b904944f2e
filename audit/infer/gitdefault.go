package infer

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
)

// A push that is given no refspec goes where settings say: remote.<name>.push, or
// push.default, by which the upstream of the branch may count. Each may have been
// set under conditions, so that all that may be set count.

// guarded is a value that was set under conditions.
type guarded struct {
	value  value.Value
	guards []string
}

// pushSetting notes a setting of git's that says what a push takes along where it is
// not told, and tells whether it is one.
func (in *inferrer) pushSetting(c gitCall, name string, v value.Value) bool {
	switch {
	case name == "push.default":
		in.session.pushDefault = in.session.pushDefault.Keep(v, c.site.Guards, value.Text("simple"))
	case name == "push.followtags":
		in.session.followTags = in.session.followTags.Keep(v, c.site.Guards, value.Text("false"))
	case strings.HasPrefix(name, "remote.") && strings.HasSuffix(name, ".push"):
		if !hasFlag(c.args, "--add") {
			in.session.pushes = slices.DeleteFunc(in.session.pushes, func(g guarded) bool { return c.site.Covers(g.guards) })
		}
		if len(v) > 0 && len(in.session.pushes) < maxBranches {
			in.session.pushes = append(in.session.pushes, guarded{v, c.site.Guards})
		}
	default:
		return false
	}
	return true
}

// unsetPush notes that such a setting is taken away, and tells whether it is one.
func (in *inferrer) unsetPush(c gitCall, name string) bool {
	switch name {
	case "push.default":
		return in.pushSetting(c, name, value.Text("simple"))
	case "push.followtags":
		return in.pushSetting(c, name, value.Text("false"))
	}
	return in.pushSetting(c, name, nil)
}

// followsTags tells whether a push may take annotated tags along by a setting.
func (in *inferrer) followsTags(c gitCall) bool {
	set := c.followTags
	if len(set) == 0 {
		set, _ = in.session.followTags.At(c.site.Guards)
	}
	return len(set) > 0 && slices.ContainsFunc(set.Alternatives(), func(v value.Value) bool {
		return !slices.Contains([]string{"false", "no", "off", "0"}, strings.ToLower(v.LiteralOr("true")))
	})
}

// setPushes are the refspecs for a push that is given none, and whether they surely
// count.
func (in *inferrer) setPushes(c gitCall) (refs []value.Value, sure bool) {
	for _, g := range in.session.pushes {
		refs, sure = append(refs, g.value), sure || c.site.Under(g.guards)
	}
	return refs, sure
}

// aloneEvents are those of a push without refspecs where no setting has any.
func (in *inferrer) aloneEvents(c gitCall) []Event {
	set := c.pushDefault
	if len(set) == 0 {
		set, _ = in.session.pushDefault.At(c.site.Guards)
	}
	var to []head
	add := func(list ...head) {
		for _, h := range list {
			if !slices.ContainsFunc(to, func(g head) bool { return g.branch.Equal(h.branch) }) {
				to = append(to, h)
			}
		}
	}
	current := head{branch: c.tree.branch, created: c.tree.created}
	for alternative := range set.EachAlternative() {
		switch text, known := alternative.Literal(); strings.ToLower(text) {
		case "upstream", "tracking":
			add(c.upstreams()...)
		case "matching":
			add(head{branch: value.Unknown("every branch that is checked out")})
		default:
			if add(current); !known && len(alternative) > 0 {
				add(c.upstreams()...)
			}
		}
	}
	var events []Event
	for _, h := range to {
		events = append(events, in.branchEvents(c, h.branch, h.created)...)
	}
	return events
}

// upstreams are the branches that the one which is checked out may follow: one of its
// own name where no other is seen.
func (c gitCall) upstreams() (out []head) {
	v, sure := c.tree.upstream.At(c.site.Guards)
	for alternative := range v.EachAlternative() {
		if len(alternative) == 0 || alternative.Equal(c.tree.branch) {
			sure = false
		} else {
			out = append(out, head{branch: alternative})
		}
	}
	if !sure {
		out = append(out, head{branch: c.tree.branch, created: c.tree.created})
	}
	return out
}

// follow notes that the branch follows one of the remote's.
func (c gitCall) follow(branch value.Value) {
	c.tree.upstream = c.tree.upstream.Keep(branch, c.site.Guards, nil)
}

// tracks notes that the branch follows one that is named with its remote. What is not
// known may be any.
func (c gitCall) tracks(name value.Value) {
	if branch, ok := c.ofRemote(name); ok {
		c.follow(branch)
	} else if _, known := name.Literal(); !known {
		c.follow(name)
	}
}

// following is the upstream of a branch that is made to follow another.
func following(branch value.Value, by *trace.Site) trace.Kept {
	return trace.Kept{}.Keep(branch, by.Guards, nil)
}
