package expression

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/rhysd/actionlint"
)

// visitVariables visits the contexts of an expression in source order, each
// with the node that it stands in. Tested is told of those whose value the
// expression does not yield, or only where it is empty: what a comparison, a
// negation or a search is made of, and what stands before &&.
func visitVariables(root actionlint.ExprNode, tested bool, visit func(v *actionlint.VariableNode, parent actionlint.ExprNode, tested bool)) {
	depth := 0
	if tested {
		depth = 1
	}
	actionlint.VisitExprNode(root, func(node, parent actionlint.ExprNode, entering bool) {
		tests := parent != nil && isTest(node, parent)
		switch {
		case !entering && tests:
			depth--
		case entering && tests:
			depth++
		}
		if v, ok := node.(*actionlint.VariableNode); ok && entering {
			visit(v, parent, depth > 0)
		}
	})
}

// isTest tells whether a part of an expression is only held against
// something by the one that it stands in.
func isTest(node, parent actionlint.ExprNode) bool {
	switch p := parent.(type) {
	case *actionlint.CompareOpNode, *actionlint.NotOpNode:
		return true
	case *actionlint.LogicalOpNode:
		return p.Kind == actionlint.LogicalOpNodeKindAnd && node == p.Left
	case *actionlint.FuncCallNode:
		return slices.Contains([]string{"contains", "startswith", "endswith"}, strings.ToLower(p.Callee))
	}
	return false
}

// EnvMentions counts the places at which a text names a variable of the
// context env: those that only test it, and those that may hand on its value.
// The whole context, or a computed name, may be any variable. Condition says
// that the text is an `if:`, which is an expression even without ${{ }}.
func EnvMentions(text workflow.Text, condition bool, name string) (tests, reads int) {
	count := func(node actionlint.ExprNode) {
		visitVariables(node, condition, func(v *actionlint.VariableNode, parent actionlint.ExprNode, tested bool) {
			if v.Name != "env" || !mayName(parent, name) {
				return
			}
			if tested {
				tests++
			} else {
				reads++
			}
		})
	}
	placeholders := Find(text.Value)
	if len(placeholders) == 0 && condition {
		if n := parse(text.Value + "}}").node; n != nil {
			count(n)
		}
	}
	for _, p := range placeholders {
		if p.node != nil {
			count(p.node)
		}
	}
	return tests, reads
}

// mayName tells whether a property of the context env may be the variable.
func mayName(property actionlint.ExprNode, name string) bool {
	switch p := property.(type) {
	case *actionlint.ObjectDerefNode:
		return strings.EqualFold(p.Property, name)
	case *actionlint.IndexAccessNode:
		if s, ok := p.Index.(*actionlint.StringNode); ok {
			return strings.EqualFold(s.Value, name)
		}
	}
	return true
}
