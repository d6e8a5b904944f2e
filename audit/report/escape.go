package report

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"
)

// breaker is a space of no width. It keeps the words of a repository from
// becoming mentions and links, which GitHub finds in the finished page, where
// an escaped character is as good as a plain one.
const breaker = "&#8203;"

// MarkdownText writes text so that GitHub shows it as it stands: nothing in it
// is markup, a mention or a link. It is for the middle of a line: what means
// something only where a line begins stays, so that the source can be read.
func MarkdownText(s string) string {
	var b strings.Builder
	runes := []rune(clean(s))
	for i, r := range runes {
		var before, after rune
		if i > 0 {
			before = runes[i-1]
		}
		if i+1 < len(runes) {
			after = runes[i+1]
		}
		if strings.ContainsRune("&<>`*~|[]\\#$@", r) || r == '_' && !(isWord(before) && isWord(after)) {
			fmt.Fprintf(&b, "&#%d;", r)
		} else {
			b.WriteRune(r)
		}
		// GH-1 is a reference as #1 is.
		number := r == '-' && after >= '0' && after <= '9' && i > 1 && strings.EqualFold(string(runes[i-2:i]), "gh")
		if r == '@' || r == '#' || r == ':' && after == '/' || number {
			b.WriteString(breaker)
		}
	}
	return strings.ReplaceAll(b.String(), "www.", "www"+breaker+".")
}

// isWord tells whether an underscore beside a character can be no emphasis.
func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// markdownProse is MarkdownText with each ${{ expression }} in a monospaced
// font.
func markdownProse(s string) string {
	var b strings.Builder
	for _, part := range prose(s, plain) {
		if part.glued {
			b.WriteString(MarkdownCode(part.text))
		} else {
			b.WriteString(MarkdownText(part.text))
		}
	}
	return b.String()
}

// MarkdownCode writes text in a monospaced font. It is no code span of
// Markdown, for that cannot hold everything inside a table.
func MarkdownCode(s string) string {
	if s == "" {
		return ""
	}
	return "<code>" + MarkdownText(s) + "</code>"
}

// markdownFence writes lines as a block of code of a language.
func markdownFence(language string, lines []string) string {
	text := strings.Join(lines, "\n")
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence + language + "\n" + text + "\n" + fence + "\n"
}

// markdownLink writes a link if the address is one of the web, else its text.
func markdownLink(words, address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return MarkdownCode(address)
	}
	safe := strings.NewReplacer("<", "%3C", ">", "%3E", "(", "%28", ")", "%29", "|", "%7C", " ", "%20",
		"`", "%60", `\`, "%5C", "[", "%5B", "]", "%5D", `"`, "%22", "'", "%27").Replace(u.String())
	return "[" + MarkdownText(words) + "](" + safe + ")"
}

// linked is words that are Markdown already as a link.
func linked(words, address string) string { return "[" + words + "](" + address + ")" }
