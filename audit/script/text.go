package script

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/patrol-actions/patrol/audit/value"
)

// callText calls a method of a string, or of a part of the context, which
// may be a string or anything else.
func (f *frame) callText(s site, receiver thing, name string, args []thing) thing {
	if t, ok := f.textMethod(s, valueOf(receiver), name, args); ok {
		return t
	}
	if p, ok := receiver.(payload); ok {
		if t, ok := f.collectionMethod(s, unknown{p.path}, name, args); ok {
			return t
		}
	}
	return s.give(s.source(), args)
}

// kept are the methods that leave a string what it is, for our purpose: an
// encoding does not matter.
var kept = map[string]bool{"toString": true, "valueOf": true, "normalize": true, "toLocaleString": true, "toFixed": true}

// asked are methods of strings that only ask something about it.
var asked = map[string]bool{
	"startsWith": true, "endsWith": true, "includes": true, "indexOf": true, "lastIndexOf": true, "match": true, "matchAll": true,
	"search": true, "test": true, "localeCompare": true, "charAt": true, "charCodeAt": true, "codePointAt": true, "at": true,
	"getTime": true, "toISOString": true, "getFullYear": true, "getMonth": true, "getDate": true,
}

// textMethod calls a method of a string.
func (f *frame) textMethod(s site, v value.Value, name string, args []thing) (thing, bool) {
	if name == "match" && len(args) == 1 {
		if pattern, ok := args[0].(unknown); ok {
			if t, ok := parted(pattern.source, v); ok {
				return t, true
			}
		}
		if l := cutBy(v, args[0], true); l != nil {
			return l, true
		}
		if flaggedText(v) {
			return unknown{hiddenFlags}, true
		}
	}
	switch {
	case kept[name]:
		return text{v}, true
	case asked[name]:
		s.callbacks(args)
		return unknown{s.source()}, true
	}
	switch name {
	case "trim", "trimStart", "trimEnd", "trimLeft", "trimRight":
		left, right := strings.HasSuffix(name, "Start") || name == "trimLeft", strings.HasSuffix(name, "End") || name == "trimRight"
		return text{v.Trim(" \t\r\n", !right, !left, s.source())}, true
	case "toLowerCase", "toLocaleLowerCase":
		return text{v.Recase(strings.ToLower, s.source())}, true
	case "toUpperCase", "toLocaleUpperCase":
		return text{v.Recase(strings.ToUpper, s.source())}, true
	case "concat":
		for _, a := range args {
			v = value.Concat(v, valueOf(a))
		}
		return text{bounded(v)}, true
	case "split":
		f.charge(v)
		return splitText(v, args), true
	case "replace", "replaceAll":
		s.callbacks(args)
		return replaceText(v, args, s.source(), name == "replaceAll"), true
	case "slice", "substring", "substr", "padStart", "padEnd", "repeat":
		if cut, ok := sliceText(v, name, args); ok {
			return cut, true
		}
		return withSecrets(v, unknown{s.source()}), true
	}
	return nil, false
}

// sliceText cuts a constant at places that are known.
func sliceText(v value.Value, name string, args []thing) (thing, bool) {
	word, ok := v.Literal()
	if !ok || name != "slice" && name != "substring" || len(args) == 0 || len(args) > 2 || strings.ContainsFunc(word, func(r rune) bool { return r > unicode.MaxASCII }) {
		return nil, false
	}
	places := []int{0, len(word)}
	for i, a := range args {
		number, _ := literalOf(a)
		at, err := strconv.Atoi(number)
		if err != nil {
			return nil, false
		}
		if at < 0 && name == "slice" {
			at += len(word)
		}
		places[i] = min(max(at, 0), len(word))
	}
	if name == "substring" {
		slices.Sort(places)
	}
	return literal(word[places[0]:max(places[0], places[1])]), true
}

// splitText splits a string at a separator. The repository's full name gives
// owner and name; an unknown part may hold the separator, so that the list is
// open then.
func splitText(v value.Value, args []thing) thing {
	separator, known := "", false
	if len(args) > 0 {
		separator, known = literalOf(args[0])
	}
	if !known || separator == "" {
		if len(args) > 0 {
			if l := cutBy(v, args[0], false); l != nil {
				return l
			}
		}
		if v.HoldsCredential() {
			return &list{items: []thing{text{v}}, open: true}
		}
		return &list{items: hidden(v), open: true, source: shortened(v.String() + ".split(…)")}
	}
	var of []thing
	for one := range v.EachAlternative() {
		// No list is the same as another: those beyond are one of many values.
		if of = append(of, splitOne(one, separator)); len(of) > maxChoice {
			break
		}
	}
	return join(of...)
}

// splitOne splits a string without alternatives.
func splitOne(v value.Value, separator string) *list {
	source := shortened(v.String() + ".split('" + separator + "')")
	pieces, sure := v.Split(separator, maxItems, source)
	l := &list{source: source, open: sure < len(pieces) || len(pieces) >= maxItems, ordered: true}
	for _, piece := range pieces {
		l.items = append(l.items, text{piece})
	}
	if len(pieces) >= maxItems {
		l.items = append(l.items, hidden(v)...)
	}
	return l
}

// refsOnly matches the regular expressions that find what stands before the name
// of a branch or tag in github.ref, and no part of that name.
var refsOnly = regexp.MustCompile(`^/\^?refs\\?/(?:heads|tags|\((?:\?:)?(?:heads|tags)\|(?:heads|tags)\)|\[\^\\?/\][+*]|\\w\+|\[a-z\]\+)\\?/\)?/[gi]*$`)

// replaceText replaces text in a string. Where the pattern is not known, nothing
// is known of the result, but that a secret stays in it.
func replaceText(v value.Value, args []thing, source string, all bool) thing {
	lost := unknown{source}
	if len(args) < 2 {
		return withSecrets(v, lost)
	}
	to := valueOf(args[1])
	word, constant := to.Literal()
	from, known := literalOf(args[0])
	if u, ok := args[0].(unknown); ok && refsOnly.MatchString(u.source) {
		from, known = "refs/heads/", v.IsContext("github.ref")
	}
	switch {
	case !known, from == "", strings.Contains(word, "$"):
		return withSecrets(v, lost)
	case v.IsContext("github.ref") && (from == "refs/heads/" || from == "refs/tags/"):
		return text{value.Concat(to, value.Context("github.ref_name"))}
	}
	count := 1
	if all {
		count = strings.Count(v.Mask().Text, from)
	}
	if count*max(len(word), 1) > maxText || !constant && count > maxParts {
		return text{tooLong(value.Concat(v, to))}
	}
	return text{bounded(v.Replace(from, to, all, source))}
}

// withSecrets is a string in whose place something else stands, but for the
// secrets in it.
func withSecrets(v value.Value, other thing) thing {
	if v.HoldsCredential() {
		return text{v}
	}
	return other
}
