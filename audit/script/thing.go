package script

import (
	"slices"

	"github.com/grafana/sobek/ast"

	"github.com/patrol-actions/patrol/audit/value"
)

// A thing is what the interpreter knows of a JavaScript value. Exactly these
// types are things.
type thing interface{ isThing() }

type (
	// text is a string, number or boolean.
	text struct{ value value.Value }
	// none is undefined or null. In a choice it is left out: scripts guard
	// against it before they use the other value. A member that is null is there
	// all the same.
	none struct{ null bool }
	// object has members by name. An open one may have others as well.
	object struct {
		names   []string
		members map[string]thing
		open    bool
		// environ tells that the members of process.env are among them.
		environ bool
		// class has the methods of an instance.
		class  *class
		source string
	}
	// list is an array (or a Set, or the values of a Map). An open one has
	// other elements as well, or an unknown number of these.
	list struct {
		items []thing
		open  bool
		// ordered tells that those others come after the ones that are known, and
		// are others.
		ordered bool
		// source is the code that it came from, where little else is known.
		source string
	}
	// function is code of the script with the scope that it was made in.
	function struct {
		name       string
		parameters *ast.ParameterList
		body       []ast.Statement
		expression ast.Expression
		frame      *frame
		arrow      bool
		// bound is the function that this one stands for, called with this
		// as receiver (what bind makes).
		bound    *function
		receiver thing
		running  int
		calls    int
	}
	// class is a class of the script, with what it inherits from.
	class struct {
		name             string
		methods, getters map[string]*function
		// order has the names of the methods as they are written.
		order    []string
		fields   []*ast.FieldDefinition
		statics  *object
		super    thing
		frame    *frame
		instance *object
	}
	// builtin is a function that the interpreter itself knows.
	builtin struct {
		call func(site site, args []thing) thing
	}
	// outside is something of the platform or of a package, by its dotted
	// name: "fs.readFileSync", "@actions/core.getInput", "process.env".
	outside struct{ name string }
	// payload is a part of the run's context: "github.event.pull_request".
	payload struct{ path string }
	// unknown is anything else, with the code that it came from.
	unknown struct{ source string }
	// either is one of several things. Where absent is set, it may be none of them:
	// undefined, null or false.
	either struct {
		of     []thing
		absent bool
	}
)

func (text) isThing()      {}
func (none) isThing()      {}
func (*object) isThing()   {}
func (*list) isThing()     {}
func (*function) isThing() {}
func (*class) isThing()    {}
func (*builtin) isThing()  {}
func (outside) isThing()   {}
func (payload) isThing()   {}
func (unknown) isThing()   {}
func (either) isThing()    {}

// literal returns the thing that is a constant string.
func literal(s string) thing { return text{value.Text(s)} }

// newObject returns an object without members.
func newObject() *object { return &object{members: map[string]thing{}} }

// set gives a member a value.
func (o *object) set(name string, t thing) {
	if _, ok := o.members[name]; !ok {
		o.names = append(o.names, name)
	}
	o.members[name] = t
}

// remove takes a member away.
func (o *object) remove(name string) {
	delete(o.members, name)
	o.names = slices.DeleteFunc(slices.Clone(o.names), func(n string) bool { return n == name })
}

// maxChoice bounds how many alternatives are kept apart.
const maxChoice = 24

// join returns what is one of the given things. That it may be none of them is
// kept where its absence means something of its own: of constants and of plain
// objects and lists.
func join(things ...thing) thing {
	var of []thing
	absent := false
	for _, t := range things {
		switch t := t.(type) {
		case none:
			absent = true
		case either:
			absent = absent || t.absent
		}
		if of = appendThing(of, t); len(of) > maxChoice {
			break
		}
	}
	switch len(of) {
	case 0:
		return none{}
	case 1:
		if absent && optional(of) {
			return either{of, true}
		}
		return of[0]
	}
	if len(of) > maxChoice {
		of = of[:maxChoice]
		if slices.ContainsFunc(things, flagged) {
			of = append(of, unknown{hiddenFlags})
		} else {
			of = append(of, unknown{"one of many values"})
		}
	}
	return either{of, absent && optional(of)}
}

// optional tells whether the absence of one of these things means something.
func optional(of []thing) bool {
	found := false
	for _, t := range of {
		switch t := t.(type) {
		case *client, *function, *class, *builtin, unknown:
			return false
		case *object:
			found = found || t.class == nil
		case *list:
			found = true
		case text:
			_, constant := t.value.Literal()
			found = found || constant
		}
	}
	return found
}

// present is a thing that is there where it may be absent.
func present(t thing) thing {
	if e, ok := t.(either); ok && e.absent {
		if len(e.of) == 1 {
			return e.of[0]
		}
		return either{of: e.of}
	}
	return t
}

