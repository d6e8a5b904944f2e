package script

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// chosen reads "a or b" and "a if c else b": either may be meant.
func (p *python) chosen(tokens []pyToken) (v pyValue, ok, is bool) {
	parts := pySplitWord(tokens, "or")
	or := len(parts) > 1
	if !or {
		whether := pySplitWord(tokens, "if")
		if len(whether) != 2 {
			return pyValue{}, false, false
		}
		otherwise := pySplitWord(whether[1], "else")
		if len(otherwise) != 2 {
			return pyValue{}, false, false
		}
		if _, ok := p.expression(otherwise[0]); !ok && !p.asks(otherwise[0]) {
			return pyValue{}, false, true
		}
		parts = [][]pyToken{whether[0], otherwise[1]}
	}
	var texts []value.Value
	nothing := false
	for n, part := range parts {
		one, ok := p.expression(part)
		if !ok {
			return pyValue{}, false, true
		}
		if or && n < len(parts)-1 && p.isUnset(one) {
			continue
		}
		v.object = v.object.joined(one.object)
		v.either(one)
		v.lists, v.spread = append(v.lists, one.lists...), v.spread || one.spread
		nothing = nothing || pyNothing(part)
		if one.object == nil && one.members == nil && one.lists == nil && !pyNothing(part) {
			texts = append(texts, one.text)
		}
	}
	if nothing && slices.ContainsFunc(texts, func(t value.Value) bool { _, constant := t.Literal(); return constant }) {
		// It may be nothing, which means something of its own in place of a constant.
		texts = append(texts, value.Unknown("None"))
	}
	if len(texts) > 0 {
		v.text = value.Choice(texts...)
	}
	if nothing {
		for key := range v.members {
			v.doubt(key)
		}
	}
	return v, true, true
}

// merged reads dictionaries of which each is laid over those before it.
func (p *python) merged(parts [][]pyToken) (out pyValue, ok bool) {
	out.members = map[string]value.Value{}
	for _, part := range parts {
		v, ok := p.expression(part)
		if !ok || v.members == nil && v.environ == nil {
			return pyValue{}, false
		}
		out.put(v, true)
		out.environ = cmp.Or(out.environ, v.environ)
	}
	return out, true
}

// asks tells whether all that is asked about the names of a condition is what
// they are.
func (p *python) asks(tokens []pyToken) bool {
	return !p.mentions(slices.Concat([]pyToken{{kind: 'n', text: "if"}}, tokens, []pyToken{{kind: 'n', text: "is"}}))
}

// pyNothing recognises what stands for nothing: None, "" and {}.
func pyNothing(tokens []pyToken) bool {
	return len(tokens) == 1 && (tokens[0].text == "None" || tokens[0].kind == 's' && tokens[0].text == "")
}

// pySplitWord cuts tokens at a word that stands outside brackets.
func pySplitWord(tokens []pyToken, word string) [][]pyToken {
	var out [][]pyToken
	depth, start := 0, 0
	for i, t := range tokens {
		switch t.kind {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		case 'n':
			if t.text == "lambda" && depth == 0 {
				return [][]pyToken{tokens}
			}
			if t.text == word && depth == 0 {
				out = append(out, tokens[start:i])
				start = i + 1
			}
		}
	}
	return append(out, tokens[start:])
}

