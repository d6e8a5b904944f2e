package script

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// callPlatform calls what has a meaning of its own here.
func (f *frame) callPlatform(s site, name string, args []thing) (thing, bool) {
	switch name {
	case "require", "require.resolve":
		return f.required(s, args), true
	case "module.createRequire":
		return outside{"require"}, true
	case "JSON.stringify", "Object.freeze", "Promise.resolve", "Promise.all", "Promise.allSettled", "Promise.race", "Promise.any",
		"structuredClone", "String", "util.promisify", "Buffer.from", "Object.fromEntries", "Array.from", "URL", "Headers", "Request",
		"encodeURIComponent", "Array.of", "RegExp.escape", "parseInt", "parseFloat", "Number", "Number.parseInt", "BigInt":
		return f.passed(s, name, args), true
	case "JSON.parse":
		return f.parsedJSON(s, args), true
	case "Object.assign":
		return f.assigned(s, args), true
	case "Object.entries", "Object.keys", "Object.values":
		return members(name, args), true
	case "Set", "Map", "WeakMap", "WeakSet", "Array":
		return collection(args), true
	case "Promise":
		return f.newPromise(s, args), true
	case "Reflect.set", "Reflect.deleteProperty", "Reflect.defineProperty", "Object.defineProperty", "Object.defineProperties", "Object.setPrototypeOf":
		return f.meddled(s, args), true
	case "process.loadEnvFile", "dotenv.config", "dotenv.configDotenv", "dotenv-expand.expand", "dotenv-flow.config":
		f.blurEnv(name, false)
		return &object{members: map[string]thing{}, open: true, source: s.source()}, true
	case "Proxy":
		return firstOr(args, 0), true
	case "process.cwd":
		return text{f.folderNow()}, true
	case "process.exit":
		// The step fails with any status but 0.
		if status, known := firstLiteral(args); !known || status == "0" {
			f.ends()
		}
		return none{}, true
	case "Deno.env.get":
		if variable, ok := firstLiteral(args); ok {
			return f.readEnv(variable), true
		}
	case "path.join", "path.resolve", "path.posix.join":
		return text{joinPaths(args)}, true
	case "path.dirname", "path.normalize", "url.fileURLToPath", "url.pathToFileURL", "path.basename":
		return text{pathPart(name, args)}, true
	case "fs.readFileSync", "fs.readFile", "Deno.readTextFile", "Deno.readTextFileSync":
		return f.readLocal(s, args), true
	case "fs.appendFileSync", "fs.writeFileSync", "fs.appendFile", "fs.writeFile", "Deno.writeTextFile", "Deno.writeTextFileSync":
		return f.writeFile(s, args), true
	}
	return nil, false
}

// meddled reads a function that changes the members of its first operand in a way
// that is not followed.
func (f *frame) meddled(s site, args []thing) thing {
	for _, one := range alternatives(firstOr(args, 0)) {
		switch one := one.(type) {
		case *object:
			if name, known := literalOf(firstOr(args, 1)); known {
				f.write(spot{object: one, member: name}, unknown{s.source()})
				continue
			}
			f.blurMembers(one)
		case *list:
			f.shuffle(one)
		case outside:
			if one.name == "process.env" {
				f.blurEnv(s.source(), true)
			}
		}
	}
	s.callbacks(args)
	return firstOr(args, 0)
}

func firstLiteral(args []thing) (string, bool) {
	if len(args) == 0 {
		return "", false
	}
	return literalOf(args[0])
}

// passed returns what a function gets, for those whose result is as good.
func (f *frame) passed(s site, name string, args []thing) thing {
	if len(args) == 0 {
		return newObject()
	}
	if name == "Array.from" && len(args) > 1 {
		if l, ok := args[0].(*list); ok {
			return f.mapped(s, l, args[1:])
		}
		return f.mapped(s, &list{open: true}, args[1:])
	}
	if name == "URL" && len(args) > 1 {
		if base := valueOf(args[1]); len(base) > 1 && base[0].Context == workspace {
			return text{joinPaths([]thing{text{pathPart("path.dirname", args[1:])}, args[0]})}
		}
		return text{joinURL(valueOf(args[0]), valueOf(args[1]))}
	}
	if name == "Array.of" {
		return &list{items: args}
	}
	if name == "Headers" || name == "Array.from" || name == "Request" || name == "structuredClone" {
		return duplicate(args[0])
	}
	s.callbacks(args[1:])
	return args[0]
}

// duplicate is a copy of an object or a list, with copies of those in it.
func duplicate(t thing) thing { return (&copier{left: maxItems}).copied(t, 0) }

// copier copies so many things and no more.
type copier struct{ left int }

func (c *copier) copied(t thing, depth int) thing {
	if c.left--; depth > maxDepth || c.left < 0 {
		if flagged(t) {
			return unknown{hiddenFlags}
		}
		return unknown{"a copy"}
	}
	switch t := t.(type) {
	case *object:
		if t.class != nil {
			return t
		}
		out := *t
		out.names, out.members = slices.Clone(t.names), map[string]thing{}
		for _, name := range t.names {
			out.members[name] = c.copied(t.members[name], depth+1)
		}
		return &out
	case *list:
		out := *t
		out.items = make([]thing, len(t.items))
		for i, item := range t.items {
			out.items[i] = c.copied(item, depth+1)
		}
		return &out
	case either:
		of := make([]thing, len(t.of))
		for i, one := range t.of {
			of[i] = c.copied(one, depth+1)
		}
		return either{of, t.absent}
	}
	return t
}

