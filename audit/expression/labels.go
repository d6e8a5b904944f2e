package expression

import (
	"fmt"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/rhysd/actionlint"
)

// labels returns the names of the labels of an event's issue or pull request,
// where an expression asks for all of them and the scope knows them:
// github.event.issue.labels.*.name.
func (e *evaluator) labels(n *actionlint.FuncCallNode) (names []any, ok bool) {
	if len(n.Args) == 0 {
		return nil, false
	}
	name, ok := n.Args[0].(*actionlint.ObjectDerefNode)
	if !ok || name.Property != "name" {
		return nil, false
	}
	all, ok := name.Receiver.(*actionlint.ArrayDerefNode)
	if !ok {
		return nil, false
	}
	path, dynamic, _ := e.path(all.Receiver)
	if dynamic || len(path) != 4 || path[0] != "github" || path[3] != "labels" {
		return nil, false
	}
	text, known := e.scope.Context(append(path, "*", "name")).Literal()
	if !known {
		return nil, false
	}
	for _, label := range value.Items(text) {
		names = append(names, label)
	}
	return names, true
}

// joined is a list as a text, with what stands between its elements: a comma
// where nothing is given.
func joined(elements []any, between []result) value.Value {
	comma := value.Text(",")
	if len(between) > 0 {
		comma = between[0].value
	}
	var out value.Value
	for i, x := range elements {
		if i > 0 {
			out = value.Concat(out, comma)
		}
		out = value.Concat(out, value.Text(fmt.Sprint(x)))
	}
	return out
}
