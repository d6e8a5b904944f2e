package infer

import (
	"bytes"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// bakeAction is the action that runs docker buildx bake.
const bakeAction = "docker/bake-action"

// baked is the definition of a build that this action makes, its files by their paths
// from the workspace. ok is false for any other action.
func baked(a *trace.Action) (definition rules.NamedFiles, ok bool) {
	all := rules.NamedFilesOf([]string{"docker", "buildx", "bake"})
	if !a.Is(bakeAction) || len(all) == 0 {
		return rules.NamedFiles{}, false
	}
	definition = all[0]
	names := strings.FieldsFunc(a.Inputs["files"].Mask().Text, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
	if len(names) == 0 {
		names = definition.Files
	}
	definition.Files = nil
	for _, name := range names {
		definition.Files = append(definition.Files, path.Join(folder(a.Inputs["workdir"]), name))
	}
	return definition, true
}

// namedInFiles notes the variables that a file of the project names for a
// program which hands them on, or signs in with them: what is done there is not
// read.
func (in *inferrer) namedInFiles(site *trace.Site) {
	if in.general() || !site.Env.HoldsCredential() {
		return
	}
	words, _ := site.Command.Words()
	for _, n := range rules.NamedFilesOf(words) {
		in.namedBy(site, n, commandWords(site.Command))
	}
}

// namedBy notes the variables of a site that the files of a program name.
func (in *inferrer) namedBy(site *trace.Site, n rules.NamedFiles, what string) {
	dirs := []string{"."}
	if n.Above {
		dirs = []string{".", "..", "../..", "../../.."}
	}
	found := map[string]audit.Place{}
	for _, dir := range dirs {
		for _, name := range n.Files {
			file := path.Join(dir, name)
			if site.Command != nil {
				file = path.Clean(joinFolder(folder(site.Command.Dir), file))
			}
			if in.options.Read == nil || strings.HasPrefix(file, "..") || strings.HasPrefix(file, "?") {
				continue
			}
			source, err := in.options.Read(file)
			if err != nil || n.Hosts != nil && !slices.ContainsFunc(n.Hosts, func(h string) bool { return bytes.Contains(source, []byte(h)) }) {
				continue
			}
			number := 0
			for line := range strings.Lines(string(source)) {
				number++
				text := strings.TrimSpace(line)
				if strings.HasPrefix(text, "#") || strings.HasPrefix(text, "//") {
					continue
				}
				for _, m := range n.Variable.FindAllStringSubmatch(line, -1) {
					name := strings.Join(m[1:], "")
					if _, known := found[name]; !known {
						found[name] = audit.Place{File: file, Line: number, Text: text}
					}
				}
			}
		}
	}
	for _, name := range site.Env.Credentials() {
		at, ok := found[name]
		if !ok {
			continue
		}
		v, _ := site.Env.Lookup(name)
		in.use(site, v, what, func(u *Use) {
			u.Reads = in.meant(u.Credential, name)
			switch u.Other = !u.Reads && in.otherSecret(value.Of(u.Credential), name); {
			case u.Other:
			case n.Does == "":
				u.Reads, u.Operations = true, []Operation{{
					Names: []string{"registry pull"}, Targets: []Target{{Kind: Registry, Text: n.Registry}}, Answer: rules.AnswerConditional,
					Reasons: []string{"package-access"}, Needs: needs("packages:read"), Confidence: "medium", Place: at,
				}}
			default:
				u.Unknowns = []Unknown{{
					Code: "unread", Detail: what + " " + n.Does + ", as " + path.Base(at.File) + " says, and what is done with it there is not read",
					Place: at, Settle: "read what it is used for",
				}}
			}
		})
	}
}
