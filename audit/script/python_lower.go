package script

import (
	"slices"
	"sort"
	"strings"
)

// pyMark stands in the names of what was a method or an attribute of a class,
// or a name of another module. Python allows it in names; a script that has it
// already is read as it stands.
const pyMark = "·"

// maxPythonLowered bounds the classes that are turned into functions.
const maxPythonLowered = 20

// lowerPython turns the classes of a script and of the modules of the project
// that it takes in into functions and variables of one script, which ReadPython
// can follow: every method of a class becomes a function that is given the
// instance, and every attribute a variable of the whole script. All instances of
// a class share them, so that of two with tokens of their own either may be
// meant. Methods that are never called are left out.
//
// A class is turned so only where all that is done with it and with its
// instances is understood; any other stays as it is: what is done with a token
// in there is unread then. It is nil where nothing is changed.
func lowerPython(in Input) *pyText {
	if strings.Contains(in.Source, pyMark) || !strings.Contains(in.Source, "class ") && in.Alias == nil {
		return nil
	}
	text := takeModules(in)
	if text == nil || len(text.source) > maxSource {
		return nil
	}
	lowered, bases := text.source != in.Source, map[string]bool{}
	for range maxPythonLowered {
		next := lowerClass(in, text, bases)
		if next == nil {
			break
		}
		text, lowered = next, true
	}
	if !lowered {
		return nil
	}
	return prunePython(in, text)
}

// pyText is source that was put together from others.
type pyText struct {
	source string
	// origins say where its parts come from, in order.
	origins []pyOrigin
}

// pyOrigin is where a part of a source comes from. What was put in has one
// place for all of it.
type pyOrigin struct {
	start  int
	file   string
	offset int
	put    bool
}

// plainText is the source of one file.
func plainText(file, source string) *pyText {
	return &pyText{source, []pyOrigin{{0, file, 0, false}}}
}

// origin is the file and the offset there of what stands at an offset.
func (t *pyText) origin(offset int) (file string, at int) {
	n := sort.Search(len(t.origins), func(i int) bool { return t.origins[i].start > offset })
	if n == 0 {
		return "", 0
	}
	o := t.origins[n-1]
	if o.put {
		return o.file, o.offset
	}
	return o.file, o.offset + offset - o.start
}

// pyEdit is text to put in place of a part of a source.
type pyEdit struct {
	start, end int
	text       string
}

// pyWriter puts a source together.
type pyWriter struct {
	text   strings.Builder
	result pyText
}

// copied puts in a part of a source.
func (w *pyWriter) copied(from *pyText, start, end int) {
	if start >= end {
		return
	}
	at := w.text.Len()
	file, offset := from.origin(start)
	n := sort.Search(len(from.origins), func(i int) bool { return from.origins[i].start > start })
	w.result.origins = append(w.result.origins, pyOrigin{at, file, offset, n > 0 && from.origins[n-1].put})
	for _, o := range from.origins[n:] {
		if o.start >= end {
			break
		}
		w.result.origins = append(w.result.origins, pyOrigin{at + o.start - start, o.file, o.offset, o.put})
	}
	w.text.WriteString(from.source[start:end])
}

// put puts in text of its own, which has the place of what stands at an offset.
func (w *pyWriter) put(from *pyText, at int, text string) {
	file, offset := from.origin(at)
	w.result.origins = append(w.result.origins, pyOrigin{w.text.Len(), file, offset, true})
	w.text.WriteString(text)
}

// edited puts in a part of a source with the edits that lie in it.
func (w *pyWriter) edited(from *pyText, start, end int, edits []pyEdit) {
	slices.SortStableFunc(edits, func(a, b pyEdit) int {
		if a.start != b.start {
			return a.start - b.start
		}
		return a.end - b.end
	})
	for _, e := range edits {
		if e.start < start || e.end > end || e.start == end {
			continue
		}
		w.copied(from, start, e.start)
		w.put(from, e.start, e.text)
		start = e.end
	}
	w.copied(from, start, end)
}

// done is what was put together.
func (w *pyWriter) done() *pyText {
	w.result.source = w.text.String()
	return &w.result
}

// prepared is a reader that knows what the names of a source are bound to, and
// the statements that it has.
func prepared(in Input, source string) (*python, [][]pyToken) {
	in.Source = source
	p := newPython(in)
	return p, p.learn()
}

// prunePython takes out what stands under a question for an operand that no
// call gives, and that is None then.
func prunePython(in Input, text *pyText) *pyText {
	p, statements := prepared(in, text.source)
	operands := map[string]bool{}
	for _, f := range p.functions {
		if f != nil {
			for _, name := range f.parameters {
				operands[p.homeIn(name, f.scope)] = true
			}
		}
	}
	var edits []pyEdit
	for i, s := range statements {
		if !pyIs(s, "if") || len(s) < 3 || s[1].kind != 'n' || s[len(s)-1].kind != ':' || len(s) != 3 && !(len(s) == 6 && pyIs(s[2:], "is", "not", "None")) {
			continue
		}
		key := p.home(s[1])
		if !operands[key] || p.loose[key] || len(p.loops[key]) > 0 || slices.ContainsFunc(p.bindings[key], func(v []pyToken) bool { return len(v) != 1 || v[0].text != "None" || v[0].kind != 'n' }) {
			continue
		}
		column, end := p.column(s[0].offset), len(text.source)
		for _, after := range statements[i+1:] {
			if p.column(after[0].offset) <= column {
				end = after[0].offset
				break
			}
		}
		if n := len(edits); n == 0 || edits[n-1].end <= s[0].offset {
			start := s[len(s)-1].offset + 1
			edits = append(edits, pyEdit{start, end, " pass\n" + strings.Repeat(" ", lineIndent(text.source, end))})
		}
	}
	w := &pyWriter{}
	w.edited(text, 0, len(text.source), edits)
	return w.done()
}

// lineIndent is how far a statement stands from the start of its line.
func lineIndent(source string, at int) int {
	return at - strings.LastIndexByte(source[:at], '\n') - 1
}
