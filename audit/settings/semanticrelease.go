package settings

import (
	"maps"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/script"
)

// releaseSteps are the steps of semantic-release, each of which may stand in its
// configuration with plugins of its own.
// Source: https://github.com/semantic-release/semantic-release/blob/master/lib/definitions/plugins.js
var releaseSteps = []string{"verifyConditions", "analyzeCommits", "verifyRelease", "generateNotes", "prepare", "publish", "addChannel", "success", "fail"}

// releaseDefaults are the plugins of a configuration that names none.
// Source: https://github.com/semantic-release/semantic-release/blob/master/lib/get-config.js
var releaseDefaults = []any{"@semantic-release/commit-analyzer", "@semantic-release/release-notes-generator", "@semantic-release/npm", "@semantic-release/github"}

// releaseActs are the steps at which plugins write to GitHub, of those that do
// so at some only.
var releaseActs = map[string][]string{
	releaseGitHub:           {"publish", "addChannel", "success", "fail"},
	"@semantic-release/git": {"prepare"},
}

const releaseGitHub = "@semantic-release/github"

// Released returns the configuration of semantic-release as one that names all
// of its plugins under the key plugins. Plugins that stand at a step take the
// place there of those under plugins, and an empty list leaves the step out. Of
// the github plugin successComment and failComment are false where its step is
// left out, or a condition of it is switched off.
// Source: https://github.com/semantic-release/semantic-release/blob/master/lib/plugins/index.js
func (t Tree) Released() Tree {
	root, ok := t.root.(map[string]any)
	if !ok || t.inherits() {
		// Of what it inherits any step may be.
		return t
	}
	general := releaseDefaults
	if listed := root["plugins"]; listed != nil {
		if general, ok = listed.([]any); !ok {
			general = []any{listed}
		}
	}
	own := map[string][]any{}
	for _, step := range releaseSteps {
		if at := root[step]; at != nil {
			own[step] = releaseStep(general, at)
		}
	}
	list := &releaseList{options: map[string]any{}}
	for _, entry := range general {
		name, _ := releasePlugin(entry)
		steps := releaseSteps
		if acts := releaseActs[name]; acts != nil {
			steps = acts
		}
		if slices.ContainsFunc(steps, func(step string) bool { return own[step] == nil }) {
			list.add(entry)
		}
	}
	for _, step := range releaseSteps {
		for _, entry := range own[step] {
			list.add(entry)
		}
	}
	if options, ok := list.options[releaseGitHub].(map[string]any); ok {
		options = maps.Clone(options)
		for step, off := range map[string][]string{"success": {"successComment", "successCommentCondition"}, "fail": {"failComment", "failCommentCondition", "failTitle"}} {
			at := general
			if own[step] != nil {
				at = own[step]
			}
			delete(options, off[0])
			if said := releaseSwitch(root, at, off); said != nil {
				options[off[0]] = said
			}
		}
		list.options[releaseGitHub] = options
	}
	root = maps.Clone(root)
	root["plugins"] = list.entries()
	t.root = root
	return t
}

// Hosted returns the configuration of semantic-release with the repository of
// package.json where it names none itself.
// Source: https://github.com/semantic-release/semantic-release/blob/master/docs/usage/configuration.md#repositoryurl
func (t Tree) Hosted(read func(name string) ([]byte, error)) Tree {
	root, ok := t.root.(map[string]any)
	if !ok && !t.none || root["repositoryUrl"] != nil || t.inherits() {
		return t
	}
	said, known := PackageRepository(read)
	if !known || said == "" {
		return t
	}
	if root = maps.Clone(root); root == nil {
		root = map[string]any{}
	}
	root["repositoryUrl"] = said
	t.root, t.none = root, false
	return t
}

// LocalPlugins are the plugins of semantic-release that are files of the
// project, as the configuration names them: a path from the folder that it runs
// in, with which a quote has no business.
func (t Tree) LocalPlugins() []string {
	names, _ := t.Names("plugins")
	return slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(name, ".") || strings.Contains(name, "'") })
}

// releaseStep returns the plugins at a step, not nil. A mapping without the key
// path holds further options of the general ones.
func releaseStep(general []any, at any) []any {
	if options, ok := at.(map[string]any); ok && options["path"] == nil {
		out := []any{}
		for _, entry := range general {
			name, given := releasePlugin(entry)
			if have, ok := given.(map[string]any); ok {
				given = maps.Clone(have)
				maps.Copy(given.(map[string]any), options)
			}
			out = append(out, []any{name, given})
		}
		return out
	}
	return slices.DeleteFunc(slices.Clone(listed(at)), func(entry any) bool { return entry == nil || entry == false || entry == "" })
}

// releasePlugin returns the name of an entry and its options; the name is "" of
// one that is computed.
func releasePlugin(entry any) (name string, options any) {
	options = map[string]any{}
	switch e := entry.(type) {
	case string:
		return e, options
	case []any:
		if len(e) > 1 && e[1] != nil {
			options = e[1]
		}
		if len(e) > 0 {
			name, _ = e[0].(string)
		}
	case map[string]any:
		name, _ = e["path"].(string)
		given := maps.Clone(e)
		delete(given, "path")
		options = given
	}
	return name, options
}

// releaseSwitch returns what the github plugin is told of its comments at a
// step: false where it makes none, nil where nothing is said. A plugin is given
// what stands at the top too.
func releaseSwitch(root map[string]any, at []any, keys []string) any {
	var said any = false
	for _, entry := range at {
		name, options := releasePlugin(entry)
		if name == "" {
			return script.Open{}
		}
		if name != releaseGitHub {
			continue
		}
		given, ok := options.(map[string]any)
		if !ok {
			return script.Open{}
		}
		have := maps.Clone(root)
		maps.Copy(have, given)
		one := have[keys[0]]
		if slices.ContainsFunc(keys, func(key string) bool { return have[key] == false }) {
			one = false
		} else if _, computed := have["..."]; computed && one == nil {
			one = script.Open{}
		}
		if said == false {
			said = one
		}
	}
	return said
}

// releaseList are plugins, each once.
type releaseList struct {
	names   []string
	options map[string]any
	open    []any
}

// add adds a plugin; of one that is there already what its options say comes to
// what they said.
func (l *releaseList) add(entry any) {
	name, options := releasePlugin(entry)
	if name == "" {
		l.open = append(l.open, entry)
		return
	}
	have, there := l.options[name].(map[string]any)
	given, plain := options.(map[string]any)
	if !there || !plain {
		if l.options[name] == nil {
			l.names = append(l.names, name)
		}
		l.options[name] = options
		return
	}
	have = maps.Clone(have)
	for key, said := range given {
		if before := have[key]; strings.HasSuffix(key, "Cmd") && before != nil && textOf(before) != textOf(said) {
			said = append(slices.Clone(listed(before)), listed(said)...)
		}
		have[key] = said
	}
	l.options[name] = have
}

func (l *releaseList) entries() []any {
	out := []any{}
	for _, name := range l.names {
		out = append(out, []any{name, l.options[name]})
	}
	return append(out, l.open...)
}
