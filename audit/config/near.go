package config

import (
	"maps"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// fewWords is the number of allowed words up to which a message lists them.
const fewWords = 12

// allowed ends a message about a word that is not allowed: with the words
// that may have been meant, and those that are allowed where they are few.
func allowed(word string, words []string) string {
	words = slices.Sorted(slices.Values(words))
	near := nearest(word, words)
	list := "say " + alternatives(words)
	switch {
	case len(near) > 0 && len(words) > fewWords:
		return ": did you mean " + alternatives(near) + "?"
	case len(near) > 0:
		return ": did you mean " + alternatives(near) + "? (" + list + ")"
	case len(words) > fewWords:
		return ": docs/configuration.md and docs/patrol.schema.json list what is allowed, such as " + alternatives(words[:3])
	}
	return ": " + list
}

// nearest returns the up to three words that somebody who wrote word may have
// meant, nearest first.
func nearest(word string, words []string) []string {
	if len(word) > 100 {
		return nil
	}
	fold := func(s string) string { return strings.ReplaceAll(strings.ToLower(s), "-", "_") }
	distance := func(s string) int { return levenshtein.ComputeDistance(fold(word), fold(s)) }
	near := slices.DeleteFunc(slices.Clone(words), func(s string) bool {
		length := min(len(s), len(word))
		begins := length > 3 && (strings.HasPrefix(fold(s), fold(word)) || strings.HasPrefix(fold(word), fold(s)))
		return !begins && distance(s) > max(1, length/3)
	})
	slices.SortStableFunc(near, func(a, b string) int { return distance(a) - distance(b) })
	return near[:min(len(near), 3)]
}

// alternatives joins words as in a sentence.
func alternatives(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

func keysOf[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
