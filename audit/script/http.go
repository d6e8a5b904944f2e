package script

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// exchange is an HTTP request that is being put together.
type exchange struct {
	method        string
	base, address value.Value
	headers, body thing
	// vague tells that options were given that are not known, written that a body
	// may be written afterwards.
	vague, written bool
}

// fetchers take an address and options, as fetch does.
var fetchers = set("fetch", "node-fetch", "undici.fetch", "undici.request", "cross-fetch", "node-fetch-native", "make-fetch-happen",
	"got", "got.got", "ky", "https.get", "https.request", "http.get", "http.request", "needle", "minipass-fetch", "isomorphic-fetch",
	"got.stream", "got.paginate", "request")

// writers begin a request whose body comes after the call: what they return is
// written to.
var writers = set("https.request", "http.request", "got.stream")

// libraries have a function for every HTTP method. Those that are true take
// the body before the options.
var libraries = map[string]bool{"axios": true, "got": false, "ky": false, "got.got": false, "superagent": false, "needle": true, "axios.default": true}

// httpMethods are the functions of libraries that are named for a method.
var httpMethods = set("get", "post", "put", "patch", "delete", "head", "options", "request")

// callHTTP calls a function that makes an HTTP request.
func (f *frame) callHTTP(s site, name string, args []thing) (thing, bool) {
	library, member, _ := cutLast(name, ".")
	bodyFirst, isLibrary := libraries[library]
	switch {
	case name == "axios" || name == "axios.request" || name == "axios.default":
		f.send(s, f.axiosDefaults(), "", false, args)
	case isLibrary && (member == "create" || member == "extend"):
		return f.httpInstance(library, args), true
	case isLibrary && httpMethods[member]:
		d := exchange{}
		if library == "axios" {
			d = f.axiosDefaults()
		}
		f.send(s, d, member, bodyFirst, args)
	case fetchers[name]:
		f.send(s, exchange{written: writers[name]}, "", false, args)
	case name == "@actions/tool-cache.downloadTool":
		f.download(s, args)
	case name == "@actions/http-client.HttpClient":
		return f.toolkitClient(args), true
	case strings.HasPrefix(name, "@actions/http-client/") && strings.HasSuffix(name, "CredentialHandler") ||
		strings.HasPrefix(name, "@actions/http-client/") && strings.HasSuffix(name, "CredentialHandlerForPAT"):
		return &list{items: args}, true
	case strings.HasPrefix(name, "@actions/tool-cache."):
		return unknown{s.source()}, true
	default:
		return nil, false
	}
	s.callbacks(args)
	return unknown{s.source()}, true
}

// axiosDefaults are what axios was told to send with every request.
func (f *frame) axiosDefaults() exchange {
	if f.axiosHeaders == nil {
		return exchange{}
	}
	return exchange{headers: f.axiosHeaders}
}

// defaultHeader sets a header that axios sends with every request.
func (f *frame) defaultHeader(name string, t thing) {
	if f.axiosHeaders == nil {
		f.axiosHeaders = newObject()
	}
	f.axiosHeaders.set(strings.Trim(name, `'"`), t)
}

// send reads the arguments of a request: an address and options, with a body
// between them where bodyFirst says so and the method takes one, or one
// object with everything.
func (f *frame) send(s site, d exchange, method string, bodyFirst bool, args []thing) {
	if method != "request" {
		d.method = strings.ToUpper(method)
	}
	if len(args) == 0 {
		return
	}
	rest := args[1:]
	if bodyFirst && (method == "post" || method == "put" || method == "patch") {
		d.body, rest = firstOr(rest, 0), rest[min(1, len(rest)):]
	}
	for _, target := range alternatives(args[0]) {
		x := d
		if o, ok := target.(*object); ok {
			x.options(o)
		} else {
			x.address = valueOf(target)
		}
		for _, more := range rest {
			switch more := more.(type) {
			case *object:
				x.options(more)
			case none, *function, *builtin:
			default:
				x.vague = true
			}
		}
		s.exchange(x)
	}
}

