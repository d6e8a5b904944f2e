package decide

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// usualBranches are names that default branches have by custom.
var usualBranches = sync.OnceValue(func() []string { return slices.Concat(rules.WordMain.Words(), rules.WordDefault.Words()) })

// versionBranch matches the names of branches that are kept per version.
var versionBranch = regexp.MustCompile(`^v?\d+(?:\.\d+)*(?:\.x)?(?:-dev)?$`)

// someVersions are such names, to ask what a pattern is for.
var someVersions = []string{"1.x", "1.0.x", "1.0"}

// guessDefault guesses the repository's default branch, and tells whether a
// filter names it: the one of the usual names that most filters of push and
// pull_request name, or else the branch of a version that most do, the latest
// of several, or else the one that all filters of pull_request name. Where there
// is none it is main. It is wrong where a default branch has another name and no
// filter says so.
func guessDefault(r *workflow.Repository) (name string, named bool) {
	count, merged, filters := map[string]int{}, map[string]int{}, 0
	for _, w := range r.Workflows {
		for _, t := range w.Triggers {
			if t.Event != "push" && t.Event != "pull_request" {
				continue
			}
			for _, b := range t.Branches {
				if b != "" {
					count[b]++
				}
			}
			if t.Event == "pull_request" && len(t.Branches) > 0 {
				filters++
				for _, b := range t.Branches {
					merged[b]++
				}
			}
		}
	}
	for _, usual := range usualBranches() {
		if count[usual] > count[name] {
			name = usual
		}
	}
	if name != "" {
		return name, true
	}
	version := ""
	for _, b := range slices.Sorted(maps.Keys(count)) {
		if n := count[b]; versionBranch.MatchString(b) && (name == "" || n > count[name] || n == count[name] && versionLess(name, b)) {
			name = b
		}
		if version == "" && wild(b) && !strings.HasPrefix(b, "!") && !compile(b).MatchString("topic") {
			i := slices.IndexFunc(someVersions, func(v string) bool { return compile(b).MatchString(v) })
			if i >= 0 {
				version = someVersions[i]
			}
		}
	}
	if name == "" && version == "" {
		for _, b := range slices.Sorted(maps.Keys(merged)) {
			if merged[b] == filters && count[b] > count[name] && !(wild(b) && compile(b).MatchString("topic")) {
				name = b
			}
		}
		if wild(name) {
			// Some branch of that pattern: which, nobody can be told.
			return wildcard.ReplaceAllString(name, "1"), false
		}
	}
	return cmp.Or(name, version, usualBranches()[0]), name != ""
}

// versionLess compares two names of branches number by number.
func versionLess(a, b string) bool {
	numbers := func(name string) []int {
		var out []int
		for part := range strings.SplitSeq(strings.TrimPrefix(name, "v"), ".") {
			n, err := strconv.Atoi(part)
			if err != nil {
				n = int(^uint(0) >> 1) // the branch of all of them
			}
			out = append(out, n)
		}
		return out
	}
	if c := slices.Compare(numbers(a), numbers(b)); c != 0 {
		return c < 0
	}
	return a < b
}

// called is what reports call the default branch: by a branch that is one of
// its names, or by what is known of it.
func (d *decider) called(branch value.Value) string {
	if name, ok := shortRef(branch).Literal(); ok && name != "" {
		return name
	}
	if d.defaultSaid {
		return d.defaultBranch
	}
	return "the default branch"
}
