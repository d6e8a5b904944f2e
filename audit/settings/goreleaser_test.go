package settings

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

func TestGoreleaserCommands(t *testing.T) {
	source := `
env: [A=b]
before: {hooks: [a one, {cmd: b, dir: d, env: [X=y]}]}
after: {hooks: ["{{ if .IsSnapshot }}c{{ else }}d{{ end }}"]}
builds: [{hooks: {pre: e, post: [f, {cmd: g}]}}, {main: .}]
archives: [{hooks: {after: [h]}}]
homebrew_casks: [{hooks: {post: {install: no}}}]
signs: [{args: ["${artifact}", 'a"b', '$(c)']}, {cmd: i, artifacts: none}]
docker_signs: [{cmd: j}]
publishers: [{cmd: k, env: [T=1]}, {cmd: l, disable: "true"}]
sboms: [{cmd: m}]
`
	commands, env := GoreleaserFile{Source: []byte(source)}.Commands()
	want := []GoreleaserCommand{
		{Line: "d"}, {Line: "h"}, {Line: "a one", Stage: "before"}, {Line: "b", Dir: "d", Env: []string{"X=y"}, Stage: "before"},
		{Line: "e"}, {Line: "f"}, {Line: "g"},
		{Line: `gpg "${artifact}" "a\"b" "\$(c)"`, Stage: "sign", Signs: true}, {Line: "j", Stage: "publish", Signs: true},
		{Line: "k", Env: []string{"T=1"}, Alone: true, Stage: "publish"},
	}
	want[0].Line = "c\nd"
	if diff := cmp.Diff(want, commands); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"A=b"}, env); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestFindGoreleaser(t *testing.T) {
	files := map[string]string{
		"a.yml": "includes: [{from_file: {path: ./b.yml}}]", "b.yml": "includes: [{from_file: {path: a.yml}}]",
		"url.yml": "includes: [{from_url: {url: x}}]", "gone.yml": "includes: [{from_file: {path: c.yml}}]", "bad.yml": "a: [",
	}
	read := func(name string) ([]byte, error) {
		if text, ok := files[name]; ok {
			return []byte(text), nil
		}
		return nil, errors.New("none")
	}
	for name, want := range map[string]string{
		"a.yml": "a.yml b.yml", "url.yml": "url.yml | what url.yml includes", "gone.yml": "gone.yml | what gone.yml includes", "bad.yml": "bad.yml | bad.yml", "z.yml": "",
	} {
		g, ok := FindGoreleaser([]string{"none.yml", name}, read, nil)
		var got []string
		for _, f := range g.Files {
			got = append(got, f.Name)
		}
		if g.Unread != "" {
			got = append(got, "|", g.Unread)
		}
		if text := strings.Join(got, " "); text != want || ok != (want != "") {
			t.Errorf("%s: %q, %v, want %q", name, text, ok, want)
		}
	}
}

