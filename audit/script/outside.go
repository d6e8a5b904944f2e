package script

import (
	"encoding/json"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// predefined are the names that actions/github-script puts into the scope of
// a script, besides the client.
var predefined = map[string]string{
	"core": "@actions/core", "exec": "@actions/exec", "glob": "@actions/glob", "io": "@actions/io",
	"getOctokit": "@actions/github.getOctokit", "__original_require__": "require",
}

// global returns what a name stands for that the script does not declare.
func (f *frame) global(name string) thing {
	switch name {
	case "undefined", "NaN":
		return none{}
	case "globalThis", "global", "window":
		return outside{"globalThis"}
	}
	if f.program.main && f.in.GitHubScript {
		switch name {
		case "github", "octokit":
			return &client{token: f.in.Token}
		case "context":
			return outside{"@actions/github.context"}
		}
		if module, ok := predefined[name]; ok {
			return outside{module}
		}
	}
	switch name {
	case "__dirname":
		return text{inWorkspace(f.folder())}
	case "__filename":
		return text{inWorkspace(f.program.path)}
	}
	if platform[name] {
		return outside{name}
	}
	return unknown{name}
}

// platform has the global names of JavaScript and Node that are known here,
// and the names of the tools that put commands into the scope.
var platform = set("process", "console", "require", "fetch", "JSON", "Object", "Array", "Math", "Number", "String", "Boolean", "Symbol",
	"BigInt", "Date", "RegExp", "Error", "TypeError", "RangeError", "AggregateError", "Promise", "Reflect", "Proxy", "Intl", "Map", "Set",
	"WeakMap", "WeakSet", "parseInt", "parseFloat", "isNaN", "isFinite", "encodeURIComponent", "decodeURIComponent", "encodeURI",
	"decodeURI", "escape", "unescape", "btoa", "atob", "structuredClone", "setTimeout", "setInterval", "setImmediate", "clearTimeout",
	"clearInterval", "clearImmediate", "queueMicrotask", "Buffer", "URL", "URLSearchParams", "TextEncoder", "TextDecoder", "AbortController",
	"AbortSignal", "Headers", "FormData", "Blob", "Request", "Response", "performance", "crypto", "Uint8Array", "ArrayBuffer", "Event",
	"EventTarget", "Deno", "Bun", "$", "axios", "gql")

func set(names ...string) map[string]bool {
	out := make(map[string]bool, len(names))
	for _, name := range names {
		out[name] = true
	}
	return out
}

// outsideMember returns a member of something of the platform.
func (f *frame) outsideMember(of, name string) thing {
	switch {
	case of == "process.env" || of == "Deno.env" || of == "Bun.env":
		return f.readEnv(name)
	case of == "globalThis":
		return f.global(name)
	case of == "process" && name == "argv" || of == "Deno" && name == "args":
		return &list{open: true}
	case of == "import.meta":
		return f.importMeta(name)
	case of == "@actions/github.context":
		return contextMember(name)
	case of == "@actions/github" && name == "context":
		return outside{"@actions/github.context"}
	case name == "default" && !strings.Contains(packageless(of), "."):
		return outside{of}
	case of == "fs" && name == "promises":
		return outside{"fs"}
	case name == "promises" && (of == "child_process" || of == "util"):
		return outside{of}
	case of == "@octokit/graphql" && name == "graphql" || of == "@octokit/request" && name == "request":
		return &client{path: []string{name}}
	case of == "@octokit/graphql" || of == "@octokit/request":
		return (&client{path: []string{cutPackage(of)}}).member(name)
	}
	return outside{of + "." + name}
}

// packageless takes the scope and the file of a package's name away, whose
// dots are no members.
func packageless(name string) string {
	if i := strings.LastIndex(name, "/"); i >= 0 {
		return strings.ReplaceAll(name[i:], ".js", "")
	}
	return name
}

// cutPackage returns the last element of a package's name.
func cutPackage(name string) string { return name[strings.LastIndex(name, "/")+1:] }

// importMeta returns a member of import.meta.
func (f *frame) importMeta(name string) thing {
	switch name {
	case "url", "filename":
		return text{inWorkspace(f.program.path)}
	case "dirname":
		return text{inWorkspace(f.folder())}
	case "env":
		return outside{"process.env"}
	}
	return unknown{"import.meta." + name}
}

// harmless are the parts of the platform that do not talk to GitHub: what
// they are given goes nowhere.
var harmless = set("console", "JSON", "Object", "Array", "Math", "Number", "String", "Boolean", "Symbol", "BigInt", "Date", "RegExp", "Error",
	"TypeError", "RangeError", "AggregateError", "Promise", "Reflect", "Proxy", "Intl", "Map", "Set", "WeakMap", "WeakSet", "parseInt",
	"parseFloat", "isNaN", "isFinite", "encodeURIComponent", "decodeURIComponent", "encodeURI", "decodeURI", "escape", "unescape", "btoa",
	"atob", "structuredClone", "setTimeout", "setInterval", "setImmediate", "clearTimeout", "clearInterval", "clearImmediate",
	"queueMicrotask", "Buffer", "URL", "URLSearchParams", "TextEncoder", "TextDecoder", "AbortController", "AbortSignal", "Headers",
	"FormData", "Blob", "Response", "performance", "crypto", "Uint8Array", "ArrayBuffer", "Event", "EventTarget", "process", "import",
	"fs", "path", "os", "util", "url", "assert", "events", "stream", "readline", "timers", "zlib", "querystring", "buffer",
	"string_decoder", "perf_hooks", "module", "async_hooks", "v8", "tty", "dns", "constants", "worker_threads", "diagnostics_channel",
	"@actions/core", "@actions/io", "@actions/glob", "@actions/artifact", "@actions/cache", "@octokit/types", "@octokit/webhooks-types",
	"@octokit/openapi-types", "@octokit/graphql-schema", "@octokit/plugin-throttling", "@octokit/plugin-retry",
	"@octokit/plugin-paginate-rest", "@octokit/plugin-paginate-graphql", "@octokit/plugin-rest-endpoint-methods",
	"@octokit/plugin-request-log", "@octokit/plugin-enterprise-server", "@octokit/request-error")

// root is the package or global that a dotted name begins with.
func root(name string) string {
	start := 0
	if strings.HasPrefix(name, "@") || strings.HasPrefix(name, ".") {
		start = strings.LastIndex(name, "/") + 1
	}
	if i := strings.Index(name[start:], "."); i > 0 {
		return name[:start+i]
	}
	return name
}

// callOutside calls something of the platform or of a package.
func (f *frame) callOutside(s site, name string, args []thing) thing {
	if t, ok := f.callPlatform(s, name, args); ok {
		return t
	}
	if t, ok := f.callProcess(s, name, args); ok {
		return t
	}
	if t, ok := f.callHTTP(s, name, args); ok {
		return t
	}
	if t, ok := f.callOctokit(s, name, args); ok {
		return t
	}
	if member, ok := cutName(name, "@actions/core."); ok {
		return f.callCore(s, member, args)
	}
	if harmless[root(name)] {
		s.callbacks(args)
		if c := carried(args...); len(c.credentials) > 0 && transparent[name] {
			return args[0]
		}
		return unknown{s.source()}
	}
	if receiver, method, ok := cutLast(name, "."); ok {
		if c := clientBySpelling(receiver, method); c != nil {
			return c.call(s, args)
		}
	}
	return s.give(name, args)
}

// transparent are the functions whose result holds what they are given.
var transparent = set("btoa", "atob", "encodeURIComponent", "decodeURIComponent", "encodeURI", "String", "Buffer.from", "structuredClone",
	"Object.freeze", "Promise.resolve", "JSON.stringify", "Buffer", "escape", "util.format")

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
		return none{}
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
		if len(t.value.Credentials()) > 0 {
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
	resolve := &builtin{name: "resolve", call: func(_ site, args []thing) thing {
		if len(args) > 0 && len(resolved) < maxChoice {
			resolved = append(resolved, args[0])
		}
		return none{}
	}}
	if len(args) > 0 {
		f.call(s, args[0], none{}, []thing{resolve, &builtin{name: "reject", call: func(site, []thing) thing { return none{} }}})
	}
	if len(resolved) == 0 {
		return unknown{s.source()}
	}
	return join(resolved...)
}
