package settings

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit/script"
)

// Lookup returns the text at a path of keys, joined by dots. In a list a key
// picks the entry of that name ("a", ["a", {…}]), or else the entries' own
// keys. A truth value is "true" or "false", a list is its entries joined by
// commas, and what has no text is "true". Known is false where the file does
// not tell, so that it may be set or not.
func (t Tree) Lookup(key string) (text string, known, set bool) {
	switch {
	case t.none:
		return "", true, false
	case t.root == nil:
		return "", false, false
	}
	found, ok := walk(t.root, strings.Split(key, "."))
	if _, open := found.(script.Open); open {
		return "", false, false
	}
	if ok {
		return textOf(found), true, true
	}
	return "", !t.inherits(), false
}

// Readable tells whether there is a configuration, and it could be read.
func (t Tree) Readable() bool { return t.root != nil }

// Names returns the names of the entries of a list: "a" and ["b", {…}] are a
// and b. All is false where there may be more.
func (t Tree) Names(key string) (names []string, all bool) {
	switch {
	case t.none:
		return nil, true
	case t.root == nil:
		return nil, false
	}
	found, ok := walk(t.root, strings.Split(key, "."))
	list, isList := found.([]any)
	if !ok || !isList {
		return nil, !ok && !t.inherits()
	}
	all = true
	for _, entry := range list {
		if pair, ok := entry.([]any); ok && len(pair) > 0 {
			entry = pair[0]
		}
		name, ok := entry.(string)
		if !ok {
			all = false
			continue
		}
		names = append(names, name)
	}
	return names, all
}

// Texts returns every text at a path, in order: of a list each entry. A last
// key "*" stands for all keys. Open is true where the file does not tell.
func (t Tree) Texts(key string) (texts []string, open bool) {
	if t.root == nil {
		return nil, t.opaque
	}
	parent, all := strings.CutSuffix(key, ".*")
	found, ok := walk(t.root, strings.Split(parent, "."))
	if !ok {
		return nil, t.inherits()
	}
	if _, isOpen := found.(script.Open); isOpen {
		return nil, true
	}
	if m, isMap := found.(map[string]any); isMap && all {
		for _, name := range slices.Sorted(maps.Keys(m)) {
			texts = appendTexts(texts, m[name])
		}
		return texts, false
	}
	if truth, is := found.(bool); is {
		return []string{strconv.FormatBool(truth)}, false
	}
	return appendTexts(nil, found), false
}

// Keys returns the names of the outermost keys, sorted. Known is false where there
// may be others.
func (t Tree) Keys() (names []string, known bool) {
	m, isMap := t.root.(map[string]any)
	if !isMap || t.inherits() {
		return nil, t.none
	}
	return slices.Sorted(maps.Keys(m)), true
}

// Within returns what stands at a path of keys, as Lookup takes it: a configuration of
// its own, one that is known to hold nothing where nothing stands there.
func (t Tree) Within(key string) Tree {
	found, ok := walk(t.root, strings.Split(key, "."))
	if t.root == nil || !ok && t.inherits() {
		return t
	}
	return Tree{File: t.File, root: found, none: !ok}
}

// Anywhere returns what stands under a key, however deep the key stands, as
// Lookup writes it, of a list each entry. Open is true where some of it is
// computed, so that the key may hold more or stand where it is not seen.
func (t Tree) Anywhere(key string) (texts []string, open bool) {
	var search func(v any, under bool)
	search = func(v any, under bool) {
		switch v := v.(type) {
		case script.Open:
			open = true
		case []any:
			for _, e := range v {
				search(e, under)
			}
		case map[string]any:
			if under {
				texts = append(texts, textOf(v))
			}
			for _, name := range slices.Sorted(maps.Keys(v)) {
				search(v[name], name == key)
			}
		default:
			if under && v != nil {
				texts = append(texts, textOf(v))
			}
		}
	}
	search(t.root, false)
	return texts, open || t.opaque
}

func appendTexts(texts []string, v any) []string {
	switch v := v.(type) {
	case string:
		return append(texts, v)
	case []any:
		for _, e := range v {
			texts = appendTexts(texts, e)
		}
	}
	return texts
}

// walk follows keys through maps and lists. A key may itself hold dots, as
// the names of packages do; "*" before another stands for any.
func walk(v any, keys []string) (found any, ok bool) {
	if len(keys) == 0 {
		return v, true
	}
	switch v := v.(type) {
	case script.Open:
		return v, true
	case map[string]any:
		if keys[0] == "*" && len(keys) > 1 {
			return walkAny(v, keys[1:])
		}
		for n := 1; n <= len(keys); n++ {
			if inner, ok := v[strings.Join(keys[:n], ".")]; ok {
				return walk(inner, keys[n:])
			}
		}
	case []any:
		return walkList(v, keys)
	}
	return nil, false
}

// walkAny collects what stands under keys in each entry of a map.
func walkAny(m map[string]any, keys []string) (found any, ok bool) {
	var all []any
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if inner, ok := walk(m[name], keys); ok {
			all = append(all, inner)
		}
	}
	return all, len(all) > 0
}

func walkList(list []any, keys []string) (found any, ok bool) {
	var inner []any
	open := false
	for _, entry := range list {
		if _, ok := entry.(script.Open); ok {
			open = true
			continue
		}
		for n := 1; n <= len(keys); n++ {
			if options, named := entryOf(entry, strings.Join(keys[:n], ".")); named {
				return walk(options, keys[n:])
			}
		}
		if m, isMap := entry.(map[string]any); isMap {
			if v, ok := walk(m, keys); ok {
				inner = append(inner, v)
			}
		}
	}
	if open && len(inner) == 0 {
		return script.Open{}, true
	}
	return inner, len(inner) > 0
}

// entryOf tells whether an entry of a list is the one of a name, and returns
// its options.
func entryOf(entry any, name string) (options any, ok bool) {
	switch e := entry.(type) {
	case string:
		return map[string]any{}, e == name
	case []any:
		if len(e) == 0 || e[0] != name {
			return nil, false
		}
		if len(e) == 1 {
			return map[string]any{}, true
		}
		return e[1], true
	}
	return nil, false
}

// textOf writes a value as conditions compare it.
func textOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "false" // as good as switched off
	case map[string]any:
		return "true"
	case []any:
		var words []string
		for _, e := range v {
			if list, ok := e.([]any); ok && len(list) > 0 {
				e = list[0]
			}
			words = append(words, textOf(e))
		}
		return strings.Join(words, ",")
	}
	return fmt.Sprint(v)
}
