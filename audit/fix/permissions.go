package fix

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/decide"
	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/scan"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// grant is what a job is given for the picks that want something of it.
type grant struct {
	workflow *workflow.Workflow
	job      *workflow.Job
	edits    []Edit
	notes    []Note
	// fault says why the job cannot be given it.
	fault string
}

// demand is what a job must be given.
type demand struct {
	wanted scopes
	// total is what all its steps take of GITHUB_TOKEN, the replaced ones
	// among them; open are the steps of which that is not known.
	total scopes
	open  []string
	// called says that the job runs only for callers in this repository,
	// foreign that some callers are not to be seen.
	called, foreign bool
	// callable says that workflows of other repositories may call it as well.
	callable bool
}

// byDefault is what GITHUB_TOKEN may do at least where nobody names
// permissions.
func byDefault(key string) string {
	for _, k := range rules.WorkflowKeys() {
		if k.Key == key {
			return k.Default
		}
	}
	return ""
}

// writtenGrant is what is written about the permissions of a job's token: its own
// block, or else the workflow's; nil for neither.
func writtenGrant(w *workflow.Workflow, j *workflow.Job) *trace.Granted {
	for _, p := range []*workflow.Permissions{j.Permissions, w.Permissions} {
		if p != nil {
			return &trace.Granted{All: p.All, Scopes: p.Scopes}
		}
	}
	return nil
}

// permissions finds out what jobs must be given, after is the audit of the
// repository with the tokens replaced. It returns the picks for which a job
// cannot be given what they want, with the reasons.
func (p *planner) permissions(after *scan.Analysis) map[*pick]string {
	demands := p.demands(after)
	refused := map[*pick]string{}
	for _, key := range slices.SortedFunc(maps.Keys(demands), compareJobs) {
		g := p.grant(key, demands[key])
		x := piece{edits: g.edits, notes: g.notes}
		for _, k := range p.picks {
			wants := p.wants(k, key, after)
			switch {
			case g.fault != "" && len(wants.lacking(p.surely(g))) > 0:
				refused[k] = g.fault
			case len(wants) > 0:
				x.picks = append(x.picks, k)
			}
		}
		if len(g.edits) > 0 {
			p.pieces = append(p.pieces, x)
		}
	}
	return refused
}

func compareJobs(a, b jobKey) int {
	return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.job, b.job))
}

// surely returns what a job's GITHUB_TOKEN surely may do today.
func (p *planner) surely(g *grant) func(key string) string {
	if g.job == nil {
		return func(string) string { return "" }
	}
	if w := writtenGrant(g.workflow, g.job); w != nil {
		return w.Access
	}
	return byDefault
}

// wants is what a pick wants of a job, or of the jobs that call it.
func (p *planner) wants(k *pick, key jobKey, after *scan.Analysis) scopes {
	out := scopes{}.plus(k.wanted[key])
	for job, wanted := range k.wanted {
		for _, view := range views(after, job) {
			for _, caller := range callers(after.Read, view) {
				if caller == key {
					out = out.plus(wanted)
				}
			}
		}
	}
	return out
}

// views are the ways in which a job runs.
func views(a *scan.Analysis, key jobKey) []*infer.Job {
	var out []*infer.Job
	for _, j := range a.Jobs {
		if keyOf(j.Job) == key {
			out = append(out, j)
		}
	}
	return out
}

// callers are the jobs that call the workflow of a job, from the outermost on.
func callers(r *workflow.Repository, view *infer.Job) []jobKey {
	var out []jobKey
	for _, hop := range view.Callers {
		w := workflowAt(r, hop.File)
		if w == nil {
			continue
		}
		for _, j := range w.Jobs {
			if j.Call != nil && j.Call.Uses.Line() == hop.Line {
				out = append(out, jobKey{w.Path, j.ID})
			}
		}
	}
	return out
}

// demands adds up what the picks want, by job.
func (p *planner) demands(after *scan.Analysis) map[jobKey]*demand {
	judge := after.Judge()
	out := map[jobKey]*demand{}
	at := func(key jobKey) *demand {
		if out[key] == nil {
			out[key] = &demand{wanted: scopes{}, total: scopes{}, called: true}
		}
		return out[key]
	}
	for _, k := range p.picks {
		for key, wanted := range k.wanted {
			at(key).wanted = at(key).wanted.plus(wanted)
			for _, view := range views(after, key) {
				for _, caller := range callers(after.Read, view) {
					at(caller).wanted = at(caller).wanted.plus(wanted)
				}
			}
		}
	}
	for key, d := range out {
		seen := false
		for _, view := range after.Jobs {
			own := keyOf(view.Job) == key
			if !own && !slices.Contains(callers(after.Read, view), key) {
				continue
			}
			seen = true
			total, open := p.need(judge, after, view)
			if !own {
				total = p.requested(view.Job, total)
			}
			d.total, d.open = d.total.plus(total), appendNew(d.open, open...)
			d.called = d.called && (len(view.Callers) > 0 || !own)
			d.foreign = d.foreign || own && view.UnknownCaller
			d.callable = d.callable || own && len(view.Callers) == 0 && calledBy(after.Read, view.File) == 0 && triggered(view.File, "workflow_call")
		}
		if !seen {
			d.open = append(d.open, "the job as a whole")
		}
		d.called = d.called && seen && !p.isCall(key)
	}
	return out
}

