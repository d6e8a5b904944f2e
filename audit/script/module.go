package script

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// module is a local file that is walked once, and what it exports.
type module struct {
	program *program
	// object is the variable "module" of CommonJS, whose member "exports"
	// may be anything.
	object *object
	// exports are those of an ES module.
	exports *object
}

func newModule(p *program) *module {
	m := &module{program: p, object: newObject(), exports: newObject()}
	m.object.set("exports", m.exports)
	return m
}

// value is what require gives.
func (m *module) value() thing { return m.object.members["exports"] }

// declareModule puts the names of CommonJS into the scope of a file.
func (f *frame) declareModule() {
	f.scope.declare("module", f.module.object, 0)
	f.scope.declare("exports", f.module.exports, 0)
}

// required reads require(name).
func (f *frame) required(s site, args []thing) thing {
	if len(args) == 0 {
		return unknown{s.source()}
	}
	var of []thing
	for _, name := range valueOf(args[0]).Alternatives() {
		of = append(of, f.load(s, name))
	}
	return join(of...)
}

// dynamicImport reads import(name), whose default is what CommonJS exports.
func (f *frame) dynamicImport(s site, name thing) thing {
	var of []thing
	for _, name := range valueOf(name).Alternatives() {
		of = append(of, namespace(f.load(s, name)))
	}
	return join(of...)
}

// namespace is what import * gives for a module.
func namespace(t thing) thing {
	o, ok := t.(*object)
	if ok && o.members["default"] != nil {
		return o
	}
	switch t := t.(type) {
	case *object:
		out := newObject()
		out.open = t.open
		for _, name := range t.names {
			out.set(name, t.members[name])
		}
		out.set("default", t)
		return out
	case *function, *class, *builtin:
		out := newObject()
		out.set("default", t)
		return out
	}
	return t
}

// load returns what a module exports. Relative names of a github-script body
// are found from the root, because that action's require says so; import()
// there is not changed, but a relative path would lead into the action's own
// folder and is written by mistake only, so it is read alike.
func (f *frame) load(s site, name value.Value) thing {
	folder := f.folder()
	if f.in.GitHubScript && f.program.main {
		folder = "."
	}
	file, local := localPath(name, folder, path.Dir(f.in.Path))
	if !local {
		word, literal := name.Literal()
		if !literal || strings.HasPrefix(word, "/") {
			f.env = f.env.Opened() // by whatever it is
			return unknown{shortened(name.String())}
		}
		if f.in.Alias != nil {
			for _, file := range f.in.Alias(word, folder) {
				if _, _, ok := f.find(file); ok {
					return f.loadFile(s, file)
				}
			}
		}
		return f.loadPackage(word)
	}
	return f.loadFile(s, file)
}

// version matches what follows a package's name where it is imported by URL
// or with a prefix.
var version = regexp.MustCompile(`(.)@[^/@]+`)

// loadPackage returns a package of the platform, of the toolkit, of Octokit or
// of anybody else.
func (f *frame) loadPackage(name string) thing {
	for _, prefix := range []string{"node:", "npm:", "jsr:", "https://esm.sh/", "https://cdn.skypack.dev/", "https://unpkg.com/", "bun:"} {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			name = version.ReplaceAllString(rest, "$1")
			if prefix == "bun:" {
				name = "Bun"
			}
		}
	}
	switch name {
	case "dotenv/config", "dotenv-flow/config":
		f.blurEnv(name, false)
	case "fs/promises", "fs-extra", "graceful-fs":
		return outside{"fs"}
	case "path/posix":
		return outside{"path"}
	case "timers/promises", "util/types", "stream/promises", "readline/promises", "assert/strict":
		name, _, _ = strings.Cut(name, "/")
	case "bun":
		return outside{"Bun"}
	case "process", "crypto", "url", "buffer", "console":
		return outside{name}
	case "@octokit/graphql":
		return outside{name}
	}
	if !harmless[name] && !known(name) {
		f.packages[name] = true
	}
	return outside{name}
}

