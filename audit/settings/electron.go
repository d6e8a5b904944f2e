package settings

import (
	"maps"
	"slices"

	"github.com/patrol-actions/patrol/audit/script"
)

// electronFiles are the files of electron-builder's configuration.
// Source: https://www.electron.build/configuration
var electronFiles = []string{
	"package.json#build", "electron-builder.yml", "electron-builder.yaml", "electron-builder.json", "electron-builder.json5", "electron-builder.toml",
	"electron-builder.js", "electron-builder.cjs", "electron-builder.mjs", "electron-builder.ts", "electron-builder.config.js", "package.json#build",
}

// electronPlatforms are the sections of the platforms that it builds for.
var electronPlatforms = []string{"mac", "win", "linux"}

// ElectronProviders returns where electron-builder publishes to: the providers of
// each platform, where none is named GitHub, as long as there is a token for
// that. Own are those that a platform or a target has for itself, which no flag
// changes. Named is the file of a configuration that a call names, "" for none.
// Known is false where that stands in none that can be read.
// Source: https://www.electron.build/publish
func ElectronProviders(named string, read func(name string) ([]byte, error)) (all, own []string, known bool) {
	files := electronFiles
	if named != "" {
		files = []string{named}
	}
	t := Find(files, read)
	if t.none {
		return []string{"github"}, nil, true
	}
	root, ok := t.root.(map[string]any)
	if !ok || t.inherits() {
		return nil, nil, false
	}
	general, known := []string{"github"}, true
	if said, ok := root["publish"]; ok {
		general, known = electronPublish(said)
	}
	own, sure := electronOwn(root, true)
	for _, platform := range electronPlatforms {
		section, _ := root[platform].(map[string]any)
		if _, ok := section["publish"]; !ok {
			all = append(all, general...)
		}
	}
	return append(all, own...), own, known && sure
}

// electronPublish returns the providers under a key publish. Those of a module of
// the project are not known.
func electronPublish(said any) (providers []string, known bool) {
	if said == nil {
		return []string{"none"}, true
	}
	for _, entry := range listed(said) {
		if m, ok := entry.(map[string]any); ok {
			entry = m["provider"]
		}
		name, ok := entry.(string)
		if !ok || name == "custom" {
			return nil, false
		}
		providers = append(providers, name)
	}
	return providers, true
}

// electronOwn returns the providers of the sections below the outermost keys.
func electronOwn(v any, outermost bool) (providers []string, known bool) {
	known = true
	switch v := v.(type) {
	case script.Open:
		return nil, false
	case []any:
		for _, inner := range v {
			more, sure := electronOwn(inner, false)
			providers, known = append(providers, more...), known && sure
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if key == "publish" && outermost {
				continue
			}
			more, sure := electronOwn(v[key], false)
			if key == "publish" {
				more, sure = electronPublish(v[key])
			}
			providers, known = append(providers, more...), known && sure
		}
	}
	return providers, known
}
