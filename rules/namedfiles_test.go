package rules

import (
	"strings"
	"testing"
)

func TestNamedFilesOf(t *testing.T) {
	for call, want := range map[string]string{
		"docker buildx bake":                   "docker-bake.hcl docker-bake.json docker-bake.override.hcl docker-bake.override.json",
		"/usr/bin/docker buildx bake -f a.hcl": "a.hcl",
		"docker buildx bake --file=a.hcl -f b": "a.hcl b",
		"docker buildx build .":                "",
		"yarn":                                 ".yarnrc.yml",
		"yarn --immutable":                     ".yarnrc.yml",
		"yarn lint":                            "",
		"bundle exec rake":                     "",
		"bundle install --gemfile sub/Gemfile": "sub/Gemfile",
		"":                                     "",
	} {
		var got []string
		for _, n := range NamedFilesOf(strings.Fields(call)) {
			got = append(got, n.Files...)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", call, got, want)
		}
	}
}

func TestToolManagerAsked(t *testing.T) {
	for call, want := range map[string]bool{
		"mise install": true, "mise run build": false, "mise": false, "tflint --init": true, "tflint": false, "aqua i": true,
	} {
		info, ok := Program(strings.Fields(call))
		if !ok {
			t.Fatalf("%s is not known", call)
		}
		manager, asks := ToolManagerOf(info.Name)
		if asks {
			_, asks = manager.Asked(info)
		}
		if asks != want {
			t.Errorf("%s: asks for the tools: %t, want %t", call, asks, want)
		}
	}
}
