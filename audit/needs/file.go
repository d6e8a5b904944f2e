package needs

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/decide"
	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/scan"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// askFile answers for the jobs of a workflow file: a group for each job, and
// the sum of each of its steps.
func askFile(q Query, o Options) ([]*Group, []*decide.Sum, error) {
	repository, w, err := o.workflow(q.source)
	if err != nil {
		return nil, nil, err
	}
	ids, err := q.jobs(w)
	if err != nil {
		return nil, nil, err
	}
	own, err := o.config(q.source)
	if err != nil {
		return nil, nil, err
	}
	if repository.Name == "" && own != nil {
		repository.Name = own.Repository
	}
	var knowledge infer.Knowledge
	if own != nil {
		knowledge = own
	}
	traced := trace.Trace(repository, scan.TraceOptions(own))
	inferred := infer.Infer(traced.Jobs, infer.Options{Repository: repository.Name, EnterpriseServer: o.EnterpriseServer, Read: repository.Read, List: repository.Files, Glob: repository.Glob, All: repository.All, Knowledge: knowledge})
	judge := decide.NewJudge(repository, inferred, decide.Options{Name: repository.Name, Web: o.Web, EnterpriseServer: o.EnterpriseServer, PublicOnly: o.PublicOnly, Knowledge: knowledge})
	var groups []*Group
	var all []*decide.Sum
	for _, id := range ids {
		c := &collector{q: q, w: w, judge: judge, group: &Group{Query: q.source + ":" + id, Job: id}}
		for _, j := range inferred {
			c.job(id, j)
		}
		groups, all = append(groups, c.finish()), append(all, c.sums...)
		if q.step > 0 && len(c.sums) == 0 {
			return nil, nil, fmt.Errorf("%s: job %s has no step %d", q.source, id, q.step)
		}
	}
	return groups, all, nil
}

// workflow reads a workflow file with the repository around it.
func (o Options) workflow(path string) (*workflow.Repository, *workflow.Workflow, error) {
	if _, err := o.read(path); err != nil {
		return nil, nil, err
	}
	fsys, name, err := o.Open(path)
	if err != nil {
		return nil, nil, err
	}
	var repository *workflow.Repository
	if strings.HasPrefix(name, workflow.Folder+"/") {
		repository = workflow.Load(fsys)
	} else {
		repository = workflow.LoadFile(fsys, name)
	}
	repository.Name = o.Repository
	if repository.Name == "" {
		repository.Name, _ = workflow.GuessName(fsys, "", repository)
	}
	if w := repository.Workflow(name); w != nil {
		return repository, w, nil
	}
	for _, p := range repository.Problems {
		if p.File == name {
			return nil, nil, fmt.Errorf("%s:%d: %s", path, p.Line, p.Message)
		}
	}
	return nil, nil, fmt.Errorf("%s is no workflow", path)
}

// jobs are the ids of the jobs that are asked about.
func (q Query) jobs(w *workflow.Workflow) ([]string, error) {
	var ids []string
	for _, j := range w.Jobs {
		if q.job == "" || strings.EqualFold(j.ID, q.job) {
			ids = append(ids, j.ID)
		}
	}
	if len(ids) > 0 {
		return ids, nil
	}
	var names []string
	for _, j := range w.Jobs {
		names = append(names, j.ID)
	}
	if q.job == "" {
		return nil, fmt.Errorf("%s has no jobs", q.source)
	}
	e := &UnknownError{What: fmt.Sprintf("a job %q in %s", q.job, q.source), Near: rules.Near(q.job, names)}
	if len(names) < 9 {
		e.Hint = "it has " + strings.Join(names, ", ")
	}
	return nil, e
}

// collector gathers the steps of one job.
type collector struct {
	q     Query
	w     *workflow.Workflow
	judge *decide.Judge
	group *Group
	// sums are those of the steps, own what goes by GITHUB_TOKEN, others
	// what goes by other tokens, by name.
	sums, own []*decide.Sum
	others    map[string][]*decide.Sum
}

// job adds a way in which a job runs, if it is the wanted one, or one of a
// reusable workflow that the wanted one calls.
func (c *collector) job(id string, j *infer.Job) {
	prefix := c.q.source + ":" + id
	switch {
	case j.File == c.w && j.Job.Job.ID == id:
	case j.Root == c.w && c.calls(id, j.Callers):
		prefix = j.File.Path + ":" + j.Job.Job.ID
	default:
		return
	}
	steps := map[int]string{}
	for _, s := range j.Job.Job.Steps {
		steps[s.Number] = label(s)
	}
	for number := 0; number <= len(j.Job.Job.Steps); number++ {
		if c.q.step > 0 && c.q.step != number {
			continue
		}
		uses := slices.DeleteFunc(slices.Clone(j.Uses), func(u *infer.Use) bool { return u.Site.Step != number })
		query := prefix
		if number > 0 {
			query = fmt.Sprintf("%s:%d", prefix, number)
		}
		if slices.ContainsFunc(c.group.Needs, func(n *Need) bool { return n.Query == query }) {
			return // called a second time
		}
		c.step(query, steps[number], j, uses, number > 0)
	}
}

// calls tells whether the first call of a way stands in a job.
func (c *collector) calls(id string, callers []audit.Hop) bool {
	i := slices.IndexFunc(c.w.Jobs, func(j *workflow.Job) bool { return j.ID == id })
	return i >= 0 && len(callers) > 0 && callers[0].File == c.w.Path && callers[0].Line >= c.w.Jobs[i].Line && callers[0].Line <= c.w.Jobs[i].EndLine
}

func (c *collector) step(query, label string, j *infer.Job, uses []*infer.Use, always bool) {
	sum := c.judge.Sum(j, uses)
	if sum.Empty() && !always {
		return
	}
	n := needOf(query, sum)
	n.Label = label
	c.group.Needs, c.sums = append(c.group.Needs, n), append(c.sums, sum)
	if n.GitHubToken == Unknown {
		c.group.Open = append(c.group.Open, query)
	}
	byToken := map[string][]*infer.Use{}
	for _, u := range uses {
		byToken[u.Credential.Name] = append(byToken[u.Credential.Name], u)
	}
	for _, name := range n.Tokens {
		part := c.judge.Sum(j, byToken[name])
		if decide.OfJob(byToken[name][0]) {
			c.own = append(c.own, part)
			continue
		}
		if c.others == nil {
			c.others = map[string][]*decide.Sum{}
		}
		c.others[name] = append(c.others[name], part)
	}
}

func (c *collector) finish() *Group {
	c.group.Block = decide.Together(c.own...).Permissions().Workflow
	for _, name := range sortedKeys(c.others) {
		n := needOf(c.group.Query, decide.Together(c.others[name]...))
		n.Label = name
		if n.GitHubToken == Yes || n.GitHubToken == Conditional {
			c.group.Replaceable = append(c.group.Replaceable, name)
			c.own = append(c.own, c.others[name]...)
		}
		c.group.Tokens = append(c.group.Tokens, n)
	}
	c.group.Replaced = decide.Together(c.own...).Permissions().Workflow
	return c.group
}

func label(s *workflow.Step) string {
	switch {
	case !s.Name.IsZero():
		return s.Name.Value
	case !s.Uses.IsZero():
		name, _, _ := strings.Cut(s.Uses.Value, "@")
		return name
	}
	line, _, _ := strings.Cut(strings.TrimSpace(s.Run.Value), "\n")
	return line
}

func sortedKeys[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }
