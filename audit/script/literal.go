package script

import (
	"github.com/grafana/sobek/ast"
)

// Open stands in a value of [Exported] for what is no literal.
type Open struct{}

// Exported returns the literal that a module exports by itself, as
// configuration files of JavaScript do: "export default {…}" or
// "module.exports = {…}", also by the name of a constant, and as the only
// argument of a call (defineConfig({…})). It is made of map[string]any,
// []any, string, float64, int64, bool, nil and Open. A spread in an object
// leaves its key "..." as Open. ok is false where there is no such literal.
func Exported(path, source string) (value any, ok bool) {
	if len(source) > maxSource {
		return nil, false
	}
	p, err := parse(path, source)
	if err != nil {
		return nil, false
	}
	l := literals{constants: map[string]ast.Expression{}}
	var exported ast.Expression
	for _, s := range p.body {
		switch s := s.(type) {
		case *ast.LexicalDeclaration:
			l.bind(s.List)
		case *ast.VariableStatement:
			l.bind(s.List)
		case *ast.ExportDeclaration:
			if s.IsDefault {
				exported = s.AssignExpression
			}
		case *ast.ExpressionStatement:
			if a, ok := s.Expression.(*ast.AssignExpression); ok && isModuleExports(a.Left) {
				exported = a.Right
			}
		}
	}
	if exported == nil {
		return nil, false
	}
	value = l.value(exported, 0)
	_, open := value.(Open)
	return value, !open
}

func isModuleExports(e ast.Expression) bool {
	dot, ok := e.(*ast.DotExpression)
	if !ok || dot.Identifier.Name != "exports" {
		return false
	}
	module, ok := dot.Left.(*ast.Identifier)
	return ok && module.Name == "module"
}

// literals reads literals. Constants are what names are bound to.
type literals struct{ constants map[string]ast.Expression }

func (l literals) bind(list []*ast.Binding) {
	for _, b := range list {
		if name, ok := b.Target.(*ast.Identifier); ok && b.Initializer != nil {
			l.constants[name.Name.String()] = b.Initializer
		}
	}
}

// maxLiteral bounds the depth to which literals are followed, which may lead
// in a ring by their names.
const maxLiteral = 24

func (l literals) value(e ast.Expression, depth int) any {
	if depth > maxLiteral {
		return Open{}
	}
	switch e := e.(type) {
	case *ast.StringLiteral:
		return e.Value.String()
	case *ast.BooleanLiteral:
		return e.Value
	case *ast.NumberLiteral:
		return e.Value
	case *ast.NullLiteral:
		return nil
	case *ast.TemplateLiteral:
		if e.Tag == nil && len(e.Expressions) == 0 && len(e.Elements) == 1 {
			return e.Elements[0].Parsed.String()
		}
	case *ast.Identifier:
		if bound, ok := l.constants[e.Name.String()]; ok {
			return l.value(bound, depth+1)
		}
	case *ast.CallExpression:
		if len(e.ArgumentList) == 1 && depth == 0 {
			return l.value(e.ArgumentList[0], depth+1)
		}
	case *ast.ArrayLiteral:
		list := []any{}
		for _, v := range e.Value {
			list = append(list, l.value(v, depth+1))
		}
		return list
	case *ast.ObjectLiteral:
		return l.object(e, depth)
	}
	return Open{}
}

func (l literals) object(e *ast.ObjectLiteral, depth int) any {
	out := map[string]any{}
	for _, p := range e.Value {
		switch p := p.(type) {
		case *ast.PropertyKeyed:
			key, ok := p.Key.(*ast.StringLiteral)
			if !ok || p.Computed || p.Kind != ast.PropertyKindValue {
				out["..."] = Open{}
				continue
			}
			out[key.Value.String()] = l.value(p.Value, depth+1)
		case *ast.PropertyShort:
			out[p.Name.Name.String()] = l.value(&p.Name, depth+1)
		default:
			out["..."] = Open{}
		}
	}
	return out
}
