package shell

import (
	"slices"
	"strings"
	"testing"
)

func TestForgiven(t *testing.T) {
	for _, test := range []struct {
		name, script string
		// skips are the commands that are skipped where the commit fails, "all" for
		// one whose failure ends the script.
		skips string
	}{
		{"alone", "commit\npush", "all"},
		{"or another", "commit || no\npush", ""},
		{"or the end", "commit || exit 1\npush", "all"},
		{"or the end with its status", "commit || exit\npush", "all"},
		{"or a word and the end", "commit || { no; exit 0; }\npush", "no push"},
		{"or a word and the end with that one's status", "commit || { no; exit; }\npush", "no push"},
		{"or false", "commit || false\npush", "all"},
		{"or a shell that fails", "commit || (no; exit 1)\npush", "all"},
		{"or a shell that fails before another", "commit || (no; exit 1) || true\npush", ""},
		{"or a function that ends it", "die() { no; exit 1; }\ncommit || die\npush", "all"},
		{"or a function that ends it well", "end() { no; exit 0; }\n(commit || end; add)\npush", "no add"},
		{"or a function that returns", "no() { return 1; }\ncommit || no\npush", ""},
		{"and another", "commit && push\npush", "push"},
		{"and another, or the end", "commit && push || exit 1", "all"},
		{"behind another", "cd x && commit\npush", "all"},
		{"in a block", "{ commit; } || add\npush", ""},
		{"asked for", "if commit; then push; fi\nadd", "push"},
		{"asked for, with another", "if commit; then push; else add; fi\nadd", "push"},
		{"asked for behind others", "if add; commit; then push; fi\nadd", "push"},
		{"asked for, in a list that goes on", "if commit || no; then push; fi", ""},
		{"asked for, negated", "if ! commit; then push; fi", ""},
		{"asked for, negated, in a list", "! commit && push", ""},
		{"asked for, or the end", "if ! commit; then exit 0; fi\npush", "push"},
		{"asked for, or the end as a failure", "if ! commit; then no; exit 1; fi\npush", "all"},
		{"asked for, or else the end", "if commit; then add; else exit 0; fi\npush", "add push"},
		{"asked for by a loop", "while commit; do push; done\nadd", "push"},
		{"waited for", "until commit; do wait; done\npush", "all"},
		{"waited for, negated", "while ! commit; do sleep; done\npush", "all"},
		{"waited for a while", "until commit; do break; done\npush", ""},
		{"in a loop without errexit", "set +e\nfor a in 1 2; do commit; done", ""},
		{"and another, or one behind", "commit && status || push", "status"},
		{"or another and one behind", "commit || status && push", ""},
		{"in a function before another", "f() { commit; push; }\nf && add", ""},
		{"or the end of a shell of its own", "(commit || exit 0; add)\npush", "add"},
		{"or the end of a shell of its own, as a failure", "(commit || exit 1)\npush", "all"},
		{"or the end of a shell of its own that may fail", "(commit || exit 1; add) || true\npush", "add"},
		{"in a list of a block", "{ commit; push; } || true\npush", ""},
		{"or the end of a function", "f() { commit || return 1; }\nf\npush", "all"},
		{"or the end of a function, as if well", "f() { commit || return 0; add; }\nf\npush", "add"},
		{"or the end of a function with its status", "f() { commit || return; add; }\nf\npush", "all"},
		{"negated", "! commit\npush", ""},
		{"in the background", "commit &\npush", ""},
		{"in the background, or the end", "commit || exit 0 &\npush", ""},
		{"in a pipe, or the end", "git ls-files | while read -r f; do commit || exit 0; add; done\npush", "add"},
		{"in a shell of its own that is the last", "set +e\n(set -e; commit; push)", "all"},
		{"in a shell of its own before another", "(set -e; commit; push) && add", ""},
		{"into a pipe", "commit | tee log\npush", ""},
		{"into a pipe that fails with it", "set -o pipefail\ncommit | tee log\npush", "all"},
		{"taken by a variable", "x=$(commit)\npush", "all"},
		{"taken by a variable before another", "x=$(commit; true)\npush", ""},
		{"taken by a variable that another one follows", "x=$(commit) y=$(true)\npush", ""},
		{"taken by a variable, in a function", "f() { commit; push; }\nx=$(f)", ""},
		{"taken by a variable, or the end of that", "x=$(commit || exit 0)\npush", ""},
		{"taken by a declaration", "export x=$(commit)\npush", ""},
		{"taken by a word", "echo \"$(commit)\"\npush", ""},
		{"taken by a file", "cat <(commit)\npush", ""},
		{"without errexit", "set +e\ncommit\npush", ""},
		{"without errexit for a while", "set +e\nset -euo pipefail\ncommit\npush", "all"},
		{"without errexit, by its name", "set +o errexit\ncommit\npush", ""},
		{"without errexit, or the end", "set +e\ncommit || exit 1\npush", "all"},
		{"without errexit, or the end of a shell of its own", "set +e\n(commit || exit 1; add)\npush", "add"},
		{"without errexit, the last", "set +e\nadd\ncommit", "all"},
		{"without errexit, in the last block", "set +e\nif x; then commit; push; fi", ""},
		{"without errexit, the last of the last block", "set +e\nif x; then add; commit; fi", "all"},
		{"without errexit, in a function called last", "f() { commit; push; }\nset +e\nf", ""},
		{"without errexit, at the end of the last list", "set +e\nadd && commit", "all"},
		{"without errexit, in the last list", "set +e\nadd && commit && push", "all"},
		{"without errexit, in a last list that goes on", "set +e\ncommit && push || true", "push"},
		{"without errexit in a branch", "if x; then set +e; fi\ncommit\npush", ""},
		{"without errexit in a shell of its own", "(set +e)\ncommit\npush", "all"},
		{"by a shell that is started", "bash -c 'commit; push'\nadd", ""},
		{"by a shell that is started, the last", "bash -c 'add; commit'\npush", "all"},
		{"by a shell that is started, in a list", "bash -c 'commit && push'\nadd", "all"},
		{"by a shell that is started and may fail", "bash -c 'commit && push' || true\nadd", "push"},
		{"by a shell that is started with errexit", "bash -ec 'commit; push'\nadd", "all"},
		{"by a shell that is started with errexit and may fail", "bash -euo pipefail -c 'commit; push' || true\nadd", "push"},
		{"by a shell that is started without errexit again", "bash -e +e -c 'commit; push'\nadd", ""},
		{"by a shell that ends well", "bash -ec 'commit || exit 0; add'\npush", "add"},
		{"by a shell that is given it to read", "bash <<END\ncommit\npush\nEND\n", ""},
		{"by a program that hides it", "script -qc 'commit'\npush", ""},
	} {
		checkSkips(t, test.name, Input{Source: test.script, Errexit: true}, test.skips)
	}
}

