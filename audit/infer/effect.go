package infer

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// given looks up what something is given: "input:branch", "flag:head",
// "arg:1", "env:NAME".
type given func(reference string) (v value.Value, set bool)

// reference resolves a reference of the tables: what is given, or what holds
// in its place.
func (in *inferrer) reference(text string, get given, here *tree) value.Value {
	head, instead, _ := strings.Cut(text, "|")
	if strings.HasPrefix(head, saidKind+":") {
		v, set := get(head)
		for set && v == nil && strings.HasPrefix(instead, saidKind+":") {
			_, instead, _ = strings.Cut(instead, "|")
		}
		if v != nil || instead == "" {
			return v
		}
		return in.reference(instead, get, here)
	}
	if words, ok := strings.CutPrefix(head, pushedKind); ok {
		v, _ := get(words)
		return pushedBy(v, in.reference(instead, get, here))
	}
	switch head {
	case "@checkout":
		if here != nil {
			return here.branch
		}
		return value.Context("github.ref_name")
	case madeTags:
		if here != nil && len(here.annotated) > 0 {
			return value.Choice(here.annotated...)
		}
		return nil
	case "@ref":
		return value.Context("github.ref_name")
	case "@tag":
		return here.tagOfRun()
	case "@default":
		return value.Context("github.event.repository.default_branch")
	case "@head":
		return value.Context("github.head_ref")
	case "@base", "base":
		return value.Context("github.base_ref")
	case "@number":
		return versionNumber()
	}
	if before, ok := strings.CutSuffix(head, "/@ref"); ok {
		return value.Concat(value.Text(before+"/"), value.Context("github.ref_name"))
	}
	if name, ok := strings.CutPrefix(head, "@owner/"); ok {
		return value.Concat(value.Context("github.repository_owner"), value.Text("/"+name))
	}
	if strings.Contains(head, ":") && !strings.Contains(head, "/") {
		name, open := strings.CutSuffix(head, "*")
		if v, set := get(name); set && len(v) > 0 {
			if open {
				return value.Concat(v, value.Unknown("*"))
			}
			return v
		}
		if instead == "" {
			return nil
		}
		return in.reference(instead, get, here)
	}
	return pattern(head)
}

// tagOfRun returns the tag of the commit that a working tree is on, of a run that
// a tag has started; nil where the job has made tags of its own, or taken another
// commit.
func (t *tree) tagOfRun() value.Value {
	ref := value.Context("github.ref_name")
	if t != nil && (len(t.tags)+len(t.annotated) > 0 || t.committed || len(t.branch) > 0 && !t.branch.Equal(ref)) {
		return nil
	}
	return ref
}

// pattern is a text with stars: what they stand for is not known, what is around
// them is.
func pattern(text string) value.Value {
	var out value.Value
	for i, piece := range strings.Split(text, "*") {
		if i > 0 {
			out = value.Concat(out, value.Unknown("*"))
		}
		out = value.Concat(out, value.Text(piece))
	}
	return out
}

// versionNumber is a version that begins with a number, as "1.2.3" does and
// "v1.2.3" does not.
func versionNumber() value.Value {
	var out []value.Value
	for digit := range 10 {
		out = append(out, value.Concat(value.Text(strconv.Itoa(digit)), value.Unknown("*")))
	}
	return value.Choice(out...)
}

// madeTags stands for the tags that the job has made and that go along with
// their commit (--follow-tags): without one, an event of theirs is none.
const madeTags = "@annotated"

