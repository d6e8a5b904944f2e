// Package decide judges what package infer found: would GITHUB_TOKEN do
// there, with which permissions, and what should be done.
//
// It holds the operations of each use against what GITHUB_TOKEN can be given,
// their targets against the repository, and the events that they cause
// against all workflows of the repository. Every verdict carries its reasons
// and their evidence. Where the code does not show it, the verdict is
// unknown: a wrong "replaceable" breaks somebody's workflow.
package decide

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// Options tune the judgement.
type Options struct {
	// EnterpriseServer says that the repository is not on github.com, where
	// runs for pull requests of GITHUB_TOKEN can be approved.
	EnterpriseServer bool
	// DefaultBranch is the default branch's name; empty to guess.
	DefaultBranch string
	// Knowledge is what the project says itself; nil where it says nothing.
	Knowledge infer.Knowledge
	// Facts is what is known beside the files; nil offline.
	Facts Facts
	// Web is the address of GitHub's pages, without a slash at its end; empty
	// for https://github.com.
	Web string
	// Name is "owner/name" of the repository, or empty.
	Name string
	// PublicOnly says that all repositories at hand are public.
	PublicOnly bool
	// Asked says that somebody asks about operations, and no run tells of
	// their objects: of what issues and pull requests share, the first
	// permission is answered, not both.
	Asked bool
}

// Result is what the audit of one repository says.
type Result struct {
	References []*audit.Reference
	Findings   []*audit.Finding
}

// Decide judges every reference of a repository.
func Decide(repository *workflow.Repository, traced *trace.Result, jobs []*infer.Job, options Options) Result {
	d := newDecider(repository, jobs, options)
	for _, j := range jobs {
		v := d.view(j)
		d.byLogin(v)
		d.jobs = append(d.jobs, v)
	}
	d.byPlace = map[audit.Span][]*ruled{}
	for _, j := range d.jobs {
		for _, u := range j.uses {
			for _, span := range u.Credential.Written {
				d.byPlace[span] = append(d.byPlace[span], u)
			}
		}
	}
	d.handed, d.written = traced.Handed, traced.References
	d.tokens = map[string]bool{}
	for _, ref := range traced.References {
		if slices.ContainsFunc(d.byPlace[ref.Span], func(u *ruled) bool { return u.Credential.Kind == value.Secret && u.Reads && !u.Other }) {
			d.tokens[strings.ToUpper(ref.Secret)] = true
		}
	}
	for _, j := range jobs {
		for _, name := range j.Tokens {
			d.tokens[strings.ToUpper(name)] = true
		}
	}
	result := Result{References: d.references(traced.References)}
	result.Findings = d.findings(result.References)
	return result
}

func newDecider(repository *workflow.Repository, jobs []*infer.Job, options Options) *decider {
	d := &decider{repository: repository, options: options, inferred: jobs, facts: options.Facts}
	if d.facts == nil {
		d.facts = nothing{}
	}
	d.defaultBranch, d.defaultSaid = cmp.Or(options.DefaultBranch, d.facts.DefaultBranch(), repository.DefaultBranch()), true
	if d.defaultBranch == "" {
		d.defaultBranch, d.defaultSaid = guessDefault(repository)
	}
	d.owners = owners(jobs)
	return d
}

type decider struct {
	repository    *workflow.Repository
	facts         Facts
	options       Options
	defaultBranch string
	// defaultSaid says that something names the default branch. Else it is only
	// what most repositories have, and reports do not name it.
	defaultSaid bool
	inferred    []*infer.Job
	jobs        []*jobView
	// hooks has what hooked returned.
	hooks   map[*jobView]int
	byPlace map[audit.Span][]*ruled
	handed  func(trace.Reference) trace.Handed
	// written are all places where secrets are written.
	written []trace.Reference
	// tokens are the secrets, in upper case, that something is seen to take
	// for a GitHub credential.
	tokens map[string]bool
	// passwords are the secrets, in upper case, that conditions hold against
	// what somebody gives the run; nil until somebody asks.
	passwords map[string]bool
	// broken has the lines at which files break, nil until somebody asks.
	broken map[string]int
	// lines are those of the workflows, as far as they were looked at.
	lines map[*workflow.Workflow][][]byte
	// owners are the users that secrets seem to belong to, by their names in
	// upper case.
	owners map[string]string
	// takers are the jobs that merge or approve pull requests; nil until somebody
	// asks.
	takers []taker
	// awaited are the jobs that merge or approve what one author opens; nil
	// until somebody asks.
	awaited []awaited
	// succeeded are the jobs that take up pull requests of which the checks have
	// succeeded; nil until somebody asks.
	succeeded []takenUp
	// shown are the repositories that workflows show to be public; nil until
	// somebody asks.
	shown map[string]string
	// updating are the bots that update dependencies here; nil until somebody
	// asks.
	updating []updater
	// anew has what asksAnew found.
	anew map[*workflow.Workflow]bool
}

