package workflow

import (
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"github.com/patrol-actions/patrol/audit"
)

// scalarSources hold a scalar each in every form that YAML has. The word
// NEEDLE must be found in the value and in the source.
var scalarSources = []struct{ name, source string }{
	{"plain", "k: a NEEDLE b # comment\n"},
	{"plain at the end", "k: NEEDLE"},
	{"plain over lines", "k: a\n  b\n\n\n  NEEDLE c\n"},
	{"plain in a flow", "k: [a, {b: x NEEDLE}, c]\n"},
	{"plain in a flow over lines", "k: [a,\nb   \n\n  NEEDLE , c]\n"},
	{"single quotes", "k: 'it''s ''NEEDLE'' '\n"},
	{"single quotes over lines", "k: 'a  \n   b\n\n   NEEDLE '''\n"},
	{"double quotes", `k: "\t\x41\u00e9\U0001F600 \"NEEDLE\\"` + "\n"},
	{"double quotes over lines", "k: \"a \n  b\n\n  c\\\n     \\  NEEDLE\n  \"\n"},
	{"double quotes, rare escapes", `k: "\0\a\b\v\f\r\e\ \N\_\L\P'\'NEEDLE"` + "\n"},
	{"literal", "k: |\n  a\n   b\n\n  NEEDLE\n"},
	{"literal, stripped", "k: |-\n  a\n  NEEDLE\n\n"},
	{"literal, kept", "k: |+\n  a NEEDLE\n\n\n"},
	{"literal, indicator", "k: |2\n    a\n  NEEDLE\n"},
	{"literal, both indicators", "l:\n  k: |-1\n      a\n    NEEDLE\n"},
	{"literal, indicators swapped", "l:\n- k: |1+ # why\n     a\n    NEEDLE\n\n"},
	{"literal, leading lines", "k: |\n\n   \n   a\n\n   NEEDLE\n"},
	{"literal, trailing blanks", "k: |\n  a  \n    \n  NEEDLE \n   \n"},
	{"literal in a list", "- |\n  NEEDLE\n- b\n"},
	{"literal at the end", "k: |\n  a\n  NEEDLE"},
	{"literal with tabs", "k: |\n  a\n  \tNEEDLE\tb\n"},
	{"folded", "k: >\n  a\n  b\n\n  NEEDLE\n  c\n"},
	{"folded, stripped", "k: >-\n  a\n  NEEDLE\n\n"},
	{"folded, kept", "k: >+\n  NEEDLE\n\n\nl: b\n"},
	{"folded, more indented", "k: >\n  a\n    b\n\n    c\n  NEEDLE\n  d\n"},
	{"folded, indicator", "k: >2-\n    a\n  b\n  NEEDLE\n"},
	{"anchor", "k: &anchor NEEDLE\n"},
	{"tag and anchor", "k: !!str &anchor  'NEEDLE'\n"},
	{"anchor on its own line", "k: &anchor # comment\n  NEEDLE\n"},
	{"anchor with a colon", "k: &anchor:NEEDLE\n"},
	{"anchored block", "k: &anchor |\n  NEEDLE\n"},
	{"key", "NEEDLE: a\n"},
	{"CR LF", "k: |\r\n  a\r\n\r\n  NEEDLE\r\nl: \"b\r\n  c\"\r\n"},
	{"CR LF folded", "k: >\r\n  a\r\n  b\r\n\r\n  NEEDLE\r\n"},
	{"CR alone", "k: |\r  a\r  NEEDLE\r"},
	{"rare breaks", "k: |\n  a\u2028  b\u0085  c\u2029  NEEDLE\n"},
	{"rare breaks folded", "k: \"a\u2028  b \u0085  c\u2029\n  NEEDLE\"\n"},
	{"byte order mark", "\ufeffNEEDLE: é NEEDLE\n"},
	{"wide characters", "ké: 'é 日本 😀 NEEDLE'\n"},
}

func TestRange(t *testing.T) {
	for _, test := range scalarSources {
		t.Run(test.name, func(t *testing.T) {
			if found := checkScalars(t, test.source); found == 0 {
				t.Errorf("no value holds the needle")
			}
		})
	}
}

