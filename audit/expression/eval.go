package expression

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/rhysd/actionlint"
)

// result is what an expression evaluates to. A boolean has both: the text
// that it prints as, and its truth.
type result struct {
	value value.Value
	truth Truth
}

func boolean(t Truth) result {
	switch t {
	case Yes:
		return result{value.Text("true"), Yes}
	case No:
		return result{value.Text("false"), No}
	}
	return result{value.Unknown("a condition"), Maybe}
}

// plain gives a value the truth of a string: empty is false.
func plain(v value.Value) result { return result{v, truthOf(v, String)} }

// evaluator evaluates one placeholder of a text.
type evaluator struct {
	text  workflow.Text
	base  int // where the expression begins in the text
	scope Scope
}

func (e *evaluator) eval(node actionlint.ExprNode) result {
	switch n := node.(type) {
	case *actionlint.NullNode:
		return result{nil, No}
	case *actionlint.BoolNode:
		if n.Value {
			return boolean(Yes)
		}
		return boolean(No)
	case *actionlint.IntNode:
		return e.number(strconv.Itoa(n.Value), n.Value != 0)
	case *actionlint.FloatNode:
		return e.number(strconv.FormatFloat(n.Value, 'g', -1, 64), n.Value != 0)
	case *actionlint.StringNode:
		return plain(value.Text(n.Value))
	case *actionlint.NotOpNode:
		switch e.eval(n.Operand).truth {
		case Yes:
			return boolean(No)
		case No:
			return boolean(Yes)
		}
		return boolean(Maybe)
	case *actionlint.LogicalOpNode:
		return e.logical(n)
	case *actionlint.CompareOpNode:
		return e.compare(n)
	case *actionlint.FuncCallNode:
		return e.call(n)
	case *actionlint.VariableNode, *actionlint.ObjectDerefNode, *actionlint.IndexAccessNode, *actionlint.ArrayDerefNode:
		return e.property(node)
	}
	return result{value.Unknown("an expression"), Maybe}
}

func (e *evaluator) number(text string, nonzero bool) result {
	if nonzero {
		return result{value.Text(text), Yes}
	}
	return result{value.Text(text), No}
}

func (e *evaluator) logical(n *actionlint.LogicalOpNode) result {
	left, right := e.eval(n.Left), e.eval(n.Right)
	if n.Kind == actionlint.LogicalOpNodeKindAnd {
		switch {
		case left.truth == No:
			return left
		case left.truth == Yes:
			return right
		case right.truth == No:
			return boolean(No)
		}
		// The value is the right one, or a falsy left one, which a
		// following || replaces.
		return result{right.value, Maybe}
	}
	switch {
	case left.truth == Yes:
		return left
	case left.truth == No:
		return right
	}
	either := value.Choice(truthy(left.value, e.truthyKind(n.Left)), right.value)
	if right.truth == Yes {
		return result{either, Yes}
	}
	return result{either, Maybe}
}

// payloadBooleans are the properties of events that are booleans, so that the
// text "false" is no text there.
var payloadBooleans = []string{"merged", "draft", "fork", "prerelease", "created", "deleted", "forced"}

func (e *evaluator) property(node actionlint.ExprNode) result {
	v := e.access(node)
	out := result{v, truthOf(v, e.kindOf(node))}
	if len(v) == 1 && v[0].Credential != nil && v[0].Credential.Kind == value.JobToken {
		out.truth = Yes // every job has one
	}
	return out
}

// payloadBoolean tells whether a node is one of payloadBooleans.
func (e *evaluator) payloadBoolean(node actionlint.ExprNode) bool {
	n, ok := node.(*actionlint.ObjectDerefNode)
	if !ok || !slices.Contains(payloadBooleans, n.Property) {
		return false
	}
	path, dynamic, _ := e.path(node)
	return !dynamic && len(path) > 2 && path[0] == "github" && path[1] == "event"
}