// options takes what an object says about a request.
func (x *exchange) options(o *object) {
	x.vague = x.vague || o.open
	for _, name := range o.names {
		t := o.members[name]
		switch name {
		case "method":
			x.method = strings.ToUpper(valueOf(t).LiteralOr(""))
		case "url", "uri", "href":
			x.address = valueOf(t)
		case "baseURL", "prefixUrl", "baseUrl":
			x.base = valueOf(t)
		case "hostname", "host":
			x.base = value.Concat(value.Text("https://"), valueOf(t))
		case "path", "pathname":
			x.address = valueOf(t)
		case "body", "json", "data":
			x.body = t
			if x.method == "" {
				x.method = "POST"
			}
		case "headers":
			x.headers = withHeaders(x.headers, t)
		case "auth":
			x.headers = withHeaders(x.headers, headersOf("authorization", t))
		}
	}
}

// withHeaders lays headers over others.
func withHeaders(before, t thing) thing {
	o, ok := before.(*object)
	if !ok {
		return t
	}
	out := newObject()
	spread(out, o)
	spread(out, t)
	return out
}

func headersOf(name string, t thing) *object {
	o := newObject()
	o.set(name, t)
	return o
}

// exchange notes a request, if it goes to GitHub, or may, or takes a token
// along.
func (s site) exchange(x exchange) {
	address := x.address
	if len(x.base) > 0 && !hasScheme(address) {
		address = joinURL(address, x.base)
	}
	method := x.method
	if method == "" {
		method = "GET"
	}
	call := Call{Kind: Fetch, Method: method, Path: address}
	switch h := x.headers.(type) {
	case *object:
		for _, name := range h.names {
			call.header(name, valueOf(h.members[name]))
		}
	case *list:
		call.headerPairs(h)
	}
	call.parameters(x.body)
	call.Open = call.Open || x.vague || x.written && method != "GET"
	if s.matters(call, x) && !s.nextPage(call) {
		s.add(call.asGraphQL(x.body))
	}
}

// nextPage tells whether a request is likely for the next page of an answer:
// its address is not known at all, and the same code has just asked GitHub for
// something with the same token. Addresses of pages come from answers.
func (s site) nextPage(call Call) bool {
	if hasText(call.Path) || call.Method != "GET" {
		return false
	}
	for _, before := range s.result.Calls {
		if before.File == s.program.path && before.Start == s.start(s.node) && before.Kind == Fetch && before.Method == "GET" && before.Token.Equal(call.Token) {
			if host, known := hostOf(before.Path); known && isGitHub(host) {
				return true
			}
		}
	}
	return false
}

// headerPairs reads headers given as a list of pairs.
func (c *Call) headerPairs(l *list) {
	for _, item := range l.items {
		if pair, ok := item.(*list); ok && len(pair.items) == 2 {
			c.header(valueOf(pair.items[0]).String(), valueOf(pair.items[1]))
		}
	}
}

// matters tells whether a request is worth noting.
func (s site) matters(call Call, x exchange) bool {
	if c := carried(x.headers, x.body, text{call.Path}); c.loaded() {
		return true
	}
	switch host, known := hostOf(call.Path); {
	case known:
		return isGitHub(host)
	case len(call.Token) > 0:
		return true
	}
	_, plain := x.headers.(*object)
	return x.headers != nil && !plain
}

// asGraphQL makes a request to the GraphQL API what it is.
func (c Call) asGraphQL(body thing) Call {
	o, ok := body.(*object)
	if !ok || o.members["query"] == nil {
		return c
	}
	last := ""
	if n := len(c.Path); n > 0 {
		last = c.Path[n-1].Text + c.Path[n-1].Context
	}
	if !strings.HasSuffix(last, "/graphql") && last != "github.graphql_url" {
		return c
	}
	document := valueOf(o.members["query"])
	if !hasText(document) {
		return c
	}
	g := Call{Kind: GraphQL, Document: document, Headers: c.Headers, Token: c.Token}
	if variables, ok := o.members["variables"]; ok {
		g.parameters(variables)
	}
	return g
}

func hasScheme(v value.Value) bool {
	return len(v) > 0 && strings.Contains(v[0].Text, "://") || len(v) > 0 && strings.HasPrefix(v[0].Context, "github.")
}

