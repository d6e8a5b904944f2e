package command

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/estate"
	"github.com/patrol-actions/patrol/audit/github"
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
	parts = onceEach(parts)
	head := newReport(p)
	missing := mergeHeads(head, parts)
	for _, m := range missing {
		fmt.Fprintf(p.Stderr, "patrol: %s\n", harmless(m))
	}
	w := &organizationWriter{p: p, o: &o.auditOptions, head: head, repositories: mergeRepositories(parts)}
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

// mergeHeads fills in all but what follows from the repositories. It says what
// is missing.
func mergeHeads(head *audit.Report, parts []*report.Stream) (missing []string) {
	out := &audit.Organization{Complete: true}
	head.Organization = out
	groups := map[string][]*audit.Report{}
	var order []string
	for i, part := range parts {
		for _, token := range part.Head.Tokens {
			// One that was looked at in each part is the same in each.
			if !slices.ContainsFunc(head.Tokens, func(have *audit.Token) bool { return reflect.DeepEqual(have, token) }) {
				head.Tokens = append(head.Tokens, token)
			}
		}
		if i == 0 || part.Head.GeneratedAt < head.GeneratedAt {
			head.GeneratedAt = part.Head.GeneratedAt
		}
		x := part.Head.Organization
		if x == nil {
			continue
		}
		out.Complete = out.Complete && x.Complete
		key := accountsKey(x)
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], part.Head)
	}
	for _, key := range order {
		group := groups[key]
		out.Accounts = append(out.Accounts, group[0].Organization.Accounts...)
		addCoverage(&out.Coverage, group)
		if gone := missingShards(group); len(gone) > 0 {
			out.Complete = false
			left := group[0].Organization.Coverage
			out.Coverage.Left += max(left.Listed-left.Excluded-left.Archived-left.Forks-left.Empty-done(group), 0)
			missing = append(missing, fmt.Sprintf("the report is not complete: of the audit of %s these parts are missing: %s", key, strings.Join(gone, ", ")))
		}
		for _, r := range group {
			out.Unasked = append(out.Unasked, r.Organization.Unasked...)
			if x := r.Organization; !x.Complete {
				missing = append(missing, fmt.Sprintf("the report is not complete: the audit of %s%s did not finish: %d repositories were not reached, %d could not be read", key, part(x.Shard), x.Coverage.Left, x.Coverage.Failed))
			}
		}
	}
	return missing
}

// part names a part of an audit.
func part(shard string) string {
	if shard == "" {
		return ""
	}
	return ", part " + shard + ","
}

// onceEach leaves out the reports of a part of which there is a newer one: what
// only the older has is not there any more.
func onceEach(parts []*report.Stream) (left []*report.Stream) {
	newest := map[string]*report.Stream{}
	key := func(s *report.Stream) string {
		if s.Head.Organization == nil || s.Head.Organization.Shard == "" {
			return ""
		}
		return accountsKey(s.Head.Organization) + " " + s.Head.Organization.Shard
	}
	for _, s := range newestFirst(parts) {
		if k := key(s); k != "" && newest[k] == nil {
			newest[k] = s
		}
	}
	for _, s := range parts {
		if k := key(s); k == "" || newest[k] == s {
			left = append(left, s)
		}
	}
	return left
}

// accountsKey names the accounts of a report.
func accountsKey(o *audit.Organization) string {
	var names []string
	for _, a := range o.Accounts {
		names = append(names, strings.ToLower(a.Login))
	}
	return strings.Join(names, ", ")
}

// addCoverage adds the counts of the parts of one audit: each part lists all
// repositories, and audits its own.
func addCoverage(sum *audit.Coverage, group []*audit.Report) {
	for i, r := range group {
		c := r.Organization.Coverage
		if i == 0 || r.Organization.Shard == "" {
			sum.Listed += c.Listed
			sum.Excluded += c.Excluded
			sum.Archived += c.Archived
			sum.Forks += c.Forks
			sum.Empty += c.Empty
		}
		sum.Audited += c.Audited
		sum.WithWorkflows += c.WithWorkflows
		sum.Failed += c.Failed
		sum.Left += c.Left
	}
}

// done counts the repositories that the parts of an audit came to.
func done(group []*audit.Report) (n int) {
	for _, r := range group {
		c := r.Organization.Coverage
		n += c.Audited + c.Failed + c.Left
	}
	return n
}

// missingShards names the parts that no report is of.
func missingShards(group []*audit.Report) (missing []string) {
	have := map[estate.Shard]bool{}
	count := 0
	for _, r := range group {
		if s, err := estate.ParseShard(r.Organization.Shard); err == nil {
			have[s], count = true, max(count, s.Count)
		}
	}
	for i := range count {
		if s := (estate.Shard{Index: i + 1, Count: count}); !have[s] {
			missing = append(missing, s.String())
		}
	}
	return missing
}
