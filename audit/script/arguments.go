package script

import (
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// parameters puts an object that a call is given into its arguments.
func (c *Call) parameters(t thing) {
	if c.Arguments == nil {
		c.Arguments = map[string]value.Value{}
	}
	switch t := t.(type) {
	case *object:
		c.Open = c.Open || t.open
		for _, name := range t.names {
			if _, absent := t.members[name].(none); !absent {
				c.argument(name, t.members[name], 0)
			}
		}
	case either:
		c.alternatives(t.of)
	case nil, none:
	default:
		c.Open = true
	}
}

// alternatives puts one of several objects into the arguments: a key that
// some of them lack is not missing, it is one of those given.
func (c *Call) alternatives(of []thing) {
	merged := map[string]value.Value{}
	for _, t := range of {
		one := Call{}
		one.parameters(t)
		c.Open = c.Open || one.Open
		for name, v := range one.Arguments {
			if before, ok := merged[name]; ok {
				v = value.Choice(before, v)
			}
			merged[name] = v
		}
	}
	for name, v := range merged {
		c.Arguments[name] = v
	}
}

// argument puts one parameter into the arguments, and the members of an
// object beside it.
func (c *Call) argument(name string, t thing, depth int) {
	if depth > 3 {
		return
	}
	switch t := t.(type) {
	case *object:
		c.put(name, value.Unknown("{…}"))
		for _, inner := range t.names {
			if _, absent := t.members[inner].(none); !absent {
				c.argument(name+"."+inner, t.members[inner], depth+1)
			}
		}
	case *list:
		c.put(name, valueOf(t))
		for _, item := range t.items {
			if o, ok := item.(*object); ok {
				c.put(name, value.Unknown("[…]"))
				c.nested(name, o, depth)
			}
		}
	default:
		c.put(name, valueOf(t))
	}
}

// nested adds the members of an object in a list to a choice per key.
func (c *Call) nested(name string, o *object, depth int) {
	inner := Call{Arguments: map[string]value.Value{}}
	for _, key := range o.names {
		inner.argument(name+"."+key, o.members[key], depth+1)
	}
	for key, v := range inner.Arguments {
		if before, ok := c.Arguments[key]; ok {
			v = value.Choice(before, v)
		}
		c.put(key, v)
	}
}

func (c *Call) put(name string, v value.Value) { c.Arguments[name] = v }

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
	for name, v := range c.Arguments {
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
