package workflow

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestMatrixLacks(t *testing.T) {
	for source, want := range map[string]string{
		"{a: [b, c]}":                                                   "",
		"{a: [b, c], include: [{a: b, d: e}]}":                          "d",
		"{a: [b, c], include: [{a: b, d: e}, {a: c, d: f}]}":            "",
		"{a: [b, c], include: [{d: e}]}":                                "",
		"{a: [b], include: [{a: c}]}":                                   "",
		"{a: [b], include: [{a: c, d: e}]}":                             "d",
		"{a: [b], f: [g], include: [{a: c}]}":                           "f",
		"{a: [b, c], exclude: [{a: c}], include: [{a: b, d: e}]}":       "",
		"{a: [b, c], f: [g, h], include: [{a: b, d: e}, {a: c, d: e}]}": "",
		"{a: [b, c], f: [g, h], include: [{a: b, f: g, d: e}]}":         "d",
		"{include: [{a: b}, {a: c, d: e}]}":                             "d",
		"{a: [{b: c, d: e}, {b: f}]}":                                   "a.d",
		"{a: '${{ x }}', include: [{a: b, d: e}]}":                      "d",
		"{a: '${{ x }}', include: [{d: e}]}":                            "",
		"{a: [b], include: '${{ x }}'}":                                 "",
		"'${{ x }}'":                                                    "",
	} {
		r, problems := loadOne(job + "    strategy:\n      matrix: " + source + "\n")
		if len(problems) > 0 {
			t.Errorf("%s: %q", source, problems)
			continue
		}
		lacks := slices.Sorted(maps.Keys(r.Workflows[0].Jobs[0].MatrixLacks))
		if got := strings.Join(lacks, " "); got != want {
			t.Errorf("%s: %s, want %s", source, got, want)
		}
	}
}
