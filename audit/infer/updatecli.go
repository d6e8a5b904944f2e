package infer

import (
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/settings"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// maxManifests bounds the manifests of one call.
const maxManifests = 200

// updatecli handles a call of Updatecli whose manifests are in the repository:
// they name the repositories, and the variables that hold the tokens. ok is
// false where the call is none of these, or not all of them could be read.
func (in *inferrer) updatecli(site *trace.Site, info *rules.ProgramInfo) (ok bool) {
	if info.Name != "updatecli apply" && info.Name != "updatecli pipeline apply" || in.options.Glob == nil || strings.HasPrefix(folder(site.Command.Dir), "?") {
		return false
	}
	if len(info.Operands) > 0 || info.Hidden || len(info.Flags["secrets"]) > 0 {
		return false
	}
	manifests, ok := in.updatecliManifests(site, info)
	if !ok {
		return false
	}
	var all settings.Updatecli
	for _, file := range manifests {
		source, err := in.options.Read(file)
		if err != nil {
			return false
		}
		read, err := settings.ReadUpdatecli(file, source, in.updatecliValues(site, info))
		if err != nil {
			return false
		}
		all.Repositories = append(all.Repositories, read.Repositories...)
		all.Open = append(all.Open, read.Open...)
		all.Handed = append(all.Handed, read.Handed...)
	}
	in.updatecliUses(site, info, all)
	return true
}

// updatecliManifests are the files that a call reads: those that it names, or
// those of their usual names. A folder is read with all below it.
func (in *inferrer) updatecliManifests(site *trace.Site, info *rules.ProgramInfo) (files []string, ok bool) {
	given := info.Flags["config"]
	if len(given) == 0 {
		given = []string{"updatecli.yaml", "updatecli.d"}
	}
	dir := folder(site.Command.Dir)
	for _, name := range given {
		name = path.Clean(joinFolder(dir, name))
		if strings.ContainsAny(name, "*?[\\") || value.HasPlaceholder(name) {
			return nil, false
		}
		if _, err := in.options.Read(name); err == nil {
			files = append(files, name)
			continue
		}
		found, ok := in.below(name)
		if !ok || len(found) == 0 && len(info.Flags["config"]) > 0 {
			return nil, false
		}
		files = append(files, found...)
	}
	return files, len(files) > 0 && len(files) <= maxManifests
}

// below are the manifests in a folder and in those in it. Parts that are put
// before each of them may stand for anything, and folders are not followed
// without end.
func (in *inferrer) below(dir string) (files []string, ok bool) {
	for depth := range 4 {
		found := in.options.Glob(dir + strings.Repeat("/*", depth+1))
		if depth == 3 && len(found) > 0 {
			return nil, false
		}
		for _, name := range found {
			switch base := path.Base(name); {
			case strings.HasPrefix(base, "_"), path.Ext(base) == ".cue":
				return nil, false
			case slices.Contains([]string{".yaml", ".yml", ".tpl", ".tmpl", ".json"}, path.Ext(base)):
				files = append(files, name)
			}
		}
	}
	return files, true
}

// updatecliValues are the values that a call hands to its manifests, the last
// first; nil for those that cannot be read.
func (in *inferrer) updatecliValues(site *trace.Site, info *rules.ProgramInfo) []map[string]any {
	var out []map[string]any
	if len(info.Flags["values-inline"]) > 0 {
		out = append(out, nil)
	}
	for _, name := range slices.Backward(info.Flags["values"]) {
		var values map[string]any
		source, err := in.readConfig(site, name)
		if err != nil || len(source) > 1<<20 || yaml.Unmarshal(source, &values) != nil {
			values = nil
		}
		out = append(out, values)
	}
	return out
}

// updatecliUses notes what is done with each variable.
func (in *inferrer) updatecliUses(site *trace.Site, info *rules.ProgramInfo, all settings.Updatecli) {
	at := site.Place()
	byVariable := map[string][]Operation{}
	var order []string
	for _, r := range all.Repositories {
		name, ok := in.updatecliToken(site, r.Token)
		if !ok {
			all.Open = append(all.Open, "which token is for "+path.Base(r.File)+" is not known")
			continue
		}
		if !slices.Contains(order, name) {
			order = append(order, name)
		}
		byVariable[name] = append(byVariable[name], in.updatecliOperations(site, r)...)
	}
	for _, name := range site.Env.Credentials() {
		if !slices.Contains(order, name) && (slices.Contains(all.Handed, name) || len(all.Open) > 0 && near(site, name)) {
			order = append(order, name)
		}
	}
	for _, name := range order {
		v, _ := site.Env.Lookup(name)
		open := slices.Clone(all.Open)
		if slices.Contains(all.Handed, name) || slices.Contains(all.Handed, "?") {
			open = append(open, "what else the manifests do with "+name+" is not followed")
		}
		in.use(site, v, info.Name, func(u *Use) {
			u.Reads, u.Operations = true, byVariable[name]
			for _, what := range open {
				u.Unknowns = append(u.Unknowns, Unknown{Code: "unread", Detail: "updatecli: " + what, Place: at, Settle: "read its manifests" + describe("programs")})
			}
		})
	}
}

// updatecliToken is the variable that a repository's token comes from.
func (in *inferrer) updatecliToken(site *trace.Site, token string) (name string, ok bool) {
	if token == "" {
		for _, name := range []string{"UPDATECLI_GITHUB_TOKEN", "GITHUB_TOKEN"} {
			if v, set := site.Env.Lookup(name); set && v.LiteralOr("?") != "" {
				return name, true
			}
		}
		return "GITHUB_TOKEN", true
	}
	rest, marked := strings.CutPrefix(token, settings.MarkStart+"env:")
	name, rest, _ = strings.Cut(rest, settings.MarkEnd)
	return name, marked && rest == "" && name != "?"
}

// updatecliText resolves a text of a manifest.
func updatecliText(site *trace.Site, text string) value.Value {
	var out value.Value
	for i, piece := range strings.Split(text, settings.MarkStart) {
		mark, rest, marked := strings.Cut(piece, settings.MarkEnd)
		if i == 0 || !marked {
			out = value.Concat(out, value.Text(piece))
			continue
		}
		name, isEnv := strings.CutPrefix(mark, "env:")
		v, set := site.Env.Lookup(name)
		if !isEnv || !set {
			v = value.Unknown("a value of the manifest")
		}
		out = value.Concat(out, v, value.Text(rest))
	}
	return out
}

// updatecliOperations are what is done in one repository.
func (in *inferrer) updatecliOperations(site *trace.Site, r settings.UpdatecliRepository) []Operation {
	owner, name := updatecliText(site, r.Owner), updatecliText(site, r.Name)
	targets := []Target{{Kind: UnknownTarget, Text: "unknown"}}
	if len(owner) > 0 && len(name) > 0 {
		targets = in.parts(owner, name)
	}
	at := audit.Place{File: r.File, Text: r.Owner + "/" + r.Name}
	at.Text = strings.Trim(value.Concat(owner, value.Text("/"), name).String(), "/")
	op := Operation{Names: []string{"git fetch"}, Targets: targets, Needs: needs("contents:read"), Answer: rules.AnswerYes, Confidence: "medium", Place: at}
	if !r.Writes {
		return []Operation{op}
	}
	op.Names, op.Needs = append(op.Names, "git push"), needs("contents:write")
	base := updatecliText(site, r.Branch)
	head := base
	if r.Head != "" {
		head = value.Concat(updatecliText(site, r.Head), value.Unknown("a pipeline"))
	}
	attributes := map[string]value.Value{"branch": head}
	op.Events = []Event{{Name: "push", Attributes: attributes}}
	if r.Head != "" {
		attributes["fresh"] = value.Text("true")
		op.Events = append(op.Events, Event{Name: "create", Attributes: attributes}, Event{Name: "pull_request", Type: "synchronize", Attributes: map[string]value.Value{"head": head, "base": base}})
	}
	if r.Tags {
		op.Events = append(op.Events, tagEvents(value.Unknown("a tag"))...)
	}
	if r.Workflows {
		op.Needs, op.Answer, op.Reasons = op.Needs.Union(needs("workflows:write")), rules.AnswerNo, []string{"workflow-files"}
	}
	if !r.Request {
		return []Operation{op}
	}
	return append([]Operation{op}, updatecliRequest(r, op, head, base)...)
}

// updatecliRequest are the pull request, and what becomes of it.
func updatecliRequest(r settings.UpdatecliRepository, push Operation, head, base value.Value) []Operation {
	request := Operation{
		Names: []string{"mutation createPullRequest"}, Targets: push.Targets, Needs: needs("pull_requests:write"), Answer: rules.AnswerConditional,
		Reasons: []string{"pull-request-setting"}, Confidence: "medium", Place: push.Place,
		Events: []Event{{Name: "pull_request", Type: "opened", Attributes: map[string]value.Value{"head": head, "base": base}}},
	}
	if r.Teams {
		request.Needs, request.Answer, request.Reasons = request.Needs.Union(needs("org:members:read")), rules.AnswerNo, []string{"organization-api"}
	}
	out := []Operation{request}
	if r.Merges {
		out = append(out, Operation{
			Names: []string{"mutation enablePullRequestAutoMerge"}, Targets: push.Targets, Needs: needs("contents:write,pull_requests:write"),
			Answer: rules.AnswerYes, Confidence: "medium", Place: push.Place,
			Events: []Event{
				{Name: "push", Attributes: map[string]value.Value{"branch": base}},
				{Name: "pull_request", Type: "closed", Attributes: map[string]value.Value{"head": head, "base": base, "merged": value.Text("true")}},
			},
		})
	}
	return out
}
