package settings

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Hook is a program that pre-commit runs with the files of a repository.
type Hook struct {
	// Words are those of its call: of a hook of another repository the name of
	// the hook stands for the program, unless it is told.
	Words []string
	// ID is its name, and Stages are those of git in which it runs, none for all.
	ID     string
	Stages []string
	// Own says that the configuration tells what it runs: a line for a shell, Entry.
	Own   bool
	Entry string
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
			Repo  string `yaml:"repo"`
			Hooks []struct {
				filter `yaml:",inline"`
				ID     string   `yaml:"id"`
				Entry  string   `yaml:"entry"`
				Args   []string `yaml:"args"`
				Stages []string `yaml:"stages"`
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
			hooks = append(hooks, Hook{
				Words: append(words, h.Args...), ID: h.ID, Stages: h.Stages, Own: repo.Repo == "local" && h.Entry != "", Entry: strings.Join(append([]string{h.Entry}, h.Args...), " "),
				files: patterns(file.Files, h.Files), exclude: patterns(file.Exclude, h.Exclude),
			})
		}
	}
	return hooks
}

// RunsIn tells whether a call of pre-commit, by its words, runs the hook, one of all:
// that which it names, if it names one, in the stage that it names, if any.
func (h Hook) RunsIn(words []string, all []Hook) bool {
	stage, named := "pre-commit", false
	for i, w := range words {
		flag, given, joined := strings.Cut(w, "=")
		switch {
		case flag != "--hook-stage" && flag != "--stage":
			named = named || w != "pre-commit" && slices.ContainsFunc(all, func(o Hook) bool { return o.ID == w })
		case joined:
			stage = given
		case i+1 < len(words):
			stage = words[i+1]
		}
	}
	return (!named || slices.Contains(words, h.ID)) &&
		(len(h.Stages) == 0 || slices.ContainsFunc(h.Stages, func(s string) bool { return strings.TrimPrefix(s, "pre-") == strings.TrimPrefix(stage, "pre-") }))
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
