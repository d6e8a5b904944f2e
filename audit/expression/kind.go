package expression

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/rhysd/actionlint"

	"github.com/patrol-actions/patrol/audit/value"
)

// Kind is the type of a value as far as its expression shows it.
type Kind int

// The kinds. What is null is of no kind that its expression shows.
const (
	AnyKind Kind = iota
	String
	Number
	Boolean
)

// Typed is a [Scope] that knows the types of inputs.
type Typed interface {
	// InputKind returns the type of inputs.NAME, AnyKind where it is not known.
	InputKind(name string) Kind
}

// texts are the contexts whose properties are strings, whatever they say: "false"
// is as true there as any other text. Of needs, steps and jobs that are the outputs,
// and how they ended.
// Source: https://docs.github.com/actions/reference/workflows-and-actions/contexts
var texts = []string{"env", "secrets", "vars", "needs", "steps", "jobs", "runner"}

// kindOf returns the type of what an expression yields.
func (e *evaluator) kindOf(node actionlint.ExprNode) Kind {
	switch n := node.(type) {
	case *actionlint.StringNode:
		return String
	case *actionlint.IntNode, *actionlint.FloatNode:
		return Number
	case *actionlint.BoolNode, *actionlint.NotOpNode, *actionlint.CompareOpNode:
		return Boolean
	case *actionlint.LogicalOpNode:
		if n.Kind == actionlint.LogicalOpNodeKindOr {
			return common(e.truthyKind(n.Left), e.kindOf(n.Right))
		}
		return common(e.kindOf(n.Left), e.kindOf(n.Right))
	case *actionlint.FuncCallNode:
		return e.kindOfCall(n)
	case *actionlint.ObjectDerefNode, *actionlint.IndexAccessNode:
		return e.kindOfContext(node)
	}
	return AnyKind
}

// truthyKind is the type of what an expression yields where that counts as true:
// of a && b it is that of b.
func (e *evaluator) truthyKind(node actionlint.ExprNode) Kind {
	if n, ok := node.(*actionlint.LogicalOpNode); ok {
		if n.Kind == actionlint.LogicalOpNodeKindAnd {
			return e.truthyKind(n.Right)
		}
		return common(e.truthyKind(n.Left), e.truthyKind(n.Right))
	}
	return e.kindOf(node)
}

func common(a, b Kind) Kind {
	if a == b {
		return a
	}
	return AnyKind
}

func (e *evaluator) kindOfCall(n *actionlint.FuncCallNode) Kind {
	switch strings.ToLower(n.Callee) {
	case "format", "join", "tojson", "hashfiles":
		return String
	case "contains", "startswith", "endswith", "success", "always", "failure", "cancelled":
		return Boolean
	case "fromjson":
		if len(n.Args) == 1 {
			return kindOfJSON(e.eval(n.Args[0]).value)
		}
	}
	return AnyKind
}

// kindOfJSON is the type that a JSON text is parsed to, all that it may be.
func kindOfJSON(v value.Value) Kind {
	out := AnyKind
	for n, alternative := range v.Alternatives() {
		text, known := alternative.Literal()
		var parsed any
		if !known || json.Unmarshal([]byte(text), &parsed) != nil {
			return AnyKind
		}
		kind := AnyKind
		switch parsed.(type) {
		case bool:
			kind = Boolean
		case float64:
			kind = Number
		case string:
			kind = String
		}
		if n > 0 {
			kind = common(out, kind)
		}
		out = kind
	}
	return out
}

func (e *evaluator) kindOfContext(node actionlint.ExprNode) Kind {
	if e.payloadBoolean(node) {
		return Boolean
	}
	path, dynamic, _ := e.path(node)
	switch {
	case dynamic || len(path) < 2:
	case slices.Contains(texts, path[0]):
		return String
	case len(path) == 4 && path[0] == "github" && path[1] == "event" && path[2] == "inputs":
		// The payload has every input as a text, also those that are booleans.
		return String
	case len(path) == 2 && path[0] == "inputs":
		if t, ok := e.scope.(Typed); ok {
			return t.InputKind(path[1])
		}
	}
	return AnyKind
}

// truthOf tells whether a value of a type counts as true: null, false, 0 and the
// empty string do not.
func truthOf(v value.Value, k Kind) Truth {
	if len(v) == 1 && v[0].OneOf != nil {
		all := truthOf(v[0].OneOf[0], k)
		for _, w := range v[0].OneOf[1:] {
			if truthOf(w, k) != all {
				return Maybe
			}
		}
		return all
	}
	text, known := v.Literal()
	switch {
	case !known && slices.ContainsFunc(v, func(p value.Part) bool { return p.Text != "" }):
		return Yes // it has that text at least
	case !known:
		return Maybe
	case text == "":
		return No
	case k == Boolean && text == "false", k == Number && toNumber(text, k) == 0:
		return No
	case k == AnyKind && (text == "false" || text == "0"):
		// It is not told from a boolean, or a number.
		return Maybe
	}
	return Yes
}

// truthy leaves out of a choice what counts as false for certain.
func truthy(v value.Value, k Kind) value.Value {
	if len(v) != 1 || v[0].OneOf == nil {
		return v
	}
	var kept []value.Value
	for _, w := range v[0].OneOf {
		if truthOf(w, k) != No {
			kept = append(kept, w)
		}
	}
	return value.Choice(kept...)
}
