package workflow

import (
	"cmp"
	"strings"
	"sync"

	"github.com/patrol-actions/patrol/audit"
)

// Text is a scalar with its place. The zero Text is one that is not written.
type Text struct {
	// Value is what the scalar means: without quotes, folded, unescaped.
	Value string

	file *File
	// line and column are where YAML says that the scalar begins, 1-based;
	// an anchor or a tag is part of it.
	line, column int32
}

// IsZero tells whether the scalar is not written at all.
func (t Text) IsZero() bool { return t.file == nil }

// Line returns the line on which the scalar begins, or 0 for the zero Text.
// For a block scalar that is the line of its indicator.
func (t Text) Line() int {
	if t.file == nil {
		return 0
	}
	lines := t.file.lines()
	if lines.physical == nil {
		return int(t.line)
	}
	line, _ := lines.place(t.file.Source, t.start())
	return line
}

// Path returns the file that the scalar stands in, "" for the zero Text.
func (t Text) Path() string {
	if t.file == nil {
		return ""
	}
	return t.file.Path
}

// Range returns the byte offsets in the file's source between which the
// bytes [from, to) of Value are written. A character that is written in
// another form (an escape, a folded line break) is covered whole. Offsets
// outside Value are moved to its ends.
func (t Text) Range(from, to int) (start, end int) {
	if t.file == nil {
		return 0, 0
	}
	from = min(max(from, 0), len(t.Value))
	to = min(max(to, from), len(t.Value))
	return t.file.scalar(t.start(), t.Value).span(from, to)
}

// Lines returns a function that tells the line of a byte of Value. It is
// cheaper than Span where many are asked for.
func (t Text) Lines() func(offset int) int {
	if t.file == nil {
		return func(int) int { return 0 }
	}
	if start := t.start(); start < len(t.file.Source) && t.file.Source[start] == '|' && t.file.lines().physical == nil {
		// A literal block has its lines as they stand below its header.
		return func(offset int) int {
			return int(t.line) + 1 + strings.Count(t.Value[:min(max(offset, 0), len(t.Value))], "\n")
		}
	}
	at := sync.OnceValue(func() func(from, to int) (int, int) { return t.file.scalar(t.start(), t.Value).span })
	return func(offset int) int {
		offset = min(max(offset, 0), len(t.Value))
		start, _ := at()(offset, offset)
		line, _ := t.file.lines().place(t.file.Source, start)
		return line
	}
}

// Span returns the place of the bytes [from, to) of Value in the file, as
// [Text.Range] does.
func (t Text) Span(from, to int) audit.Span {
	if t.file == nil {
		return audit.Span{}
	}
	start, end := t.Range(from, to)
	lines := t.file.lines()
	span := audit.Span{File: t.file.Path}
	span.Line, span.Column = lines.place(t.file.Source, start)
	span.EndLine, span.EndColumn = lines.place(t.file.Source, end)
	return span
}

// start returns the byte offset at which the scalar begins.
func (t Text) start() int {
	return t.file.lines().offset(t.file.Source, int(t.line), int(t.column))
}

// compareTexts orders by place.
func compareTexts(a, b Text) int {
	return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(a.column, b.column))
}

// selfReference turns "$/path", by which a file names something of its own
// repository at its own commit, into "./path"; ok tells whether it was written
// so. See https://github.com/actions/runner/pull/4457.
func selfReference(t Text) (out Text, ok bool) {
	if strings.HasPrefix(t.Value, "$/") {
		t.Value = "." + t.Value[1:]
		return t, true
	}
	return t, false
}