// checkSkips compares what is skipped where the command "commit" fails.
func checkSkips(t *testing.T, name string, in Input, want string) {
	t.Helper()
	commands := Interpret(in).Commands
	at := slices.IndexFunc(commands, func(c Command) bool { return c.Args[0].LiteralOr("") == "commit" })
	if at < 0 {
		t.Errorf("%s: no commit", name)
		return
	}
	got := "all"
	if end := commands[at].Forgiven; end > 0 {
		var skipped []string
		for _, c := range commands[at+1 : end] {
			skipped = append(skipped, c.Args[0].LiteralOr(""))
		}
		got = strings.Join(skipped, " ")
	}
	if got != want {
		t.Errorf("%s: skips %q, want %q", name, got, want)
	}
}

func TestLines(t *testing.T) {
	for _, test := range []struct {
		name, script string
		in           Input
		skips        string
	}{
		{"alone", "commit\npush", Input{}, "all"},
		{"before another", "commit; add\npush", Input{}, ""},
		{"before another, joined", "commit; \\\n  add\npush", Input{}, ""},
		{"before another, with errexit", "commit; add\npush", Input{Errexit: true}, "all"},
		{"behind another", "add; commit\npush", Input{}, "all"},
		{"in a list", "commit && add\npush", Input{}, "all"},
		{"or the end", "commit || exit 0\npush", Input{}, ""},
		{"or the end, before another", "commit || exit 0; add\npush", Input{}, "add"},
		{"in a shell of its own", "(commit; true)\npush", Input{}, ""},
		{"in a condition", "if x; then add; commit; fi\npush", Input{}, "all"},
		{"without errexit for a while", "set +e\ncommit\npush", Input{}, "all"},
		{"forgiven", "commit\npush", Input{Lines: []Line{{Forgiven: true}, {}}}, ""},
		{"forgiven, in a list", "commit && add\npush", Input{Lines: []Line{{Forgiven: true}, {}}}, "add"},
		{"forgiven, with errexit", "commit; add\npush", Input{Errexit: true, Lines: []Line{{Forgiven: true}, {}}}, "add"},
	} {
		test.in.Source = test.script
		if test.in.Lines == nil {
			test.in.Lines = []Line{}
		}
		checkSkips(t, test.name, test.in, test.skips)
	}
}

func TestAvoided(t *testing.T) {
	for script, want := range map[string]bool{
		"commit\nexit 0":                               false,
		"if x; then exit 0; fi\ncommit":                true,
		"if x; then exit; fi\ncommit":                  true,
		"if x; then exit 1; fi\ncommit":                false,
		"x || exit 0\ncommit":                          true,
		"commit || exit 0":                             false,
		"commit || { echo none; exit 0; }":             false,
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