func TestGoreleaserGiven(t *testing.T) {
	source := `
env: ["B={{ .Env.T }}"]
brews: [{repository: {token: "{{ .Env.T }}"}}]
builds: [{env: ["A={{ .Env.T }}"], ldflags: ["-X main.t={{ .Env.T }}"], hooks: {post: "x {{ .Env.T }}"}}]
dockers: [{build_flag_templates: ["--build-arg=T", "--build-arg=TT", "--secret=id=t,env=T", "--label=T"]}]
release: {header: "{{ .Env.OTHER }}"}
`
	var got []string
	for _, h := range (GoreleaserFile{Source: []byte(source)}).Given([]string{"T"}) {
		got = append(got, h.Section+": "+h.Text)
	}
	want := []string{"builds: -X main.t={{ .Env.T }}", "dockers: --build-arg=T", "dockers: --secret=id=t,env=T"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestGoreleaserWords(t *testing.T) {
	for args, want := range map[string]string{
		"": "goreleaser release", "--clean": "goreleaser release --clean", "r --clean": "goreleaser release --clean", "b": "goreleaser build", "check": "goreleaser check",
		`release --config "a b.yml" --x="c d"`: "goreleaser release --config a b.yml --x=c d",
	} {
		all := GoreleaserWords(value.Text(args))
		if len(all) != 1 || strings.Join(all[0], " ") != want {
			t.Errorf("%q: %q, want %q", args, all, want)
		}
	}
	either := GoreleaserWords(value.Choice(value.Text("build"), value.Unknown("inputs.args")))
	if len(either) != 2 || either[0][1] != "build" || either[1][1] != "release" {
		t.Errorf("%q: want a build, and a release for what is not known", either)
	}
}

func TestReadGoreleaserCall(t *testing.T) {
	for line, want := range map[string]bool{
		"goreleaser release": true, "goreleaser release --snapshot": false, "goreleaser release --snapshot=false": true, "goreleaser release --snapshot=true": false,
		"goreleaser release --skip=sign,publish": false, "goreleaser release --skip publish": false, "goreleaser release --skip=homebrew": true, "goreleaser build": false,
		"goreleaser release --split": false, "goreleaser release --prepare": false, "goreleaser release --skip-publish": false, "goreleaser release --nightly": true,
	} {
		info, ok := rules.Program(strings.Fields(line))
		if !ok {
			t.Fatalf("%s is not known", line)
		}
		if call, ok := ReadGoreleaserCall(info); !ok || call.Publishes != want {
			t.Errorf("%s: publishes %v, %v, want %v", line, call.Publishes, ok, want)
		}
	}
}

func TestGoreleaserText(t *testing.T) {
	env := (*value.Env)(nil).With(map[string]value.Value{"A": value.Text("a"), "U": value.Unknown("u"), "E": value.Text("")})
	for text, want := range map[string]string{
		"plain": "plain", "{{ .Env.A }}-x": "a-x", "{{.Env.A | toupper}}": "a", `{{ index .Env "A" }}`: "a", `{{ index .Env "N" }}`: "", `{{ envOrDefault "N" "d" }}`: "d", `{{ envOrDefault "A" "d" }}`: "a",
		`{{ envOrDefault "N" .Env.A }}`: "a", `{{ if isEnvSet "A" }}1{{ else }}2{{ end }}`: "1", `{{ if isEnvSet "N" }}1{{ else }}2{{ end }}`: "2", `{{ if not (isEnvSet "N") }}1{{ end }}`: "1",
		`{{ if eq .Env.A "a" }}1{{ else }}2{{ end }}`: "1", `{{ if ne .Env.A "a" }}1{{ else }}2{{ end }}`: "2", `{{ if .Env.E }}1{{ else }}2{{ end }}`: "2",
		"{{ .ProjectName }}-tap": "?-tap", "{{ if .Prerelease }}a{{ else }}b{{ end }}": "a or b", "{{ .Env.N }}": "?", "{{ if": "?", "{{ range .Git.Branches }}x{{ end }}": "?", `{{ .Env.U }}`: "?", `{{ replace .Env.A "a" "b" }}`: "?",
	} {
		var got []string
		for _, v := range GoreleaserText(text, env).Alternatives() {
			out := ""
			for _, p := range v {
				if p.Unknown != "" {
					out += "?"
				}
				out += p.Text
			}
			got = append(got, out)
		}
		if strings.Join(got, " or ") != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// TestTemplated checks which sections of a configuration a template decides.
func TestTemplated(t *testing.T) {
	for source, want := range map[string]string{
		"#@ a = 1\nrelease:\n  draft: true\nbuilds:\n#@ for b in a:\n  - id: #@ b\n#@ end\nbrews: []\n": "",
		"release:\n  draft: #@ a\nbuilds:\n  - id: #@ a\n":                                              "release",
		"#@ if a:\nbrews:\n  - name: x\n#@ else:\nscoops: []\n#@ end\nwinget: []\n":                     "brews scoops",
		"builds:\n  - hooks:\n      pre: #@ a\narchives:\n  - id: #@ a\n":                               "builds",
	} {
		if got := strings.Join(GoreleaserFile{Source: []byte(source)}.Templated("#@"), " "); got != want {
			t.Errorf("%q: %q, want %q", source, got, want)
		}
	}
	if got := (GoreleaserFile{Source: []byte("env:\n  - A=$B\nbuilds:\n  - id: $C\n")}).Templated("$"); strings.Join(got, " ") != "env" {
		t.Errorf("envsubst: %q", got)
	}
}

func TestGoreleaserConfig(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		source    string
		filled    []string
		tells, ok bool
		skips     []string
	}{
		"empty":               {source: "", ok: true},
		"a release":           {source: "release:\n  draft: true\n", tells: true, ok: true},
		"one that was filled": {source: "release:\n  draft: true\n", filled: []string{"release"}, ok: true},
		"an older tap":        {source: "brew:\n  github: {owner: acme, name: tap}\n", ok: true, skips: []string{"homebrew"}},
		"two buckets":         {source: "scoops:\n- bucket: {owner: acme, name: bucket}\nscoop:\n  bucket: {owner: acme, name: old}\n", ok: true, skips: []string{"scoop", "scoop"}},
		"no YAML":             {source: "release: [", ok: false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config, tells, ok := GoreleaserFile{Source: []byte(test.source), Filled: test.filled}.Config()
			if tells != test.tells || ok != test.ok {
				t.Fatalf("tells %v, ok %v, want %v and %v", tells, ok, test.tells, test.ok)
			}
			var skips []string
			for _, section := range config.Publishers() {
				for _, p := range section.List {
					if p.Bucket.Name != "" || p.GitHub.Name != "" {
						skips = append(skips, section.Skip)
					}
				}
			}
			if !slices.Equal(skips, test.skips) {
				t.Errorf("sections %v, want %v", skips, test.skips)
			}
		})
	}
}
