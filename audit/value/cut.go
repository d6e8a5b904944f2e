package value

import (
	"slices"
	"strconv"
	"strings"
)

// Characters that names on GitHub are made of. Source: GitHub's rules for names
// of users (Enterprise Managed Users have an underscore) and of repositories.
const (
	digits     = "0123456789"
	letters    = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	ownerName  = letters + digits + "-_"
	ownName    = ownerName + "."
	repository = "github.repository"
)

// alphabets are the characters that contexts of a narrow form are made of.
var alphabets = map[string]string{
	"github.repository_owner": ownerName, "github.event.repository.name": ownName, "github.actor": ownerName + "[]",
	"github.sha": "abcdef" + digits, "github.run_id": digits, "github.run_number": digits, "github.run_attempt": digits,
}

// caseless are contexts that GitHub compares without regard to case, so that they
// name the same thing in any.
var caseless = []string{
	repository, "github.repository_owner", "github.event.repository.name", "github.actor",
	"github.event.repository.full_name", "github.event.repository.owner.login",
}

// Caseless tells whether a part holds such a context.
func (p Part) Caseless() bool { return slices.Contains(caseless, p.Context) }

// free tells whether a part that is no text surely holds none of the given
// characters. A credential is taken for one that does not: its token must stay.
func (p Part) free(of string) bool {
	if p.Credential != nil {
		return true
	}
	if alphabet, ok := alphabets[p.Context]; ok {
		return !strings.ContainsAny(of, alphabet)
	}
	return p.IsWord() && strings.Trim(of, blanks) == ""
}

const blanks = " \t\r\n\v\f"

// apart writes the full name of the repository as its owner and its name, so that
// it can be cut at its slash.
func apart(v Value) Value {
	if !slices.ContainsFunc(v, func(p Part) bool { return p.Context == repository }) {
		return v
	}
	var out []Value
	for _, p := range v {
		if p.Context == repository {
			out = append(out, Context("github.repository_owner"), Text("/"), Context("github.event.repository.name"))
			continue
		}
		out = append(out, Value{p})
	}
	return Concat(out...)
}

// together undoes apart.
func together(v Value) Value {
	var out []Value
	for i := 0; i < len(v); i++ {
		if i+2 < len(v) && v[i].Context == "github.repository_owner" && v[i+2].Context == "github.event.repository.name" && v[i+1].IsText() && v[i+1].Text == "/" {
			out = append(out, Context(repository))
			i += 2
			continue
		}
		out = append(out, Value{v[i]})
	}
	return Concat(out...)
}

// unsure is a value that was made of v in a way that is not known; the
// credentials of v stay in it.
func unsure(v Value, source string) Value {
	out := Unknown(source)
	for _, c := range v.Credentials() {
		out = Concat(out, Of(c))
	}
	return out
}

// each changes the alternatives of v.
func (v Value) each(change func(Value) Value) Value {
	var out []Value
	for one := range v.EachAlternative() {
		out = append(out, change(one))
	}
	return Choice(out...)
}

// Split cuts a value without alternatives at a separator, into no more than most
// pieces. Where a part may hold the separator, or be cut otherwise, the pieces
// before it are sure, and whatever follows is not: of such a piece only the
// credentials stay.
func (v Value) Split(separator string, most int, source string) (pieces []Value, sure int) {
	masked := apart(v).Mask()
	for piece := range strings.SplitSeq(masked.Text, separator) {
		of := masked.Table.Value(piece)
		if sure == len(pieces) && !slices.ContainsFunc(of, func(p Part) bool { return !p.IsText() && !p.free(separator) }) {
			sure++
			of = together(of)
		} else if !of.HoldsCredential() {
			of = Unknown(source + "[" + strconv.Itoa(len(pieces)) + "]")
		}
		if pieces = append(pieces, of); len(pieces) >= most {
			break
		}
	}
	return pieces, sure
}

// Replace puts to in place of a text, the first time or always. What may hold the
// text without being known is unknown afterwards.
func (v Value) Replace(from string, to Value, all bool, source string) Value {
	if from == "" {
		return v.each(func(one Value) Value { return unsure(Concat(one, to), source) })
	}
	return v.each(func(one Value) Value { return replaceOne(apart(one), from, to, all, source) })
}

