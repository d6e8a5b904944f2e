package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/patrol-actions/patrol/audit/value"
)

// fields puts words together from the parts of one source word.
type fields struct {
	words []value.Value
	word  value.Value
	open  bool
	// choices are those among the words. last says that the open word is the
	// last one of the last choice.
	choices []choice
	last    bool
	// loose says that a word may be several, or none.
	loose bool
	// ifs parts what is not quoted. parted says that a blank of it ended the last
	// word: another separator behind it belongs to it.
	ifs    *separators
	parted bool
}

// add appends to the current word.
func (f *fields) add(v value.Value) {
	if f.open && f.last && len(v) > 0 {
		// The words are no choice of their own any more.
		f.choices, f.last = f.choices[:len(f.choices)-1], false
	}
	f.word = value.Concat(f.word, v)
	f.open, f.parted = true, false
}

// end finishes the current word.
func (f *fields) end() {
	if f.open && len(f.words) < maxWords {
		f.words = append(f.words, bounded(f.word, "…"))
	}
	f.word, f.open, f.last = nil, false, false
}

// split appends what an unquoted expansion gives: white space parts words,
// and nothing is no word.
func (f *fields) split(v value.Value) {
	for _, p := range v {
		switch {
		case p.OneOf != nil:
			f.splitChoice(p.OneOf)
		case p.Text != "" && f.ifs != nil:
			f.splitBy(p.Text)
		case p.Text != "":
			f.splitText(p.Text)
		default:
			f.loose = f.loose || p.Credential == nil && !p.IsWord()
			f.add(value.Value{p})
		}
	}
}

func (f *fields) splitText(s string) {
	for s != "" {
		n := strings.IndexAny(s, " \t\n")
		if n < 0 {
			f.add(value.Text(s))
			return
		}
		if n > 0 {
			f.add(value.Text(s[:n]))
		}
		f.end()
		s = strings.TrimLeft(s[n:], " \t\n")
	}
}

// splitChoice appends one of several values: as one word that is a choice
// where none of them has more than a word, else as an alignment of lists.
func (f *fields) splitChoice(choices []value.Value) {
	lists := make([][]value.Value, len(choices))
	for n, v := range choices {
		inner := fields{ifs: f.ifs}
		inner.split(v)
		inner.end()
		f.loose = f.loose || inner.loose || len(inner.words) != 1
		lists[n] = inner.words
	}
	f.chosen("…", lists)
}

// splice appends a quoted list such as "$@": the first value joins the
// current word, the last begins the next.
func (f *fields) splice(list []value.Value) {
	for n, v := range list {
		if n > 0 {
			f.end()
		}
		f.add(v)
	}
}

// words expands words into arguments, and leaves the choices among them in
// i.choices, and whether any may be several or none in i.loose.
func (i *interp) words(list []*syntax.Word) []value.Value {
	out := make([]value.Value, 0, len(list))
	var choices []choice
	loose := false
	defer func() { i.choices, i.loose = choices, loose }()
	for _, w := range list {
		if len(w.Parts) == 1 {
			if lit, ok := w.Parts[0].(*syntax.Lit); ok && isPlain(lit.Value) {
				out = append(out, value.Text(lit.Value))
				loose = loose || strings.ContainsAny(lit.Value, globs)
				continue
			}
		}
		expanded, known := braces(w)
		if !known {
			out, loose = append(out, value.Opaque(i.unread(w).String(), i.word(w))), true
		}
		for _, w := range expanded {
			f := fields{ifs: i.separators()}
			i.parts(&f, w.Parts, false)
			f.end()
			loose = loose || f.loose || len(f.choices) > 0
			for _, c := range f.choices {
				c.at += len(out)
				choices = append(choices, c)
			}
			out = append(out, f.words...)
		}
		if len(out) > maxWords {
			return out[:maxWords]
		}
	}
	return out
}

// globs are the characters that make an unquoted word the files of that name.
const globs = "*?["

// isPlain tells whether a literal stands for itself.
func isPlain(s string) bool {
	return !strings.ContainsAny(s, `\{`) && !value.HasPlaceholder(s)
}

// word expands a word into one value, as in assignments and redirections.
func (i *interp) word(w *syntax.Word) value.Value {
	if w == nil {
		return nil
	}
	var f fields
	i.parts(&f, w.Parts, true)
	f.end()
	return join(f.words)
}

// join joins words by spaces.
func join(words []value.Value) value.Value {
	switch len(words) {
	case 0:
		return nil
	case 1:
		return words[0]
	}
	all := make([]value.Value, 0, 2*len(words))
	for n, w := range words {
		if n > 0 {
			all = append(all, value.Text(" "))
		}
		all = append(all, w)
	}
	return bounded(value.Concat(all...), "…")
}

