package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/patrol-actions/patrol/audit/value"
)

// readOptions are the words of read, mapfile and readarray.
type readOptions struct {
	// names are the variables that are named, array that of read -a.
	names []string
	array string
	// delimiter ends what is read; unknown says that it is not known, or what is read
	// is from elsewhere.
	delimiter string
	unknown   bool
	// moved says that an array does not begin with what is read first, or not at 0,
	// or that a part of it is read.
	moved bool
	// callback is what mapfile runs with each index and line.
	callback value.Value
}

// readWords reads the words of one of them, of whose options so many take a value.
func readWords(args []value.Value, valued string) readOptions {
	o := readOptions{delimiter: "\n"}
	for n := 1; n < len(args); n++ {
		s := args[n].LiteralOr("")
		if len(s) < 2 || s[0] != '-' {
			if syntax.ValidName(s) {
				o.names = append(o.names, s)
			}
			continue
		}
		for k := 1; k < len(s); k++ {
			if strings.IndexByte(valued, s[k]) < 0 {
				continue
			}
			v := value.Text(s[k+1:])
			if k+1 == len(s) {
				n++
				v = wordAt(args, n)
			}
			o.set(s[k], v)
			break
		}
	}
	return o
}

// set notes an option with its value.
func (o *readOptions) set(letter byte, v value.Value) {
	text, known := v.Literal()
	switch letter {
	case 'a':
		if syntax.ValidName(text) {
			o.array = text
		}
	case 'd':
		o.unknown = o.unknown || !known
		if o.delimiter = "\x00"; text != "" {
			o.delimiter = firstOf(text)
		}
	case 'O', 's', 'n', 'N':
		o.moved = true
	case 'u':
		o.unknown = o.unknown || text != "0"
	case 'C':
		o.callback = v
	}
}

// readLine sets the variables of read from what is read, where that is one
// line of text or a repository taken apart at its slash.
func readLine(i *interp, c *call) {
	o := readWords(c.args, "adinNptu")
	i.names(operands(c.args)...)
	ifs := i.separators()
	if v, ok := c.env["IFS"]; ok {
		ifs = separatorsOf(variable{value: v})
	}
	if o.array != "" {
		i.readList(o, ifs)
		return
	}
	if len(o.names) == 0 {
		o.names = []string{"REPLY"}
	}
	for n, name := range o.names {
		i.st.set(name, variable{value: i.readField(o, ifs, n, name)})
	}
}

// readField returns the n-th of the variables that read sets.
func (i *interp) readField(o readOptions, ifs *separators, n int, name string) value.Value {
	source, of := "$"+name, len(o.names)
	if i.in == nil {
		return value.Unknown(source)
	}
	v := trimNewline(i.in.value)
	list := records(v, o.delimiter)
	if len(list) > maxChoices || o.unknown || o.moved || of > 1 && ifs != nil && ifs.unsure {
		return value.Opaque(source, v)
	}
	sep := blanks
	if ifs != nil {
		sep = ifs.set
	}
	if v.IsContext("github.repository") && sep == "/" && of == 2 {
		return value.Context([]string{"github.repository_owner", "github.event.repository.name"}[n])
	}
	if v, ok := i.readSetting(v, sep, n, of); ok {
		return v
	}
	var choices []value.Value
	for _, line := range list {
		s, ok := line.Literal()
		switch {
		case of == 1 && isOpaque(line) && strings.HasPrefix(line[0].Unknown, "$("):
			// Lines of something unknown are not that thing.
			choices = append(choices, value.Opaque(source, line))
		case ok && (ifs == nil || !ifs.unsure):
			choices = append(choices, value.Text(cutField(s, sep, n, of)))
		case of == 1:
			choices = append(choices, line)
		default:
			choices = append(choices, value.Opaque(source, line))
		}
	}
	return choose(source, choices...)
}

// cutField returns the n-th of the fields that read parts a line into at separators;
// the last takes the rest. Blanks among them count as one, and are taken off the ends;
// of the others each ends a field, with the blanks around it.
func cutField(s, sep string, n, of int) string {
	white := strings.Map(func(r rune) rune {
		if strings.ContainsRune(sep, r) {
			return r
		}
		return -1
	}, blanks)
	s = strings.Trim(s, white)
	for ; n > 0; n, of = n-1, of-1 {
		_, s = cutAt(s, sep, white)
	}
	field, rest := cutAt(s, sep, white)
	if of == 1 && rest != "" {
		return s
	}
	return field
}

// cutAt cuts the first field off a line.
func cutAt(s, sep, white string) (field, rest string) {
	k := strings.IndexAny(s, sep)
	if k < 0 {
		return s, ""
	}
	field, rest = s[:k], strings.TrimLeft(s[k:], white)
	if at := strings.IndexAny(rest, sep); at == 0 {
		rest = strings.TrimLeft(rest[len(firstOf(rest)):], white)
	}
	return field, rest
}

// readList sets the array of read -a to the words of what is read. Each line may be
// the one that is read.
func (i *interp) readList(o readOptions, ifs *separators) {
	source := "$" + o.array
	if i.in == nil || o.unknown {
		i.st.set(o.array, variable{isList: true, list: []element{{value: i.unknownInput(source)}}})
		return
	}
	var lists [][]element
	for _, record := range records(trimNewline(i.in.value), o.delimiter) {
		f := fields{ifs: ifs}
		f.split(record)
		f.end()
		lists = append(lists, listed(f.words))
	}
	v := variable{isList: true}
	if len(lists) == 1 {
		v.list = lists[0]
	} else {
		v.list = mergeLists(source, lists, len(lists))
	}
	i.st.set(o.array, v)
}

// readArray sets an array to the lines that are read.
func readArray(i *interp, c *call) {
	o := readWords(c.args, "dnOsuCc")
	i.names(operands(c.args)...)
	name := "MAPFILE"
	if len(o.names) > 0 {
		name = o.names[0]
	}
	v := variable{isList: true}
	if i.in == nil || o.unknown {
		v.list = []element{{value: i.unknownInput("$" + name)}}
	} else {
		v.list = listed(records(trimNewline(i.in.value), o.delimiter))
	}
	for n := range v.list {
		if o.moved {
			v.list[n].key, v.list[n].least = "", 0
		}
	}
	i.st.set(name, v)
	if len(o.callback) > 0 {
		script := value.Concat(o.callback, value.Text(" "), value.Unknown("$(index)"), value.Text(" "), value.Unknown("$(line)"))
		i.guarded(func() { i.alternatives(true, func() { i.inner(script, c) }) })
	}
}

// unknownInput is what is read, where it is not known how it is parted.
func (i *interp) unknownInput(source string) value.Value {
	if i.in == nil {
		return value.Unknown(source)
	}
	return value.Opaque(source, i.in.value)
}

// listed makes an array of values. Behind one of which nothing is known, which may
// be several, no index is.
func listed(values []value.Value) []element {
	var out []element
	unsure := -1
	for n, v := range values {
		if unsure < 0 && isOpaque(v) {
			unsure = n
		}
		if unsure < 0 {
			out = append(out, element{key: itoa(n), value: v})
		} else {
			out = append(out, element{value: v, least: unsure})
		}
	}
	return out
}
