package act

import (
	"strings"
)

// maxBody is how many characters GitHub takes as the body of an issue or of a
// pull request. It is kept in bytes, which are never fewer.
const maxBody = 65536

// cutBody shortens Markdown to a number of bytes: after a whole line, with
// what is open there (a block of code, a folded section) closed again, and a
// line that says so.
func cutBody(markdown string, limit int, notice string) string {
	if len(markdown) <= limit {
		return markdown
	}
	var open structure
	best := ""
	for end := 0; end < len(markdown); {
		line := markdown[end:]
		if i := strings.IndexByte(line, '\n'); i >= 0 {
			line = line[:i+1]
		}
		end += len(line)
		if end > limit {
			break
		}
		open.read(strings.TrimRight(line, "\r\n"))
		if tail := open.closing() + "\n" + notice + "\n"; end+len(tail) <= limit {
			best = markdown[:end] + tail
		}
	}
	return best
}

// structure is what is open at a line of Markdown as this project writes it:
// fences and <details> begin and end on lines of their own, but for the
// summary.
type structure struct {
	fence  string
	folded int
}

func (s *structure) read(line string) {
	text := strings.TrimSpace(line)
	ticks := text[:len(text)-len(strings.TrimLeft(text, "`"))]
	switch {
	case s.fence != "":
		if text == ticks && len(ticks) >= len(s.fence) {
			s.fence = ""
		}
	case len(ticks) >= 3 && !strings.Contains(text[len(ticks):], "`"):
		s.fence = ticks
	case strings.HasPrefix(text, "<details"):
		s.folded++
	case strings.HasPrefix(text, "</details"):
		s.folded = max(0, s.folded-1)
	}
}

func (s *structure) closing() string {
	text := ""
	if s.fence != "" {
		text = s.fence + "\n"
	}
	return text + strings.Repeat("\n</details>\n", s.folded)
}

// sameBody compares a body with what GitHub gives back of it: a page sends
// line ends of Windows, and space at the ends goes.
func sameBody(a, b string) bool { return plainBody(a) == plainBody(b) }

func plainBody(s string) string {
	return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
}

// shorten cuts a text to a number of characters.
func shorten(s string, limit int) string {
	if runes := []rune(s); len(runes) > limit {
		return string(runes[:limit-1]) + "…"
	}
	return s
}
