package trace

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/change"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// maxNamed bounds the files of one artifact that a script names.
const maxNamed = 100

// bringsArtifact notes the files of the checkout over which an artifact of the workflow
// comes: those below the folder that is uploaded which a script of that job names. What
// else it holds is taken to be nothing that is there: see [change.OfAction].
func (r *run) bringsArtifact(site *Site) {
	a := site.Action
	at, inside := inWorkspace(nil)(value.Concat(a.Inputs["path"], value.Text("/.")))
	name := a.Inputs["name"].LiteralOr("")
	if !a.Is("actions/download-artifact") || name == "" || len(a.Inputs["path"]) > 0 && (!inside || path.Clean(at) != ".") {
		return
	}
	key := r.call.file.Path + "\x00" + name
	files, known := r.t.artifacts[key]
	if !known {
		for _, j := range r.call.file.Jobs {
			if n := slices.IndexFunc(j.Steps, func(step *workflow.Step) bool { return uploaded(step, name) != "" }); n >= 0 {
				files = append(files, r.madeFor(j, uploaded(j.Steps[n], name))...)
			}
		}
		r.t.artifacts[key] = files
	}
	for _, file := range files {
		r.makes(change.Change{Kind: change.Replaced, Path: file, By: "uses: " + a.Name})
	}
}

// uploaded returns the folder that a step uploads as an artifact of a name, "" for none.
func uploaded(step *workflow.Step, artifact string) string {
	if used, _, _ := strings.Cut(step.Uses.Value, "@"); !strings.EqualFold(used, "actions/upload-artifact") {
		return ""
	}
	with := map[string]string{}
	for _, b := range step.With {
		with[strings.ToLower(b.Name)] = strings.TrimSpace(b.Value.Value)
	}
	folder := path.Clean(with["path"])
	if with["name"] != artifact || folder == "." || strings.ContainsAny(folder, "*?[{\n!") {
		return ""
	}
	return folder
}

// madeFor returns the files of the checkout whose names stand behind a folder in the
// scripts of a job.
func (r *run) madeFor(j *workflow.Job, folder string) (files []string) {
	named := regexp.MustCompile(`(?:^|[\s"'=>./])` + regexp.QuoteMeta(folder) + `/([\w./-]*\w)`)
	for _, step := range j.Steps {
		for _, m := range named.FindAllStringSubmatch(step.Run.Value, maxNamed) {
			name := path.Clean(m[1])
			if _, there := r.t.textOf(name); there && len(files) < maxNamed {
				files = append(files, name)
			}
		}
	}
	return files
}
