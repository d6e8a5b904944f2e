package infer

import (
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// TargetKind says what an operation acts on.
type TargetKind int

// The kinds of target.
const (
	// Self is the repository of the workflow.
	Self TargetKind = iota
	// Repository is another repository, whose name is known.
	Repository
	// Registry is a package or image of a registry of GitHub's.
	Registry
	// Owner is an organisation or user as a whole.
	Owner
	// Nothing is for operations on no repository (public reading, the user).
	Nothing
	// UnknownTarget is a repository whose name the code does not show.
	UnknownTarget
)

// Target is what an operation acts on.
type Target struct {
	Kind TargetKind
	// Owner and Name are the parts of a repository's name. Owner is empty
	// where it is the workflow's own owner, whose name is not known. Of Registry,
	// Name is that of another repository, which the packages belong to for good.
	Owner, Name string
	// SameOwner and OtherOwner say that the owner is surely, or surely not,
	// the workflow's own; neither where that is not known.
	SameOwner, OtherOwner bool
	// MayBeFork says of Self that it is the repository of a pull request's
	// head, which may be a fork.
	MayBeFork bool
	// Wiki says of Self that it is the repository's wiki, a git repository of
	// its own that the same permissions open.
	Wiki bool
	// Given is, of UnknownTarget, what the run is told the repository by: an
	// input or a configuration variable.
	Given string
	// File is, of UnknownTarget, the file that may say which it is and that is not
	// in the checkout.
	File string
	// Text is how reports name it.
	Text string
}

var self = Target{Kind: Self, Text: "self", SameOwner: true}

// targets resolves a repository as it is given: "owner/name", a URL, a
// context, one of several.
func (in *inferrer) targets(v value.Value) []Target {
	if len(v) == 0 {
		return []Target{self}
	}
	var out []Target
	for _, alternative := range v.Alternatives() {
		if len(alternative) == 0 {
			out = append(out, self) // as where none is given
		} else if t, ok := in.target(alternative); ok {
			out = append(out, t)
		}
	}
	return out
}

// target resolves one alternative. ok is false for a place that is not on
// GitHub.
func (in *inferrer) target(v value.Value) (t Target, ok bool) {
	masked := in.answeredAddress(v).Mask()
	text := strings.TrimSpace(masked.Text)
	for _, prefix := range []string{"https://", "http://", "ssh://", "git+https://", "git://"} {
		if rest, cut := strings.CutPrefix(text, prefix); cut {
			text = rest
			if at := strings.LastIndex(text, "@"); at >= 0 && at < strings.Index(text+"/", "/") {
				text = text[at+1:]
			}
			break
		}
	}
	if rest, cut := strings.CutPrefix(text, "git@"); cut {
		text = strings.Replace(rest, ":", "/", 1)
	}
	for _, host := range []string{"github.com/", "www.github.com/", "api.github.com/repos/"} {
		if rest, cut := strings.CutPrefix(text, host); cut {
			text = rest
		}
	}
	if first, _, of := strings.Cut(text, "/"); of && rules.OwnRepository(firstContext(masked.Table.Value(first))) {
		return self, true // the address of something in it
	}
	text = strings.TrimSuffix(strings.Trim(text, "/"), ".git")
	segments := strings.Split(text, "/")
	whole := masked.Table.Value(text)
	if len(whole) == 1 && whole[0].Context != "" {
		if rules.OwnRepository(whole[0].Context) {
			return self, true
		}
		if rules.HeadRepository(whole[0].Context) {
			return in.head(), true
		}
		return in.compared(whole, unknownTarget(whole)), true
	}
	if asksHead(whole) {
		return in.pullHead(), true
	}
	if len(segments) > 2 && strings.Contains(segments[0], ".") {
		return Target{}, false // gitlab.com/owner/name
	}
	if len(segments) == 1 && len(whole) > 1 && rules.OwnRepository(whole[0].Context) {
		return in.suffixed(whole[1:]), true
	}
	if len(segments) != 2 {
		return in.compared(whole, unknownTarget(whole)), true
	}
	t = in.repository(masked.Table.Value(segments[0]), masked.Table.Value(segments[1]))
	if t.Kind == UnknownTarget {
		t = in.compared(whole, t)
	}
	return t, true
}

// repository resolves an owner and a name.
func (in *inferrer) repository(owner, name value.Value) Target {
	ownOwner, ownName, _ := strings.Cut(in.options.Repository, "/")
	sameOwner := isOwnOwner(owner)
	ownerText, ownerKnown := owner.Literal()
	nameText, nameKnown := name.Literal()
	if ownerKnown && ownOwner != "" && strings.EqualFold(ownerText, ownOwner) {
		sameOwner = true
	}
	if sameOwner && (isOwnName(name) || nameKnown && ownName != "" && strings.EqualFold(nameText, ownName)) {
		return self
	}
	switch {
	case sameOwner && len(name) > 1 && isOwnName(name[:1]):
		return in.suffixed(name[1:])
	case sameOwner && nameKnown && ownName != "" && strings.EqualFold(nameText, ownName+wikiSuffix):
		return wiki
	case sameOwner && nameKnown:
		text := nameText
		if ownOwner != "" {
			text = ownOwner + "/" + nameText
		} else {
			text = "${{ github.repository_owner }}/" + nameText
		}
		return Target{Kind: Repository, Owner: ownOwner, Name: nameText, SameOwner: true, Text: text}
	case ownerKnown && nameKnown:
		if in.options.Repository == "" && strings.EqualFold(nameText, in.options.Folder) {
			// The folder is called so: this may be the repository itself.
			return Target{Kind: UnknownTarget, Text: "unknown"}
		}
		return Target{
			Kind: Repository, Owner: ownerText, Name: nameText, OtherOwner: ownOwner != "",
			Text: ownerText + "/" + nameText,
		}
	case ownerKnown && ownOwner != "" && !sameOwner && isOwnName(name):
		return Target{Kind: Repository, Owner: ownerText, Name: ownName, OtherOwner: true, Text: ownerText + "/" + ownName}
	case ownerKnown && ownOwner != "" && !sameOwner:
		// The name is computed, but it is somebody else's in any case.
		return Target{Kind: Repository, Owner: ownerText, OtherOwner: true, Text: ownerText + "/*"}
	}
	if nameKnown && ownName != "" && !ownerKnown && !strings.EqualFold(nameText, ownName) && !value.HasPlaceholder(nameText) {
		// Whosever it is, it is not called as this one is.
		return Target{Kind: Repository, Name: nameText, Text: "*/" + nameText}
	}
	t := unknownTarget(name)
	t.SameOwner = sameOwner
	return t
}

// unknownTarget is a repository that the code does not name.
func unknownTarget(name value.Value) Target {
	t := Target{Kind: UnknownTarget, Text: "unknown"}
	if len(name) > 0 && isHandedIn(name[0]) && !strings.Contains(sourceOf(name[0]), "client_payload") {
		t.Given = name.String()
	}
	return t
}

// wikiSuffix is behind the name of a repository in that of its wiki.
const wikiSuffix = ".wiki"

var wiki = Target{Kind: Self, Wiki: true, Text: "self", SameOwner: true}

// suffixed resolves what begins with the name of the workflow's own repository.
// With text behind it, it is the name of another one, unless it is the wiki's.
func (in *inferrer) suffixed(rest value.Value) Target {
	switch {
	case rest.LiteralOr("") == wikiSuffix:
		return wiki
	case rest[0].Text == "" || !isNameText(rest[0].Text):
		// What is not known of it may be empty.
		return Target{Kind: UnknownTarget, SameOwner: true, Text: "unknown"}
	}
	name, known := rest.Literal()
	if owner, own, ok := strings.Cut(in.options.Repository, "/"); ok && known {
		return Target{Kind: Repository, Owner: owner, Name: own + name, SameOwner: true, Text: owner + "/" + own + name}
	}
	return Target{Kind: Repository, Name: "*" + name, SameOwner: true, Text: "${{ github.repository }}" + rest.String()}
}

// isNameText tells whether a text can be a part of a repository's name.
func isNameText(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return !(r == '-' || r == '_' || r == '.' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z')
	})
}

