package shell

import (
	"strings"
	"unicode/utf8"

	"github.com/patrol-actions/patrol/audit/value"
)

// separators are the characters at which the shell parts words: IFS, where the
// script has set it. It is nil for blanks.
type separators struct {
	set string
	// unsure says that these are only some of those that may be.
	unsure bool
}

// blanks are the characters that part words where nothing else is said.
const blanks = " \t\n"

// separators returns those of the shell. The environment's are of no account: a
// shell sets IFS when it starts.
func (i *interp) separators() *separators {
	for t := i.st; t != nil; t = t.outer {
		if v, ok := t.vars["IFS"]; ok {
			return separatorsOf(v)
		}
	}
	return nil
}

// separatorsOf reads what IFS is set to. Of several texts, one may be that of a
// branch that did not set it.
func separatorsOf(v variable) *separators {
	s, known := v.value.Literal()
	switch {
	case v.unset || known && s == blanks:
		return nil
	case known:
		return &separators{set: s}
	}
	out := &separators{set: blanks, unsure: true}
	for w := range v.value.EachAlternative() {
		s, known := w.Literal()
		if !known {
			s = ",;:|/"
		}
		out.set += s
	}
	return out
}

// splitBy parts text at separators as the shell does: blanks among them count as
// one, of the others each ends a word.
func (f *fields) splitBy(s string) {
	if f.ifs.unsure {
		if strings.ContainsAny(s, f.ifs.set) {
			f.loose = true
			f.add(value.Unknown(oneLine(s, maxOrigin)))
			return
		}
		f.add(value.Text(s))
		return
	}
	for s != "" {
		n := strings.IndexAny(s, f.ifs.set)
		if n < 0 {
			f.add(value.Text(s))
			return
		}
		if n > 0 {
			f.add(value.Text(s[:n]))
		}
		blank := strings.IndexByte(blanks, s[n]) >= 0
		switch s = s[n+len(firstOf(s[n:])):]; {
		case f.open:
			f.end()
			f.parted = blank
		case blank:
		case f.parted:
			f.parted = false
		default:
			f.add(nil)
			f.end()
		}
	}
}

// joined joins words as a quoted "$*" does.
func (i *interp) joined(words []value.Value) value.Value {
	ifs := i.separators()
	if ifs == nil || len(words) < 2 {
		return join(words)
	}
	if ifs.unsure {
		return value.Opaque("$*", words...)
	}
	all := make([]value.Value, 0, 2*len(words))
	for n, w := range words {
		if n > 0 {
			all = append(all, value.Text(firstOf(ifs.set)))
		}
		all = append(all, w)
	}
	return bounded(value.Concat(all...), "…")
}

// firstOf returns the first character of a text.
func firstOf(s string) string {
	_, size := utf8.DecodeRuneInString(s)
	return s[:size]
}

// records parts a value at a delimiter. Of alternatives, the records of each follow
// one another. A newline at the end, and records of nothing, are left out.
func records(v value.Value, delimiter string) []value.Value {
	if delimiter == "\n" {
		return lines(v)
	}
	var out []value.Value
	for w := range v.EachAlternative() {
		var rest value.Value
		end := func() {
			if rest = trimNewline(rest); len(rest) > 0 && len(out) < maxWords {
				out = append(out, rest)
			}
			rest = nil
		}
		for _, p := range w {
			if p.Text == "" {
				rest = value.Concat(rest, value.Value{p})
				continue
			}
			for n, s := range strings.Split(p.Text, delimiter) {
				if n > 0 {
					end()
				}
				rest = value.Concat(rest, value.Text(s))
			}
		}
		end()
	}
	return out
}