// parts expands the parts of a word; whole: into one word.
func (i *interp) parts(f *fields, parts []syntax.WordPart, whole bool) {
	for _, part := range parts {
		switch p := part.(type) {
		case *syntax.Lit:
			f.loose = f.loose || strings.ContainsAny(p.Value, globs)
			i.literal(f, unescape(p.Value), whole)
		case *syntax.SglQuoted:
			s := p.Value
			if p.Dollar {
				s, _, _ = strings.Cut(ansiC(s), "\x00")
			}
			f.add(i.text.table.Value(s))
		case *syntax.DblQuoted:
			i.quoted(f, p.Parts)
		case *syntax.ParamExp:
			f.loose = f.loose || i.spreads(p)
			i.unquoted(f, i.parameter(p), whole)
		case *syntax.CmdSubst:
			i.unquoted(f, expansion{value: i.substitute(p)}, whole)
		case *syntax.ArithmExp:
			i.arithmetic(p)
			f.add(i.unread(p))
		case *syntax.ProcSubst:
			f.add(i.processSubstitution(p))
		case *syntax.ExtGlob:
			f.loose = true
			f.add(i.unread(p))
		}
	}
}

// spreads tells whether a parameter stands for words of which it is not known
// how many there are: all arguments, where they are not known, all elements of
// an array, or names.
func (i *interp) spreads(p *syntax.ParamExp) bool {
	switch {
	case p.Param == nil:
		return false
	case p.Names != 0:
		return true
	case p.Index != nil:
		w, ok := p.Index.(*syntax.Word)
		return ok && (w.Lit() == "@" || w.Lit() == "*")
	}
	all := p.Param.Value == "@" || p.Param.Value == "*"
	return all && (i.st.loose || i.st.smeared || len(i.st.args) == 0)
}

// literal appends unquoted text. An expression in it is put into the script
// before the shell reads it, so white space in its value parts words, whatever IFS is.
func (i *interp) literal(f *fields, s string, whole bool) {
	switch v := i.text.table.Value(s); {
	case whole || !value.HasPlaceholder(s):
		f.add(v)
	default:
		ifs := f.ifs
		f.ifs = nil
		f.split(v)
		f.ifs = ifs
	}
}

// unread is the value of what is not interpreted: its source.
func (i *interp) unread(n syntax.Node) value.Value {
	return value.Unknown(i.source(int(n.Pos().Offset()), int(n.End().Offset())))
}

// expansion is what a parameter stands for: a value or a list.
type expansion struct {
	value  value.Value
	list   []value.Value
	isList bool
	// sure are the values that a list surely has, where it may have more.
	sure []value.Value
	more bool
}

// unquoted appends an unquoted expansion.
func (i *interp) unquoted(f *fields, e expansion, whole bool) {
	switch {
	case whole && e.isList:
		f.add(join(e.list))
	case whole:
		f.add(e.value)
	case e.isList && e.more:
		f.chosen("…", [][]value.Value{e.list, e.sure})
	case e.isList:
		for n, v := range e.list {
			if n > 0 {
				f.end()
			}
			f.split(v)
		}
	default:
		f.split(e.value)
	}
}

// quoted appends what stands in double quotes.
func (i *interp) quoted(f *fields, parts []syntax.WordPart) {
	if len(parts) == 0 {
		f.add(nil)
	}
	for _, part := range parts {
		switch p := part.(type) {
		case *syntax.Lit:
			f.add(i.text.table.Value(unescapeOnly(p.Value, "$`\"\\")))
		case *syntax.ParamExp:
			f.loose = f.loose || i.spreads(p)
			if e := i.parameter(p); e.isList && e.more {
				f.chosen("…", [][]value.Value{e.list, e.sure})
			} else if e.isList {
				f.splice(e.list)
			} else {
				f.add(e.value)
			}
		case *syntax.CmdSubst:
			f.add(i.substitute(p))
		case *syntax.ArithmExp:
			i.arithmetic(p)
			f.add(i.unread(p))
		}
	}
}

// document expands a heredoc.
func (i *interp) document(w *syntax.Word, verbatim, dashed bool) value.Value {
	var all []value.Value
	bol := true
	for _, part := range w.Parts {
		switch p := part.(type) {
		case *syntax.Lit:
			s := p.Value
			if dashed {
				s = stripTabs(s, bol)
			}
			bol = strings.HasSuffix(s, "\n")
			if !verbatim {
				s = unescapeOnly(s, "$`\\")
			}
			all = append(all, i.text.table.Value(s))
		default:
			bol = false
			var f fields
			i.quoted(&f, []syntax.WordPart{p})
			f.end()
			all = append(all, join(f.words))
		}
	}
	return bounded(value.Concat(all...), "…")
}

// stripTabs removes the tabs that begin lines, as <<- does.
func stripTabs(s string, bol bool) string {
	lines := strings.Split(s, "\n")
	for n := range lines {
		if n > 0 || bol {
			lines[n] = strings.TrimLeft(lines[n], "\t")
		}
	}
	return strings.Join(lines, "\n")
}