// jobView is a job with its uses judged.
type jobView struct {
	*infer.Job
	triggers []workflow.Trigger
	// actor is the user that the job's commits name, if it is one: most
	// likely the owner of the job's token. It is asked for where a secret is
	// used.
	actor string
	// owner is whom jobs that use the same secret name, where this one names
	// nobody.
	owner string
	// step is the condition of the step that is looked at, if there is one.
	step workflow.Text
	// anyPull says that the operation that is looked at acts on a pull request
	// which somebody names, of whatever base.
	anyPull bool
	uses    []*ruled
	// asked is as in Options.
	asked bool
	// order has the place of each site; nil until somebody asks.
	order map[*trace.Site]int
}

// at is the place of a site in the job, -1 for one of another.
func (j *jobView) at(s *trace.Site) int {
	if j.order == nil {
		j.order = make(map[*trace.Site]int, len(j.Sites))
		for n, s := range j.Sites {
			j.order[s] = n
		}
	}
	n, ok := j.order[s]
	if !ok {
		return -1
	}
	return n
}

// ruled is a use with its ruling.
type ruled struct {
	*infer.Use
	job *jobView
	// ruling is nil for uses of other credentials than secrets.
	ruling *ruling
	// named is what the summary says of a name to be changed with the token.
	named string
}

func (d *decider) view(j *infer.Job) *jobView {
	v := &jobView{Job: j, triggers: j.Root.Triggers, asked: d.options.Asked}
	if slices.ContainsFunc(j.Uses, func(u *infer.Use) bool { return u.Credential.Kind == value.Secret }) {
		v.actor = actor(j)
	}
	for _, u := range j.Uses {
		if u.Reading != "" && !d.openToAll(u.Reading) {
			continue
		}
		if d.options.Facts != nil || len(d.allShown()) > 0 {
			u = d.published(u)
		}
		if u.Credential.Kind == value.Secret {
			u = d.mergesUpdates(v, u)
		}
		r := &ruled{Use: u, job: v}
		if u.Credential.Kind == value.Secret {
			r.ruling = d.rule(v, u)
			r.Use = d.presume(v, u, r.ruling)
		}
		v.uses = append(v.uses, r)
	}
	return v
}

// references judges every place where a secret is written.
func (d *decider) references(list []trace.Reference) []*audit.Reference {
	ids := newFingerprints(d.repository)
	all := make([]*judged, 0, len(list))
	out := make([]*audit.Reference, 0, len(list))
	for _, ref := range list {
		j := d.reference(ref, ids.reference(ref))
		all, out = append(all, j), append(out, j.Reference)
	}
	d.together(all)
	return out
}

// asked judges a reference that only asks whether a secret is set. That takes no
// token at all, so that nothing speaks against GITHUB_TOKEN; but it belongs to
// the uses that it is asked for, and changes with them.
func asked(r *audit.Reference) *audit.Reference {
	if r.Credential != audit.CredentialGitHub {
		r.Credential = audit.CredentialOther
		r.Remedy = audit.Remedy{Kind: audit.RemedyNone, Summary: "only asked whether it is set, which is no use of it"}
		return r
	}
	r.Verdict = audit.VerdictReplaceable
	r.Remedy = audit.Remedy{Kind: audit.RemedyGitHubToken, Summary: "only asked whether it is set: it changes with the uses that this is asked for", UnknownSteps: []string{}}
	return r
}

