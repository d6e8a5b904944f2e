package rules

import (
	"strings"
	"testing"
)

func TestWritesWorkflows(t *testing.T) {
	for command, want := range map[string]bool{
		"gh aw compile": true, "gh aw compile --strict": true, "/usr/local/bin/pinact run": true, "ratchet update a.yml": true,
		"gh aw compile --no-emit": false, "pinact run --check": false, "gh aw logs": false, "gh": false, "ratchet": false, "": false,
	} {
		if got := WritesWorkflows(strings.Fields(command)); got != want {
			t.Errorf("WritesWorkflows(%q) = %v, want %v", command, got, want)
		}
	}
	if err := writerRows().err; err != nil {
		t.Error(err)
	}
}
