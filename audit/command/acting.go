package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/act"
	"github.com/patrol-actions/patrol/audit/fix"
	"github.com/patrol-actions/patrol/audit/github"
	"github.com/patrol-actions/patrol/audit/remote"
	"github.com/patrol-actions/patrol/audit/report"
	"github.com/patrol-actions/patrol/audit/scan"
)

// acting says what to do beside reporting.
type acting struct {
	issue           string
	pullRequests    bool
	maxPullRequests int
	uploadSARIF     bool
}

func (a *acting) flags(f *pflag.FlagSet) {
	f.StringVar(&a.issue, "issue", "", "keep one issue in `OWNER/NAME` up to date with the overview (issues: write)")
	f.BoolVar(&a.pullRequests, "open-pull-requests", false, "open a pull request in each repository where GITHUB_TOKEN can replace a token, with what 'patrol fix' would change, and close those that are outdated (contents: write, pull-requests: write, workflows: write); try --dry-run first")
	f.IntVar(&a.maxPullRequests, "max-pull-requests", act.DefaultMaxPullRequests, "open at most `N` new pull requests in a run")
	f.BoolVar(&a.uploadSARIF, "upload-sarif", false, "give the findings to the code scanning of each repository (security-events: write)")
}

// wanted tells whether anything is to be done.
func (a *acting) wanted() bool { return a.issue != "" || a.pullRequests || a.uploadSARIF }

func (a *acting) check(o *orgOptions) error {
	if a.issue != "" {
		if err := checkIssue(a.issue); err != nil {
			return err
		}
	}
	switch {
	case a.maxPullRequests < 1:
		return errors.New("--max-pull-requests: say a number from 1 on")
	case a.issue != "" && o.shard != "":
		return errors.New("--issue takes the whole report: say it to 'patrol merge', not to one part")
	}
	return nil
}

// checkIssue refuses what is no repository for an issue.
func checkIssue(repository string) error {
	if n, ok := remote.Parse(repository); !ok || n.Ref != "" {
		return fmt.Errorf("--issue: %q is not of the form OWNER/NAME", repository)
	}
	return nil
}

// act does what was asked for. What became of it is said, and only what ends
// the run is an error.
func (r *orgRun) act(ctx context.Context, w *organizationWriter) error {
	a := r.o.acting
	if !a.wanted() {
		return nil
	}
	if r.ended != nil {
		// An issue that is closed because half was looked at would be wrong.
		r.note("nothing was done beside reporting, because the audit did not finish")
		return nil
	}
	actor, err := r.actor()
	if err != nil {
		return err
	}
	if a.issue != "" && !r.head.Organization.Complete {
		r.note("the issue is left as it is, for the report is not complete")
	} else if a.issue != "" {
		issue, err := w.issue(a.issue)
		if err != nil {
			return err
		}
		r.say(actor.Issue(ctx, issue))
	}
	if a.uploadSARIF {
		if err := r.upload(ctx, actor, w); err != nil {
			return err
		}
	}
	if a.pullRequests {
		if err := r.propose(ctx, actor, w); err != nil {
			return err
		}
	}
	return actor.Stopped()
}

// note writes a line about the run.
func (r *orgRun) note(text string) {
	if !r.o.quiet {
		fmt.Fprintf(r.p.Stderr, "patrol: %s\n", harmless(r.o.redacted(text)))
	}
}

// say tells what became of an action: what changed nothing only with -v.
func (r *orgRun) say(o audit.Outcome) {
	if o.Done != audit.DoneUnchanged || r.o.verbose > 0 {
		r.note(o.String())
	}
}

// actor makes a client that may write, with the run's own token.
func (r *orgRun) actor() (*act.Actor, error) {
	return newActor(r.p, &r.o.auditOptions, r.o.dryRun, r.o.acting.maxPullRequests)
}

