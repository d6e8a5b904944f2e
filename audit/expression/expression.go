// Package expression evaluates the ${{ }} expressions of workflows as far as
// they can be known without running them.
//
// Parsing is actionlint's. The result of an evaluation is a [value.Value]:
// literals stay literal, contexts that only a run can fill stay contexts,
// `a || b` and `cond && a || b` become alternatives, and secrets become
// credentials that know where they are written.
package expression

import (
	"iter"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/rhysd/actionlint"
)

// Scope gives contexts their values.
type Scope interface {
	// Context returns the value of a path such as ["env", "FOO"]. Names are
	// in lower case, for contexts do not distinguish it.
	Context(path []string) value.Value
	// Secret returns the value of a secret that is written at a place.
	Secret(name string, written audit.Span) value.Value
}

// AllSecrets is the name under which Scope.Secret is asked for an expression
// that takes in every secret: toJSON(secrets), or secrets[a computed name].
const AllSecrets = "*"

// UserLogin is the source of an unknown value that is the login of some user:
// of anybody but a GitHub App, whose login ends in "[bot]".
const UserLogin = "the login of a user"

// NoCommand is the source of an unknown value that is a text which begins with
// no command for a bot, such as "/deploy".
const NoCommand = "a text that begins with no command"

// Report is the source of an unknown value that is a report of what was found:
// it begins with no command, is none as a whole, such as "recheck", and calls no
// bot by "@bot".
const Report = "a report"

// Fixed is the source of an unknown value that is a text which a program has of
// its own: no command stands anywhere in it.
const Fixed = "a program's own text"

// TagName is the source of an unknown value that is the name of a tag: none that
// main branches have by custom.
const TagName = "the name of a tag"

// Truth is what is known of a condition.
type Truth int

// The three truths.
const (
	Maybe Truth = iota
	No
	Yes
)

// Placeholder is one ${{ }} of a text.
type Placeholder struct {
	// Start and End enclose the whole of it, in bytes.
	Start, End int
	// Body is where the expression itself begins.
	Body int
	node actionlint.ExprNode
	// Err says why it does not parse.
	Err string
}

// Find returns the placeholders of a text. One that never ends is given with
// an Err; it is plain text for GitHub too.
func Find(text string) []Placeholder { return slices.Collect(placeholders(text)) }

// placeholders yields what [Find] returns.
func placeholders(text string) iter.Seq[Placeholder] {
	return func(yield func(Placeholder) bool) {
		for at := 0; ; {
			i := strings.Index(text[at:], "${{")
			if i < 0 {
				return
			}
			p := Placeholder{Start: at + i, Body: at + i + 3}
			parsed := parse(text[p.Body:])
			switch {
			case parsed.err == "":
				p.node, p.End = parsed.node, p.Body+parsed.length
			default:
				p.Err = parsed.err
				j := strings.Index(text[p.Body:], "}}")
				if j < 0 {
					yield(p)
					return
				}
				p.End = p.Body + j + 2
			}
			if !yield(p) {
				return
			}
			at = p.End
		}
	}
}

// parsed is an expression after "${{", with the length of its text up to and
// with "}}". Trees are never changed, so one serves everybody.
type parsed struct {
	node   actionlint.ExprNode
	length int
	err    string
}

// cache remembers expressions by their text up to the first "}}". A
// repository writes the same few again and again, and each is asked for more
// than once. Only short ones are kept, and only so many.
var (
	cache     sync.Map // string → parsed
	cacheSize atomic.Int64
)

const (
	maxCached       = 1 << 13
	maxCachedLength = 200
)

// parse parses what follows "${{".
func parse(text string) parsed {
	end := strings.Index(text, "}}")
	key := ""
	if end >= 0 && end <= maxCachedLength {
		key = text[:end]
		if p, ok := cache.Load(key); ok {
			return p.(parsed)
		}
	}
	lexer := actionlint.NewExprLexer(text)
	node, err := actionlint.NewExprParser().Parse(lexer)
	if err != nil {
		return parsed{err: err.Message}
	}
	out := parsed{node: node, length: lexer.Offset()}
	// An expression with "}}" inside a string goes on behind the key.
	if key != "" && out.length == end+2 && cacheSize.Add(1) <= maxCached {
		cache.Store(strings.Clone(key), out)
	}
	return out
}

