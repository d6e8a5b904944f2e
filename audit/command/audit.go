package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/accept"
	"github.com/patrol-actions/patrol/audit/github"
	"github.com/patrol-actions/patrol/audit/report"
	"github.com/patrol-actions/patrol/audit/scan"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// auditOptions are the flags of `patrol audit`.
type auditOptions struct {
	formats      []string
	failOn       string
	minSeverity  string
	repository   string
	apiURL       string
	githubOutput string
	// baseline is the file of an earlier report, since the name of a commit;
	// bases has the files of that by the path that was given.
	baseline string
	since    string
	bases    map[string]*base
	noColor  bool
	quiet    bool
	verbose  int
	config   configuration
	// own has each audited repository's configuration by the path that was
	// given; ledger says what of a shared one is needed.
	own sync.Map
	// facts has what gives the facts of each audited repository, by the path
	// that was given.
	facts      sync.Map
	ledger     accept.Ledger
	inspection inspection
	online     onlineFlags
	// redactor hides the tokens that were sent; nil where none was.
	redactor *strings.Replacer
	// logging keeps the requests that are shown apart: several are under way
	// at a time.
	logging sync.Mutex
	remotes remotes
	// tokens are the names of tokens to ask about, tokenLines that of a
	// variable with lines NAME: VALUE.
	tokens     []string
	tokenLines string
	// changedOnly takes since from the event of the run.
	changedOnly bool
	// annotate says how findings are shown beside their lines.
	annotate string
	// suggest asks for suggestions on the pull request, withPatch for the
	// patch in the Markdown report.
	suggest, withPatch bool
	// patch is that of the run; "" without withPatch.
	patch string
}

func newAudit(p Process) *cobra.Command {
	cmd := &cobra.Command{
		Use: "audit [PATH…]", Short: "Audit the workflows of repositories (the default command)",
		Long: `Audit reads the workflows, actions and local scripts below each PATH, and says
of every secret in them whether GITHUB_TOKEN would do in its place.

A PATH is the folder of a repository (default: this folder), one workflow
file, - for a workflow on standard input, or OWNER/REPO or OWNER/REPO@REF for
a repository of GitHub, which is read over the API. Nothing is executed, and
nothing else is asked over the network unless --online allows it, or --token
names a token to ask about.

What a project knows and its code does not show stands in .github/patrol.yml
(or patrol.yml): its own actions and scripts, secrets of other services, the
severities of rules, findings that are accepted. See docs/configuration.md.

With --baseline or --changed-since only new findings are reported, those that
are gone are named, and the exit code goes by the new ones.

Exit codes: 0 no finding as severe as --fail-on, 1 findings, 2 wrong usage or
configuration, 3 something could not be audited (the rest was, and is reported).`,
		Args: cobra.ArbitraryArgs,
	}
	auditFlags(cmd, p)
	return cmd
}

// auditFlags gives a command the flags of an audit, and what to run.
func auditFlags(cmd *cobra.Command, p Process) {
	o := &auditOptions{}
	f := cmd.Flags()
	o.outputFlags(f)
	f.StringVar(&o.repository, "repository", "", "the repository's `OWNER/NAME`, where neither its git remote nor its workflows tell")
	f.BoolVar(&o.changedOnly, "changed-only", false, "in a run of GitHub Actions, --changed-since the commit before it: the base of a pull request, what a push moved the branch from; a checkout without history is completed over the API")
	f.StringVar(&o.since, "changed-since", "", "report only findings that the changes since this git `REF` cause or touch (of the last commit in common with it), and say which are gone")
	f.StringVar(&o.githubOutput, "github-output", "", "append the action's outputs to this `FILE`")
	f.StringArrayVar(&o.tokens, "token", nil, "ask GitHub too what the token in the environment variable `NAME` reaches, and hold that against the uses of the secret of that name; several times if need be")
	f.StringVar(&o.tokenLines, "token-lines", "", "the same for every line NAME: VALUE in this `VARIABLE`")
	f.StringVar(&o.annotate, "annotate", "", "in GitHub Actions, show findings beside their lines `HOW`: check (a check run with all of them, which takes checks: write), commands (workflow commands, ten of a level), auto (a check run if the token may, else commands), off")
	f.BoolVar(&o.suggest, "suggest", false, "in a run for a pull request, suggest there what 'patrol fix' would change, which takes pull-requests: write")
	f.BoolVar(&o.withPatch, "with-patch", false, "put what 'patrol fix' would change into the Markdown report, too")
	o.inspection.flags(f)
	o.online.flags(f)
	o.config.flags(f)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := o.config.read(f); err != nil {
			return usageError{err}
		}
		return runAudit(cmd.Context(), p, o, args)
	}
}

