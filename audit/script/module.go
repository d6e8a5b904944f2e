package script

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/grafana/sobek/ast"

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

// folder is the folder of the file that is walked.
func (f *frame) folder() string { return path.Dir(f.program.path) }

// inWorkspace returns the path of a file on the runner. The workspace is
// taken to hold the repository itself, which is wrong where a checkout names
// another path.
func inWorkspace(name string) value.Value {
	if name == "." || name == "" {
		return value.Context(workspace)
	}
	return value.Concat(value.Context(workspace), value.Text("/"+name))
}

// localPath returns the path of a file in the repository, from what a script
// calls it: relative to folder, under the workspace, or in the folder of the
// action that the script belongs to.
func localPath(v value.Value, folder, action string) (string, bool) {
	if len(v) == 0 {
		return "", false
	}
	switch v[0].Context {
	case workspace:
		rest, ok := v[1:].Literal()
		return inside(rest), ok
	case "github.action_path":
		rest, ok := v[1:].Literal()
		return inside(path.Join(action, rest)), ok
	}
	name, ok := v.Literal()
	if !ok {
		return "", false
	}
	if !strings.HasPrefix(name, ".") {
		return "", false
	}
	return inside(path.Join(folder, name)), true
}

// inside makes a path relative to the root, and keeps it there.
func inside(name string) string {
	return strings.TrimPrefix(path.Clean("/"+name), "/")
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
			return unknown{shortened(name.String())}
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
		return f.missing(s, name)
	}
	if m, ok := f.modules[file]; ok {
		return m.value()
	}
	if path.Ext(file) == ".json" {
		return f.parsedJSON(s, []thing{literal(source)})
	}
	if why := unreadable(source, len(f.modules)); why != "" {
		s.reader.unread(file, -1, file+why)
		return unknown{name}
	}
	p, err := parse(file, source)
	if err != nil {
		message, offset := describe(err, source, !moduleSyntax.MatchString(source))
		f.result.Problems = append(f.result.Problems, Problem{file, offset, message})
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
	secret := slices.ContainsFunc(slices.Collect(maps.Values(f.env.All())), func(v value.Value) bool { return len(v.Credentials()) > 0 })
	if !f.in.GitHubScript || secret {
		s.unread("the local file " + name + " cannot be read")
	}
	return unknown{name}
}

// importDeclaration binds the names of an import declaration.
func (f *frame) importDeclaration(d *ast.ImportDeclaration) {
	s := site{f, d}
	if d.ImportClause == nil || d.FromClause == nil {
		if d.ModuleSpecifier != "" {
			f.load(s, value.Text(d.ModuleSpecifier.String()))
		}
		return
	}
	t := f.load(s, value.Text(d.FromClause.ModuleSpecifier.String()))
	clause := d.ImportClause
	if clause.ImportedDefaultBinding != nil {
		f.scope.declare(clause.ImportedDefaultBinding.Name.String(), f.defaultOf(t, d), f.condition)
	}
	if clause.NameSpaceImport != nil {
		f.scope.declare(clause.NameSpaceImport.ImportedBinding.String(), namespace(t), f.condition)
	}
	if clause.NamedImports != nil {
		for _, specifier := range clause.NamedImports.ImportsList {
			name := specifier.IdentifierName.String()
			local := name
			if specifier.Alias != "" {
				local = specifier.Alias.String()
			}
			f.scope.declare(local, f.export(t, name, d), f.condition)
		}
	}
}

// export returns a named export. A module may export an object as a whole.
func (f *frame) export(t thing, name string, d ast.Node) thing {
	if name == "default" {
		return f.defaultOf(t, d)
	}
	return f.get(t, name, d)
}

// defaultOf returns a module's default export; for CommonJS that is all it
// exports.
func (f *frame) defaultOf(t thing, d ast.Node) thing {
	switch t := t.(type) {
	case *object:
		if inner, ok := t.members["default"]; ok {
			return inner
		}
		return t
	case outside:
		return f.get(t, "default", d)
	}
	return t
}

