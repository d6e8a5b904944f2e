package trace

import (
	"fmt"
	"strings"
	"testing"

	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
)

func TestMakeWords(t *testing.T) {
	for line, want := range map[string]string{
		"make":                             ". [] [] ",
		"make cut":                         ". [] [cut] ",
		"make -C build cut":                "build [] [cut] C",
		"make -Cbuild cut":                 "build [] [cut] C",
		"make -kC build cut":               "build [] [cut] kC",
		"make --directory=build cut":       "build [] [cut] C",
		"make --dir=build cut":             "build [] [cut] C",
		"make --dir build cut":             "build [] [cut] C",
		"make -C a -C b cut":               "a/b [] [cut] CC",
		"make -sf x.mk cut":                ". [x.mk] [cut] sf",
		"make --makefile x.mk -f y.mk cut": ". [x.mk y.mk] [cut] ff",
		"make -j cut":                      ". [] [cut] j",
		"make -j 4 cut":                    ". [] [cut] j",
		"make -j4 cut":                     ". [] [cut] j",
		"make -j1 cut":                     ". [] [cut] ",
		"make -sikj4 cut":                  ". [] [cut] sikj",
		"make --ignore-errors cut":         ". [] [cut] i",
		"make --ignore cut":                ". [] [cut] i",
		"make -k -S cut":                   ". [] [cut] S",
		"make --dry-run cut":               ". [] [cut] n",
		"make -W x cut":                    ". [] [cut] W",
		"make -Otarget cut":                ". [] [cut] O",
		"make --no-print-directory cut":    ". [] [cut] ",
		"make --unknown cut":               ". [] [cut] ",
		"make cut V=1 W:=2 a/b=c":          ". [] [cut] ",
		"make -- -i cut":                   ". [] [-i cut] ",
	} {
		var args []value.Value
		for word := range strings.FieldsSeq(line) {
			args = append(args, value.Text(word))
		}
		call := makeWords(&Command{Command: shell.Command{Args: args}})
		dir := call.dir.String()
		if dir == "" {
			dir = "."
		}
		if got := fmt.Sprint(dir, " ", call.files, " ", call.targets, " ", call.flags); got != want {
			t.Errorf("%s: %s, want %s", line, got, want)
		}
	}
}

func TestMakeFlagsOfTheEnvironment(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "i": "i", "ik": "ik", "-i": "i", "-rR --no-print-directory": "rR", "-j8 -k": "jk", "k -- A=-i": "k", "A=i": "", "s --ignore-errors": "si",
	} {
		var call makeCall
		if call.inherit(value.Text(text)); call.flags != want {
			t.Errorf("%q: %q, want %q", text, call.flags, want)
		}
	}
}