// outputFlags are those of every command that writes a report.
func (o *auditOptions) outputFlags(f *pflag.FlagSet) {
	f.StringArrayVar(&o.formats, "format", nil, "write the report as `NAME` or NAME=FILE, several times if need be; names: "+strings.Join(report.Formats(), ", ")+" (default text)")
	f.StringVar(&o.failOn, "fail-on", "warning", "exit with 1 on findings of this `SEVERITY` or above: error, warning, notice, never")
	f.StringVar(&o.minSeverity, "min-severity", "notice", "report only findings of this `SEVERITY` or above: error, warning, notice")
	f.StringVar(&o.apiURL, "api-url", "", apiURLUsage)
	f.StringVar(&o.baseline, "baseline", "", "report only findings that are new since this JSON `REPORT`, and say which are gone")
	f.BoolVar(&o.noColor, "no-color", false, "write no colours, as with NO_COLOR in the environment")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "write no notes and no progress")
	f.CountVarP(&o.verbose, "verbose", "v", "``write more: every use, references without a finding, and requests as they are sent") // `` is the name of a value: none
}

// sink is one output of a run.
type sink struct {
	format string
	file   string // empty for standard output
}

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
	if len(paths) == 0 {
		paths = []string{"."}
	}
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

// check validates the flags.
func (o *auditOptions) check() ([]sink, error) {
	var sinks []sink
	if len(o.formats) == 0 {
		o.formats = []string{"text"}
	}
	written := map[string]bool{}
	for _, text := range o.formats {
		name, file, toFile := strings.Cut(text, "=")
		switch {
		case !slices.Contains(report.Formats(), name):
			return nil, fmt.Errorf("unknown format %q: say one of %s", name, strings.Join(report.Formats(), ", "))
		case toFile && file == "":
			return nil, fmt.Errorf("--format %s names no file: say %s=FILE, or %s alone for standard output", text, name, name)
		case written[file] && file == "":
			return nil, errors.New("only one format can go to standard output: give the others a file, as --format sarif=patrol.sarif")
		case written[file]:
			return nil, fmt.Errorf("two formats would be written to %s: give each a file of its own", file)
		}
		written[file] = true
		sinks = append(sinks, sink{name, file})
	}
	if o.failOn != "never" {
		if _, err := audit.ParseSeverity(o.failOn); err != nil {
			return nil, fmt.Errorf("--fail-on: %w, or never", err)
		}
	}
	if _, err := audit.ParseSeverity(o.minSeverity); err != nil {
		return nil, fmt.Errorf("--min-severity: %w", err)
	}
	if owner, name, _ := strings.Cut(o.repository, "/"); o.repository != "" && (owner == "" || name == "" || strings.Contains(name, "/")) {
		return nil, fmt.Errorf("--repository: %q is not of the form OWNER/NAME", o.repository)
	}
	if o.baseline != "" && o.since != "" {
		return nil, errors.New("--baseline and --changed-since exclude each other: leave one out")
	}
	return sinks, errors.Join(checkAnnotate(o.annotate), o.online.check())
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
				if failures[i] = ctx.Err(); failures[i] == nil {
					repositories[i], failures[i] = auditPath(ctx, p, o, paths[i], len(paths) == 1, facts)
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
			if !o.quiet {
				fmt.Fprintf(p.Stderr, "patrol: %s\n", harmless(fmt.Sprintf("%s: %v", paths[i], failures[i])))
			}
			r = &audit.Repository{Root: &paths[i], Errors: []audit.Problem{{File: paths[i], Message: failures[i].Error()}}}
			if name, ok := remotePath(paths[i]); ok {
				full := name.FullName()
				r.Name, r.Root = &full, nil
			}
		}
		out.Repositories = append(out.Repositories, r)
		if !o.quiet && failures[i] == nil && r.Workflows == 0 && r.Files == 0 && len(r.Errors) == 0 {
			fmt.Fprintf(p.Stderr, "patrol: no workflows in %s: looked for .github/workflows/*.yml and *.yaml\n", harmless(paths[i]))
		}
	}
	return out, finished, nil
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
		return auditRemote(ctx, p, o, name, facts)
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
