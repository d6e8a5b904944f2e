package settings

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// dependabotFiles are the places of Dependabot's configuration.
// Source: https://docs.github.com/en/code-security/dependabot/working-with-dependabot/dependabot-options-reference
var dependabotFiles = []string{".github/dependabot.yml", ".github/dependabot.yaml"}

// Updates says which files the pull requests of a bot change that brings
// dependencies up to date.
type Updates struct {
	// Workflows says that there are such that change files under
	// .github/workflows, Others that there are, or may be, such that do not.
	Workflows, Others bool
}

// DependabotUpdates says what the pull requests of Dependabot change, by its
// configuration, and which file that is; "" for none.
func DependabotUpdates(read func(name string) ([]byte, error)) (u Updates, file string) {
	for _, name := range dependabotFiles {
		if source, err := read(name); err == nil {
			return dependabotUpdates(source), name
		}
	}
	return Updates{}, ""
}

// dependabotUpdates reads a configuration of Dependabot; without one that can
// be read, nothing is known of any update. Security updates come for every
// ecosystem, also those that the file leaves out: they are not counted.
func dependabotUpdates(source []byte) (u Updates) {
	var file struct {
		Updates []struct {
			Ecosystem   string   `yaml:"package-ecosystem"`
			Directory   string   `yaml:"directory"`
			Directories []string `yaml:"directories"`
			Limit       *int     `yaml:"open-pull-requests-limit"`
		} `yaml:"updates"`
	}
	if !readable(source) || yaml.Unmarshal(source, &file) != nil {
		return Updates{}
	}
	for _, e := range file.Updates {
		if e.Limit != nil && *e.Limit == 0 {
			continue // no updates of versions
		}
		folders := e.Directories
		if len(folders) == 0 {
			folders = []string{e.Directory}
		}
		// Any other folder is that of an action of the repository.
		if e.Ecosystem == "github-actions" && slices.ContainsFunc(folders, ofWorkflows) {
			u.Workflows = true
		} else {
			u.Others = true
		}
	}
	return u
}

// ofWorkflows tells whether workflow files are among those of a folder: the
// root stands for them.
func ofWorkflows(folder string) bool {
	name := strings.Trim(folder, "/.")
	return name == "" || name == "github/workflows" || strings.HasPrefix(name, "*")
}