// checkScalars maps every scalar of a source to where it is written, holds
// what it can against the YAML parser, and counts the needles that are found
// both in a value and in the source.
func checkScalars(t *testing.T, source string) (needles int) {
	t.Helper()
	const needle = "NEEDLE"
	document, err := parseYAML([]byte(source))
	if err != nil || !utf8.ValidString(source) {
		return 0
	}
	file := &File{Path: "f", Source: []byte(source)}
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		for _, child := range n.Content {
			walk(child)
		}
		if n.Kind != yaml.ScalarNode || n.Value == "" {
			return
		}
		text := Text{n.Value, file, int32(n.Line), int32(n.Column)}
		if m := mapScalar(file.Source, text.start(), n.Value); m.segments == nil {
			t.Errorf("%d:%d: %q is not understood", n.Line, n.Column, n.Value)
		}
		last := 0
		for i := range n.Value {
			start, end := text.Range(i, i+1)
			if start < last || end < start || end > len(source) {
				t.Fatalf("%q at %d maps to [%d, %d), after %d", n.Value, i, start, end, last)
			}
			last = start
		}
		if i := strings.Index(n.Value, needle); i >= 0 {
			needles++
			start, end := text.Range(i, i+len(needle))
			if got := source[start:end]; got != needle {
				t.Errorf("%q maps to %q", needle, got)
			}
		}
	}
	walk(document)
	return needles
}

func FuzzRange(f *testing.F) {
	for _, test := range scalarSources {
		f.Add(test.source)
	}
	f.Fuzz(func(t *testing.T, source string) { checkScalars(t, source) })
}

// textOf returns the first text of a workflow that holds a piece.
func textOf(t *testing.T, w *Workflow, piece string) Text {
	t.Helper()
	for text := range w.Texts() {
		if strings.Contains(text.Value, piece) {
			return text
		}
	}
	t.Fatalf("no text holds %q", piece)
	return Text{}
}

func TestSpan(t *testing.T) {
	const source = `on: push
env:
  A: 'é ${{ secrets.ONE }}'
jobs:
  a:
    runs-on: x
    steps:
      - run: |
          first
          é ${{ secrets.TWO }} b
      - run: >
          a ${{
          secrets.THREE }}
`
	tests := []struct {
		name, source, expression string
		want                     audit.Span
	}{
		{"quoted", source, "${{ secrets.ONE }}", audit.Span{Line: 3, Column: 9, EndLine: 3, EndColumn: 27}},
		{"block", source, "${{ secrets.TWO }}", audit.Span{Line: 10, Column: 13, EndLine: 10, EndColumn: 31}},
		{"over lines", source, "${{ secrets.THREE }}", audit.Span{Line: 12, Column: 13, EndLine: 13, EndColumn: 27}},
		{"CR LF", strings.ReplaceAll(source, "\n", "\r\n"), "${{ secrets.TWO }}", audit.Span{Line: 10, Column: 13, EndLine: 10, EndColumn: 31}},
		{"byte order mark", "\ufeff" + source, "${{ secrets.ONE }}", audit.Span{Line: 3, Column: 9, EndLine: 3, EndColumn: 27}},
		// A line separator ends a line for YAML, but in no editor.
		{"rare break", "# \u2028\n" + source, "${{ secrets.TWO }}", audit.Span{Line: 11, Column: 13, EndLine: 11, EndColumn: 31}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := Load(fstest.MapFS{".github/workflows/w.yml": {Data: []byte(test.source)}})
			text := textOf(t, r.Workflows[0], test.expression)
			from := strings.Index(text.Value, test.expression)
			test.want.File = ".github/workflows/w.yml"
			if diff := cmp.Diff(test.want, text.Span(from, from+len(test.expression))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if line := text.Lines()(from); line != test.want.Line {
				t.Errorf("Lines says %d, want %d", line, test.want.Line)
			}
		})
	}
}

func TestSpanOutside(t *testing.T) {
	r := Load(fstest.MapFS{".github/workflows/w.yml": {Data: []byte("on: push\nname: 'ab'\njobs:\n")}})
	text := textOf(t, r.Workflows[0], "ab")
	for _, test := range []struct{ from, to, start, end int }{
		{0, 2, 16, 18}, {-3, 9, 16, 18}, {1, 1, 17, 17}, {2, 2, 18, 18}, {2, 0, 18, 18}, {0, 0, 16, 16},
	} {
		if start, end := text.Range(test.from, test.to); start != test.start || end != test.end {
			t.Errorf("Range(%d, %d) = %d, %d, want %d, %d", test.from, test.to, start, end, test.start, test.end)
		}
	}
	var zero Text
	if got := zero.Span(0, 5); got != (audit.Span{}) || zero.Line() != 0 || !zero.IsZero() {
		t.Errorf("the zero Text has a place: %v", got)
	}
}
