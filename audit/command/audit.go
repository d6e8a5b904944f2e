package command

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/accept"
	"github.com/patrol-actions/patrol/audit/github"
	"github.com/patrol-actions/patrol/audit/report"
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
	facts sync.Map
	// bare says of each path that has no workflow why.
	bare       sync.Map
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
configuration, 3 something could not be audited, such as a file without
permission or of more than 1 MiB, GitHub with --online, or what comes after an
interruption (the rest was, and is reported). A fault that GitHub meets with as
well, such as YAML that does not parse, is a problem in the report, and counts
only where nothing could be read of a file that was named.`,
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
	if o.apiURL != "" {
		if _, err := github.ParseHost(o.apiURL); err != nil {
			return nil, fmt.Errorf("--api-url: %w", err)
		}
	}
	return sinks, errors.Join(checkAnnotate(o.annotate), o.online.check(), o.inspection.check())
}
