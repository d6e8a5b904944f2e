package infer

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/settings"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// assumed is the credential that a program is taken to have where it is seen
// to be given none for any of its uses.
func (in *inferrer) assumed(site *trace.Site, info *rules.ProgramInfo) value.Value {
	for _, use := range info.Uses {
		for _, source := range use.Tokens {
			if v, ok := site.Env.Lookup(source.Name); ok && source.Kind == "env" && v.HoldsCredential() {
				return nil
			}
		}
	}
	return in.options.Assumed
}

// programEnv returns a variable, or for "*" those set for this step that no
// other use of the program names.
func (in *inferrer) programEnv(site *trace.Site, info *rules.ProgramInfo, name string) value.Value {
	if name != "*" {
		v, _ := site.Env.Lookup(name)
		return v
	}
	var out value.Value
	for _, have := range site.Env.Credentials() {
		named := slices.ContainsFunc(info.Uses, func(u rules.ProgramUse) bool {
			return slices.Contains(u.Tokens, rules.TokenSource{Kind: "env", Name: have})
		})
		if v, _ := site.Env.Lookup(have); !named && near(site, have) {
			out = value.Concat(out, v)
		}
	}
	return out
}

// variableOf returns the name of a variable that holds a credential.
func variableOf(site *trace.Site, c *value.Credential) string {
	for _, name := range site.Env.Credentials() {
		if v, _ := site.Env.Lookup(name); slices.Contains(v.Credentials(), c) {
			return name
		}
	}
	return ""
}

// aroundProgram answers what the table asks beside the call itself.
func (in *inferrer) aroundProgram(site *trace.Site, info *rules.ProgramInfo, name string) (text string, known, set bool) {
	if variable, ok := strings.CutPrefix(name, "env:"); ok {
		v, set := site.Env.Lookup(variable)
		if !set {
			return "", true, false
		}
		if text, ok := v.Literal(); ok {
			return text, true, true
		}
		return v.String(), v.HoldsCredential(), true
	}
	if output, ok := rules.Output(name); ok {
		return agenticOutput(site.Env, output)
	}
	if toolset, ok := rules.Toolset(name); ok {
		return agenticToolset(site, toolset)
	}
	if name == rules.ScriptPath {
		return agenticPath(site.Command.Args), true, true
	}
	if key, ok := strings.CutPrefix(name, "@config:"); ok {
		return in.settings(site, info).Lookup(key)
	}
	if key, ok := strings.CutPrefix(name, "@others:"); ok {
		names, all := in.settings(site, info).Names(key)
		listed := info.Listed(key)
		strange := slices.ContainsFunc(names, func(name string) bool { return !slices.Contains(listed, name) && !in.readPlugin(site, name) })
		return "", all && !strange, false
	}
	if own, ok := strings.CutPrefix(name, "@electron"); ok {
		file, _ := info.Lookup("config")
		return in.electron(own, file, func(name string) ([]byte, error) { return in.readConfig(site, name) })
	}
	switch name {
	case "@registry":
		return in.npmSetUp(site)
	case "@config":
		return in.programConfig(site, info)
	}
	return "", false, false
}

// electron tells where electron-builder publishes to, by the providers of which
// each is one: with own ":own" those that no flag changes.
func (in *inferrer) electron(own, file string, read func(name string) ([]byte, error)) (text string, known, set bool) {
	if in.general() {
		return map[bool]string{true: "github"}[own == ""], true, own == ""
	}
	all, others, known := settings.ElectronProviders(file, read)
	if own != "" {
		all = others
	}
	return strings.Join(all, rules.Either), known, known && len(all) > 0
}

// programConfig returns the text of the first of a program's configuration
// files that the repository has. Where it has none that can be read, nothing
// is known: the checkout may be of part of the repository only.
func (in *inferrer) programConfig(site *trace.Site, info *rules.ProgramInfo) (text string, known, set bool) {
	if len(site.Goreleaser) > 0 {
		found := site.Goreleaser[0]
		for _, file := range found.Files {
			text += string(file.Source)
		}
		return text, found.Unread == "", true
	}
	for _, name := range configFiles(info) {
		file, _, _ := strings.Cut(name, "#")
		if source, err := in.readConfig(site, file); err == nil {
			return string(source), true, true
		}
	}
	return "", in.general(), false
}

// general tells whether the question is what a program takes in general: one
// without a configuration is taken to run with its defaults then.
func (in *inferrer) general() bool { return len(in.options.Assumed) > 0 }

// settings are a program's configuration, as its keys.
func (in *inferrer) settings(site *trace.Site, info *rules.ProgramInfo) settings.Tree {
	names := configFiles(info)
	if in.general() {
		names = append(slices.Clip(names), ".")
	}
	found := settings.Find(names, func(name string) ([]byte, error) { return in.readConfig(site, name) })
	if slices.ContainsFunc(rules.Hooks(strings.Fields(info.Name)), func(h rules.Hook) bool { return h.Plugins }) {
		return found.Released()
	}
	return found
}

// givenEnv matches what a plugin of semantic-release is given the variables by,
// beside process.env: the member env of its context, or all of that.
var givenEnv = regexp.MustCompile(`(?:^|[^.\w]|[^s]\.)env\b|\bcontext\b\s*[,)\]}]|\.\.\.`)

// readPlugin tells whether an entry among plugins is a file of the project that
// is read for what it does: see [trace.Site]. One that may take the variables from
// what it is given is not, for where they go from there is not followed.
func (in *inferrer) readPlugin(site *trace.Site, name string) bool {
	if !strings.HasPrefix(name, ".") {
		return false
	}
	for _, ending := range []string{"", ".js", ".cjs", ".mjs", "/index.js"} {
		if source, err := in.readConfig(site, name+ending); err == nil {
			return !givenEnv.Match(source)
		}
	}
	return false
}

// configFiles are the files that may hold a program's configuration: the one
// that a call names, or else those of the table.
func configFiles(info *rules.ProgramInfo) []string {
	for _, flag := range []string{"config", "config-file"} {
		if file, ok := info.Lookup(flag); ok && file != "" {
			return []string{file}
		}
	}
	return info.Config
}

// readConfig reads a file by its path from the folder of a command.
func (in *inferrer) readConfig(site *trace.Site, name string) ([]byte, error) {
	dir := folder(site.Command.Dir)
	if in.options.Read == nil || strings.HasPrefix(dir, "?") {
		return nil, fs.ErrNotExist
	}
	return in.options.Read(path.Clean(joinFolder(dir, name)))
}
