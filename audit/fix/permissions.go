package fix

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

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
	if number := g.remark(); g.fault == "" && len(g.edits) > 0 && number > 0 {
		g.edits, g.fault = nil, fmt.Sprintf("job %s would need permissions, and a comment in line %d says of another token why it has none: see whether it still holds", j.ID, number)
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
			p.write(g, block, func(doc *document) ([]Edit, string) { return p.respell(doc, g, block) })
		}
	default:
		p.write(g, lacking, func(doc *document) ([]Edit, string) { return p.addKeys(doc, g, lacking) })
	}
}

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
	p.write(g, block, func(doc *document) ([]Edit, string) { return p.newBlock(doc, g, block) })
}

// spelled returns the complete block of a job that has been given something in
// another form: what its steps take of that where it is known; else all that it
// has been given, key by key; and what is wanted. Steps that go by GITHUB_TOKEN
// today get no more than they have; but a call does not start without all that
// the called jobs ask for.
func (p *planner) spelled(g *grant, d *demand, have *trace.Granted) (scopes, string) {
	known := len(d.open) == 0 && g.job.Call == nil
	if !known && have.All != "" && p.options.Scan.EnterpriseServer {
		return nil, fmt.Sprintf("job %s has %s, and which keys this server knows is not known", g.job.ID, have.All)
	}
	block := d.total.plus(d.joint)
	if g.job.Call == nil {
		block = block.within(have.Access)
	}
	block = block.plus(d.wanted).plus(have.Kept(known))
	if len(d.open) > 0 {
		g.notes = append(g.notes, Note{g.workflow.Path, g.job.Line, fmt.Sprintf("job %s keeps all permissions that it has, for what these need is not known: %s", g.job.ID, strings.Join(d.open, ", "))})
	}
	return block, ""
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
		block := d.total.plus(d.joint)
		p.write(g, block, func(doc *document) ([]Edit, string) { return p.newBlock(doc, g, block) })
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

// write makes the edits that give a job some keys, if the file allows.
func (p *planner) write(g *grant, keys scopes, make func(*document) ([]Edit, string)) {
	doc := p.document(g.workflow)
	if doc.fault != "" {
		g.fault = doc.fault
		return
	}
	if g.edits, g.fault = make(doc); g.fault != "" {
		g.fault = fmt.Sprintf("job %s would take %s of GITHUB_TOKEN, which is to be written by hand: %s", g.job.ID, list(keys), g.fault)
	}
}

// whyGrant says what a grant is for.
func whyGrant(g *grant) string { return "GITHUB_TOKEN needs it in job " + g.job.ID }
