package fix

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/rhysd/actionlint"
)

// kind is what a part of an expression is.
type kind int

const (
	// kindOther is anything that is not looked into.
	kindOther kind = iota
	// kindSecret is secrets.NAME.
	kindSecret
	// kindToken is github.token or secrets.GITHUB_TOKEN.
	kindToken
	// kindEmpty is the empty text ''.
	kindEmpty
	// kindOr and kindAnd join parts by || and &&.
	kindOr
	kindAnd
	// kindGroup is a part in parentheses.
	kindGroup
	// kindFormat is a call of format(), whose parts are its arguments.
	kindFormat
)

// part is a part of an expression, with the bytes of the text that it takes.
type part struct {
	kind       kind
	start, end int
	parts      []part
}

// token is one word of an expression.
type token struct {
	kind       actionlint.TokenKind
	start, end int
	text       string
}

// tokens splits what follows "${{" up to "}}" into words; base is its offset
// in the text. It is not ok for what is no expression.
func tokens(source string, base int) (list []token, ok bool) {
	lexer := actionlint.NewExprLexer(source)
	for len(list) <= len(source) {
		t := lexer.Next()
		if lexer.Err() != nil {
			return nil, false
		}
		if t.Kind == actionlint.TokenKindEnd {
			return list, true
		}
		start := t.Offset
		end := start + len(t.Value)
		if end > len(source) || source[start:end] != t.Value {
			return nil, false
		}
		list = append(list, token{t.Kind, base + start, base + end, t.Value})
	}
	return nil, false
}

// parsePart reads a list of words, by how tightly they bind: || least, then
// &&, then everything else. The list is not empty.
func parsePart(list []token) part {
	whole := part{start: list[0].start, end: list[len(list)-1].end}
	for _, level := range []struct {
		operator actionlint.TokenKind
		kind     kind
	}{{actionlint.TokenKindOr, kindOr}, {actionlint.TokenKindAnd, kindAnd}} {
		if operands := split(list, level.operator); len(operands) > 1 {
			whole.kind = level.kind
			for _, o := range operands {
				if len(o) == 0 {
					return part{start: whole.start, end: whole.end}
				}
				whole.parts = append(whole.parts, parsePart(o))
			}
			return whole
		}
	}
	last := len(list) - 1
	switch {
	case list[0].kind == actionlint.TokenKindLeftParen && closes(list, 0) == last && last > 1:
		whole.kind, whole.parts = kindGroup, []part{parsePart(list[1:last])}
	case last > 2 && strings.EqualFold(list[0].text, "format") && list[1].kind == actionlint.TokenKindLeftParen && closes(list, 1) == last:
		whole.kind = kindFormat
		for _, argument := range split(list[2:last], actionlint.TokenKindComma) {
			if len(argument) == 0 {
				return part{start: whole.start, end: whole.end}
			}
			whole.parts = append(whole.parts, parsePart(argument))
		}
	default:
		whole.kind = leaf(list)
	}
	return whole
}

// leaf says what a part without operators is.
func leaf(list []token) kind {
	var words []string
	for _, t := range list {
		words = append(words, strings.ToLower(t.text))
	}
	switch text := strings.Join(words, ""); {
	case text == "''":
		return kindEmpty
	case text == "github.token", text == "github['token']", text == "secrets.github_token", text == "secrets['github_token']":
		return kindToken
	case secretLeaf.MatchString(text):
		return kindSecret
	}
	return kindOther
}

var secretLeaf = regexp.MustCompile(`^secrets(?:\.[\w-]+|\['[^']*'\])$`)

// split cuts a list of words at an operator outside of brackets.
func split(list []token, operator actionlint.TokenKind) (out [][]token) {
	depth, from := 0, 0
	for i, t := range list {
		switch t.kind {
		case actionlint.TokenKindLeftParen, actionlint.TokenKindLeftBracket:
			depth++
		case actionlint.TokenKindRightParen, actionlint.TokenKindRightBracket:
			depth--
		case operator:
			if depth == 0 {
				out, from = append(out, list[from:i]), i+1
			}
		}
	}
	return append(out, list[from:])
}