// calledBy counts the calls of a workflow in its own repository.
func calledBy(r *workflow.Repository, w *workflow.Workflow) (calls int) {
	for _, caller := range r.Workflows {
		for _, j := range caller.Jobs {
			if j.Call != nil && callsLocal(j.Call, w) {
				calls++
			}
		}
	}
	return calls
}

func triggered(w *workflow.Workflow, event string) bool {
	return slices.ContainsFunc(w.Triggers, func(t workflow.Trigger) bool { return t.Event == event })
}

// isCall tells whether a job calls a reusable workflow.
func (p *planner) isCall(key jobKey) bool {
	_, j := p.jobAt(key)
	return j != nil && j.Call != nil
}

// requested is what a called job asks of its caller: the permissions that it
// names, or else what its steps take.
func (p *planner) requested(j *trace.Job, total scopes) scopes {
	g := writtenGrant(j.File, j.Job)
	if g == nil {
		return total
	}
	if g.All != "" {
		access := strings.TrimSuffix(g.All, "-all")
		total = scopes{}
		for _, k := range rules.WorkflowKeys() {
			if slices.Contains(k.Accesses, access) {
				total[k.Key] = access
			}
		}
		return total
	}
	return total.plus(g.Scopes)
}

// need is what a job's steps take of GITHUB_TOKEN, and the steps of which that
// is not known: those that hand it to something unread, those that run what
// could not be read, and those with an action that may take it by default.
func (p *planner) need(judge *decide.Judge, a *scan.Analysis, j *infer.Job) (total scopes, open []string) {
	var own []*infer.Use
	for _, u := range j.Uses {
		if !decide.OfJob(u) {
			continue
		}
		own = append(own, u)
		if len(u.Unknowns) > 0 {
			open = appendNew(open, stepName(u.Site))
		}
	}
	for _, s := range j.Sites {
		if opaque(a.Knowledge, s) {
			open = appendNew(open, stepName(s))
		}
	}
	return judge.Sum(j, own).Permissions().Workflow, open
}

// opaque tells whether what runs at a site may use GITHUB_TOKEN unseen.
func opaque(knowledge infer.Knowledge, s *trace.Site) bool {
	if s.Action == nil || s.Followed {
		return s.Unread != nil
	}
	info, known := infer.Action(knowledge, s.Action.Name)
	return !known || s.Unread != nil || len(info.Code) > 0
}

func stepName(s *trace.Site) string {
	name := s.StepName()
	if name == "" {
		return "the job itself"
	}
	return fmt.Sprintf("step %d (%s)", s.Step, name)
}