func (d *decider) reference(ref trace.Reference, id string) *judged {
	uses := d.byPlace[ref.Span]
	r := &audit.Reference{
		ID: id, Secret: ref.Secret, File: ref.Span.File,
		Line: ref.Span.Line, Column: ref.Span.Column, EndLine: ref.Span.EndLine, EndColumn: ref.Span.EndColumn,
		Credential: d.credential(ref, uses), Target: []string{}, Events: []string{}, Uses: []*audit.Use{},
		Reasons: []audit.Reason{}, Permissions: emptyPermissions(),
	}
	r.Environments, r.FromCaller = d.standing(ref, uses)
	if r.Credential == audit.CredentialOther {
		r.Remedy = audit.Remedy{Kind: audit.RemedyNone, Summary: "not a credential for GitHub"}
		return &judged{Reference: r}
	}
	how, reader := readUnseen, (*audit.Place)(nil)
	if len(uses) == 0 {
		how, reader = d.reading(ref)
	}
	if h := d.handed(ref); h.JobToken && !h.Other && how != readTest {
		return &judged{Reference: d.already(r, uses)}
	}
	if len(uses) == 0 {
		switch how {
		case readTest:
			return &judged{Reference: asked(r)}
		case readNever:
			if kind, _ := rules.SecretKind(ref.Secret); r.Credential == audit.CredentialGitHub || kind == rules.NameGitHub {
				r.Verdict = audit.VerdictReplaceable
			} else if d.asGitHub(ref) {
				r.Verdict, r.Credential = audit.VerdictReplaceable, audit.CredentialGitHub
			} else {
				// What nothing reads says nothing of GitHub.
				r.Credential = audit.CredentialOther
			}
			r.Remedy = audit.Remedy{Kind: audit.RemedyNone, Summary: "nothing reads it here: remove it"}
			switch file, asleep := d.deaf(ref); {
			case asleep:
				r.Remedy.Summary = "the steps of " + file + " that read it do not run with these inputs: remove it here"
			case file != "":
				r.Remedy.Summary = file + " declares it and reads it nowhere: remove it, there and here"
			}
			return &judged{Reference: r}
		}
	}
	total := &ruling{verdict: audit.VerdictNone}
	need := newNeed()
	kept := d.reached(d.keep(uses))
	if r.Credential == audit.CredentialGitHub && d.shared(ref, uses) {
		kept = slices.DeleteFunc(slices.Clone(kept), guessedOther)
		total.open("unread", "it is a GitHub token elsewhere, and code that was not read is handed it here", []audit.Place{{File: ref.Span.File, Line: ref.Span.Line, Text: "secrets." + ref.Secret}})
	}
	seen := usesSeen{}
	for _, u := range kept {
		use := d.use(u)
		if !seen.add(use) {
			continue
		}
		r.Uses = append(r.Uses, use)
		total.verdict = total.verdict.Worse(use.Verdict)
		for _, reason := range use.Reasons {
			total.add(audit.VerdictNone, reason.Code, reason.Detail, reason.Evidence)
		}
		need.use(u)
		for _, op := range u.Operations {
			for _, t := range op.Targets {
				r.Target = appendNew(r.Target, t.Text)
			}
			for _, e := range d.caused(u.job, u.Use, op) {
				if !e.Doubted && d.happens(u.job, e) {
					r.Events = appendNew(r.Events, e.Key())
				}
			}
		}
	}
	if len(r.Uses) == 0 {
		d.inPieces(total, ref.Span.File)
		detail, at := d.taker(ref, nil)
		if at == nil && reader != nil {
			detail, at = fmt.Sprintf("nothing was seen to read it, and whether %s does is not known", strings.TrimPrefix(reader.Text, "uses: ")), reader
		}
		if at == nil {
			detail, at = "nothing was seen to read it", &audit.Place{File: ref.Span.File, Line: ref.Span.Line, Text: "secrets." + ref.Secret}
		}
		total.open("unread", detail, []audit.Place{*at})
		d.named(ref, total, need)
	}
	own := &ruling{}
	if total.verdict == audit.VerdictReplaceable || total.verdict == audit.VerdictConditional {
		if detail, at := d.taker(ref, uses); at != nil {
			own.open("unread", detail, []audit.Place{*at})
		}
	}
	if d.remarked(ref, kept, total.verdict, own); own.verdict != audit.VerdictNone {
		total.take(own)
		for _, use := range r.Uses {
			bear(use, own)
		}
	}
	r.Verdict, r.Reasons = total.verdict, sortReasons(relevant(total))
	r.Permissions = need.permissions()
	slices.Sort(r.Events)
	slices.Sort(r.Target)
	r.Remedy = d.remedy(r, kept, need)
	if onlyLookedAt(kept) {
		r.Remedy.Summary = "only looked at, and sent nowhere: it changes with its other uses"
	}
	if neverRun(kept) {
		// People switch such steps on again: the verdict stays that of what they do.
		r.Remedy.Summary = "the step never runs, by its condition: remove it; should it run again, " + r.Remedy.Summary
	}
	return &judged{r, kept, need}
}

// keep leaves out the uses by things that are no part of GitHub, and those of
// other credentials than secrets.
func (d *decider) keep(uses []*ruled) []*ruled {
	var out []*ruled
	for _, u := range uses {
		if !u.Other && u.Credential.Kind == value.Secret {
			out = append(out, u)
		}
	}
	return out
}

// use writes a use down for the report.
func (d *decider) use(u *ruled) *audit.Use {
	need := newNeed()
	need.use(u)
	out := &audit.Use{
		Job: u.job.Job.Job.Job.ID, Step: u.Site.Step, File: u.File, Line: u.Line, What: u.What,
		Via: append(slices.Clone(u.Credential.Hops), u.Site.Hops...), Operations: []audit.Operation{},
		Verdict: u.ruling.verdict, Reasons: sortReasons(relevant(u.ruling)), Permissions: need.permissions(),
	}
	if out.Via == nil {
		out.Via = []audit.Hop{}
	}
	for _, op := range u.Operations {
		for _, name := range op.Names {
			for _, t := range op.Targets {
				o := audit.Operation{Name: name, Target: t.Text, Evidence: op.Place}
				if !slices.Contains(out.Operations, o) {
					out.Operations = append(out.Operations, o)
				}
			}
		}
	}
	return out
}

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
