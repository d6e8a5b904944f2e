package infer

import (
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/settings"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// installed returns what a program that installs tools reads beside what is
// public: the releases of repositories of the own owner, which it is told of by
// its words or by its configuration. Where that is not in the checkout it is
// taken to list public tools.
func (in *inferrer) installed(site *trace.Site, info *rules.ProgramInfo, table *value.Table) []Operation {
	manager, ok := rules.ToolManagerOf(info.Name)
	if !ok {
		return nil
	}
	operands, ok := manager.Asked(info)
	if !ok {
		return nil
	}
	dir, given := folder(site.Command.Dir), manager.Files
	if text, set := info.Lookup(manager.Folder); set && manager.Folder != "" {
		dir = joinFolder(dir, folder(table.Value(text)))
	}
	if v, set := site.Env.Lookup(manager.Variable); set && len(v) > 0 {
		given = []string{folder(v)}
	}
	if text, set := info.Lookup(manager.File); set && manager.File != "" {
		given = []string{folder(table.Value(text))}
	}
	if info.Name != "mise" {
		operands = nil
	}
	return in.downloaded(in.installs(dir, given, manager.Above), operands, table, site.Place())
}

// actionInstalled is as [inferrer.installed], for the actions that run such a
// program.
func (in *inferrer) actionInstalled(site *trace.Site) []Operation {
	a := site.Action
	dir := folder(a.Inputs["working_directory"])
	is := func(input, text string) bool { return strings.EqualFold(a.Inputs[input].LiteralOr(""), text) }
	switch a.Name {
	case "jdx/mise-action":
		mise, _ := rules.ToolManagerOf("mise")
		found := in.installs(dir, mise.Files, true)
		found = in.writtenInstalls(a, "mise_toml", path.Join(dir, "mise.toml"), found)
		found = in.writtenInstalls(a, "tool_versions", path.Join(dir, ".tool-versions"), found)
		// It hands the token on to the later steps, which may install what it is
		// told to leave out.
		given := a.Inputs["install_args"].Mask()
		return append(in.downloaded(found, nil, given.Table, site.Place()), in.downloaded(nil, strings.Fields(given.Text), given.Table, site.Place())...)
	case "aquaproj/aqua-installer":
		if is("skip_install", "true") || is("enable_aqua_install", "false") {
			return nil
		}
		aqua, _ := rules.ToolManagerOf("aqua")
		files := aqua.Files
		if v, set := site.Env.Lookup(aqua.Variable); set && len(v) > 0 {
			files = []string{folder(v)}
		}
		return in.downloaded(in.installs(dir, files, true), nil, nil, site.Place())
	}
	return nil
}

// writtenInstalls puts the tools that an input lists, which an action writes to a
// file, in the place of those that the file has in the checkout.
func (in *inferrer) writtenInstalls(a *trace.Action, input, file string, found []download) []download {
	text := a.Inputs[input].Mask()
	if text.Text == "" {
		return found
	}
	found = slices.DeleteFunc(found, func(t download) bool { return t.file == file })
	for _, t := range settings.ReadInstalls(file, []byte(text.Text)).Tools {
		found = append(found, download{t.Name, file, text.Table.Value(t.Repository)})
	}
	return found
}

// download is a tool by its name, the file that lists it, and the repository that
// it comes from.
type download struct {
	name, file string
	repository value.Value
}

// maxInstalls bounds the files of configuration that are read for one call.
const maxInstalls = 100

// installs returns the tools that the configuration in a folder lists, and in
// those above it.
func (in *inferrer) installs(dir string, names []string, above bool) (found []download) {
	if in.options.Read == nil || strings.HasPrefix(dir, "?") || path.IsAbs(dir) {
		return nil
	}
	var files []string
	for ; ; dir = path.Dir(dir) {
		for _, name := range names {
			files = append(files, in.matching(path.Clean(joinFolder(dir, name)))...)
		}
		if !above || dir == "." || strings.HasPrefix(dir, "..") {
			break
		}
	}
	for i, left := 0, maxInstalls; i < len(files) && left > 0; i++ {
		source, err := in.options.Read(files[i])
		if err != nil {
			continue
		}
		left--
		read := settings.ReadInstalls(files[i], source)
		for _, t := range read.Tools {
			found = append(found, download{t.Name, files[i], value.Text(t.Repository)})
		}
		for _, pattern := range read.Files {
			for _, more := range in.matching(path.Join(path.Dir(files[i]), pattern)) {
				if !slices.Contains(files, more) {
					files = append(files, more)
				}
			}
		}
	}
	return found
}

// matching are the files that a name stands for, which may be a pattern.
func (in *inferrer) matching(name string) []string {
	if !strings.ContainsAny(name, "*?[") {
		return []string{name}
	}
	if in.options.Glob == nil {
		return nil
	}
	return in.options.Glob(name)
}

// downloaded are the releases that are read of the tools of a configuration, and
// of those that a call of mise names: then no others, unless what it names is not
// known.
func (in *inferrer) downloaded(found []download, operands []string, table *value.Table, at audit.Place) (out []Operation) {
	var told []download
	open := len(operands) == 0
	for _, word := range operands {
		name, _, _ := strings.Cut(word, "@")
		if value.HasPlaceholder(name) {
			open = true
		}
		if repository := settings.MiseRepository(word); repository != "" {
			told = append(told, download{repository: table.Value(repository)})
			continue
		}
		for _, t := range found {
			if t.name == name {
				told = append(told, t)
			}
		}
	}
	if open {
		told = append(told, found...)
	}
	for _, t := range told {
		op := Operation{
			Names: []string{"GET /repos/{owner}/{repo}/releases"}, Needs: needs("contents:read"), Answer: rules.AnswerYes, Confidence: "medium", Place: at,
			Note: "One of the own owner may be private.",
		}
		in.downloads(&op, t.repository)
		known := slices.ContainsFunc(out, func(o Operation) bool { return slices.Equal(o.Targets, op.Targets) })
		if !op.Public && !known {
			out = append(out, op)
		}
	}
	return out
}
