package decide

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// verdictRules are the rules that say a verdict.
var verdictRules = map[audit.Verdict]string{
	audit.VerdictReplaceable:    "replaceable-pat",
	audit.VerdictConditional:    "conditional-pat",
	audit.VerdictNotReplaceable: "unscoped-pat",
	audit.VerdictUnknown:        "unknown-pat-use",
}

// findings applies the rules.
func (d *decider) findings(references []*audit.Reference) []*audit.Finding {
	f := &finder{decider: d, ids: newFingerprints(d.repository)}
	for _, r := range references {
		f.verdict(r)
		f.exposed(r)
	}
	f.inherited()
	for _, j := range d.jobs {
		f.permissions(j)
	}
	slices.SortStableFunc(f.out, func(a, b *audit.Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Message, b.Message))
	})
	return f.out
}

type finder struct {
	*decider
	ids *fingerprints
	out []*audit.Finding
}

// add notes a finding of a rule; its severity stands on the rule's page.
func (f *finder) add(rule, message string, span audit.Span, parts ...string) *audit.Finding {
	page, _ := rules.PageByID(rule)
	finding := &audit.Finding{
		Rule: rule, Severity: page.Severity, Message: message, File: span.File,
		Line: span.Line, Column: span.Column, EndLine: span.EndLine, EndColumn: span.EndColumn,
		ID: f.ids.ID(append([]string{rule, span.File}, parts...)...),
	}
	f.out = append(f.out, finding)
	return finding
}

// verdict writes the verdict of a reference as a finding.
func (f *finder) verdict(r *audit.Reference) {
	rule, ok := verdictRules[r.Verdict]
	if !ok || r.Credential != audit.CredentialGitHub {
		return
	}
	finding := f.add(rule, message(r), spanOf(r), r.ID)
	finding.Reference, finding.Fix = r.ID, r.Remedy.Summary
	for _, reason := range r.Reasons {
		for _, p := range reason.Evidence {
			if len(finding.Related) < 10 && p.File != "" && (p.File != r.File || p.Line != r.Line) && !slices.Contains(finding.Related, p) {
				finding.Related = append(finding.Related, p)
			}
		}
	}
}

func spanOf(r *audit.Reference) audit.Span {
	return audit.Span{File: r.File, Line: r.Line, Column: r.Column, EndLine: r.EndLine, EndColumn: r.EndColumn}
}

