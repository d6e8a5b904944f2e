package settings

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Hook is a program that pre-commit runs with the files of a repository.
type Hook struct {
	// Words are those of its call: of a hook of another repository the name of
	// the hook stands for the program, unless it is told.
	Words []string
	// files and exclude narrow the files that it is given; nil for all.
	files, exclude []*regexp.Regexp
}

// Takes tells whether the hook may be given a file.
func (h Hook) Takes(file string) bool {
	for _, r := range h.exclude {
		if r.MatchString(file) {
			return false
		}
	}
	for _, r := range h.files {
		if !r.MatchString(file) {
			return false
		}
	}
	return true
}

// ReadPreCommit reads the hooks of a .pre-commit-config.yaml. A pattern that Go
// does not know narrows nothing.
// Source: https://pre-commit.com/#adding-pre-commit-plugins-to-your-project
func ReadPreCommit(source []byte) (hooks []Hook) {
	type filter struct {
		Files   string `yaml:"files"`
		Exclude string `yaml:"exclude"`
	}
	var file struct {
		filter `yaml:",inline"`
		Repos  []struct {
			Hooks []struct {
				filter `yaml:",inline"`
				ID     string   `yaml:"id"`
				Entry  string   `yaml:"entry"`
				Args   []string `yaml:"args"`
			} `yaml:"hooks"`
		} `yaml:"repos"`
	}
	if !readable(source) || yaml.Unmarshal(source, &file) != nil {
		return nil
	}
	for _, repo := range file.Repos {
		for _, h := range repo.Hooks {
			words := strings.Fields(h.Entry)
			if len(words) == 0 {
				words = []string{h.ID}
			}
			hooks = append(hooks, Hook{append(words, h.Args...), patterns(file.Files, h.Files), patterns(file.Exclude, h.Exclude)})
		}
	}
	return hooks
}

// patterns are those of some texts that are regular expressions of Go.
func patterns(texts ...string) (out []*regexp.Regexp) {
	for _, text := range texts {
		if r, err := regexp.Compile(text); text != "" && err == nil {
			out = append(out, r)
		}
	}
	return out
}
