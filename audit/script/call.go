package script

import (
	"regexp"
	"strings"

	"github.com/grafana/sobek/ast"

	"github.com/patrol-actions/patrol/audit/value"
)

// callExpression walks a call.
func (f *frame) callExpression(e *ast.CallExpression) thing {
	s := site{f, e}
	callee := unwrapped(e.Callee)
	switch callee := callee.(type) {
	case *ast.DynamicImportExpression:
		args := f.arguments(e.ArgumentList)
		if len(args) == 0 {
			return unknown{"import()"}
		}
		return f.dynamicImport(s, args[0])
	case *ast.SuperExpression:
		return f.superCall(s, f.arguments(e.ArgumentList))
	case *ast.DotExpression, *ast.BracketExpression, *ast.PrivateDotExpression:
		receiver, names := f.caught(callee, e.ArgumentList)
		args := f.settled(receiver, names, e.ArgumentList)
		if len(names) == 0 {
			return f.call(s, f.anyMember(receiver, callee), receiver, args)
		}
		var of []thing
		for _, name := range names {
			of = append(of, f.callMember(s, receiver, name, args))
		}
		return join(of...)
	}
	t := f.eval(callee)
	return f.call(s, t, none{}, f.arguments(e.ArgumentList))
}

// unwrapped takes off what optional chaining puts around a callee.
func unwrapped(e ast.Expression) ast.Expression {
	for {
		switch inner := e.(type) {
		case *ast.Optional:
			e = inner.Expression
		case *ast.OptionalChain:
			e = inner.Expression
		default:
			return e
		}
	}
}

// arguments evaluates the arguments of a call.
func (f *frame) arguments(expressions []ast.Expression) []thing {
	var args []thing
	for _, e := range expressions {
		s, ok := e.(*ast.SpreadElement)
		if !ok {
			args = append(args, f.eval(e))
			continue
		}
		more := &list{}
		more.extend(f.eval(s.Expression))
		args = append(args, more.items...)
	}
	return args
}

// superCall walks the constructor of the class that is extended.
func (f *frame) superCall(s site, args []thing) thing {
	if f.home == nil {
		return none{}
	}
	o, _ := f.this.(*object)
	switch super := f.home.super.(type) {
	case *class:
		if o != nil {
			super.construct(o, f, args, false, 1)
		}
	case outside:
		if made := f.construct(s, super.name, args); made != nil {
			if c, ok := made.(*client); ok {
				f.home.super = c
			}
		}
	case unknown:
		s.give(super.source, args)
	}
	return none{}
}

// call calls a thing.
func (f *frame) call(s site, callee, this thing, args []thing) thing {
	switch callee := callee.(type) {
	case *function:
		return f.invoke(callee, args, this, false)
	case *builtin:
		return callee.call(s, args)
	case outside:
		if l, ok := this.(*list); ok && strings.HasPrefix(callee.name, "Array.prototype.") {
			return f.callList(s, l, strings.TrimPrefix(callee.name, "Array.prototype."), args)
		}
		return f.callOutside(s, callee.name, args)
	case *client:
		return callee.call(s, args)
	case either:
		var of []thing
		f.guarded(func() {
			for _, one := range callee.of {
				if _, isText := one.(text); !isText {
					of = append(of, f.call(s, one, this, args))
				}
			}
		})
		return join(of...)
	case unknown:
		return f.callUnknown(s, callee.source, args)
	case *object:
		// An object may be its own default.
		if t, ok := callee.members["default"]; ok && callee.class == nil && f.enter() {
			defer f.leave()
			return f.call(s, t, this, args)
		}
	case text:
		return s.give(callee.value.String(), args)
	}
	return s.give(s.source(), args)
}

