package report

import (
	"github.com/patrol-actions/patrol/audit"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestClean(t *testing.T) {
	tests := map[string]string{
		"plain é 日本 🎉":       "plain é 日本 🎉",
		"a\tb":               "a b",
		"a\r\nb":             `a\r\nb`,
		"\x1b[31mred\x1b[0m": `\u001b[31mred\u001b[0m`,
		"\x00\x7f\u0085":     `\u0000\u007f\u0085`,
		"\u202agnp\u202e":    `\u202agnp\u202e`,
		"\u2066x\u2069":      `\u2066x\u2069`,
		"\u200e\u200f\u061c": `\u200e\u200f\u061c`,
		"a\u2028b\u2029":     `a\u2028b\u2029`,
		"a\u200bb\ufeff":     `a\u200bb\ufeff`,
		"\U000e0041":         `\U000e0041`,
		"👩\u200d💻":           "👩\u200d💻",
		"\xff\xfeé":          `\xff\xfeé`,
	}
	for in, want := range tests {
		if got := clean(in); got != want {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCleanLines(t *testing.T) {
	want := []string{"a", "  b", `c\rd`}
	if diff := cmp.Diff(want, cleanLines("a\r\n  b\nc\rd\n\n")); diff != "" {
		t.Error(diff)
	}
}

func FuzzClean(f *testing.F) {
	f.Add(hostile)
	f.Fuzz(func(t *testing.T, s string) {
		got := clean(s)
		if !utf8.ValidString(got) || strings.ContainsFunc(got, unicode.IsControl) || strings.ContainsRune(got, '\u202e') {
			t.Errorf("clean(%q) = %q", s, got)
		}
		if clean(got) != got {
			t.Errorf("clean(%q) is not clean", got)
		}
	})
}

func TestCommandEscapes(t *testing.T) {
	a := Annotation{Level: audit.SeverityWarning, Title: "100%: a, b", File: "x,y:z.yml", Line: 1, Message: "100%\r\n::x, y"}
	want := "::warning endLine=1,file=x%2Cy%3Az.yml,line=1,title=100%25%3A a%2C b::100%25%0D%0A::x, y"
	if got := a.command(); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestMarkdownText(t *testing.T) {
	tests := map[string]string{
		"BOT_PAT":                 "BOT_PAT",
		"GH-12 gh-1 high-1":       "GH-&#8203;12 gh-&#8203;1 high-&#8203;1",
		"_x_":                     "&#95;x&#95;",
		"a|b `c` *d*":             "a&#124;b &#96;c&#96; &#42;d&#42;",
		"<script>&amp;":           "&#60;script&#62;&#38;amp;",
		"@octocat":                "&#64;&#8203;octocat",
		"[x](https://e.example)":  "&#91;x&#93;(https:&#8203;//e.example)",
		"www.e.example #12 $x$":   "www&#8203;.e.example &#35;&#8203;12 &#36;x&#36;",
		"two\nlines \u202e":       "two&#92;nlines &#92;u202e",
		"<!-- x --> </details> ~": "&#60;!-- x --&#62; &#60;/details&#62; &#126;",
	}
	for in, want := range tests {
		if got := MarkdownText(in); got != want {
			t.Errorf("MarkdownText(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestMarkdownLink(t *testing.T) {
	tests := map[string]string{
		"https://github.com/new?a=b&c=d":   "[new](https://github.com/new?a=b&c=d)",
		"https://e.example/a) [x](y z)|<b": "[new](https://e.example/a%29%20%5Bx%5D%28y%20z%29%7C%3Cb)",
		"javascript:alert(1)":              "<code>javascript:alert(1)</code>",
		"https:///nowhere":                 "<code>https:&#8203;///nowhere</code>",
	}
	for in, want := range tests {
		if got := markdownLink("new", in); got != want {
			t.Errorf("markdownLink(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestMarkdownFence(t *testing.T) {
	want := "````yaml\n```\n````\n"
	if got := markdownFence("yaml", []string{"```"}); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
