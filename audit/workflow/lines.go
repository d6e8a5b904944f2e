package workflow

import (
	"bytes"
	"sort"
	"sync"
	"unicode/utf8"
)

// File is a file that was read.
type File struct {
	// Path is relative to the repository's root, with slashes.
	Path string
	// Source is the content, unchanged. It must not be written to.
	Source []byte
	// BreaksAt is the line at which its YAML breaks, 0 for a file that is
	// whole. GitHub runs none of a file that breaks: of what stands before
	// that line, the last part may not be whole, and of the rest only the
	// expressions are kept.
	BreaksAt int

	once  sync.Once
	index lineIndex

	// mapped is the map of the scalar that was asked about last: questions
	// about one scalar come together.
	mutex    sync.Mutex
	mapped   scalarMap
	mappedAt int // its offset, plus one
}

// lineIndex turns places into offsets and back.
type lineIndex struct {
	// yaml are the offsets at which lines begin as YAML counts them: it
	// breaks lines at a lone CR and at three rare Unicode characters too.
	yaml []int
	// physical are the lines as editors and GitHub count them, at LF only;
	// nil where both agree, which is nearly always.
	physical []int
	// ascii tells that a character is a byte.
	ascii bool
}

const byteOrderMark = "\xef\xbb\xbf"

// lines returns the index of the file's lines, built when first asked for.
func (f *File) lines() *lineIndex {
	f.once.Do(func() { f.index = indexLines(f.Source) })
	return &f.index
}

// scalar returns the map of the scalar that begins at an offset.
func (f *File) scalar(offset int, value string) scalarMap {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.mappedAt != offset+1 {
		f.mapped, f.mappedAt = mapScalar(f.Source, offset, value), offset+1
	}
	return f.mapped
}

func indexLines(source []byte) lineIndex {
	first := 0
	if bytes.HasPrefix(source, []byte(byteOrderMark)) {
		first = len(byteOrderMark) // YAML counts no column for it
	}
	starts := make([]int, 1, 1+bytes.Count(source, []byte{'\n'}))
	starts[0] = first
	for i := first; ; {
		n := bytes.IndexByte(source[i:], '\n')
		if n < 0 {
			break
		}
		i += n + 1
		starts = append(starts, i)
	}
	if !hasRareBreak(source) {
		return lineIndex{yaml: starts, ascii: isASCII(source[first:])}
	}
	yaml := []int{first}
	for i := first; i < len(source); {
		if n := breakWidth(source, i); n > 0 {
			i += n
			yaml = append(yaml, i)
		} else {
			i++
		}
	}
	return lineIndex{yaml: yaml, physical: starts}
}

func isASCII(source []byte) bool {
	for _, c := range source {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// hasRareBreak tells whether YAML sees a line break other than LF and CR LF.
func hasRareBreak(source []byte) bool {
	return bytes.Count(source, []byte{'\r'}) != bytes.Count(source, []byte("\r\n")) ||
		bytes.Contains(source, []byte("\u0085")) ||
		bytes.Contains(source, []byte("\u2028")) ||
		bytes.Contains(source, []byte("\u2029"))
}

// breakWidth returns the bytes of the line break at i, 0 where there is none.
func breakWidth(source []byte, i int) int {
	switch rest := source[i:]; {
	case len(rest) == 0:
		return 0
	case rest[0] == '\n':
		return 1
	case rest[0] == '\r':
		if len(rest) > 1 && rest[1] == '\n' {
			return 2
		}
		return 1
	case rest[0] == 0xC2 && bytes.HasPrefix(rest, []byte("\u0085")):
		return 2
	case rest[0] == 0xE2 && (bytes.HasPrefix(rest, []byte("\u2028")) || bytes.HasPrefix(rest, []byte("\u2029"))):
		return 3
	}
	return 0
}

// offset returns the byte offset of a place as YAML gives it, 1-based and in
// characters. A place outside the source is moved into it.
func (x *lineIndex) offset(source []byte, line, column int) int {
	if line < 1 {
		return x.yaml[0]
	}
	if line > len(x.yaml) {
		return len(source)
	}
	i := x.yaml[line-1]
	if x.ascii {
		return min(i+max(column-1, 0), len(source))
	}
	for n := 1; n < column && i < len(source); n++ {
		_, width := utf8.DecodeRune(source[i:])
		i += width
	}
	return i
}

// place returns the line and column of a byte offset, 1-based, as editors
// count: lines end at LF, columns are characters.
func (x *lineIndex) place(source []byte, offset int) (line, column int) {
	if x.physical != nil {
		return placeIn(x.physical, source, offset)
	}
	return x.yamlPlace(source, offset)
}

// yamlPlace returns the line and column of a byte offset as YAML counts.
func (x *lineIndex) yamlPlace(source []byte, offset int) (line, column int) {
	return placeIn(x.yaml, source, offset)
}

func placeIn(starts []int, source []byte, offset int) (line, column int) {
	line = sort.SearchInts(starts, offset+1)
	if line == 0 {
		return 1, 1
	}
	return line, 1 + utf8.RuneCount(source[starts[line-1]:offset])
}

// line returns a line as YAML counts them, 1-based, with its line break.
func (x *lineIndex) line(source []byte, line int) []byte {
	end := len(source)
	if line < len(x.yaml) {
		end = x.yaml[line]
	}
	return source[x.yaml[line-1]:end]
}

// blockEnd returns the last line of the block that begins on line: the
// following lines that are indented by at least indent spaces. Blank lines,
// and comments that are indented less, belong to the block only where more
// of it follows. Closing brackets of a flow collection may stand further
// left; its other lines may not, which is how people write them. With key
// set, the block is the value of a key that is indented by indent-1, so that
// a list in its column belongs to it.
func (x *lineIndex) blockEnd(source []byte, line, indent int, key bool) int {
	last := line
	for n := line + 1; n <= len(x.yaml); n++ {
		text := x.line(source, n)
		content := bytes.TrimLeft(text, " ")
		column := len(text) - len(content)
		content = bytes.TrimSpace(content)
		switch {
		case len(content) == 0:
		case column >= indent, content[0] == '}', content[0] == ']':
			last = n
		case key && column == indent-1 && (string(content) == "-" || bytes.HasPrefix(content, []byte("- "))):
			last = n
		case content[0] == '#':
		default:
			return last
		}
	}
	return last
}
