package script

import (
	"go/ast"
	"slices"
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// sliced is a part of a list.
func (g *golang) sliced(fn *goFunction, e *ast.SliceExpr) []goThing {
	things := g.eval(fn, e.X, 0)
	bound := func(e ast.Expr, otherwise int) int {
		if lit, ok := e.(*ast.BasicLit); ok {
			if n, err := strconv.Atoi(lit.Value); err == nil {
				return n
			}
		}
		if e == nil {
			return otherwise
		}
		return -1
	}
	out := slices.Clone(things)
	for i, t := range out {
		if t.kind != goList || g.frame == nil {
			continue
		}
		low, high := bound(e.Low, 0), bound(e.High, len(t.list))
		if t.open || low < 0 || high > len(t.list) || low > high {
			out[i].open = true
			continue
		}
		out[i].list = t.list[low:high]
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
		if importPath, foreign := fn.file.imports[x.Name]; foreign {
			if method, ok := strings.CutPrefix(name, "Method"); ok && importPath == "net/http" {
				return goTexts(value.Text(strings.ToUpper(method)))
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
	index := -1
	if lit, ok := e.Index.(*ast.BasicLit); ok {
		if n, err := strconv.Atoi(lit.Value); err == nil {
			index = n
		}
	}
	if g.imported(fn, e.X, "os") == "Args" && index > 0 && index <= len(g.in.Operands) {
		return goTexts(g.in.Operands[index-1])
	}
	for _, t := range g.eval(fn, e.X, 0) {
		switch {
		case t.kind == goFunctionKind:
			out = append(out, t) // its types
		case t.kind == goMap:
			out = append(out, t.list...)
		case t.kind != goList:
		case index >= 0 && index < len(t.list):
			out = append(out, t.list[index])
		default:
			out = append(out, t.list...)
		}
	}
	return out
}

// composite reads a literal of a list, or of a type that carries a token.
func (g *golang) composite(fn *goFunction, e *ast.CompositeLit) []goThing {
	if _, ok := e.Type.(*ast.ArrayType); ok {
		l := goThing{kind: goList}
		for _, element := range e.Elts {
			things := g.eval(fn, element, 0)
			if len(things) == 0 {
				things = goTexts(value.Unknown(g.source(element)))
			}
			if g.frame != nil {
				things = goKept(things)
			}
			l.list = append(l.list, things...)
		}
		return []goThing{l}
	}
	if _, ok := e.Type.(*ast.MapType); ok {
		return []goThing{g.mapped(fn, e)}
	}
	if !g.carries(fn, e) {
		return nil
	}
	return []goThing{{kind: goCarrier, token: g.tokens(fn, e.Elts)}}
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

// carries tells whether a literal is of a type that hands a token to requests.
func (g *golang) carries(fn *goFunction, e *ast.CompositeLit) bool {
	return slices.Contains([]string{"Token", "Transport", "ReuseTokenSource"}, g.imported(fn, e.Type, goOAuth)) ||
		g.imported(fn, e.Type, "net/http") == "Client" || g.isClientPackage(fn, e.Type) == "BasicAuthTransport"
}

// tokens puts the credentials of expressions together.
func (g *golang) tokens(fn *goFunction, list []ast.Expr) value.Value {
	var out value.Value
	for _, e := range list {
		if pair, ok := e.(*ast.KeyValueExpr); ok {
			e = pair.Value
		}
		for _, t := range g.eval(fn, e, 0) {
			switch {
			case t.kind == goCarrier:
				out = value.Concat(out, t.token)
			case t.kind == goText && t.text.HoldsCredential():
				out = value.Concat(out, t.text)
			}
		}
	}
	return out
}
