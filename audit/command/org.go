package command

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/act"
	"github.com/patrol-actions/patrol/audit/estate"
	"github.com/patrol-actions/patrol/audit/github"
	"github.com/patrol-actions/patrol/audit/remote"
	"github.com/patrol-actions/patrol/audit/report"
)

const orgHelp = `Org audits every repository of organisations and users: their workflows, their
secrets, and the tokens that have access to them, in one report.

Repositories are read over the API, hundreds in a request; nothing is cloned or
executed. The token is that in GH_TOKEN or GITHUB_TOKEN, best one of a GitHub
App that is installed on the organisation, with contents: read and metadata:
read. What it may not ask beyond that, such as the names of secrets, is named in
the report, with the permission that it takes; docs/organizations.md has them
all.

What is found is kept in a file (--state). A run that was ended, by a rate
limit, a signal or a crash, goes on where it was when the same command is given
again; a later run reads only what has changed.

An organisation too large for one machine is parted: --plan prints a matrix for
GitHub Actions, --shard audits one part of it, and 'patrol merge' puts the parts
together. The README has the workflow.

Exit codes: 0 no finding as severe as --fail-on, 1 findings, 2 wrong usage or
configuration, 3 the audit could not finish: what was done is reported, and the
same command goes on with it.`

const orgExamples = `  patrol org example                           audit an organisation
  patrol org example --dry-run                 say what that would cost
  patrol org example --format html=report.html --format json=report.json
  patrol org example --include 'api-*' --visibility private
  patrol org example --baseline last.json      and say what changed since
  patrol org example --plan 16                 part it for 16 machines
  patrol org example --shard 3/16              audit one part
  patrol org --repositories list.txt           audit the repositories of a list
  patrol org a b --secrets repositories        two, with the secrets of repositories`

// orgOptions are the flags of `patrol org`.
type orgOptions struct {
	auditOptions
	state     string
	planFile  string
	plan      int
	shard     string
	list      string
	selection estate.Selection
	dryRun    bool
	secrets   string
	part      estate.Shard
	names     []string
	given     bool
	acting    acting
}

// The values of --secrets.
const (
	secretsNone         = "none"
	secretsOrganization = "organization"
	secretsRepositories = "repositories"
)

func newOrg(p Process) *cobra.Command {
	o := &orgOptions{}
	cmd := &cobra.Command{
		Use: "org ORG…", Short: "Audit every repository of an organisation", Long: orgHelp, Example: orgExamples, Args: cobra.ArbitraryArgs,
	}
	f := cmd.Flags()
	o.outputFlags(f)
	o.config.flags(f)
	f.Lookup("baseline").Usage = baselineOfOrganization
	f.DurationVar(&o.inspection.maxWait, "max-wait", 24*time.Hour, "wait at most this `TIME` for GitHub's rate limits, all waits together; beyond it end with what is done")
	o.inspection.expiringDays = 14
	f.StringVar(&o.state, "state", "", "keep the state in `FILE` (default one for these accounts in the user's cache folder)")
	f.StringVar(&o.planFile, "from-plan", "", "take the list of repositories from the state `FILE` of a run with --plan")
	f.IntVar(&o.plan, "plan", 0, "list the repositories and print a matrix of `N` parts as JSON, for --shard")
	f.StringVar(&o.shard, "shard", "", "audit one `PART` alone, such as 3/16")
	f.StringVar(&o.list, "repositories", "", "audit the repositories in `FILE`, a line OWNER/NAME for each (- for standard input)")
	f.StringArrayVar(&o.selection.Include, "include", nil, "audit only repositories whose name fits this `PATTERN`, such as 'api-*' or 'example/*'; several times if need be")
	f.StringArrayVar(&o.selection.Exclude, "exclude", nil, "leave out repositories whose name fits this `PATTERN`")
	f.StringArrayVar(&o.selection.Topics, "topic", nil, "audit only repositories with this `TOPIC`")
	f.StringSliceVar(&o.selection.Visibility, "visibility", nil, "audit only repositories with this `VISIBILITY`: public, private, internal")
	f.BoolVar(&o.selection.Archived, "archived", false, "audit archived repositories too, in which no workflow runs")
	f.BoolVar(&o.selection.NoForks, "no-forks", false, "leave out forks")
	f.BoolVar(&o.dryRun, "dry-run", false, "say what the run would cost and do, and do nothing")
	f.StringVar(&o.secrets, "secrets", secretsOrganization, "whose `SECRETS` to ask for: organization; repositories (theirs too, which takes five requests or more for each with workflows); none")
	o.acting.flags(f)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		o.given = f.Changed("state")
		return runOrg(cmd.Context(), p, o, f, args)
	}
	return cmd
}

