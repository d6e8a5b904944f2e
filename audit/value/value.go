// Package value holds what is known of a string while a workflow is read:
// the words of a script, an input of an action, an environment variable.
//
// A string of a workflow is rarely a constant. It is put together from
// literal text, contexts that have a value only at run time
// (github.repository), secrets, and things that cannot be known. A [Value]
// keeps these apart, so that "repos/${{ github.repository }}/issues" can be
// matched with a route, and a token can be found inside a URL.
package value

import (
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/patrol-actions/patrol/audit"
)

// Value is the concatenation of its parts. The empty Value is the empty
// string. Values are never changed in place.
type Value []Part

// Part is one piece of a Value. Exactly one of its fields says what it is:
// Credential, OneOf, Context, Unknown, or else Text.
type Part struct {
	// Text is literal text.
	Text string
	// Context is the dotted path of an expression context whose value is
	// fixed by the run, in lower case: "github.repository", "github.ref_name".
	Context string
	// Except are texts that the context is known not to be where the value was
	// taken: a condition asked.
	Except []string
	// Unknown is the source of something that cannot be known, as a reader
	// would recognise it: "$(date +%F)", "vars.TEAM", "$NAME".
	Unknown string
	// Credential is a secret, or the job's GITHUB_TOKEN.
	Credential *Credential
	// OneOf are the values that it can have: a || b, matrix lists, inputs
	// bound differently by several callers, variables set in branches.
	OneOf []Value
}

// Kind says where a credential comes from.
type Kind int

// The kinds of credential.
const (
	// Secret is the value of a secret: what the audit is about.
	Secret Kind = iota
	// JobToken is GITHUB_TOKEN: github.token or secrets.GITHUB_TOKEN.
	JobToken
	// Installation is an App's installation token made in the job.
	Installation
	// Derived is made from a secret without holding its value, such as the
	// output of an action that was given it.
	Derived
)

// Credential is a secret on its way. Credentials are immutable: Via makes a
// copy with one more hop.
type Credential struct {
	Kind Kind
	// Name is the secret's name as written, "GITHUB_TOKEN" for JobToken.
	Name string
	// Written are the places where the secret's name is written and by
	// which the value came here: one for a plain use; for a reusable
	// workflow's secret the place in the callee and the one in the caller.
	// JobToken has those of reusable workflows' secrets only.
	Written []audit.Span
	// Hops is the way so far.
	Hops []audit.Hop
	// Maker says for Installation how the token was made.
	Maker *Maker
}

// Maker describes the making of an installation token.
type Maker struct {
	// Action is the action that made it, such as
	// "actions/create-github-app-token".
	Action string
	// Permissions were asked for by name; nil means all of the App's.
	Permissions map[string]string
	// Owner and Repositories are what it was limited to; empty means this
	// repository.
	Owner        Value
	Repositories Value
	// Place is where it was made.
	Place audit.Place
}

// Via returns a copy of c that went one hop further.
func (c *Credential) Via(hop audit.Hop) *Credential {
	d := *c
	d.Hops = append(slices.Clip(c.Hops), hop)
	return &d
}

// Text returns the value of a constant.
func Text(s string) Value {
	if s == "" {
		return nil
	}
	return Value{{Text: s}}
}

// Context returns the value of a context such as "github.repository".
func Context(path string) Value { return Value{{Context: path}} }

// Unknown returns a value that cannot be known, with its source.
func Unknown(source string) Value { return Value{{Unknown: source}} }

// Of returns the value that is just c.
func Of(c *Credential) Value { return Value{{Credential: c}} }

// Choice returns a value that is one of the given ones. Equal alternatives
// are put together.
func Choice(vs ...Value) Value {
	var alternatives []Value
	for _, v := range vs {
		if len(v) == 1 && v[0].OneOf != nil {
			for _, w := range v[0].OneOf {
				alternatives = appendNew(alternatives, w)
			}
			continue
		}
		alternatives = appendNew(alternatives, v)
	}
	switch len(alternatives) {
	case 0:
		return nil
	case 1:
		return alternatives[0]
	}
	return Value{{OneOf: alternatives}}
}