// exportDeclaration walks an export declaration.
func (f *frame) exportDeclaration(d *ast.ExportDeclaration) {
	exports := f.module.exports
	switch {
	case d.LexicalDeclaration != nil:
		f.bindings(d.LexicalDeclaration.List, false)
		f.exportBindings(d.LexicalDeclaration.List)
	case d.Variable != nil:
		f.bindings(d.Variable.List, true)
		f.exportBindings(d.Variable.List)
	case d.HoistableDeclaration != nil:
		name := d.HoistableDeclaration.FunctionDeclaration.Function.Name.Name.String()
		exports.set(exportName(name, d.IsDefault), f.lookup(name))
	case d.ClassDeclaration != nil:
		c := f.classLiteral(d.ClassDeclaration.Class)
		if c.name != "" {
			f.scope.declare(c.name, c, f.condition)
		}
		exports.set(exportName(c.name, d.IsDefault), c)
	case d.AssignExpression != nil:
		exports.set("default", f.eval(d.AssignExpression))
	case d.NamedExports != nil:
		f.exportNames(d.NamedExports, d)
	case d.ExportFromClause != nil && d.FromClause != nil:
		f.exportAll(d)
	}
}

func exportName(name string, isDefault bool) string {
	if isDefault {
		return "default"
	}
	return name
}

func (f *frame) exportBindings(list []*ast.Binding) {
	for _, b := range list {
		f.match(b.Target, none{}, func(name *ast.Identifier, _ thing) {
			f.module.exports.set(name.Name.String(), f.lookup(name.Name.String()))
		})
	}
}

// exportNames exports variables, or names of another module.
func (f *frame) exportNames(names *ast.NamedExports, d *ast.ExportDeclaration) {
	var from thing
	if d.FromClause != nil {
		from = f.load(site{f, d}, value.Text(d.FromClause.ModuleSpecifier.String()))
	}
	for _, specifier := range names.ExportsList {
		name := specifier.IdentifierName.String()
		as := name
		if specifier.Alias != "" {
			as = specifier.Alias.String()
		}
		if from != nil {
			f.module.exports.set(as, f.export(from, name, d))
			continue
		}
		f.module.exports.set(as, f.lookup(name))
	}
}

// exportAll exports what another module exports.
func (f *frame) exportAll(d *ast.ExportDeclaration) {
	from := f.load(site{f, d}, value.Text(d.FromClause.ModuleSpecifier.String()))
	if d.ExportFromClause.Alias != "" {
		f.module.exports.set(d.ExportFromClause.Alias.String(), namespace(from))
		return
	}
	if o, ok := from.(*object); ok {
		for _, name := range o.names {
			if name != "default" {
				f.module.exports.set(name, o.members[name])
			}
		}
	}
}

// joinPaths reads path.join and path.resolve. Relative paths are those of the
// workspace, in which steps run unless they say otherwise.
func joinPaths(args []thing) value.Value {
	var out value.Value
	for i, a := range args {
		v := valueOf(a)
		if i == 0 {
			out = v
			continue
		}
		if len(v) > 0 && v[0].Context == workspace {
			out = v
			continue
		}
		out = value.Concat(out, value.Text("/"), v)
	}
	return cleaned(out)
}

// cleaned takes "./" and "x/../" out of a path whose only unknown part is its
// beginning.
func cleaned(v value.Value) value.Value {
	if len(v) == 0 {
		return v
	}
	if word, ok := v.Literal(); ok {
		clean := path.Clean(word)
		if strings.HasPrefix(clean, "/") || strings.HasPrefix(clean, ".") {
			return value.Text(clean)
		}
		return value.Text("./" + clean)
	}
	if rest, ok := v[1:].Literal(); ok && v[0].Context == workspace {
		return inWorkspace(inside(rest))
	}
	return v
}

// pathPart reads functions of path and url.
func pathPart(name string, args []thing) value.Value {
	v := valueOf(firstOr(args, 0))
	if name != "path.dirname" {
		return v
	}
	if len(v) == 2 && v[0].Context == workspace {
		return inWorkspace(inside(path.Dir(v[1].Text)))
	}
	if word, ok := v.Literal(); ok {
		return value.Text(path.Dir(word))
	}
	return v
}

// readLocal reads a file: the event, or a file of the repository.
func (f *frame) readLocal(s site, args []thing) thing {
	if len(args) == 0 {
		return unknown{s.source()}
	}
	v := valueOf(args[0])
	if v.IsContext("github.event_path") {
		return payload{event}
	}
	name, local := localPath(v, ".", path.Dir(f.in.Path))
	if word, ok := v.Literal(); ok && !local && !strings.HasPrefix(word, "/") {
		name, local = inside(word), true
	}
	if local && f.in.Import != nil {
		if source, ok := f.in.Import(name); ok && len(source) <= maxSource {
			f.charge(value.Text(source))
			return literal(source)
		}
	}
	return unknown{s.source()}
}

func sortedKeys(m map[string]any) []string {
	return slices.Sorted(maps.Keys(m))
}