// accounts checks what is to be audited.
func (o *orgOptions) accounts(p Process, args []string) error {
	for i, name := range args {
		if slices.ContainsFunc(args[:i], func(other string) bool { return strings.EqualFold(other, name) }) {
			return fmt.Errorf("%s is named twice", name)
		}
		if n, ok := remote.Parse(name + "/x"); !ok || n.Owner != name {
			return fmt.Errorf("%q is not the name of an organisation or user: give its login, as in 'patrol org example'; for single repositories say 'patrol audit %s'", name, name)
		}
	}
	if o.list != "" {
		names, err := readNames(p, o.list)
		if err != nil {
			return fmt.Errorf("--repositories: %w", err)
		}
		o.names = names
	}
	if len(args) == 0 && len(o.names) == 0 {
		return errors.New("nothing to audit: name an organisation, as in 'patrol org example', or a list with --repositories FILE")
	}
	return nil
}

// readNames reads a list of repositories. Lines that are empty or begin with #
// are passed over.
func readNames(p Process, file string) ([]string, error) {
	in := p.Stdin
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, cause(err))
		}
		defer f.Close()
		in = f
	}
	var out []string
	seen := map[string]bool{}
	lines := bufio.NewScanner(io.LimitReader(in, 64<<20))
	for n := 1; lines.Scan(); n++ {
		name := strings.TrimSpace(lines.Text())
		if name == "" || strings.HasPrefix(name, "#") {
			continue
		}
		parsed, ok := remote.Parse(name)
		if !ok || parsed.Ref != "" {
			return nil, fmt.Errorf("%s:%d: %q is not of the form OWNER/NAME", file, n, name)
		}
		if key := strings.ToLower(name); !seen[key] {
			seen[key] = true
			out = append(out, name)
		}
	}
	return out, lines.Err()
}

// checkOrg validates the flags.
func (o *orgOptions) checkOrg(p Process, f *pflag.FlagSet, args []string) ([]sink, error) {
	if err := o.config.read(f); err != nil {
		return nil, err
	}
	if err := o.accounts(p, args); err != nil {
		return nil, err
	}
	sinks, err := o.check()
	if err != nil {
		return nil, err
	}
	if err := organizationSinks(sinks); err != nil {
		return nil, err
	}
	if o.shard != "" {
		if o.part, err = estate.ParseShard(o.shard); err != nil {
			return nil, fmt.Errorf("--shard: %w", err)
		}
	}
	switch {
	case f.Changed("plan") && o.plan < 1:
		return nil, errors.New("--plan: say how many parts, from 1 on")
	case o.plan > 0 && o.shard != "":
		return nil, errors.New("--plan parts an audit, --shard is one of the parts: leave one out")
	case o.secrets != secretsNone && o.secrets != secretsOrganization && o.secrets != secretsRepositories:
		return nil, fmt.Errorf("unknown value %q of --secrets: say organization, repositories or none", o.secrets)
	}
	return sinks, errors.Join(o.selection.Check(), o.acting.check(o))
}

// stateFile is where the state is kept.
func (o *orgOptions) stateFile(host string, args []string) (string, error) {
	if o.given {
		return o.state, nil
	}
	folder, err := os.UserCacheDir()
	if err != nil {
		return "", nil // none is kept beyond the run
	}
	folder = filepath.Join(folder, "patrol")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("no state can be kept in %s: %w: say --state FILE", folder, cause(err))
	}
	sum := sha256.Sum256([]byte(strings.ToLower(strings.Join(args, " ") + "\n" + strings.Join(o.names, " ") + "\n" + o.shard)))
	name := strings.ReplaceAll(host, ":", "_") // a port, in what no file's name may hold everywhere
	if len(args) > 0 {
		name += "-" + args[0]
	}
	return filepath.Join(folder, name+"-"+hex.EncodeToString(sum[:4])+".db"), nil
}

// runOrg audits accounts and writes the report.
func runOrg(ctx context.Context, p Process, o *orgOptions, f *pflag.FlagSet, args []string) error {
	sinks, err := o.checkOrg(p, f, args)
	if err != nil {
		return usageError{err}
	}
	given, err := usualTokens(p)
	if err != nil {
		return usageError{fmt.Errorf("%w: an organisation is read with one, such as that of a GitHub App", err)}
	}
	o.redactor = github.Redactor(given[0].token)
	client, err := o.orgClient(p, given[0])
	if err != nil {
		return usageError{err}
	}
	file, err := o.stateFile(client.Host().Name(), args)
	if err != nil {
		return usageError{err}
	}
	r := &orgRun{p: p, o: o, client: client, file: file, sinks: sinks, progress: newProgress(p, o.quiet)}
	if o.dryRun && !o.acting.wanted() {
		return r.dryRun(ctx, args)
	}
	r.estate, err = estate.Open(estate.Options{
		Client: client, State: file, Version: build(), Accounts: args, Names: o.names, ProposalBranch: act.BranchRef, Selection: o.selection, Shard: o.part, Plan: o.planFile, Planning: o.plan > 0,
		Config: o.config.shared, ConfigText: o.config.text, Web: o.web(p.Getenv), EnterpriseServer: o.enterprise(p.Getenv), Now: now(p.Getenv), Progress: r.progress.show,
	})
	if err != nil {
		return usageError{err}
	}
	defer r.estate.Close()
	if r.estate.Resumed() && !o.quiet && o.planFile == "" {
		fmt.Fprintf(p.Stderr, "patrol: going on with the run of %s (state %s)\n", r.estate.StartedAt().Format(time.RFC3339), file)
	}
	return r.run(ctx)
}

