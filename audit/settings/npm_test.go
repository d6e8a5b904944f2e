package settings

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadNpmrc(t *testing.T) {
	got := ReadNpmrc([]byte("; ours\n@fern:registry = https://npm.pkg.github.com\nregistry=https://registry.npmjs.org/\n" +
		"//npm.pkg.github.com/:_authToken=${NODE_AUTH_TOKEN}\n//registry.npmjs.org/:_authToken=\"${NPM_TOKEN-}\"\n//npm.pkg.github.com/:_authToken=written\nstrict\n"))
	want := Npm{
		Registry: "https://registry.npmjs.org/", Scopes: map[string]string{"@fern": "https://npm.pkg.github.com"},
		Tokens: map[string][]string{"NODE_AUTH_TOKEN": {"npm.pkg.github.com"}, "NPM_TOKEN": {"registry.npmjs.org"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestReadPublishConfig(t *testing.T) {
	for source, want := range map[string]bool{
		`{"publishConfig": {"registry": "https://npm.pkg.github.com/fern"}}`:  true,
		`{"publishConfig": {"@fern:registry": "https://npm.pkg.github.com"}}`: true,
		`{"publishConfig": {"access": "public", "tag": 3}}`:                   false,
		`{"publishConfig": {"registry": "https://registry.npmjs.org/"}}`:      false,
		`{"publishConfig": "npm.pkg.github.com"}`:                             false,
		`{"repository": "https://npm.pkg.github.com"}`:                        false,
	} {
		if got := ReadPublishConfig([]byte(source)).Names("npm.pkg.github.com"); got != want {
			t.Errorf("%s: %v", source, got)
		}
	}
}
