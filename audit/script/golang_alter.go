package script

import (
	"go/ast"
	"go/token"
	"slices"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// altering notes what a function of others changes of what it is given: copy and
// what sorts put elements elsewhere, what decodes fills in fields.
func (g *golang) altering(fn *goFunction, call *ast.CallExpr) {
	if does := fn.does(call.Fun); does.Does == "alters" && len(call.Args) > does.Operand {
		for _, key := range g.keysOf(fn, goBase(call.Args[0])) {
			g.altered[key] = true
			g.give(key, goSource{expr: call.Args[does.Operand], fn: fn, element: true, put: true})
		}
	}
	if rules.FindGoName("*", goTypeName(call.Fun)).Does == "fills" {
		for _, arg := range call.Args {
			g.decoded = append(g.decoded, goSource{expr: arg, fn: fn})
		}
	}
}

// alter gives what is put into a name, or where it points to, to all that stand
// for the same: what the name was given, by its address or as it is.
func (g *golang) alter() {
	for _, s := range g.decoded {
		g.fill(s)
	}
	var queue []string
	for key, sources := range g.bound {
		if slices.ContainsFunc(sources, func(s goSource) bool { return s.put || s.through }) {
			queue = append(queue, key)
		}
	}
	slices.Sort(queue)
	seen := map[goHanded]bool{}
	for ; len(queue) > 0; queue = queue[1:] {
		sources := slices.Clone(g.bound[queue[0]])
		for _, s := range sources {
			if !s.put && !s.through {
				continue
			}
			if g.steps += len(sources); g.steps > maxGoSteps {
				g.farFrom(s.fn, token.NoPos)
				return
			}
			for _, of := range sources {
				if of.expr == nil || of.put || of.through || of.element || of.part > 0 {
					continue
				}
				given, left := s, goBase(of.expr)
				if address, ok := left.(*ast.UnaryExpr); ok && address.Op == token.AND {
					left, given.through = goBase(address.X), false
				}
				for _, key := range g.keysOf(of.fn, left) {
					if at := (goHanded{key, s.expr}); !seen[at] {
						seen[at], g.altered[key] = true, true
						g.give(key, given)
						queue = append(queue, key)
					}
				}
			}
		}
	}
}

// fill opens the fields of what is decoded into: those of the type that a name is
// declared with, or given one of.
func (g *golang) fill(s goSource) {
	e := goBase(s.expr)
	if address, ok := e.(*ast.UnaryExpr); ok {
		e = address.X
	}
	for _, key := range g.keysOf(s.fn, e) {
		g.open(g.typed[key], 0)
		for _, given := range g.bound[key] {
			of := given.expr
			if address, ok := of.(*ast.UnaryExpr); ok {
				of = address.X
			}
			switch of := of.(type) {
			case *ast.CompositeLit:
				g.open(goTypeName(of.Type), 0)
			default:
				if kind, ok := goMade(of); ok {
					g.open(goTypeName(kind), 0)
				}
			}
		}
	}
}

// goMade is the type of what new makes.
func goMade(e ast.Expr) (kind ast.Expr, ok bool) {
	call, _ := e.(*ast.CallExpr)
	if call == nil || goTypeName(call.Fun) != "new" || len(call.Args) != 1 {
		return nil, false
	}
	return call.Args[0], true
}

// open gives the fields of a struct, and of those in it, what is not known.
func (g *golang) open(name string, depth int) {
	if depth > maxGoDepth || g.opened[name] {
		return
	}
	g.opened[name] = true
	for _, field := range g.structs[name] {
		g.give(goFieldKey(field), goSource{})
		g.open(g.typed[goFieldKey(field)], depth+1)
	}
}

// putInto adds what is put into the lists and maps of a name to each of them.
func putInto(things []goThing, elements []goThing, keys []value.Value) []goThing {
	if len(elements) == 0 {
		return things
	}
	out := slices.Clone(things)
	found := false
	for i, t := range out {
		if t.kind == goList || t.kind == goMap {
			found = true
			out[i].list = append(slices.Clip(t.list), elements...)
			out[i].mixed = true
			for len(t.keys) < len(t.list) {
				t.keys = append(slices.Clip(t.keys), value.Unknown("…"))
			}
			out[i].keys = append(slices.Clip(t.keys), keys...)
		}
	}
	if !found {
		out = append(out, goThing{kind: goMap, list: elements, keys: keys, mixed: true})
	}
	return out
}

// without drops the names of a function that may be given something out of
// order: in a function without a name, or by their address.
func (g *golang) without(fn *goFunction, vars map[string][]goThing) map[string][]goThing {
	for name, shared := range g.shared(fn) {
		if shared {
			delete(vars, name)
		}
	}
	return vars
}

// shared are those names.
func (g *golang) shared(fn *goFunction) map[string]bool {
	if names, ok := g.sharing[fn]; ok {
		return names
	}
	names := map[string]bool{}
	note := func(e ast.Expr) {
		if x, ok := e.(*ast.Ident); ok {
			names[x.Name] = true
		}
	}
	fn.each(func(n ast.Node) {
		switch n := n.(type) {
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				note(n.X)
			}
		case *ast.FuncLit:
			ast.Inspect(n.Body, func(n ast.Node) bool {
				if s, ok := n.(*ast.AssignStmt); ok && s.Tok != token.DEFINE {
					for _, e := range s.Lhs {
						note(e)
					}
				}
				return true
			})
		}
	})
	for name := range fn.locals {
		names[name] = names[name] || g.altered[goKey(fn, name)]
	}
	g.sharing[fn] = names
	return names
}
