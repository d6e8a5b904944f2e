package infer

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// apart returns what a refspec may be, one by one where its alternatives are not
// all branches that are named in one way: a name that is a tag's in one of them has
// other events than that of a branch.
func (c gitCall) apart(ref value.Value) []value.Value {
	all := slices.Collect(ref.EachAlternative())
	if len(all) < 2 || slices.ContainsFunc(c.tree.tags, ref.Equal) || ref.Equal(c.tree.branch) {
		return []value.Value{ref}
	}
	first := c.shape(all[0])
	if slices.ContainsFunc(all, func(v value.Value) bool { s := c.shape(v); return s == otherRef || s != first }) {
		return all
	}
	return []value.Value{ref}
}

// refShape is how a refspec says what it pushes.
type refShape int

const (
	// branchName is a short name that the job has made no tag of, toBranch what
	// surely goes to a branch.
	branchName refShape = iota
	toBranch
	// otherRef is a tag, what is checked out, all that there is, or a deletion.
	otherRef
)

func (c gitCall) shape(ref value.Value) refShape {
	masked := ref.Mask()
	source, destination, colon := strings.Cut(strings.TrimPrefix(masked.Text, "+"), ":")
	if !colon {
		destination = source
	}
	name := masked.Table.Value(destination)
	short := strings.TrimPrefix(destination, "refs/")
	switch {
	case source == "", !colon && (source == "HEAD" || source == "@"), strings.HasPrefix(short, "tags/"),
		slices.ContainsFunc(c.tree.tags, name.Equal), c.mayHaveTagged(name):
		return otherRef
	case colon && source != destination, strings.HasPrefix(short, "heads/"):
		return toBranch
	}
	return branchName
}

// mayHaveTagged tells whether a name is one of those of which the job has made one
// a tag.
func (c gitCall) mayHaveTagged(name value.Value) bool {
	return slices.ContainsFunc(c.tree.tags, func(t value.Value) bool {
		all := slices.Collect(t.EachAlternative())
		return len(all) > 1 && slices.ContainsFunc(all, name.Equal)
	})
}

// notBranch tells whether a ref is neither a branch nor a tag: nothing hears of it.
func notBranch(ref string) bool {
	return strings.HasPrefix(ref, "refs/notes/")
}

// refEvents says what one refspec causes.
func (in *inferrer) refEvents(c gitCall, ref value.Value) []Event {
	masked := ref.Mask()
	text := strings.TrimPrefix(masked.Text, "+")
	source, destination, colon := strings.Cut(text, ":")
	if !colon {
		destination = source
	}
	if notBranch(destination) {
		return nil
	}
	switch {
	case colon && source == "" && destination == "", destination == "refs/*", destination == "*":
		// All that both sides have, or all of this one's.
		return append(in.branchEvents(c, value.Unknown("every branch"), false), doubted(tagEvents(value.Unknown("every tag")))...)
	case colon && source == "":
		return []Event{deletes(masked.Table.Value(destination))}
	}
	// What begins with heads/ or tags/ git looks for under refs/ as well.
	short := strings.TrimPrefix(destination, "refs/")
	if tag, ok := strings.CutPrefix(short, "tags/"); ok {
		return tagEvents(starred(masked.Table.Value(tag)))
	}
	branch, isBranch := strings.CutPrefix(short, "heads/")
	if isBranch {
		destination = branch
	}
	to := starred(masked.Table.Value(destination))
	switch {
	case destination == "HEAD" || destination == "@":
		return in.branchEvents(c, c.tree.branch, c.tree.created)
	case text == "":
		// A variable that is empty and not quoted is no word.
		return in.aloneEvents(c)
	case slices.ContainsFunc(c.tree.tags, to.Equal):
		return tagEvents(to)
	case to.Equal(c.tree.branch):
		return in.branchEvents(c, to, c.tree.created)
	case c.mayHaveTagged(to):
		return append(in.elsewhere(c, to, true), doubted(tagEvents(to))...)
	}
	return in.elsewhere(c, to, isBranch || colon && source != destination)
}

// deletes is the event of a branch, or of a tag, that a push deletes.
func deletes(ref value.Value) Event {
	text, attribute := ref.Mask().Text, "branch"
	if strings.HasPrefix(text, "refs/tags/") || strings.HasPrefix(text, "tags/") {
		attribute = "tag"
	}
	short := attribute == "branch" && !strings.HasPrefix(text, "refs/heads/") && !strings.HasPrefix(text, "heads/")
	return Event{Name: "delete", Attributes: map[string]value.Value{attribute: ref}, Short: short}
}

// elsewhere says what a push causes to a name that is not what is checked out.
func (in *inferrer) elsewhere(c gitCall, to value.Value, isBranch bool) []Event {
	events := in.branchEvents(c, to, false)
	if len(to) > 0 && (len(to) > 1 || to[0].Context == "") {
		// Whether the branch is there already is not known.
		events = append(events, Event{Name: "create", Attributes: map[string]value.Value{"branch": to}, Doubted: true})
	}
	if isBranch {
		return events
	}
	switch in.tagLike(c, to) {
	case likeTag:
		return append(events, tagEvents(to)...)
	case likeEither:
		return append(events, doubted(tagEvents(to))...)
	}
	events[0].Short = !slices.ContainsFunc(to.Alternatives(), func(v value.Value) bool {
		return v.Equal(c.tree.branch) || slices.ContainsFunc(c.tree.branches, v.Equal)
	})
	return events
}

// starred is a name in which a star stands for anything.
func starred(name value.Value) value.Value {
	text, ok := name.Literal()
	if before, after, star := strings.Cut(text, "*"); ok && star {
		return value.Concat(value.Text(before), value.Unknown("*"), value.Text(after))
	}
	return name
}
