package rules

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Versions is a range of an action's versions: "since v2", "until v7" or
// "since v6 until v7". It holds from the first one on and before the last: an
// input that is there "until v3" is one that v3 has no longer. The zero
// Versions are all.
type Versions struct {
	since, until []int
}

// ParseVersions reads a range. The empty text is the one that always holds.
func ParseVersions(text string) (Versions, error) {
	var v Versions
	words := strings.Fields(text)
	for len(words) >= 2 {
		bound, ok := versionNumbers(words[1])
		switch {
		case ok && words[0] == "since" && v.since == nil && v.until == nil:
			v.since = bound
		case ok && words[0] == "until" && v.until == nil:
			v.until = bound
		default:
			return Versions{}, fmt.Errorf("versions %q: want since vN, until vN or both", text)
		}
		words = words[2:]
	}
	if len(words) > 0 {
		return Versions{}, fmt.Errorf("versions %q: want since vN, until vN or both", text)
	}
	return v, nil
}

// IsZero tells whether the range is that of all versions.
func (v Versions) IsZero() bool { return v.since == nil && v.until == nil }

// String returns the form that ParseVersions reads.
func (v Versions) String() string {
	var words []string
	for _, bound := range []struct {
		word    string
		numbers []int
	}{{"since", v.since}, {"until", v.until}} {
		if bound.numbers == nil {
			continue
		}
		numbers := make([]string, len(bound.numbers))
		for i, n := range bound.numbers {
			numbers[i] = strconv.Itoa(n)
		}
		words = append(words, bound.word+" v"+strings.Join(numbers, "."))
	}
	return strings.Join(words, " ")
}

// Holds tells whether a version is in the range, given the tag or branch that
// stands behind the "@" of an action. A tag that leaves numbers out, such as
// v3, is taken to be moved to the newest version that it fits, and main or
// master to be newer than all. Of any other name nothing is known.
func (v Versions) Holds(ref string) Truth {
	if v.IsZero() {
		return Yes
	}
	newest := ref == "main" || ref == "master"
	numbers, ok := versionNumbers(ref)
	if !ok && !newest {
		return Maybe
	}
	if v.since != nil && !newest && compareVersions(numbers, v.since) < 0 {
		return No
	}
	if v.until != nil && (newest || compareVersions(numbers, v.until) >= 0) {
		return No
	}
	return Yes
}

// versionTag matches a tag or branch that is named for a version.
var versionTag = regexp.MustCompile(`^(?:releases?/)?v?(\d{1,6}(?:\.\d{1,6}){0,5})(?:\.x)?(?:[-+].*)?$`)

func versionNumbers(ref string) ([]int, bool) {
	m := versionTag.FindStringSubmatch(ref)
	if m == nil {
		return nil, false
	}
	var out []int
	for part := range strings.SplitSeq(m[1], ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			return nil, false
		}
		out = append(out, n)
	}
	return out, true
}

// compareVersions compares a version to a bound. One that is not as precise
// as the bound, and equal as far as it goes, is past it.
func compareVersions(version, bound []int) int {
	for i, n := range bound {
		if i >= len(version) {
			return 1
		}
		if c := cmp.Compare(version[i], n); c != 0 {
			return c
		}
	}
	return 0
}

// Exists tells whether the action has the token in the version at hand, as
// get returns it for "@version".
func (t ActionToken) Exists(get func(name string) (text string, known, set bool)) Truth {
	return getter(get).within(t.Versions)
}

// within tells whether the version of the action is in a range.
func (get getter) within(v Versions) Truth {
	if v.IsZero() {
		return Yes
	}
	ref, known, _ := get("@version")
	if !known {
		return Maybe
	}
	return v.Holds(ref)
}

// Removed tells whether the version at hand is surely one that has the token
// no longer.
func (t ActionToken) Removed(get func(name string) (text string, known, set bool)) bool {
	return getter(get).within(Versions{until: t.Versions.until}) == No
}