// pyOpen returns the index of the bracket that the last token closes, or -1.
func pyOpen(tokens []pyToken) int {
	depth := 0
	for i, t := range slices.Backward(tokens) {
		switch t.kind {
		case ')', ']', '}':
			depth++
		case '(', '[', '{':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// suffixed reads what is made of a text by a method, or of a dictionary by a
// key. is tells whether it is of that form at all.
func (p *python) suffixed(tokens []pyToken) (v pyValue, ok, is bool) {
	open := pyOpen(tokens)
	if open < 1 {
		return pyValue{}, false, false
	}
	inside := tokens[open+1 : len(tokens)-1]
	if tokens[open].kind == '[' {
		return p.indexed(tokens[:open], inside)
	}
	if tokens[open].kind != '(' || tokens[open-1].kind != 'n' {
		return pyValue{}, false, false
	}
	name := tokens[open-1].text
	if open < 3 || tokens[open-2].kind != '.' {
		if operands, named := pyArguments(inside); open == 1 && name == "dict" && len(named) > 0 {
			v, ok := p.merged(append(operands, pyNamed(named, tokens[0].offset)))
			return v, ok, true
		}
		if open == 1 && (name == "list" || name == "tuple") && len(inside) > 0 {
			v, ok := p.expression(inside)
			return v, ok, v.lists != nil
		}
		if open == 1 && (name == "str" || name == "dict") && len(inside) > 0 && len(pySplit(inside, ',')) == 1 {
			v, ok := p.expression(inside)
			return v, ok, true
		}
		return pyValue{}, false, false
	}
	if name == "dumps" && pyIs(tokens, "json", ".") {
		list, _ := pyArguments(inside)
		if len(list) != 1 {
			return pyValue{}, false, false
		}
		v, ok := p.expression(list[0])
		return v, ok && v.object == nil, true
	}
	if name == "join" {
		return p.joinedWords(tokens[:open-2], inside)
	}
	if name == "split" {
		return p.worded(tokens[:open-2], inside)
	}
	if !slices.Contains(pyTextMethods, name) {
		return pyValue{}, false, false
	}
	base, ok := p.expression(tokens[:open-2])
	if !ok || base.object != nil {
		return pyValue{}, false, true
	}
	v, ok = p.textMethod(base, name, inside)
	return v, ok, true
}

var pyTextMethods = strings.Fields("strip lstrip rstrip lower upper encode decode replace removeprefix removesuffix format copy get")

// textMethod calls a method of a text or of a dictionary.
func (p *python) textMethod(v pyValue, name string, arguments []pyToken) (pyValue, bool) {
	list, named := pyArguments(arguments)
	if v.members != nil {
		switch {
		case name == "copy", name == "encode" || name == "decode": // the text of a dictionary
			return v, true
		case name == "get" && len(list) > 0:
			return p.keyed(v, list[0])
		}
		return pyValue{}, !v.holds()
	}
	var words []string
	for _, part := range list {
		word := ""
		if of, ok := p.expression(part); ok && of.members == nil && of.object == nil {
			word, ok = of.text.Literal()
			if !ok && name != "format" {
				return pyValue{text: value.Unknown(name)}, !v.holds() && !of.holds()
			}
		} else if !ok || of.holds() {
			return pyValue{}, false
		}
		words = append(words, word)
	}
	source := shortened(v.text.String() + "." + name + "(…)")
	switch {
	case name == "encode", name == "decode", name == "copy":
		return v, true
	case name == "format":
		return p.formatted(v, list, named)
	case name == "lower":
		return pyValue{text: v.text.Recase(strings.ToLower, source)}, true
	case name == "upper":
		return pyValue{text: v.text.Recase(strings.ToUpper, source)}, true
	case len(words) == 0 && strings.HasSuffix(name, "strip"):
		words = []string{" \t\r\n"}
	case len(words) == 0:
		return pyValue{text: value.Unknown(name)}, !v.holds()
	case v.text.IsContext("github.ref") && (words[0] == "refs/heads/" || words[0] == "refs/tags/") && (name == "replace" && len(words) == 2 || name == "removeprefix"):
		return pyValue{text: value.Concat(value.Text(strings.Join(words[1:], "")), value.Context("github.ref_name"))}, true
	}
	p.steps += len(v.text)
	switch {
	case strings.HasSuffix(name, "strip"):
		return pyValue{text: v.text.Trim(words[0], name != "rstrip", name != "lstrip", source)}, true
	case name == "removeprefix", name == "removesuffix":
		return pyValue{text: v.text.Without(words[0], name == "removeprefix", source)}, true
	case name == "replace" && len(words) == 2 && words[0] != "" && len(words[1])*strings.Count(v.text.Mask().Text, words[0]) < maxText:
		return pyValue{text: v.text.Replace(words[0], value.Text(words[1]), true, source)}, true
	}
	return pyValue{text: value.Unknown(name)}, !v.holds()
}

// formatted reads "…{}…{name}…".format(…).
func (p *python) formatted(v pyValue, list [][]pyToken, named map[string][]pyToken) (pyValue, bool) {
	text, ok := v.text.Literal()
	if !ok {
		return pyValue{}, false
	}
	var whole value.Value
	for n := 0; ; n++ {
		before, after, more := strings.Cut(text, "{")
		whole = value.Concat(whole, value.Text(before))
		if !more {
			return pyValue{text: whole}, true
		}
		hole, next, closed := strings.Cut(after, "}")
		at, err := strconv.Atoi(hole)
		if hole == "" {
			at, err = n, nil
		}
		part := named[hole]
		if err == nil && at < len(list) && at >= 0 {
			part = list[at]
		}
		of, ok := p.expression(part)
		if !closed || !ok || of.members != nil || of.object != nil {
			return pyValue{}, false
		}
		whole = value.Concat(whole, of.text)
		text = next
	}
}

// percented reads "…%s…" % (…).
func (p *python) percented(text pyToken, of []pyToken) (pyValue, bool) {
	parts := [][]pyToken{of}
	if len(of) > 2 && of[0].kind == '(' && pyClose(of) == len(of)-1 {
		parts = pySplit(of[1:len(of)-1], ',')
	}
	pieces := strings.Split(text.text, "%s")
	if text.format || text.escape || len(pieces) != len(parts)+1 || strings.Contains(strings.Join(pieces, ""), "%") {
		return pyValue{}, false
	}
	whole := p.in.Table.Value(pieces[0])
	for i, part := range parts {
		v, ok := p.expression(part)
		if !ok || !v.plain() {
			return pyValue{}, false
		}
		whole = value.Concat(whole, v.text, p.in.Table.Value(pieces[i+1]))
	}
	return pyValue{text: whole}, true
}

// indexed reads an element: of what a function gives back, of a text that is
// split, and of a dictionary.
func (p *python) indexed(base, index []pyToken) (v pyValue, ok, is bool) {
	if len(index) != 1 || len(base) == 0 {
		return pyValue{}, false, false
	}
	for base[0].kind == '(' && pyClose(base) == len(base)-1 && len(base) > 2 {
		base = base[1 : len(base)-1]
	}
	at, err := strconv.Atoi(index[0].text)
	if index[0].kind == 's' {
		of, ok := p.expression(base)
		if !ok || of.members == nil {
			return pyValue{}, false, false
		}
		v, ok = p.keyed(of, index)
		return v, ok, true
	}
	if err != nil || index[0].kind != '0' {
		return pyValue{}, false, false
	}
	if f := p.functions[base[0].text]; f != nil && at < f.width() && len(base) > 2 && base[1].kind == '(' && pyClose(base[1:]) == len(base)-2 {
		if !p.handed(f, base[2:len(base)-1]) {
			return pyValue{}, false, true
		}
		return p.resolveKey(pyReturned(base[0].text, at), base[0].text), true, true
	}
	open := pyOpen(base)
	if open < 3 || base[open].kind != '(' || base[open-2].kind != '.' || base[len(base)-1].kind != ')' {
		return pyValue{}, false, false
	}
	inside := base[open+1 : len(base)-1]
	if !slices.Contains([]string{"split", "partition"}, base[open-1].text) || len(inside) == 0 || inside[0].kind != 's' || inside[0].format {
		return pyValue{}, false, false
	}
	of, ok := p.expression(base[:open-2])
	if !ok || of.members != nil || of.object != nil {
		return pyValue{}, false, true
	}
	if base[open-1].text == "partition" {
		if at == 1 {
			return pyValue{text: value.Text(inside[0].text)}, true, true
		}
		at /= 2
	}
	return p.piece(of.text, inside[0].text, at), !of.holds(), true
}

// piece is one piece of a text that is split.
func (p *python) piece(v value.Value, separator string, at int) pyValue {
	var texts []value.Value
	for _, one := range v.Alternatives() {
		p.steps += len(one)
		pieces := splitOne(one, separator)
		if separator == "" || at >= len(pieces.items) {
			texts = append(texts, value.Unknown("piece"))
			continue
		}
		texts = append(texts, valueOf(pieces.items[at]))
	}
	return pyValue{text: value.Choice(texts...)}
}

// keyed is the entry of a dictionary.
func (p *python) keyed(v pyValue, key []pyToken) (pyValue, bool) {
	if len(key) != 1 || key[0].kind != 's' || key[0].format {
		return pyValue{}, !v.holds()
	}
	if member, ok := v.arguments()[key[0].text]; ok {
		return pyValue{text: member}, true
	}
	return pyValue{text: value.Unknown(key[0].text)}, true
}
