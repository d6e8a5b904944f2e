package expression

import (
	"strings"

	"github.com/rhysd/actionlint"

	"github.com/patrol-actions/patrol/audit/workflow"
)

// Compared returns what the expressions of a text hold against each other by ==
// or !=, where both are contexts, as their paths. Condition says that the text
// is an `if:`, which is an expression even without ${{ }}.
func Compared(text workflow.Text, condition bool) (pairs [][2][]string) {
	look := func(root actionlint.ExprNode) {
		actionlint.VisitExprNode(root, func(node, _ actionlint.ExprNode, entering bool) {
			c, ok := node.(*actionlint.CompareOpNode)
			if !ok || !entering || c.Kind != actionlint.CompareOpNodeKindEq && c.Kind != actionlint.CompareOpNodeKindNotEq {
				return
			}
			left, right := contextPath(c.Left), contextPath(c.Right)
			if left != nil && right != nil {
				pairs = append(pairs, [2][]string{left, right})
			}
		})
	}
	placeholders := Find(text.Value)
	if len(placeholders) == 0 && condition {
		if n := parse(text.Value + "}}").node; n != nil {
			look(n)
		}
	}
	for _, p := range placeholders {
		if p.node != nil {
			look(p.node)
		}
	}
	return pairs
}

// contextPath returns the names of a context that an expression is, in small
// letters; nil for anything else.
func contextPath(node actionlint.ExprNode) []string {
	switch n := node.(type) {
	case *actionlint.VariableNode:
		return []string{strings.ToLower(n.Name)}
	case *actionlint.ObjectDerefNode:
		if of := contextPath(n.Receiver); of != nil {
			return append(of, strings.ToLower(n.Property))
		}
	case *actionlint.IndexAccessNode:
		if s, ok := n.Index.(*actionlint.StringNode); ok {
			if of := contextPath(n.Operand); of != nil {
				return append(of, strings.ToLower(s.Value))
			}
		}
	}
	return nil
}