// orgClient makes the client for what is read.
func (o *orgOptions) orgClient(p Process, given givenToken) (*github.Client, error) {
	host, err := o.host(p.Getenv)
	if err != nil {
		return nil, err
	}
	if given.fault != "" {
		return nil, errors.New(given.name + ": " + given.fault)
	}
	return github.New(github.Options{
		Host: host, Token: given.token, UserAgent: "patrol/" + Version(), MaxWait: o.inspection.maxWait, Log: o.logOrg(p), AsksOnly: true, Sleep: p.Sleep,
		Redact: o.redacted,
	})
}

// logOrg tells of long waits always, and of requests with -v.
func (o *orgOptions) logOrg(p Process) func(github.Event) {
	all, shown := o.logRequests(p), newProgress(p, o.quiet)
	return func(e github.Event) {
		switch {
		case all != nil:
			all(e)
		case e.Wait > 0:
			shown.waiting(e.Wait)
		}
	}
}

// orgRun is a run under way.
type orgRun struct {
	p        Process
	o        *orgOptions
	client   *github.Client
	estate   *estate.Estate
	file     string
	sinks    []sink
	progress *progress
	baseline *report.Stream
	// ended is why the audit could not finish; nil where it did.
	ended error
	head  *audit.Report
	stock *stock
}

// run lists, audits and reports. What ends the audit early ends not the report.
func (r *orgRun) run(ctx context.Context) error {
	if r.o.baseline != "" {
		earlier, err := openBaseline(r.o.baseline)
		if err != nil {
			return usageError{err}
		}
		r.baseline = earlier
	}
	if r.ended = r.estate.List(ctx); r.ended != nil {
		r.progress.clear()
		return r.stopped()
	}
	if r.o.plan > 0 {
		return r.printPlan()
	}
	r.stock = newStock(r.client, r.estate)
	if r.o.secrets != secretsNone {
		r.ended = r.stock.ofAccounts(ctx, r.estate.Accounts())
	}
	if r.ended == nil {
		r.ended = r.estate.Audit(ctx)
	}
	if r.ended == nil && r.o.secrets == secretsRepositories {
		r.ended = r.stock.ofRepositories(ctx, r.estate.Repositories(), r.progress)
	}
	r.progress.clear()
	severe, err := r.report(ctx)
	if err != nil {
		return err
	}
	if r.ended != nil {
		return r.stopped()
	}
	if err := r.estate.Finish(); err != nil {
		return err
	}
	r.note(fmt.Sprintf("%d repositories in %d requests", r.head.Summary.Repositories, r.client.Usage().Sent))
	switch {
	case !r.head.Organization.Complete:
		return exit(ExitUnfinished)
	case severe:
		return exit(ExitFindings)
	}
	return nil
}

// stopped says why the run ended early, and how to go on.
func (r *orgRun) stopped() error {
	message := r.ended.Error()
	if errors.Is(r.ended, context.Canceled) {
		message = "stopped"
	}
	if r.file != "" && len(r.estate.Accounts()) > 0 {
		message += "\nWhat was done is kept: give the same command again to go on (state " + r.file + ")."
	}
	return errors.New(message)
}

// printPlan prints a matrix.
func (r *orgRun) printPlan() error {
	r.progress.clear()
	parts, err := r.estate.Plan(r.o.plan)
	if err != nil {
		return usageError{fmt.Errorf("--plan: %w", err)}
	}
	data, err := json.Marshal(map[string]any{"include": parts})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(r.p.Stdout, "%s\n", data)
	return err
}

// narrowed says that flags leave repositories out, which an estimate counts: it
// asks for their number and not for their names.
func (o *orgOptions) narrowed() string {
	s := o.selection
	if len(s.Include)+len(s.Exclude)+len(s.Topics)+len(s.Visibility) > 0 || s.NoForks || o.shard != "" {
		return ", before the flags leave out any"
	}
	return ""
}

// dryRun says what a run costs.
func (r *orgRun) dryRun(ctx context.Context, args []string) error {
	n, cost, err := estate.Estimate(ctx, r.client, args, r.o.names)
	if err != nil {
		return err
	}
	out := r.p.Stdout
	fmt.Fprintf(out, "%d repositories%s\n", n, r.o.narrowed())
	fmt.Fprintf(out, "%d to %d requests on a first run, about %d on one after that\n", cost.Least, cost.Most, cost.Again)
	if r.o.secrets == secretsRepositories {
		least, most := repositoryRequests()
		fmt.Fprintf(out, "%d to %d more for the secrets of each repository with workflows\n", least, most)
	}
	if cost.Limit > 0 {
		fmt.Fprintf(out, "%d of %d requests are left of this hour's limit\n", cost.Remaining, cost.Limit)
	}
	fmt.Fprintf(out, "Nothing was audited, and nothing is kept.\n")
	return nil
}
