package script

import (
	"slices"
	"strconv"

	"github.com/patrol-actions/patrol/audit/value"
)

// callList calls a method of an array, a Set or a Map.
func (f *frame) callList(s site, l *list, name string, args []thing) thing {
	switch name {
	case "push", "add", "set", "append":
		return f.addTo(l, args)
	case "unshift":
		f.touch(spot{list: l})
		l.items, l.ordered = slices.Concat(args, l.items), false
		return l
	case "map", "flatMap":
		return f.mapped(s, l, args)
	case "forEach":
		f.mapped(s, l, args)
		return none{}
	case "fill", "copyWithin":
		f.shuffle(l)
		return l
	case "filter", "slice", "sort", "reverse", "toSorted", "toReversed", "splice", "flat", "values", "keys", "entries":
		return f.partOf(s, l, name, args)
	case "pop", "shift":
		return f.taken(s, l, name == "pop")
	case "at":
		if at, err := strconv.Atoi(valueOf(firstOr(args, 0)).LiteralOr("")); err == nil && (at >= 0 || !l.open) {
			if at < 0 {
				if slices.ContainsFunc(l.items, maybe) {
					return oneOf(l, s.source())
				}
				at += len(l.items)
			}
			return listMember(l, strconv.Itoa(at))
		}
		return oneOf(l, s.source())
	case "find", "findLast", "get":
		f.mapped(s, l, args)
		return oneOf(l, s.source())
	case "concat":
		out := &list{items: append([]thing(nil), l.items...), open: l.open}
		for _, a := range args {
			if _, isText := a.(text); !isText {
				out.extend(a)
				continue
			}
			out.items = append(out.items, a)
		}
		out.cut()
		return out
	case "join":
		return joined(l, args)
	case "reduce", "reduceRight":
		return f.reduced(s, l, args)
	case "toString":
		return joined(l, nil)
	case "delete", "clear":
		f.shuffle(l)
		return unknown{s.source()}
	case "some", "every", "findIndex", "includes", "indexOf", "has", "next", "lastIndexOf":
		f.mapped(s, l, args)
		return unknown{s.source()}
	}
	return s.give(s.source(), args)
}

// taken takes the last or the first element off a list.
func (f *frame) taken(s site, l *list, last bool) thing {
	if len(l.items) == 0 || l.open && (last || !l.ordered) {
		l.ordered = false
		return oneOf(l, s.source())
	}
	at := 0
	if last {
		at = len(l.items) - 1
	}
	t := l.items[at]
	if maybe(t) {
		all := oneOf(l, s.source())
		f.shuffle(l)
		return all
	}
	f.touch(spot{list: l})
	l.items = slices.Delete(slices.Clone(l.items), at, at+1)
	return t
}

// addTo adds elements.
func (f *frame) addTo(l *list, args []thing) thing {
	f.touch(spot{list: l})
	l.ordered = false
	l.items = append(slices.Clip(l.items), args...)
	l.cut()
	return l
}

// mapped calls a function for the elements of a list, and returns the list of
// its answers. The elements of a short list are taken one by one.
func (f *frame) mapped(s site, l *list, args []thing) *list {
	out := &list{open: l.open}
	if len(args) == 0 {
		return out
	}
	if _, isCode := args[0].(*function); !isCode {
		if _, isBuiltin := args[0].(*builtin); !isBuiltin {
			return out
		}
	}
	items := l.items
	if len(items) > maxChoice {
		items = []thing{join(items...)}
		out.open = true
	}
	if l.open {
		items = append(items[:len(items):len(items)], unknown{})
	}
	f.guarded(func() {
		for _, item := range items {
			out.items = append(out.items, f.callback(s, args[0], item))
		}
	})
	return out
}

// callback calls a function with one element. An element of which nothing is
// known is called after the parameter.
func (f *frame) callback(s site, fn thing, item thing) thing {
	code, ok := fn.(*function)
	if !ok {
		return f.call(s, fn, none{}, []thing{item})
	}
	if u, isUnknown := item.(unknown); isUnknown && u.source == "" {
		return f.invoke(code, nil, none{}, true)
	}
	return f.invoke(code, []thing{item}, none{}, true)
}

// partOf returns a list of some of the elements, in some order.
func (f *frame) partOf(s site, l *list, name string, args []thing) thing {
	f.mapped(s, l, args)
	out := &list{items: append([]thing(nil), l.items...), open: l.open}
	switch name {
	case "keys", "entries":
		return &list{open: true}
	case "slice":
		if from, to, ok := sliced(l, args); ok {
			out.items, out.ordered, out.open = out.items[from:to], l.ordered, l.open && len(args) < 2
			out.source = l.source
			break
		}
		if f.shuffle(out); l.open && l.ordered && !carried(l).loaded() {
			return &list{open: true, source: l.name()}
		}
	case "reverse", "toReversed":
		if slices.Reverse(out.items); l.open && !carried(l).loaded() {
			out.items = nil
		}
		if name == "reverse" {
			f.touch(spot{list: l})
			l.items, l.ordered = slices.Clone(out.items), false
		}
	case "filter":
		if by, ok := firstOr(args, 0).(outside); ok && by.name == "Boolean" {
			break
		}
		out.items, out.open = nil, l.open
		for _, item := range l.items {
			out.items = append(out.items, join(item, none{}))
		}
	case "sort", "toSorted":
		f.sort(out)
		if name == "sort" {
			f.touch(spot{list: l})
			l.items, l.open, l.ordered = slices.Clone(out.items), out.open, false
		}
	case "splice":
		out.open = true
		f.shuffle(l)
		if len(args) > 2 {
			l.items = append(l.items, args[2:]...)
		}
	case "flat":
		out.items = nil
		for _, item := range l.items {
			flattened(out, item, maxDepth)
		}
		out.cut()
	}
	return out
}

