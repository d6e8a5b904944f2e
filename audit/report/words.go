package report

import (
	"strings"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
)

// style is the parameter of an SGR sequence; "" is plain.
type style string

const (
	plain   style = ""
	bold    style = "1"
	dim     style = "2"
	red     style = "1;31"
	green   style = "32"
	yellow  style = "1;33"
	magenta style = "35"
	cyan    style = "36"
	blue    style = "1;34"
)

// span is a run of text in one style.
type span struct {
	text  string
	style style
	// whole forbids breaking a word of the span, however long it is.
	whole bool
	// glued makes the span one word, spaces and all, where a line can hold it.
	glued bool
}

// prose is text in which each ${{ expression }} is glued.
func prose(text string, s style) []span {
	var spans []span
	for {
		before, rest, found := strings.Cut(text, "${{")
		inside, after, closed := strings.Cut(rest, "}}")
		if !found || !closed {
			return append(spans, span{text: text, style: s})
		}
		spans = append(spans, span{text: before, style: s}, span{text: "${{" + inside + "}}", style: s, glued: true})
		text = after
	}
}

// word is what stands between two spaces; it can change its style inside.
type word []span

// terminal measures text. It is set by hand, so that no environment variable
// changes what is written.
var terminal = &runewidth.Condition{StrictEmojiNeutral: true}

// columns returns the number of columns that a string takes.
func columns(s string) int { return terminal.StringWidth(s) }

// columns returns the number of columns that a word takes.
func (w word) columns() int {
	n := 0
	for _, s := range w {
		n += columns(s.text)
	}
	return n
}

// whole tells whether a word must not be broken: it is a place, or a URL.
func (w word) whole() bool {
	return w[0].whole || strings.HasPrefix(w[0].text, "https://") || strings.HasPrefix(w[0].text, "http://")
}

// splitWords cuts spans at spaces, glued ones only where they are wider than
// half a line: a word as wide as that would leave most of another line empty.
func splitWords(spans []span, width int) []word {
	var words []word
	var current word
	for _, s := range spans {
		parts := []string{s.text}
		if !s.glued || columns(s.text)*2 > width {
			parts = strings.Split(s.text, " ")
		}
		for i, part := range parts {
			if i > 0 && current != nil {
				words, current = append(words, current), nil
			}
			if part != "" {
				s.text = part
				current = append(current, s)
			}
		}
	}
	if current != nil {
		words = append(words, current)
	}
	return words
}

// wrap lays spans out in lines of at most width columns. Words that are too
// long are broken, but for URLs and places, which stand on a line alone.
func wrap(spans []span, width int) [][]word {
	var lines [][]word
	var line []word
	used := 0
	add := func(w word) {
		n := w.columns()
		if len(line) > 0 && used+1+n > width {
			lines, line, used = append(lines, line), nil, 0
		}
		if len(line) > 0 {
			used++
		}
		line, used = append(line, w), used+n
	}
	for _, w := range splitWords(spans, width) {
		for i := range w {
			w[i].text = disarm(w[i].text)
		}
		if w.columns() <= width || w.whole() {
			add(w)
			continue
		}
		for _, piece := range breakWord(w, width) {
			add(piece)
		}
	}
	if len(line) > 0 {
		lines = append(lines, line)
	}
	return lines
}

// disarm takes from text what a runner would read as a workflow command,
// should it come to stand at the beginning of a line of a job's log.
func disarm(s string) string {
	if trimmed := strings.TrimLeft(s, " "); strings.HasPrefix(trimmed, "::") {
		s = s[:len(s)-len(trimmed)] + `\u003a:` + trimmed[2:]
	}
	return strings.ReplaceAll(s, "##[", `#\u0023[`)
}

// breakWord cuts a word that is wider than width, after a slash where one
// stands in the second half of the line.
func breakWord(w word, width int) []word {
	var pieces []word
	var piece word
	used := 0
	for _, s := range w {
		text := strings.ReplaceAll(s.text, "::", `:\u003a`)
		for text != "" {
			room := width - used
			// Texts that are far too long are not measured again and again.
			if len(text) <= 64*width && columns(text) <= room {
				piece, used = append(piece, span{text: text, style: s.style}), used+columns(text)
				break
			}
			n := cut(text, room)
			if n == 0 && used == 0 {
				_, n = utf8.DecodeRuneInString(text)
			}
			if n > 0 {
				piece = append(piece, span{text: text[:n], style: s.style})
			}
			pieces, piece, used, text = append(pieces, piece), nil, 0, text[n:]
		}
	}
	if piece != nil {
		pieces = append(pieces, piece)
	}
	return pieces
}

// cut returns how many bytes of text to put on a line of the given columns.
func cut(text string, room int) int {
	n, used, slash := 0, 0, 0
	for i, r := range text {
		used += terminal.RuneWidth(r)
		if used > room {
			break
		}
		n = i + len(string(r))
		if r == '/' && used*2 > room {
			slash = n
		}
	}
	if slash > 0 {
		return slash
	}
	return n
}

// fit cuts a string to at most width columns, the last of them "…".
func fit(s string, width int) string {
	if columns(s) <= width {
		return s
	}
	n, used := 0, 0
	for i, r := range s {
		used += terminal.RuneWidth(r)
		if used > width-1 {
			break
		}
		n = i + len(string(r))
	}
	return strings.TrimRight(s[:n], " ") + "…"
}

// painter writes styled text.
type painter struct {
	strings.Builder
	color bool
}

// paint writes text in a style.
func (p *painter) paint(s style, text string) {
	if !p.color || s == plain || strings.TrimSpace(text) == "" {
		p.WriteString(text)
		return
	}
	p.WriteString("\x1b[" + string(s) + "m" + text + "\x1b[0m")
}

// line writes words, with a space between each two; neighbours of one style
// share one sequence.
func (p *painter) line(words []word) {
	var run span
	for i, w := range words {
		for j, s := range w {
			text := s.text
			if i > 0 && j == 0 {
				text = " " + text
			}
			if s.style != run.style {
				p.paint(run.style, run.text)
				run = span{style: s.style}
				if strings.HasPrefix(text, " ") {
					p.WriteString(" ")
					text = text[1:]
				}
			}
			run.text += text
		}
	}
	p.paint(run.style, run.text)
	p.WriteString("\n")
}
