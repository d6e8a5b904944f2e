package script

import (
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// request reads a call of a client's request: by a route and parameters, by
// one object with method and url, or by what endpoint gave.
func (c *client) request(s site, args []thing) thing {
	if len(args) == 0 {
		return unknown{s.source()}
	}
	for _, target := range alternatives(args[0]) {
		c.requestOne(s, target, args[1:])
	}
	return unknown{s.source()}
}

// requestOne makes one request.
func (c *client) requestOne(s site, target thing, rest []thing) {
	switch target := target.(type) {
	case *client:
		s.add(target.rest(rest))
		return
	case *object:
		c.requestOptions(s, target, rest)
		return
	}
	method, route, ok := splitRoute(valueOf(target))
	if !ok {
		s.unread("the route of a request is not known: "+valueOf(target).String(), c.token.Credentials()...)
		return
	}
	call := Call{Kind: Request, Method: method, Path: route, Base: c.base, Token: c.token}
	if len(rest) > 0 {
		call.parameters(rest[0])
	}
	call.preset(c.given)
	call.takeHeaders()
	s.add(call)
}

// requestOptions makes a request of {method, url, ...parameters}.
func (c *client) requestOptions(s site, options *object, rest []thing) {
	url, ok := options.members["url"]
	if !ok {
		s.unread("the route of a request is not known", c.token.Credentials()...)
		return
	}
	call := Call{Kind: Request, Method: "GET", Path: valueOf(url), Base: c.base, Token: c.token}
	if method, ok := options.members["method"]; ok {
		call.Method = strings.ToUpper(valueOf(method).LiteralOr(""))
	}
	call.parameters(options)
	for _, more := range rest {
		call.parameters(more)
	}
	call.preset(c.given)
	delete(call.Arguments, "url")
	delete(call.Arguments, "method")
	delete(call.Arguments, "baseUrl")
	call.takeHeaders()
	s.add(call)
}

// splitRoute takes the method off a route: "GET /user", or "/user" alone,
// which means GET. A route of which nothing is known is none.
func splitRoute(v value.Value) (method string, route value.Value, ok bool) {
	if len(v) == 0 {
		return "", nil, false
	}
	if v[0].Text == "" {
		return "GET", v, hasText(v)
	}
	word, rest, found := strings.Cut(strings.TrimLeft(v[0].Text, " "), " ")
	if !found || strings.Contains(word, "/") {
		return "GET", v, true
	}
	rest = strings.TrimLeft(rest, " ")
	return strings.ToUpper(word), value.Concat(value.Text(rest), v[1:]), rest != "" || len(v) > 1
}

// hasText tells whether any of v is literal text.
func hasText(v value.Value) bool {
	for _, part := range v {
		if part.Text != "" {
			return true
		}
		for _, of := range part.OneOf {
			if hasText(of) {
				return true
			}
		}
	}
	return false
}

// paginate reads a call of a client's paginate: its first argument is a
// method, a route, or what endpoint gave; a function among the rest maps the
// pages.
func (c *client) paginate(s site, args []thing) thing {
	if len(args) == 0 {
		return unknown{s.source()}
	}
	var parameters []thing
	if len(args) > 1 {
		if _, isFunction := args[1].(*function); !isFunction {
			parameters = args[1:2]
		}
	}
	for _, target := range alternatives(args[0]) {
		switch target := target.(type) {
		case *client:
			if target.isMethod() {
				s.add(target.rest(parameters))
				continue
			}
			s.unread("what is paginated is not known: "+target.name(), c.token.Credentials()...)
		default:
			c.requestOne(s, target, parameters)
		}
	}
	s.callbacks(args)
	return &list{items: []thing{unknown{s.source()}}, open: true}
}

// endpoint returns the options of a request without making it.
func (c *client) endpoint(args []thing) thing {
	o := newObject()
	if len(args) == 0 {
		return o
	}
	if method, route, ok := splitRoute(valueOf(args[0])); ok {
		o.set("method", literal(method))
		o.set("url", text{route})
	}
	if len(args) > 1 {
		spread(o, args[1])
	}
	return o
}

// graphql reads a call of a client's graphql: a document and variables, or
// one object with both.
func (c *client) graphql(s site, args []thing) thing {
	if len(args) == 0 {
		return unknown{s.source()}
	}
	document := args[0]
	if options, ok := document.(*object); ok {
		document = options.members["query"]
		args = []thing{nil, options}
	}
	for _, one := range alternatives(document) {
		v := valueOf(one)
		if !hasText(v) {
			s.unread("the GraphQL document is not known: "+v.String(), c.token.Credentials()...)
			continue
		}
		call := Call{Kind: GraphQL, Document: v, Base: c.base, Token: c.token}
		if len(args) > 1 {
			call.parameters(args[1])
		}
		call.preset(c.given)
		delete(call.Arguments, "query")
		call.takeHeaders()
		s.add(call)
	}
	return unknown{s.source()}
}
