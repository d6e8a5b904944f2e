package rules

import (
	"strings"
	"testing"
)

func TestReadsAnyVariable(t *testing.T) {
	tests := []struct {
		line         string
		reads, known bool
	}{
		{"env", true, true},
		{"/usr/bin/env x", true, true},
		{"goreleaser build", true, true},
		{"docker compose up", true, true},
		{"docker build .", false, false},
		{"find . -name x", false, true},
		{"find . -execdir ls {} ;", true, true},
		{"jq .a", false, true},
		{"jq $ENV.A", true, true},
		{"git push origin main", false, true},
		{"git commit", false, false},
		{"curl -s x", false, true},
		{"frobnicate", false, false},
		{"", false, false},
	}
	for _, test := range tests {
		if reads, known := ReadsAnyVariable(strings.Fields(test.line)); reads != test.reads || known != test.known {
			t.Errorf("%q: %v, known %v; want %v, %v", test.line, reads, known, test.reads, test.known)
		}
	}
}