// closes returns the index of the bracket that closes the one at an index, or
// -1.
func closes(list []token, open int) int {
	depth := 0
	for i := open; i < len(list); i++ {
		switch list[i].kind {
		case actionlint.TokenKindLeftParen, actionlint.TokenKindLeftBracket:
			depth++
		case actionlint.TokenKindRightParen, actionlint.TokenKindRightBracket:
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// replacement replaces the bytes of a text from start to end.
type replacement struct {
	start, end int
	text       string
}

// rewriter replaces secrets in one expression.
type rewriter struct {
	text string
	// token stands for GITHUB_TOKEN.
	token string
	// replaced are the offsets at which the secrets stand that are to be
	// replaced; seen are those that the rewriter came by.
	replaced map[int]bool
	seen     map[int]bool
	out      []replacement
}

// yield is what a part comes to once it is rewritten.
type yield int

const (
	// yieldOther is anything.
	yieldOther yield = iota
	// yieldToken is GITHUB_TOKEN, which is never empty.
	yieldToken
	// yieldSome is GITHUB_TOKEN, or empty where a condition does not hold.
	yieldSome
)

// rewrite replaces what is to be replaced in a part. The fault says why it
// cannot be done.
func (r *rewriter) rewrite(p part) (v yield, fault string) {
	switch p.kind {
	case kindSecret:
		if !r.replaced[p.start] {
			return yieldOther, ""
		}
		r.seen[p.start] = true
		r.out = append(r.out, replacement{p.start, p.end, r.token})
		return yieldToken, ""
	case kindToken:
		return yieldToken, ""
	case kindGroup:
		return r.rewrite(p.parts[0])
	case kindFormat:
		for _, argument := range p.parts {
			if _, fault := r.rewrite(argument); fault != "" {
				return yieldOther, fault
			}
		}
		return yieldOther, ""
	case kindAnd:
		// What stands before && is only held against something: it is seen
		// to hold no secret, or the whole is collapsed around it.
		v, fault := r.rewrite(p.parts[len(p.parts)-1])
		if v == yieldToken {
			v = yieldSome
		}
		return v, fault
	case kindOr:
		return r.alternatives(p)
	}
	return yieldOther, ""
}

// alternatives rewrites a || b || c. Once one of them is GITHUB_TOKEN, which
// is never empty, those behind it are never taken: they must be of no
// consequence.
func (r *rewriter) alternatives(p part) (yield, string) {
	for i, operand := range p.parts {
		before := len(r.out)
		v, fault := r.rewrite(operand)
		changed := len(r.out) > before
		switch {
		case fault != "":
			return yieldOther, fault
		case !changed && v == yieldToken:
			if token, harmless := r.rest(p.parts[i:]); harmless && i < len(p.parts)-1 {
				r.out = append(r.out, replacement{operand.start, p.end, token})
			}
			return yieldToken, ""
		case !changed || i == len(p.parts)-1:
			if i == len(p.parts)-1 {
				return v, ""
			}
			continue
		}
		rest := p.parts[i+1:]
		token, harmless := r.rest(rest)
		switch {
		case harmless && (token != "" || v == yieldToken):
			if token == "" {
				token = r.token
			}
			r.out = append(r.out[:before], replacement{operand.start, p.end, token})
			return yieldToken, ""
		case v == yieldToken:
			return yieldOther, fmt.Sprintf("it falls back to %s, which GITHUB_TOKEN would never let happen", r.text[rest[0].start:p.end])
		}
	}
	return yieldOther, ""
}

// rest tells whether all of what follows is GITHUB_TOKEN as well, or empty,
// and returns the word that it is written with.
func (r *rewriter) rest(parts []part) (token string, harmless bool) {
	for _, p := range parts {
		switch {
		case p.kind == kindToken:
			if text := r.text[p.start:p.end]; token == "" && !strings.ContainsAny(text, " '\n") {
				token = text
			}
			if token == "" {
				token = r.token
			}
		case p.kind == kindSecret && r.replaced[p.start]:
			if token == "" {
				token = r.token
			}
		case p.kind == kindEmpty:
		default:
			return "", false
		}
	}
	for _, p := range parts {
		if p.kind == kindSecret {
			r.seen[p.start] = true
		}
	}
	return token, true
}
