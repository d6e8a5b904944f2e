package shell

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit/value"
)

// options takes its arguments as scripts do.
const options = `
usage() { exit 1; }
while [ $# -gt 0 ]; do
  case "$1" in
    -t|--type) [ -n "${2:-}" ] || usage; TYPE="$2"; shift ;;
    --dry-run) DRY=--draft ;;
    --) shift; break ;;
    *) usage ;;
  esac
  shift
done
`

func TestPick(t *testing.T) {
	for _, test := range []struct{ name, source, args, want string }{
		{"case", "case $1 in a|b) gh 1 ;; c*) gh 2 ;; \"c*\") gh 3 ;; *) gh 4 ;; esac", "b", "gh 1"},
		{"glob", "case \"${1:-}\" in a|b) gh 1 ;; c*) gh 2 ;; *) gh 4 ;; esac", "cc", "gh 2"},
		{"quoted is no glob", "case \"$1\" in \"c*\") gh 3 ;; *) gh 4 ;; esac", "cc", "gh 4"},
		{"beginning", "case $1 in --user=*) gh 1 ;; -*=*) gh 2 ;; *) gh 3 ;; esac", "--token=$X", "gh 2"},
		{"beginning of a pattern", "case $1 in --to) gh 1 ;; --token=a*) gh 2 ;; *) gh 3 ;; esac", "--token=$X", "? gh 1\n? gh 2\n? gh 3"},
		{"beginning that is no star's", "case $1 in --token=\\*) gh 1 ;; *) gh 2 ;; esac", "--token=$X", "? gh 1\n? gh 2"},
		{"beginning in a test", "if [[ $1 == --token=* ]]; then gh 1; elif [[ $1 != -* ]]; then gh 2; else gh 3; fi; [ \"$1\" = --token=a ] && gh 4", "--token=$X", "gh 1\n? gh 4"},
		{"options with what they are given", "while [[ $# -gt 0 ]]; do case $1 in --user=*) U=${1#*=} ;; --token=*) T=${1#*=} ;; *) exit 1 ;; esac; shift; done; gh $U $T", "--user=$U --token=$X", "gh $U $X"},
		{"none", "case $1 in a) gh 1 ;; esac; gh 2", "b", "gh 2"},
		{"default", "case ${2:-a} in a) gh 1 ;; *) gh 2 ;; esac", "b", "gh 1"},
		{"falls through", "case $1 in a) gh 1 ;& b) gh 2 ;; *) gh 3 ;; esac", "a", "? gh 1\n? gh 2\n? gh 3"},
		{"pattern that is not known", "case $1 in $X) gh 1 ;; b) gh 2 ;; esac", "b", "? gh 1\n? gh 2"},
		{"no arguments are known", "case $1 in a) gh 1 ;; *) gh 2 ;; esac", "-", "? gh 1\n? gh 2"},
		{"if", "if [ \"$1\" = a ]; then gh 1; elif [[ $1 == b* ]]; then gh 2; else gh 3; fi", "bc", "gh 2"},
		{"if not", "if [[ ! -z $1 && \"$1\" != b ]]; then gh 1; fi; test \"$1\" != b && gh 2; [ \"$1\" = b ] || gh 3", "b", ""},
		{"tests that bind", "[[ ! $1 = a && $1 = c ]] && gh 1; [[ $1 = a && $1 = c || $1 = b ]] && gh 2; [[ $1 = b || $1 = a && $1 = c ]] && gh 3; [[ ! ($1 = b && $X = c) ]] && gh 4", "b", "gh 2\ngh 3\n? gh 4"},
		{"a word alone", "[ \"$1\" ] && gh 1; [[ ${2:-} ]] && gh 2; if $1; then gh 3; else gh 4; fi; if ! $1; then gh 5; fi", "true", "gh 1\ngh 3"},
		{"and or", "[ \"$1\" = b ] && gh 1 || gh 2; [ \"$1\" = a ] && gh 3 || gh 4; [ \"$1\" = a ] || gh 5", "b", "gh 1\ngh 4\ngh 5"},
		{"variable", "M=$1; case $M in a) gh 1 ;; b) gh 2 ;; esac", "b", "gh 2"},
		{"variable of the environment", "case $MODE in a) gh 1 ;; b) gh 2 ;; esac; if [ ! \"$MODE\" = a ]; then gh 3; fi", "b", "gh 1"},
		{"variable of the environment that is set", "MODE=b; case $MODE in a) gh 1 ;; b) gh 2 ;; esac; read -r MODE; case $MODE in a) gh 3 ;; b) gh 4 ;; esac", "b", "gh 2\n? gh 3\n? gh 4"},
		{"variable of the environment that may be set", "if x; then MODE=b; fi; case $MODE in a) gh 1 ;; *) gh 2 ;; esac", "b", "x\n? gh 1\n? gh 2"},
		{"variable of the environment in a loop", "for x in 1 2; do case $MODE in a) gh 1 ;; b) gh 2 ;; esac; done", "b", "? gh 1"},
		{"variable of the environment that a loop sets", "for x in 1 2; do case $MODE in a) gh 1 ;; b) gh 2 ;; esac; MODE=b; done", "b", "? gh 1\n? gh 2"},
		{"variable of the environment after what is not read", "eval \"$(x)\"; case $MODE in a) gh 1 ;; b) gh 2 ;; esac", "b", "x\neval $(x)\n? gh 1\n? gh 2"},
		{"variable of the environment after a file", "source x.sh; case $MODE in a) gh 1 ;; b) gh 2 ;; esac", "b", "source x.sh\n? gh 1\n? gh 2"},
		{"variable of the environment that the runner sets", "case $GITHUB_REF_NAME in a) gh 1 ;; b) gh 2 ;; esac", "b", "? gh 1\n? gh 2"},
		{"variable of the environment that may have changed", "case $OLD in a) gh 1 ;; b) gh 2 ;; esac", "b", "? gh 1\n? gh 2"},
		{"variable of the environment in another program", "sudo bash -c 'case $MODE in a) gh 1 ;; *) gh 2 ;; esac'; bash -c 'case $MODE in a) gh 3 ;; *) gh 4 ;; esac'", "b", "? gh 1\n? gh 2\ngh 3"},
		{"left where a variable says so", "[ $MODE = a ] && exit 0; gh 1", "b", ""},
		{"left in a branch", "if [ $MODE = a ]; then echo; exit 0; fi; gh 1; f() { gh 2; }; f", "b", "echo"},
		{"left by a function", "f() { case $MODE in a) exit 1 ;; esac; gh 1; }; f; gh 2", "b", ""},
		{"left a function", "f() { case $MODE in a) return 1 ;; esac; gh 1; }; f || gh 2; gh 3", "b", "? gh 2\ngh 3"},
		{"left a shell of its own", "(if [ $MODE = a ]; then exit; fi; gh 1); X=$([ $MODE != a ] || exit; echo b); gh 2 $X; x | { [ $MODE = a ] && exit; gh 3; }; bash -c '[ $MODE = a ] && exit; gh 4'; gh 5", "b", "gh 2\nx\ngh 5"},
		{"left a turn", "for x in 1 2; do if [[ $MODE == a ]]; then continue; fi; gh 1; done; gh 2", "b", "gh 2"},
		{"left perhaps", "if x; then [ $MODE = a ] && exit; gh 1; fi; gh 2", "b", "x\ngh 2"},
		{"returns from no function", "[ $MODE = a ] && return; gh 1", "b", "gh 1"},
		{"left at a trap", "trap 'gh 1' EXIT; [ $MODE = a ] && exit; gh 2", "b", "? gh 1"},
		{"no words in a test", "[ $EMPTY != a ] && gh 1; [ \"$EMPTY\" != a ] && gh 2; [ -n $EMPTY ] && gh 3; [ \"$EMPTY\" ] && gh 4", "b", "? gh 1\ngh 2\n? gh 3"},
		{"variable in a loop", "M=a; while read -r x; do case $M in a) gh 1 ;; b) gh 2 ;; esac; M=b; done", "b", "? gh 1\n? gh 2"},
		{"variable of a file", "M=a; source conf.sh; case $M in a) gh 1 ;; b) gh 2 ;; esac", "b", "source conf.sh\n? gh 1\n? gh 2"},
		{"shifted in a loop", "for x in 1 2; do case $1 in a) gh 1 ;; b) gh 2 ;; esac; shift; done", "a b", "? gh 1\n? gh 2"},
		{"shifted or not", "if x; then shift; fi; case $1 in a) gh 1 ;; b) gh 2 ;; esac", "a b", "x\n? gh 1\n? gh 2"},
		{"function", "f() { case $1 in a) gh 1 ;; b) gh 2 ;; esac; }; f a", "b", "gh 1"},
		{"function that calls itself", "f() { case $1 in a) gh 1; f b ;; b) gh 2 ;; esac; }; f a", "b", "gh 1\n? gh 1\n? gh 2"},
		{"functions that call each other", "f() { case $1 in a) g b ;; b) gh 2 ;; esac; }; g() { f b; }; f a", "b", "? gh 2"},
		{"function that nothing calls", "M=a; trap 'case $M in a) gh 1 ;; b) gh 2 ;; esac' EXIT; M=b", "b", "? gh 1\n? gh 2"},
		{"options", options + "case $TYPE in release) gh 1 $DRY ;; *) gh 2 ;; esac", "--type release --dry-run", "gh 1 --draft"},
		{"options, left", options + "gh 1 $TYPE $1", "-t a -- b", "gh 1 a b"},
		{"options of which one is not known", options + "case $TYPE in a) gh 1 ;; *) gh 2 ;; esac", "-t $X", "? gh 1\n? gh 2"},
		{"options of which one is only known when it runs", options + "case $TYPE in a) gh 1 ;; *) gh 2 ;; esac", "-t a --type $X", "? gh 1\n? gh 2"},
		{"options with a value that is only known when it runs", "while [ $# -gt 0 ]; do case $1 in -n) if [[ -n \"${2:-}\" ]]; then N=$2; shift; fi ;; -t) T=$2; shift ;; esac; shift; done; case $T in a) gh 1 $N ;; *) gh 2 ;; esac", "-n $X -t a", "gh 1 $X"},
		{"words that may be several", "f() { case $2 in a) gh 1 ;; *) gh 2 ;; esac; }; f $X a", "b", "? gh 1\n? gh 2"},
		{"words of files", "f() { case $2 in a) gh 1 ;; *) gh 2 ;; esac; }; f *.zip a", "b", "? gh 1\n? gh 2"},
		{"words of files in a folder", "f() { case $2 in a) gh 1 ;; *) gh 2 ;; esac; }; f \"$DIR\"/*.zip a", "b", "? gh 1\n? gh 2"},
		{"words of an array", "A=($X b); f() { case $3 in a) gh 1 ;; *) gh 2 ;; esac; }; f \"${A[@]}\" a", "b", "? gh 1\n? gh 2"},
		{"element of an array", "A=(b c); f() { case $2 in a) gh 1 ;; *) gh 2 ;; esac; }; f \"${A[1]}\" a", "b", "gh 1"},
		{"after what may change it", "f() { M=b; }; M=a; if f && [ $M = b ]; then gh 1; else gh 2; fi", "-", "? gh 1\n? gh 2"},
		{"after what is not known", "M=a; x || [ $M = a ] && gh 1; if x && [ $M = b ]; then gh 2; fi", "-", "x\n? gh 1\nx\n? gh 2"},
		{"words in quotes", "f() { case $2 in a) gh 1 ;; *) gh 2 ;; esac; }; f \"$X\" a", "b", "gh 1"},
		{"words handed on", "f() { case $2 in a) gh 1 ;; *) gh 2 ;; esac; }; f \"$@\"", "b a", "gh 1"},
		{"words handed on that are not known", "f() { case $1 in a) gh 1 ;; *) gh 2 ;; esac; }; f a \"$@\"", "-", "? gh 1\n? gh 2"},
		{"shifted by what is not known", "while getopts t: o; do x; done; shift $((OPTIND - 1)); case $1 in a) gh 1 ;; b) gh 2 ;; esac", "-t a b", "? x\n? gh 1\n? gh 2"},
		{"compared without case", "shopt -s nocasematch; case $1 in A) gh 1 ;; b) gh 2 ;; esac", "a", "? gh 1\n? gh 2"},
		{"set anew", "set -- $X; case $1 in a) gh 1 ;; b) gh 2 ;; esac", "b", "? gh 1\n? gh 2"},
		{"set to words", "set -- a; case $1 in a) gh 1 ;; b) gh 2 ;; esac", "b", "gh 1"},
		{"options, endless", "while true; do case \"${1:-}\" in -a) A=$2; shift ;; *) break ;; esac; shift; done; case $A in x) gh 1 ;; *) gh 2 ;; esac", "-a x", "gh 1"},
		{"options, continued", "while :; do case \"${1:-}\" in -a) A=1; shift; continue ;; '') break ;; esac; gh $1; shift; done; gh 2 $A", "b -a", "gh b\ngh 2 1"},
		{"options, perhaps left", "while [ $# -gt 0 ]; do x && break; A=$1; shift; done; case $A in a) gh 1 ;; b) gh 2 ;; esac", "a b", "x\n? gh 1\n? gh 2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			environment := (*value.Env)(nil).Set("OLD", value.Text("a")).Opened().With(map[string]value.Value{
				"MODE": value.Text("a"), "EMPTY": value.Text(""), "GITHUB_REF_NAME": value.Text("a"),
			})
			in := Input{Source: test.source, Env: environment, Own: true}
			if test.args != "-" {
				in.Args = []value.Value{value.Text("x.sh")}
				for _, word := range strings.Fields(test.args) {
					begin, unknown, _ := strings.Cut(word, "$")
					in.Args = append(in.Args, value.Text(begin))
					if unknown != "" {
						in.Args[len(in.Args)-1] = value.Concat(value.Text(begin), value.Unknown("$"+unknown))
					}
				}
			}
			if diff := cmp.Diff(test.want, strings.TrimSpace(render(Interpret(in)))); diff != "" {
				t.Error(diff)
			}
		})
	}
}