// mayBeAbsent tells whether a thing may be undefined, null or false.
func mayBeAbsent(t thing) bool {
	switch t := t.(type) {
	case nil, none:
		return true
	case either:
		return t.absent
	}
	return false
}

// maybe tells whether an element of a list may be missing.
func maybe(t thing) bool {
	e, ok := t.(either)
	return ok && e.absent
}

// appendThing adds t to of if it is new there.
func appendThing(of []thing, t thing) []thing {
	switch t := t.(type) {
	case nil, none:
		return of
	case either:
		for _, inner := range t.of {
			of = appendThing(of, inner)
		}
		return of
	}
	for _, other := range of {
		if same(other, t) {
			return of
		}
	}
	return append(of, t)
}

// same tells whether two things are known to be the same.
func same(a, b thing) bool {
	switch a := a.(type) {
	case text:
		b, ok := b.(text)
		return ok && a.value.Equal(b.value)
	case *client:
		b, ok := b.(*client)
		return ok && a.equal(b)
	case either:
		b, ok := b.(either)
		return ok && a.absent == b.absent && slices.EqualFunc(a.of, b.of, same)
	case none, outside, payload, unknown:
		return a == b
	}
	return a == b
}

// alternatives returns the things that t can be.
func alternatives(t thing) []thing {
	if e, ok := t.(either); ok {
		return e.of
	}
	return []thing{t}
}

// valueOf returns a thing as a string.
func valueOf(t thing) value.Value {
	w := writer{left: maxItems}
	return bounded(w.value(t, 0))
}

// maxDepth bounds how deep nested things are looked into: lists can hold
// themselves.
const maxDepth = 6

// writer turns things into strings, so many and no more: nested lists that
// hold one list many times would have no end.
type writer struct{ left int }

func (w *writer) value(t thing, depth int) value.Value {
	if w.left--; depth > maxDepth || w.left < 0 {
		return value.Unknown("…")
	}
	switch t := t.(type) {
	case text:
		return t.value
	case nil, none:
		return nil
	case unknown:
		return value.Unknown(t.source)
	case payload:
		return value.Context(t.path)
	case outside:
		return value.Unknown(t.name)
	case either:
		var of []value.Value
		for _, inner := range t.of {
			of = append(of, w.value(inner, depth+1))
		}
		return value.Choice(of...)
	case *list:
		return w.list(t, ",", depth)
	case *object:
		if t.source != "" {
			return value.Unknown(shortened(t.source))
		}
	case *function:
		return value.Unknown(orAnonymous(t.name))
	case *client:
		return value.Unknown(orClient(t.name()))
	}
	return value.Unknown("object")
}

// list joins the elements of a list. An open list is written with the
// elements that are known: an unknown number of them looks like one.
func (w *writer) list(l *list, separator string, depth int) value.Value {
	if l.open && len(l.items) == 0 {
		return value.Unknown(l.name())
	}
	out := make([]value.Value, 0, 2*len(l.items))
	for i, item := range l.items {
		v := w.value(item, depth+1)
		if i > 0 {
			v = value.Concat(value.Text(separator), v)
		}
		if e, ok := item.(either); ok && e.absent {
			v = value.Choice(v, nil)
		}
		out = append(out, v)
		if w.left < 0 {
			if slices.ContainsFunc(l.items[i:], flagged) {
				out = append(out, value.Unknown(hiddenFlags))
			}
			break
		}
	}
	return value.Concat(out...)
}

// Bounds of a string: how many parts and how much text it is seen with.
const (
	maxParts = 1000
	maxText  = 1 << 18
)

// bounded gives up a string that is too long, but for the secrets in it.
func bounded(v value.Value) value.Value {
	if parts, length := measure(v); parts > maxParts || length > maxText {
		return tooLong(v)
	}
	return v
}

// tooLong is what is left of a string that is too long.
func tooLong(v value.Value) value.Value {
	out := value.Unknown(longText)
	for _, c := range v.Credentials() {
		out = value.Concat(out, value.Of(c))
	}
	return out
}

// measure counts parts and text, as far as the bounds.
func measure(v value.Value) (parts, length int) {
	for _, p := range v {
		parts++
		length += len(p.Text)
		for _, of := range p.OneOf {
			n, l := measure(of)
			parts, length = parts+n, length+l
			if parts > maxParts {
				return parts, length
			}
		}
	}
	return parts, length
}

// literalOf returns the text of a thing that is a constant.
func literalOf(t thing) (string, bool) {
	if s, ok := t.(text); ok {
		return s.value.Literal()
	}
	return "", false
}
