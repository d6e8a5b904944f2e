package rules

import (
	"slices"
	"strings"
	"testing"

	diff "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// unknownWord is a placeholder: a word of which nothing is known.
const unknownWord = "\ua000"

func TestParseGh(t *testing.T) {
	type flags = map[string][]string
	tests := []struct {
		line string
		want GhCall
	}{
		{"pr create --title T -b B", GhCall{Command: "pr create", Flags: flags{"title": {"T"}, "body": {"B"}}}},
		{"pr new -fdw", GhCall{Command: "pr create", Flags: flags{"fill": {"true"}, "draft": {"true"}, "web": {"true"}}}},
		{"pr create -dB main -Hx", GhCall{Command: "pr create", Flags: flags{"draft": {"true"}, "base": {"main"}, "head": {"x"}}}},
		{"pr create -B=main --head=", GhCall{Command: "pr create", Flags: flags{"base": {"main"}, "head": {""}}}},
		{"pr create -l a --label b,c", GhCall{Command: "pr create", Flags: flags{"label": {"a", "b,c"}}}},
		{"-R o/r pr list", GhCall{Command: "pr list", Flags: flags{"repo": {"o/r"}}, Repo: "o/r"}},
		{"pr -R o/r list -L 5", GhCall{Command: "pr list", Flags: flags{"repo": {"o/r"}, "limit": {"5"}}, Repo: "o/r"}},
		{"pr --repo=h.example/o/r ls", GhCall{Command: "pr list", Flags: flags{"repo": {"h.example/o/r"}}, Repo: "o/r", Hostname: "h.example"}},
		{"pr list --repo=o/r,o/s", GhCall{Command: "pr list", Flags: flags{"repo": {"o/r,o/s"}}, Repo: "o/r,o/s"}},
		{"pr list --repo=h.o/r,h.o/s", GhCall{Command: "pr list", Flags: flags{"repo": {"h.o/r,h.o/s"}}, Repo: "h.o/r,h.o/s"}},
		{"pr list --repo=o/r/s", GhCall{Command: "pr list", Flags: flags{"repo": {"o/r/s"}}, Repo: "o/r/s"}},
		{"pr list --repo https://github.com/o/r.git", GhCall{Command: "pr list", Flags: flags{"repo": {"https://github.com/o/r.git"}}, Repo: "o/r", Hostname: "github.com"}},
		{"pr merge https://github.com/o/r/pull/7 --auto -R x/y", GhCall{Command: "pr merge", Operands: []string{"https://github.com/o/r/pull/7"},
			Flags: flags{"auto": {"true"}, "repo": {"x/y"}}, Repo: "o/r", Hostname: "github.com"}},
		{"co 12", GhCall{Command: "pr checkout", Operands: []string{"12"}}},
		{"ext install o/gh-x", GhCall{Command: "extension install", Operands: []string{"o/gh-x"}}},
		{"secret remove X", GhCall{Command: "secret delete", Operands: []string{"X"}}},
		{"repo deploy-key add key.pub -w", GhCall{Command: "repo deploy-key add", Operands: []string{"key.pub"}, Flags: flags{"allow-write": {"true"}}}},
		{"api -XPOST repos/o/r/issues -f title=x -F n=1 --jq .id", GhCall{Command: "api", Operands: []string{"repos/o/r/issues"},
			Flags: flags{"method": {"POST"}, "raw-field": {"title=x"}, "field": {"n=1"}, "jq": {".id"}}}},
		{"api graphql --paginate -f query=query{viewer{login}} --hostname h.example", GhCall{Command: "api", Operands: []string{"graphql"},
			Flags: flags{"paginate": {"true"}, "raw-field": {"query=query{viewer{login}}"}, "hostname": {"h.example"}}, Hostname: "h.example"}},
		{"api -iX PATCH x", GhCall{Command: "api", Operands: []string{"x"}, Flags: flags{"include": {"true"}, "method": {"PATCH"}}}},
		{"release create v1 -- -d", GhCall{Command: "release create", Operands: []string{"v1", "-d"}}},
		{"release edit v1 --draft=false", GhCall{Command: "release edit", Operands: []string{"v1"}, Flags: flags{"draft": {"false"}}}},
		{"search prs is:open -R o/r", GhCall{Command: "search prs", Operands: []string{"is:open"}, Flags: flags{"repo": {"o/r"}}}},
		{"extension exec x --help -R o/r", GhCall{Command: "extension exec", Operands: []string{"x", "--help", "-R", "o/r"}}},
		{"models run --flag x", GhCall{Command: "models", Operands: []string{"run", "--flag", "x"}}},
		{"pr frobnicate 3", GhCall{Command: "pr frobnicate", Operands: []string{"3"}}},
		{"pr", GhCall{Command: "pr"}},
		{"", GhCall{Command: "help"}},
		{"--version", GhCall{Command: "version"}},
		{"pr create -h", GhCall{Command: "pr create", Flags: flags{"help": {"true"}}}},
		{"auth login -h h.example", GhCall{Command: "auth login", Flags: flags{"hostname": {"h.example"}}, Hostname: "h.example"}},
		// Words that may hold flags.
		{"pr create " + unknownWord, GhCall{Command: "pr create", Operands: []string{unknownWord}, Hidden: true}},
		{"pr merge " + unknownWord, GhCall{Command: "pr merge", Operands: []string{unknownWord}}},
		{"release create " + unknownWord + " " + unknownWord + "__ a", GhCall{Command: "release create",
			Operands: []string{unknownWord, unknownWord + "__", "a"}, Hidden: true}},
		{"release create " + unknownWord + " dist/" + unknownWord, GhCall{Command: "release create", Operands: []string{unknownWord, "dist/" + unknownWord}}},
		{"pr create --from-the-future x", GhCall{Command: "pr create", Operands: []string{"x"}, Flags: flags{"from-the-future": {"true"}}, Hidden: true, Unlisted: []string{"--from-the-future"}}},
		{"pr create -fQ", GhCall{Command: "pr create", Flags: flags{"fill": {"true"}}, Hidden: true, Unlisted: []string{"-Q"}}},
		{"pr create --" + unknownWord, GhCall{Command: "pr create", Flags: flags{unknownWord: {"true"}}, Hidden: true}},
		{"pr create --repo " + unknownWord, GhCall{Command: "pr create", Flags: flags{"repo": {unknownWord}}, Repo: unknownWord}},
		{"pr view https://github.com/" + unknownWord + "/pull/3", GhCall{Command: "pr view", Operands: []string{"https://github.com/" + unknownWord + "/pull/3"},
			Repo: unknownWord, Hostname: "github.com"}},
	}
	for _, test := range tests {
		t.Run(test.line, func(t *testing.T) {
			got, ok := ParseGh(strings.Fields(test.line))
			if !ok {
				t.Fatal("not ok")
			}
			if d := diff.Diff(test.want, got, cmpopts.EquateEmpty()); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestParseGhUnreadable(t *testing.T) {
	for _, line := range []string{unknownWord, unknownWord + " list", "pr " + unknownWord, "pr " + unknownWord + " --title x"} {
		if got, ok := ParseGh(strings.Fields(line)); ok {
			t.Errorf("%q: %+v", line, got)
		}
	}
}

func TestParseGhMissingValue(t *testing.T) {
	got, ok := ParseGh([]string{"pr", "create", "--title"})
	if want := []string{""}; !ok || !slices.Equal(got.Flags["title"], want) {
		t.Errorf("%v %+v", ok, got)
	}
}

// TestGhFlagTable checks what every use of the table relies on.
func TestGhFlagTable(t *testing.T) {
	if err := ghCommands().err; err != nil {
		t.Fatal(err)
	}
	for _, c := range ghCommands().rows {
		words := strings.Fields(c.name)
		parent := strings.Join(words[:len(words)-1], " ")
		if parent != "" && !ghWords()[parent].group {
			t.Errorf("%s: %q is no group", c.name, parent)
		}
		if got := ghWords()[c.name]; got.name != c.name {
			t.Errorf("%s: hidden by an alias of %s", c.name, got.name)
		}
		call, ok := ParseGh(words)
		if !ok || call.Command != c.name {
			t.Errorf("%s: parsed as %q", c.name, call.Command)
		}
		for _, f := range c.flags {
			call, _ := ParseGh(append(slices.Clone(words), "--"+f.Long, "x"))
			if _, ok := call.Flags[f.Long]; !ok || f.Value == slices.Contains(call.Operands, "x") {
				t.Errorf("%s --%s x: %+v", c.name, f.Long, call)
			}
		}
	}
}

func FuzzParseGh(f *testing.F) {
	for _, line := range []string{"pr create -dB main -- x", "-R o/r pr list", "api -iX PATCH x", "pr view https://github.com/a", "x --=", "pr -", "co -RR=/",
		"issue edit 1 2 3 --add-label=\ua000_ -m \ua001", "pr list --repo //"} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		args := strings.Fields(line)
		call, ok := ParseGh(args)
		if !ok && call.Flags == nil {
			t.Fatal("no flags")
		}
		for _, o := range call.Operands {
			if !slices.Contains(args, o) {
				t.Errorf("operand %q comes from nowhere", o)
			}
		}
		effect, certain, known := GhEffect(call)
		if known != (effect.Answer != "") {
			t.Errorf("known %v with answer %q", known, effect.Answer)
		}
		if certain && !known {
			t.Error("certain of what is not known")
		}
	})
}
