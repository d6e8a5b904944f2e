package report

import (
	"slices"
	"strings"
	"unicode"
)

// tabStop is the distance of the tab stops in code frames.
const tabStop = 4

// cell is a character of a line of code as it is shown.
type cell struct {
	text  string
	width int
}

// frame is a line of code and a row of carets below it.
type frame struct{ code, carets string }

// newFrame shows the characters of line from column to end (1-based, end
// exclusive) in a window of the given width. Column 0 means the whole line,
// and an end before the column one character.
func newFrame(line string, column, end, width int) frame {
	cells := showCells(line)
	from, to := underlined(cells, column, end)
	lead, tail := window(cells, from, width)
	var code, carets strings.Builder
	if widthOf(cells[:lead]) > 0 && !allBlank(cells[:lead]) {
		code.WriteString("…")
		carets.WriteString(" ")
	}
	for i := lead; i < tail; i++ {
		code.WriteString(cells[i].text)
		mark := " "
		if i >= from && i < to {
			mark = "^"
		}
		carets.WriteString(strings.Repeat(mark, cells[i].width))
	}
	if tail < len(cells) {
		code.WriteString("…")
	}
	if from >= len(cells) {
		carets.WriteString("^")
	}
	return frame{strings.TrimRight(code.String(), " "), strings.TrimRight(carets.String(), " ")}
}

// showCells turns a line into cells: tabs become spaces, and what must not
// reach a terminal becomes visible.
func showCells(line string) []cell {
	runes := []rune(strings.ToValidUTF8(line, "\uFFFD"))
	var cells []cell
	used := 0
	for i, r := range runes {
		text := visible(r)
		switch {
		case r == '\t':
			text = strings.Repeat(" ", tabStop-used%tabStop)
		case r == '#' && i > 0 && runes[i-1] == '#' && i+1 < len(runes) && runes[i+1] == '[':
			text = `\u0023` // a runner would read "##[" as a command
		}
		width := columns(text)
		used += width
		cells = append(cells, cell{text, width})
	}
	return cells
}

// underlined returns the range of cells to mark.
func underlined(cells []cell, column, end int) (from, to int) {
	if column <= 0 {
		from, to = 0, len(cells)
		for from < to && blank(cells[from]) {
			from++
		}
		for to > from && blank(cells[to-1]) {
			to--
		}
		return from, to
	}
	from = min(column-1, len(cells))
	to = min(max(end-1, from+1), len(cells))
	return from, to
}

func blank(c cell) bool {
	return !strings.ContainsFunc(c.text, func(r rune) bool { return !unicode.IsSpace(r) })
}

func allBlank(cells []cell) bool {
	return !slices.ContainsFunc(cells, func(c cell) bool { return !blank(c) })
}

// window chooses the cells to show: all where they fit, be it without the
// indentation; else the marked ones with what goes before them for a third of
// the width, and what follows.
func window(cells []cell, from, width int) (lead, tail int) {
	if widthOf(cells) <= width {
		return 0, len(cells)
	}
	indent := 0
	for indent < len(cells) && indent < from && blank(cells[indent]) {
		indent++
	}
	if widthOf(cells[indent:]) <= width {
		return indent, len(cells)
	}
	room := max(width-2, 1) // two marks of omission
	lead = min(from, max(len(cells)-1, 0))
	for used := 0; lead > 0 && used+cells[lead-1].width <= room/3; lead-- {
		used += cells[lead-1].width
	}
	for used := 0; tail < len(cells); tail++ {
		if tail < lead {
			continue
		}
		if used += cells[tail].width; used > room {
			break
		}
	}
	for used := widthOf(cells[lead:tail]); lead > 0 && used+cells[lead-1].width <= room; lead-- {
		used += cells[lead-1].width
	}
	return lead, tail
}

func widthOf(cells []cell) int {
	n := 0
	for _, c := range cells {
		n += c.width
	}
	return n
}
