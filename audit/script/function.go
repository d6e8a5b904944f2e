package script

import (
	"strings"

	"github.com/grafana/sobek/ast"
)

// functionLiteral makes a function of the script.
func (f *frame) functionLiteral(e *ast.FunctionLiteral) *function {
	fn := &function{parameters: e.ParameterList, frame: f.captured()}
	if e.Body != nil {
		fn.body = e.Body.List
	}
	if e.Name != nil {
		fn.name = e.Name.Name.String()
	}
	f.remember(fn)
	return fn
}

func (f *frame) arrowFunction(e *ast.ArrowFunctionLiteral) *function {
	fn := &function{parameters: e.ParameterList, frame: f.captured(), arrow: true}
	switch body := e.Body.(type) {
	case *ast.BlockStatement:
		fn.body = body.List
	case *ast.ExpressionBody:
		fn.expression = body.Expression
	}
	f.remember(fn)
	return fn
}

// captured returns the frame as it is now, for a function to keep.
func (f *frame) captured() *frame {
	c := *f
	c.returned, c.token = nil, nil
	return &c
}

// remember keeps the functions of the main file, for leftovers.
func (f *frame) remember(fn *function) {
	if f.program.main && len(f.functions) < maxTotal {
		f.functions = append(f.functions, fn)
	}
}

// invoke walks a function with the given arguments. Where they are not known,
// the parameters are unknown under their own names; where they are, missing
// ones are undefined. A function that is called very often is walked with
// unknown arguments at last, and not any more after that.
func (f *frame) invoke(fn *function, args []thing, this thing, argumentsUnknown bool) thing {
	if fn.bound != nil {
		fn, this = fn.bound, fn.receiver
	}
	fn.calls++
	switch {
	case fn.running > 0 || fn.calls > maxPerFunction+1:
		return unknown{orAnonymous(fn.name) + "(…)"}
	case fn.calls > maxPerFunction:
		args, argumentsUnknown = nil, true
	case f.calls >= maxCalls:
		f.unread(fn.frame.program.path, -1, "calls are nested too deeply to be followed, at "+orAnonymous(fn.name))
		return unknown{orAnonymous(fn.name) + "(…)"}
	}
	fn.running++
	f.reader.calls++
	scopes := f.scopes
	defer func() { fn.running--; f.reader.calls--; f.reader.scopes = scopes }()

	inner := fn.frame.captured()
	inner.scope = newScope(fn.frame.scope, true)
	if !fn.arrow {
		inner.this = this
	}
	if fn.parameters != nil {
		inner.bindParameters(fn.parameters, args, argumentsUnknown)
	}
	if fn.expression != nil {
		return inner.eval(fn.expression)
	}
	inner.statements(fn.body)
	switch {
	case inner.returned == nil:
		return none{}
	case !leaves(fn.body, false):
		return join(inner.returned, none{})
	}
	return inner.returned
}

func orAnonymous(name string) string {
	if name == "" {
		return "a function"
	}
	return name
}

// bindParameters declares the parameters of a function.
func (f *frame) bindParameters(parameters *ast.ParameterList, args []thing, argumentsUnknown bool) {
	for i, p := range parameters.List {
		var t thing = none{}
		switch {
		case i < len(args) && args[i] != nil:
			t = args[i]
		case argumentsUnknown:
			t = unknown{}
			if name, ok := p.Target.(*ast.Identifier); ok {
				t = unknown{name.Name.String()}
			}
		}
		f.bind(p.Target, f.orDefault(t, p.Initializer), false)
	}
	if parameters.Rest != nil {
		rest := &list{open: argumentsUnknown}
		if len(args) > len(parameters.List) {
			rest.items = append(rest.items, args[len(parameters.List):]...)
		}
		f.bind(parameters.Rest, rest, false)
	}
}