// callMember calls a member of a thing.
func (f *frame) callMember(s site, receiver thing, name string, args []thing) thing {
	if t, ok := f.promise(s, receiver, name, args); ok {
		return t
	}
	switch receiver := receiver.(type) {
	case either:
		var of []thing
		f.guarded(func() {
			for _, one := range receiver.of {
				of = append(of, f.callMember(s, one, name, args))
			}
		})
		return join(of...)
	case *object:
		return f.callObject(s, receiver, name, args)
	case *list:
		return f.callList(s, receiver, name, args)
	case *function:
		return f.callFunctionMember(s, receiver, name, args)
	case text, payload:
		return f.callText(s, receiver, name, args)
	case outside:
		if name == "call" && len(args) > 0 {
			return f.call(s, receiver, args[0], args[1:])
		}
		if l, ok := firstOr(args, 1).(*list); ok && name == "apply" && !l.open {
			return f.call(s, receiver, args[0], l.items)
		}
	case unknown:
		if name == "exec" && len(args) == 1 {
			if t, ok := parted(receiver.source, valueOf(args[0])); ok {
				return t
			}
		}
		return f.callUnknownMember(s, receiver, name, args)
	case none:
		return s.give(s.source(), args)
	}
	return f.call(s, f.get(receiver, name, s.node), receiver, args)
}

// promise walks then, catch and finally, whose receivers are taken for the
// values that they resolve to.
func (f *frame) promise(s site, receiver thing, name string, args []thing) (thing, bool) {
	if o, ok := receiver.(*object); ok && o.members[name] != nil {
		return nil, false
	}
	switch receiver.(type) {
	case *client, *class, outside:
		return nil, false
	}
	switch name {
	case "then":
		if len(args) > 1 {
			s.callbacks(args[1:])
		}
		if len(args) > 0 {
			if _, isNone := args[0].(none); !isNone {
				var t thing
				f.regions(false, func() { t = f.call(s, args[0], none{}, []thing{receiver}) })
				return t, true
			}
		}
	case "catch":
		var t thing
		f.guarded(func() {
			if len(args) > 0 {
				t = f.call(s, args[0], none{}, []thing{unknown{"error"}})
			}
		})
		return join(receiver, t), true
	case "finally":
		if len(args) > 0 {
			f.call(s, args[0], none{}, nil)
		}
	default:
		return nil, false
	}
	return receiver, true
}

// callObject calls a member of an object. One that has no set or append of its
// own is made of headers or of parameters of a URL.
func (f *frame) callObject(s site, o *object, name string, args []thing) thing {
	t := f.objectMember(o, name)
	switch t := t.(type) {
	case none:
		if isPlainMethod[name] {
			return unknown{s.source()}
		}
		if key, known := firstLiteral(args); known && len(args) == 2 && (name == "set" || name == "append") {
			f.write(spot{object: o, member: key}, args[1])
			return o
		}
	case unknown:
		if o.class == nil && o.open && isPlainMethod[name] {
			return unknown{s.source()}
		}
		return f.callUnknown(s, t.source, args)
	}
	return f.call(s, t, o, args)
}

// isPlainMethod has the methods that every object has, which do nothing with
// their arguments.
var isPlainMethod = map[string]bool{"hasOwnProperty": true, "toString": true, "valueOf": true, "isPrototypeOf": true}

// callFunctionMember calls call, apply or bind of a function.
func (f *frame) callFunctionMember(s site, fn *function, name string, args []thing) thing {
	var this thing = none{}
	if len(args) > 0 {
		this = args[0]
	}
	switch name {
	case "call":
		return f.invoke(fn, args[min(1, len(args)):], this, false)
	case "apply":
		if len(args) > 1 {
			if l, ok := args[1].(*list); ok {
				return f.invoke(fn, l.items, this, l.open)
			}
		}
		return f.invoke(fn, nil, this, true)
	case "bind":
		return &function{name: fn.name, bound: fn, receiver: this}
	}
	return s.give(s.source(), args)
}

// octokitRoot recognises a client by its name, where the client itself is not
// known: a parameter of a function that nobody calls, the result of something
// unread.
var octokitRoot = regexp.MustCompile(`(?i)(?:^|[.#_])[a-z0-9]*(?:octokit|github|githubclient|gh|kit)$`)

