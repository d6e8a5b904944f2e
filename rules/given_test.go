package rules

import (
	"strings"
	"testing"
)

func TestGetterHolds(t *testing.T) {
	flags, err := parseFlags("-w/--web -l/--label= --draft")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		condition, line string
		hidden          bool
		want            Truth
	}{
		{"web", "-w", false, Yes},
		{"web", "", false, No},
		{"!web", "", false, Yes},
		{"web", "", true, Maybe},
		{"!web", "", true, Maybe},
		{"arg:1", "", true, No},
		{"arg:1", "x", false, Yes},
		{"draft", "--draft=false", false, No},
		{"!draft", "--draft=false", false, Yes},
		{"draft=false", "--draft=false", false, Yes},
		{"draft=false", "", false, No},
		{"draft!=false", "", false, Yes},
		{"label", "-l " + unknownWord, false, Yes},
		{"label=bug", "-l " + unknownWord, false, Maybe},
		{"label!=bug", "-l " + unknownWord, false, Maybe},
		{"label=*/*", "-l a/" + unknownWord, false, Yes},
		{"label!=*/*", "-l a/" + unknownWord, false, No},
		{"label=*bug*", "-l a,bug -l c", false, Yes},
		{"label=bug&web", "-l " + unknownWord, false, No},
	}
	for _, test := range tests {
		condition, err := ParseCondition(test.condition)
		if err != nil {
			t.Fatal(err)
		}
		given := parseWords(flags, strings.Fields(test.line))
		if got := given.getter(test.hidden).holds(condition); got != test.want {
			t.Errorf("%s of %q: %v, want %v", test.condition, test.line, got, test.want)
		}
	}
}

func TestResolveReference(t *testing.T) {
	w := words{flags: map[string][]string{"head": {"x"}, "empty": {""}}, operands: []string{"a", "b"}}
	for reference, want := range map[string]string{
		"flag:--head": "x", "flag:--base|main": "main", "flag:--base": "-", "flag:--empty|y": "y", "arg:2": "b", "arg:3|c": "c", "arg:0": "-",
		"arg:x": "-", "main": "main", "": "-", "@base": "@base",
	} {
		got, ok := w.resolveReference(reference)
		if !ok {
			got = "-"
		}
		if got != want {
			t.Errorf("%q: %q, want %q", reference, got, want)
		}
	}
}

func TestParseFlagsRefuses(t *testing.T) {
	for _, text := range []string{"-x", "x", "--", "--x", "-ab/--long", "-a/long", "--a-- --a--", "-a/--bb -a/--cc"} {
		if got, err := parseFlags(text); err == nil {
			t.Errorf("%q: %v", text, got)
		}
	}
}
