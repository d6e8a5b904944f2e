package rules

import (
	"fmt"
	"slices"
	"strings"
)

// Truth is an answer that may be open.
type Truth int

// The truths, in an order in which the lower one decides a conjunction.
const (
	No Truth = iota
	Maybe
	Yes
)

// Condition is a conjunction of terms over what something is given: an
// action's inputs, a command's flags, a mutation's arguments. The nil
// Condition always holds.
type Condition []Term

// Term compares one given thing.
type Term struct {
	// Name is the input, flag or argument. "particular??general" is one that
	// has another for its default: what the particular one is given or, where
	// it is not given, the general one.
	Name string
	// Not turns the term round.
	Not bool
	// Written asks only whether it is given at all: what is there is
	// overwritten also by an empty text, an empty list or null.
	Written bool
	// Values are those of which one must be given, compared without case;
	// "*" inside one stands for any text, and a lone "*" for any but the
	// empty one. Nil: it must be given at all, and not empty.
	Values []string
}

// ParseCondition reads a condition: terms "name=value|value", "name!=value",
// "name" (given and not empty), "!name" (not given, or empty) and "+name"
// (given, and be it empty), joined by "&". The empty text and "-" are the condition that always holds.
func ParseCondition(text string) (Condition, error) {
	text = strings.TrimSpace(text)
	if text == "" || text == "-" {
		return nil, nil
	}
	var c Condition
	for part := range strings.SplitSeq(text, "&") {
		t, err := parseTerm(strings.TrimSpace(part))
		if err != nil {
			return nil, fmt.Errorf("condition %q: %w", text, err)
		}
		c = append(c, t)
	}
	return c, nil
}

func parseTerm(text string) (Term, error) {
	name, values, compared := strings.Cut(text, "=")
	var t Term
	if compared {
		name, t.Not = strings.CutSuffix(name, "!")
		t.Values = strings.Split(values, "|")
	} else if name, t.Written = strings.CutPrefix(name, "+"); !t.Written {
		name, t.Not = strings.CutPrefix(name, "!")
	}
	t.Name = name
	if name == "" || strings.ContainsAny(name, "!+|= \t") {
		return Term{}, fmt.Errorf("%q: want name=value, name!=value, name, !name or +name", text)
	}
	return t, nil
}

// String returns the form that ParseCondition reads.
func (c Condition) String() string {
	terms := make([]string, len(c))
	for i, t := range c {
		terms[i] = t.String()
	}
	return strings.Join(terms, "&")
}

// String returns the form that stands between the "&" of a condition.
func (t Term) String() string {
	switch values := strings.Join(t.Values, "|"); {
	case t.Written:
		return "+" + t.Name
	case t.Values == nil && t.Not:
		return "!" + t.Name
	case t.Values == nil:
		return t.Name
	case t.Not:
		return t.Name + "!=" + values
	default:
		return t.Name + "=" + values
	}
}

// Holds tells whether the condition holds. Get returns what is given by a
// name: its text, whether that text is known, and whether it is given at all;
// with known false and set false nothing is known of it. A text of which only
// the beginning is known ends with Onwards, and known is false.
func (c Condition) Holds(get func(name string) (text string, known, set bool)) Truth {
	truth := Yes
	for _, t := range c {
		text, known, set := t.given(get)
		truth = min(truth, t.holds(text, known, set))
	}
	return truth
}

// orElse stands between a name and that of its default.
const orElse = "??"

// Names returns the name and that of its default, "" where it has none.
func (t Term) Names() (particular, general string) {
	particular, general, _ = strings.Cut(t.Name, orElse)
	return particular, general
}

// given returns what is given by the name of a term, or by that of its
// default. An empty input counts as not given, as it does for those that have
// one.
func (t Term) given(get func(name string) (text string, known, set bool)) (text string, known, set bool) {
	particular, general := t.Names()
	text, known, set = get(particular)
	if general != "" && known && (!set || text == "") {
		return get(general)
	}
	return text, known, set
}

// Either parts the texts of which a given thing is one, where it is not known
// which.
const Either = "\x00"

// ofEither returns what holds for every one of the texts that Either parts,
// and Maybe where they differ.
func ofEither(text string, holds func(one string) Truth) Truth {
	texts := strings.Split(text, Either)
	truth := holds(texts[0])
	if slices.ContainsFunc(texts[1:], func(one string) bool { return holds(one) != truth }) {
		return Maybe
	}
	return truth
}

// Onwards ends a text of which only the beginning is known.
const Onwards = "\x01"

// holdsFor tells whether a term holds for all texts with a beginning.
func (t Term) holdsFor(beginning string) Truth {
	truth := No
	for _, v := range t.Values {
		head, open := strings.CutSuffix(v, "*")
		switch shared := min(len(head), len(beginning)); {
		case strings.Contains(head, "*"):
			truth = max(truth, Maybe)
		case !strings.EqualFold(head[:shared], beginning[:shared]), !open && len(head) < len(beginning):
		case open && len(head) <= len(beginning):
			truth = Yes
		default:
			truth = max(truth, Maybe)
		}
	}
	if t.Values == nil {
		truth = Yes
	}
	if t.Not {
		return Yes - truth
	}
	return truth
}

func (t Term) holds(text string, known, set bool) Truth {
	switch beginning, open := strings.CutSuffix(text, Onwards); {
	case t.Written && set:
		return Yes
	case open && !known && beginning != "":
		return t.holdsFor(beginning)
	case !known:
		return Maybe
	case !set:
		text = ""
	}
	if strings.Contains(text, Either) {
		return ofEither(text, func(one string) Truth { return t.holds(one, known, set) })
	}
	matches := text != ""
	if t.Values != nil {
		matches = slices.ContainsFunc(t.Values, func(v string) bool { return matchValue(v, text) })
	}
	if matches != t.Not {
		return Yes
	}
	return No
}

// matchValue compares a value of a condition with what is given.
func matchValue(pattern, text string) bool {
	if pattern == "*" {
		return text != ""
	}
	if !strings.Contains(pattern, "*") {
		return strings.EqualFold(pattern, text)
	}
	pieces := strings.Split(strings.ToLower(pattern), "*")
	text, ok := strings.CutPrefix(strings.ToLower(text), pieces[0])
	last := len(pieces) - 1
	for _, piece := range pieces[1:last] {
		at := strings.Index(text, piece)
		if at < 0 {
			return false
		}
		text = text[at+len(piece):]
	}
	return ok && strings.HasSuffix(text, pieces[last])
}
