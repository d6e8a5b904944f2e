package script

import (
	"strings"

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

// kept are the methods that leave a string what it is, for our purpose: its
// case and its blanks do not matter, nor does an encoding.
var kept = map[string]bool{
	"trim": true, "trimStart": true, "trimEnd": true, "toString": true, "valueOf": true, "normalize": true,
	"toLocaleString": true, "toFixed": true,
}

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
	}
	switch {
	case kept[name]:
		return text{v}, true
	case asked[name]:
		s.callbacks(args)
		return unknown{s.source()}, true
	}
	switch name {
	case "toLowerCase", "toUpperCase", "toLocaleLowerCase", "toLocaleUpperCase":
		if word, ok := v.Literal(); ok {
			if strings.Contains(name, "Lower") {
				return f.literal(strings.ToLower(word)), true
			}
			return f.literal(strings.ToUpper(word)), true
		}
		return text{v}, true
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
		if v.HoldsCredential() {
			return text{v}, true
		}
		return unknown{s.source()}, true
	}
	return nil, false
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
		if v.HoldsCredential() {
			return &list{items: []thing{text{v}}, open: true}
		}
		return &list{open: true, source: shortened(v.String() + ".split(…)")}
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
	l := &list{}
	if v.IsContext("github.repository") && separator == "/" {
		l.items = []thing{text{value.Context(repositoryOwner)}, text{value.Context(repositoryName)}}
		return l
	}
	if len(v) == 1 && v[0].Unknown != "" {
		l.open, l.source = true, shortened(v[0].Unknown+".split('"+separator+"')")
		return l
	}
	masked := v.Mask()
	for piece := range strings.SplitSeq(masked.Text, separator) {
		l.items = append(l.items, text{masked.Table.Value(piece)})
		if len(l.items) >= maxItems {
			l.open = true
			break
		}
	}
	return l
}

// replaceText replaces literal text in the literal parts of a string. Where
// the pattern is not known, a string with a secret in it stays as it is.
func replaceText(v value.Value, args []thing, source string, all bool) thing {
	if len(args) < 2 {
		return text{v}
	}
	from, known := literalOf(args[0])
	if !known {
		if u, ok := args[0].(unknown); ok && v.IsContext("github.ref") && strings.Contains(u.source, `refs`) {
			return text{value.Context("github.ref_name")}
		}
		if v.HoldsCredential() {
			return text{v}
		}
		return unknown{source}
	}
	if v.IsContext("github.ref") && (from == "refs/heads/" || from == "refs/tags/") {
		return text{value.Context("github.ref_name")}
	}
	if from == "" {
		return text{v}
	}
	masked, to, count := v.Mask(), valueOf(args[1]), 1
	if all {
		count = strings.Count(masked.Text, from)
	}
	word, constant := to.Literal()
	if count*max(len(word), 1) > maxText || !constant && count > maxParts {
		return text{tooLong(value.Concat(v, to))}
	}
	if !constant {
		word = masked.Table.Placeholder(to, 0)
	}
	return text{bounded(masked.Table.Value(strings.Replace(masked.Text, from, word, count)))}
}
