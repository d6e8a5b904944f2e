package workflow

import (
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A scalarMap says where each byte of a scalar's value is written.
type scalarMap struct {
	// start is where the scalar begins, for a value that cannot be mapped.
	start    int
	segments []segment
}

// segment maps width bytes of the value, from value on, to sourceWidth bytes
// of the source. Where both widths are the same, bytes stand for themselves;
// else the segment is one character in another form.
type segment struct {
	value, width        int
	source, sourceWidth int
}

// mapScalar maps the scalar that begins at start in a source. It reads the
// source the way YAML does and holds each step against the value, so a
// scalar that is not understood is noticed: it maps to its beginning.
func mapScalar(source []byte, start int, value string) scalarMap {
	s := scanner{source: source, pos: start, value: value}
	s.skipProperties()
	m := scalarMap{start: s.pos}
	if len(value) == 0 || !s.scan() {
		return m
	}
	m.segments = s.segments
	return m
}

// span returns the offsets between which the bytes [from, to) of the value
// are written.
func (m scalarMap) span(from, to int) (start, end int) {
	if len(m.segments) == 0 {
		return m.start, m.start
	}
	if from == to && to > 0 {
		from--
		_, end = m.span(from, to)
		return end, end
	}
	start, _ = m.at(from)
	if from == to {
		return start, start
	}
	_, end = m.at(to - 1)
	return start, end
}

// at returns where one byte of the value is written.
func (m scalarMap) at(i int) (start, end int) {
	n := sort.Search(len(m.segments), func(n int) bool { return m.segments[n].value > i })
	s := m.segments[n-1]
	if s.width == s.sourceWidth {
		start = s.source + i - s.value
		return start, start + 1
	}
	return s.source, s.source + s.sourceWidth
}

// scanner walks a scalar's source and its value in lock-step.
type scanner struct {
	source   []byte
	pos      int
	value    string
	done     int // bytes of value that are mapped
	segments []segment
	failed   bool
}

// lineBreak is a line break in the source, and what it means in a value.
type lineBreak struct {
	offset, width int
	text          string
}

// scan maps the whole value, and tells whether that could be done.
func (s *scanner) scan() bool {
	switch s.peek(0) {
	case '\'', '"':
		quote := s.peek(0)
		s.pos++
		s.scanFlow(quote)
	case '|', '>':
		s.scanBlock()
	default:
		s.scanFlow(0)
	}
	return !s.failed && s.done == len(s.value)
}

func (s *scanner) peek(ahead int) byte {
	if i := s.pos + ahead; i < len(s.source) {
		return s.source[i]
	}
	return 0
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// skipProperties moves over an anchor and a tag, which YAML counts as part
// of a scalar, and over the comments that may follow them.
func (s *scanner) skipProperties() {
	for c := s.peek(0); c == '&' || c == '!'; c = s.peek(0) {
		for s.pos < len(s.source) && !isBlank(s.peek(0)) && breakWidth(s.source, s.pos) == 0 {
			if c == '&' && strings.IndexByte(":,[]{}", s.peek(0)) >= 0 {
				break
			}
			s.pos++
		}
		s.skipSpace()
	}
}

// skipSpace moves over blanks, line breaks and comments.
func (s *scanner) skipSpace() {
	for s.pos < len(s.source) {
		n := breakWidth(s.source, s.pos)
		switch {
		case n > 0:
			s.pos += n
		case isBlank(s.peek(0)):
			s.pos++
		case s.peek(0) == '#':
			s.skipLine()
		default:
			return
		}
	}
}

// skipLine moves to the end of the line.
func (s *scanner) skipLine() {
	for s.pos < len(s.source) && breakWidth(s.source, s.pos) == 0 {
		s.pos++
	}
}

// put maps the next bytes of the value, which must be text, to a range.
func (s *scanner) put(text string, offset, width int) {
	if !strings.HasPrefix(s.value[s.done:], text) {
		s.failed = true
		return
	}
	if n := len(s.segments); n > 0 && len(text) == width {
		last := &s.segments[n-1]
		if last.width == last.sourceWidth && last.source+last.width == offset {
			last.width += width
			last.sourceWidth += width
			s.done += width
			return
		}
	}
	s.segments = append(s.segments, segment{s.done, len(text), offset, width})
	s.done += len(text)
}

// copy maps the next n bytes of the value to the next n of the source.
func (s *scanner) copy(n int) {
	n = min(n, len(s.source)-s.pos)
	s.put(string(s.source[s.pos:s.pos+n]), s.pos, n)
	s.pos += n
}

func (s *scanner) putBreaks(breaks []lineBreak) {
	for _, b := range breaks {
		s.put(b.text, b.offset, b.width)
	}
}

// readBreak reads the line break at the position, if there is one.
func (s *scanner) readBreak() (lineBreak, bool) {
	n := breakWidth(s.source, s.pos)
	if n == 0 {
		return lineBreak{}, false
	}
	b := lineBreak{s.pos, n, "\n"}
	if n == 3 { // LS and PS stay what they are
		b.text = string(s.source[s.pos : s.pos+n])
	}
	s.pos += n
	return b, true
}

// scanFlow maps a plain (quote 0) or quoted scalar. Where it ends is known
// from the value.
func (s *scanner) scanFlow(quote byte) {
	for s.done < len(s.value) && !s.failed {
		if s.pos >= len(s.source) {
			s.failed = true
			return
		}
		switch c := s.peek(0); {
		case isBlank(c) || breakWidth(s.source, s.pos) > 0:
			s.fold()
		case quote == '\'' && c == '\'':
			s.put("'", s.pos, 2)
			s.pos += 2
		case quote == '"' && c == '\\':
			s.scanEscape()
		default:
			s.copy(s.plainRun(quote))
		}
	}
}

// plainRun counts the bytes that stand for themselves, at least one.
func (s *scanner) plainRun(quote byte) int {
	n := 1
	for n < len(s.value)-s.done {
		c := s.peek(n)
		if isBlank(c) || c == '\'' && quote == '\'' || c == '\\' && quote == '"' || breakWidth(s.source, min(s.pos+n, len(s.source))) > 0 {
			break
		}
		n++
	}
	return n
}

// fold maps white space: as it is inside a line; and around line breaks only
// these, a single one as a space.
func (s *scanner) fold() {
	n := 0
	for isBlank(s.peek(n)) {
		n++
	}
	if breakWidth(s.source, min(s.pos+n, len(s.source))) == 0 {
		s.copy(min(n, len(s.value)-s.done))
		return
	}
	s.pos += n
	first, _ := s.readBreak()
	rest := s.blankLines()
	switch {
	case first.text != "\n":
		s.put(first.text, first.offset, first.width)
		s.putBreaks(rest)
	case len(rest) == 0:
		s.put(" ", first.offset, first.width)
	default:
		s.putBreaks(rest)
	}
}

// blankLines reads blanks and line breaks, and returns the latter.
func (s *scanner) blankLines() []lineBreak {
	var breaks []lineBreak
	for {
		for isBlank(s.peek(0)) {
			s.pos++
		}
		b, ok := s.readBreak()
		if !ok {
			return breaks
		}
		breaks = append(breaks, b)
	}
}

// escapes are the escapes of one letter; what is not here stands for itself.
var escapes = map[byte]string{
	'0': "\x00", 'a': "\a", 'b': "\b", 't': "\t", 'n': "\n", 'v': "\v", 'f': "\f", 'r': "\r",
	'e': "\x1b", 'N': "\u0085", '_': "\u00a0", 'L': "\u2028", 'P': "\u2029",
}

// scanEscape maps a backslash in double quotes and what follows it.
func (s *scanner) scanEscape() {
	offset := s.pos
	s.pos++
	if _, ok := s.readBreak(); ok { // an escaped line break is nothing
		s.putBreaks(s.blankLines())
		return
	}
	letter := s.peek(0)
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[letter]
	s.pos++
	if digits == 0 {
		text, ok := escapes[letter]
		if !ok {
			text = string(rune(letter))
		}
		s.put(text, offset, s.pos-offset)
		return
	}
	code, err := strconv.ParseUint(string(s.source[min(s.pos, len(s.source)):min(s.pos+digits, len(s.source))]), 16, 32)
	if err != nil || code > utf8.MaxRune {
		s.failed = true
		return
	}
	s.pos += digits
	s.put(string(rune(code)), offset, s.pos-offset)
}
