package settings

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestGitSettings(t *testing.T) {
	const source = `
loose = x
[User] name = "Harbour Bot" ; who
# [remote "origin"]
[remote "Origin"]
	PushURL = https://github.com/o/n.git # there
	push = HEAD:\
live
[push]
	followTags
	default =
[url "https://x@github.com/"]
	insteadOf = "https://github.com/"
[broken
	a = b
`
	want := []GitSetting{
		{"user.name", "Harbour Bot"}, {"remote.Origin.pushurl", "https://github.com/o/n.git"}, {"remote.Origin.push", "HEAD:live"},
		{"push.followtags", "true"}, {"push.default", ""}, {"url.https://x@github.com/.insteadof", "https://github.com/"},
	}
	if diff := cmp.Diff(want, GitSettings(source)); diff != "" {
		t.Error(diff)
	}
}

func FuzzGitSettings(f *testing.F) {
	f.Add("[a \"b\"] c = \"d\\\"\" # e\n[f]\ng\n")
	f.Add("[submodule \"x\"]\n\tpath = x\n\turl = ../x\n")
	f.Fuzz(func(t *testing.T, source string) {
		for _, s := range GitSettings(source) {
			if section, name, ok := strings.Cut(s.Key, "."); !ok || section == "" || name == "" {
				t.Errorf("%q of %q", s.Key, source)
			}
		}
		Submodules(source)
	})
}
