package script

import (
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/value"
)

// clientClasses make a client from {auth: token}; getOctokit and the old
// GitHub class take the token itself.
var clientClasses = set("@octokit/rest", "@octokit/rest.Octokit", "@octokit/core", "@octokit/core.Octokit", "octokit.Octokit", "octokit",
	"@octokit/action.Octokit", "@octokit/action", "@actions/github/lib/utils.GitHub", "@octokit/app.Octokit", "@actions/github.GitHub",
	"@actions/github.getOctokit", "probot.ProbotOctokit", "github")

// callOctokit calls what makes or extends a client.
func (f *frame) callOctokit(s site, name string, args []thing) (thing, bool) {
	if made := f.construct(s, name, args); made != nil {
		return made, true
	}
	class, member, ok := cutLast(name, ".")
	if ok && clientClasses[class] && (member == "plugin" || member == "defaults") {
		if member == "defaults" {
			return f.preset(class, args), true
		}
		s.callbacks(args)
		return outside{class}, true
	}
	switch name {
	case "@octokit/graphql", "@octokit/request":
		return (&client{path: []string{cutPackage(name)}}).call(s, args), true
	case "@octokit/auth-app.createAppAuth", "@octokit/auth-app", "universal-github-app-jwt":
		o := firstObject(args)
		if o == nil {
			o = newObject()
		}
		token := f.appToken(s, o)
		return &builtin{call: func(site, []thing) thing {
			answer := newObject()
			answer.set("token", text{token})
			return answer
		}}, true
	case "@actions/github/lib/utils.getOctokitOptions":
		o := newObject()
		if len(args) > 0 {
			o.set("auth", args[0])
		}
		if more, ok := firstOr(args, 1).(*object); ok {
			spread(o, more)
		}
		return o, true
	}
	return nil, false
}

// preset makes a class of clients with options of its own.
func (f *frame) preset(class string, args []thing) thing {
	given := firstObject(args)
	return &builtin{call: func(s site, args []thing) thing {
		o := newObject()
		if given != nil {
			spread(o, given)
		}
		if len(args) > 0 {
			spread(o, args[0])
		}
		return s.newClient(s, []thing{o})
	}}
}

// construct makes a client or an App if name is a class of such; else it
// returns nil.
func (f *frame) construct(s site, name string, args []thing) thing {
	switch {
	case name == "@actions/github.getOctokit" || name == "@actions/github.GitHub":
		return f.tokenClient(s, args)
	case name == "@octokit/action" || name == "@octokit/action.Octokit":
		return f.made(s, &client{token: f.actionToken()})
	case clientClasses[name]:
		return f.newClient(s, args)
	case name == "@octokit/app.App" || name == "octokit.App":
		return f.newApp(s, args)
	}
	return nil
}

// actionToken is the token that @octokit/action finds in the environment.
func (f *frame) actionToken() value.Value {
	for _, name := range []string{"GITHUB_TOKEN", "INPUT_GITHUB_TOKEN", "INPUT_TOKEN"} {
		if _, ok := f.env.Lookup(name); ok {
			return valueOf(f.readEnv(name))
		}
	}
	return valueOf(f.readEnv("GITHUB_TOKEN"))
}

// tokenClient makes a client from a token.
func (f *frame) tokenClient(s site, args []thing) thing {
	c := &client{}
	if len(args) > 0 {
		c.token = valueOf(args[0])
	}
	if o, ok := firstOr(args, 1).(*object); ok {
		c.base = valueOf(o.members["baseUrl"])
	}
	switch firstOr(args, 0).(type) {
	case *object, *client:
		return f.newClient(s, args)
	}
	return f.made(s, c)
}

// firstOr returns the argument at i, or nothing.
func firstOr(args []thing, i int) thing {
	if i < len(args) {
		return args[i]
	}
	return none{}
}

// newClient makes a client from options.
func (f *frame) newClient(s site, args []thing) thing {
	if len(args) == 0 {
		return &client{}
	}
	var of []thing
	for _, one := range alternatives(args[0]) {
		switch one := one.(type) {
		case *object:
			of = append(of, f.made(s, f.clientOf(s, one)))
		case *client:
			of = append(of, one)
		default:
			of = append(of, f.made(s, &client{token: valueOf(one)}))
		}
	}
	return join(of...)
}

// clientOf makes a client from an object of options.
func (f *frame) clientOf(s site, o *object) *client {
	c := &client{base: valueOf(o.members["baseUrl"])}
	auth := o.members["auth"]
	strategy, _ := o.members["authStrategy"].(outside)
	switch inner := auth.(type) {
	case *object:
		c.token = f.appToken(s, inner)
	case nil:
		switch {
		case strategy.name == "@octokit/auth-action.createActionAuth":
			c.token = f.actionToken()
		case o.members["authStrategy"] != nil:
			c.token = value.Unknown("authStrategy")
		case o.open:
			c.token = value.Unknown(shortened(o.source))
		}
	default:
		c.token = bareToken(valueOf(auth))
	}
	return c
}

// made notes the making of a client.
func (f *frame) made(s site, c *client) thing {
	if c.authenticated() {
		s.add(Call{Kind: Client, Base: c.base, Token: c.token})
	}
	return c
}

// appToken returns the installation token that an App's key is exchanged for,
// and notes the key.
func (f *frame) appToken(s site, o *object) value.Value {
	if key := valueOf(o.members["privateKey"]); len(key) > 0 {
		s.add(Call{Kind: Client, Method: "app", Token: key})
	}
	place := audit.Place{File: s.program.path, Text: strings.TrimSpace(s.source())}
	return value.Of(&value.Credential{Kind: value.Installation, Maker: &value.Maker{Action: "@octokit/auth-app", Place: place}})
}

// newApp makes an App, whose clients hold installation tokens.
func (f *frame) newApp(s site, args []thing) thing {
	o := firstObject(args)
	if o == nil {
		o = newObject()
	}
	token := f.appToken(s, o)
	give := &builtin{call: func(site, []thing) thing { return &client{token: token} }}
	app := newObject()
	app.open = true
	app.set("octokit", &client{token: token})
	app.set("getInstallationOctokit", give)
	return app
}
