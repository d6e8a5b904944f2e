package rules

import (
	"slices"
	"strings"
	"testing"
)

func TestHooks(t *testing.T) {
	for line, want := range map[string]string{
		"npx semantic-release --debug":              "plugins.@semantic-release/exec.*",
		"npm version patch":                         "scripts.preversion,scripts.version,scripts.postversion",
		"yarn release-it":                           "hooks.*",
		"npm install --prefix web --ignore-scripts": "",
		"npm install left-pad":                      "scripts.predependencies,scripts.dependencies,scripts.postdependencies",
		"yarn --frozen-lockfile":                    "scripts.preinstall,scripts.install,scripts.postinstall,scripts.prepublish,scripts.prepare",
		"yarn build":                                "",
		"cargo release patch":                       "pre-release-hook",
		"sudo npx -p a standard-version":            "scripts.*",
		"npm run build":                             "",
		"release-it-pnpm":                           "",
		"npx semantic-release-x":                    "",
		"npm":                                       "",
		"semantic-release-monorepo --dry":           "plugins.@semantic-release/exec.*",
		"npx nx release":                            "release.version.preVersionCommand",
		"npx --package=x nx release version":        "release.version.preVersionCommand",
	} {
		var keys []string
		for _, h := range Hooks(strings.Fields(line)) {
			keys = append(keys, h.Keys...)
		}
		if got := strings.Join(keys, ","); got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}

// TestHookTable checks that what runs commands is a program that is known.
func TestHookTable(t *testing.T) {
	for _, r := range hookRows().rows {
		_, ok := Program(r.program)
		if _, alone := Program(append(slices.Clip(r.program), "install")); !ok && !alone {
			t.Errorf("%s is no known program", strings.Join(r.program, " "))
		}
	}
}
