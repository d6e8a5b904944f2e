package script

import (
	"go/ast"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// sliced is a part of a list.
func (g *golang) sliced(fn *goFunction, e *ast.SliceExpr) []goThing {
	out := slices.Clone(g.eval(fn, e.X, 0))
	for i, t := range out {
		low, high := 0, len(t.list)
		if e.Low != nil {
			low = goIndex(e.Low)
		}
		if e.High != nil {
			high = goIndex(e.High)
		}
		switch {
		case t.kind != goList:
		case !t.open && !t.mixed && low >= 0 && low <= high && high <= len(t.list):
			out[i].list = t.list[low:high]
		default:
			out[i].open, out[i].mixed = true, t.mixed || low != 0
		}
	}
	return out
}

// goElements are the elements of lists.
func goElements(things []goThing) []goThing {
	var out []goThing
	for _, t := range things {
		if t.kind == goList || t.kind == goMap {
			out = append(out, t.list...)
		} else if t.kind == goEnviron {
			out = append(out, t)
		}
	}
	return out
}

func (g *golang) selected(fn *goFunction, e *ast.SelectorExpr) []goThing {
	name := e.Sel.Name
	if x, ok := e.X.(*ast.Ident); ok && !fn.locals[x.Name] {
		if p := g.packageOf(fn.file, x.Name); p != nil {
			if f := p.functions[name]; f != nil {
				return []goThing{{kind: goFunctionKind, function: f}}
			}
			return g.given(p.folder + "|" + name)
		}
		if _, foreign := fn.file.imports[x.Name]; foreign {
			if fn.does(e).Does == "method" {
				return goTexts(value.Text(strings.ToUpper(strings.TrimPrefix(name, "Method"))))
			}
			return nil
		}
	}
	var out []goThing
	for _, t := range g.eval(fn, e.X, 0) {
		switch {
		case t.kind == goClient && goIsService(name):
			out = append(out, goThing{kind: goService, token: t.token, service: name})
		case t.kind == goProcess && name == "Env":
			out = append(out, t.process.env...)
		case t.kind == goRequestKind && name == "Header":
			out = append(out, goThing{kind: goHeader, request: t.request})
		}
	}
	if g.fields[name] {
		out = append(out, g.given(goFieldKey(name))...)
	}
	for _, m := range g.methods[name] {
		out = append(out, goThing{kind: goFunctionKind, function: m})
	}
	return out
}

func (g *golang) indexed(fn *goFunction, e *ast.IndexExpr) []goThing {
	var out []goThing
	index := goIndex(e.Index)
	if does := fn.does(e.X); does.Does == "operands" && index >= does.Operand && index-does.Operand < len(g.in.Operands) {
		return goTexts(g.in.Operands[index-does.Operand])
	}
	for _, t := range g.eval(fn, e.X, 0) {
		switch {
		case t.kind == goFunctionKind:
			out = append(out, t) // its types
		case t.kind == goMap:
			out = append(out, g.entries(fn, t, e.Index)...)
		case t.kind != goList:
		case index >= 0 && index < len(t.list) && !t.open && !t.mixed:
			out = append(out, t.list[index])
		default:
			out = append(out, t.list...)
			if t.open || t.mixed {
				out = append(out, goThing{text: value.Unknown(g.source(e))})
			}
		}
	}
	return out
}

// entries are those of a map that a key may be that of.
func (g *golang) entries(fn *goFunction, t goThing, index ast.Expr) []goThing {
	key, known := g.text(fn, index).Literal()
	if !known {
		return t.list
	}
	var out []goThing
	for i, element := range t.list {
		if i < len(t.keys) {
			if other, known := t.keys[i].Literal(); known && other != key {
				continue
			}
		}
		out = append(out, element)
	}
	return out
}

// composite reads a literal of a list, or of a type that carries a token.
func (g *golang) composite(fn *goFunction, e *ast.CompositeLit) []goThing {
	if _, ok := e.Type.(*ast.ArrayType); ok || e.Type == nil {
		l := goThing{kind: goList}
		for _, element := range e.Elts {
			if pair, ok := element.(*ast.KeyValueExpr); ok {
				element, l.mixed = pair.Value, true
			}
			things := g.eval(fn, element, 0)
			if len(things) == 0 {
				things = goTexts(value.Unknown(g.source(element)))
			}
			if g.frame != nil {
				things = goKept(things)
			}
			l.mixed = l.mixed || len(things) != 1
			l.list = append(l.list, things...)
		}
		return []goThing{l}
	}
	if _, ok := e.Type.(*ast.MapType); ok || fn.does(e.Type).Does == "headers" {
		return []goThing{g.mapped(fn, e)}
	}
	switch fn.does(e.Type).Does {
	case "carries-token":
		return []goThing{{kind: goCarrier, token: g.tokens(fn, e.Elts)}}
	case "files":
		return []goThing{{kind: goEmbedded, text: value.Text(fn.file.pkg.folder)}}
	}
	return nil
}

// mapped reads a literal of a map.
func (g *golang) mapped(fn *goFunction, e *ast.CompositeLit) goThing {
	m := goThing{kind: goMap}
	for _, element := range e.Elts {
		pair, ok := element.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		key := g.text(fn, pair.Key)
		for _, t := range g.eval(fn, pair.Value, 0) {
			m.keys, m.list = append(m.keys, key), append(m.list, t)
		}
	}
	return m
}

// tokens puts the credentials of expressions together.
func (g *golang) tokens(fn *goFunction, list []ast.Expr) value.Value {
	var out value.Value
	for _, e := range list {
		if pair, ok := e.(*ast.KeyValueExpr); ok {
			e = pair.Value
		}
		out = value.Concat(out, goTokens(g.eval(fn, e, 0)))
	}
	return out
}

func goTokens(things []goThing) (out value.Value) {
	for _, t := range things {
		switch {
		case t.kind == goCarrier:
			out = value.Concat(out, t.token)
		case t.kind == goText && t.text.HoldsCredential():
			out = value.Concat(out, t.text)
		case t.kind == goList || t.kind == goMap:
			out = value.Concat(out, goTokens(t.list))
		}
	}
	return out
}