func (e *evaluator) call(n *actionlint.FuncCallNode) result {
	args := make([]result, len(n.Args))
	for i, a := range n.Args {
		args[i] = e.eval(a)
	}
	name := strings.ToLower(n.Callee)
	switch name {
	case "success", "always":
		return boolean(Yes)
	case "failure", "cancelled":
		return boolean(Maybe)
	case "format":
		return e.format(args)
	case "contains", "startswith", "endswith":
		if elements, ok := jsonList(n, args); ok && name == "contains" {
			return among(elements, args[1])
		}
		if labels, ok := e.labels(n); ok && name == "contains" && len(args) == 2 {
			return among(labels, args[1])
		}
		return e.search(name, args)
	case "tojson", "fromjson", "join":
		if labels, ok := e.labels(n); ok && name == "join" {
			return plain(joined(labels, args[1:]))
		}
		if len(args) > 0 {
			// The text around a secret is not followed through JSON: the
			// secret is in it somewhere.
			if s, ok := args[0].value.Literal(); ok && name == "fromjson" {
				v := value.Text(s)
				return result{v, truthOf(v, kindOfJSON(v))}
			}
			return result{held(name+"(…)", args), Maybe}
		}
	}
	return result{held(name+"(…)", args), Maybe}
}

// held is an unknown value that still holds the credentials of args.
func held(source string, args []result) value.Value {
	out := value.Unknown(source)
	for _, a := range args {
		for _, c := range a.value.Credentials() {
			out = value.Concat(out, value.Of(c))
		}
	}
	return out
}

var formatField = regexp.MustCompile(`\{\{|\}\}|\{\d+\}`)

func (e *evaluator) format(args []result) result {
	if len(args) == 0 {
		return result{nil, Maybe}
	}
	pattern, ok := args[0].value.Literal()
	if !ok {
		return result{held("format(…)", args), Maybe}
	}
	var out value.Value
	at := 0
	for _, m := range formatField.FindAllStringIndex(pattern, -1) {
		out = value.Concat(out, value.Text(pattern[at:m[0]]))
		switch field := pattern[m[0]:m[1]]; field {
		case "{{", "}}":
			out = value.Concat(out, value.Text(field[:1]))
		default:
			i, err := strconv.Atoi(field[1 : len(field)-1])
			if err == nil && i+1 < len(args) {
				out = value.Concat(out, args[i+1].value)
			}
		}
		at = m[1]
	}
	return plain(value.Concat(out, value.Text(pattern[at:])))
}

// jsonList returns the elements of a list that is written out as JSON and is
// the first of two arguments: contains(fromJSON('["a", "b"]'), x).
func jsonList(n *actionlint.FuncCallNode, args []result) ([]any, bool) {
	if len(args) != 2 {
		return nil, false
	}
	from, ok := n.Args[0].(*actionlint.FuncCallNode)
	text, known := args[0].value.Literal()
	if !ok || !known || !strings.EqualFold(from.Callee, "fromJSON") {
		return nil, false
	}
	var elements []any
	err := json.Unmarshal([]byte(text), &elements)
	return elements, err == nil
}

// among tells whether a value is an element of a list: the whole of one, for
// only a text is searched for a part.
func among(elements []any, part result) result {
	text, ok := part.value.Literal()
	if !ok {
		if isUser(part.value) && !slices.ContainsFunc(elements, func(x any) bool { return !strings.HasSuffix(fmt.Sprint(x), "[bot]") }) {
			return boolean(No) // Apps alone
		}
		return boolean(Maybe)
	}
	if slices.ContainsFunc(elements, func(x any) bool { return strings.EqualFold(fmt.Sprint(x), text) }) {
		return boolean(Yes)
	}
	return boolean(No)
}