// Eval returns the value of a text with its placeholders evaluated.
func Eval(text workflow.Text, scope Scope) value.Value {
	if !strings.Contains(text.Value, "${{") {
		return value.Text(text.Value)
	}
	var parts []value.Value
	at := 0
	for p := range placeholders(text.Value) {
		if p.End == 0 {
			break
		}
		parts = append(parts, value.Text(text.Value[at:p.Start]), evalPlaceholder(text, p, scope))
		at = p.End
	}
	out := value.Concat(append(parts, value.Text(text.Value[at:]))...)
	if !out.Fits(maxParts, maxBytes, maxParts) {
		return value.Opaque(text.Value, out)
	}
	return out
}

// maxParts and maxBytes bound a value: where each job hands on twice what it needs,
// forty jobs make more of it than there is memory. One of a person comes near neither.
const (
	maxParts = 1 << 12
	maxBytes = 1 << 20
)

func evalPlaceholder(text workflow.Text, p Placeholder, scope Scope) value.Value {
	if p.node == nil {
		return value.Unknown(text.Value[p.Start:p.End])
	}
	e := evaluator{text: text, base: p.Body, scope: scope}
	return e.eval(p.node).value
}

// Mask returns a script in which every placeholder is replaced by a letter
// that stands for its value, padded so that byte offsets stay true.
func Mask(text workflow.Text, scope Scope) (string, *value.Table) {
	table := &value.Table{}
	if !strings.Contains(text.Value, "${{") {
		return text.Value, table
	}
	var b strings.Builder
	at := 0
	for p := range placeholders(text.Value) {
		if p.End == 0 {
			break
		}
		b.WriteString(text.Value[at:p.Start])
		b.WriteString(table.Placeholder(evalPlaceholder(text, p, scope), p.End-p.Start))
		at = p.End
	}
	b.WriteString(text.Value[at:])
	return b.String(), table
}

// Condition tells whether an `if:` holds. Such a text is an expression even
// without ${{ }}. A text that does not parse is Maybe.
func Condition(text workflow.Text, scope Scope) Truth {
	if text.IsZero() || strings.TrimSpace(text.Value) == "" {
		return Yes
	}
	ps := Find(text.Value)
	if len(ps) > 1 || len(ps) == 1 && (strings.TrimSpace(text.Value[:ps[0].Start]) != "" ||
		ps[0].End > 0 && strings.TrimSpace(text.Value[ps[0].End:]) != "") {
		// Mixed text is a non-empty string, which is true whatever it says.
		return Maybe
	}
	var node actionlint.ExprNode
	base := 0
	if len(ps) == 1 {
		node, base = ps[0].node, ps[0].Body
	} else {
		node = parse(text.Value + "}}").node
	}
	if node == nil {
		return Maybe
	}
	e := evaluator{text: text, base: base, scope: scope}
	return e.eval(node).truth
}

// Written is a secret's name as it stands in a text.
type Written struct {
	// Name is as written; AllSecrets where every secret is taken in.
	Name string
	Span audit.Span
	// Tested says that the expression does not hand the value on: it only
	// compares it, or asks whether it is set.
	Tested bool
}

// Problem is an expression that does not parse.
type Problem struct {
	Span    audit.Span
	Message string
}

// Scan returns every secret that a text names, in order, and its expressions
// that do not parse. bare says that the text is an `if:`: an expression even
// without ${{ }}, of which only the truth counts.
func Scan(text workflow.Text, bare bool) (secrets []Written, problems []Problem) {
	enclosed := strings.Contains(text.Value, "${{")
	if !enclosed && (!bare || !strings.Contains(strings.ToLower(text.Value), "secrets")) {
		return nil, nil
	}
	note := func(w Written) { secrets = append(secrets, w) }
	if !enclosed {
		if n := parse(text.Value + "}}").node; n != nil {
			e := evaluator{text: text}
			e.collect(n, bare, note)
		}
		return secrets, nil
	}
	for p := range placeholders(text.Value) {
		switch {
		case p.node != nil:
			e := evaluator{text: text, base: p.Body}
			e.collect(p.node, bare, note)
		case p.End > 0:
			problems = append(problems, Problem{text.Span(p.Start, p.End), "this expression does not parse: " + p.Err})
		}
	}
	return secrets, problems
}
