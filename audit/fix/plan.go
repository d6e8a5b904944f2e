package fix

import (
	"bytes"
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/decide"
	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/scan"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// jobKey names a job as written.
type jobKey struct{ file, job string }

func keyOf(j *trace.Job) jobKey { return jobKey{j.File.Path, j.Job.ID} }

// scopes are permissions by workflow key.
type scopes map[string]string

// pick is a reference that is to be replaced.
type pick struct {
	reference *audit.Reference
	workflow  *workflow.Workflow
	at        written
	spot      spot
	// wanted is what its uses take of GITHUB_TOKEN, job by job.
	wanted map[jobKey]scopes
	// unread says that nothing reads it, so that it is removed.
	unread bool
}

// planner finds out what to change.
type planner struct {
	fsys    fs.FS
	options Options
	before  *scan.Analysis
	// after is the audit of what the changes lead to, once it was made.
	after *scan.Analysis
	picks []*pick
	// tried is the audit with triedFiles in place of the repository's.
	tried      *scan.Analysis
	triedFiles map[string][]byte
	// left has the reasons why references stay.
	left map[*audit.Reference]string
	// pieces are the edits for the picks: of tokens, then of permissions.
	pieces []piece
	// spotsOf and documents remember what was looked up, by file.
	spotsOf   map[*workflow.Workflow]map[workflow.Text]spot
	documents map[string]*document
}

// leave notes why a reference stays.
func (p *planner) leave(r *audit.Reference, format string, args ...any) {
	if _, have := p.left[r]; !have {
		p.left[r] = fmt.Sprintf(format, args...)
	}
}

// notes are the reasons, in the order of the references.
func (p *planner) notes() []Note {
	var out []Note
	for _, r := range p.before.Report.References {
		if why, ok := p.left[r]; ok {
			out = append(out, Note{r.File, r.Line, r.Secret + " is left alone: " + why})
		}
	}
	return out
}

// choose picks the references that could be replaced.
func (p *planner) choose() {
	p.spotsOf, p.documents = map[*workflow.Workflow]map[workflow.Text]spot{}, map[string]*document{}
	judge := p.before.Judge()
	accepted := map[string]*audit.Acceptance{}
	for _, f := range p.before.Report.Accepted {
		if f.Rule == "replaceable-pat" {
			accepted[f.Reference] = f.Acceptance
		}
	}
	for _, r := range p.before.Report.References {
		if r.Verdict != audit.VerdictReplaceable || r.Credential != audit.CredentialGitHub || r.Remedy.Settled() || !p.asked(r) {
			continue
		}
		if a := accepted[r.ID]; a != nil {
			p.leave(r, "%s:%d accepts it: %s", a.File, a.Line, a.Reason)
			continue
		}
		if k, why := p.pick(judge, r); why == "" {
			p.picks = append(p.picks, k)
		} else {
			p.leave(r, "%s", why)
		}
	}
}

func (p *planner) asked(r *audit.Reference) bool {
	if p.options.Wanted != nil && !p.options.Wanted(r) {
		return false
	}
	return len(p.options.Secrets) == 0 || slices.ContainsFunc(p.options.Secrets, func(s string) bool { return strings.EqualFold(s, r.Secret) })
}

// pick looks a reference up in its workflow.
func (p *planner) pick(judge *decide.Judge, r *audit.Reference) (k *pick, why string) {
	w := workflowAt(p.before.Read, r.File)
	if w == nil {
		return nil, "it does not stand in a workflow"
	}
	if w.BreaksAt > 0 || p.document(w).fault != "" {
		return nil, cmp.Or(p.document(w).fault, "the file does not parse")
	}
	at, ok := find(w, r)
	if !ok {
		return nil, "the expression is not understood"
	}
	if p.spotsOf[w] == nil {
		p.spotsOf[w] = spots(w)
	}
	k = &pick{reference: r, workflow: w, at: at, spot: p.spotsOf[w][at.text], wanted: map[jobKey]scopes{}}
	if k.unread = r.Remedy.Kind == audit.RemedyNone; k.unread {
		return k, ""
	}
	if strings.EqualFold(r.Secret, "GITHUB_TOKEN") || len(r.Uses) == 0 {
		return nil, "nothing is seen to use it"
	}
	span := spanOf(r)
	for _, j := range p.before.Jobs {
		uses := slices.DeleteFunc(slices.Clone(j.Uses), func(u *infer.Use) bool {
			return u.Other || u.Credential.Kind != value.Secret || !slices.Contains(u.Credential.Written, span)
		})
		if len(uses) > 0 {
			key := keyOf(j.Job)
			k.wanted[key] = k.wanted[key].plus(judge.Sum(j, uses).Permissions().Workflow)
			if why := p.stored(j, uses); why != "" {
				return nil, why
			}
			for _, u := range uses {
				if login := decide.NamedAuthor(j, u); login != "" {
					return nil, "comments by " + login + " are looked for, and that name has to be changed with it"
				}
			}
		}
	}
	return k, cmp.Or(k.address(w), k.remark(w))
}

func spanOf(r *audit.Reference) audit.Span {
	return audit.Span{File: r.File, Line: r.Line, Column: r.Column, EndLine: r.EndLine, EndColumn: r.EndColumn}
}

// stored says which steps might use a token that a checkout leaves with git,
// and cannot be read: their pushes might be wanted to start workflows, or go
// elsewhere. An audit takes them to leave it alone where nothing in their
// names speaks of pushing.
func (p *planner) stored(j *infer.Job, uses []*infer.Use) string {
	var after []string
	kept := false
	for _, s := range j.Sites {
		if kept && s.Action != nil && decide.Opaque(p.before.Knowledge, s) {
			after = appendNew(after, stepName(s))
		}
		if s.Action != nil && s.Action.Is("actions/checkout") && slices.ContainsFunc(uses, func(u *infer.Use) bool { return u.Site == s }) {
			v, given := s.Action.Inputs["persist-credentials"]
			kept = kept || !given || !strings.EqualFold(v.LiteralOr(""), "false")
		}
	}
	if len(after) == 0 {
		return ""
	}
	return "the checkout leaves it with git, and what these do is not known: " + strings.Join(after, ", ")
}

func workflowAt(r *workflow.Repository, path string) *workflow.Workflow {
	i := slices.IndexFunc(r.Workflows, func(w *workflow.Workflow) bool { return w.Path == path })
	if i < 0 {
		return nil
	}
	return r.Workflows[i]
}

// plus returns the sum of two sets of permissions, the higher access winning.
func (s scopes) plus(more scopes) scopes {
	out := maps.Clone(s)
	if out == nil {
		out = scopes{}
	}
	for key, access := range more {
		if rank(access) > rank(out[key]) {
			out[key] = access
		}
	}
	return out
}

// lacking returns what of s the grant does not give.
func (s scopes) lacking(access func(key string) string) scopes {
	out := scopes{}
	for key, need := range s {
		if rank(access(key)) < rank(need) {
			out[key] = need
		}
	}
	return out
}

// within returns of s what the grant gives.
func (s scopes) within(access func(key string) string) scopes {
	out := scopes{}
	for key, need := range s {
		if held := access(key); rank(held) < rank(need) {
			need = held
		}
		if rank(need) > 0 {
			out[key] = need
		}
	}
	return out
}

// rank orders accesses.
func rank(access string) int {
	switch access {
	case "write":
		return 2
	case "read":
		return 1
	}
	return 0
}

// settle finds the edits of the tokens and of the permissions. Where a job
// cannot be given what a reference wants, the reference stays; that may change
// what is possible for others, so all is done again.
func (p *planner) settle() {
	for range len(p.picks) + 2 {
		var stuck map[*pick]string
		if p.pieces, stuck = p.tokenPieces(); p.drop(stuck) {
			continue
		}
		after, err := p.analyzeWith(editsOf(p.pieces))
		if err != nil {
			p.drop(all(p.picks, "the edits do not fit together"))
			continue
		}
		if !p.drop(p.permissions(after)) {
			return
		}
	}
	p.drop(all(p.picks, "no way was found that leaves every job what it needs"))
}

func editsOf(pieces []piece) (out []Edit) {
	for _, x := range pieces {
		out = append(out, x.edits...)
	}
	return out
}

func all(picks []*pick, why string) map[*pick]string {
	out := map[*pick]string{}
	for _, k := range picks {
		out[k] = why
	}
	return out
}

// drop takes picks away, and tells whether there were any.
func (p *planner) drop(why map[*pick]string) bool {
	for k, reason := range why {
		p.leave(k.reference, "%s", reason)
	}
	p.picks = slices.DeleteFunc(p.picks, func(k *pick) bool { _, gone := why[k]; return gone })
	return len(why) > 0
}

// analyzeWith audits the repository with edits made.
func (p *planner) analyzeWith(edits []Edit) (*scan.Analysis, error) {
	files, err := p.apply(edits)
	if err != nil {
		return nil, err
	}
	return p.audited(files), nil
}

// audited audits the repository with other contents of some of its files. The
// last edits that were tried, and none at all, are asked for again.
func (p *planner) audited(files map[string][]byte) *scan.Analysis {
	if len(files) == 0 {
		return p.before
	}
	if p.tried == nil || !maps.EqualFunc(p.triedFiles, files, bytes.Equal) {
		p.tried, p.triedFiles = p.analyze(over(p.fsys, files)), files
	}
	return p.tried
}

// apply makes edits in the files that they are about.
func (p *planner) apply(edits []Edit) (map[string][]byte, error) {
	byFile := map[string][]Edit{}
	for _, e := range edits {
		byFile[e.File] = append(byFile[e.File], e)
	}
	out := map[string][]byte{}
	for file, list := range byFile {
		w := workflowAt(p.before.Read, file)
		if w == nil {
			return nil, fmt.Errorf("%s is no workflow", file)
		}
		content, err := Apply(w.Source, list)
		if err != nil {
			return nil, err
		}
		out[file] = content
	}
	return out, nil
}
