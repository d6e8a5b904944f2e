package shell

import (
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/patrol-actions/patrol/audit/value"
)

// array returns the elements of v with those of (a b c) or ([k]=v …) behind them.
func (i *interp) array(a *syntax.ArrayExpr, v variable) []element {
	if v.hash && !slices.ContainsFunc(a.Elems, func(e *syntax.ArrayElem) bool { return e.Index != nil }) {
		return i.pairs(a, v.list)
	}
	out := v.list
	next, least := nextIndex(out)
	for _, e := range a.Elems {
		if len(out) >= maxWords {
			return out
		}
		if e.Index != nil {
			key := i.keyOf(e.Index, v)
			out = setElement(out, key, i.word(e.Value))
			next, least = after(key), 0
			continue
		}
		if e.Value == nil {
			continue
		}
		words := i.words([]*syntax.Word{e.Value})
		for _, w := range words {
			// Of what is known, the number is known too.
			if s, text := w.Literal(); i.loose && (!text || len(i.choices) > 0 || strings.ContainsAny(s, globs)) {
				next = -1
			}
			if next < 0 {
				out = append(out, element{value: w, least: least})
				continue
			}
			out = setElement(out, itoa(next), w)
			next++
			least = next
		}
	}
	return out
}

// pairs sets the elements of an associative array to (key value key value).
func (i *interp) pairs(a *syntax.ArrayExpr, list []element) []element {
	var words []*syntax.Word
	for _, e := range a.Elems {
		if e.Value != nil {
			words = append(words, e.Value)
		}
	}
	all := i.words(words)
	if i.loose && len(all) > 0 {
		return setElement(list, "", value.Opaque("…", all...))
	}
	for n := 0; n < len(all); n += 2 {
		list = setElement(list, all[n].LiteralOr(""), wordAt(all, n+1))
	}
	return list
}

// nextIndex returns the index behind all elements of an array, -1 where it is not
// known: behind an element that need not be there, or may be several. At least it is
// behind those that are there.
func nextIndex(list []element) (next, least int) {
	for _, e := range list {
		n := after(e.key)
		if e.maybe || n < 0 {
			next = -1
		} else if least = max(least, n); next >= 0 {
			next = least
		}
	}
	return next, least
}

// after returns the index behind one, -1 where that is not known.
func after(key string) int {
	n, err := strconv.Atoi(key)
	if err != nil || n < 0 || n > 1<<30 {
		return -1
	}
	return n + 1
}

// elements returns a copy of the elements of a variable. One that is no array is the
// first of its own.
func (v variable) elements() []element {
	switch {
	case v.isList:
		return slices.Clone(v.list)
	case len(v.value) > 0:
		return []element{{key: "0", value: v.value}}
	}
	return nil
}

// appendTo appends text to the first element, as X+=y does of an array X.
func appendTo(old variable, v value.Value) []element {
	out := old.elements()
	if len(out) == 0 {
		return []element{{key: "0", value: v}}
	}
	out[0].value = bounded(value.Concat(out[0].value, v), "…")
	return out
}

// setElement sets one element; one whose key is not known is added.
func setElement(list []element, key string, v value.Value) []element {
	if key != "" {
		n := slices.IndexFunc(list, func(e element) bool { return e.key == key })
		if n >= 0 {
			list[n].value, list[n].maybe = v, false
			return list
		}
	}
	if len(list) < maxWords {
		list = append(list, element{key: key, value: v})
	}
	return list
}

// unsetElement takes the element of a key away. Where it is not known which that is,
// each may be the one.
func (i *interp) unsetElement(name, key string) {
	v, ok := i.st.lookup(name)
	if !ok || v.unset {
		return
	}
	v.isList, v.list = true, v.elements()
	if strings.Contains(key, "$") || !v.isMap() && after(key) < 0 {
		key = "" // it is worked out by unset
	}
	v.list = slices.DeleteFunc(v.list, func(e element) bool { return key != "" && e.key == key })
	for n, e := range v.list {
		v.list[n].maybe = e.maybe || key == "" || e.key == ""
	}
	i.st.set(name, v)
}
