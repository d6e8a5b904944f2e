package decide

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// exposed finds secrets that are given to more than what uses them.
func (f *finder) exposed(r *audit.Reference) {
	if r.Credential != audit.CredentialGitHub {
		return
	}
	w := f.repository.Workflow(r.File)
	if w == nil {
		return
	}
	if b, where := broadBinding(w, r); where != "" {
		steps := map[string]bool{}
		for _, u := range r.Uses {
			steps[fmt.Sprint(u.Job, u.Step)] = true
		}
		finding := f.add("exposed-pat", fmt.Sprintf("%s stands in the env of the %s, so every step there gets it, third-party actions included; %s.",
			r.Secret, where, stepCount(len(steps))), spanOf(r), r.ID, where)
		finding.Reference = r.ID
		finding.Fix = fmt.Sprintf("move %s to the env of the steps that use it", b)
		return
	}
	f.untrusted(w, r)
	f.unpinned(r)
}

func stepCount(n int) string {
	switch n {
	case 0:
		return "no step is seen to use it"
	case 1:
		return "one step uses it"
	}
	return fmt.Sprintf("%d steps use it", n)
}

// broadBinding tells whether a reference is a variable of the whole workflow
// or of a whole job that has more than one step.
func broadBinding(w *workflow.Workflow, r *audit.Reference) (name, where string) {
	at := func(bs []workflow.Binding) string {
		for _, b := range bs {
			if span := b.Value.Span(0, len(b.Value.Value)); r.Line >= span.Line && r.Line <= span.EndLine {
				return b.Name
			}
		}
		return ""
	}
	if name := at(w.Env); name != "" {
		return name, "workflow"
	}
	for _, j := range w.Jobs {
		if name := at(j.Env); name != "" && len(j.Steps) > 1 {
			return name, "job " + j.ID
		}
	}
	return "", ""
}

// untrusted finds secrets in jobs that run the code of a pull request from
// anybody: pull_request_target or workflow_run, and a checkout of the head.
func (f *finder) untrusted(w *workflow.Workflow, r *audit.Reference) {
	for _, t := range w.Triggers {
		if t.Event != "pull_request_target" && t.Event != "workflow_run" && t.Event != "issue_comment" {
			continue
		}
		for _, j := range w.Jobs {
			if r.Line < j.Line || r.Line > j.EndLine {
				continue
			}
			if line := headCheckout(j, r); line > 0 {
				finding := f.add("exposed-pat", fmt.Sprintf("%s is given to a job that %s starts and that checks out the pull request's own code, which anybody can write.", r.Secret, t.Event), spanOf(r), r.ID, "untrusted")
				finding.Reference = r.ID
				finding.Related = []audit.Place{{File: w.Path, Line: line, Text: "checkout of the pull request's head"}}
				finding.Fix = "keep the secret in a job that runs no code of the pull request"
				return
			}
		}
	}
}

var headRef = regexp.MustCompile(`(?i)github\.(head_ref|event\.pull_request\.head\.|event\.workflow_run\.head_)|refs/pull/`)

// headCheckout returns the line of a step that checks out the head of a pull
// request, before or at the reference.
func headCheckout(j *workflow.Job, r *audit.Reference) int {
	for _, s := range j.Steps {
		if s.Line > r.Line && s.EndLine > r.EndLine {
			return 0
		}
		if !strings.HasPrefix(s.Uses.Value, "actions/checkout@") {
			continue
		}
		for _, b := range s.With {
			if (b.Name == "ref" || b.Name == "repository") && headRef.MatchString(b.Value.Value) {
				return s.Line
			}
		}
	}
	return 0
}

var commitSHA = regexp.MustCompile(`^[0-9a-f]{40}$|^[0-9a-f]{64}$`)

// trustedOwners are those whose actions run on every machine of GitHub's.
var trustedOwners = []string{"actions/", "github/"}

