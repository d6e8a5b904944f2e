package shell

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// check holds for any script, in a shell of its own or not: no panic, offsets
// within the source, the same result twice.
func check(t *testing.T, source string, dialect Dialect) {
	masked, table := mask(source)
	for _, own := range []bool{false, true} {
		in := Input{Source: masked, Table: table, Dialect: dialect, Env: environment, Own: own}
		r := Interpret(in)
		for _, c := range r.Commands {
			if c.Start < 0 || c.Start > c.End || c.End > len(masked) {
				t.Fatalf("command at %d-%d of %d bytes", c.Start, c.End, len(masked))
			}
			if len(c.Args) == 0 {
				t.Fatal("command without words")
			}
			c.Text(masked)
		}
		for _, p := range r.Problems {
			if p.Offset < 0 || p.Offset > len(masked) {
				t.Fatalf("problem at %d of %d bytes", p.Offset, len(masked))
			}
		}
		if diff := cmp.Diff(render(r), render(Interpret(in))); diff != "" {
			t.Fatalf("two runs differ: %s", diff)
		}
	}
}

func FuzzBash(f *testing.F) {
	for _, c := range bashCases {
		f.Add(c.script)
	}
	f.Add(typical)
	f.Add("0&00\xdc0") // makes the parser report two errors
	f.Add("xargs -a")  // a flag without its value
	f.Add("X=' '; $X") // a command of nothing
	f.Fuzz(func(t *testing.T, source string) {
		check(t, source, Bash)
		check(t, source, Cmd)
	})
}

func FuzzPowerShell(f *testing.F) {
	for _, c := range powerShellCases {
		f.Add(c.script)
	}
	f.Add("${")
	f.Add("$A = '',''; @A") // a command of nothing
	// names that are empty or begin with a NUL
	f.Add("Set-Item env: x\nSet-Item \"env:$(x)\" y")
	f.Add("${env:} = 1\nSet-Item \"env:$(x)\" y")
	f.Add("Set-Item \"env:`0x\" y\nRemove-Item \"env:`0\"")
	f.Add("Set-Variable \"a`0999999999\" y\n$a")
	// strings that the script ends in, behind a backtick
	f.Add("$a.\"b`")
	f.Add("$a.Add(\"b`")
	f.Add("[x]::\"b`")
	f.Add("function f { param($a = \"b`")
	f.Fuzz(func(t *testing.T, source string) { check(t, source, PowerShell) })
}
