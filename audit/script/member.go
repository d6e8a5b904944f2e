package script

import (
	"slices"
	"strconv"
	"strings"

	"github.com/grafana/sobek/ast"

	"github.com/patrol-actions/patrol/audit/value"
)

// member evaluates the receiver of a member expression, and the names that the
// member may have; none if they are not known.
func (f *frame) member(e ast.Expression) (receiver thing, names []string) {
	switch e := e.(type) {
	case *ast.DotExpression:
		receiver := f.receiver(e.Left)
		if name := e.Identifier.Name.String(); !f.isPlaceholder(name) {
			names = []string{name}
		}
		return receiver, names
	case *ast.PrivateDotExpression:
		return f.receiver(e.Left), []string{"#" + e.Identifier.Name.String()}
	case *ast.BracketExpression:
		receiver := f.receiver(e.Left)
		return receiver, literalNames(f.eval(e.Member))
	}
	return none{}, nil
}

// literalNames returns the constants that a thing can be; none if it can be
// anything else.
func literalNames(t thing) []string {
	var names []string
	for _, v := range valueOf(t).Alternatives() {
		name, ok := v.Literal()
		if !ok {
			return nil
		}
		names = append(names, name)
	}
	return names
}

func (f *frame) isPlaceholder(name string) bool {
	return f.program.main && f.in.Table != nil && value.HasPlaceholder(name)
}

// receiver evaluates what a member is taken of; super is this.
func (f *frame) receiver(e ast.Expression) thing {
	if _, ok := e.(*ast.SuperExpression); ok {
		return f.this
	}
	return f.eval(e)
}

// get returns a member of a thing.
func (f *frame) get(receiver thing, name string, node ast.Node) thing {
	switch receiver := receiver.(type) {
	case *object:
		return f.objectMember(receiver, name)
	case *list:
		return listMember(receiver, name)
	case *client:
		if name == "constructor" && len(receiver.path) == 0 {
			return outside{"@octokit/core.Octokit"}
		}
		return receiver.member(name)
	case *class:
		if t, ok := receiver.statics.members[name]; ok {
			return t
		}
		if super, ok := receiver.super.(*class); ok {
			return f.get(super, name, node)
		}
		return unknown{receiver.name + "." + name}
	case outside:
		return f.outsideMember(receiver.name, name)
	case payload:
		return payloadMember(receiver.path, name)
	case either:
		var of []thing
		for _, one := range receiver.of {
			of = append(of, f.get(one, name, node))
		}
		return join(of...)
	case unknown:
		return unknown{memberSource(receiver.source, name)}
	case text:
		return textMember(receiver, name)
	case none:
		return none{}
	}
	return unknown{f.source(node)}
}

// memberSource names a member of something unknown.
func memberSource(source, name string) string {
	_, err := strconv.Atoi(name)
	switch {
	case source == "" && err == nil:
		return ""
	case source == "":
		return name
	case err == nil:
		return shortened(source + "[" + name + "]")
	}
	return shortened(source + "." + name)
}

// textMember returns a member of a string. What is taken out of a secret that
// holds JSON is that secret.
func textMember(t text, name string) thing {
	if t.value.HoldsCredential() && name != "length" {
		return t
	}
	if name == "href" {
		return t
	}
	if len(t.value) == 1 && t.value[0].Context != "" && strings.HasPrefix(t.value[0].Context, "github.event.") {
		return payloadMember(t.value[0].Context, name)
	}
	return unknown{memberSource(t.value.String(), name)}
}

// objectMember returns a member of an object, or a method of its class.
func (f *frame) objectMember(o *object, name string) thing {
	if t, ok := o.members[name]; ok {
		return t
	}
	if o.class != nil {
		method, getter := o.class.find(name)
		if getter {
			return f.invoke(method, nil, o, false)
		}
		if method != nil {
			return method
		}
		if c, ok := inherited(o.class); ok {
			return c.member(name)
		}
		return unknown{memberSource(o.class.name, name)}
	}
	if o.open {
		return unknown{memberSource(shortened(o.source), name)}
	}
	return none{}
}

// inherited is what a class extends at last, if that is a client.
func inherited(c *class) (*client, bool) {
	for range maxInheritance {
		switch super := c.super.(type) {
		case *class:
			c = super
		case *client:
			return super, true
		default:
			return nil, false
		}
	}
	return nil, false
}

// listMember returns an element of a list. Where one before it may be missing, it is
// any of those that come from there on.
func listMember(l *list, name string) thing {
	i, err := strconv.Atoi(name)
	switch {
	case err != nil || i < 0:
		return unknown{memberSource(l.name(), name)}
	case l.open && !l.ordered:
		return join(append([]thing{unknown{memberSource(l.name(), name)}}, l.items...)...)
	case i < len(l.items) && !slices.ContainsFunc(l.items[:i+1], maybe):
		return l.items[i]
	}
	of := slices.Clone(l.items[min(i, len(l.items)):])
	if l.open {
		of = append([]thing{unknown{memberSource(l.name(), name)}}, of...)
	}
	return join(append(of, none{})...)
}

// name is the code that a list came from.
func (l *list) name() string {
	if l.source == "" {
		return "list"
	}
	return l.source
}

// anyMember returns what a member can be whose name is not known.
func (f *frame) anyMember(receiver thing, node ast.Node) thing {
	var of []thing
	for _, one := range alternatives(receiver) {
		switch one := one.(type) {
		case *object:
			for _, name := range one.names {
				of = append(of, one.members[name])
			}
			if one.open || len(one.names) == 0 {
				of = append(of, unknown{f.source(node)})
			}
		case *list:
			of = append(of, one.items...)
			if one.open || len(one.items) == 0 {
				of = append(of, unknown{f.source(node)})
			}
		case *client:
			f.unread(f.program.path, f.start(node), "the method of the client is chosen at run time: "+f.source(node), one.token.Credentials()...)
			of = append(of, unknown{f.source(node)})
		case text:
			of = append(of, textMember(one, "a member"))
		default:
			of = append(of, unknown{f.source(node)})
		}
	}
	return join(of...)
}
