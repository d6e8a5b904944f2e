package settings

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	miseTOML = `
[alias]
frond = "ubi:fern-labs/frond"
[tool_alias]
spore.backend = "github:fern-labs/spore"
[tools]
node = "22"
frond = "1"
spore = { version = "2" }
"aqua:fern-labs/moss/cmd" = "latest"
"ubi:https://gitlab.com/fern-labs/bark" = "1"
"cargo:https://github.com/fern-labs/git" = "HEAD"
"pipx:git+https://github.com/fern-labs/reed.git" = "1"
"pipx:black" = "1"
`
	aquaYAML = `
registries:
  - type: standard
    ref: v4
  - {name: own, type: github_content, repo_owner: fern-labs, repo_name: registry, ref: v1, path: registry.yaml}
  - {name: beside, type: local, path: registry.yaml}
packages:
  - name: fern-labs/frond@v1
  - name: fern-labs/moss/cmd
    registry: own
  - name: spore@v1
  - import: tools/*.yaml
import_dir: imports
`
	tflintHCL = `
plugin "fern" {
  enabled = true
  source  = "github.com/fern-labs/tflint-ruleset-fern"
}
plugin "bundled" { enabled = true }
rule "x" { source = "github.com/fern-labs/none" }
`
)

func TestReadInstalls(t *testing.T) {
	for file, c := range map[string]struct {
		source string
		want   Installs
	}{
		".config/mise/config.toml": {miseTOML, Installs{Tools: []InstalledTool{
			{"aqua:fern-labs/moss/cmd", "fern-labs/moss"}, {"frond", "fern-labs/frond"}, {"pipx:git+https://github.com/fern-labs/reed.git", "fern-labs/reed"}, {"spore", "fern-labs/spore"},
		}}},
		".tool-versions": {"node 22\n\n# ubi:fern-labs/no 1\nubi:fern-labs/frond[exe=f] 1 2\n", Installs{Tools: []InstalledTool{{"ubi:fern-labs/frond[exe=f]", "fern-labs/frond"}}}},
		"aqua.yaml": {aquaYAML, Installs{
			Tools: []InstalledTool{{"registry", "fern-labs/registry"}, {"fern-labs/frond@v1", "fern-labs/frond"}, {"fern-labs/moss/cmd", "fern-labs/moss"}},
			Files: []string{"imports/*.yaml", "imports/*.yml", "registry.yaml", "tools/*.yaml"},
		}},
		"registry.yml":  {"packages:\n- {type: github_release, repo_owner: fern-labs, repo_name: spore}\n", Installs{Tools: []InstalledTool{{"spore", "fern-labs/spore"}}}},
		".tflint.hcl":   {tflintHCL, Installs{Tools: []InstalledTool{{"fern-labs/tflint-ruleset-fern", "fern-labs/tflint-ruleset-fern"}}}},
		"b/.tflint.hcl": {"plugin {", Installs{}},
		"b/mise.toml":   {"[tools", Installs{}},
		"b/aqua.yaml":   {"packages: [", Installs{}},
		"other.json":    {"{}", Installs{}},
	} {
		if diff := cmp.Diff(c.want, ReadInstalls(file, []byte(c.source))); diff != "" {
			t.Errorf("%s: %s", file, diff)
		}
	}
}

func FuzzReadInstalls(f *testing.F) {
	f.Add("mise.toml", []byte(miseTOML))
	f.Add(".tool-versions", []byte("ubi:fern-labs/frond 1"))
	f.Add("aqua.yaml", []byte(aquaYAML))
	f.Add(".tflint.hcl", []byte(tflintHCL))
	f.Fuzz(func(t *testing.T, file string, source []byte) {
		for _, tool := range ReadInstalls(file, source).Tools {
			if tool.Repository == "" {
				t.Errorf("%+v", tool)
			}
		}
	})
}
