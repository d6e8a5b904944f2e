package shell

import (
	"slices"
	"strings"
	"testing"
)

func TestForgiven(t *testing.T) {
	for _, test := range []struct {
		name, script string
		// until is what stands where the offset is, "" for a command whose
		// failure ends the script.
		until string
	}{
		{"alone", "commit\npush", ""},
		{"or another", "commit || echo no\npush", "echo no\npush"},
		{"or the end", "commit || exit 1\npush", ""},
		{"or a word and the end", "commit || { echo no; exit 0; }\npush", ""},
		{"and another", "commit && push\npush", "\npush"},
		{"and another, or the end", "commit && push || exit 1", ""},
		{"behind another", "cd x && commit\npush", ""},
		{"in a block", "{ commit; } || true\npush", "true\npush"},
		{"asked for", "if commit; then push; fi\npush", "; fi\npush"},
		{"asked for, negated", "if ! commit; then push; fi", "; then push; fi"},
		{"asked for by a loop", "while commit; do push; done\npush", "; done\npush"},
		{"waited for", "until commit; do wait; done\npush", "; do wait; done\npush"},
		{"and another, or one behind", "commit && status || push", "push"},
		{"or another and one behind", "commit || status && push", "status && push"},
		{"in a function before another", "f() { commit; push; }\nf && echo", "; push; }\nf && echo"},
		{"or the end of a shell of its own", "(commit || exit 0)\npush", "exit 0)\npush"},
		{"in a list of a block", "{ commit; push; } || true\npush", "; push; } || true\npush"},
		{"or the end of a function", "f() { commit || return 1; }\nf\npush", ""},
		{"or the end of a function, as if well", "f() { commit || return 0; }\nf\npush", "return 0; }\nf\npush"},
		{"negated", "! commit\npush", "\npush"},
		{"in the background", "commit &\npush", "\npush"},
		{"into a pipe", "commit | tee log\npush", " | tee log\npush"},
		{"into a pipe that fails with it", "set -o pipefail\ncommit | tee log\npush", ""},
		{"taken by a variable", "x=$(commit)\npush", ""},
		{"taken by a variable before another", "x=$(commit; true)\npush", "; true)\npush"},
		{"taken by a declaration", "export x=$(commit)\npush", ")\npush"},
		{"taken by a word", "echo \"$(commit)\"\npush", ")\"\npush"},
		{"without errexit", "set +e\ncommit\npush", "\npush"},
		{"without errexit for a while", "set +e\nset -euo pipefail\ncommit\npush", ""},
		{"without errexit, by its name", "set +o errexit\ncommit\npush", "\npush"},
		{"without errexit, or the end", "set +e\ncommit || exit 1\npush", ""},
		{"without errexit, the last", "set +e\nadd\ncommit", ""},
		{"without errexit, in the last block", "set +e\nif x; then commit; push; fi", "; push; fi"},
		{"without errexit, in a function called last", "f() { commit; push; }\nset +e\nf", "; push; }\nset +e\nf"},
		{"without errexit, at the end of the last list", "set +e\nadd && commit", ""},
		{"without errexit, in the last list", "set +e\nadd && commit && push", ""},
		{"without errexit, in a last list that goes on", "set +e\ncommit && push || true", "true"},
		{"without errexit in a branch", "if x; then set +e; fi\ncommit\npush", "\npush"},
		{"without errexit in a shell of its own", "(set +e)\ncommit\npush", ""},
	} {
		result := Interpret(Input{Source: test.script, Errexit: true})
		for _, c := range result.Commands {
			if name := c.Args[0].LiteralOr(""); name != "commit" {
				continue
			}
			got := ""
			if c.Forgiven > 0 {
				got = test.script[c.Forgiven:]
			}
			if strings.TrimPrefix(got, ";") != strings.TrimPrefix(test.until, ";") {
				t.Errorf("%s: forgiven until %q, want %q", test.name, got, test.until)
			}
		}
		if len(result.Commands) == 0 || result.Commands[0].Args == nil {
			t.Errorf("%s: no command", test.name)
		}
	}
}

func TestAvoided(t *testing.T) {
	for script, want := range map[string]bool{
		"commit\nexit 0":                               false,
		"if x; then exit 0; fi\ncommit":                true,
		"if x; then exit; fi\ncommit":                  true,
		"if x; then exit 1; fi\ncommit":                false,
		"x || exit 0\ncommit":                          true,
		"commit || exit 0":                             true,
		"commit || { echo none; exit 0; }":             true,
		"commit || exit 1":                             false,
		"f() { if x; then return; fi; }\nf\ncommit":    false,
		"f() { if x; then return; fi; commit; }\nf":    true,
		"f() { if x; then return 1; fi; commit; }\nf":  false,
		"if x; then exit $status; fi\ncommit":          false,
		"[ -n \"$x\" ] || return 0\ncommit\nunrelated": true,
	} {
		found := false
		for _, c := range Interpret(Input{Source: script, Errexit: true}).Commands {
			if c.Args[0].LiteralOr("") != "commit" {
				continue
			}
			found = true
			if c.Avoided != want {
				t.Errorf("%q: avoided %t, want %t", script, c.Avoided, want)
			}
		}
		if !found {
			t.Errorf("%q: no commit", script)
		}
	}
}

// TestScopes tells for the first commit and the last push of a script whether the
// push runs under all that the commit does.
func TestScopes(t *testing.T) {
	for script, want := range map[string]bool{
		"git diff --quiet || commit && push":                   false,
		"git diff --quiet || (commit && push)":                 true,
		"if x; then commit; push; fi":                          true,
		"if x; then commit; fi\npush":                          false,
		"if x; then commit; fi\nif x; then push; fi":           false,
		"f() { git diff --quiet && return; commit; }\nf\npush": false,
		"f() { git diff --quiet && return; commit; push; }\nf": true,
		"f() { if x; then return 0; fi; commit; }\nf\npush":    false,
		"(git diff --quiet && exit 0; commit)\npush":           false,
		"(git diff --quiet && exit 0; commit; push)":           true,
		"if x; then exit 0; fi\ncommit\npush":                  true,
		"for a in 1 2; do commit; push; done":                  true,
	} {
		var commit, push *Command
		commands := Interpret(Input{Source: script, Errexit: true}).Commands
		for n := range commands {
			switch commands[n].Args[0].LiteralOr("") {
			case "commit":
				commit = &commands[n]
			case "push":
				push = &commands[n]
			}
		}
		if commit == nil || push == nil {
			t.Fatalf("%q: no commit or no push", script)
		}
		got := true
		for _, scope := range commit.Scopes {
			got = got && slices.Contains(push.Scopes, scope)
		}
		if got != want {
			t.Errorf("%q: %t, commit %v, push %v", script, got, commit.Scopes, push.Scopes)
		}
	}
}
