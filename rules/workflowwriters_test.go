package rules

import (
	"strings"
	"testing"
)

func TestWritesWorkflows(t *testing.T) {
	for command, want := range map[string]Truth{
		"gh aw compile": Yes, "gh aw compile --strict": Yes, "/usr/local/bin/pinact run": Yes, "ratchet update a.yml": Yes, "npx pin-github-action@3 a.yml": Yes,
		"cruft update": Maybe, "pipx run cruft update -y": Maybe, "npx projen": Maybe, "npx degit a/b .": Maybe, "zizmor --fix=all .": Yes, "pre-commit run -a": Maybe, "zizmor .": No, "pre-commit install": No, "bump2version patch": Maybe,
		"gh aw compile --no-emit": No, "pinact run --check": No, "gh aw logs": No, "gh": No, "ratchet": No, "": No, "npx": No, "cruft check": No, "copier update --pretend": No,
	} {
		got, ok := WritesWorkflows(strings.Fields(command))
		if !ok {
			got.Writes = No
		}
		if got.Writes != want {
			t.Errorf("WritesWorkflows(%q) = %v, want %v", command, got.Writes, want)
		}
	}
}