// classLiteral makes a class of the script.
func (f *frame) classLiteral(e *ast.ClassLiteral) *class {
	c := &class{methods: map[string]*function{}, getters: map[string]*function{}, statics: newObject()}
	if e.Name != nil {
		c.name = e.Name.Name.String()
	}
	if e.SuperClass != nil {
		c.super = f.eval(e.SuperClass)
	}
	c.frame = f.captured()
	c.frame.home = c
	for _, element := range e.Body {
		c.element(element)
	}
	if f.program.main && len(f.classes) < maxTotal {
		f.classes = append(f.classes, c)
	}
	return c
}

// element adds a method or field to a class, or walks a static block.
func (c *class) element(element ast.ClassElement) {
	switch element := element.(type) {
	case *ast.MethodDefinition:
		name := c.key(element.Key)
		fn := &function{name: name, parameters: element.Body.ParameterList, frame: c.frame}
		if element.Body.Body != nil {
			fn.body = element.Body.Body.List
		}
		switch {
		case element.Static:
			c.statics.set(name, fn)
		case element.Kind == ast.PropertyKindGet:
			c.getters[name] = fn
		case element.Kind != ast.PropertyKindSet:
			c.methods[name] = fn
			c.order = append(c.order, name)
		}
	case *ast.FieldDefinition:
		if element.Static {
			c.statics.set(c.key(element.Key), c.frame.eval(element.Initializer))
			return
		}
		c.fields = append(c.fields, element)
	case *ast.ClassStaticBlock:
		c.frame.statement(element.Block)
	}
}

// key returns the name of a method or field.
func (c *class) key(e ast.Expression) string {
	switch e := e.(type) {
	case *ast.PrivateIdentifier:
		return "#" + e.Name.String()
	case *ast.Identifier:
		return e.Name.String()
	}
	name, known := literalOf(c.frame.eval(e))
	if !known {
		return c.frame.source(e)
	}
	return name
}

// instantiate makes an instance of a class, and walks its constructor.
func (f *frame) instantiate(c *class, args []thing, argumentsUnknown bool) *object {
	o := newObject()
	o.class = c
	c.construct(o, f, args, argumentsUnknown, 0)
	return o
}

// maxInheritance bounds how far a class is followed to what it extends.
const maxInheritance = 10

// construct walks the field initializers and the constructor of a class.
func (c *class) construct(o *object, f *frame, args []thing, argumentsUnknown bool, depth int) {
	c.instance = o
	if depth > maxInheritance {
		return
	}
	fn := c.methods["constructor"]
	if fn == nil {
		if super, ok := c.super.(*class); ok {
			super.construct(o, f, args, argumentsUnknown, depth+1)
		}
	}
	inner := c.frame.captured()
	inner.this = o
	for _, field := range c.fields {
		o.set(c.key(field.Key), inner.eval(field.Initializer))
	}
	if fn != nil {
		f.invoke(fn, args, o, argumentsUnknown)
	}
}

// find returns a method or getter of a class, or of what it extends.
func (c *class) find(name string) (method *function, getter bool) {
	for range maxInheritance {
		if fn := c.methods[name]; fn != nil {
			return fn, false
		}
		if fn := c.getters[name]; fn != nil {
			return fn, true
		}
		super, ok := c.super.(*class)
		if !ok {
			break
		}
		c = super
	}
	return nil, false
}

// leftover walks the methods of a class that were never called, on the last
// of its instances or on one made for the purpose. Those that look private
// come last: mostly the others call them.
func (c *class) leftover(f *frame) {
	if c.instance == nil {
		f.instantiate(c, nil, true)
	}
	for _, private := range []bool{false, true} {
		for _, name := range c.order {
			isPrivate := strings.HasPrefix(name, "#") || strings.HasPrefix(name, "_")
			if fn := c.methods[name]; fn.calls == 0 && name != "constructor" && isPrivate == private {
				f.invoke(fn, nil, c.instance, true)
			}
		}
	}
}
