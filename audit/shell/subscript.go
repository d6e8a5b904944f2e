package shell

import (
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/patrol-actions/patrol/audit/value"
)

// element expands an array: one element, or all of them. An element whose index
// is not known may be any of them.
func (i *interp) element(p *syntax.ParamExp, name string, v variable) expansion {
	keys := []string{"0"}
	if p.Index != nil {
		if all := allOf(p.Index); all == "*" {
			return expansion{value: i.joined(v.values())}
		} else if all != "" {
			out := expansion{list: v.values(), isList: true}
			out.sure, out.more = v.sure()
			return out
		}
		keys = i.index(p.Index, v)
	}
	source := "${" + name + "}"
	found, sure := v.at(keys)
	if len(found) > maxChoices {
		return expansion{value: value.Opaque(source, found...)}
	}
	if len(found) == 0 && !sure {
		return expansion{value: value.Unknown(source)}
	}
	return expansion{value: choose(source, found...)}
}

// at returns the elements that have one of the keys, or may have; all where no key
// is given. It is sure that there is none where the key and all elements are known.
func (v variable) at(keys []string) (found []value.Value, sure bool) {
	sure = len(keys) == 1
	for _, e := range v.list {
		if len(keys) == 0 || slices.ContainsFunc(keys, e.mayHave) {
			found = append(found, e.value)
		}
		sure = sure && !e.maybe
	}
	return found, sure
}

// mayHave tells whether an element may be that of a key.
func (e element) mayHave(key string) bool {
	if e.key != "" {
		return e.key == key
	}
	n := after(key)
	return n < 0 || n > e.least
}

// isMap tells whether the elements of an array have names. One of bash is declared
// so; where that is done in another script, the names tell.
func (v variable) isMap() bool {
	return v.hash || slices.ContainsFunc(v.list, func(e element) bool { return e.key != "" && !isNumber(e.key) })
}

// allOf returns the index @ or *, which means all elements.
func allOf(index syntax.ArithmExpr) string {
	if w, ok := index.(*syntax.Word); ok && (w.Lit() == "@" || w.Lit() == "*") {
		return w.Lit()
	}
	return ""
}

// index returns the keys that the index of an array can be, none where they are
// not known. Of an array whose elements have no names it is worked out as
// arithmetic, where a variable needs no dollar.
func (i *interp) index(index syntax.ArithmExpr, v variable) []string {
	w, isWord := index.(*syntax.Word)
	if !isWord {
		defer i.arithmetic(index)
	}
	if v.isMap() {
		if !isWord {
			return i.nameOf(index)
		}
		return texts(i.word(w))
	}
	if isWord && !isPlainWord(w) {
		return texts(i.word(w))
	}
	var keys []string
	for _, n := range i.numbers(index) {
		if n < 0 {
			if n += len(v.list); n < 0 || slices.ContainsFunc(v.list, func(e element) bool { return e.maybe || e.key == "" }) {
				return nil
			}
		}
		keys = append(keys, itoa(n))
	}
	return keys
}

// nameOf returns the name that looks like arithmetic, "linux/amd64".
func (i *interp) nameOf(index syntax.ArithmExpr) []string {
	from, to := int(index.Pos().Offset()), int(index.End().Offset())
	if from > to || to > len(i.text.source) || strings.ContainsAny(i.text.source[from:to], "$`\"'\\ ") || value.HasPlaceholder(i.text.source[from:to]) {
		return nil
	}
	return []string{i.text.source[from:to]}
}

// texts returns the texts that a value can be, none where one is not known.
func texts(v value.Value) []string {
	var out []string
	for w := range v.EachAlternative() {
		s, ok := w.Literal()
		if !ok {
			return nil
		}
		out = append(out, s)
	}
	return out
}

// numbers works out an arithmetic expression: what it can be, nothing where that
// is not known.
func (i *interp) numbers(e syntax.ArithmExpr) []int {
	switch e := e.(type) {
	case *syntax.Word:
		return i.numbersOf(e)
	case *syntax.ParenArithm:
		return i.numbers(e.X)
	case *syntax.UnaryArithm:
		if e.Op != syntax.Minus {
			return nil
		}
		out := i.numbers(e.X)
		for n := range out {
			out[n] = -out[n]
		}
		return out
	case *syntax.BinaryArithm:
		if e.Op != syntax.Add && e.Op != syntax.Sub {
			return nil
		}
		var out []int
		left, right := i.numbers(e.X), i.numbers(e.Y)
		for _, x := range left {
			for _, y := range right {
				if e.Op == syntax.Sub {
					y = -y
				}
				out = append(out, x+y)
			}
		}
		if len(out) > maxChoices {
			return nil
		}
		return out
	}
	return nil
}

// numbersOf returns the numbers that a word of an arithmetic expression can be.
func (i *interp) numbersOf(w *syntax.Word) []int {
	if !isPlainWord(w) {
		return nil
	}
	v := i.word(w)
	if name := w.Lit(); syntax.ValidName(name) {
		v = i.scalar(name)
	}
	var out []int
	for _, s := range texts(v) {
		n, err := strconv.Atoi(s)
		if err != nil || len(out) == maxChoices {
			return nil
		}
		out = append(out, n)
	}
	return out
}

// keys expands "${!array[@]}".
func (i *interp) keys(p *syntax.ParamExp, name string) (expansion, bool) {
	v, ok := i.st.lookup(name)
	if !ok || !v.isList || p.Names != 0 || p.Index == nil || allOf(p.Index) == "" {
		return expansion{}, false
	}
	out := expansion{isList: true}
	for _, e := range v.list {
		key := value.Text(e.key)
		if e.key == "" {
			key = i.unread(p)
		}
		if out.list = append(out.list, key); e.maybe {
			out.more = true
		} else {
			out.sure = append(out.sure, key)
		}
	}
	return out, true
}

// keyOf returns the key that is assigned to, empty where it is not known. A name
// that is no variable is the key of an array that was declared elsewhere.
func (i *interp) keyOf(index syntax.ArithmExpr, v variable) string {
	if w, ok := index.(*syntax.Word); ok && syntax.ValidName(w.Lit()) {
		if _, set := i.st.lookup(w.Lit()); !set {
			return w.Lit()
		}
	}
	if keys := i.index(index, v); len(keys) == 1 {
		return keys[0]
	}
	return ""
}