// namespaces are those of Octokit's REST methods.
var namespaces = map[string]bool{
	"actions": true, "activity": true, "apps": true, "billing": true, "checks": true, "codeScanning": true, "codeSecurity": true,
	"codesOfConduct": true, "codespaces": true, "copilot": true, "dependabot": true, "dependencyGraph": true, "emojis": true,
	"gists": true, "git": true, "gitignore": true, "interactions": true, "issues": true, "licenses": true, "markdown": true,
	"meta": true, "migrations": true, "oidc": true, "orgs": true, "packages": true, "projects": true, "pulls": true,
	"rateLimit": true, "reactions": true, "repos": true, "search": true, "secretScanning": true, "securityAdvisories": true,
	"teams": true, "users": true, "privateRegistries": true, "hostedCompute": true, "campaigns": true, "credentials": true,
}

// callUnknown calls something of which only the code is known. It is taken
// for a call of a client where it is spelled like one.
func (f *frame) callUnknown(s site, source string, args []thing) thing {
	receiver, name, ok := cutLast(source, ".")
	if ok {
		if c := clientBySpelling(receiver, name); c != nil {
			return c.call(s, args)
		}
	}
	switch source {
	case "":
		source = s.source()
	case "eval":
		f.blurEnv(s.source(), true)
	}
	return s.give(source, args)
}

// clientBySpelling returns the method of a client that a call is spelled
// like, or nil. Its token is not known.
func clientBySpelling(receiver, name string) *client {
	if root, namespace, ok := cutLast(receiver, "."); ok && namespaces[namespace] {
		if strings.HasSuffix(root, ".rest") || root == "rest" || octokitRoot.MatchString(root) {
			return &client{token: value.Unknown(strings.TrimSuffix(root, ".rest")), path: []string{namespace, name}}
		}
	}
	if octokitRoot.MatchString(receiver) && (name == "request" || name == "graphql" || name == "paginate") {
		return &client{token: value.Unknown(receiver), path: []string{name}}
	}
	if rest, ok := strings.CutSuffix(receiver, ".paginate"); ok && name == "iterator" && octokitRoot.MatchString(rest) {
		return &client{token: value.Unknown(rest), path: []string{"paginate", "iterator"}}
	}
	return nil
}

// callUnknownMember calls a method of something unknown.
func (f *frame) callUnknownMember(s site, receiver unknown, name string, args []thing) thing {
	if c := clientBySpelling(receiver.source, name); c != nil {
		return c.call(s, args)
	}
	if t, ok := f.collectionMethod(s, receiver, name, args); ok {
		return t
	}
	if t, ok := f.textMethod(s, value.Unknown(receiver.source), name, args); ok {
		return t
	}
	if name == "on" || name == "once" {
		s.later(args, false)
	}
	return s.give(memberSource(receiver.source, name), args)
}

// newExpression walks the making of an instance.
func (f *frame) newExpression(e *ast.NewExpression) thing {
	s := site{f, e}
	callee := f.eval(e.Callee)
	args := f.arguments(e.ArgumentList)
	var of []thing
	for _, one := range alternatives(callee) {
		of = append(of, f.newOne(s, one, args))
	}
	return join(of...)
}

func (f *frame) newOne(s site, callee thing, args []thing) thing {
	switch callee := callee.(type) {
	case *class:
		if super, ok := callee.super.(outside); ok && callee.methods["constructor"] == nil {
			if made := f.construct(s, super.name, args); made != nil {
				callee.super = made
			}
		}
		return f.instantiate(callee, args, false)
	case *function:
		o := newObject()
		o.open = true
		f.invoke(callee, args, o, false)
		return o
	case outside:
		if made := f.construct(s, callee.name, args); made != nil {
			return made
		}
		return f.callOutside(s, callee.name, args)
	case unknown:
		if strings.HasSuffix(callee.source, "Octokit") {
			return f.newClient(s, args)
		}
		return s.give("new "+callee.source, args)
	case *builtin:
		return callee.call(s, args)
	}
	return s.give(s.source(), args)
}

// cutLast cuts s around the last instance of sep.
func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// cutName returns what follows a dotted prefix.
func cutName(name, prefix string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(name, prefix)
	return rest, ok && rest != ""
}
