package settings

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// composeFile matches the names of files of Docker Compose, and those that people
// give to files for one environment.
var composeFile = regexp.MustCompile(`^(?:docker-)?compose[\w.-]*\.ya?ml$`)

// IsCompose tells whether a file is called as those of Docker Compose are.
func IsCompose(file string) bool { return composeFile.MatchString(path.Base(file)) }

// ComposeService names the first service of a file of Docker Compose whose
// containers are given a variable of the machine, or all of a file of variables;
// "" for none. What only the build of an image is given is not counted.
// Source: https://docs.docker.com/compose/how-tos/environment-variables/set-environment-variables/
func ComposeService(source []byte, variable, envFile string) string {
	var file struct {
		Services map[string]struct {
			Environment any `yaml:"environment"`
			EnvFile     any `yaml:"env_file"`
		} `yaml:"services"`
	}
	if !readable(source) || yaml.Unmarshal(source, &file) != nil {
		return ""
	}
	for _, name := range slices.Sorted(maps.Keys(file.Services)) {
		s := file.Services[name]
		gives := func(entry string) bool { return entry == variable || composeReads(entry, variable) }
		holds := func(entry string) bool { return path.Base(strings.TrimPrefix(entry, "path=")) == envFile }
		if slices.ContainsFunc(composeEntries(s.Environment), gives) || slices.ContainsFunc(composeEntries(s.EnvFile), holds) {
			return name
		}
	}
	return ""
}

// composeEntries are those of a list, or of a mapping as a list would have them:
// KEY=value, or KEY where it stands alone.
func composeEntries(node any) (out []string) {
	switch node := node.(type) {
	case string:
		return []string{node}
	case []any:
		for _, item := range node {
			out = append(out, composeEntries(item)...)
		}
	case map[string]any:
		for key, item := range node {
			if item == nil {
				out = append(out, key)
			} else {
				out = append(out, fmt.Sprint(key, "=", item))
			}
		}
	}
	return out
}

// composeReads tells whether $NAME or ${NAME…} stands in a text; $$ is a dollar.
func composeReads(text, variable string) bool {
	text = strings.ReplaceAll(text, "$$", "")
	for _, braced := range strings.Split(text, "${")[1:] {
		if rest, ok := strings.CutPrefix(braced, variable); ok && (rest == "" || strings.ContainsRune("}:?+-", rune(rest[0]))) {
			return true
		}
	}
	return regexp.MustCompile(`\$` + regexp.QuoteMeta(variable) + `\b`).MatchString(text)
}