// events resolves the attributes of an effect's events.
func (in *inferrer) events(list []rules.Event, get given, here *tree) []Event {
	var out []Event
	opens := slices.ContainsFunc(list, func(e rules.Event) bool { return e.Key() == "pull_request.opened" })
	tags := slices.ContainsFunc(list, func(e rules.Event) bool { return e.Key() == "push:tag" && e.Attributes["tag"] == "" })
	for _, e := range list {
		if e.Attributes["tag"] == madeTags && (here == nil || len(here.annotated) == 0) {
			continue
		}
		event := Event{Name: e.Name, Type: e.Type}
		none := false
		for name, text := range e.Attributes {
			if name == "message" {
				continue
			}
			v := in.reference(text, get, here)
			if len(v) == 0 {
				none = none || v != nil && strings.HasPrefix(text, saidKind+":")
				continue
			}
			if event.Attributes == nil {
				event.Attributes = map[string]value.Value{}
			}
			if (name == "branch" || name == "tag") && len(v) > 1 && v[0].Text == "refs/" {
				v = v[1:] // of which kind it is says the rest
			}
			event.Attributes[name] = v
		}
		if none {
			continue
		}
		// What is created together with a tag of which no more is said may be that tag.
		if (e.Name == "push" || e.Name == "create" && !tags) && event.Attributes["branch"] == nil && event.Attributes["tag"] == nil && here != nil && e.Type == "" {
			if event.Attributes == nil {
				event.Attributes = map[string]value.Value{}
			}
			event.Attributes["branch"] = here.branch
		}
		if e.Name == "push" && len(event.Attributes["branch"]) > 0 && opens {
			// The branch of a pull request is none that others are merged
			// into, whatever its name.
			event.Attributes["fresh"] = value.Text("true")
		}
		event.Paths = pathsIn(event.Attributes["path"])
		in.committed(&event, e.Attributes["message"], get, here)
		out = append(out, event)
	}
	return out
}

// ownCommit begins a reference to the last commit of a working tree.
const ownCommit = "@commit"

// committed notes what the message of a pushed commit says, and of one that
// the job has made, which files it changes. What is pushed may be older than
// the commit that a message is for, where there was nothing to commit.
func (in *inferrer) committed(e *Event, message string, get given, here *tree) {
	rest, made := strings.CutPrefix(message, ownCommit)
	if !made {
		if message == "" || message == "@skips" {
			e.Skipped = message != ""
			return
		}
		if strings.HasPrefix(message, mergeMessage) {
			e.Skipped = skipped(joined(message, get))
			return
		}
		full := in.reference(message, get, here)
		if e.Skipped = skipped(full); e.Name == "push" && (here == nil || !here.committed) {
			e.Message = said(full)
		}
		return
	}
	if input, ok := strings.CutPrefix(rest, ":"); ok {
		dir, _ := get(input)
		here = in.session.tree(folder(dir))
	}
	if here != nil && here.committed {
		if e.Skipped = skipped(here.message); e.Name == "push" {
			e.Message = said(here.message)
		}
		e.Paths, e.Commits = here.paths(), in.commits(here, in.job.Sites[in.index])
	}
}

// pathsIn are the files of a list as actions take it, nil where they are not
// all known: everything, or all but some.
func pathsIn(v value.Value) []string {
	text, ok := v.Literal()
	if !ok {
		return nil
	}
	var out []string
	for _, p := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,\n", r) }) {
		p = strings.TrimPrefix(p, "./")
		if p == "" || p == "." || strings.ContainsAny(p[:1], ":!-*") {
			return nil
		}
		out = append(out, p)
	}
	return out
}

// effect turns an effect of the tables into an operation.
func (in *inferrer) effect(e rules.Effect, get given, here *tree, at audit.Place) Operation {
	targets, public := in.effectTargets(e.Target, get, here)
	return Operation{
		Names: e.Operations, Targets: targets, Needs: e.Needs, MayNeed: e.MayNeed, Answer: e.Answer, Reasons: e.Reasons, Note: e.Note,
		Events: in.inFolder(in.events(e.Events, get, here), e.Target, get), Scopes: e.Scopes, Public: public, Confidence: e.Confidence, Source: e.Source, Place: at,
	}
}

// address matches the address of a repository that a call was given.
var address = regexp.MustCompile(`^(?:https?|ssh|git|git\+https|git\+ssh)://|^git@`)

