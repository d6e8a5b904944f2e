package settings

import (
	"strings"
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

func TestReadYarnrc(t *testing.T) {
	const source = `
npmRegistryServer: https://registry.example.org
npmAuthToken: ${OWN_TOKEN}
npmScopes:
  harbour: {npmAuthToken: "${PACKAGES:-}", npmRegistryServer: "https://npm.pkg.github.com"}
  lamps: {npmAuthToken: fixed}
npmRegistries:
  "//npm.pkg.github.com": {npmAuthToken: $BARE}
`
	want := Npm{
		Registry: "https://registry.example.org",
		Scopes:   map[string]string{"@harbour": "https://npm.pkg.github.com", "@lamps": "https://registry.example.org"},
		Tokens:   map[string][]string{"OWN_TOKEN": {"registry.example.org"}, "PACKAGES": {"npm.pkg.github.com"}, "BARE": {"npm.pkg.github.com"}},
	}
	if diff := cmp.Diff(want, ReadYarnrc([]byte(source))); diff != "" {
		t.Error(diff)
	}
}

func TestReadBunfig(t *testing.T) {
	const source = `
[install]
registry = "https://registry.example.org"
[install.scopes]
harbour = { url = "https://npm.pkg.github.com/", token = "$PACKAGES" }
"@lamps" = "https://lamps.example.org"
`
	want := Npm{
		Registry: "https://registry.example.org",
		Scopes:   map[string]string{"@harbour": "https://npm.pkg.github.com/", "@lamps": "https://lamps.example.org"},
		Tokens:   map[string][]string{"PACKAGES": {"npm.pkg.github.com"}},
	}
	if diff := cmp.Diff(want, ReadBunfig([]byte(source))); diff != "" {
		t.Error(diff)
	}
}

func FuzzReadNpm(f *testing.F) {
	f.Add("npmScopes: {a: {npmAuthToken: '${B:-}', npmRegistryServer: 'https://c'}}")
	f.Add("[install.scopes]\na = { url = \"https://b\", token = \"$C\" }")
	f.Add("//npm.pkg.github.com/:_authToken=${A}\n@b:registry=https://c")
	f.Fuzz(func(t *testing.T, source string) {
		for _, n := range []Npm{ReadNpmrc([]byte(source)), ReadYarnrc([]byte(source)), ReadBunfig([]byte(source))} {
			for name := range n.Tokens {
				if strings.ContainsAny(name, "${}:-") {
					t.Errorf("%q is no variable", name)
				}
			}
		}
	})
}
