package rules

import (
	"strings"
	"testing"
)

func TestHooks(t *testing.T) {
	for line, want := range map[string]string{
		"npx semantic-release --debug":       "plugins.@semantic-release/exec.*",
		"npm version patch":                  "scripts.preversion,scripts.version,scripts.postversion",
		"yarn release-it":                    "hooks.*",
		"cargo release patch":                "pre-release-hook",
		"sudo npx -p a standard-version":     "scripts.*",
		"npm install":                        "",
		"release-it-pnpm":                    "",
		"npm":                                "",
		"semantic-release-monorepo --dry":    "",
		"npx nx release":                     "release.version.preVersionCommand",
		"npx --package=x nx release version": "release.version.preVersionCommand",
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
	if err := hookRows().err; err != nil {
		t.Fatal(err)
	}
	for _, r := range hookRows().rows {
		if _, ok := Program(strings.Fields(r.program)); !ok {
			t.Errorf("%s is no known program", r.program)
		}
	}
}
