package shell

import (
	"slices"

	"mvdan.cc/sh/v3/syntax"

	"github.com/patrol-actions/patrol/audit/value"
)

// carried makes unknown what the variables hold that a loop moves on in each turn,
// itself or by the functions that it calls: counters, and texts of which it takes
// something away. What it sets for the next turn is what it was or that. A text to
// which it adds is left as it begins.
func (i *interp) carried(loop syntax.Command) {
	var called []*function
	used := map[string]bool{}
	var visit func(n syntax.Node) bool
	visit = func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Assign:
			switch {
			case n.Name == nil || n.Value == nil || n.Append:
			case moves(n.Value, n.Name.Value):
				i.forgets(n.Name.Value)
			case used[n.Name.Value] && !namedIn(n.Value, n.Name.Value):
				i.becomes(n.Name.Value, n.Value)
			}
		case *syntax.ParamExp:
			if n.Param != nil {
				used[n.Param.Value] = true
			}
			return true
		case *syntax.CallExpr:
			if f := i.funcs[callee(n)]; f != nil && !slices.Contains(called, f) && len(called) < maxDepth {
				called = append(called, f)
				syntax.Walk(f.decl.Body, visit)
			}
		case nil:
		default:
			if name := counted(n); name != "" {
				i.forgets(name)
			}
		}
		return true
	}
	syntax.Walk(loop, visit)
}

// callee is the name that a command is called by.
func callee(c *syntax.CallExpr) string {
	if len(c.Args) == 0 {
		return ""
	}
	return c.Args[0].Lit()
}

// forgets makes a variable unknown that has a value; a list keeps its elements.
func (i *interp) forgets(name string) {
	if v, ok := i.st.lookup(name); ok && !v.isList && !v.unset && len(v.value) > 0 {
		i.st.set(name, variable{value: opaque("$"+name, v.value)})
	}
}

// becomes lets a variable that has a value be what is assigned to it as well.
func (i *interp) becomes(name string, w *syntax.Word) {
	old, ok := i.st.lookup(name)
	if !ok || old.isList || old.unset {
		return
	}
	next := value.Unknown("$" + name)
	if isConstant(w) {
		next = i.word(w)
	}
	i.st.set(name, variable{value: choose("$"+name, old.value, next)})
}

// isConstant tells whether a word is text alone. What stands for an expression may be
// of another script, whose function is called.
func isConstant(w *syntax.Word) bool {
	constant := true
	syntax.Walk(w, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.ParamExp, *syntax.CmdSubst, *syntax.ArithmExp, *syntax.ProcSubst, *syntax.ExtGlob:
			constant = false
		case *syntax.Lit:
			constant = constant && !value.HasPlaceholder(n.Value)
		case *syntax.SglQuoted:
			constant = constant && !value.HasPlaceholder(n.Value)
		}
		return constant
	})
	return constant
}

// moves tells whether a word that is assigned to a variable is what it was, worked
// on: by arithmetic, by a program, or as a part of it.
func moves(w *syntax.Word, name string) bool {
	found := false
	syntax.Walk(w, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.ParamExp:
			found = found || uses(n, name) && (n.Slice != nil || n.Repl != nil || n.Exp != nil && isTrim(n.Exp.Op))
		case *syntax.ArithmExp, *syntax.CmdSubst:
			found = found || namedIn(n, name)
			return false
		}
		return !found
	})
	return found
}

func uses(p *syntax.ParamExp, name string) bool { return p.Param != nil && p.Param.Value == name }

// isTrim tells whether an operator takes something away from a value.
func isTrim(op syntax.ParExpOperator) bool {
	return op >= syntax.RemSmallSuffix && op <= syntax.RemLargePrefix
}

// namedIn tells whether a variable is used in a piece of script, with a dollar or
// as a word of arithmetic.
func namedIn(root syntax.Node, name string) bool {
	found := false
	syntax.Walk(root, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.ParamExp:
			found = found || uses(n, name)
		case *syntax.Word:
			found = found || n.Lit() == name
		}
		return !found
	})
	return found
}