func appendNew(vs []Value, v Value) []Value {
	for _, w := range vs {
		if w.Equal(v) {
			return vs
		}
	}
	return append(vs, v)
}

// Concat joins values end to end, merging neighbouring literal text.
func Concat(vs ...Value) Value {
	parts, last := 0, -1
	for i, v := range vs {
		if len(v) > 0 {
			parts, last = parts+len(v), i
		}
	}
	if last < 0 {
		return nil
	}
	if len(vs[last]) == parts {
		// All others are empty, and values are never changed in place.
		return vs[last]
	}
	out := make(Value, 0, parts)
	for _, v := range vs {
		for _, p := range v {
			if n := len(out); n > 0 && p.IsText() && out[n-1].IsText() {
				out[n-1] = Part{Text: out[n-1].Text + p.Text}
				continue
			}
			if p.IsText() && p.Text == "" {
				continue
			}
			out = append(out, p)
		}
	}
	return out
}

// IsText tells whether a part is literal text.
func (p Part) IsText() bool {
	return p.Credential == nil && p.OneOf == nil && p.Context == "" && p.Unknown == ""
}

// Equal tells whether two values are the same. Credentials are the same if
// they are written at the same places and went the same way.
func (v Value) Equal(w Value) bool {
	return slices.EqualFunc(v, w, func(p, q Part) bool {
		switch {
		case p.Credential != nil || q.Credential != nil:
			return p.Credential == q.Credential || p.Credential != nil && q.Credential != nil &&
				p.Credential.Kind == q.Credential.Kind && p.Credential.Name == q.Credential.Name &&
				slices.Equal(p.Credential.Written, q.Credential.Written) && slices.Equal(p.Credential.Hops, q.Credential.Hops)
		case p.OneOf != nil || q.OneOf != nil:
			return slices.EqualFunc(p.OneOf, q.OneOf, Value.Equal)
		}
		return p.Text == q.Text && p.Context == q.Context && p.Unknown == q.Unknown && slices.Equal(p.Except, q.Except)
	})
}

// Literal returns the text of a constant, and whether v is one.
func (v Value) Literal() (string, bool) {
	switch {
	case len(v) == 0:
		return "", true
	case len(v) == 1 && v[0].IsText():
		return v[0].Text, true
	}
	return "", false
}

// LiteralOr returns the text of a constant, or other.
func (v Value) LiteralOr(other string) string {
	if s, ok := v.Literal(); ok {
		return s
	}
	return other
}

// IsPathLike tells whether v can be read as a path of the repository: it is a
// constant, or one below a folder that the runner names.
func (v Value) IsPathLike() bool {
	if _, ok := v.Literal(); ok {
		return true
	}
	return len(v) == 2 && (v[0].Context == "github.workspace" || v[0].Context == "github.action_path") && v[1].IsText()
}

// IsContext tells whether v is just the given context.
func (v Value) IsContext(path string) bool { return len(v) == 1 && v[0].Context == path }

// Credentials returns every credential in v, in order, alternatives
// included, each once.
func (v Value) Credentials() []*Credential {
	var out []*Credential
	for _, p := range v {
		if p.Credential != nil && !slices.Contains(out, p.Credential) {
			out = append(out, p.Credential)
		}
		for _, w := range p.OneOf {
			for _, c := range w.Credentials() {
				if !slices.Contains(out, c) {
					out = append(out, c)
				}
			}
		}
	}
	return out
}

// HoldsCredential tells whether v may hold a credential.
func (v Value) HoldsCredential() bool {
	return slices.ContainsFunc(v, func(p Part) bool {
		return p.Credential != nil || slices.ContainsFunc(p.OneOf, Value.HoldsCredential)
	})
}