// flattened puts an element at the end of a list, or the elements of the list that it is
// or may be: at any depth, as those of the program's words count at any.
func flattened(out *list, item thing, depth int) {
	switch inner := item.(type) {
	case *list:
		if depth == 0 || len(out.items) > maxItems {
			break
		}
		out.open = out.open || inner.open
		for _, one := range inner.items {
			flattened(out, one, depth-1)
		}
		return
	case either:
		if slices.ContainsFunc(inner.of, func(t thing) bool { _, is := t.(*list); return is }) {
			out.extend(inner)
			return
		}
	}
	out.items = append(out.items, item)
}

// remaining are the elements of a list behind the first so many.
func remaining(t thing, first int) thing {
	switch t := t.(type) {
	case either:
		var of []thing
		for _, one := range t.of {
			of = append(of, remaining(one, first))
		}
		return join(of...)
	case *list:
		out := &list{items: slices.Clone(t.items), open: t.open, ordered: t.ordered}
		if from, _, ok := sliced(t, []thing{literal(strconv.Itoa(first))}); ok {
			out.items = out.items[from:]
			return out
		}
		out.loosen()
		return out
	}
	return &list{open: true}
}

// loosen says that the elements of a list may be others, and in another order.
func (l *list) loosen() {
	items := make([]thing, len(l.items))
	for i, item := range l.items {
		items[i] = join(item, none{})
	}
	l.items, l.open, l.ordered = items, true, false
}

// sort says that the elements of a list are in another order.
func (f *frame) sort(l *list) {
	switch {
	case len(l.items) < 2:
	case l.open || len(l.items) > maxChoice || slices.ContainsFunc(l.items, maybe):
		f.shuffle(l)
	default:
		any := join(l.items...)
		for i := range l.items {
			l.items[i] = any
		}
	}
}

// sliced returns where the part of a list begins and ends that is taken out at known
// places, as process.argv.slice(2) does.
func sliced(l *list, args []thing) (from, to int, ok bool) {
	if len(args) == 0 || len(args) > 2 || l.open && !l.ordered {
		return 0, 0, false
	}
	places := []int{0, len(l.items)}
	for i, a := range args {
		word, _ := literalOf(a)
		at, err := strconv.Atoi(word)
		if err != nil || at < 0 && l.open || i > 0 && l.open && at > len(l.items) {
			return 0, 0, false
		}
		if at < 0 {
			at = max(at+len(l.items), 0)
		}
		places[i] = min(at, len(l.items))
	}
	if known := l.items; places[0]+places[1] != len(l.items) {
		if places[1] == len(l.items) {
			known = l.items[:places[0]]
		}
		if slices.ContainsFunc(known, maybe) {
			return 0, 0, false
		}
	}
	return places[0], max(places[0], places[1]), true
}

// oneOf returns any element of a list.
func oneOf(l *list, source string) thing {
	if l.open || len(l.items) == 0 {
		return join(append([]thing{unknown{source}}, l.items...)...)
	}
	return join(l.items...)
}

// joined joins the elements to a string.
func joined(l *list, args []thing) thing {
	separator := ","
	if len(args) > 0 {
		if word, ok := literalOf(args[0]); ok {
			separator = word
		}
	}
	w := writer{left: maxItems}
	return text{bounded(w.list(l, separator, 0))}
}

// reduced folds a list.
func (f *frame) reduced(s site, l *list, args []thing) thing {
	if len(args) == 0 {
		return unknown{s.source()}
	}
	var result thing = unknown{s.source()}
	if len(args) > 1 {
		result = args[1]
	}
	items := l.items
	if l.open {
		items = append(items[:len(items):len(items)], unknown{"element"})
	}
	if len(items) > maxChoice {
		items = []thing{join(items...)}
	}
	f.guarded(func() {
		for _, item := range items {
			result = f.call(s, args[0], none{}, []thing{result, item})
		}
	})
	return result
}

// collectionMethod calls a method of something unknown that has the name of
// one of a list or a promise.
func (f *frame) collectionMethod(s site, receiver unknown, name string, args []thing) (thing, bool) {
	anything := &list{open: true}
	switch name {
	case "map", "flatMap":
		return f.mapped(s, anything, args), true
	case "forEach":
		f.mapped(s, anything, args)
		return none{}, true
	case "filter", "sort", "reverse", "toSorted":
		f.mapped(s, anything, args)
		return unknown{receiver.source}, true
	case "find", "findLast", "some", "every", "findIndex", "has", "hasOwnProperty", "keys", "entries", "values", "get", "pop", "shift",
		"getAll", "next", "json", "text", "toJSON":
		f.mapped(s, anything, args)
		return unknown{s.source()}, true
	case "join":
		return text{value.Unknown(s.source())}, true
	case "reduce":
		return f.reduced(s, anything, args), true
	}
	return nil, false
}
