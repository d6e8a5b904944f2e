package rules

import (
	"strings"
	"testing"
)

func TestFetchesDependencies(t *testing.T) {
	for line, want := range map[string]bool{
		"go mod download": true, "go build ./...": true, "npm ci": true, "sudo npm install": true, "/usr/bin/cargo build": true,
		"go version": false, "npm publish": false, "cargo": false, "frobnicate": false, "": false, "npx npm-run-all": false,
	} {
		if got := FetchesDependencies(strings.Fields(line)); got != want {
			t.Errorf("%q: %v, want %v", line, got, want)
		}
	}
}