// effectTargets resolves the target column.
func (in *inferrer) effectTargets(text string, get given, here *tree) (targets []Target, public bool) {
	head, _, _ := strings.Cut(text, "|")
	switch {
	case text == "" || text == "self":
		return []Target{self}, false
	case text == "public":
		return []Target{{Kind: Nothing, Text: "public"}}, true
	case text == "unknown":
		return []Target{{Kind: UnknownTarget, Text: "unknown"}}, false
	case strings.Contains(text, "/"+saidKind+":"):
		owner, name, _ := strings.Cut(text, "/"+saidKind+":")
		o, n := in.reference(owner, get, here), in.reference(saidKind+":"+name, get, here)
		if len(o) == 0 || len(n) == 0 {
			return []Target{self}, false
		}
		return in.parts(o, n), false
	case strings.HasPrefix(text, saidKind+":"):
		if v := in.reference(text, get, here); len(v) > 0 {
			return in.anyTargets(v), false
		}
		return []Target{self}, false
	case text == "user":
		return []Target{{Kind: Nothing, Text: "user"}}, false
	case text == "head":
		t := in.pullHead()
		t.MayBeFork = t.MayBeFork && !in.asksForFork()
		return []Target{t}, false
	case strings.HasPrefix(text, "checkout:"):
		dir, _ := get(strings.TrimPrefix(text, "checkout:"))
		return in.toolTargets(in.session.tree(folder(dir))), false
	case text == "checkout":
		if here == nil {
			return []Target{self}, false
		}
		return in.toolTargets(here), false
	case strings.HasPrefix(text, "json:"):
		rest := strings.TrimPrefix(text, "json:")
		at := strings.LastIndexByte(rest, ':')
		v, _ := get(rest[:at])
		return in.jsonTargets(v, rest[at+1:]), false
	case strings.HasPrefix(text, "upload:"):
		return in.uploadTargets(in.reference(strings.TrimPrefix(text, "upload:"), get, here)), false
	case strings.HasPrefix(text, "registry:"):
		v := in.reference(strings.TrimPrefix(text, "registry:"), get, here)
		return []Target{in.image(v)}, false
	case strings.HasPrefix(text, "tap:"):
		masked := in.reference(strings.TrimPrefix(text, "tap:"), get, here).Mask()
		return in.anyTargets(masked.Table.Value(tapRepository(masked.Text))), false
	case strings.HasPrefix(text, "org:") || strings.HasPrefix(text, "owner:"):
		_, rest, _ := strings.Cut(text, ":")
		v := in.reference(rest, get, here)
		return []Target{in.owner(v)}, false
	case address.MatchString(head):
		return in.anyTargets(value.Text(head)), false
	case strings.Contains(head, "/") && strings.Contains(head, ":") || ownerAndName.MatchString(text):
		owner, name, _ := strings.Cut(text, "/")
		o, n := in.reference(owner, get, here), in.reference(name, get, here)
		if len(o) == 0 && len(n) == 0 {
			return []Target{self}, false
		}
		return in.parts(o, n), false
	case strings.Contains(head, ":"):
		v := in.reference(text, get, here)
		if len(v) == 0 {
			return []Target{self}, false
		}
		return in.anyTargets(eachLine(v)), false
	}
	return in.anyTargets(value.Text(text)), false
}

// ownerAndName matches a target of two references, each of which may have others in
// its place.
var ownerAndName = regexp.MustCompile(`^(?:flag|arg|env|input|config):[^/]*/(?:flag|arg|env|input|config):`)

// eachLine returns the lines of a list, each of which may be meant; a text of one line
// as it is.
func eachLine(v value.Value) value.Value {
	masked := v.Mask()
	if !strings.Contains(strings.TrimSpace(masked.Text), "\n") {
		return v
	}
	var lines []value.Value
	for line := range strings.Lines(masked.Text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, masked.Table.Value(line))
		}
	}
	return value.Choice(lines...)
}

// anyTargets is targets, with the unknown target where v is not on GitHub.
func (in *inferrer) anyTargets(v value.Value) []Target {
	if ts := in.targets(v); len(ts) > 0 {
		return ts
	}
	return []Target{{Kind: UnknownTarget, Text: "unknown"}}
}

func (in *inferrer) treeTargets(t *tree) []Target {
	address := t.origin
	if v, ok := t.remotes["origin"]; ok {
		address = v.All()
	}
	if len(in.session.rewrites) > 0 {
		c := gitCall{site: in.job.Sites[min(in.index, len(in.job.Sites)-1)], tree: t}
		address = value.Choice(in.instead(c, address, true), in.instead(c, address, false))
	}
	return in.anyTargets(address)
}

