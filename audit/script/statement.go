package script

import (
	"github.com/grafana/sobek/ast"
)

// statements walks a list of statements, function declarations first.
func (f *frame) statements(list []ast.Statement) {
	for _, s := range list {
		switch s := s.(type) {
		case *ast.FunctionDeclaration:
			f.declareFunction(s.Function)
		case *ast.ExportDeclaration:
			if s.HoistableDeclaration != nil {
				f.declareFunction(s.HoistableDeclaration.FunctionDeclaration.Function)
			}
		case *ast.ImportDeclaration:
			f.importDeclaration(s)
		}
	}
	f.each(list)
}

// each walks statements in order.
func (f *frame) each(list []ast.Statement) {
	for i, s := range list {
		f.statement(s)
		if i+1 < len(list) && mayLeave(s) {
			// What follows need not run before others see what it leaves.
			f.regions(false, func() { f.rest(list[i+1:]) })
			return
		}
	}
}

// rest walks the statements behind one that may leave them, in a region of their own.
func (f *frame) rest(list []ast.Statement) {
	for i, s := range list {
		f.statement(s)
		if i+1 < len(list) && mayLeave(s) {
			f.region.exits++
			f.narrow()
		}
	}
}

// declareFunction binds the name of a function declaration.
func (f *frame) declareFunction(node *ast.FunctionLiteral) {
	if node != nil && node.Name != nil {
		f.scope.declare(node.Name.Name.String(), f.functionLiteral(node), f.condition)
	}
}

// statement walks one statement.
func (f *frame) statement(s ast.Statement) {
	if s == nil || !f.enter() {
		return
	}
	defer f.leave()
	switch s := s.(type) {
	case *ast.ExpressionStatement:
		f.expressionStatement(s)
	case *ast.VariableStatement:
		f.bindings(s.List, true)
	case *ast.LexicalDeclaration:
		f.bindings(s.List, false)
	case *ast.ClassDeclaration:
		f.classDeclaration(s)
	case *ast.ReturnStatement:
		if s.Argument != nil {
			f.yields(f.cached(s.Argument, f.eval(s.Argument)))
		} else {
			f.yields(none{})
		}
	case *ast.ThrowStatement:
		f.eval(s.Argument)
	case *ast.BlockStatement:
		f.block(func() { f.statements(s.List) })
	case *ast.IfStatement:
		f.ifStatement(s)
	case *ast.SwitchStatement:
		f.switchStatement(s)
	case *ast.TryStatement:
		f.tryStatement(s)
	case *ast.LabelledStatement:
		// A break leaves it before its end.
		f.regions(false, func() { f.statement(s.Statement) })
	case *ast.WithStatement:
		f.eval(s.Object)
		f.statement(s.Body)
	case *ast.ExportDeclaration:
		f.exportDeclaration(s)
	default:
		f.loopStatement(s)
	}
}

// yields adds to what the function returns.
func (f *frame) yields(t thing) {
	if f.returned == nil {
		f.returned = t
		return
	}
	f.returned = join(f.returned, t)
}

// expressionStatement walks an expression. One that is only a placeholder is
// code that an expression of the workflow puts there.
func (f *frame) expressionStatement(s *ast.ExpressionStatement) {
	t := f.eval(s.Expression)
	name, ok := s.Expression.(*ast.Identifier)
	if !ok || !f.program.main || f.in.Table == nil {
		return
	}
	if known, ok := t.(text); ok && len(known.value) > 0 {
		if _, constant := known.value.Literal(); !constant {
			f.unread(f.program.path, f.start(name), "code comes from "+known.value.String()+", which is not known")
		}
	}
}

// bindings declares variables.
func (f *frame) bindings(list []*ast.Binding, isVar bool) {
	for _, b := range list {
		var t thing = none{}
		if b.Initializer != nil {
			t = f.named(b.Target, b.Initializer)
		} else if isVar {
			if name, ok := b.Target.(*ast.Identifier); ok && f.scope.find(name.Name.String()) != nil {
				continue
			}
		}
		f.bind(b.Target, t, isVar)
	}
}

// named evaluates an initializer, and calls a function after its variable.
func (f *frame) named(target ast.Expression, initializer ast.Expression) thing {
	t := f.eval(initializer)
	if fn, ok := t.(*function); ok && fn.name == "" {
		if name, ok := target.(*ast.Identifier); ok {
			fn.name = name.Name.String()
		}
	}
	return t
}