// parsedJSON reads constant JSON; of all else it is as much known as before.
func (f *frame) parsedJSON(s site, args []thing) thing {
	if len(args) == 0 {
		return unknown{s.source()}
	}
	switch t := args[0].(type) {
	case payload:
		return t
	case *object, *list, either:
		return duplicate(t)
	case text:
		if t.value.HoldsCredential() {
			return t
		}
		if word, ok := t.value.Literal(); ok {
			f.charge(t.value)
			var data any
			if json.Unmarshal([]byte(word), &data) == nil {
				return fromJSON(data, 0)
			}
		}
		if len(t.value) == 1 && strings.HasPrefix(t.value[0].Context, event) {
			return payload{t.value[0].Context}
		}
		return unknown{t.value.String()}
	}
	return unknown{s.source()}
}

// fromJSON turns data into things.
func fromJSON(data any, depth int) thing {
	if depth > maxDepth {
		return unknown{"…"}
	}
	switch data := data.(type) {
	case nil:
		return none{}
	case string:
		return literal(data)
	case map[string]any:
		o := newObject()
		for _, name := range sortedKeys(data) {
			o.set(name, fromJSON(data[name], depth+1))
		}
		return o
	case []any:
		l := &list{}
		for _, item := range data {
			l.items = append(l.items, fromJSON(item, depth+1))
		}
		l.cut()
		return l
	}
	word, err := json.Marshal(data)
	if err != nil {
		return unknown{"…"}
	}
	return literal(string(word))
}

// assigned reads Object.assign.
func (f *frame) assigned(s site, args []thing) thing {
	if len(args) == 0 {
		return newObject()
	}
	if env, ok := args[0].(outside); ok && env.name == "process.env" {
		for _, a := range args[1:] {
			f.assignEnv(s, a)
		}
		return env
	}
	var of []thing
	for _, one := range alternatives(args[0]) {
		if l, ok := one.(*list); ok {
			f.shuffle(l)
			l.items = append(l.items, unknown{hiddenFlags})
			of = append(of, l)
			continue
		}
		o, ok := one.(*object)
		if !ok {
			o = newObject()
			spread(o, one)
		}
		of = append(of, o)
		into := func() { f.spreadInto(o, args[1:]) }
		if ok && len(alternatives(args[0])) > 1 {
			f.guarded(into)
			continue
		}
		into()
	}
	return join(of...)
}

// spreadInto copies the members of things into an object that is there already.
func (f *frame) spreadInto(o *object, from []thing) {
	filled := &object{names: slices.Clone(o.names), members: maps.Clone(o.members), open: o.open, environ: o.environ}
	for _, t := range from {
		spread(filled, t)
	}
	for _, name := range filled.names {
		f.write(spot{object: o, member: name}, filled.members[name])
	}
	o.open, o.environ = filled.open, filled.environ
}

// assignEnv sets the members of a thing as variables of the environment.
func (f *frame) assignEnv(s site, t thing) {
	switch t := t.(type) {
	case nil, none:
	case *object:
		for _, name := range t.names {
			f.setEnv(name, t.members[name])
		}
		if t.open {
			f.blurEnv(s.source(), true)
		}
	case either:
		for _, one := range t.of {
			f.guarded(func() { f.assignEnv(s, one) })
		}
	default:
		f.blurEnv(s.source(), true)
	}
}

// members reads Object.keys, values and entries.
func members(name string, args []thing) thing {
	l := &list{open: true}
	if len(args) == 0 {
		return l
	}
	if c, ok := args[0].(*client); ok {
		return &list{items: []thing{c}, open: true}
	}
	o, ok := args[0].(*object)
	if !ok {
		return l
	}
	l.open = o.open
	for _, key := range o.names {
		switch name {
		case "Object.keys":
			l.items = append(l.items, literal(key))
		case "Object.values":
			l.items = append(l.items, o.members[key])
		default:
			l.items = append(l.items, &list{items: []thing{literal(key), o.members[key]}})
		}
	}
	return l
}

// collection makes a Set, a Map or an array.
func collection(args []thing) thing {
	l := &list{}
	if len(args) > 0 {
		l.extend(args[0])
	}
	return l
}

// newPromise walks the executor of a promise; what it resolves to is the
// promise's value.
func (f *frame) newPromise(s site, args []thing) thing {
	var resolved []thing
	resolve := &builtin{call: func(_ site, args []thing) thing {
		if len(args) > 0 && len(resolved) < maxChoice {
			resolved = append(resolved, args[0])
		}
		return none{}
	}}
	if len(args) > 0 {
		f.call(s, args[0], none{}, []thing{resolve, &builtin{call: func(site, []thing) thing { return none{} }}})
	}
	if len(resolved) == 0 {
		return unknown{s.source()}
	}
	return join(resolved...)
}
