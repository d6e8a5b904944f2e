package shell

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestComments(t *testing.T) {
	for source, want := range map[string][]string{
		"# a\necho b # c\n":                             {" a", " c"},
		"echo '# a' \"# b\" c#d # e":                    {" e"},
		"cat <<E\n# a\nE\n# b":                          {" b"},
		"echo a # b # c\n":                              {" b # c", " c"},
		"echo ${#a} ${a/ #/b} $((16#ff)) $# # a":        {" a"},
		"x=$(\n  # a\n  echo b\n)":                      {" a"},
		"echo ${{ secrets.A && '#' }} # a":              {" a"},
		"if x; then # a\n  # b\n  y\nfi\n\n# c\n":       {" a", " b", " c"},
		"if (Test-Path x) { # a\n  # b\r\n  'c # d' }":  {" b"},
		"def f():\n    # a\n    return '# b' # c\n\n#d": {" a", "d"},
		"case x in\n  # a\n  y) z ;; # b\nesac":         {" a", " b"},
		strings.Repeat("(", 100_000) + "\n# a":          {" a"},
	} {
		var got []string
		for _, c := range Comments(source) {
			got = append(got, c.Text)
			if source[c.Offset] != '#' || !strings.HasPrefix(source[c.Offset+1:], c.Text) {
				t.Errorf("%q: %+v is not there", source, c)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%.40q (-want +got):\n%s", source, diff)
		}
	}
}

func FuzzComments(f *testing.F) {
	f.Add("if x; then # a\n cat <<E\n# b\nE\nfi")
	f.Add("echo ${{ a }} '# b\n' # c\r\n")
	f.Fuzz(func(t *testing.T, source string) {
		for _, c := range Comments(source) {
			if c.Offset < 0 || c.Offset >= len(source) || source[c.Offset] != '#' {
				t.Errorf("%q: %+v", source, c)
			}
		}
	})
}
