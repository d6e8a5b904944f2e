package command

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/patrol-actions/patrol/audit/github"
	"github.com/patrol-actions/patrol/audit/merge"
	"github.com/patrol-actions/patrol/audit/organization"
	"github.com/patrol-actions/patrol/audit/report"
)

const mergeHelp = `Merge puts JSON reports together: the parts of an audit that 'patrol org --shard'
made on several machines, those of several organisations, or of single
repositories.

The parts of one audit give the report that one machine would have written:
secrets are joined anew with all uses. A part that is missing is named, and the
report says that it is not complete.

A repository that stands in several reports is taken from the newest.

Exit codes: 0 no finding as severe as --fail-on, 1 findings, 2 wrong usage, 3 a
part is missing or was not complete.`

const mergeExamples = `  patrol merge part-*.json --format json=report.json --format html=report.html
  patrol merge a.json b.json --format markdown >> "$GITHUB_STEP_SUMMARY"
  patrol merge part-*.json --issue example/security
  patrol merge part-*.json --baseline last.json --format json=report.json`

// mergeOptions are the flags of `patrol merge`.
type mergeOptions struct {
	auditOptions
	issue  string
	dryRun bool
}

func newMerge(p Process) *cobra.Command {
	o := &mergeOptions{}
	cmd := &cobra.Command{
		Use: "merge REPORT…", Short: "Put reports together: shards, several organisations", Long: mergeHelp, Example: mergeExamples, Args: cobra.ArbitraryArgs,
	}
	f := cmd.Flags()
	o.outputFlags(f)
	o.config.flags(f)
	o.inspection.maxWait = 15 * time.Minute // for the issue
	f.Lookup("baseline").Usage = baselineOfOrganization
	f.StringVar(&o.issue, "issue", "", "keep one issue in `OWNER/NAME` up to date with the overview, with the token in GH_TOKEN or GITHUB_TOKEN (issues: write)")
	f.BoolVar(&o.dryRun, "dry-run", false, "with --issue, say what would be done to it, and do nothing")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := o.config.read(f); err != nil {
			return usageError{err}
		}
		return runMerge(cmd.Context(), p, o, args)
	}
	return cmd
}

// runMerge reads the heads of the reports, and their repositories as they are
// written.
func runMerge(ctx context.Context, p Process, o *mergeOptions, files []string) error {
	sinks, err := o.checkMerge(p, files)
	if err != nil {
		return usageError{err}
	}
	parts, earlier, err := o.openReports(files)
	if err != nil {
		return usageError{err}
	}
	parts = merge.Newest(parts)
	head := newReport(p)
	missing := merge.Heads(head, parts)
	for _, m := range missing {
		fmt.Fprintf(p.Stderr, "patrol: %s\n", harmless(m))
	}
	w := &organizationWriter{p: p, o: &o.auditOptions, head: head, repositories: merge.Repositories(parts)}
	for _, part := range parts {
		w.inventories = append(w.inventories, organization.Inventories(part.Head.Organization)...)
	}
	if err := w.join(earlier); err != nil {
		return err
	}
	if err := w.write(sinks); err != nil {
		return err
	}
	if err := o.act(ctx, p, w); err != nil {
		return err
	}
	switch {
	case !head.Organization.Complete:
		return exit(ExitUnfinished)
	case w.severe:
		return exit(ExitFindings)
	}
	return nil
}

// checkMerge validates the flags, and takes note of the token that is sent.
func (o *mergeOptions) checkMerge(p Process, files []string) ([]sink, error) {
	sinks, err := o.check()
	switch {
	case err != nil:
		return nil, err
	case len(files) == 0:
		return nil, errors.New("nothing to merge: name reports that 'patrol --format json' wrote")
	}
	if o.issue != "" {
		if err := checkIssue(o.issue); err != nil {
			return nil, err
		}
		given, err := usualTokens(p)
		if err != nil {
			return nil, fmt.Errorf("--issue: %w", err)
		}
		o.redactor = github.Redactor(given[0].token)
	}
	return sinks, organizationSinks(sinks)
}

// openReports opens the reports, and that of --baseline.
func (o *mergeOptions) openReports(files []string) (parts []*report.Stream, earlier *report.Stream, err error) {
	if o.baseline != "" {
		if earlier, err = openBaseline(o.baseline); err != nil {
			return nil, nil, err
		}
	}
	parts = make([]*report.Stream, len(files))
	for i, file := range files {
		if parts[i], err = savedReport(file); err != nil {
			return nil, nil, err
		}
	}
	return parts, earlier, nil
}

// act keeps the issue up to date. One that is closed because a part was not
// looked at would be wrong.
func (o *mergeOptions) act(ctx context.Context, p Process, w *organizationWriter) error {
	switch {
	case o.issue == "":
		return nil
	case !w.head.Organization.Complete:
		fmt.Fprintln(p.Stderr, "patrol: the issue is left as it is, for the report is not complete")
		return nil
	}
	actor, err := newActor(p, &o.auditOptions, o.dryRun, 0)
	if err != nil {
		return err
	}
	issue, err := w.issue(o.issue)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.Stderr, "patrol: %s\n", harmless(o.redacted(actor.Issue(ctx, issue).String())))
	return actor.Stopped()
}
