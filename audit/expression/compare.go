package expression

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/rhysd/actionlint"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// toNumber is the number that GitHub's expressions take a value for that they
// hold against one of another type: 0 for null, false and the empty string.
// A text of which it is not known whether it is a boolean is taken for one.
func toNumber(text string, k Kind) float64 {
	switch {
	case text == "":
		return 0
	case text == "true" && k != String:
		return 1
	case text == "false" && k != String:
		return 0
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil {
		return math.NaN()
	}
	return n
}

// equals tells whether two constants are equal, whose types may differ:
// strings are compared without regard to letter case, and values of different
// types as numbers. A boolean of the payload may also be null, which makes no
// difference to false.
func equals(a string, of Kind, b string, other Kind) bool {
	if of < Number && other < Number {
		return strings.EqualFold(a, b)
	}
	if (of == AnyKind || other == AnyKind) && strings.EqualFold(a, b) {
		// Most likely they are of one type.
		return true
	}
	return toNumber(a, of) == toNumber(b, other)
}

// ambiguous tells whether a text may as well be a boolean, where it is held against
// one that is no boolean: true is not equal to 'true'.
func ambiguous(text string, k, other Kind) bool {
	isBoolean := strings.EqualFold(text, "true") || strings.EqualFold(text, "false")
	return isBoolean && (k == AnyKind && other == String || k == String && other == AnyKind)
}

// compare decides equality of values that are both known; a comparison in
// GitHub's expressions ignores case.
func (e *evaluator) compare(n *actionlint.CompareOpNode) result {
	left, right := e.eval(n.Left), e.eval(n.Right)
	equal := Maybe
	ls, rs := left.value.Alternatives(), right.value.Alternatives()
	matches, known := 0, true
	kl, kr := e.kindOf(n.Left), e.kindOf(n.Right)
	for _, l := range ls {
		for _, r := range rs {
			a, aok := l.Literal()
			b, bok := r.Literal()
			same := len(l) == 1 && l[0].Context != "" && l.Equal(r)
			known = known && (aok && bok && !(strings.EqualFold(a, b) && ambiguous(a, kl, kr)) || same || differ(l, r) || appAndUser(l, r) || appAndUser(r, l) || notSaid(l, r.LiteralOr("")) || notSaid(r, l.LiteralOr("")))
			if same || aok && bok && equals(a, kl, b, kr) {
				matches++
			}
		}
	}
	switch {
	case known && matches == 0:
		equal = No
	case known && matches == len(ls)*len(rs):
		equal = Yes
	}
	switch n.Kind {
	case actionlint.CompareOpNodeKindEq:
		return boolean(equal)
	case actionlint.CompareOpNodeKindNotEq:
		return boolean([...]Truth{Maybe: Maybe, No: Yes, Yes: No}[equal])
	}
	return boolean(Maybe)
}

// beginning returns the text that a value begins with, as far as it is known,
// in lower case.
func beginning(v value.Value) string {
	text, _ := v[:min(1, len(v))].Literal()
	return strings.ToLower(text)
}

// ending returns the text that a value ends with, as far as it is known, in lower
// case.
func ending(v value.Value) string {
	text, _ := v[max(0, len(v)-1):].Literal()
	return strings.ToLower(text)
}

// differ tells whether two values differ already in how they begin or end:
// "refs/heads/…" is no tag, whatever follows.
func differ(l, r value.Value) bool {
	a, b := beginning(l), beginning(r)
	n := min(len(a), len(b))
	if a[:n] != b[:n] {
		return true
	}
	// The whole of one is shorter than what the other begins and ends with.
	_, whole := l.Literal()
	_, wholeOther := r.Literal()
	c, d := ending(l), ending(r)
	if m := min(len(c), len(d)); c[len(c)-m:] != d[len(d)-m:] {
		return true
	}
	return whole && !wholeOther && len(a) < len(b)+len(d) || wholeOther && !whole && len(b) < len(a)+len(c) || whole && wholeOther && len(a) != len(b)
}

// appAndUser tells whether one value is the login of a user, who may be
// anybody, and the other that of a GitHub App.
func appAndUser(user, app value.Value) bool {
	login, ok := app.Literal()
	return ok && strings.HasSuffix(login, "[bot]") && isUser(user)
}

// isUser tells whether a value is UserLogin.
func isUser(v value.Value) bool { return len(v) == 1 && v[0].Unknown == UserLogin }

// noCommand tells whether a value is a text that begins with no command, and
// another one begins with a command.
func noCommand(v value.Value, text string) bool {
	return len(v) == 1 && slices.Contains([]string{NoCommand, Report, Fixed}, v[0].Unknown) && strings.HasPrefix(text, "/")
}

// notSaid tells whether a value is sure to be another text as a whole.
func notSaid(v value.Value, text string) bool {
	if len(v) == 1 && v[0].Unknown == TagName {
		return rules.WordMain.Has(strings.ToLower(text))
	}
	return noCommand(v, text) || len(v) == 1 && (v[0].Unknown == Report || v[0].Unknown == Fixed) && text != ""
}

// noCommandIn tells whether a text is a command, or a word to a bot, that stands
// nowhere in a value: Fixed holds neither, a Report calls no bot.
func noCommandIn(v value.Value, text string) bool {
	return len(v) == 1 && (v[0].Unknown == Fixed && strings.HasPrefix(text, "/") || (v[0].Unknown == Fixed || v[0].Unknown == Report) && strings.HasPrefix(text, "@"))
}

// ends tells whether a value that is not known as a whole ends with a text.
func ends(v value.Value, part string) result {
	known, part := ending(v), strings.ToLower(part)
	switch {
	case strings.HasSuffix(known, part):
		return boolean(Yes)
	case !strings.HasSuffix(part, known):
		return boolean(No)
	}
	return boolean(Maybe)
}

// begins tells whether a value that is not known as a whole begins with a
// text.
func begins(v value.Value, part string) result {
	known, part := beginning(v), strings.ToLower(part)
	switch {
	case strings.HasPrefix(known, part):
		return boolean(Yes)
	case !strings.HasPrefix(part, known):
		return boolean(No)
	}
	return boolean(Maybe)
}
