package infer

import (
	"path"
	"strings"

	"github.com/patrol-actions/patrol/audit/settings"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
)

// saidKind begins a reference to what a configuration says: "@said:FILE#KEY".
const saidKind = "@said"

// seenKind is saidKind for conditions that only hold where they are seen to: a
// file that is not at hand says nothing.
const seenKind = "@seen"

// outermost stands for a key where the names of all of a configuration's own keys
// are what is asked for.
const outermost = "*"

// anywhere stands between a path of keys and one more, which may stand however deep
// below that path.
const anywhere = ".**."

// releasePlease begins a key of what a configuration of release-please comes to, in which
// tags have stars.
const releasePlease = "@release-please."

// said returns what stands in a configuration under a key, by the file, or the input
// that names it, and the key behind "#". It is not set where that input is not given,
// nil where the file is not at hand, and not nil but empty where it says nothing. Each
// of several texts may be the one.
func (in *inferrer) said(site *trace.Site, name string) (v value.Value, set bool) {
	name, key, _ := strings.Cut(name, "#")
	file, given := in.fileRead(site, name)
	if !given || file == "" || in.options.Read == nil || in.general() {
		return nil, given
	}
	found := settings.Find([]string{path.Clean(strings.TrimPrefix(file, "/"))}, in.options.Read)
	key, released := strings.CutPrefix(key, releasePlease)
	if released {
		found = found.ReleasePlease()
	}
	if key == outermost {
		names, known := found.Keys()
		if !known {
			return nil, true
		}
		return choiceOf(names), true
	}
	if above, below, deep := strings.Cut(key, anywhere); deep {
		texts, open := found.Within(above).Anywhere(below)
		if open || !found.Readable() {
			return nil, true
		}
		return choiceOf(texts), true
	}
	switch _, known, there := found.Lookup(key); {
	case !known:
		return nil, true
	case !there:
		return value.Value{}, true
	}
	texts, open := found.Texts(key)
	if open || len(texts) == 0 {
		return value.Unknown("what " + file + " says"), true
	}
	if !released || key != "tags" {
		return choiceOf(texts), true
	}
	tags := make([]value.Value, len(texts))
	for i, text := range texts {
		tags[i] = pattern(text)
	}
	return value.Choice(tags...), true
}

// choiceOf is one of some texts, and not nil.
func choiceOf(texts []string) value.Value {
	if len(texts) == 0 {
		return value.Value{}
	}
	all := make([]value.Value, len(texts))
	for i, text := range texts {
		all[i] = value.Text(text)
	}
	return value.Choice(all...)
}

// saidText returns all that stands in a configuration under a key, a line for each.
func (in *inferrer) saidText(site *trace.Site, name string) (text string, known, set bool) {
	v, set := in.said(site, name)
	if !set || in.general() {
		return "", true, false
	}
	all := spelled(v)
	return strings.Join(all, "\n"), v != nil && (len(v) == 0 || all != nil), len(v) > 0
}