// Map returns v with every credential replaced by f's answer.
func (v Value) Map(f func(*Credential) *Credential) Value {
	if !v.HoldsCredential() {
		return v
	}
	out := make(Value, len(v))
	for i, p := range v {
		if p.Credential != nil {
			p.Credential = f(p.Credential)
		}
		if p.OneOf != nil {
			alternatives := make([]Value, len(p.OneOf))
			for j, w := range p.OneOf {
				alternatives[j] = w.Map(f)
			}
			p.OneOf = alternatives
		}
		out[i] = p
	}
	return out
}

// Via returns v with every credential one hop further.
func (v Value) Via(hop audit.Hop) Value {
	return v.Map(func(c *Credential) *Credential { return c.Via(hop) })
}

// maxAlternatives bounds Alternatives: a value of three matrix lists of a
// hundred entries each has a million.
const maxAlternatives = 64

// Alternatives returns the values without OneOf parts that v can have, at
// most 64; where there would be more, the OneOf parts become unknown.
func (v Value) Alternatives() []Value { return slices.Collect(v.EachAlternative()) }

// EachAlternative yields what Alternatives returns, for who may need only the
// first ones.
func (v Value) EachAlternative() iter.Seq[Value] {
	if !slices.ContainsFunc(v, func(p Part) bool { return p.OneOf != nil }) {
		return func(yield func(Value) bool) { yield(v) }
	}
	// What each alternative takes one of, in order; what stands between two
	// choices is one piece. Put together piece by piece, long values would be
	// copied once for each of their parts.
	var pieces [][]Value
	count, from := 1, 0
	for i, p := range v {
		if p.OneOf == nil {
			continue
		}
		if from < i {
			pieces = append(pieces, []Value{v[from:i]})
		}
		from = i + 1
		inner := p.among(maxAlternatives / max(count, 1))
		count *= len(inner)
		pieces = append(pieces, inner)
	}
	pieces = append(pieces, []Value{v[from:]})
	return func(yield func(Value) bool) {
		chosen := make([]Value, len(pieces))
		for n := range count {
			// The last choice changes fastest.
			rest := n
			for i, of := range slices.Backward(pieces) {
				chosen[i], rest = of[rest%len(of)], rest/len(of)
			}
			if !yield(Concat(chosen...)) {
				return
			}
		}
	}
}

// among returns the values that a choice can have, or where those are more
// than most one that is not known.
func (p Part) among(most int) []Value {
	var out []Value
	for _, v := range p.OneOf {
		for w := range v.EachAlternative() {
			if len(out) == most {
				return []Value{Unknown("several values")}
			}
			out = append(out, w)
		}
	}
	return out
}

// maxShown bounds what String shows of the source of a part, in runes.
const maxShown = 120

// shown is the source of a part that is not known, shortened.
func shown(source string) string {
	if len(source) <= maxShown || utf8.RuneCountInString(source) <= maxShown {
		return source
	}
	return string([]rune(source)[:maxShown-1]) + "…"
}

// String returns v for people: literal text as it is, all else as the
// expression that it came from, shortened. A secret's value is never known, so
// none can be shown.
func (v Value) String() string {
	if text, ok := v.Literal(); ok {
		return text
	}
	var b strings.Builder
	for _, p := range v {
		switch {
		case p.Credential != nil && p.Credential.Kind == JobToken:
			b.WriteString("${{ github.token }}")
		case p.Credential != nil && p.Credential.Kind == Secret:
			b.WriteString("${{ secrets." + p.Credential.Name + " }}")
		case p.Credential != nil:
			b.WriteString("${{ token }}")
		case p.OneOf != nil:
			for i, w := range p.OneOf {
				if i > 0 {
					b.WriteString("|")
				}
				b.WriteString(w.String())
			}
		case p.Context != "":
			b.WriteString("${{ " + p.Context + " }}")
		case p.Unknown != "":
			b.WriteString(shown(p.Unknown))
		default:
			b.WriteString(p.Text)
		}
	}
	return b.String()
}
