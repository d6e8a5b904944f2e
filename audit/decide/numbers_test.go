package decide

import (
	"testing"

	"github.com/patrol-actions/patrol/audit/value"
)

func TestDots(t *testing.T) {
	for source, want := range map[string]int{
		"${V%%.*}":                            0,
		"${V%.*}":                             anyDots,
		"${V#v}":                              anyDots,
		"$(echo $TAG | cut -d. -f1)":          0,
		"$(echo \"$TAG\" | cut -f 1 -d '.')":  0,
		"$(cut -d \".\" -f1 <<< \"$TAG\")":    0,
		"$(echo $TAG | cut -d. -f1-2)":        1,
		"$(echo $TAG | cut -d. -f1,2)":        1,
		"$(echo $TAG | cut -d. -f1-3)":        anyDots,
		"$(echo $TAG | cut -d/ -f1)":          anyDots,
		"$(echo $TAG | cut -d. -f1).0.0":      anyDots,
		"$(cut -d. -f1 x | tee y; cat z)":     anyDots,
		"$(awk -F. '{print $1}' VERSION)":     0,
		"$(echo $TAG | sed 's/\\..*//')":      0,
		"$(echo $TAG | sed 's/v//')":          anyDots,
		"$MAJOR":                              0,
		"${{ steps.parts.outputs.major }}":    0,
		"${{ needs.parts.outputs.majorTag }}": 0,
		"$MAJOR_MINOR":                        1,
		"${{ steps.parts.outputs.minor }}":    1,
		"${{ steps.major.outputs.tag }}":      anyDots,
		"$VERSION":                            anyDots,
	} {
		if got := dots(value.Unknown(source)); got != want {
			t.Errorf("%s: %d dots, want %d", source, got, want)
		}
	}
	if got := dots(value.Concat(value.Unknown("$MAJOR"), value.Text("."), value.Unknown("$MINOR"))); got != 1 {
		t.Errorf("two numbers: %d dots", got)
	}
	if got := dots(nil); got != anyDots {
		t.Errorf("no name: %d dots", got)
	}
}

func TestLeastDots(t *testing.T) {
	for pattern, want := range map[string]int{"v*": 0, "v*.*.*": 2, "v[0-9]+.[0-9]+": 1, "v1.?": 0, "v1.?2": 0, "[.]": 0, "v[": 0, "**": 0} {
		if got := leastDots(pattern); got != want {
			t.Errorf("%s: %d, want %d", pattern, got, want)
		}
	}
}
