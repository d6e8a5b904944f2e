// Package scan puts the parts of an audit together: it reads a repository,
// traces its jobs, infers what they do, and has that judged.
//
// It does no I/O but through the file system that it is given, so the same
// code serves a folder, a single file, and a repository read over the API.
package scan

import (
	"cmp"
	"context"
	"io/fs"
	"path"
	"slices"
	"time"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/accept"
	"github.com/patrol-actions/patrol/audit/config"
	"github.com/patrol-actions/patrol/audit/decide"
	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// Options tune an audit.
type Options struct {
	// Folder is the path of the repository as the user gave it, which may
	// tell its name; empty where there is none.
	Folder string
	// Name is "owner/name" where it is known; empty to guess.
	Name string
	// Fallback is the name to take where guessing finds none.
	Fallback string
	// DefaultBranch is the name of the default branch where it is known and
	// Config does not say; empty to guess.
	DefaultBranch string
	// Only limits the report to one file; the others are still read, for
	// they may listen to what that one does.
	Only string
	// Web is the address of GitHub's pages; empty for https://github.com.
	Web string
	// EnterpriseServer says that the repository is not on github.com.
	EnterpriseServer bool
	// Remote gives the code of other repositories, whose files the file system
	// that is audited must show as well, and what went wrong there; nil where
	// nobody is asked.
	Remote interface {
		trace.Remote
		Problems() []audit.Problem
	}
	// Config is what the project says itself, as [config.Find] reads it from
	// the same file system; nil where it says nothing.
	Config *config.Config
	// Now is the time of the run, by which acceptances expire; the zero time
	// expires none.
	Now time.Time
	// Ledger is for a configuration that several repositories share, see
	// [accept.Options].
	Ledger *accept.Ledger
	// Online gives what is known beside the files of a repository, and says
	// afterwards what of that could not be found out; nil offline.
	Online func(*workflow.Repository) Online
	// Memory is what audits of the same repository before have read, where only
	// workflows differ; nil for none.
	Memory *trace.Memory
	// Whole reads jobs in full that no secret comes by; see [trace.Options].
	Whole bool
	// Context ends the audit early once it is done; nil for no end. See
	// [Options.Stopped].
	Context context.Context
	// Guarded makes a fault of this program a problem of the job that it was
	// reading, or of the repository: it costs no other one its audit.
	Guarded bool
}

// Stopped tells whether the audit was ended early, so that what it says is of no
// use.
func (o Options) Stopped() bool { return o.Context != nil && o.Context.Err() != nil }

// Online answers what the files of a repository do not show.
type Online interface {
	decide.Facts
	// Secrets tells where the secrets of those names are kept.
	Secrets(names []string) []audit.Secret
	// Problems are what could not be found out.
	Problems() []audit.Problem
}

// described tells a trace what the configuration describes.
type described struct{ *config.Config }

func (d described) Command(words []string, folder string) bool {
	_, ok := d.Program(words, folder)
	return ok
}

func (d described) Action(name string) bool {
	_, ok := d.Config.Action(name)
	return ok
}

// TraceOptions are those for a repository with a configuration, which may be
// nil.
func TraceOptions(c *config.Config) trace.Options {
	out := trace.Options{Mints: Mints}
	if c != nil {
		out.Described = described{c}
	}
	return out
}

// Repository audits everything below the root of a file system.
func Repository(fsys fs.FS, o Options) *audit.Repository {
	return Analyze(fsys, o).Report
}

// File audits one workflow or action file as a repository of its own.
func File(fsys fs.FS, name string, o Options) *audit.Repository {
	return AnalyzeFile(fsys, name, o).Report
}

// Analysis is an audit together with what it rests on.
type Analysis struct {
	// Report is what the audit says.
	Report *audit.Repository
	// Read is the repository as it was read, Jobs are the ways in which its
	// jobs run, each with what it does.
	Read *workflow.Repository
	Jobs []*infer.Job
	// Knowledge is what the project says itself; nil where it says nothing.
	Knowledge infer.Knowledge

	options decide.Options
}

// Judge returns a judge of the uses in the jobs.
func (a *Analysis) Judge() *decide.Judge { return decide.NewJudge(a.Read, a.Jobs, a.options) }

// Analyze is [Repository] for who needs more than the report.
func Analyze(fsys fs.FS, o Options) *Analysis { return judge(fsys, workflow.Load(fsys), o) }

// AnalyzeFile is [File] for who needs more than the report.
func AnalyzeFile(fsys fs.FS, name string, o Options) *Analysis {
	return judge(fsys, workflow.LoadFile(fsys, name), o)
}

func judge(fsys fs.FS, r *workflow.Repository, o Options) *Analysis {
	r.Name = o.Name
	if r.Name == "" && o.Config != nil {
		r.Name = o.Config.Repository
	}
	if r.Name == "" {
		r.Name, _ = workflow.GuessName(fsys, o.Folder, r)
	}
	if r.Name == "" {
		r.Name = o.Fallback
	}
	var knowledge infer.Knowledge
	if o.Config != nil {
		knowledge = o.Config
	}
	tracing := TraceOptions(o.Config)
	if o.Remote != nil {
		tracing.Remote = o.Remote
	}
	tracing.EnterpriseServer = o.EnterpriseServer
	tracing.Whole, tracing.Memory, tracing.Context = o.Whole, o.Memory, o.Context
	inferring := infer.Options{Repository: r.Name, Folder: path.Base(o.Folder), EnterpriseServer: o.EnterpriseServer, Read: r.Read, List: r.Files, Glob: r.Glob, All: r.All, Memory: infer.NewMemory(), Knowledge: knowledge, Context: o.Context}
	inferred := map[*trace.Job]*infer.Job{}
	guard := &guard{on: o.Guarded}
	if o.Guarded {
		tracing.Fell = func(j *trace.Job, fault any) { guard.note(j.File.Path, j.Job.Line, "job "+j.Job.ID, fault) }
	}
	tracing.Traced = func(j *trace.Job) {
		if !guard.run(j.File.Path, j.Job.Line, "job "+j.Job.ID, func() { inferred[j] = infer.One(j, inferring) }) {
			j.Sites = []*trace.Site{trace.Fallen(j)}
			inferred[j] = infer.One(j, inferring)
		}
		j.Sites = decide.Telling(inferred[j])
	}
	traced := trace.Trace(r, tracing)
	if o.Stopped() {
		return &Analysis{Report: &audit.Repository{}, Read: r, Knowledge: knowledge}
	}
	jobs := make([]*infer.Job, len(traced.Jobs))
	for i, j := range traced.Jobs {
		jobs[i] = inferred[j]
	}
	infer.Carry(jobs)
	var facts decide.Facts
	var online Online
	if o.Online != nil {
		online = o.Online(r)
		facts = online
	}
	options := decide.Options{
		Name: r.Name, Facts: facts, Web: o.Web, EnterpriseServer: o.EnterpriseServer, DefaultBranch: cmp.Or(defaultBranch(o.Config), o.DefaultBranch), Knowledge: knowledge,
	}
	var result decide.Result
	guard.run("", 0, "the repository", func() { result = decide.Decide(r, traced, jobs, options) })
	out := &audit.Repository{
		Files: len(r.Workflows) + len(r.Actions), Workflows: len(r.Workflows),
		Errors: slices.Concat(r.Problems, traced.Problems, guard.problems), References: result.References, Open: traced.Open, Findings: result.Findings,
	}
	if online != nil {
		out.Secrets = online.Secrets(secretNames(out.References))
		out.Errors = append(out.Errors, online.Problems()...)
	}
	if o.Remote != nil {
		out.Errors = append(out.Errors, o.Remote.Problems()...)
	}
	slices.SortStableFunc(out.Errors, func(a, b audit.Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	if name := r.Name; name != "" {
		// A pointer to the field would keep all of what was read in memory.
		out.Name = &name
	}
	out.Findings = o.Config.Apply(out.Findings)
	out.Findings = slices.DeleteFunc(out.Findings, func(x *audit.Finding) bool { return o.Config.Skips(x.File) })
	accept.Apply(out, r, accept.Options{Config: o.Config, Now: o.Now, Ledger: o.Ledger})
	if o.Only != "" {
		limit(out, r, o.Only)
	}
	skip(out, r, o)
	return &Analysis{Report: out, Read: r, Jobs: jobs, Knowledge: knowledge, options: options}
}

// secretNames are the names of the secrets that may be for GitHub.
func secretNames(references []*audit.Reference) []string {
	var out []string
	for _, r := range references {
		if r.Credential != audit.CredentialOther && !slices.Contains(out, r.Secret) {
			out = append(out, r.Secret)
		}
	}
	return out
}

func defaultBranch(c *config.Config) string {
	if c == nil {
		return ""
	}
	return c.DefaultBranch
}

// skip leaves out of a report what is about files that are to be skipped; the
// findings are out already, so that nobody need accept them.
// They have been read, for they may listen to what others do.
func skip(r *audit.Repository, read *workflow.Repository, o Options) {
	c := o.Config
	r.Open = withSkipped(r, c)
	r.References = slices.DeleteFunc(r.References, func(x *audit.Reference) bool { return c.Skips(x.File) })
	r.Errors = slices.DeleteFunc(r.Errors, func(x audit.Problem) bool { return c.Skips(x.File) })
	switch {
	case o.Only == "":
		for _, w := range read.Workflows {
			if c.Skips(w.Path) {
				r.Files, r.Workflows = r.Files-1, r.Workflows-1
			}
		}
		for _, a := range read.Actions {
			if c.Skips(a.Path) {
				r.Files--
			}
		}
	case c.Skips(o.Only):
		r.Files, r.Workflows = 0, 0
	}
}

// withSkipped notes the files that name secrets and are skipped, in place of
// where they do.
func withSkipped(r *audit.Repository, c *config.Config) []audit.Opening {
	var out []audit.Opening
	skipped := map[string]bool{}
	for _, at := range r.Open {
		if skipped[at.File] = c.Skips(at.File); !skipped[at.File] {
			out = append(out, at)
		}
	}
	for _, x := range r.References {
		skipped[x.File] = c.Skips(x.File)
	}
	for file, is := range skipped {
		if is {
			out = append(out, audit.Opening{Kind: audit.OpenSkipped, File: file})
		}
	}
	slices.SortStableFunc(out, func(a, b audit.Opening) int { return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line)) })
	return out
}

// limit keeps only what is about one file.
func limit(r *audit.Repository, read *workflow.Repository, file string) {
	r.References = slices.DeleteFunc(r.References, func(x *audit.Reference) bool { return x.File != file })
	r.Findings = slices.DeleteFunc(r.Findings, func(x *audit.Finding) bool { return x.File != file })
	r.Accepted = slices.DeleteFunc(r.Accepted, func(x *audit.Finding) bool { return x.File != file })
	r.Errors = slices.DeleteFunc(r.Errors, func(x audit.Problem) bool { return x.File != file })
	r.Open = slices.DeleteFunc(r.Open, func(x audit.Opening) bool { return x.File != file })
	r.Files, r.Workflows = 0, 0
	if slices.ContainsFunc(read.Workflows, func(w *workflow.Workflow) bool { return w.Path == file }) {
		r.Files, r.Workflows = 1, 1
	}
}

// Mints returns the outputs of an action that hold a token it makes.
func Mints(action string) []string {
	info, ok := rules.Action(action)
	if !ok || info.Mints == "" {
		return nil
	}
	return []string{info.Mints}
}