// message says a verdict in a sentence; the reasons stand in the reference.
func message(r *audit.Reference) string {
	consumer := "here"
	for _, u := range r.Uses {
		if u.Verdict == r.Verdict && u.What != "" {
			consumer = "for " + u.What
			break
		}
	}
	if others := len(r.Uses) - 1; others > 0 {
		consumer += fmt.Sprintf(" and %d more %s", others, plural(others, "use", "uses"))
	}
	switch r.Verdict {
	case audit.VerdictReplaceable:
		if len(r.Uses) == 0 {
			return fmt.Sprintf("Nothing reads %s here, so that no token is needed.", r.Secret)
		}
		return fmt.Sprintf("%s is used %s, where GITHUB_TOKEN would do.", r.Secret, consumer)
	case audit.VerdictConditional:
		return fmt.Sprintf("%s is used %s, where GITHUB_TOKEN would do if something holds that the code does not show (%s).", r.Secret, consumer, reasonCodes(r))
	case audit.VerdictNotReplaceable:
		return fmt.Sprintf("%s is needed %s (%s).", r.Secret, consumer, reasonCodes(r))
	}
	return fmt.Sprintf("Whether GITHUB_TOKEN would do in place of %s %s is not known (%s).", r.Secret, consumer, reasonCodes(r))
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func reasonCodes(r *audit.Reference) string {
	var out []string
	for _, reason := range r.Reasons {
		out = append(out, reason.Code)
	}
	return strings.Join(out, ", ")
}

// exposed finds secrets that are given to more than what uses them.
func (f *finder) exposed(r *audit.Reference) {
	if r.Credential != audit.CredentialGitHub {
		return
	}
	w := f.workflow(r.File)
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

func (f *finder) workflow(path string) *workflow.Workflow {
	for _, w := range f.repository.Workflows {
		if w.Path == path {
			return w
		}
	}
	return nil
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

// readSecrets lists the secrets that a called workflow reads, where that was
// read itself.
func (f *finder) readSecrets(j *workflow.Job) string {
	callee := f.workflow(strings.TrimPrefix(j.Call.Uses.Value, "./"))
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

// permissions holds what a job's GITHUB_TOKEN has been given against what its
// steps do with it.
func (f *finder) permissions(j *jobView) {
	g, written := j.Permissions, j.Permissions != nil
	if !written {
		g = f.defaultGrant(j)
	}
	if g == nil || len(j.Callers) > 0 {
		// Nobody says what it has, or a caller decides.
		return
	}
	missing := map[string]string{}
	var first *ruled
	for _, u := range j.uses {
		if u.Credential.Kind != value.JobToken {
			continue
		}
		for key, access := range lacks(u, g.Access) {
			missing[key] = access
			if first == nil {
				first = u
			}
		}
	}
	if len(missing) > 0 {
		at := home(first)
		span := audit.Span{File: at.File, Line: at.Line, Column: 1, EndLine: at.Line, EndColumn: 1}
		finding := f.add("missing-permissions", fmt.Sprintf("%s uses GITHUB_TOKEN, which lacks %s in this job.", first.What, keyList(missing)), span, j.Job.Job.Job.ID, keyList(missing))
		if written {
			finding.Related = []audit.Place{{File: g.Place.File, Line: g.Place.Line, Text: "permissions of the " + level(g.JobLevel)}}
		} else {
			finding.Message += " Nothing gives it more than the repository's default, which is to read."
		}
		finding.Fix = "add to the job's permissions: " + keyList(missing)
		return
	}
	if written {
		f.excess(j)
	}
}

// home is where a use stands in this repository: for code of another one, the
// step that calls it.
func home(u *ruled) audit.Place {
	if audit.Elsewhere(u.File) {
		for _, hop := range slices.Backward(u.Site.Hops) {
			if !audit.Elsewhere(hop.File) {
				return audit.Place{File: hop.File, Line: hop.Line}
			}
		}
	}
	return audit.Place{File: u.File, Line: u.Line}
}

func level(job bool) string {
	if job {
		return "job"
	}
	return "workflow"
}

// Keys of permissions in a workflow.
const (
	issuesKey       = "issues"
	pullRequestsKey = "pull-requests"
)

// lacks returns the keys that a use of GITHUB_TOKEN takes and has not got.
// Reading is left out: on a public repository it takes no permission. So are
// needs of which the tables are not sure, and issues where it may write pull
// requests: a pull request is an issue too, GitHub serves it by the addresses
// of issues, and which of the two a step will meet is rarely written. A job
// that writes to true issues with pull-requests: write alone is missed.
func lacks(u *ruled, access func(key string) string) map[string]string {
	out := map[string]string{}
	if len(u.Unknowns) > 0 {
		return out
	}
	for _, op := range u.Operations {
		if op.Confidence != "high" || !slices.ContainsFunc(op.Targets, func(t infer.Target) bool { return t.Kind == infer.Self }) {
			continue
		}
		for _, group := range op.Needs {
			if met := slices.ContainsFunc(group, func(p rules.Permission) bool {
				key, need, ok := rules.WorkflowKey(p)
				held := access(key)
				return !ok || p.Access == rules.AccessRead || held == need || held == rules.AccessWrite ||
					key == issuesKey && access(pullRequestsKey) == rules.AccessWrite
			}); met {
				continue
			}
			key, need, _ := rules.WorkflowKey(group[0])
			out[key] = need
		}
	}
	return out
}

func keyList(keys map[string]string) string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		out = append(out, key+": "+keys[key])
	}
	return strings.Join(out, ", ")
}

// excess finds permissions that no step of a job takes. It says so only where
// all that the job does with GITHUB_TOKEN is known, and the block is the
// job's own: a workflow's block serves several jobs. What is never called
// excess stands at [trace.Granted.Own]. What a PAT does in the job counts as
// well where GITHUB_TOKEN may come to do it: who follows one finding must not
// be told by the other to take that permission away again.
func (f *finder) excess(j *jobView) {
	g := j.Permissions
	if !g.JobLevel || g.All == "read-all" || len(f.views(j)) > 1 {
		return
	}
	if j.Job.Job.Job.Call != nil {
		// A called workflow asks for its own, and fails to start with less.
		return
	}
	total, open := jobNeed(j)
	if len(open) > 0 || slices.ContainsFunc(j.uses, func(u *ruled) bool { return len(u.Unknowns) > 0 }) || f.opaque(j) {
		return
	}
	for _, u := range j.uses {
		if promised(u) {
			total.use(u)
		}
	}
	needed := total.workflow()
	if g.All == "write-all" {
		f.excessFinding(j, map[string]string{"all keys": "write"}, needed)
		return
	}
	spare := map[string]string{}
	for key, access := range g.Own() {
		if needed[key] == "" || access == rules.AccessWrite && needed[key] == rules.AccessRead {
			spare[key] = access
		}
	}
	if len(spare) > 0 {
		f.excessFinding(j, spare, needed)
	}
}

// promised tells whether a use of a secret is one that GITHUB_TOKEN can do, at
// least under a condition.
func promised(u *ruled) bool {
	return u.ruling != nil && !u.Other && (u.ruling.verdict == audit.VerdictReplaceable || u.ruling.verdict == audit.VerdictConditional)
}

// opaque tells whether a job runs code that could use GITHUB_TOKEN unseen.
func (f *finder) opaque(j *jobView) bool {
	return slices.ContainsFunc(j.Sites, func(s *trace.Site) bool {
		if s.Action != nil && !s.Followed {
			info, known := infer.Action(f.options.Knowledge, s.Action.Name)
			return !known || len(info.Code) > 0 && s.Action.Name != "actions/github-script"
		}
		return s.Unread != nil
	})
}

func (f *finder) views(j *jobView) []*jobView {
	var out []*jobView
	for _, other := range f.jobs {
		if other.Job.Job.Job == j.Job.Job.Job {
			out = append(out, other)
		}
	}
	return out
}

func (f *finder) excessFinding(j *jobView, spare, needed map[string]string) {
	g := j.Permissions
	span := audit.Span{File: g.Place.File, Line: g.Place.Line, Column: g.Place.Column, EndLine: g.Place.Line, EndColumn: g.Place.Column}
	finding := f.add("excess-permissions", fmt.Sprintf("No step of job %s is seen to need %s.", j.Job.Job.Job.ID, keyList(spare)), span, j.Job.Job.Job.ID, keyList(spare))
	finding.Fix = "give the job " + blockText(needed)
}
