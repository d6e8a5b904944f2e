package shell

import (
	"strings"
	"testing"
)

func TestWithoutTests(t *testing.T) {
	for _, c := range []struct {
		script string
		tests  int
		reads  bool
	}{
		{`if [ -z "$TOK" ]; then echo no; fi`, 1, false},
		{`[[ -z $TOK ]] || exit 1`, 1, false},
		{`[[ -n "${TOK:-}" && -n $OTHER ]]`, 1, false},
		{`test -n "$TOK" && echo yes`, 1, false},
		{`[[ $TOK == "" ]]; [[ "" != "$TOK" ]]; [ "$TOK" = '' ]`, 3, false},
		{`[ "x$TOK" = x ]; [[ "${TOK}_" != "_" ]]`, 2, false},
		{`[[ $TOK ]]; [ "$TOK" ]; [[ ! $TOK ]]; [ ! "$TOK" ]; [[ ($TOK || $A) ]]`, 5, false},
		{`[ -z "$TOK" -o -z "$A" ]; [ "$A" = b -a -n "$TOK" ]`, 2, false},
		{`[[ -v TOK ]]; test -v TOK`, 2, false},
		{`echo "has=${TOK:+true}" >> "$GITHUB_OUTPUT"; x=${TOK+1}`, 2, false},
		{`if ((${#TOK} > 0)); then echo; fi; : "${TOK:?missing}"`, 2, false},
		{"# TOK is needed\n[ -z \"$TOK\" ] && echo \"::error::TOK is missing, tok=1\"", 1, false},
		{`echo done`, 0, false},

		{`gh api user -H "Authorization: token $TOK"`, 0, true},
		{`[ -z "$TOK" ] || gh x "$TOK"`, 1, true},
		{`gh x ${TOK:+--token "$TOK"}`, 1, true},
		{`[ "$TOK" = abc ]; [[ $TOK == gh* ]]; [ "$TOK" = "$A" ]`, 0, true},
		{`[[ -n $(gh x $TOK) ]]; [ -z "$(curl "$TOK")" ]`, 0, true},
		{`[[ $TOK =~ ^gh ]]`, 0, true},
		{`echo "$TOK"; echo '$TOK'; echo %TOK%; echo "${TOK}"; echo "$(gh x TOK)"`, 0, true},
		{`python -c "import os; os.environ['TOK']"`, 0, true},
		{`export TOK`, 0, true},
		{`echo "${!TOK}"`, 0, true},
		{`x=${TOK:-none}; x=${TOK:0:3}`, 0, true},
		{`: "${TOK:?}" "$(gh x "$TOK")"`, 1, true},
	} {
		rest, tests, parsed := WithoutTests(c.script, "TOK")
		if reads := strings.Contains(strings.ToLower(rest), "tok"); !parsed || tests != c.tests || reads != c.reads {
			t.Errorf("%s: %d tests, want %d; reads %t; parsed %t; left is %s", c.script, tests, c.tests, reads, parsed, rest)
		}
	}
	if rest, _, parsed := WithoutTests("if ($env:TOK -eq '') {", "TOK"); parsed || !strings.Contains(rest, "TOK") {
		t.Errorf("%q of what does not parse", rest)
	}
}

func FuzzWithoutTests(f *testing.F) {
	f.Add(`[ -z "$A" ] && echo "A ${A:+x}" # A`, "A")
	f.Add("[[ $A == '' ]]\ncat <<E\n$A\nE", "A")
	f.Fuzz(func(t *testing.T, source, name string) {
		rest, tests, _ := WithoutTests(source, name)
		if len(rest) > len(source) || tests < 0 {
			t.Errorf("%d tests, %q", tests, rest)
		}
	})
}
