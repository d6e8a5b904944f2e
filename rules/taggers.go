package rules

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// tagger is a row of table/taggers.tsv.
type tagger struct {
	program string
	unless  []string
	// prefix are names of the setting that says what stands before the version in the
	// tag, settings the files that it stands in; empty where that is not so simple.
	prefix, settings []string
}

var taggerRows = rows("taggers", []string{"program", "unless", "prefix", "settings", "source"}, parseTagger)

var taggers = sync.OnceValue(func() map[string]tagger {
	out := map[string]tagger{}
	for _, t := range taggerRows().rows {
		out[t.program] = t
	}
	return out
})

func parseTagger(r row) (tagger, error) {
	t := tagger{r.cell("program"), strings.Fields(r.cell("unless")), strings.Fields(r.cell("prefix")), strings.Fields(r.cell("settings"))}
	if n := len(strings.Fields(t.program)); n != 1 && n != 2 {
		return t, fmt.Errorf("program %q", t.program)
	}
	return t, nil
}

// MakesTag tells whether a command makes an annotated tag in the checkout, by
// its words. The flags that keep it from that count wherever they stand; its
// configuration is not looked at.
func MakesTag(words []string) bool {
	t, flags, ok := findTagger(words)
	return ok && !t.keeps(flags)
}

// MakesNoTag tells whether a command would make a tag in the checkout, and is given a
// flag that keeps it from that.
func MakesNoTag(words []string) bool {
	t, flags, ok := findTagger(words)
	return ok && t.keeps(flags)
}

// keeps tells whether one of the flags keeps the program from its tag. A "false" behind
// one takes it back.
func (t tagger) keeps(flags []string) bool {
	for i, w := range flags {
		if slices.Contains(t.unless, w) && (i+1 == len(flags) || flags[i+1] != "false") {
			return true
		}
	}
	return false
}

// VersionTag tells whether a command tags the version of a package of npm, by its
// words: by which names a setting says what stands before the version in the tag, "v"
// without it, and in which files.
func VersionTag(words []string) (settings, files []string, ok bool) {
	t, _, ok := findTagger(words)
	return t.prefix, t.settings, ok && len(t.prefix) > 0
}

// untagged are the flags that keep a program from its tag and not from the
// commit of the new version.
var untagged = []string{"--no-tag", "--skip.tag"}

// MakesCommit tells whether a command commits a new version in the checkout,
// as far as [MakesTag] would see it.
func MakesCommit(words []string) bool {
	t, flags, ok := findTagger(words)
	return ok && !slices.ContainsFunc(flags, func(w string) bool { return slices.Contains(t.unless, w) && !slices.Contains(untagged, w) })
}

// findTagger returns the row of a command and the words behind it. A program
// that runs it may stand in front, and its version behind its name.
func findTagger(words []string) (t tagger, flags []string, ok bool) {
	for n := min(len(words), 2); n > 0; n-- {
		if t, ok := taggers()[strings.Join(words[:n], " ")]; ok {
			return t, words[n:], true
		}
	}
	if len(words) < 2 || !launches(words[0]) {
		return tagger{}, nil, false
	}
	inner, _ := launched(words)
	if len(inner) == 0 || len(inner) >= len(words) {
		return tagger{}, nil, false
	}
	name, _, _ := strings.Cut(inner[0], "@")
	return findTagger(append([]string{name}, inner[1:]...))
}
