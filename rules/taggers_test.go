package rules

import (
	"strings"
	"testing"
)

func TestMakesTag(t *testing.T) {
	for words, want := range map[string]bool{
		"npm version patch": true, "npm version patch --no-git-tag-version": false, "npm publish": false, "standard-version": true,
		"standard-version --skip.tag": false, "bump2version minor": true, "make version": false, "": false,
	} {
		if got := MakesTag(strings.Fields(words)); got != want {
			t.Errorf("MakesTag(%q) = %v", words, got)
		}
	}
}

func TestMakesCommit(t *testing.T) {
	for words, want := range map[string]bool{
		"npm version patch": true, "npm version patch --no-git-tag-version": false, "bumpp --no-tag": true, "standard-version --skip.tag": true,
		"standard-version --dry-run": false, "npx --yes standard-version@9": true, "npx": false, "bundle exec make version": false, "make version": false,
	} {
		if got := MakesCommit(strings.Fields(words)); got != want {
			t.Errorf("MakesCommit(%q) = %v", words, got)
		}
	}
}

func TestMakesNoTag(t *testing.T) {
	for line, want := range map[string]bool{
		"npm version patch --no-git-tag-version":       true,
		"npm version patch --no-git-tag-version false": false,
		"npm version patch":                            false,
		"npx standard-version --skip.tag":              true,
		"npx standard-version --skip.tag false":        false,
		"make --skip.tag":                              false,
	} {
		if got := MakesNoTag(strings.Fields(line)); got != want {
			t.Errorf("%q: %v, want %v", line, got, want)
		}
	}
}
