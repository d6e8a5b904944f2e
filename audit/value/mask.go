package value

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Placeholders stand for the parts of a value that are no literal text while
// the value is handled as an ordinary string: cut at slashes, parsed as a
// URL, or, inside a script, read by a parser that knows nothing of
// expressions. They are letters of the Yi script, which shells take in any
// word and JavaScript takes in identifiers, and which no workflow contains.
const (
	firstPlaceholder = '\ua000'
	lastPlaceholder  = '\ua48c'
	// filler pads a placeholder to the width of what it stands for.
	filler = '_'
)

// Masked is a string in which placeholders stand for parts.
type Masked struct {
	// Text is literal text with placeholders.
	Text string
	// Table says what each placeholder stands for.
	Table *Table
}

// Table maps placeholders to values. The zero Table is ready for use.
type Table struct{ entries []entry }

// entry is a value and the number of bytes that pad its placeholder.
type entry struct {
	value   Value
	padding int
}

// Placeholder returns a placeholder for v, padded to width bytes where that
// is more than its own three. Where the table is full (after 1,165 entries)
// it returns text that stands for nothing.
func (t *Table) Placeholder(v Value, width int) string {
	if len(t.entries) > lastPlaceholder-firstPlaceholder {
		return strings.Repeat(string(filler), max(width, 3))
	}
	r := string(rune(firstPlaceholder + len(t.entries)))
	padding := max(width-len(r), 0)
	t.entries = append(t.entries, entry{v, padding})
	return r + strings.Repeat(string(filler), padding)
}

// Mask turns v into a string with placeholders. OneOf parts become one
// placeholder: expand v by Alternatives first where that matters.
func (v Value) Mask() Masked {
	table := &Table{}
	return Masked{Text: table.mask(v), Table: table}
}

// MaskWords turns each value into a string as [Value.Mask] does; they share
// one table.
func MaskWords(list []Value) ([]string, *Table) {
	table := &Table{}
	words := make([]string, len(list))
	for i, v := range list {
		words[i] = table.mask(v)
	}
	return words, table
}

func (t *Table) mask(v Value) string {
	if text, ok := v.Literal(); ok {
		return text
	}
	var b strings.Builder
	for _, p := range v {
		if p.IsText() {
			b.WriteString(p.Text)
			continue
		}
		b.WriteString(t.Placeholder(Value{p}, 0))
	}
	return b.String()
}

// Value returns the value of a string that holds placeholders of t.
func (t *Table) Value(text string) Value {
	if t == nil || !HasPlaceholder(text) {
		return Text(text)
	}
	var pieces []Value
	start := 0
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		index := int(r - firstPlaceholder)
		if index < 0 || index >= len(t.entries) {
			i += size
			continue
		}
		e := t.entries[index]
		pieces = append(pieces, Text(text[start:i]), e.value)
		i += size
		for n := 0; n < e.padding && i < len(text) && text[i] == filler; n++ {
			i++
		}
		start = i
	}
	return Concat(append(pieces, Text(text[start:]))...)
}

// HoldsCredential tells whether any placeholder stands for a credential.
func (t *Table) HoldsCredential() bool {
	return t != nil && slices.ContainsFunc(t.entries, func(e entry) bool { return e.value.HoldsCredential() })
}

// HasPlaceholder tells whether text holds a placeholder.
func HasPlaceholder(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return r >= firstPlaceholder && r <= lastPlaceholder })
}
