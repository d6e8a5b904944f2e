package script

import (
	"slices"
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
			return &client{token: f.in.Token, base: f.in.Base}
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
	"EventTarget", "Deno", "Bun", "$", "cd", "within", "path", "axios", "gql")

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
	case of == "process" && name == "argv":
		return f.words()
	case of == "Deno" && name == "args":
		return &list{open: true}
	case of == "process" && (name == "argv0" || name == "execPath"):
		return text{value.Text(f.node())}
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

// node is the program that runs a script, by the name that its path ends with.
func (f *frame) node() string {
	if strings.Contains(f.in.Source, "Bun.") {
		return "bun"
	}
	return "node"
}

// words are those that the script is started with, behind the program that
// runs it.
func (f *frame) words() thing {
	if f.in.Args == nil || altersOperands.MatchString(f.in.Source) {
		if f.in.Flags || HasFlags(f.in.Args) {
			return &list{open: true, ordered: true, source: hiddenFlags}
		}
		return &list{open: true}
	}
	out := &list{items: []thing{text{value.Text(f.node())}}}
	for _, word := range f.in.Args {
		out.items = append(out.items, text{word})
	}
	return out
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
	if name != "Object.assign" {
		args = slices.Clone(args)
		for i, t := range args {
			args[i] = present(t)
		}
	}
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
		if deferring[name] {
			s.later(args, strings.HasPrefix(name, "process.") && name != "process.nextTick")
		}
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

// deferring are the functions that call later what they are given.
var deferring = set("setTimeout", "setInterval", "setImmediate", "queueMicrotask", "process.nextTick", "process.on", "process.once", "process.addListener")

// maxLater bounds how many functions are walked once more at the end.
const maxLater = 100

// later walks the functions among the arguments once more at the end of the script,
// when they may find other values. Where they handle what ends the program, they may
// be called behind any part of the rest of it.
func (s site) later(args []thing, handle bool) {
	scopes := s.scopes
	if handle && s.behind == nil {
		s.reader.behind = newRegion()
	}
	for _, fn := range carried(args...).functions {
		if len(s.deferred) < maxLater {
			walk := func() {
				s.under(scopes, func() { s.guarded(func() { s.invoke(fn, nil, none{}, true) }) })
			}
			if again := walk; handle {
				walk = func() {
					tried := s.behind
					s.reader.behind = nil
					s.midway(tried, again)
					s.reader.behind = tried
				}
			}
			s.deferred = append(s.deferred, walk)
		}
	}
}

// transparent are the functions whose result holds what they are given.
var transparent = set("btoa", "atob", "encodeURIComponent", "decodeURIComponent", "encodeURI", "String", "Buffer.from", "structuredClone",
	"Object.freeze", "Promise.resolve", "JSON.stringify", "Buffer", "escape", "util.format")