// toolTargets returns the same for a program with a token of its own. git has the
// token that is stored in a tree, which tells which of several is meant.
func (in *inferrer) toolTargets(t *tree) []Target {
	targets := in.treeTargets(t)
	if t.lost && len(targets) > 1 {
		return []Target{{Kind: UnknownTarget, Text: "unknown"}}
	}
	return targets
}

// remoteTargets returns the repository of the remote that a program is told of by
// name or address; without one, that of the tree.
func (in *inferrer) remoteTargets(t *tree, name value.Value) []Target {
	if kept, ok := t.remotes[name.LiteralOr("")]; ok {
		return in.anyTargets(kept.All())
	}
	text, known := name.Literal()
	switch {
	case len(name) == 0 || text == "origin":
		return in.treeTargets(t)
	case known && strings.Contains(text, ":"):
		return in.anyTargets(name)
	}
	return []Target{{Kind: UnknownTarget, Text: "unknown"}}
}

// owner resolves an organisation or user, given by name or by an address such
// as https://github.com/orgs/NAME/projects/7. Where none is given, it is the
// workflow's own.
func (in *inferrer) owner(v value.Value) Target {
	ownOwner, _, _ := strings.Cut(in.options.Repository, "/")
	text, known := v.Literal()
	if rest, ok := strings.CutPrefix(text, "https://github.com/"); ok {
		rest = strings.TrimPrefix(strings.TrimPrefix(rest, "orgs/"), "users/")
		text, _, _ = strings.Cut(rest, "/")
	}
	t := Target{Kind: Owner, Owner: text, Text: text}
	t.SameOwner = len(v) == 0 || isOwnOwner(v) || known && ownOwner != "" && strings.EqualFold(text, ownOwner)
	t.OtherOwner = known && text != "" && ownOwner != "" && !t.SameOwner
	if t.SameOwner {
		t.Owner, t.Text = ownOwner, ownOwner
	}
	if t.Text == "" {
		t.Text = "unknown"
	}
	return t
}

// image resolves a registry or an image name to a package target.
func (in *inferrer) image(v value.Value) Target {
	masked := v.Mask()
	// The package is meant, whatever its tag or digest.
	name, _, _ := strings.Cut(masked.Text, "@")
	if tag := strings.LastIndexByte(name, ':'); tag > strings.LastIndexByte(name, '/') {
		name = name[:tag]
	}
	for _, host := range []string{githubNuget, githubGems} {
		if _, rest, ok := strings.Cut(name, "://"+host+"/"); ok {
			// A source is all packages of an owner.
			owner, _, _ := strings.Cut(rest, "/")
			name = strings.TrimSuffix(host+"/"+owner, "/")
		}
	}
	t := Target{Kind: Registry, Text: masked.Table.Value(name).String()}
	registry, rest, _ := strings.Cut(name, "/")
	if owner, _, _ := strings.Cut(rest, "/"); owner != "" && slices.Contains([]string{githubImages, githubNuget, githubNPM, githubGems}, registry) {
		o := masked.Table.Value(owner)
		ownOwner, _, _ := strings.Cut(in.options.Repository, "/")
		literal, known := o.Literal()
		t.Owner = literal
		t.SameOwner = isOwnOwner(o) || o.IsContext("github.repository") || known && ownOwner != "" && strings.EqualFold(literal, ownOwner)
		t.OtherOwner = known && ownOwner != "" && !t.SameOwner
	}
	return t
}

// jsonTargets returns the repositories that stand under a key anywhere in
// JSON text; this repository where there are none.
func (in *inferrer) jsonTargets(v value.Value, key string) []Target {
	masked := v.Mask()
	var document any
	if err := json.Unmarshal([]byte(masked.Text), &document); err != nil {
		return []Target{{Kind: UnknownTarget, Text: "unknown"}}
	}
	var out []Target
	var walk func(x any)
	walk = func(x any) {
		switch x := x.(type) {
		case []any:
			for _, y := range x {
				walk(y)
			}
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(x)) {
				if text, ok := x[name].(string); ok && name == key {
					out = append(out, in.anyTargets(masked.Table.Value(text))...)
					continue
				}
				walk(x[name])
			}
		}
	}
	walk(document)
	if len(out) == 0 {
		return []Target{self}
	}
	return out
}
