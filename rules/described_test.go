package rules

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestScript(t *testing.T) {
	for _, test := range []struct{ call, path, rest string }{
		{"./scripts/release.sh v1", "./scripts/release.sh", "v1"},
		{"bash scripts/release.sh v1", "scripts/release.sh", "v1"},
		{"bash -eu -o pipefail scripts/release.sh", "scripts/release.sh", ""},
		{"sudo bash -x scripts/release.sh", "scripts/release.sh", ""},
		{"uv run scripts/release.py --all", "scripts/release.py", "--all"},
		{"uv run python -u scripts/release.py", "scripts/release.py", ""},
		{"deno run -A x.ts", "x.ts", ""},
		{"pwsh -File x.ps1 a", "x.ps1", "a"},
		{"bash -c scripts/release.sh", "", ""},
		{"python -m build", "build", ""},
		{"chmod +x scripts/release.sh", "chmod", "+x scripts/release.sh"},
		{"./bash scripts/release.sh", "./bash", "scripts/release.sh"},
		{"", "", ""},
	} {
		path, rest := Script(strings.Fields(test.call))
		if path != test.path || strings.Join(rest, " ") != test.rest {
			t.Errorf("Script(%q) = %q, %q; want %q, %q", test.call, path, rest, test.path, test.rest)
		}
	}
}

func TestBehind(t *testing.T) {
	for _, test := range []struct {
		name, call, rest string
		ok               bool
	}{
		{"acme-release", "acme-release --token x", "--token x", true},
		{"acme-release", "/usr/bin/acme-release v1", "v1", true},
		{"acme-release", "npx acme-release@3 v1", "v1", true},
		{"acme-release", "sudo env A=1 acme-release", "", true},
		{"acme release", "acme -q release v1", "-q v1", true},
		{"acme release", "acme list release", "", false},
		{"gh acme", "gh acme publish", "publish", true},
		{"acme-release", "echo acme-release", "", false},
		{"acme-release", "", "", false},
	} {
		rest, ok := Behind(test.name, strings.Fields(test.call))
		if ok != test.ok || strings.Join(rest, " ") != test.rest {
			t.Errorf("Behind(%q, %q) = %q, %v; want %q, %v", test.name, test.call, rest, ok, test.rest, test.ok)
		}
	}
}

func TestDescribedProgram(t *testing.T) {
	needs, err := ParseNeeds("contents:write")
	if err != nil {
		t.Fatal(err)
	}
	p := DescribedProgram{Name: "acme", Uses: []DescribedUse{{
		Token: TokenSource{Kind: "flag", Name: "token"}, Effect: Effect{Needs: needs, Answer: AnswerYes, Target: "flag:--repo"},
	}}}
	info := p.Call([]string{"--token", "x", "--repo", "o/n", "v1"})
	if info.Quiet || len(info.Uses) != 1 {
		t.Fatalf("one use is wanted, and no quiet program: %+v", info)
	}
	if text, ok := info.Lookup("token"); !ok || text != "x" {
		t.Errorf("the token is %q, %v; want x", text, ok)
	}
	effect, certain := info.Effect(info.Uses[0], nil)
	if want := (Effect{Needs: needs, Answer: AnswerYes, Target: "o/n"}); !certain || !cmp.Equal(want, effect) {
		t.Errorf("certain %v, effect (-want +got):\n%s", certain, cmp.Diff(want, effect))
	}
	if info := (DescribedProgram{Name: "acme"}).Call(nil); !info.Quiet {
		t.Error("a program without uses is quiet")
	}
}