func isOwnOwner(v value.Value) bool {
	return len(v) == 1 && rules.OwnOwner(v[0].Context)
}

func isOwnName(v value.Value) bool { return len(v) == 1 && rules.OwnName(v[0].Context) }

// filled leaves out alternatives that are empty, where there are others: no
// repository has an empty name, so that those are what code falls back on.
func filled(list []value.Value) []value.Value {
	var out []value.Value
	for _, v := range list {
		if text, ok := v.Literal(); !ok || text != "" {
			out = append(out, v)
		}
	}
	if len(out) == 0 {
		return list
	}
	return out
}

// parts resolves an owner and a name that are given apart; what is not given
// is that of the workflow's own repository. Either may be both in one.
func (in *inferrer) parts(owner, name value.Value) []Target {
	if len(owner) == 0 && len(name) == 0 {
		return []Target{self}
	}
	if len(owner) == 0 {
		owner = value.Context("github.repository_owner")
	}
	if len(name) == 0 {
		name = value.Context("github.event.repository.name")
	}
	var out []Target
	for _, o := range filled(owner.Alternatives()) {
		if o.IsContext("github.repository") || strings.Contains(o.Mask().Text, "/") {
			out = append(out, in.anyTargets(o)...)
			continue
		}
		for _, n := range filled(name.Alternatives()) {
			if text, ok := n.Literal(); ok && strings.Contains(text, "/") {
				if t, ok := in.target(n); ok {
					out = append(out, t)
				}
				continue
			}
			if n.IsContext("github.repository") {
				out = append(out, self)
				continue
			}
			out = append(out, in.repository(o, n))
		}
	}
	return out
}
