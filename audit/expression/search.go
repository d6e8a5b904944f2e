package expression

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// mayHold tells whether a value that is known in part may hold a text where
// the search looks for it: false where the known parts and the letters of the
// others leave no place for it.
func mayHold(search string, v value.Value, part string) bool {
	part = strings.ToLower(part)
	return slices.ContainsFunc(v.Alternatives(), func(one value.Value) bool {
		return reaches(search, one, part)
	})
}

// reaches follows how much of a text may have been seen at each point of a
// value: reached[n] says that its first n bytes may stand right before the
// point.
func reaches(search string, v value.Value, part string) bool {
	begin := func() []bool {
		reached := make([]bool, len(part)+1)
		reached[0] = true
		return reached
	}
	reached, found := begin(), false
	writtenOut := len(v) > 0 && v[0].Text != ""
	for _, p := range v {
		if text, ok := (value.Value{p}).Literal(); ok {
			for _, c := range []byte(strings.ToLower(text)) {
				next := make([]bool, len(part)+1)
				next[0] = search != "startswith"
				for n := range len(part) {
					next[n+1] = reached[n] && part[n] == c
				}
				reached, found = next, found || next[len(part)]
			}
			continue
		}
		of, any := alphabet(p)
		silent := writtenOut && any && part[0] == '@' && !mentions(p)
		for n := range len(part) {
			reached[n+1] = reached[n+1] || reached[n] && (any && !(silent && part[n] == '@') || strings.IndexByte(of, part[n]) >= 0)
		}
		// The part of the value that is not known may end before the text
		// begins, unless that is at the very beginning.
		reached[0] = reached[0] || search != "startswith"
		found = found || reached[len(part)]
	}
	if search == "endswith" {
		return reached[len(part)]
	}
	return found || part == ""
}
