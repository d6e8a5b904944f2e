package script

import (
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// client is an Octokit client, or something that was taken out of one: with
// the path "rest", "issues", "create" it is a method.
type client struct {
	token value.Value
	// base is the API's address where the code gives one.
	base value.Value
	// path is what was taken out of the client, without "rest".
	path []string
	// given are parameters that were bound by defaults or endpoint.merge.
	given *object
}

func (*client) isThing() {}

func (c *client) equal(d *client) bool {
	return c.token.Equal(d.token) && c.base.Equal(d.base) && slices.Equal(c.path, d.path) && c.given == d.given
}

// authenticated tells whether there is a token behind the client.
func (c *client) authenticated() bool { return len(c.token) > 0 }

// member takes something out of a client.
func (c *client) member(name string) *client {
	d := *c
	if len(c.path) == 0 && (name == "rest" || name == "api" || name == "octokit") {
		return &d
	}
	d.path = append(slices.Clip(c.path), name)
	return &d
}

// with binds parameters.
func (c *client) with(given *object) *client {
	d := *c
	d.given = given
	return &d
}

// name is the dotted path.
func (c *client) name() string { return strings.Join(c.path, ".") }

// isMethod tells whether c is a method of the REST API, such as
// issues.create.
func (c *client) isMethod() bool {
	return len(c.path) == 2 && !reserved[c.path[0]]
}

// reserved are the members of a client that are no namespaces of the REST
// API.
var reserved = map[string]bool{
	"request": true, "graphql": true, "paginate": true, "hook": true, "log": true, "auth": true,
	"retry": true, "throttling": true,
}

// call calls what was taken out of a client.
func (c *client) call(s site, args []thing) thing {
	switch name := c.name(); {
	case name == "graphql" || name == "graphql.paginate" || name == "graphql.paginate.iterator":
		return c.graphql(s, args)
	case name == "request":
		return c.request(s, args)
	case name == "paginate" || name == "paginate.iterator":
		return c.paginate(s, args)
	case name == "graphql.defaults" || name == "request.defaults" || name == "request.endpoint.defaults":
		return c.defaults(args)
	case name == "request.endpoint" || name == "request.endpoint.merge":
		return c.endpoint(args)
	case name == "auth":
		o := newObject()
		o.set("token", text{c.token})
		o.open = true
		return o
	case (name == "hook.before" || name == "hook.wrap") && c.authenticated() && mayLead(s.code(s.node)):
		s.unread("a hook may change each request of the client", c.token.Credentials()...)
		s.callbacks(args)
		return unknown{s.source()}
	case strings.HasPrefix(name, "hook.") || strings.HasPrefix(name, "log."):
		s.callbacks(args)
		return unknown{s.source()}
	case c.isMethod():
		s.add(c.rest(args))
		return unknown{s.source()}
	case len(c.path) >= 3 && !reserved[c.path[0]]:
		return c.methodMember(s, args)
	}
	if c.authenticated() {
		s.unread("the client's "+orClient(c.name())+" is called, which is not a method known of Octokit", c.token.Credentials()...)
	}
	return unknown{s.source()}
}

var (
	// leads matches what says in a request what is done, and where, written where code
	// with operands stands.
	leads = regexp.MustCompile(`\b(?:owner|repo|org|url|baseUrl|method|ref|refs|sha|branch|head|base|tag_name|path|draft|state|body|title|labels|assign)\b|\[\s*\w+\s*\]\s*=`)
	// writtenOut matches a function that stands where it is handed over.
	writtenOut = regexp.MustCompile(`=>|\bfunction\b`)
)

// mayLead tells whether a hook may change what a request does. One that is handed over by
// its name may change anything.
func mayLead(hook string) bool { return !writtenOut.MatchString(hook) || leads.MatchString(hook) }

func orClient(name string) string {
	if name == "" {
		return "value"
	}
	return name
}

// methodMember calls a member of a method: github.issues.list.endpoint.merge.
func (c *client) methodMember(s site, args []thing) thing {
	method := *c
	method.path = c.path[:2]
	switch rest := strings.Join(c.path[2:], "."); rest {
	case "endpoint", "endpoint.merge", "defaults", "endpoint.defaults":
		return method.with(firstObject(args))
	case "call":
		s.add(method.rest(args[min(1, len(args)):]))
	case "apply":
		if len(args) > 1 {
			if l, ok := args[1].(*list); ok {
				s.add(method.rest(l.items))
				break
			}
		}
		s.add(method.rest([]thing{unknown{s.source()}}))
	case "bind":
		return &method
	default:
		s.unread("the client's "+c.name()+" is called, which is not a method known of Octokit", c.token.Credentials()...)
	}
	return unknown{s.source()}
}

// rest makes the call of a method.
func (c *client) rest(args []thing) Call {
	call := Call{Kind: REST, Method: c.name(), Base: c.base, Token: c.token}
	if len(args) > 0 {
		call.parameters(args[0])
	} else if c.given != nil {
		call.Arguments = map[string]value.Value{}
	}
	call.preset(c.given)
	call.takeHeaders()
	return call
}

// firstObject returns the first argument if it is an object.
func firstObject(args []thing) *object {
	if len(args) > 0 {
		if o, ok := args[0].(*object); ok {
			return o
		}
		if _, ok := args[0].(none); !ok {
			return &object{members: map[string]thing{}, open: true}
		}
	}
	return nil
}

// defaults binds parameters and headers for later calls.
func (c *client) defaults(args []thing) thing {
	d := *c
	d.path = c.path[:1]
	o := firstObject(args)
	if o == nil {
		return &d
	}
	d.given = o
	if headers, ok := o.members["headers"].(*object); ok {
		if token, ok := authorization(headers); ok {
			d.token = token
		}
	}
	return &d
}

// authorization returns the token of an authorization header: the value
// without the word before it.
func authorization(headers *object) (value.Value, bool) {
	for _, name := range headers.names {
		if strings.EqualFold(name, "authorization") {
			return bareToken(valueOf(headers.members[name])), true
		}
	}
	return nil, false
}

// bareToken takes "token " or "Bearer " off a header's value.
func bareToken(v value.Value) value.Value {
	if len(v) > 1 && v[0].Text != "" {
		switch strings.ToLower(strings.TrimSpace(v[0].Text)) {
		case "token", "bearer":
			return v[1:]
		}
	}
	return v
}
