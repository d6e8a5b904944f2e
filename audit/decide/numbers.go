package decide

import (
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// anyDots is the number of dots in a name of which it is not known.
const anyDots = -1

// Sources of names that are cut off at the first dot or the second one, or that
// are called after one number of a version.
var (
	cutAtDot    = regexp.MustCompile(`^\$\{\w+%%\.\*\}$`)
	firstFields = regexp.MustCompile(`^\$\((?:[^\n;&]*\|)?\s*cut\s[^|;&\n]*\)$`)
	cutByDot    = regexp.MustCompile(`\s(?:-d\s*|--delimiter[= ])["']?\\?\.["']?\s`)
	cutFields   = regexp.MustCompile(`\s(?:-f\s*|--fields[= ])["']?(1|1-2|1,2|-2)["']?\s`)
	otherFirst  = regexp.MustCompile(`^\$\((?:[^\n;&]*\|)?\s*(?:awk\s+-F\s*["']?(?:\\*\.|\[\.\])["']?\s+["']\{\s*print \$1;?\s*\}["']|sed\s+(?:-[Er]\s+)?["']s/\\\.\.\*\$?//["'])[^|;&\n]*\)$`)
	majorWord   = regexp.MustCompile(`(?i)(?:^|[^a-z])major(?:[-_]?(?:version|tag|ver|number))?[^a-z]*$`)
	minorWord   = regexp.MustCompile(`(?i)(?:^|[^a-z])(?:major[-_]?)?minor(?:[-_]?(?:version|tag|ver|number))?[^a-z]*$`)
)

// dots is how many dots a tag can have at most, or anyDots: "v1" that a release
// takes along has none, and no filter for whole versions meets it. It is wrong
// where an output that is called major holds a whole version.
func dots(tag value.Value) int {
	most := 0
	if len(tag) == 0 {
		return anyDots
	}
	for alternative := range tag.EachAlternative() {
		n := 0
		for i, p := range alternative {
			one := strings.Count(p.Text, ".")
			if p.Text == "" {
				if one = dotsOf(p.Unknown); one > 0 && i > 0 && strings.HasSuffix(alternative[i-1].Text, ".") && minorWord.MatchString(p.Unknown) {
					// The number alone, behind the one before it.
					one = 0
				}
			}
			if one == anyDots {
				return anyDots
			}
			n += one
		}
		most = max(most, n)
	}
	return most
}

// dotsOf is dots for the source of a name.
func dotsOf(source string) int {
	switch {
	case source == "":
		return anyDots
	case strings.HasPrefix(source, "$("):
		if otherFirst.MatchString(source) {
			return 0
		}
		if !firstFields.MatchString(source) {
			return anyDots
		}
		cut := strings.TrimSuffix(source[strings.LastIndex(source, "cut"):], ")") + " "
		if m := cutFields.FindStringSubmatch(cut); m != nil && cutByDot.MatchString(cut) {
			return min(len(m[1])-1, 1)
		}
		return anyDots
	case cutAtDot.MatchString(source):
		return 0
	case strings.ContainsAny(strings.TrimPrefix(source, "${{"), "%#:/|&=<>"):
		// What is made of a number may be anything.
		return anyDots
	case majorWord.MatchString(source):
		return 0
	case minorWord.MatchString(source):
		return 1
	}
	return anyDots
}

// leastDots is how many dots a name has at least that a pattern of a filter takes.
func leastDots(pattern string) int {
	n := 0
	for i := 0; i < len(pattern); i++ {
		switch pattern[i] {
		case '[':
			end := strings.IndexByte(pattern[i:], ']')
			if end < 0 {
				return n
			}
			i += end
		case '.':
			if i+1 == len(pattern) || pattern[i+1] != '?' {
				n++
			}
		}
	}
	return n
}

// ofDots are the patterns that a name with so many dots at most can meet.
func ofDots(patterns []string, most int) []string {
	if most == anyDots || patterns == nil {
		return patterns
	}
	return slices.DeleteFunc(slices.Clone(patterns), func(p string) bool { return leastDots(p) > most })
}
