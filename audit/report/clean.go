package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean makes a string safe to show on one line: control characters (the
// escape that begins terminal sequences among them), marks that change the
// direction of writing, other characters without a glyph, line separators and
// broken UTF-8 become visible escapes such as \u202e. A tab becomes a space.
//
// The two joiners stay, for emoji and some scripts are built with them; so do
// letters of one script that look like those of another.
func clean(s string) string {
	if !strings.ContainsFunc(s, isUnsafe) && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			fmt.Fprintf(&b, `\x%02x`, s[i])
		} else {
			b.WriteString(visible(r))
		}
		i += size
	}
	return b.String()
}

// Clean makes a string safe to show on one line of a terminal: what is not a
// visible character becomes an escape, a tab a space.
func Clean(s string) string { return clean(s) }

// cleanLines is clean for text of several lines: line ends stay.
func cleanLines(s string) []string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	lines := strings.Split(strings.TrimRight(s, "\n"), "\n")
	for i, line := range lines {
		lines[i] = clean(line)
	}
	return lines
}

// isUnsafe tells whether a character must not reach a terminal or a page as
// it is.
func isUnsafe(r rune) bool {
	switch {
	case r < utf8.RuneSelf:
		return r < ' ' || r == 0x7f
	case r == '\u200c', r == '\u200d':
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// visible writes a character so that it can be seen and does nothing.
func visible(r rune) string {
	switch {
	case r == '\t':
		return " "
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case !isUnsafe(r):
		return string(r)
	case r > 0xffff:
		return fmt.Sprintf(`\U%08x`, r)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

// shorten cuts a string to at most limit characters, the last of them "…".
func shorten(s string, limit int) string {
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	return string([]rune(s)[:limit-1]) + "…"
}
