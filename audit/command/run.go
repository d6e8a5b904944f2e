package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/github"
	"github.com/patrol-actions/patrol/audit/report"
	"github.com/patrol-actions/patrol/audit/scan"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// runAudit audits every path and writes the report.
func runAudit(ctx context.Context, p Process, o *auditOptions, paths []string) error {
	if err := o.changesOnly(p); err != nil {
		return usageError{err}
	}
	sinks, err := o.check()
	if err != nil {
		return usageError{err}
	}
	given, err := o.givenTokens(p)
	if err != nil {
		return usageError{err}
	}
	o.hide(p, given, paths)
	if slices.ContainsFunc(paths, isMissingToken) {
		return usageError{errArgument}
	}
	if slices.Contains(paths, "") {
		return usageError{errEmpty}
	}
	if len(paths) == 0 {
		paths = []string{"."}
	}
	paths = distinct(paths)
	earlier, err := o.earlier()
	if err != nil {
		return usageError{err}
	}
	if o.bases, err = o.findBases(ctx, p, paths); err != nil {
		return usageError{err}
	}
	result, finished, err := auditPaths(ctx, p, o, paths)
	if err != nil {
		return usageError{err}
	}
	if ctx.Err() != nil {
		return o.interrupted(ctx, p, sinks, result)
	}
	if result.Tokens, err = o.inspect(ctx, p, given, result); err != nil {
		return err
	}
	o.stale(result, now(p.Getenv))
	o.hold(p, result, earlier)
	if o.suggest || o.withPatch {
		plan := o.plan(ctx, p, paths, result)
		if o.withPatch {
			o.patch = plan.patch
		}
		if o.suggest {
			o.suggestRun(ctx, p, given, plan.proposals)
		}
	}
	return o.finish(ctx, p, sinks, result, given, finished && told(result.Tokens))
}

// hide takes note of the tokens that will be sent: a server can answer with any
// of them, and a file that is shown can hold one.
func (o *auditOptions) hide(p Process, given []givenToken, paths []string) {
	asks := o.online.wanted || o.changedOnly || o.suggest || o.annotate == annotateAuto || o.annotate == annotateCheck || slices.ContainsFunc(paths, func(path string) bool {
		_, remote := remotePath(path)
		return remote
	})
	if own, err := usualTokens(p); err == nil && asks {
		given = append(slices.Clone(given), own...)
	}
	if len(given) == 0 {
		return
	}
	var tokens []github.Token
	for _, g := range given {
		tokens = append(tokens, g.token)
	}
	o.redactor = github.Redactor(tokens...)
}

// redacted is a text without the values of the tokens that are sent.
func (o *auditOptions) redacted(text string) string {
	if o.redactor == nil {
		return text
	}
	return o.redactor.Replace(text)
}

// isMissingToken tells whether a path is the value of a token, and no path.
func isMissingToken(path string) bool {
	_, err := os.Stat(path)
	return err != nil && tokenShape.MatchString(path)
}

// givenTokens are the tokens that an audit shall ask about.
func (o *auditOptions) givenTokens(p Process) ([]givenToken, error) {
	var out []givenToken
	if len(o.tokens) > 0 {
		given, err := o.inspection.given(p, o.tokens)
		if err != nil {
			return nil, err
		}
		out = given
	}
	if o.tokenLines == "" {
		return out, nil
	}
	if err := checkName(o.tokenLines); err != nil {
		return nil, fmt.Errorf("--token-lines: %w", err)
	}
	lines := p.Getenv(o.tokenLines)
	if o.githubOutput != "" {
		maskTokens(p, lines)
	}
	given, err := readTokens(strings.NewReader(lines), ":")
	if err != nil {
		return nil, fmt.Errorf("--token-lines: %w", err)
	}
	return append(out, given...), nil
}

// finish writes a report and ends with the exit code that it comes to.
func (o *auditOptions) finish(ctx context.Context, p Process, sinks []sink, result *audit.Report, given []givenToken, finished bool) error {
	o.filter(result)
	if o.redactor != nil {
		report.Redact(result, o.redactor.Replace)
	}
	report.Sort(result)
	report.Summarize(result)
	var failed error
	for _, s := range sinks {
		// One file that cannot be written keeps nobody from the others.
		failed = errors.Join(failed, o.write(p, s, result))
	}
	if o.githubOutput != "" {
		failed = errors.Join(failed, writeOutputs(o.githubOutput, result, sinks))
	}
	failed = errors.Join(failed, o.annotateRun(ctx, p, result, given))
	switch {
	case failed != nil:
		return failed
	case !finished:
		return exit(ExitUnfinished)
	case o.fails(result):
		return exit(ExitFindings)
	}
	return nil
}

