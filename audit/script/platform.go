package script

import (
	"encoding/json"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
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
		return assigned(args), true
	case "Object.entries", "Object.keys", "Object.values":
		return members(name, args), true
	case "Set", "Map", "WeakMap", "WeakSet", "Array":
		return collection(args, f.condition), true
	case "Promise":
		return f.newPromise(s, args), true
	case "process.cwd":
		return text{value.Context(workspace)}, true
	case "process.exit":
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
		return text{joinURL(valueOf(args[0]), valueOf(args[1]))}
	}
	if name == "Array.of" {
		return &list{items: args, condition: f.condition}
	}
	if name == "Headers" || name == "Array.from" || name == "Request" {
		return args[0]
	}
	s.callbacks(args[1:])
	return args[0]
}

// parsedJSON reads constant JSON; of all else it is as much known as before.
func (f *frame) parsedJSON(s site, args []thing) thing {
	if len(args) == 0 {
		return unknown{s.source()}
	}
	switch t := args[0].(type) {
	case payload, *object, *list:
		return t
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
		for _, item := range data[:min(len(data), maxItems)] {
			l.items = append(l.items, fromJSON(item, depth+1))
		}
		l.open = len(data) > maxItems
		return l
	}
	word, err := json.Marshal(data)
	if err != nil {
		return unknown{"…"}
	}
	return literal(string(word))
}

// assigned reads Object.assign.
func assigned(args []thing) thing {
	if len(args) == 0 {
		return newObject()
	}
	o, ok := args[0].(*object)
	if !ok {
		o = newObject()
		spread(o, args[0])
	}
	for _, a := range args[1:] {
		spread(o, a)
	}
	return o
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
func collection(args []thing, condition int) thing {
	l := &list{condition: condition}
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