func appendNew(list []string, more ...string) []string {
	for _, s := range more {
		if !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

func (p *planner) jobAt(key jobKey) (*workflow.Workflow, *workflow.Job) {
	w := workflowAt(p.before.Read, key.file)
	if w == nil {
		return nil, nil
	}
	i := slices.IndexFunc(w.Jobs, func(j *workflow.Job) bool { return j.ID == key.job })
	if i < 0 {
		return w, nil
	}
	return w, w.Jobs[i]
}

// grant finds out how a job is given what it must have.
func (p *planner) grant(key jobKey, d *demand) *grant {
	w, j := p.jobAt(key)
	g := &grant{workflow: w, job: j}
	switch {
	case j == nil:
		g.fault = "the job " + key.job + " is not found"
	case j.Permissions != nil:
		p.complete(g, d)
	case w.Permissions != nil:
		p.narrow(g, d)
	case d.called && !d.foreign:
		// The callers decide, and are given it themselves.
	default:
		p.begin(g, d)
	}
	if g.fault == "" && len(g.edits) > 0 && (d.foreign || d.callable) {
		g.edits, g.fault = nil, fmt.Sprintf("job %s would ask for more than workflows of other repositories, which may call it, may give", j.ID)
	}
	return g
}

// complete adds to a job's own block what it lacks.
func (p *planner) complete(g *grant, d *demand) {
	have := writtenGrant(g.workflow, g.job)
	lacking := d.wanted.lacking(have.Access)
	switch {
	case len(lacking) == 0:
	case have.All == "" && have.Scopes == nil:
		g.fault = fmt.Sprintf("the permissions of job %s are not understood", g.job.ID)
	case have.All != "":
		block, why := p.spelled(g, d, have)
		if g.fault = why; why == "" {
			p.write(g, func(doc *document) ([]Edit, string) { return p.respell(doc, g, block) })
		}
	default:
		p.write(g, func(doc *document) ([]Edit, string) { return p.addKeys(doc, g, lacking) })
	}
}

// kept are keys that a job keeps of its workflow's block even where no step is
// seen to take them: programs use them without a trace.
var kept = []string{"id-token", "attestations", "packages"}

// narrow gives a job a block of its own where its workflow's does not do.
func (p *planner) narrow(g *grant, d *demand) {
	have := writtenGrant(g.workflow, g.job)
	switch {
	case len(d.wanted.lacking(have.Access)) == 0:
		return
	case have.All == "" && have.Scopes == nil:
		g.fault = "the permissions of the workflow are not understood"
		return
	}
	block, why := p.spelled(g, d, have)
	if g.fault = why; why != "" {
		return
	}
	p.write(g, func(doc *document) ([]Edit, string) { return p.newBlock(doc, g, block) })
}

// spelled returns the complete block of a job that has been given something in
// another form: what its steps take where that is known; else all that it has
// been given, key by key, and what is wanted.
func (p *planner) spelled(g *grant, d *demand, have *trace.Granted) (scopes, string) {
	block := scopes{}.plus(d.total).plus(d.wanted)
	for _, key := range kept {
		block = block.plus(scopes{key: given(have, key)})
	}
	if rank(have.Access("contents")) > 0 {
		block = block.plus(scopes{"contents": "read"})
	}
	if len(d.open) == 0 && g.job.Call == nil {
		return block, ""
	}
	if have.All != "" && p.options.Scan.EnterpriseServer {
		return nil, fmt.Sprintf("job %s has %s, and which keys this server knows is not known", g.job.ID, have.All)
	}
	for _, k := range rules.WorkflowKeys() {
		block = block.plus(scopes{k.Key: given(have, k.Key)})
	}
	for key, access := range have.Scopes {
		block = block.plus(scopes{key: access})
	}
	if len(d.open) > 0 {
		g.notes = append(g.notes, Note{g.workflow.Path, g.job.Line, fmt.Sprintf("job %s keeps all permissions that it has, for what these need is not known: %s", g.job.ID, strings.Join(d.open, ", "))})
	}
	return block, ""
}

// given is what a grant gives of a key, as it can be written.
func given(have *trace.Granted, key string) string {
	access := have.Access(key)
	if have.All == "" {
		return access
	}
	for _, k := range rules.WorkflowKeys() {
		if k.Key == key && slices.Contains(k.Accesses, access) {
			return access
		}
	}
	return ""
}

// begin gives a job a block where neither it nor its workflow has one.
func (p *planner) begin(g *grant, d *demand) {
	lacking := d.wanted.lacking(byDefault)
	switch {
	case d.foreign && len(d.wanted) > 0:
		g.fault = "what GITHUB_TOKEN may do is for its callers to say, which are not in this repository"
	case len(lacking) == 0:
		// It surely has that, and a block could only take something away.
	case len(d.open) > 0:
		g.fault = fmt.Sprintf("job %s would need %s, but names no permissions: now; a block would take away what the repository's default gives, and what these need is not known: %s",
			g.job.ID, list(lacking), strings.Join(d.open, ", "))
	default:
		p.write(g, func(doc *document) ([]Edit, string) { return p.newBlock(doc, g, d.total.plus(d.wanted)) })
	}
}

// list writes permissions on one line.
func list(s scopes) string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(s)) {
		out = append(out, key+": "+s[key])
	}
	return strings.Join(out, ", ")
}

// write makes the edits of a grant, if the file allows.
func (p *planner) write(g *grant, make func(*document) ([]Edit, string)) {
	doc := p.document(g.workflow)
	if doc.fault != "" {
		g.fault = doc.fault
		return
	}
	if g.edits, g.fault = make(doc); g.fault != "" {
		g.fault = fmt.Sprintf("the permissions of job %s cannot be written: %s", g.job.ID, g.fault)
	}
}

// whyGrant says what a grant is for.
func whyGrant(g *grant) string { return "GITHUB_TOKEN needs it in job " + g.job.ID }
