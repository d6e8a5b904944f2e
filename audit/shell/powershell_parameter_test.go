package shell

import (
	"strings"
	"testing"

	"github.com/patrol-actions/patrol/audit/value"
)

// Words with which PowerShell is started go to the parameters of the script.
func TestScriptParameters(t *testing.T) {
	const plain = "[CmdletBinding()]\nparam([string]$Token, [Alias('r')][string]$Repo = 'a/b', [switch]$Force)\ngh $Token $Repo $Force $args"
	for _, c := range []struct{ script, words, want string }{
		{plain, "x", "gh x a/b false"},
		{plain, "x y", "gh x y false"},
		{plain, "-Repo y x", "gh x y false"},
		{plain, "-tok:x -r:y -FORCE", "gh x y true"},
		{plain, "-Force:$true x y z", "gh x y true z"},
		{plain, "-Force:$false -Verbose -ErrorAction Stop x", "gh x a/b false"},
		{plain, "-Where y x", "gh $Token $Repo $Force $args"},
		{"#requires -Version 7\nusing module x\n[CmdletBinding()]\nparam(\n  [Parameter(Mandatory, Position = 1)] $A,\n  [Parameter(Position = 0)] $B,\n  $C = 'c'\n)\ngh $A $B $C", "x y", "gh y x c"},
		{"param($A, [Parameter(ValueFromRemainingArguments)][string[]]$Rest)\ngh $A @Rest", "x y --z", "gh x y --z"},
		{"gh $args[1] $args", "x y", "gh y x y"},
	} {
		in := Input{Source: c.script, Dialect: PowerShell, Args: []value.Value{value.Text("ci/x.ps1")}}
		for _, word := range strings.Fields(c.words) {
			in.Args = append(in.Args, value.Text(word))
		}
		var got []string
		for _, v := range Interpret(in).Commands[0].Args {
			if len(v) > 0 {
				got = append(got, v.String())
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s\nwith %s: %q, want %q", c.script, c.words, got, c.want)
		}
	}
}
