package infer

import (
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// pushedElsewhere are words in the names of actions that push something, and
// not with git.
var pushedElsewhere = []string{
	"acr", "apk", "artifact", "artifacts", "buildah", "chart", "charts", "container", "containers", "deb", "docker", "ecr", "gar", "gcr", "gem", "helm", "image", "images",
	"kaniko", "logs", "metric", "metrics", "notification", "notifications", "npm", "nuget", "oci", "package", "packages", "podman", "pypi", "registry", "rpm", "s3",
}

// actionTells tells whether the name of an action speaks of work with git's
// credentials: "push" is no such word beside one of what goes to a registry or
// to another service.
func actionTells(name string) bool {
	if !tells(name) {
		return false
	}
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	rest := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == "push" })
	pushes := len(rest) < len(words)
	elsewhere := slices.ContainsFunc(words, func(w string) bool { return slices.Contains(pushedElsewhere, w) })
	return !pushes || !elsewhere || tells(strings.Join(rest, " "))
}

// recorders are words in the calls of programs that work with git's
// credentials more often than with those of another service.
var recorders = []string{"release", "commit", "tag", "bump", "backport", "cherry", "changelog", "revert"}

// foreignStored notes that a program which nobody knows may use the stored
// credentials, where its name or the word behind it speaks of it.
func (in *inferrer) foreignStored(site *trace.Site) {
	words, _ := site.Command.Words()
	what := commandWords(site.Command)
	records := slices.ContainsFunc(nameWords(what), func(w string) bool { return slices.Contains(recorders, strings.TrimSuffix(w, "s")) })
	if !records || slices.Contains([]string{"git", "gh", "hub"}, words[0]) || rules.MayRunTask(words[0]) {
		return
	}
	if _, known := site.Command.Program(); known {
		return
	}
	if _, known := rules.ReadsAnyVariable(words); known {
		return
	}
	in.storedUse(site, what, folder(site.Command.Dir), in.unknownProgramReason(site), unlessWritten)
}

// actionStored notes that an action which is not known may use the credentials
// that are stored for the workspace. Those of a checkout into a folder of its
// own count where the action is told of that folder, or lies in it, or where
// the workspace holds nothing else that it could work in.
func (in *inferrer) actionStored(site *trace.Site, u Unknown, d doubt) {
	in.storedIn(site, site.Action.Name, ".", u, d, func(folder string) bool {
		return len(in.session.trees["."].stored()) == 0 || strings.HasPrefix(folder, "?") || toldOf(site, folder)
	})
}

// givenStored tells whether an action is given a secret that is stored for
// git too: whoever wrote the job wants it to do one thing by both.
func (in *inferrer) givenStored(site *trace.Site) bool {
	stored := in.session.trees["."].stored()
	for _, v := range site.Action.Inputs {
		for _, c := range v.Credentials() {
			if c.Kind == value.Secret && slices.ContainsFunc(stored.Credentials(), func(s *value.Credential) bool { return sameCredential(s, c) }) {
				return true
			}
		}
	}
	return false
}

// stored is the credential that a checkout stored for a tree, if there is one.
func (t *tree) stored() value.Value {
	if t == nil {
		return nil
	}
	return t.header.All()
}

// toldOf tells whether an action lies in a folder, or is given its name.
func toldOf(site *trace.Site, folder string) bool {
	if strings.HasPrefix(site.Action.Name, "./"+folder+"/") {
		return true
	}
	for name, v := range site.Action.Inputs {
		if _, literal := v.Literal(); namesFolder(v, folder) || !literal && folderInput(name) {
			return true
		}
	}
	for name, v := range site.Env.All() {
		if near(site, name) && namesFolder(v, folder) {
			return true
		}
	}
	return false
}

// folderInput tells whether an input is one for a folder, by its name.
func folderInput(name string) bool {
	return slices.ContainsFunc([]string{"path", "dir", "cwd", "folder", "workspace"}, func(part string) bool { return strings.Contains(name, part) })
}

// namesFolder tells whether a text names a folder, or a file below it.
func namesFolder(v value.Value, folder string) bool {
	for word := range strings.FieldsFuncSeq(v.String(), func(r rune) bool { return strings.ContainsRune(" \t\r\n,;:='\"", r) }) {
		clean := path.Clean(word)
		if clean == folder || strings.HasPrefix(clean, folder+"/") || strings.HasSuffix(clean, "/"+folder) || strings.Contains(clean, "/"+folder+"/") {
			return true
		}
	}
	return false
}
