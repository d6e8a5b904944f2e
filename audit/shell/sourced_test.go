package shell

import (
	"strings"
	"testing"

	"github.com/patrol-actions/patrol/audit/value"
)

// TestReadAgain: what files do that are read into a script counts as its own work,
// however often they read one another.
func TestReadAgain(t *testing.T) {
	for dialect, line := range map[Dialect]string{Bash: "source ./a.sh\n", PowerShell: ". ./a.ps1\n"} {
		reads := 0
		read := func(value.Value, value.Value) (string, bool) {
			reads++
			return strings.Repeat(line, 60), true
		}
		r := Interpret(Input{Source: line, Dialect: dialect, Own: true, Read: read})
		if !r.Truncated || reads > maxSteps {
			t.Errorf("%q: truncated %v after %d readings", line, r.Truncated, reads)
		}
	}
}