// unpinned finds a secret that is handed to an action of others by a tag or
// branch, which can be moved to other code.
func (f *finder) unpinned(r *audit.Reference) {
	for _, u := range f.byPlace[spanOf(r)] {
		a := cmp.Or(u.Site.Through, u.Site.Action)
		if a == nil || a.Workflow || u.Other || a.Ref == "" || commitSHA.MatchString(a.Ref) || strings.HasPrefix(a.Name, "./") ||
			slices.ContainsFunc(trustedOwners, func(o string) bool { return strings.HasPrefix(a.Name, o) }) {
			continue
		}
		finding := f.add("exposed-pat", fmt.Sprintf("%s is handed to %s@%s, a version that its owner can move to other code.", r.Secret, a.Name, a.Ref), spanOf(r), r.ID, "unpinned")
		finding.Reference = r.ID
		finding.Fix = fmt.Sprintf("pin %s to a full commit SHA", a.Name)
		return
	}
}

// inherited finds `secrets: inherit`.
func (f *finder) inherited() {
	for _, w := range f.repository.Workflows {
		for _, j := range w.Jobs {
			if j.Call == nil || !j.Call.Inherit {
				continue
			}
			span := j.Call.InheritText.Span(0, len(j.Call.InheritText.Value))
			finding := f.add("exposed-pat", fmt.Sprintf("secrets: inherit gives every secret of this repository to %s.", j.Call.Uses.Value), span, j.ID, "inherit")
			finding.Fix = "name the secrets that the called workflow reads" + f.readSecrets(j)
		}
	}
}

// allSecrets matches what writes every secret into one text.
var allSecrets = regexp.MustCompile(`(?i)\btojson\s*\(\s*secrets\s*\)`)

// someSecret matches what reads a secret whose name is put together.
var someSecret = regexp.MustCompile(`(?i)\bsecrets\s*\[\s*[^'\]\s][^\]]*\]`)

// whole finds places that are handed every secret at once, or one whose name is only
// known when it runs. Which of them is read there, no reference tells.
func (f *finder) whole() {
	for _, w := range f.repository.Workflows {
		for text := range w.Texts() {
			if !strings.Contains(text.Value, "secrets") {
				continue
			}
			for _, p := range expression.Find(text.Value) {
				if p.End <= p.Start {
					continue // it has no end
				}
				if at := allSecrets.FindStringIndex(text.Value[p.Start:p.End]); at != nil {
					span := text.Span(p.Start+at[0], p.Start+at[1])
					finding := f.add("exposed-pat", "toJSON(secrets) hands over every secret of this repository, and which of them are read there is not seen.", span, strings.Join(strings.Fields(text.Value), " "), "all")
					finding.Fix = "hand over each secret that is read there by its name"
				}
				if at := someSecret.FindStringIndex(text.Value[p.Start:p.End]); at != nil {
					span := text.Span(p.Start+at[0], p.Start+at[1])
					finding := f.add("unknown-pat-use", "Which secret is read here is only known when it runs, so that nothing is said of it.", span, strings.Join(strings.Fields(text.Value), " "), "some")
					finding.Fix = "write the secret's name, or audit what reads it by hand"
				}
			}
		}
	}
}

// readSecrets lists the secrets that a called workflow reads, where that was
// read itself.
func (f *finder) readSecrets(j *workflow.Job) string {
	path, _ := f.repository.OwnWorkflow(j.Call.Uses.Value)
	callee := f.repository.Workflow(path)
	var list []string
	followed := callee != nil
	for _, view := range f.jobs {
		away := calledAway(view, j.Call.Uses)
		followed = followed || away
		if (callee == nil || view.File != callee) && !away {
			continue
		}
		for _, u := range view.uses {
			if u.Credential.Kind == value.Secret {
				list = appendNew(list, u.Credential.Name)
			}
		}
	}
	switch {
	case !followed:
		return ""
	case len(list) == 0:
		return "; it is seen to read none"
	}
	slices.Sort(list)
	return ": " + strings.Join(list, ", ")
}

// calledAway tells whether a job is one of another repository's workflow, to
// which a call leads.
func calledAway(view *jobView, uses workflow.Text) bool {
	return audit.Elsewhere(view.File.Path) && slices.ContainsFunc(view.Callers, func(h audit.Hop) bool {
		return h.File == uses.Path() && h.Line == uses.Line()
	})
}