// interrupted writes what was audited before the run was to stop. Nothing is
// said of what it lacks: a finding that is gone, or an acceptance that nobody
// needs, may be one of a path that was not audited.
func (o *auditOptions) interrupted(ctx context.Context, p Process, sinks []sink, result *audit.Report) error {
	o.annotate = annotateOff
	err := o.finish(ctx, p, sinks, result, nil, false)
	if code := exit(0); errors.As(err, &code) {
		return errInterrupted
	}
	return err
}

// filter drops the findings below --min-severity.
func (o *auditOptions) filter(r *audit.Report) {
	slight := func(f *audit.Finding) bool { return !o.shown(f) }
	for _, repository := range r.Repositories {
		repository.Findings = slices.DeleteFunc(repository.Findings, slight)
		repository.Accepted = slices.DeleteFunc(repository.Accepted, slight)
	}
	for _, token := range r.Tokens {
		token.Findings = slices.DeleteFunc(token.Findings, slight)
		token.Accepted = slices.DeleteFunc(token.Accepted, slight)
	}
}

// shown tells whether a finding is as severe as --min-severity asks.
func (o *auditOptions) shown(f *audit.Finding) bool {
	least, _ := audit.ParseSeverity(o.minSeverity)
	return f.Severity.AtLeast(least)
}

func (o *auditOptions) fails(r *audit.Report) bool {
	if o.failOn == "never" {
		return false
	}
	limit, _ := audit.ParseSeverity(o.failOn)
	severe := func(f *audit.Finding) bool { return f.Severity.AtLeast(limit) }
	return slices.ContainsFunc(r.Repositories, func(x *audit.Repository) bool { return slices.ContainsFunc(x.Findings, severe) }) ||
		slices.ContainsFunc(r.Tokens, func(x *audit.Token) bool { return slices.ContainsFunc(x.Findings, severe) }) ||
		r.Organization != nil && slices.ContainsFunc(r.Organization.Findings, severe)
}

// auditPaths audits the paths side by side; the report has them in order.
// finished says that all of them could be read, err that a configuration is
// wrong.
func auditPaths(ctx context.Context, p Process, o *auditOptions, paths []string) (result *audit.Report, finished bool, err error) {
	client, err := o.client(p)
	if err != nil {
		return nil, false, err
	}
	facts := ask(ctx, client)
	repositories := make([]*audit.Repository, len(paths))
	failures := make([]error, len(paths))
	// A worker audits many, for the stack of one has grown already.
	var group sync.WaitGroup
	var next atomic.Int64
	for range min(len(paths), runtime.GOMAXPROCS(0)) {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(paths); i = int(next.Add(1)) - 1 {
				if ctx.Err() == nil {
					repositories[i], failures[i] = auditPath(ctx, p, o, paths[i], len(paths) == 1, facts)
				}
				if ctx.Err() != nil && (failures[i] != nil || repositories[i] == nil) {
					failures[i] = errInterrupted
				}
			}
		})
	}
	group.Wait()
	if err := faults(failures); err != nil {
		return nil, false, err
	}
	out := newReport(p)
	finished = true
	for i, r := range repositories {
		if failures[i] != nil {
			finished = false
			if !o.quiet && !errors.Is(failures[i], errInterrupted) {
				fmt.Fprintf(p.Stderr, "patrol: %s\n", harmless(fmt.Sprintf("%s: %v", paths[i], failures[i])))
			}
			r = &audit.Repository{Root: &paths[i], Errors: []audit.Problem{{File: paths[i], Message: failures[i].Error(), Unread: true}}}
			if name, ok := remotePath(paths[i]); ok {
				full := name.FullName()
				r.Name, r.Root = &full, nil
			}
		}
		out.Repositories = append(out.Repositories, r)
		if failures[i] == nil && o.incomplete(p, r) {
			finished = false
		}
		if why, _ := o.bare.Load(paths[i]); why != nil && why != "" {
			o.say(p, why.(string))
		}
	}
	return out, finished, nil
}

