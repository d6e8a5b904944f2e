package infer

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/settings"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// programTree is the working tree that a program works in: that of its folder,
// or of the one that a flag names.
func (in *inferrer) programTree(site *trace.Site, info *rules.ProgramInfo, table *value.Table) *tree {
	dir := folder(site.Command.Dir)
	if flag, _ := info.UsesGit(); flag != "" {
		if text, set := info.Lookup(flag); set {
			dir = joinFolder(dir, folder(table.Value(text)))
		}
	}
	return in.session.tree(dir)
}

// programOperation turns the effect of a program into an operation.
func (in *inferrer) programOperation(site *trace.Site, info *rules.ProgramInfo, e rules.Effect, table *value.Table) Operation {
	here := in.programTree(site, info, table)
	given := func(reference string) (value.Value, bool) {
		if name, ok := strings.CutPrefix(reference, "env:"); ok {
			return site.Env.Lookup(name)
		}
		if key, ok := strings.CutPrefix(reference, "config:"); ok {
			if key == ownPackage {
				return in.packageRepository(site)
			}
			found := in.settings(site, info)
			if key == "repositoryUrl" && in.options.Repository != "" {
				found = found.Hosted(func(name string) ([]byte, error) { return in.readConfig(site, name) })
			}
			text, known, set := found.Lookup(key)
			if key == "repositoryUrl" && !found.Readable() {
				// Without one, git says where to.
				return nil, false
			}
			if !known {
				return value.Unknown(key), true
			}
			return value.Text(text), set
		}
		return nil, false
	}
	return in.filled(e, table, given, here, site.Place())
}

// ownPackage is a key under which a program takes the repository that package.json
// names, whatever the remotes of git are.
const ownPackage = "@package"

// packageRepository returns the repository that the package.json of a command's
// folder names. Where there is none that can be read, the program is taken to go by
// git; it is wrong where a program looks for one in the folders above. Nor is the
// name of any use where that of the workflow's own repository is not known.
func (in *inferrer) packageRepository(site *trace.Site) (v value.Value, set bool) {
	if in.options.Repository == "" {
		return nil, false
	}
	said, known := settings.PackageRepository(func(name string) ([]byte, error) { return in.readConfig(site, name) })
	return value.Text(said), known && said != ""
}

// plain tells whether a text with a colon is what a call was given, as the branch
// of another owner is, and not a reference to something given.
func plain(text string) bool {
	kind, _, named := strings.Cut(text, ":")
	return named && !slices.Contains([]string{"flag", "arg", "env", "input", "config"}, kind)
}

// filled turns an effect in which the tables have filled in what the call was
// given, as text with placeholders, into an operation.
func (in *inferrer) filled(e rules.Effect, table *value.Table, get given, here *tree, at audit.Place) Operation {
	op := in.effect(rules.Effect{
		Operations: e.Operations, Needs: e.Needs, Answer: e.Answer, Reasons: e.Reasons, Note: e.Note, Scopes: e.Scopes, Confidence: e.Confidence, Source: e.Source,
	}, get, here, at)
	for _, event := range e.Events {
		resolved := in.events([]rules.Event{event}, get, here)[0]
		if resolved.Attributes == nil {
			resolved.Attributes = map[string]value.Value{}
		}
		for name, text := range event.Attributes {
			if value.HasPlaceholder(text) || plain(text) {
				resolved.Attributes[name] = table.Value(text)
			}
		}
		if event.Name == "pull_request" {
			if resolved.Attributes["head"] == nil {
				resolved.Attributes["head"] = here.branch
			}
			if _, opens := event.Attributes["head"]; opens {
				in.session.propose(&resolved, in.options.Repository)
			}
		}
		op.Events = append(op.Events, resolved)
	}
	tap, isTap := strings.CutPrefix(e.Target, "tap:")
	download, isDownload := strings.CutPrefix(e.Target, "download:")
	remote, isRemote := strings.CutPrefix(e.Target, "remote:")
	switch {
	case isRemote:
		name := table.Value(remote)
		if strings.HasPrefix(remote, "config:") {
			name, _ = get(remote)
		}
		op.Targets = in.remoteTargets(here, name)
	case isDownload:
		in.downloads(&op, table.Value(download))
	case isTap:
		op.Targets = in.anyTargets(table.Value(tapRepository(tap)))
	case value.HasPlaceholder(e.Target) && strings.Contains(e.Target, "config:"):
		op.Targets = []Target{{Kind: UnknownTarget, Text: "unknown"}}
	case value.HasPlaceholder(e.Target):
		prefix, rest, cut := strings.Cut(e.Target, ":")
		if cut && prefix == "registry" {
			op.Targets = []Target{in.image(table.Value(rest))}
			break
		}
		op.Targets = in.anyTargets(table.Value(e.Target))
	case e.Target == "":
		op.Targets = in.toolTargets(here)
	default:
		op.Targets, op.Public = in.effectTargets(e.Target, get, here)
	}
	return op
}

// downloads says where an operation reads a release: from a repository that may
// be private where it is of the workflow's own owner, else from a public one, as
// programs are installed.
func (in *inferrer) downloads(op *Operation, from value.Value) {
	own := func(t Target) bool { return t.Kind == Self || t.Kind == Repository && t.SameOwner }
	if op.Targets = in.targets(from); slices.ContainsFunc(op.Targets, own) {
		return
	}
	op.Targets, op.Public, op.Needs = []Target{{Kind: Nothing, Text: "public"}}, true, nil
}

// tapRepository is the repository behind the short name of a tap:
// "acme/homebrew-tools" for "acme/tools".
func tapRepository(tap string) string {
	owner, name, ok := strings.Cut(tap, "/")
	if !ok || strings.HasPrefix(name, "homebrew-") || value.HasPlaceholder(name) {
		return tap
	}
	return owner + "/homebrew-" + name
}
