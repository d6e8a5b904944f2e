package report

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit"
)

func TestNewFrame(t *testing.T) {
	long := "      - run: " + strings.Repeat("x", 40) + " HERE " + strings.Repeat("y", 40)
	tests := []struct {
		name        string
		line        string
		column, end int
		width       int
		want        frame
	}{
		{"plain", "a: ${{ x }}", 8, 9, 40, frame{"a: ${{ x }}", "       ^"}},
		{"accents and wide", "é日本: x", 5, 7, 40, frame{"é日本: x", "      ^^"}},
		{"combining", "e\u0301: x", 5, 6, 40, frame{"e\u0301: x", "   ^"}},
		{"tab", "\ta\tb", 4, 5, 40, frame{"    a   b", "        ^"}},
		{"control", "a\x1bb", 3, 4, 40, frame{`a\u001bb`, "       ^"}},
		{"whole line", "  ab cd  ", 0, 0, 40, frame{"  ab cd", "  ^^^^^"}},
		{"no end", "abc", 2, 0, 40, frame{"abc", " ^"}},
		{"beyond the line", "abc", 9, 12, 40, frame{"abc", "   ^"}},
		{"empty line", "", 1, 4, 40, frame{"", "^"}},
		{"indentation goes first", "          abcdefgh", 11, 13, 10, frame{"abcdefgh", "^^"}},
		{"window", long, 55, 59, 20, frame{"…xxxxx HERE yyyyyyy…", "       ^^^^"}},
		{"window at the end", long, 98, 99, 20, frame{"…yyyyyyyyyyyyyyyyyy", "                 ^"}},
		{"window at the start", long, 1, 3, 20, frame{"      - run: xxxxx…", "^^"}},
		{"runner command", "x ##[error]", 1, 2, 40, frame{`x #\u0023[error]`, "^"}},
	}
	for _, test := range tests {
		got := newFrame(test.line, test.column, test.end, test.width)
		if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(frame{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func FuzzNewFrame(f *testing.F) {
	f.Add("\té日 x", 3, 5, 10)
	f.Fuzz(func(t *testing.T, line string, column, end, width int) {
		width = 20 + max(width, 0)%200
		got := newFrame(line, column, end, width)
		if n := columns(got.code); n > width && !strings.ContainsFunc(line, func(r rune) bool { return r > 0x7e }) {
			t.Errorf("%q is %d wide, not %d", got.code, n, width)
		}
		if strings.ContainsAny(got.code, "\x1b\r\n\t") {
			t.Errorf("%q", got.code)
		}
	})
}

func TestWrap(t *testing.T) {
	tests := []struct {
		name  string
		width int
		spans []span
		want  []string
	}{
		{"words", 10, []span{{text: "one two  three"}}, []string{"one two", "three"}},
		{"spans make one word", 10, []span{{text: "aa"}, {text: "bb cc"}, {text: "dd"}}, []string{"aabb ccdd"}},
		{"URL whole", 10, []span{{text: "see https://example.com/long/path now"}}, []string{"see", "https://example.com/long/path", "now"}},
		{"long word", 6, []span{{text: "abcdefghijklmno"}}, []string{"abcdef", "ghijkl", "mno"}},
		{"long path", 8, []span{{text: "/repos/{owner}"}}, []string{"/repos/", "{owner}"}},
		{"wide", 5, []span{{text: "日本語"}}, []string{"日本", "語"}},
		{"wider than the line", 1, []span{{text: "日本"}}, []string{"日", "本"}},
		{"expression", 20, prose("take ${{ a.b }} or ${{ c.d }}", plain), []string{"take ${{ a.b }} or", "${{ c.d }}"}},
		{"long expression", 8, prose("${{ a && b }} ${{", plain), []string{"${{ a &&", "b }} ${{"}},
		{"no command", 20, []span{{text: "::error::x ##[y]"}}, []string{`\u003a:error::x`, `#\u0023[y]`}},
		{"no command made", 6, []span{{text: "aaaaaa::error::x"}}, []string{"aaaaaa", `:\u003`, "aerror", `:\u003`, "ax"}},
	}
	for _, test := range tests {
		p := &painter{}
		for _, line := range wrap(test.spans, test.width) {
			p.line(line)
		}
		if diff := cmp.Diff(strings.Join(test.want, "\n")+"\n", p.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestPaint(t *testing.T) {
	p := &painter{color: true}
	p.line(splitWords([]span{{text: "a b", style: bold}, {text: ": c d "}, {text: "e", style: dim}}, 80))
	const want = "\x1b[1ma b\x1b[0m: c d \x1b[2me\x1b[0m\n"
	if got := p.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestTextWidth holds every line to the width, but for the ones that are to be
// longer: URLs and places.
func TestTextWidth(t *testing.T) {
	for _, width := range []int{40, 50, 80, 120} {
		for _, verbose := range []int{0, 1} {
			o := Options{Open: openSample, Rules: sampleRules(), Width: width, Verbose: verbose}
			for line := range strings.Lines(write(t, "text", sample(), o)) {
				line = strings.TrimSuffix(line, "\n")
				if columns(line) > width && strings.Contains(strings.TrimSpace(line), " ") {
					t.Errorf("width %d: %d columns: %s", width, columns(line), line)
				}
			}
		}
	}
}

// TestColorOnlyPaints compares the coloured text with the plain one.
func TestColorOnlyPaints(t *testing.T) {
	o := Options{Open: openSample, Rules: sampleRules()}
	want := write(t, "text", sample(), o)
	o.Color = true
	painted := write(t, "text", sample(), o)
	if painted == want {
		t.Error("no colour")
	}
	var b strings.Builder
	for i, part := range strings.Split(painted, "\x1b[") {
		if i > 0 {
			_, part, _ = strings.Cut(part, "m")
		}
		b.WriteString(part)
	}
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-plain +painted):\n%s", diff)
	}
}

// TestLogsRunNothing checks that no line of the text format would be taken for
// a command when it stands in a job's log.
func TestLogsRunNothing(t *testing.T) {
	for width := 40; width < 140; width += 3 {
		o := Options{Open: openSample, Width: width, Verbose: width % 2}
		for line := range strings.Lines(write(t, "text", sample(), o)) {
			if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[") {
				t.Errorf("width %d: %s", width, line)
			}
		}
	}
}

func TestUTF16Column(t *testing.T) {
	s := newSources(Options{Open: func(*audit.Repository, string) ([]byte, error) { return []byte("é🎉x\r\n\xff🎉x"), nil }})
	tests := []struct{ line, column, want int }{
		{1, 1, 1}, {1, 2, 2}, {1, 3, 4}, {1, 4, 5}, {1, 6, 7}, {2, 3, 4}, {9, 3, 3}, {0, 5, 5},
	}
	for _, test := range tests {
		if got := s.utf16Column(nil, "x", test.line, test.column); got != test.want {
			t.Errorf("line %d, column %d: got %d, want %d", test.line, test.column, got, test.want)
		}
	}
}
