package settings

import (
	"bytes"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"go.yaml.in/yaml/v4"
)

// Installs is what a configuration tells a manager of tools to install.
type Installs struct {
	Tools []InstalledTool
	// Files are further files of the same kind, as patterns from the folder of
	// the one at hand.
	Files []string
}

// InstalledTool is a tool whose releases, or whose description, are kept in a
// repository on GitHub.
type InstalledTool struct {
	// Name is the one under which it is listed, and Repository is "owner/name".
	Name, Repository string
}

// ReadInstalls reads the configuration of mise (mise.toml, .tool-versions), aqua
// (aqua.yaml) or TFLint (.tflint.hcl), which the file's name tells apart. Tools
// that come from elsewhere are left out.
func ReadInstalls(file string, source []byte) (out Installs) {
	if !readable(source) {
		return Installs{}
	}
	switch path.Ext(file) {
	case ".toml":
		out.Tools = readMise(source)
	case ".tool-versions":
		out.Tools = readToolVersions(source)
	case ".hcl":
		out.Tools = readTFLint(source)
	case ".yaml", ".yml":
		out = readAqua(source)
	}
	return out
}

// readMise reads the tools of a mise.toml, and the names that it gives to some.
// Source: https://mise.jdx.dev/configuration.html
func readMise(source []byte) (tools []InstalledTool) {
	var file struct {
		Tools   map[string]any `toml:"tools"`
		Alias   map[string]any `toml:"alias"`
		Aliases map[string]any `toml:"tool_alias"`
	}
	if _, err := toml.NewDecoder(bytes.NewReader(source)).Decode(&file); err != nil {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(file.Tools)) {
		tool := name
		for _, of := range []map[string]any{file.Alias, file.Aliases} {
			switch v := of[name].(type) {
			case string:
				tool = v
			case map[string]any:
				if text, ok := v["backend"].(string); ok {
					tool = text
				}
			}
		}
		if r := MiseRepository(tool); r != "" {
			tools = append(tools, InstalledTool{name, r})
		}
	}
	return tools
}

// readToolVersions reads a .tool-versions, which has a tool and its versions on
// each line.
func readToolVersions(source []byte) (tools []InstalledTool) {
	for line := range strings.Lines(string(source)) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if r := MiseRepository(words[0]); r != "" {
			tools = append(tools, InstalledTool{words[0], r})
		}
	}
	return tools
}

// miseBackends are those that ask GitHub for the releases of a repository. Those
// of go and cargo leave it to git, which takes its own credentials.
// Source: https://mise.jdx.dev/dev-tools/backends/
var miseBackends = []string{"ubi", "github", "aqua", "spm", "pipx"}

// MiseRepository returns the repository of a tool as mise is told of it,
// "ubi:owner/name@1.0"; "" for one that is not named by a repository on GitHub.
func MiseRepository(tool string) string {
	backend, name, ok := strings.Cut(tool, ":")
	if !ok || !slices.Contains(miseBackends, backend) {
		return ""
	}
	name, _, _ = strings.Cut(name, "[")
	name = strings.TrimPrefix(name, "git+")
	if rest, address := strings.CutPrefix(name, "https://"); address {
		if name, ok = strings.CutPrefix(rest, "github.com/"); !ok {
			return ""
		}
	}
	name, _, _ = strings.Cut(name, "@")
	return repositoryOf(name)
}

// repositoryOf returns the first two parts of a path as the name of a repository;
// "" where it has only one.
func repositoryOf(text string) string {
	parts := strings.Split(text, "/")
	if len(parts) < 2 || parts[0] == "" || parts[1] == "" {
		return ""
	}
	return parts[0] + "/" + strings.TrimSuffix(parts[1], ".git")
}

// readAqua reads an aqua.yaml, or one of the registries that it keeps beside it:
// the repositories of registries, and of packages, whose names begin with them.
// Source: https://aquaproj.github.io/docs/reference/config/
func readAqua(source []byte) (out Installs) {
	var file struct {
		Registries []struct {
			Type  string `yaml:"type"`
			Owner string `yaml:"repo_owner"`
			Name  string `yaml:"repo_name"`
			Path  string `yaml:"path"`
		} `yaml:"registries"`
		Packages []struct {
			Name       string `yaml:"name"`
			Owner      string `yaml:"repo_owner"`
			Repository string `yaml:"repo_name"`
			Import     string `yaml:"import"`
		} `yaml:"packages"`
		ImportDir string `yaml:"import_dir"`
	}
	if yaml.Unmarshal(source, &file) != nil {
		return Installs{}
	}
	if file.ImportDir != "" {
		out.Files = append(out.Files, path.Join(file.ImportDir, "*.yaml"), path.Join(file.ImportDir, "*.yml"))
	}
	for _, r := range file.Registries {
		switch {
		case r.Type == "local" && r.Path != "":
			out.Files = append(out.Files, r.Path)
		case r.Type == "github_content" && r.Owner != "" && r.Name != "":
			out.Tools = append(out.Tools, InstalledTool{r.Name, r.Owner + "/" + r.Name})
		}
	}
	for _, p := range file.Packages {
		name, _, _ := strings.Cut(p.Name, "@")
		switch {
		case p.Import != "":
			out.Files = append(out.Files, p.Import)
		case p.Owner != "" && p.Repository != "":
			out.Tools = append(out.Tools, InstalledTool{p.Repository, p.Owner + "/" + p.Repository})
		case repositoryOf(name) != "":
			out.Tools = append(out.Tools, InstalledTool{p.Name, repositoryOf(name)})
		}
	}
	return out
}

// readTFLint reads the plugins of a .tflint.hcl.
// Source: https://github.com/terraform-linters/tflint/blob/master/docs/user-guide/plugins.md
func readTFLint(source []byte) (tools []InstalledTool) {
	body, err := parseHCL(source, ".tflint.hcl")
	if err != nil {
		return nil
	}
	for _, b := range body.Blocks {
		from, onGitHub := strings.CutPrefix(plainText(b, "source"), "github.com/")
		if b.Type == "plugin" && onGitHub && repositoryOf(from) != "" {
			tools = append(tools, InstalledTool{from, repositoryOf(from)})
		}
	}
	return tools
}
