package rules

import (
	"strings"
	"testing"
)

func TestToggles(t *testing.T) {
	flags, err := parseFlags("-d/--dry-run? -q/--quiet --name=")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		line       string
		dry, quiet Truth
		operands   string
	}{
		{line: "x", operands: "x"},
		{line: "--dry-run x", dry: Yes, operands: "x"},
		{line: "--dry-run true x", dry: Yes, operands: "x"},
		{line: "--dry-run false x", operands: "x"},
		{line: "-d false x", operands: "x"},
		{line: "-qd false x", quiet: Yes, operands: "x"},
		{line: "--dry-run=1", operands: ""},
		{line: "--dry-run=True", operands: ""},
		{line: "--no-dry-run x", operands: "x"},
		{line: "--dry-run --no-dry-run"},
		{line: "--no-dry-run --dry-run", dry: Yes},
		{line: "--dry-run=" + unknownWord, dry: Maybe},
		{line: "--dry-run " + unknownWord, dry: Maybe, operands: unknownWord},
		{line: "--quiet false", quiet: Yes, operands: "false"},
		{line: "--quiet=false"},
		{line: "--quiet=true", quiet: Yes},
		{line: "--quiet=0", quiet: Maybe},
		{line: "-q=" + unknownWord, quiet: Maybe},
		{line: "--name " + unknownWord},
	} {
		w := parseWords(flags, strings.Fields(test.line))
		get := w.getter(false)
		if dry, quiet := get.term(Term{Name: "dry-run"}), get.term(Term{Name: "quiet"}); dry != test.dry || quiet != test.quiet {
			t.Errorf("%q: dry-run %v, quiet %v, want %v, %v", test.line, dry, quiet, test.dry, test.quiet)
		}
		if got := strings.Join(w.operands, " "); got != test.operands {
			t.Errorf("%q: operands %q, want %q", test.line, got, test.operands)
		}
	}
}

func TestGhToggles(t *testing.T) {
	for text, want := range map[string]Truth{
		"1": Yes, "t": Yes, "T": Yes, "TRUE": Yes, "true": Yes, "True": Yes,
		"0": No, "f": No, "F": No, "FALSE": No, "false": No, "False": No,
		"yes": Maybe, "": Maybe, unknownWord: Maybe,
	} {
		call, ok := ParseGh([]string{"release", "create", "v1", "--draft=" + text})
		if got := call.Given("draft"); !ok || got != want {
			t.Errorf("--draft=%s: %v, want %v", text, got, want)
		}
	}
}

func TestPushes(t *testing.T) {
	p, ok := CommandPusher([]string{"docker", "build", "."})
	if !ok {
		t.Fatal("docker build is not known")
	}
	for word, want := range map[string]bool{"--push": true, "--push=true": true, "--push=0": false, "--push=" + unknownWord: true, ".": false} {
		if got := p.Pushes([]string{"docker", "build", word}); got != want {
			t.Errorf("%s: %v, want %v", word, got, want)
		}
	}
}
