package fix

import (
	"bytes"
	"cmp"
	"slices"
)

// Hunk is whole lines of a file and what they become.
type Hunk struct {
	// File is relative to the repository's root, with slashes.
	File string
	// StartLine and EndLine are the lines that are replaced, 1-based, the last
	// one included.
	StartLine, EndLine int
	// Text are the lines in their place, each with its end; "" where they go.
	Text string
}

// Hunks are the whole lines of a file that some of its edits change, in order.
// Edits of one line, or of neighbouring ones, are one hunk. What is put in
// between two lines comes along with the line behind it. It is not ok where an
// edit does not fit the source.
func Hunks(file string, source []byte, edits []Edit) (hunks []Hunk, ok bool) {
	edits = slices.Clone(edits)
	slices.SortStableFunc(edits, func(a, b Edit) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End)) })
	starts := lineStarts(source)
	for len(edits) > 0 {
		if edits[0].Start < 0 || edits[0].End < edits[0].Start || edits[0].End > len(source) {
			return nil, false
		}
		first, last := touched(starts, edits[0])
		n := 1
		for n < len(edits) && edits[n].End <= len(source) {
			from, to := touched(starts, edits[n])
			if from > last+1 {
				break
			}
			last, n = max(last, to), n+1
		}
		// What lies before the hunk's first line stays out of it.
		begin, end := starts[first], lineEnd(starts, source, last)
		var moved []Edit
		for _, e := range edits[:n] {
			e.Start, e.End = e.Start-begin, e.End-begin
			moved = append(moved, e)
		}
		text, err := Apply(source[begin:end], moved)
		if err != nil {
			return nil, false
		}
		hunks = append(hunks, Hunk{File: file, StartLine: first + 1, EndLine: last + 1, Text: string(text)})
		edits = edits[n:]
	}
	return hunks, true
}

// lineStarts are the offsets at which lines begin. What is behind the last
// line's end is a line only if something stands there.
func lineStarts(source []byte) []int {
	starts := []int{0}
	for i, c := range source {
		if c == '\n' && i+1 < len(source) {
			starts = append(starts, i+1)
		}
	}
	return starts
}

func lineEnd(starts []int, source []byte, line int) int {
	if line+1 < len(starts) {
		return starts[line+1]
	}
	return len(source)
}

// touched are the lines of an edit, counted from 0.
func touched(starts []int, e Edit) (first, last int) {
	at := func(offset int) int {
		i, found := slices.BinarySearch(starts, offset)
		if !found {
			i--
		}
		return i
	}
	first = at(e.Start)
	last = first
	if e.End > e.Start {
		last = at(e.End - 1)
	}
	return first, last
}

// Crossing tells whether a file has line ends of Windows, which a suggestion
// on a pull request may not keep.
func Crossing(source []byte) bool { return bytes.Contains(source, []byte("\r\n")) }
