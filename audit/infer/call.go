package infer

import (
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/script"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// call handles an API call of a script.
func (in *inferrer) call(site *trace.Site) {
	c := site.Call
	token := c.Token
	if c.Kind == script.Fetch {
		for _, name := range sortedKeys(c.Headers) {
			token = value.Concat(token, c.Headers[name])
		}
		if _, _, kind := splitURL(in.answeredAddress(c.Path).Mask()); kind == hostUnknown {
			// The address may be a secret itself.
			token = value.Concat(token, c.Path)
		}
	}
	if c.Kind == script.Client && c.Method == "app" {
		in.use(site, token, "GitHub App", func(u *Use) { u.Other = true })
		return
	}
	in.use(site, token, callName(c), func(u *Use) {
		u.Reads = c.Kind != script.Fetch
		at := audit.Place{File: site.File, Line: site.Line, Text: callName(c)}
		in.callUse(u, site, at)
		in.sentTo(u, c.Base, at)
		in.sentTo(u, c.Arguments["baseUrl"], at)
	})
}

func callName(c *script.Call) string {
	switch c.Kind {
	case script.REST:
		if c.Name != "" {
			return c.Name
		}
		return "github.rest." + c.Method
	case script.GraphQL:
		return "github.graphql"
	case script.Client:
		return "a GitHub client"
	}
	return strings.TrimSpace(c.Method + " " + c.Path.String())
}

func (in *inferrer) callUse(u *Use, site *trace.Site, at audit.Place) {
	c := site.Call
	switch c.Kind {
	case script.REST:
		e, ok := rules.OperationByID(script.Operation(c.Method))
		if !ok {
			u.Unknowns = append(u.Unknowns, Unknown{Code: "unread", Detail: callName(c) + " is no method that is known", Place: at, Settle: "check the method's name"})
			return
		}
		in.endpoint(u, request{arguments: c.Arguments, open: c.Open, without: c.Without, place: at}, e, map[string]string{}, nil, nil)
	case script.Request:
		in.rest(u, request{method: methodOr(c.Method), path: in.trimHost(c.Path), arguments: c.Arguments, open: c.Open, place: at})
	case script.GraphQL:
		in.graphQL(u, c.Document, c.Arguments, at)
	case script.Fetch:
		call := httpCall{method: methodOr(c.Method), urls: []value.Value{c.Path}, hasBody: len(c.Arguments) > 0 || c.Open, fields: c.Arguments, open: c.Open}
		in.httpUse(u, &trace.Site{File: site.File, Line: site.Line, Env: site.Env, JobEnv: site.JobEnv}, call)
	}
}

func methodOr(method string) string {
	if method == "" {
		return "GET"
	}
	return strings.ToUpper(method)
}

// trimHost takes the API's address off a route.
func (in *inferrer) trimHost(path value.Value) value.Value {
	masked := in.answeredAddress(path).Mask()
	for _, prefix := range []string{"https://api.github.com", "https://uploads.github.com"} {
		if rest, ok := strings.CutPrefix(masked.Text, prefix); ok {
			return masked.Table.Value(rest)
		}
	}
	return path
}
