package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/accept"
	"github.com/patrol-actions/patrol/audit/compare"
	"github.com/patrol-actions/patrol/audit/report"
	"github.com/spf13/cobra"
)

const tokenHelp = `Token asks GitHub what tokens really reach: their kind, user and scopes or
permissions, when they expire, which organisations refuse them or want single
sign-on, and how many repositories they get at.

A NAME is that of an environment variable that holds a token. Without one it is
GH_TOKEN, else GITHUB_TOKEN (GH_ENTERPRISE_TOKEN, GITHUB_ENTERPRISE_TOKEN where
GH_HOST names a GitHub Enterprise Server). With - lines NAME=VALUE are read from
standard input. A value is never an argument: others could read it there.

With --uses each token is held against the references to the secret of the
same name in a repository's workflows, or in a report that 'patrol --format
json' wrote: what they take, what is granted, what is to spare, what lacks.

Only GET requests are sent, which change nothing. What cannot be asked without
writing, such as whether a fine-grained token may write, is said to be unknown.
docs/tokens.md tells what is asked, and what each answer means.
The address of the API is taken from --api-url, GITHUB_API_URL or GH_HOST.

Exit codes: 0 no finding as severe as --fail-on, 1 findings, 2 wrong usage,
3 of some token nothing could be found out.`

const tokenExamples = `  patrol token                           what GH_TOKEN or GITHUB_TOKEN reaches
  patrol token BOT_PAT --uses .          granted against needed, by the name BOT_PAT
  patrol token BOT_PAT --uses report.json --format json
  patrol token - --uses . < tokens.env   several, as NAME=VALUE lines
  patrol token BOT_PAT --api-url https://ghe.example.com/api/v3`

// tokenOptions are the flags of `patrol token`.
type tokenOptions struct {
	auditOptions
	uses []string
}

func newToken(p Process) *cobra.Command {
	o := &tokenOptions{}
	cmd := &cobra.Command{
		Use: "token [NAME…]", Short: "Say what a token really reaches, and what of that is used",
		Long: tokenHelp, Example: tokenExamples, Args: cobra.ArbitraryArgs,
		ValidArgsFunction: cobra.NoFileCompletions, // names of variables
	}
	f := cmd.Flags()
	o.outputFlags(f)
	o.inspection.flags(f)
	o.config.flags(f)
	f.StringArrayVar(&o.uses, "uses", nil, "hold the tokens against the uses in this `PATH`: a repository's folder, a workflow, or a JSON report; several times if need be")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := o.config.read(f); err != nil {
			return usageError{err}
		}
		return runToken(cmd.Context(), p, o, args)
	}
	return cmd
}

// runToken inspects the named tokens and writes the report.
func runToken(ctx context.Context, p Process, o *tokenOptions, names []string) error {
	sinks, err := o.check()
	if err != nil {
		return usageError{err}
	}
	given, err := o.inspection.given(p, names)
	if err != nil {
		return usageError{err}
	}
	o.hide(p, given, o.uses)
	earlier, err := o.earlier()
	if err != nil {
		return usageError{err}
	}
	audited, err := o.audited(ctx, p)
	if err != nil {
		return usageError{err}
	}
	result := newReport(p)
	if result.Tokens, err = o.inspect(ctx, p, given, audited); err != nil {
		return err
	}
	o.hold(p, result, earlier)
	return o.finish(ctx, p, sinks, result, given, told(result.Tokens))
}

// told says that something could be found out of every token.
func told(tokens []*audit.Token) bool {
	for _, t := range tokens {
		if t.State == audit.TokenUnclear {
			return false
		}
	}
	return true
}

// audited reads the reports and audits the folders of --uses; nil without.
func (o *tokenOptions) audited(ctx context.Context, p Process) (*audit.Report, error) {
	if len(o.uses) == 0 {
		return nil, nil
	}
	all := newReport(p)
	var paths []string
	for _, path := range o.uses {
		if !strings.HasSuffix(path, ".json") {
			paths = append(paths, path)
			continue
		}
		r, err := readReport(path)
		if err != nil {
			return nil, fmt.Errorf("--uses: %w", err)
		}
		all.Repositories = append(all.Repositories, r.Repositories...)
	}
	if len(paths) == 0 {
		return all, nil
	}
	r, finished, err := auditPaths(ctx, p, &o.auditOptions, distinct(paths))
	switch {
	case err != nil:
		return nil, err
	case !finished:
		return nil, errors.New("--uses: not everything could be read; a token would seem to be used less than it is")
	}
	all.Repositories = append(all.Repositories, r.Repositories...)
	return all, nil
}

// readReport reads a JSON report from a file.
func readReport(path string) (*audit.Report, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, cause(err))
	}
	defer file.Close()
	r, err := report.Read(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: give a report that 'patrol --format json' wrote", path, err)
	}
	return r, nil
}

// inspect asks about the tokens, one after the other, and holds them against
// their uses if there is a report to look in.
func (o *auditOptions) inspect(ctx context.Context, p Process, given []givenToken, audited *audit.Report) ([]*audit.Token, error) {
	out := []*audit.Token{}
	if len(given) == 0 {
		return out, nil
	}
	limits := compare.Limits{Now: now(p.Getenv), ExpiringDays: o.inspection.expiringDays, Audited: audited != nil}
	for _, g := range given {
		var uses []compare.Use
		if audited != nil {
			uses = compare.Uses(audited, g.name)
		}
		t, err := o.inspection.ask(ctx, p, o, g, compare.Repositories(uses))
		if err != nil {
			return nil, err
		}
		if audited != nil {
			compare.Join(t, uses, o.web(p.Getenv))
		}
		own := o.ofToken(uses, audited)
		t.Findings = own.Apply(compare.Findings(t, uses, limits))
		accept.Token(t, accept.Options{Config: own, Now: limits.Now, Ledger: &o.ledger})
		out = append(out, t)
	}
	return out, nil
}