// hostOf returns the host of a URL if it is literal, or if it is an address
// that the runner gives.
func hostOf(v value.Value) (host string, known bool) {
	if len(v) == 0 {
		return "", false
	}
	switch v[0].Context {
	case "github.api_url", "github.server_url", "github.graphql_url":
		return "api.github.com", true
	}
	_, rest, ok := strings.Cut(v[0].Text, "://")
	if !ok {
		return "", false
	}
	host, _, whole := strings.Cut(rest, "/")
	if !whole && len(v) > 1 {
		return "", false
	}
	if i := strings.LastIndex(host, "@"); i >= 0 {
		host = host[i+1:]
	}
	return host, true
}

// isGitHub tells whether a host is one of GitHub's.
func isGitHub(host string) bool {
	for _, domain := range []string{"github.com", "githubusercontent.com", "ghcr.io", "ghe.com"} {
		if host == domain || strings.HasSuffix(host, "."+domain) {
			return true
		}
	}
	return false
}

// joinURL puts an address under a base.
func joinURL(address, base value.Value) value.Value {
	if hasScheme(address) {
		return address
	}
	if n := len(base); n > 0 && strings.HasSuffix(base[n-1].Text, "/") {
		base = value.Concat(base[:n-1], value.Text(strings.TrimSuffix(base[n-1].Text, "/")))
	}
	if len(address) > 0 && strings.HasPrefix(address[0].Text, "/") {
		if host, err := url.Parse(base.LiteralOr("")); err == nil && host.Host != "" && host.Path == "/" {
			base = value.Text(strings.TrimSuffix(base.LiteralOr(""), "/"))
		}
		return value.Concat(base, address)
	}
	return value.Concat(base, value.Text("/"), address)
}

// httpInstance makes what axios.create and got.extend give.
func (f *frame) httpInstance(library string, args []thing) thing {
	d := exchange{}
	if o := firstObject(args); o != nil {
		d.options(o)
		d.vague = false
	}
	instance := newObject()
	for _, method := range slices.Sorted(maps.Keys(httpMethods)) {
		instance.set(method, &builtin{call: func(s site, args []thing) thing {
			s.send(s, d, method, libraries[library], args)
			s.callbacks(args)
			return unknown{s.source()}
		}})
	}
	instance.set("default", &builtin{call: func(s site, args []thing) thing {
		s.send(s, d, "", false, args)
		return unknown{s.source()}
	}})
	return instance
}

// toolkitClient makes the HttpClient of actions/toolkit, whose credentials
// come from handlers.
func (f *frame) toolkitClient(args []thing) thing {
	d := exchange{}
	for _, c := range carried(args...).credentials {
		d.headers = headersOf("authorization", text{value.Of(c)})
	}
	client := newObject()
	for _, name := range []string{"get", "getJson", "del", "head", "post", "postJson", "put", "putJson", "patch", "patchJson"} {
		client.set(name, &builtin{call: func(s site, args []thing) thing {
			x := d
			x.method = strings.ToUpper(strings.TrimSuffix(name, "Json"))
			if x.method == "DEL" {
				x.method = "DELETE"
			}
			x.address = valueOf(firstOr(args, 0))
			headers := firstOr(args, 1)
			if x.method != "GET" && x.method != "HEAD" && x.method != "DELETE" {
				x.body, headers = headers, firstOr(args, 2)
			}
			if _, given := headers.(*object); given {
				x.headers = withHeaders(x.headers, headers)
			}
			s.exchange(x)
			return unknown{s.source()}
		}})
	}
	return client
}

// download reads downloadTool(url, destination, authorization, headers).
func (f *frame) download(s site, args []thing) {
	x := exchange{address: valueOf(firstOr(args, 0))}
	if auth := firstOr(args, 2); len(valueOf(auth)) > 0 {
		x.headers = headersOf("authorization", auth)
	}
	if h, ok := firstOr(args, 3).(*object); ok {
		x.headers = withHeaders(x.headers, h)
	}
	s.exchange(x)
}
