package settings

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadFastlane(t *testing.T) {
	release := `set_github_release(repository_name: "a/b", api_token: ENV["T"])`
	want := []FastlaneCall{{Action: "set_github_release", Arguments: map[string]string{"repository_name": `"a/b"`, "api_token": `ENV["T"]`}}}
	tests := []struct {
		name, source string
		calls        []FastlaneCall
		mentioned    bool
		ok           bool
	}{
		{"a lane", "lane :x do\n  " + release + "\nend\n", want, false, true},
		{"one that it calls", "lane :x do\n  y\nend\ndef y\n  " + release + "\nend\n", want, false, true},
		{"before all", "before_all do\n  " + release + "\nend\nlane :x do\nend\n", want, false, true},
		{"another lane", "lane :y do\n  sh(\"x\")\n  " + release + "\nend\nlane :x do\n  puts 1\nend\n", nil, false, true},
		{"a comment", "lane :x do\n  # " + release + "\nend\n", nil, false, true},
		{"mentioned elsewhere", "lane :x do\n  " + release + "\n  z(ENV[\"T\"])\nend\n", want, true, true},
		{"mentioned outside", "t = ENV[\"T\"]\nlane :x do\nend\n", nil, true, true},
		{"a command", "lane :x do\n  sh(\"x\")\nend\n", nil, false, false},
		{"no such lane", "lane :y do\nend\n", nil, false, false},
		{"without an end", "lane :x do\n  if a\n", nil, false, false},
		{"arguments that are not named", "lane :x do\n  set_github_release(options)\nend\n", nil, false, false},
		{"arguments without an end", "lane :x do\n  set_github_release(name: \"a\nend\n", nil, false, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			calls, mentioned, ok := ReadFastlane(test.source, "x")
			if diff := cmp.Diff(test.calls, calls); diff != "" || ok != test.ok {
				t.Errorf("ok %v, want %v; -want +got:\n%s", ok, test.ok, diff)
			}
			if got := strings.Contains(mentioned, `"T"`); got != test.mentioned {
				t.Errorf("mentioned elsewhere: %v, want %v", got, test.mentioned)
			}
		})
	}
}

func FuzzReadFastlane(f *testing.F) {
	f.Add("lane :x do\n  set_github_release(api_token: ENV[\"T\"], a: [1, {b: 'c'}])\nend\n")
	f.Add("def x\n  x\nend\nlane :x do\n x\nend")
	f.Fuzz(func(t *testing.T, source string) {
		calls, _, ok := ReadFastlane(source, "x")
		if !ok && len(calls) > 0 {
			t.Errorf("not read, and calls: %v", calls)
		}
	})
}