// replaceOne replaces in a value without alternatives. Part by part: a text in a
// part that may end or begin what is looked for, with what stands beside it, is
// unknown afterwards as well.
func replaceOne(v Value, from string, to Value, all bool, source string) Value {
	var out []Value
	holds := canHold(v, from)
	// done tells that it was replaced, hidden that it may have been, and spanned
	// that it may begin in the text before.
	done, hidden, spanned := false, false, false
	for i, p := range v {
		switch {
		case done && !all, p.Credential != nil, !p.IsText() && !spanned && (p.free(from) || !hidden && (!holds[i] || p.free(from[:1]))):
			out = append(out, Value{p})
			continue
		case !p.IsText():
			hidden, spanned = true, false
			out = append(out, Unknown(source))
			continue
		case hidden && !all && strings.Contains(p.Text, from):
			// It is replaced here unless it was before.
			return Concat(append(out, unsure(v[i:], source))...)
		}
		rest, found := p.Text, false
		for before, after := "", ""; !done || all; rest = after {
			if before, after, found = strings.Cut(rest, from); !found {
				break
			}
			out, done = append(out, Text(before), to), true
		}
		if done && !all {
			out = append(out, Text(rest))
			continue
		}
		after := i+1 < len(v) && holds[i] && !v[i+1].free(from)
		head, tail := spans(rest, from, i > 0 && hidden && !v[i-1].free(from), after)
		spanned = tail > 0
		if head+tail >= len(rest) {
			if rest != "" {
				out = append(out, Unknown(source))
			}
			continue
		}
		if head > 0 {
			out = append(out, Unknown(source))
		}
		if out = append(out, Text(rest[head:len(rest)-tail])); tail > 0 {
			out = append(out, Unknown(source))
		}
	}
	return together(Concat(out...))
}

// canHold tells for each part whether a text may stand in what begins with it, as
// far as the characters go of which that is made.
func canHold(v Value, text string) []bool {
	out := make([]bool, len(v))
	var may [256]bool
	anything := false
	for i, p := range slices.Backward(v) {
		alphabet, narrow := alphabets[p.Context]
		anything = anything || !p.IsText() && !narrow && p.Credential == nil
		for _, c := range []byte(p.Text + alphabet) {
			may[c] = true
		}
		out[i] = anything || !slices.ContainsFunc([]byte(text), func(c byte) bool { return !may[c] })
	}
	return out
}

// spans returns how much of a text may be an end of from that begins in what
// stands before, and a beginning that ends in what follows.
func spans(text, from string, before, after bool) (head, tail int) {
	for n := 1; n < len(from) && n <= len(text); n++ {
		if before && strings.HasPrefix(text, from[len(from)-n:]) {
			head = n
		}
		if after && strings.HasSuffix(text, from[:n]) {
			tail = n
		}
	}
	return head, tail
}

// Trim takes characters off the beginning, the end or both.
func (v Value) Trim(characters string, start, end bool, source string) Value {
	return v.each(func(one Value) Value {
		out := slices.Clone(one)
		for start && len(out) > 0 && out[0].IsText() {
			if out[0].Text = strings.TrimLeft(out[0].Text, characters); out[0].Text != "" {
				break
			}
			out = out[1:]
		}
		for end && len(out) > 0 && out[len(out)-1].IsText() {
			last := &out[len(out)-1]
			if last.Text = strings.TrimRight(last.Text, characters); last.Text != "" {
				break
			}
			out = out[:len(out)-1]
		}
		if strings.Trim(characters, blanks) == "" {
			// Blanks around what is not known do not matter.
			return out
		}
		edge := func(at int) {
			switch p := out[at]; {
			case p.Context == repository && !strings.ContainsAny(characters, ownName):
			case !p.IsText() && !p.free(characters):
				out[at] = Part{Unknown: source}
			}
		}
		if start && len(out) > 0 {
			edge(0)
		}
		if end && len(out) > 0 {
			edge(len(out) - 1)
		}
		return out
	})
}

// Without takes a text off the beginning, or else the end, where it stands there.
func (v Value) Without(text string, start bool, source string) Value {
	return v.each(func(one Value) Value {
		one = apart(one)
		if len(one) == 0 || text == "" {
			return together(one)
		}
		at, has := len(one)-1, strings.HasSuffix
		if start {
			at, has = 0, strings.HasPrefix
		}
		edge := one[at]
		switch {
		case edge.IsText() && has(edge.Text, text):
			cut := strings.TrimSuffix(edge.Text, text)
			if start {
				cut = strings.TrimPrefix(edge.Text, text)
			}
			return together(Concat(one[:at], Text(cut), one[at+1:]))
		case edge.IsText() && (len(one) == 1 || !has(text, edge.Text)), !canHold(one, text)[0]:
			return together(one)
		}
		return unsure(one, source)
	})
}

// Recase changes the letters of what is known. Where that is not all, only what
// GitHub compares without regard to case stays.
func (v Value) Recase(change func(string) string, source string) Value {
	out := make(Value, 0, len(v))
	for _, p := range v {
		switch {
		case p.IsText():
			p.Text = change(p.Text)
		case p.OneOf != nil:
			of := make([]Value, len(p.OneOf))
			for i, one := range p.OneOf {
				of[i] = one.Recase(change, source)
			}
			out = append(out, Choice(of...)...)
			continue
		case p.Credential == nil && !p.Caseless():
			p = Part{Unknown: source}
		}
		out = append(out, p)
	}
	return out
}