// known tells whether calls of a package's functions are understood.
func known(name string) bool {
	if strings.HasPrefix(name, "@actions/") || strings.HasPrefix(name, "@octokit/") || clientClasses[name] || tags[name] || fetchers[name] {
		return true
	}
	switch name {
	case "child_process", "http", "https", "http2", "net", "tls", "undici", "axios", "got", "ky", "execa", "zx", "cross-spawn", "shelljs",
		"needle", "superagent", "graphql-tag", "octokit", "vm", "inspector", "zx/globals", "zx/core", "nano-spawn", "tinyexec", "simple-git", "simple-git/promise":
		return true
	}
	return false
}

// extensions are tried where a file is named without one, or with that of
// the JavaScript that TypeScript becomes.
var extensions = []string{"", ".js", ".cjs", ".mjs", ".ts", ".mts", ".cts", ".json", "/index.js", "/index.cjs", "/index.mjs", "/index.ts"}

// find reads a local file by the name that a script gives it.
func (r *reader) find(name string) (file, source string, ok bool) {
	if r.in.Import == nil {
		return "", "", false
	}
	stems := []string{name}
	switch ext := path.Ext(name); ext {
	case ".js", ".mjs", ".cjs":
		stems = append(stems, strings.TrimSuffix(name, ext)+strings.Replace(ext, "js", "ts", 1))
	}
	for _, stem := range stems {
		for _, extension := range extensions {
			if source, ok := r.in.Import(stem + extension); ok {
				return stem + extension, source, true
			}
		}
	}
	return "", "", false
}

// loadFile walks a local file, and returns what it exports.
func (f *frame) loadFile(s site, name string) thing {
	if m, ok := f.modules[name]; ok {
		return m.value()
	}
	file, source, ok := f.find(name)
	if !ok {
		f.env = f.env.Opened()
		return f.missing(s, name)
	}
	if m, ok := f.modules[file]; ok {
		return m.value()
	}
	if path.Ext(file) == ".json" {
		return f.parsedJSON(s, []thing{literal(source)})
	}
	f.opensEnv(source)
	if why := unreadable(source, len(f.modules)); why != "" {
		f.env = f.env.Opened()
		s.reader.unread(file, -1, file+why)
		return unknown{name}
	}
	p, err := parse(file, source)
	if err != nil {
		message, offset := describe(err, source, !moduleSyntax.MatchString(source))
		f.result.Problems = append(f.result.Problems, Problem{File: file, Offset: offset, Message: message})
		f.unread(file, offset, "script does not parse: "+message)
		return unknown{name}
	}
	m := newModule(p)
	f.modules[name], f.modules[file] = m, m
	f.walkModule(m)
	return m.value()
}

// unreadable says why a file is not read, if it is not.
func unreadable(source string, modules int) string {
	switch {
	case len(source) > maxSource:
		return " is too long to be read"
	case isBundle(source):
		return " is bundled code, which is not read"
	case modules > maxModules:
		return " is not read: too many files are imported"
	}
	return ""
}

// walkModule walks the top level of an imported file. It runs whatever the
// condition of its import is, once.
func (f *frame) walkModule(m *module) {
	outer, own := f.region, newRegion()
	f.reader.region = own
	defer func() {
		f.reader.region = outer
		own.passed(outer, inEnv)
	}()
	inner := &frame{reader: f.reader, program: m.program, module: m, scope: newScope(nil, true), this: none{}}
	inner.declareModule()
	inner.statements(m.program.body)
}

// missing is a local file that cannot be had. Code that is imported runs with
// the environment of the step; a github-script body gives away its client
// only by a call, which is noted where it stands.
func (f *frame) missing(s site, name string) thing {
	if path.Ext(name) == ".json" {
		return unknown{name}
	}
	secret := slices.ContainsFunc(slices.Collect(maps.Values(f.env.All())), func(v value.Value) bool { return v.HoldsCredential() })
	if !f.in.GitHubScript || secret {
		s.unread("the local file " + name + " cannot be read")
	}
	return unknown{name}
}