// incomplete tells whether something of a repository was not read, and says so.
func (o *auditOptions) incomplete(p Process, r *audit.Repository) bool {
	unread := slices.DeleteFunc(slices.Clone(r.Errors), func(x audit.Problem) bool { return !x.Unread })
	if len(unread) == 0 {
		return false
	}
	message := "not everything could be audited: " + strings.TrimPrefix(unread[0].File+": ", ": ") + unread[0].Message
	if more := len(unread) - 1; more > 0 {
		message += fmt.Sprintf(" (and %d more)", more)
	}
	o.say(p, report.Clean(message))
	return true
}

// withoutWorkflows says why a path has no workflow; "" where it has one, and
// where the report says what was at fault.
func withoutWorkflows(path string, files fs.FS, r *audit.Repository) string {
	if r.Workflows > 0 || len(r.Errors) > 0 {
		return ""
	}
	if r.Files > 0 {
		return "no workflows in " + path + ", only actions: which secrets they are given stands in the workflows that use them, so give the repository that holds those"
	}
	if entries, err := fs.ReadDir(files, workflow.Folder); err == nil && slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return !e.IsDir() && workflow.IsWorkflowName(e.Name()) }) {
		return "the configuration skips all workflows in " + path
	}
	return "no workflows in " + path + ": looked for .github/workflows/*.yml and *.yaml"
}

// nothingRead marks the problems of a file that was asked for by its name and of
// which nothing could be read.
func nothingRead(at *opened, r *audit.Repository) {
	if r.Files == 0 && (at.file != "" || at.options.Only != "") {
		for i := range r.Errors {
			r.Errors[i].Unread = true
		}
	}
}

// newReport is a report of nothing yet.
func newReport(p Process) *audit.Report {
	return &audit.Report{
		Schema: audit.SchemaVersion, Tool: audit.Tool{Name: "patrol", Version: Version()}, GeneratedAt: now(p.Getenv).Format(time.RFC3339),
		Repositories: []*audit.Repository{}, Tokens: []*audit.Token{},
	}
}

// now is the time, or what SOURCE_DATE_EPOCH says, in UTC.
func now(getenv func(string) string) time.Time {
	now := time.Now()
	if epoch := getenv("SOURCE_DATE_EPOCH"); epoch != "" {
		var seconds int64
		if _, err := fmt.Sscan(epoch, &seconds); err == nil {
			now = time.Unix(seconds, 0)
		}
	}
	return now.UTC()
}

// auditPath audits one path.
func auditPath(ctx context.Context, p Process, o *auditOptions, path string, alone bool, facts func(*workflow.Repository) scan.Online) (*audit.Repository, error) {
	if name, ok := remotePath(path); ok {
		return auditRemote(ctx, p, o, path, name, facts)
	}
	facts = remembered(facts)
	at, err := openPath(ctx, p, o, path, alone, facts)
	if err != nil {
		return nil, err
	}
	defer at.Close()
	var repository *audit.Repository
	if at.file == "" {
		o.own.Store(path, at.options.Config)
		repository = scan.Repository(at.fsys, at.options)
	} else {
		repository = scan.File(at.fsys, at.file, at.options)
	}
	if at.options.Stopped() {
		return nil, errInterrupted
	}
	nothingRead(at, repository)
	o.bare.Store(path, withoutWorkflows(path, at.fsys, repository))
	o.facts.Store(path, facts)
	if b := o.bases[path]; b != nil {
		defer b.Close()
		if err := o.holdSince(ctx, p, b, repository, at); err != nil {
			return nil, err
		}
	}
	if path != "-" {
		repository.Root = &path
	}
	return repository, nil
}

// enterprise tells whether the API is not that of github.com.
func (o *auditOptions) enterprise(getenv func(string) string) bool {
	url := o.apiURL
	if url == "" && getenv("GITHUB_ACTIONS") == "true" {
		url = getenv("GITHUB_API_URL")
	}
	return url != "" && !strings.Contains(url, "api.github.com") && !strings.Contains(url, ".ghe.com")
}

// web is the address of the pages of a GitHub other than github.com; "" for
// that one.
func (o *auditOptions) web(getenv func(string) string) string {
	host, err := o.host(getenv)
	if err != nil || !o.enterprise(getenv) && !strings.HasSuffix(host.Name(), ".ghe.com") {
		return ""
	}
	return host.Web()
}
