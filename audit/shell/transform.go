package shell

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"mvdan.cc/sh/v3/pattern"
	"mvdan.cc/sh/v3/syntax"

	"github.com/patrol-actions/patrol/audit/value"
)

// transform applies ${X#p}, ${X%p}, ${X,,} and their like to a value:
// exactly where all of it is text, else as far as the value allows.
func transform(v value.Value, op syntax.ParExpOperator, operand value.Value, source string) value.Value {
	if all := v.Alternatives(); len(all) > 1 {
		for n := range all {
			all[n] = transform(all[n], op, operand, source)
		}
		return choose(source, all...)
	}
	switch op {
	case syntax.RemSmallPrefix, syntax.RemLargePrefix, syntax.RemSmallSuffix, syntax.RemLargeSuffix:
		if p, ok := operand.Literal(); ok {
			return trim(v, op, p, source)
		}
	case syntax.LowerAll, syntax.UpperAll, syntax.LowerFirst, syntax.UpperFirst:
		return recase(v, op, source)
	case syntax.OtherParamOps:
		// @Q, @E and the others quote or say something about X.
		if operand.LiteralOr("") == "Q" {
			return v
		}
	}
	return value.Opaque(source, v)
}

// trim removes a prefix or suffix that matches a pattern.
func trim(v value.Value, op syntax.ParExpOperator, p, source string) value.Value {
	if len(v) == 0 {
		return v
	}
	if isTemplate(v) && op != syntax.RemSmallPrefix && op != syntax.RemLargePrefix && strings.HasPrefix(strings.TrimPrefix(p, `\`), "{") {
		return v
	}
	if len(v) == 1 && v[0].Context != "" {
		if part, ok := contextPart(v[0].Context, op, p); ok {
			return part
		}
		return value.Opaque(source, v)
	}
	if s, ok := v.Literal(); ok {
		if trimmed, ok := trimText(s, op, p); ok {
			return value.Text(trimmed)
		}
		return value.Opaque(source, v)
	}
	// A literal prefix of a value that begins with text.
	if op == syntax.RemSmallPrefix && v[0].Text != "" {
		// Its shortest match may be all in what is known.
		if trimmed, ok := trimText(v[0].Text, op, p); ok && len(trimmed) < len(v[0].Text) {
			return value.Concat(value.Text(trimmed), v[1:])
		}
	}
	p, ok := literalPattern(p)
	if !ok {
		return value.Opaque(source, v)
	}
	if op == syntax.RemSmallPrefix || op == syntax.RemLargePrefix {
		if first := v[0].Text; len(first) >= len(p) && first != "" {
			return value.Concat(value.Text(strings.TrimPrefix(first, p)), v[1:])
		}
	} else if last := v[len(v)-1].Text; len(last) >= len(p) && last != "" {
		return value.Concat(v[:len(v)-1], value.Text(strings.TrimSuffix(last, p)))
	}
	return value.Opaque(source, v)
}

// isTemplate tells whether a value is the address in a release's JSON to which
// files are sent, with the credentials that it may hold. It ends with a template, "{?name,label}", which is no part of
// the address: scripts cut it off.
func isTemplate(v value.Value) bool {
	if slices.ContainsFunc(v[min(1, len(v)):], func(p value.Part) bool { return p.Credential == nil }) || len(v) == 0 {
		return false
	}
	return v[0].Context == "github.event.release.upload_url" || strings.HasPrefix(v[0].Unknown, "$(") && strings.Contains(v[0].Unknown, ".upload_url")
}

// trimText is trim for text.
func trimText(s string, op syntax.ParExpOperator, p string) (string, bool) {
	prefix := op == syntax.RemSmallPrefix || op == syntax.RemLargePrefix
	if literal, ok := literalPattern(p); ok && prefix {
		return strings.TrimPrefix(s, literal), true
	} else if ok {
		return strings.TrimSuffix(s, literal), true
	}
	mode := pattern.Mode(0)
	if op == syntax.RemSmallPrefix || op == syntax.RemSmallSuffix {
		mode = pattern.Shortest
	}
	expr, err := pattern.Regexp(p, mode)
	if err != nil {
		return "", false
	}
	if prefix {
		re, err := regexp.Compile("^(?:" + expr + ")")
		if err != nil {
			return "", false
		}
		return s[len(re.FindString(s)):], true
	}
	// The shortest suffix is not the leftmost match: try from the end.
	re, err := regexp.Compile("^(?:" + expr + ")$")
	if err != nil || len(s) > 4096 {
		return "", false
	}
	found := -1
	for n := len(s); n >= 0; n-- {
		if n < len(s) && !utf8.RuneStart(s[n]) || !re.MatchString(s[n:]) {
			continue
		}
		if found = n; op == syntax.RemSmallSuffix {
			break
		}
	}
	if found < 0 {
		return s, true
	}
	return s[:found], true
}

// contextPart knows the ways in which scripts take contexts apart.
func contextPart(context string, op syntax.ParExpOperator, p string) (value.Value, bool) {
	prefix := op == syntax.RemSmallPrefix || op == syntax.RemLargePrefix
	switch context {
	case "github.repository":
		switch {
		case !prefix && p == "/*":
			return value.Context("github.repository_owner"), true
		case prefix && (p == "*/" || p == `*\/`):
			return value.Context("github.event.repository.name"), true
		}
	case "github.ref":
		if prefix && (p == "refs/heads/" || p == "refs/tags/" || p == "refs/*/") {
			return value.Context("github.ref_name"), true
		}
	}
	return nil, false
}

// recase changes the case of a value.
func recase(v value.Value, op syntax.ParExpOperator, source string) value.Value {
	if s, ok := v.Literal(); ok {
		head := s[:min(len(s), 1)]
		switch op {
		case syntax.LowerAll:
			return value.Text(strings.ToLower(s))
		case syntax.UpperAll:
			return value.Text(strings.ToUpper(s))
		case syntax.LowerFirst:
			return value.Text(strings.ToLower(head) + s[len(head):])
		default:
			return value.Text(strings.ToUpper(head) + s[len(head):])
		}
	}
	var out []value.Value
	for _, p := range v {
		switch {
		case p.Text != "" && (op == syntax.LowerAll || op == syntax.UpperAll):
			out = append(out, recase(value.Value{p}, op, source))
		case p.Caseless():
			out = append(out, value.Value{p})
		default:
			return value.Opaque(source, v)
		}
	}
	return value.Concat(out...)
}

// replace applies ${X/a/b}. In a value that is not all text, only the text
// is looked at: a match that spans it and something else is missed.
func replace(v, from, with value.Value, all bool, source string) value.Value {
	p, ok := from.Literal()
	if ok {
		p, ok = literalPattern(p)
	}
	if !ok {
		return value.Opaque(source, v, with)
	}
	if len(v) == 1 && v[0].Text == "" && v[0].OneOf == nil {
		return value.Opaque(source, v, with)
	}
	if p == "" {
		return v
	}
	var out []value.Value
	for _, part := range v {
		switch {
		case part.OneOf != nil:
			choices := make([]value.Value, len(part.OneOf))
			for m, w := range part.OneOf {
				choices[m] = replace(w, from, with, all, source)
			}
			out = append(out, choose(source, choices...))
		case part.Text != "":
			out = append(out, replaceText(part.Text, p, with, all))
		case part.Unknown != "" || part.Context != "":
			out = append(out, value.Unknown(source))
		default:
			out = append(out, value.Value{part})
		}
	}
	return bounded(value.Concat(out...), source)
}

func replaceText(s, from string, with value.Value, all bool) value.Value {
	limit := 2
	if all {
		limit = maxWords
	}
	var out []value.Value
	for n, piece := range strings.SplitN(s, from, limit) {
		if n > 0 {
			out = append(out, with)
		}
		out = append(out, value.Text(piece))
	}
	return bounded(value.Concat(out...), "…")
}

// slice applies ${X:1:3}.
func slice(v value.Value, s *syntax.Slice, source string) value.Value {
	text, ok := v.Literal()
	from, known := number(s.Offset)
	if !ok || !known || from < 0 {
		return value.Opaque(source, v)
	}
	runes := []rune(text)
	runes = runes[min(from, len(runes)):]
	if s.Length != nil {
		n, known := number(s.Length)
		if !known || n < 0 {
			return value.Opaque(source, v)
		}
		runes = runes[:min(n, len(runes))]
	}
	return value.Text(string(runes))
}