func (e *evaluator) search(name string, args []result) result {
	if len(args) != 2 {
		return boolean(Maybe)
	}
	text, ok1 := args[0].value.Literal()
	part, ok2 := args[1].value.Literal()
	if !ok1 && ok2 && !mayHold(name, args[0].value, part) {
		return boolean(No)
	}
	if name == "startswith" && noCommand(args[0].value, part) || noCommandIn(args[0].value, part) {
		return boolean(No)
	}
	if !ok1 && ok2 && name == "startswith" {
		return begins(args[0].value, part)
	}
	if ok2 && strings.ContainsAny(part, "[]") && isUser(args[0].value) {
		// No user's login has a bracket.
		return boolean(No)
	}
	if !ok1 && ok2 && name == "endswith" {
		return ends(args[0].value, part)
	}
	if !ok1 || !ok2 {
		return boolean(Maybe)
	}
	text, part = strings.ToLower(text), strings.ToLower(part)
	holds := false
	switch name {
	case "contains":
		holds = strings.Contains(text, part)
	case "startswith":
		holds = strings.HasPrefix(text, part)
	case "endswith":
		holds = strings.HasSuffix(text, part)
	}
	if holds {
		return boolean(Yes)
	}
	return boolean(No)
}

// access evaluates a context path.
func (e *evaluator) access(node actionlint.ExprNode) value.Value {
	path, dynamic, args := e.path(node)
	if len(path) == 0 {
		return held("an expression", args)
	}
	if path[0] == "secrets" {
		return e.secret(node, path, dynamic)
	}
	if dynamic {
		return held(strings.Join(path, ".")+"[…]", args)
	}
	return e.scope.Context(path)
}

// path flattens a.b['c'] into its names. dynamic says that a part of it is
// computed; args are then the values that it is computed of.
func (e *evaluator) path(node actionlint.ExprNode) (names []string, dynamic bool, args []result) {
	switch n := node.(type) {
	case *actionlint.VariableNode:
		// Most paths have up to four names.
		return append(make([]string, 0, 4), n.Name), false, nil
	case *actionlint.ObjectDerefNode:
		names, dynamic, args = e.path(n.Receiver)
		if dynamic || len(names) == 0 {
			return names, dynamic, args
		}
		return append(names, n.Property), false, nil
	case *actionlint.IndexAccessNode:
		names, dynamic, args = e.path(n.Operand)
		if dynamic || len(names) == 0 {
			return names, dynamic, append(args, e.eval(n.Index))
		}
		index := e.eval(n.Index)
		if s, ok := index.value.Literal(); ok {
			return append(names, strings.ToLower(s)), false, nil
		}
		return names, true, append(args, index)
	case *actionlint.ArrayDerefNode:
		names, _, args = e.path(n.Receiver)
		return names, true, args
	}
	return nil, true, []result{e.eval(node)}
}

// secretName matches what follows "secrets" in the source.
var secretName = regexp.MustCompile(`(?i)^secrets\s*(?:\.\s*([\w-]+)|\[\s*'([^']*)'\s*\])`)

// secret evaluates secrets.NAME. The name's place and letter case are taken
// from the source, for the parser keeps neither.
func (e *evaluator) secret(node actionlint.ExprNode, path []string, dynamic bool) value.Value {
	start := e.base + node.Token().Offset
	if start > len(e.text.Value) {
		start = len(e.text.Value)
	}
	m := secretName.FindStringSubmatch(e.text.Value[start:])
	if m == nil || len(path) < 2 {
		end := min(start+len("secrets"), len(e.text.Value))
		return e.scope.Secret(AllSecrets, e.text.Span(start, end))
	}
	span := e.text.Span(start, start+len(m[0]))
	v := e.scope.Secret(m[1]+m[2], span)
	if dynamic || len(path) > 2 {
		return held("part of a secret", []result{{value: v}})
	}
	return v
}

// collect visits every secret of an expression, in source order, also those
// in branches that evaluation would pass over. Tested says that the value of
// the whole expression is only held against something, as that of an `if:`.
func (e *evaluator) collect(node actionlint.ExprNode, tested bool, note func(Written)) {
	visitVariables(node, tested, func(v *actionlint.VariableNode, _ actionlint.ExprNode, tested bool) {
		start := e.base + v.Token().Offset
		if v.Name != "secrets" || start > len(e.text.Value) {
			return
		}
		if m := secretName.FindStringSubmatch(e.text.Value[start:]); m != nil {
			note(Written{m[1] + m[2], e.text.Span(start, start+len(m[0])), tested})
			return
		}
		note(Written{AllSecrets, e.text.Span(start, min(start+len("secrets"), len(e.text.Value))), tested})
	})
}
