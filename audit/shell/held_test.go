package shell

import (
	"strings"
	"testing"

	"github.com/patrol-actions/patrol/audit/value"
)

// TestHeld holds which comparisons are known to hold where "run" runs.
func TestHeld(t *testing.T) {
	env := (*value.Env)(nil).With(map[string]value.Value{"A": value.Unknown("a"), "B": value.Unknown("b")})
	for script, want := range map[string]string{
		`if [ "$A" != "$B" ]; then run; fi`:                           "a!=b",
		`if [ "$A" = "$B" ]; then true; else run; fi`:                 "a!=b",
		`if [[ $A == x ]]; then run; fi`:                              "a==x",
		`if ! [[ $A == x ]]; then run; fi`:                            "a!=x",
		`if test "$A" = x; then run; fi`:                              "a==x",
		`if [ "$A" = x ] && [ "$B" != y ]; then run; fi`:              "a==x b!=y",
		`if [ "$A" = x ] && [ "$B" != y ]; then true; else run; fi`:   "",
		`if [ "$A" = x ] || [ "$B" != y ]; then run; fi`:              "",
		`if [ "$A" = x ]; then true; elif [ "$A" = y ]; then run; fi`: "a!=x a==y",
		`if [ "$A" = x ]; then exit 0; fi; run`:                       "a!=x",
		`if [ "$A" = x ]; then true; fi; run`:                         "",
		`if [ "$A" = x ] && true; then exit 0; fi; run`:               "",
		`if [ "$A" -eq 3 ]; then run; fi`:                             "",
		`if [ "$(cat a)" = x ]; then run; fi`:                         "",
		`if [ "${A:-x}" = x ]; then run; fi`:                          "",
		`if [ "$A" = x ]; then true; fi; if true; then run; fi`:       "",
	} {
		got := "none"
		for _, c := range Interpret(Input{Source: script, Env: env}).Commands {
			if c.Args[0].String() != "run" {
				continue
			}
			var held []string
			for _, h := range c.Held {
				held = append(held, h.Left.String()+map[bool]string{true: "==", false: "!="}[h.Equal]+h.Right.String())
			}
			got = strings.Join(held, " ")
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", script, got, want)
		}
	}
}
