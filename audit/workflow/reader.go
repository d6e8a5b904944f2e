package workflow

import (
	"cmp"
	"iter"
	"slices"

	"github.com/rhysd/actionlint"
	"go.yaml.in/yaml/v4"

	"github.com/patrol-actions/patrol/audit"
)

// reader turns one parsed file into the model. It keeps every scalar that it
// meets, for Texts.
type reader struct {
	file    *File
	problem func(audit.Problem)
	texts   []Text
	// mappings are the mappings of the file by line and column, where they
	// were asked for.
	mappings map[[2]int]*yaml.Node
}

// bytesPerText is how many bytes of a usual file come to a scalar.
const bytesPerText = 40

// at returns a scalar with its place, and keeps it.
func (r *reader) at(value string, line, column int) Text {
	t := Text{value, r.file, int32(line), int32(column)}
	if value != "" {
		if r.texts == nil {
			r.texts = make([]Text, 0, len(r.file.Source)/bytesPerText)
		}
		r.texts = append(r.texts, t)
	}
	return t
}

// text returns a scalar of the parser's, which may be nil.
func (r *reader) text(s *actionlint.String) Text {
	if s == nil {
		return Text{}
	}
	return r.at(s.Value, s.Pos.Line, s.Pos.Col)
}

// name returns a key, which is not kept.
func (r *reader) name(s *actionlint.String) Text {
	return Text{s.Value, r.file, int32(s.Pos.Line), int32(s.Pos.Col)}
}

// values returns the values of a list, not nil.
func (r *reader) values(list []*actionlint.String) []string {
	values := make([]string, len(list))
	for i, s := range list {
		values[i] = r.text(s).Value
	}
	return values
}

// flag keeps the expression of a switch, if it is one.
func (r *reader) flag(b *actionlint.Bool) {
	if b != nil {
		r.text(b.Expression)
	}
}

// mayBeOn keeps the expression of a switch, and tells whether it is on, or may be.
func (r *reader) mayBeOn(b *actionlint.Bool) bool {
	r.flag(b)
	return b != nil && (b.Value || b.Expression != nil)
}

// sortedTexts returns what was kept, in the order of the file. What several
// aliases led to comes once.
func (r *reader) sortedTexts() []Text {
	slices.SortFunc(r.texts, compareTexts)
	return slices.CompactFunc(r.texts, func(a, b Text) bool { return compareTexts(a, b) == 0 })
}

// blockEnd returns the last line of the block that begins at a place, see
// [lineIndex.blockEnd].
func (r *reader) blockEnd(line, column int, key bool) int {
	indent := column - 1
	if key {
		indent = column
	}
	lines := r.file.lines()
	if line < 1 || line > len(lines.yaml) {
		return line
	}
	return r.physicalLine(lines.blockEnd(r.file.Source, line, indent, key), 1)
}

// physicalLine turns a line as YAML counts into one as editors do.
func (r *reader) physicalLine(line, column int) int {
	if lines := r.file.lines(); lines.physical != nil && line > 0 {
		line, _ = lines.place(r.file.Source, lines.offset(r.file.Source, line, column))
	}
	return line
}

// bindings returns the entries of a map that the parser keeps, in the order
// of the file. pair returns an entry's name and value.
func bindings[V any](r *reader, entries map[string]V, pair func(V) (name, value *actionlint.String)) []Binding {
	list := make([]Binding, 0, len(entries))
	for id, entry := range entries {
		name, value := pair(entry)
		b := Binding{Name: id, Value: r.plain(r.text(value))}
		if name != nil {
			b.Name, b.NameText = name.Value, r.name(name)
		}
		list = append(list, b)
	}
	sortBindings(list)
	if len(list) == 0 {
		return nil
	}
	return list
}

// sortBindings orders by the names' places, which are never shared.
func sortBindings(list []Binding) {
	slices.SortFunc(list, func(a, b Binding) int { return compareTexts(a.NameText, b.NameText) })
}

// inOrder yields the entries of a map that the parser keeps in the order of
// their places.
func inOrder[V any](entries map[string]V, pos func(V) *actionlint.Pos) iter.Seq2[string, V] {
	ids := make([]string, 0, len(entries))
	for id := range entries {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b string) int {
		p, q := pos(entries[a]), pos(entries[b])
		return cmp.Or(cmp.Compare(p.Line, q.Line), cmp.Compare(p.Col, q.Col), cmp.Compare(a, b))
	})
	return func(yield func(string, V) bool) {
		for _, id := range ids {
			if !yield(id, entries[id]) {
				return
			}
		}
	}
}
