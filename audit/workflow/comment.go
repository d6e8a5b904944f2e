package workflow

import (
	"bytes"
	"cmp"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Comment is a comment of a file.
type Comment struct {
	// Text is what follows the "#" on the line.
	Text string
	// Line and Column are where the "#" stands, 1-based; the column counts
	// characters.
	Line, Column int
}

// Comments returns those YAML comments of the file whose text, or whose part
// behind a further "#", begins with what the pattern matches. A "#" in a
// value or in a key begins none; nor does one in a script, see
// [shell.Comments]. Of a file that is no YAML there are none.
//
// [shell.Comments]: https://pkg.go.dev/github.com/patrol-actions/patrol/audit/shell#Comments
func (f *File) Comments(pattern *regexp.Regexp) []Comment {
	var found []int
	for i, c := range f.Source {
		if c == '#' && f.mayComment(i) && pattern.Match(f.restOfLine(i+1)) {
			found = append(found, i)
		}
	}
	if len(found) == 0 {
		return nil
	}
	document, err := parseYAML(f.Source)
	if err != nil {
		return nil
	}
	values := f.scalars(document)
	var out []Comment
	for _, at := range found {
		// Scalars do not overlap: the last that begins before it decides.
		next, _ := slices.BinarySearchFunc(values, at+1, func(r [2]int, offset int) int { return r[0] - offset })
		if next > 0 && at < values[next-1][1] {
			continue
		}
		line, column := f.lines().place(f.Source, at)
		out = append(out, Comment{string(f.restOfLine(at + 1)), line, column})
	}
	return out
}

// Comment returns the text of the comment that stands behind the scalar on the
// line where it ends, without the "#"; "" where there is none.
func (t Text) Comment() string {
	if t.file == nil || strings.ContainsAny(t.Value, "\r\n") {
		return ""
	}
	_, end := t.Range(0, len(t.Value))
	rest := bytes.TrimLeft(t.file.restOfLine(end), "\"'")
	text := bytes.TrimLeft(rest, " \t")
	if len(text) == len(rest) || !bytes.HasPrefix(text, []byte("#")) {
		return ""
	}
	return string(text[1:])
}

// mayComment tells whether a "#" at an offset stands where a comment can
// begin.
func (f *File) mayComment(at int) bool {
	return at == 0 || isBlank(f.Source[at-1]) || f.Source[at-1] == '\n' || f.Source[at-1] == '\r' || bytes.HasSuffix(f.Source[:at], []byte(byteOrderMark))
}

// restOfLine returns the source from an offset to the end of the line.
func (f *File) restOfLine(at int) []byte {
	rest := f.Source[at:]
	if end := bytes.IndexByte(rest, '\n'); end >= 0 {
		rest = rest[:end]
	}
	return bytes.TrimSuffix(rest, []byte("\r"))
}

// scalars returns the ranges of the source in which the text of a scalar
// stands. One that cannot be mapped reaches to where the next node begins, so
// that what may be text is never taken for a comment.
func (f *File) scalars(document *yaml.Node) [][2]int {
	var starts []int
	var nodes []*yaml.Node
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		if n.Kind != yaml.DocumentNode && n.Line > 0 {
			starts = append(starts, f.lines().offset(f.Source, n.Line, n.Column))
		}
		if n.Kind == yaml.ScalarNode && n.Value != "" {
			nodes = append(nodes, n)
		}
		for _, child := range n.Content {
			walk(child)
		}
	}
	walk(document)
	slices.Sort(starts)
	var out [][2]int
	for _, n := range nodes {
		start := f.lines().offset(f.Source, n.Line, n.Column)
		m := mapScalar(f.Source, start, n.Value)
		switch count := len(m.segments); {
		case count == 0:
			next, _ := slices.BinarySearch(starts, start+1)
			end := len(f.Source)
			if next < len(starts) {
				end = starts[next]
			}
			out = append(out, [2]int{start, end})
		default:
			first, last := m.segments[0], m.segments[count-1]
			out = append(out, [2]int{first.source, last.source + last.sourceWidth})
		}
	}
	slices.SortFunc(out, func(a, b [2]int) int { return cmp.Or(a[0]-b[0], a[1]-b[1]) })
	return out
}

// Layout tells how the lines of a file lie.
type Layout struct {
	lines [][]byte
	below []int // by line, from 0: the next line of code
}

// Layout reads the lines of the file, as editors count them.
func (f *File) Layout() *Layout {
	l := &Layout{}
	for line := range bytes.Lines(f.Source) {
		l.lines = append(l.lines, line)
	}
	l.below = make([]int, len(l.lines))
	code := 0
	for i := len(l.lines) - 1; i >= 0; i-- {
		l.below[i] = code
		if text := bytes.TrimSpace(l.lines[i]); len(text) > 0 && text[0] != '#' {
			code = i + 1
		}
	}
	return l
}

// CodeBelow returns the next line below one that is neither blank nor a
// comment alone; 0 where there is none.
func (l *Layout) CodeBelow(line int) int {
	if line < 1 || line > len(l.below) {
		return 0
	}
	return l.below[line-1]
}

// Alone tells whether nothing but blanks stands before a column of a line.
func (l *Layout) Alone(line, column int) bool {
	if line < 1 || line > len(l.lines) {
		return false
	}
	text := bytes.TrimPrefix(l.lines[line-1], []byte(byteOrderMark))
	blanks := len(text) - len(bytes.TrimLeft(text, " \t"))
	return column-1 <= blanks
}
