package decide

import (
	"strings"
	"testing"

	"github.com/patrol-actions/patrol/audit/value"
)

func TestCoincide(t *testing.T) {
	d := &decider{defaultBranch: "main"}
	name := func(pieces ...string) ref { return ref{pieces: pieces} }
	topic := ref{topic: true}
	for _, test := range []struct {
		name string
		a, b ref
		want bool
	}{
		{"the same", name("main"), name("main"), true},
		{"two", name("live"), name("main"), false},
		{"one of a pattern", name("release/1"), name("release/", ""), true},
		{"none of a pattern", name("live"), name("release/", ""), false},
		{"the default branch in a run for any", name("main"), name("", ""), true},
		{"another in a run for any", name("live"), name("", ""), false},
		{"what is not known", name("", ""), name("live"), true},
		{"partly known", name("docs-", ""), name("live"), false},
		{"two patterns", name("release/", ""), name("release/v", ""), true},
		{"two other patterns", name("release/", ""), name("docs/", ""), false},
		{"heads of pull requests", topic, topic, true},
		{"a head and a name", topic, name("main"), false},
		{"a head and what is not known", topic, name("", ""), true},
	} {
		if got := d.coincide(test.a, test.b); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
}

func TestNamesCode(t *testing.T) {
	for key, want := range map[string]bool{
		"credential.helper=store": false, "credential.https://github.com.helper=!ci/helper": true, "core.askPass=ci/ask": true, "core.hooksPath=/dev/null": false,
		"include.path=ci/gitconfig": true, "includeIf.gitdir:x.path=y": true, "filter.lfs.smudge=git-lfs smudge -- %f": false, "filter.x.clean=ci/clean": true,
		"alias.st=status": false, "alias.up=!ci/up": true, "user.name=reef": false, "core.sshCommand=ssh -i key": false, "core.sshCommand=ci/ssh": true,
	} {
		name, text, _ := strings.Cut(key, "=")
		if got := namesCode(name, value.Text(text)); got != want {
			t.Errorf("%s: %v", key, got)
		}
	}
}