func newActor(p Process, o *auditOptions, dryRun bool, most int) (*act.Actor, error) {
	host, err := o.host(p.Getenv)
	if err != nil {
		return nil, err
	}
	given, err := usualTokens(p)
	if err != nil {
		return nil, err
	}
	client, err := github.New(github.Options{
		Host: host, Token: given[0].token, UserAgent: "patrol/" + Version(), MaxWait: o.inspection.maxWait, Log: o.logRequests(p), Sleep: p.Sleep, Redact: o.redacted,
	})
	if err != nil {
		return nil, err
	}
	return act.New(act.Options{Client: client, DryRun: dryRun, MaxPullRequests: most, Page: pageAddress, Sleep: p.Sleep})
}

// issue is the overview as an issue.
func (w *organizationWriter) issue(repository string) (act.Issue, error) {
	var body bytes.Buffer
	if err := report.WriteStream(&body, "markdown", w.stream(), w.options()); err != nil {
		return act.Issue{}, err
	}
	var names []string
	for _, a := range w.head.Organization.Accounts {
		if a.Login != "" {
			names = append(names, a.Login)
		}
	}
	scope := strings.Join(names, ", ")
	if scope == "" {
		scope = "a list of repositories"
	}
	return act.Issue{Repository: repository, Scope: scope, Title: "Tokens in the workflows of " + scope, Body: body.String(), Clean: w.head.Summary.Findings == 0}, nil
}

// upload gives findings to code scanning. What was uploaded for a commit is
// noted for the next run.
func (r *orgRun) upload(ctx context.Context, actor *act.Actor, w *organizationWriter) error {
	for repository, err := range w.shown() {
		if err != nil {
			return err
		}
		if repository.Workflows == 0 || repository.Ref == nil || actor.Stopped() != nil {
			continue
		}
		if err := r.uploadOne(ctx, actor, w, repository); err != nil {
			return err
		}
	}
	return nil
}

func (r *orgRun) uploadOne(ctx context.Context, actor *act.Actor, w *organizationWriter, repository *audit.Repository) error {
	name := *repository.Name
	log, err := w.sarif(repository)
	if err != nil {
		return err
	}
	listed, err := r.estate.Listed(name)
	if err != nil {
		return err
	}
	uploaded, err := r.estate.Uploaded(name)
	if err != nil {
		return err
	}
	outcome, key := actor.UploadSARIF(ctx, act.SARIF{Repository: name, Branch: listed.Branch, Commit: *repository.Ref, Log: log, Archived: listed.Archived, Uploaded: uploaded})
	r.say(outcome)
	if key == uploaded {
		return nil
	}
	return r.estate.SetUploaded(name, key)
}

// propose opens, changes and closes pull requests. Only repositories are
// looked at that have something to replace, or a branch of ours.
func (r *orgRun) propose(ctx context.Context, actor *act.Actor, w *organizationWriter) error {
	for repository, err := range w.shown() {
		if err != nil {
			return err
		}
		listed, err := r.estate.Listed(*repository.Name)
		if err != nil {
			return err
		}
		if repository.Ref == nil || actor.Stopped() != nil || !listed.Proposal && !hasReplaceable(repository) {
			continue
		}
		var plan *fix.Result
		if err := r.estate.With(ctx, *repository.Name, func(fsys fs.FS, o scan.Options) {
			plan = fix.Plan(fsys, fix.Options{Scan: o})
		}); err != nil {
			r.note(fmt.Sprintf("%s: %s: %v", *repository.Name, audit.ActionPullRequest, err))
			continue
		}
		r.say(actor.PullRequest(ctx, act.PullRequest{Repository: *repository.Name, Base: listed.Branch, Archived: listed.Archived, Plan: plan}))
	}
	return nil
}

// hasReplaceable tells whether a reference of a repository can be replaced.
func hasReplaceable(r *audit.Repository) bool {
	return slices.ContainsFunc(r.References, func(x *audit.Reference) bool { return x.Verdict == audit.VerdictReplaceable && !x.Remedy.Settled() })
}
