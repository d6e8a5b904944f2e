package shell

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit/value"
)

// TestFunctionsOfAnOwnShell reads scripts that nobody sources: a function is
// walked where it is called, or where something may call it unseen.
func TestFunctionsOfAnOwnShell(t *testing.T) {
	const library = "a() { gh a; }\nb() { gh b; c; }\nc() { gh c; }\nd() { gh d; }\n"
	tests := map[string]struct {
		source, args, want string
	}{
		"the first word is the function": {library + "F=$1; shift; $F \"$@\"", "b x", "gh b\ngh c\n"},
		"a wrapper of its own name":      {"gh() { log; command gh \"$@\"; }; gh x", "", "log\ngh x\n"},
		"behind a program":               {"gh() { a; }; env gh x; timeout 3 gh y; xargs gh z", "", "gh x\ngh y\ngh z $(xargs)\n? a\n"},
		"perhaps defined":                {"if test $X; then gh() { a; }; fi; gh x", "", "? a\n? gh x\n"},
		"perhaps taken away":             {"gh() { a; }; if test $X; then unset -f gh; fi; gh x", "", "? a\n? gh x\n"},
		"defined in both branches":       {"if test $X; then f() { a; }; else f() { b; }; fi; f x", "", "? b\n? a\n"},
		"gone with its shell":            {"( gh() { a; }; gh x ); gh y", "", "a\ngh y\n"},
		"taken away in a shell":          {"f() { gh a; }; (unset -f f; f); f; f() { gh b; }; (f() { gh c; }; f() { gh d; }; f); f; unset f; f", "", "f\ngh a\ngh d\ngh b\nf\n"},
		"echo perhaps":                   {"${X:+echo} gh x ${Y:+--y}", "", "? echo gh x --y\n? gh x --y\n? gh x\n"},
		"one of two programs":            {"if test $X; then C=gh; else C=hub; fi; $C x", "", "? gh x\n? hub x\n"},
		"a comment calls nothing":        {library + "# a or d\nb", "", "gh b\ngh c\n"},
		"a name in a word":               {library + "gh x --then d; declare -fx b", "", "gh x --then d\n? gh b\n? gh c\n? gh d\n"},
		"a name in quotes":               {library + "ssh h 'x; a' \"y $(d)\"", "", "gh d\nssh h \"x; a\" \"y $(d)\"\n? gh a\n"},
		"a name in a heredoc":            {library + "cat <<END\n$X d\nEND\n", "", "cat < \"$X d\"\n? gh d\n"},
		"a name among the arguments":     {library + "spawner \"$1\"", "d", "spawner d\n? gh d\n"},
		"a name in what eval reads":      {library + "X=spawner; eval \"$X $1\"", "b:d", "spawner b:d\n? gh b\n? gh c\n? gh d\n"},
		"a trap":                         {library + "trap d EXIT", "", "? gh d\n"},
		"a name that is not known":       {library + "a_$X", "", "a_$X\n? gh a\n? gh b\n? gh c\n? gh d\n"},
		"no argument is known":           {library + "$1", "", "$1\n? gh a\n? gh b\n? gh c\n? gh d\n"},
		"one of several names":           {library + "for f in a b; do $f; done", "", "? gh a\n? gh b\n? gh c\n"},
		"a path is no function":          {library + "\"$DIR/x\" y", "", "$DIR/x y\n"},
		"an export of unknown name":      {library + "export -f \"${X}_b\"; make", "", "make\n? gh a\n? gh b\n? gh c\n? gh d\n"},
		"an export":                      {library + "export -f d; make", "", "make\n? gh d\n"},
		"code from elsewhere":            {library + ". lib.sh", "", ". lib.sh\n? gh a\n? gh b\n? gh c\n? gh d\n"},
		"eval of what is not known":      {library + "eval \"$X\"", "", "eval $X\n? gh a\n? gh b\n? gh c\n? gh d\n"},
		"words that are lost":            {library + "again() { \"$@\"; }; again again \"$1\"", "d", "? gh a\n? gh b\n? gh c\n? gh d\n"},
		"it calls itself":                {library + "again() { \"$@\"; }; again again $X", "", "? gh a\n? gh b\n? gh c\n? gh d\n"},
		"names that are no words":        {"a-b() { gh a; }\nc() { gh c; }\n", "", "? gh a\n"},
		"functions within functions":     {"f() { g() { gh a; }; h() { gh b; }; g; }\nf", "", "gh a\n"},
		"it is defined again":            {"f() { gh a; }\nf() { gh b; }\n", "", "? gh b\n"},
		"what is unknown shows late":     {library + "b2() { $X; }\ntrue b2", "", "? $X\n? gh a\n? gh b\n? gh c\n? gh d\n"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			in := Input{Source: test.source, Own: true, Args: []value.Value{value.Text("x.sh")}}
			for _, w := range strings.Fields(test.args) {
				in.Args = append(in.Args, value.Text(w))
			}
			if test.args == "" {
				in.Args = nil
			}
			if diff := cmp.Diff(test.want, render(Interpret(in))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
