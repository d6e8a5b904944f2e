package shell

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCutField holds the fields of read against what bash 5.2 gives.
func TestCutField(t *testing.T) {
	for _, c := range []struct {
		line, separators string
		want             []string
	}{
		{" x  y z ", blanks, []string{"x", "y z"}},
		{"x y\tz", "\t", []string{"x y", "z"}},
		{"x\t\tz", "\t", []string{"x", "z", ""}},
		{"x y\tz", "", []string{"x y\tz", ""}},
		{"x/y/", "/", []string{"x", "y"}},
		{"x/y//", "/", []string{"x", "y//"}},
		{"x/y/z/", "/", []string{"x", "y/z/"}},
		{"x/", "/", []string{"x"}},
		{"x", "/", []string{"x", "", ""}},
		{":x:y", ":", []string{"", "x:y"}},
		{" x : y ", ":", []string{" x ", " y "}},
		{"x, y ,z, w ", ", ", []string{"x", "y", "z, w"}},
		{" x , , z ", ", ", []string{"x", "", "z"}},
		{"x\ny", blanks, []string{"x", "y"}},
		{"x q\ny", "\n", []string{"x q", "y"}},
	} {
		var got []string
		for n := range c.want {
			got = append(got, cutField(c.line, c.separators, n, len(c.want)))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q at %q: %s", c.line, c.separators, diff)
		}
	}
}
