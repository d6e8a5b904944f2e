package shell

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/patrol-actions/patrol/audit/value"
)

// carried makes unknown what the variables hold that a loop moves on in each turn,
// itself or by the functions that it calls: counters, and texts or lists of which it
// takes something away. What it sets for the next turn is what it was or that. A text
// to which it adds is left as it begins.
func (i *interp) carried(loop syntax.Command) {
	var called []*function
	used := map[string]bool{}
	var visit func(n syntax.Node) bool
	visit = func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Assign:
			if n.Name != nil {
				i.movesOn(n, used[n.Name.Value])
			}
		case *syntax.ParamExp:
			if n.Param != nil && !n.Length {
				used[n.Param.Value] = true
			}
			return true
		case *syntax.WordIter:
			if used[n.Name.Value] {
				i.becomes(n.Name.Value, nil)
			}
		case *syntax.CallExpr:
			for _, name := range filled(n) {
				if used[name] {
					i.becomes(name, nil)
				}
			}
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

// movesOn carries what one assignment of a loop sets into the next turn, where its
// variable was used before.
func (i *interp) movesOn(a *syntax.Assign, used bool) {
	name := a.Name.Value
	switch {
	case a.Array != nil || a.Index != nil:
		if used {
			i.becomesList(a)
		}
	case a.Value == nil || a.Append:
	case moves(a.Value, name):
		i.forgets(name)
	case used && !namedIn(a.Value, name):
		i.becomes(name, a.Value)
	}
}

// becomesList lets an array be what is assigned to it as well: other elements, or
// fewer of its own.
func (i *interp) becomesList(a *syntax.Assign) {
	name := a.Name.Value
	v, ok := i.st.lookup(name)
	if !ok || v.unset {
		return
	}
	v.isList, v.list = true, v.elements()
	next := []*syntax.Word{a.Value}
	if a.Array != nil {
		next = nil
		for _, e := range a.Array.Elems {
			if e.Value != nil && !isPartOf(e.Value, name) {
				next = append(next, e.Value)
			}
		}
		for n := range v.list {
			if v.list[n].maybe = v.list[n].maybe || !a.Append; !v.hash && !a.Append {
				v.list[n].key = ""
			}
		}
	}
	for _, w := range next {
		v.list = append(v.list, element{value: i.assignedNext(name, w), maybe: true})
	}
	if len(v.list) > maxChoices {
		v.list = []element{{value: value.Opaque("$"+name, v.values()...), maybe: true}}
	}
	i.st.set(name, v)
}

// isPartOf tells whether a word is elements of an array and nothing else.
func isPartOf(w *syntax.Word, array string) bool {
	parts := w.Parts
	if len(parts) == 1 {
		if q, ok := parts[0].(*syntax.DblQuoted); ok {
			parts = q.Parts
		}
	}
	if len(parts) != 1 {
		return false
	}
	p, ok := parts[0].(*syntax.ParamExp)
	return ok && uses(p, array) && !p.Length && !p.Excl && p.Exp == nil && p.Repl == nil
}

// filled returns the variables that a builtin sets to what it reads or prints.
func filled(c *syntax.CallExpr) []string {
	words := c.Args
	switch callee(c) {
	case "read", "mapfile", "readarray":
		words = words[1:]
	case "printf":
		if len(words) < 3 || words[1].Lit() != "-v" {
			return nil
		}
		words = words[2:3]
	default:
		return nil
	}
	var out []string
	for _, w := range words {
		if name, _, _ := strings.Cut(w.Lit(), "["); syntax.ValidName(name) {
			out = append(out, name)
		}
	}
	return out
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
		i.st.set(name, variable{value: value.Opaque("$"+name, v.value)})
	}
}

// becomes lets a variable that has a value be what is assigned to it as well, nil for
// what is not known.
func (i *interp) becomes(name string, w *syntax.Word) {
	old, ok := i.st.lookup(name)
	switch {
	case !ok || old.unset:
	case old.isList:
		if len(old.list) < maxWords {
			old.list = append(slices.Clone(old.list), element{value: i.assignedNext(name, w), maybe: true})
		}
		i.st.set(name, old)
	default:
		i.st.set(name, variable{value: choose("$"+name, old.value, i.assignedNext(name, w))})
	}
}

// assignedNext is what a word is in the turns behind the first.
func (i *interp) assignedNext(name string, w *syntax.Word) value.Value {
	if w != nil && isConstant(w) {
		return i.word(w)
	}
	return value.Unknown("$" + name)
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