func (f *frame) classDeclaration(s *ast.ClassDeclaration) {
	c := f.classLiteral(s.Class)
	if s.Class.Name != nil {
		f.scope.declare(s.Class.Name.Name.String(), c, f.condition)
	}
}

func (f *frame) switchStatement(s *ast.SwitchStatement) {
	f.eval(s.Discriminant)
	f.block(func() {
		var walks []func()
		var through [][]ast.Statement
		exhaustive := false
		for i, c := range s.Body {
			exhaustive = exhaustive || c.Test == nil
			if c.Test != nil {
				f.eval(c.Test)
			}
			through = append(through, c.Consequent)
			if i+1 < len(s.Body) && !leaves(c.Consequent, true) {
				continue
			}
			parts := through
			through = nil
			walks = append(walks, func() {
				for n, part := range parts {
					if n+1 < len(parts) {
						f.guarded(func() { f.statements(part) })
						continue
					}
					f.statements(part)
				}
			})
		}
		f.branches(exhaustive, walks...)
	})
}

// loopStatement walks loops; all other statements do nothing.
func (f *frame) loopStatement(s ast.Statement) {
	switch s := s.(type) {
	case *ast.WhileStatement:
		f.loop(func() {
			f.eval(s.Test)
			f.statement(s.Body)
		})
	case *ast.DoWhileStatement:
		f.loop(func() {
			f.statement(s.Body)
			f.eval(s.Test)
		})
	case *ast.ForStatement:
		f.block(func() { f.forStatement(s) })
	case *ast.ForOfStatement:
		f.forEach(s.Into, elements(f.eval(s.Source)), s.Body)
	case *ast.ForInStatement:
		f.forEach(s.Into, keys(f.eval(s.Source)), s.Body)
	}
}

func (f *frame) forStatement(s *ast.ForStatement) {
	switch i := s.Initializer.(type) {
	case *ast.ForLoopInitializerExpression:
		f.eval(i.Expression)
	case *ast.ForLoopInitializerVarDeclList:
		f.bindings(i.List, true)
	case *ast.ForLoopInitializerLexicalDecl:
		f.bindings(i.LexicalDeclaration.List, false)
	}
	f.loop(func() {
		if s.Test != nil {
			f.eval(s.Test)
		}
		f.statement(s.Body)
		if s.Update != nil {
			f.eval(s.Update)
		}
	})
}

// forEach walks a body for every one of the given elements.
func (f *frame) forEach(into ast.ForInto, of []thing, body ast.Statement) {
	for _, element := range of {
		f.loop(func() {
			f.block(func() {
				switch into := into.(type) {
				case *ast.ForIntoVar:
					f.bind(into.Binding.Target, named(element, into.Binding.Target), true)
				case *ast.ForDeclaration:
					f.bind(into.Target, named(element, into.Target), false)
				case *ast.ForIntoExpression:
					f.assignTo(into.Expression, element)
				}
				f.statement(body)
			})
		})
	}
}

// named calls an element of which nothing is known after its variable.
func named(element thing, target ast.Expression) thing {
	if u, ok := element.(unknown); ok && u.source == "" {
		if name, ok := target.(*ast.Identifier); ok {
			return unknown{name.Name.String()}
		}
	}
	return element
}

// elements returns what a loop over t goes through: every element of a short
// list, or one that stands for all.
func elements(t thing) []thing {
	var of []thing
	for _, one := range alternatives(t) {
		l, ok := one.(*list)
		if !ok {
			of = appendThing(of, unknown{})
			continue
		}
		for _, item := range l.marked() {
			if of = appendThing(of, item); len(of) > maxChoice {
				break
			}
		}
		if l.open && len(l.items) == 0 {
			of = appendThing(of, unknown{})
		}
	}
	if len(of) > maxChoice {
		return []thing{join(of...)}
	}
	return of
}

// keys returns the names that a loop over the members of t goes through.
func keys(t thing) []thing {
	o, ok := t.(*object)
	if !ok || o.open || len(o.names) > maxChoice {
		return []thing{unknown{}}
	}
	var of []thing
	for _, name := range o.names {
		of = append(of, literal(name))
	}
	return of
}
