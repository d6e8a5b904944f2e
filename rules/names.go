package rules

import (
	"cmp"
	"slices"
	"strings"
)

// GhCommands returns the commands of gh that do something, as "pr create",
// sorted.
func GhCommands() []string {
	var names []string
	for _, c := range ghCommands().rows {
		if !c.group {
			names = append(names, c.name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Programs returns the names of the known programs that may use a GitHub
// token, with their command words, sorted.
func Programs() []string {
	var names []string
	for _, r := range programRows().rows {
		if r.effect.Answer != AnswerQuiet {
			names = append(names, r.name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Near returns those of the names that somebody who wrote word may have
// meant, nearest first; none where nothing is near. Case does not matter.
func Near(word string, names []string) []string {
	word = strings.ToLower(word)
	if word == "" || len(word) > 128 {
		return nil
	}
	type candidate struct {
		name     string
		distance int
	}
	var candidates []candidate
	for _, name := range names {
		limit := max(1, len(name)/4)
		if len(name) > 5 {
			limit = max(limit, 2)
		}
		if d := len(name) - len(word); d > limit && !strings.Contains(name, word) || -d > limit {
			continue
		}
		d := editDistance(word, strings.ToLower(name))
		if len(word) >= 4 && strings.Contains(strings.ToLower(name), word) {
			d = min(d, limit)
		}
		if d <= limit {
			candidates = append(candidates, candidate{name, d})
		}
	}
	slices.SortStableFunc(candidates, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(len(a.name), len(b.name)))
	})
	var out []string
	for _, c := range candidates[:min(len(candidates), suggestions)] {
		out = append(out, c.name)
	}
	return out
}
