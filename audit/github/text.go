package github

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxMessage bounds, in characters, what is kept of a message of the API.
const maxMessage = 500

// clean makes a text from the API safe to show on one line: control
// characters, marks without a glyph, line ends and broken UTF-8 become spaces,
// several of them one, and the text is cut at maxMessage characters.
func clean(text string) string {
	if len(text) > 16*maxMessage {
		text = text[:16*maxMessage]
	}
	text = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			return ' '
		}
		return r
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) <= maxMessage {
		return text
	}
	return string([]rune(text)[:maxMessage-1]) + "…"
}
