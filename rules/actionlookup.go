package rules

import (
	"iter"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
)

var actionColumns = []string{
	"action", "token", "default", "mode", "when", "needs", "extra", "answer", "reasons", "events",
	"target", "operations", "versions", "confidence", "source", "note",
}

// actionRows holds the rows of each action, their cells not yet parsed: a run
// asks for few of them.
var actionRows = sync.OnceValue(func() map[string][]row {
	out := map[string][]row{}
	t, err := openTable("actions")
	if err != nil || !slices.Equal(t.columns, actionColumns) {
		return out
	}
	for _, r := range t.rows {
		out[r.cells[0]] = append(out[r.cells[0]], r)
	}
	return out
})

// Action returns what is known of a public action or reusable workflow, by
// the name that "uses" gives it, with or without the version. Case does not
// matter. The caller must not change it.
func Action(name string) (*ActionInfo, bool) {
	name = actionName(name)
	if info, ok := parsedActions.Load(name); ok {
		return info.(*ActionInfo), true
	}
	all := actionRows()
	found, pattern := all[name], SameAs(name)
	if len(found) == 0 {
		found = all[pattern]
	}
	for len(found) == 0 {
		at := strings.LastIndexByte(pattern, '/')
		if at < 0 {
			return runsOnly(SameAs(name))
		}
		pattern = pattern[:at]
		found = all[pattern+"/*"]
	}
	if info, ok := parsedActions.Load(found[0].cells[0]); ok {
		return info.(*ActionInfo), true
	}
	info, err := parseAction(found)
	if err != nil {
		return nil, false
	}
	info.Code = append(info.Code, codeRun(info.Name)...)
	parsedActions.Store(found[0].cells[0], info)
	return info, true
}

// runsOnly returns an action of which all that is known is what it runs.
func runsOnly(name string) (*ActionInfo, bool) {
	if ActionRuns(name) == nil {
		return nil, false
	}
	info := &ActionInfo{Name: name, Code: codeRun(name)}
	parsedActions.Store(name, info)
	return info, true
}

// codeRun are the inputs that hold the scripts which an action runs.
func codeRun(name string) []ActionCode {
	var out []ActionCode
	for _, r := range ActionRuns(name) {
		if input, ok := r.Script(); ok {
			out = append(out, ActionCode{Input: input, Language: "bash"})
		}
	}
	return out
}

// namesakes are the known actions by their names without the owner's, where
// those have more than one word: "action" is many an action's name.
var namesakes = sync.OnceValue(func() map[string][]string {
	out := map[string][]string{}
	for name := range actionRows() {
		if _, rest, ok := strings.Cut(name, "/"); ok && strings.Contains(rest, "-") && rest != "github-action" && !strings.HasPrefix(name, imagePrefix) {
			out[rest] = append(out[rest], name)
		}
	}
	for _, names := range out {
		slices.Sort(names)
	}
	return out
})

// Namesakes returns the known actions that have the name of another one under
// other owners, in order: most often it is a copy of them. What they do tells
// nothing for sure of that one. One in a folder of a repository goes by the
// folder's name.
func Namesakes(name string) []string {
	_, rest, _ := strings.Cut(actionName(name), "/")
	if names := namesakes()[rest]; names != nil {
		return names
	}
	return namesakes()[path.Base(rest)]
}

// actionName returns the name under which the table has an action.
func actionName(uses string) string {
	if image, ok := Image(uses); ok {
		return image
	}
	name, _, _ := strings.Cut(uses, "@")
	return strings.Trim(strings.ToLower(name), "/")
}

// imagePrefix begins the name of a container image under "uses".
const imagePrefix = "docker://"

// Image returns the name of the container image that "uses" gives,
// "docker://image"; ok is false for an action. Tag and digest are left out,
// and so is the registry of Docker Hub, which need not be named.
func Image(uses string) (name string, ok bool) {
	image, ok := strings.CutPrefix(uses, imagePrefix)
	if !ok {
		return "", false
	}
	image, _, _ = strings.Cut(image, "@")
	// What stands behind a colon before the last slash is a registry's port.
	if at := strings.LastIndexByte(image, ':'); at > strings.LastIndexByte(image, '/') {
		image = image[:at]
	}
	return imagePrefix + strings.TrimPrefix(strings.Trim(strings.ToLower(image), "/"), "docker.io/"), true
}

// parsedActions are the actions that were asked for, by name: at most as many
// as the table has.
var parsedActions sync.Map

// Actions returns the names of all known actions in order.
func Actions() []string {
	return slices.Compact(slices.Sorted(func(yield func(string) bool) {
		for _, names := range []iter.Seq[string]{maps.Keys(actionRows()), maps.Keys(actionRuns())} {
			for name := range names {
				if !yield(name) {
					return
				}
			}
		}
	}))
}
