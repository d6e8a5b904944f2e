package settings

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// unnamed are the types of releases of release-please that name a package by what
// the configuration says alone; others look into its files.
// Source: https://github.com/googleapis/release-please/tree/main/src/strategies
var unnamed = []string{"elixir", "go", "php", "python", "ruby", "simple", "terraform-module"}

// ReleasePlease returns what a configuration of release-please says of the releases
// of all its packages: under draft and skip "true" where that holds for each of them,
// under tags how the tags look, with "*" for what is not known, and under labels
// those that it gives to pull requests.
// Source: https://github.com/googleapis/release-please/blob/main/src/manifest.ts
func (t Tree) ReleasePlease() Tree {
	root, _ := t.root.(map[string]any)
	packages, ok := root["packages"].(map[string]any)
	if !ok || len(packages) == 0 {
		return Tree{File: t.File, opaque: true}
	}
	draft, skip := true, true
	var tags, labels []any
	for _, name := range slices.Sorted(maps.Keys(packages)) {
		own, ok := packages[name].(map[string]any)
		if !ok {
			return Tree{File: t.File, opaque: true}
		}
		said := func(key string) any {
			if v, set := own[key]; set && v != nil {
				return v
			}
			return root[key]
		}
		draft = draft && said("draft") == true && said("force-tag-creation") != true
		skip = skip && said("skip-github-release") == true
		for _, tag := range releaseTags(said) {
			tags = append(tags, tag)
		}
		labels = append(labels, commaParts(said("extra-label"))...)
	}
	for key, otherwise := range map[string]string{"label": "autorelease: pending", "release-label": "autorelease: tagged", "snapshot-label": "autorelease: snapshot"} {
		given := commaParts(root[key])
		if len(given) == 0 {
			given = []any{otherwise}
		}
		labels = append(labels, given...)
	}
	slices.SortFunc(labels, func(a, b any) int { return strings.Compare(a.(string), b.(string)) })
	return Tree{File: t.File, root: map[string]any{"draft": fmt.Sprint(draft), "skip": fmt.Sprint(skip), "tags": tags, "labels": labels}}
}

// releaseTags returns how the tags of a package look.
func releaseTags(said func(key string) any) []string {
	component, _ := said("component").(string)
	name, _ := said("package-name").(string)
	kind, _ := said("release-type").(string)
	switch {
	case said("include-component-in-tag") == false:
		component = ""
	case component != "":
	case name != "":
		component = name
		if scope, bare, ok := strings.Cut(name, "/"); ok && strings.HasPrefix(scope, "@") {
			component = bare
		}
	case !slices.Contains(unnamed, kind):
		return []string{"*"}
	}
	if component != "" {
		separator, ok := said("tag-separator").(string)
		if !ok {
			separator = "-"
		}
		component += separator
	}
	if said("include-v-in-tag") != false {
		return []string{component + "v*"}
	}
	var out []string
	for digit := '0'; digit <= '9'; digit++ {
		out = append(out, component+string(digit)+"*")
	}
	return out
}

// commaParts are the parts of a text between its commas.
func commaParts(v any) (out []any) {
	text, _ := v.(string)
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}
