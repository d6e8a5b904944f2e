package script

import (
	"maps"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// parameters puts an object that a call is given into its arguments.
func (c *Call) parameters(t thing) {
	g := gatherer{into: c.Arguments, left: maxItems}
	if g.into == nil {
		g.into = map[string]value.Value{}
	}
	g.object(t)
	c.Arguments = g.into
	c.Open = c.Open || g.open || g.left < 0
}

// gatherer collects the parameters of a call, so many and no more.
type gatherer struct {
	into map[string]value.Value
	open bool
	left int
}

// object collects the members of an object, or of one of several. What is not
// known may have any member.
func (g *gatherer) object(t thing) {
	switch t := t.(type) {
	case *object:
		g.open = g.open || t.open
		for _, name := range t.names {
			g.argument(name, t.members[name], 0)
		}
	case either:
		g.alternatives(t.of)
	case nil, none:
	default:
		g.open = true
	}
}

// alternatives collects from one of several objects: a key that some of them
// lack is not missing, it is one of those given.
func (g *gatherer) alternatives(of []thing) {
	merged := map[string]value.Value{}
	for _, t := range of {
		one := gatherer{into: map[string]value.Value{}, left: g.left}
		one.object(t)
		g.open, g.left = g.open || one.open, one.left
		merge(merged, one.into)
	}
	for name, v := range merged {
		g.into[name] = v
	}
}

// merge puts values beside those of the same name.
func merge(into, from map[string]value.Value) {
	for name, v := range from {
		if before, ok := into[name]; ok && !before.Equal(v) {
			v = limited(value.Choice(before, v))
		}
		into[name] = v
	}
}

// argument collects one parameter, and the members of an object beside it.
func (g *gatherer) argument(name string, t thing, depth int) {
	if g.left--; depth > 4 || g.left < 0 {
		return
	}
	switch t := t.(type) {
	case none:
		if t.null {
			// GitHub empties what is null.
			g.into[name] = nil
		}
	case *object:
		g.into[name] = value.Unknown("{…}")
		for _, inner := range t.names {
			g.argument(name+"."+inner, t.members[inner], depth+1)
		}
	case *list:
		g.list(name, t, depth)
	case either:
		g.into[name] = valueOf(t)
		if t.absent {
			g.into[name] = value.Choice(g.into[name], value.Unknown(name))
		}
	default:
		g.into[name] = valueOf(t)
	}
}

// list collects a list: texts are joined, objects give a choice per key.
func (g *gatherer) list(name string, l *list, depth int) {
	objects := map[string]value.Value{}
	for _, item := range l.items {
		o, ok := item.(*object)
		if !ok || g.left < 0 {
			continue
		}
		one := gatherer{into: map[string]value.Value{}, left: g.left}
		one.argument(name, o, depth+1)
		g.left = one.left
		merge(objects, one.into)
	}
	if len(objects) == 0 {
		g.into[name] = textsOf(l)
		return
	}
	merge(g.into, objects)
	g.into[name] = value.Unknown("[…]")
}

// textsOf are the elements of a list of texts, of an open list those that are known.
func textsOf(l *list) value.Value {
	w := writer{left: maxItems}
	var items []value.Value
	for _, item := range l.items {
		items = append(items, w.value(item, 1))
	}
	if l.open && len(items) == 0 {
		return value.Unknown(l.name())
	}
	return bounded(value.List(items...))
}

// preset adds parameters that were bound before, where the call gives none.
func (c *Call) preset(given *object) {
	if given == nil {
		return
	}
	before := Call{}
	before.parameters(given)
	c.Open = c.Open || before.Open
	if c.Arguments == nil {
		c.Arguments = map[string]value.Value{}
	}
	for name, v := range before.Arguments {
		if _, ok := c.Arguments[name]; !ok {
			c.Arguments[name] = v
		}
	}
}

// takeHeaders moves the parameter "headers" to Headers, and a token in it to
// Token; mediaType and request are options of Octokit, no parameters.
func (c *Call) takeHeaders() {
	for _, name := range slices.Sorted(maps.Keys(c.Arguments)) {
		v := c.Arguments[name]
		key, inner, nested := strings.Cut(name, ".")
		switch key {
		case "headers":
			if nested {
				c.header(inner, v)
			}
		case "mediaType", "request":
		default:
			continue
		}
		delete(c.Arguments, name)
	}
}

// header adds a header.
func (c *Call) header(name string, v value.Value) {
	if c.Headers == nil {
		c.Headers = map[string]value.Value{}
	}
	name = strings.ToLower(name)
	c.Headers[name] = v
	if name == "authorization" {
		c.Token = bareToken(v)
	}
}
