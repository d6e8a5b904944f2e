package workflow

// scanBlock maps a literal (|) or folded (>) block scalar.
//
// Its indentation is found from the source where YAML does so, too. An
// indentation indicator counts from the parent's indentation, which is not
// known here: each possible one is tried, and the value says which is right.
func (s *scanner) scanBlock() {
	folded := s.peek(0) == '>'
	explicit := false
	for s.pos++; s.pos < len(s.source) && breakWidth(s.source, s.pos) == 0; s.pos++ {
		if c := s.peek(0); c == '#' {
			s.skipLine()
			break
		} else if c >= '1' && c <= '9' {
			explicit = true
		}
	}
	s.readBreak()
	content := *s
	if indent := s.detectIndent(); !explicit {
		s.scanBlockLines(indent, folded)
		return
	}
	for indent := content.detectIndent(); indent >= 1; indent-- {
		*s = content
		s.segments = nil
		if s.scanBlockLines(indent, folded); !s.failed && s.done == len(s.value) {
			return
		}
	}
}

// detectIndent returns the indentation that YAML takes for a block scalar
// whose lines begin here. The position does not move.
func (s *scanner) detectIndent() int {
	indent := 1
	for i := s.pos; i < len(s.source); {
		column := 0
		for i < len(s.source) && s.source[i] == ' ' {
			i++
			column++
		}
		indent = max(indent, column)
		n := breakWidth(s.source, i)
		if n == 0 {
			break
		}
		i += n
	}
	return indent
}

// scanBlockLines maps the lines of a block scalar with a given indentation.
func (s *scanner) scanBlockLines(indent int, folded bool) {
	var last []lineBreak // the break after the line before, none or one
	blank := false       // whether the line before began with a blank
	empty, column := s.emptyLines(indent)
	for column == indent && s.pos < len(s.source) && s.done < len(s.value) && !s.failed {
		startsBlank := isBlank(s.peek(0))
		if folded && !blank && !startsBlank && len(last) > 0 && last[0].text == "\n" {
			if len(empty) == 0 {
				s.put(" ", last[0].offset, last[0].width)
			}
		} else {
			s.putBreaks(last)
		}
		s.putBreaks(empty)
		blank = startsBlank
		s.copyLine()
		last = nil
		if b, ok := s.readBreak(); ok {
			last = append(last, b)
		}
		empty, column = s.emptyLines(indent)
	}
	for _, b := range append(last, empty...) {
		if s.done < len(s.value) { // chomped or not: the value knows
			s.put(b.text, b.offset, b.width)
		}
	}
}

// copyLine maps the rest of the line.
func (s *scanner) copyLine() {
	n := 0
	for s.pos+n < len(s.source) && breakWidth(s.source, s.pos+n) == 0 {
		n++
	}
	s.copy(n)
}

// emptyLines reads line breaks and the indentation after them, and returns
// the breaks and the column that it came to, which is at most indent.
func (s *scanner) emptyLines(indent int) (breaks []lineBreak, column int) {
	for {
		column = 0
		for column < indent && s.peek(0) == ' ' {
			s.pos++
			column++
		}
		b, ok := s.readBreak()
		if !ok {
			return breaks, column
		}
		breaks = append(breaks, b)
	}
}
