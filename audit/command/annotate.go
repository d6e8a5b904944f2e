package command

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/github"
	"github.com/patrol-actions/patrol/audit/publish"
	"github.com/patrol-actions/patrol/audit/report"
)

// The ways to annotate the lines of a pull request or a commit.
const (
	annotateOff = "off"
	// annotateFalse is what some readers of YAML make of off without quotes.
	annotateFalse = "false"
	// annotateCommands writes workflow commands, of which GitHub shows ten of
	// a level in a step.
	annotateCommands = "commands"
	// annotateCheck makes a check run, which shows all.
	annotateCheck = "check"
	// annotateAuto makes a check run where the token may, and writes workflow
	// commands where it may not.
	annotateAuto = "auto"
)

func checkAnnotate(mode string) error {
	if !slices.Contains([]string{"", annotateOff, annotateFalse, annotateCommands, annotateCheck, annotateAuto}, mode) {
		return fmt.Errorf("--annotate: %q is none of auto, check, commands, off", mode)
	}
	return nil
}

// annotateRun shows the findings where people work, as --annotate asks.
func (o *auditOptions) annotateRun(ctx context.Context, p Process, r *audit.Report, given []givenToken) error {
	switch o.annotate {
	case "", annotateOff, annotateFalse:
		return nil
	case annotateCommands:
		return o.commands(p, r)
	}
	url, err := o.checkRun(ctx, p, r, given)
	switch {
	case err == nil:
		o.say(p, "the annotations are at "+url)
		return nil
	case o.annotate == annotateCheck:
		return fmt.Errorf("--annotate check: %w", err)
	}
	o.say(p, fmt.Sprintf("%v: of each level the ten worst annotations follow as workflow commands, and the report has the rest", err))
	return o.commands(p, r)
}

// say writes a note.
func (o *auditOptions) say(p Process, text string) {
	if !o.quiet {
		fmt.Fprintln(p.Stderr, "patrol: "+harmless(text))
	}
}

// commands writes the annotations as workflow commands.
func (o *auditOptions) commands(p Process, r *audit.Report) error {
	return report.Write(p.Stdout, "github", r, report.Options{Rules: reportRules(), Open: o.open, Below: belowWorkspace(p)})
}

// belowWorkspace tells where in the workspace of a run a repository lies.
func belowWorkspace(p Process) func(*audit.Repository) string {
	return func(r *audit.Repository) string {
		if r.Root == nil || *r.Root == "-" {
			return ""
		}
		full, err := filepath.Abs(*r.Root)
		if err != nil {
			return ""
		}
		folder, _, err := locate(full)
		if err != nil {
			return ""
		}
		prefix, _ := below(p.Getenv("GITHUB_WORKSPACE"), folder)
		return prefix
	}
}

// checkRun makes a check run of the report, and returns the address of its
// page.
func (o *auditOptions) checkRun(ctx context.Context, p Process, r *audit.Report, given []givenToken) (string, error) {
	publisher, err := o.publisher(p, given)
	if err != nil {
		return "", err
	}
	var summary bytes.Buffer
	options := report.Options{Rules: reportRules(), Open: o.open, Below: belowWorkspace(p), Patch: o.redacted(o.patch), Page: pageAddress, Limit: publish.MaxSummary}
	if err := report.Write(&summary, "markdown", r, options); err != nil {
		return "", err
	}
	return publisher.CheckRun(ctx, publish.Check{
		Title: report.Headline(r), Summary: summary.String(), Failed: o.fails(r), Clean: r.Summary.Findings == 0,
		Annotations: report.Annotations(r, options),
	})
}

// publisher writes to GitHub in the name of the run, never by a token that is
// looked at.
func (o *auditOptions) publisher(p Process, inspected []givenToken) (*publish.Publisher, error) {
	tokens, err := usualTokens(p)
	if err != nil {
		return nil, errors.New("writing to GitHub takes a token in GH_TOKEN or GITHUB_TOKEN")
	}
	run := tokens[0]
	switch {
	case run.fault != "":
		return nil, errors.New(run.name + ": " + run.fault)
	case slices.ContainsFunc(inspected, func(g givenToken) bool { return g.token.Equal(run.token) }):
		return nil, fmt.Errorf("nothing is written with %s, for that token is looked at", run.name)
	}
	target, err := target(p)
	if err != nil {
		return nil, err
	}
	host, err := o.host(p.Getenv)
	if err != nil {
		return nil, err
	}
	client, err := github.New(github.Options{
		Host: host, Token: run.token, UserAgent: "patrol/" + Version(), MaxWait: o.inspection.maxWait, Log: o.logRequests(p), Sleep: p.Sleep, Redact: o.redacted,
	})
	if err != nil {
		return nil, err
	}
	return publish.New(client, target)
}

// maxEvent bounds what is read of the event of a run, in bytes. GitHub's
// largest are 25 MiB.
const maxEvent = 32 << 20

// event is what a run needs of the event that started it.
type event struct {
	PullRequest struct {
		Number int    `json:"number"`
		Head   commit `json:"head"`
		Base   commit `json:"base"`
	} `json:"pull_request"`
	MergeGroup struct {
		Base string `json:"base_sha"`
	} `json:"merge_group"`
	// Before is what a push moved a branch from: zeros for a new one.
	Before string `json:"before"`
}

type commit struct {
	SHA string `json:"sha"`
}

func readEvent(p Process) (event, error) {
	var e event
	file, err := os.Open(p.Getenv("GITHUB_EVENT_PATH"))
	if err != nil {
		return e, errors.New("the event of the run cannot be read from the file of GITHUB_EVENT_PATH: outside of GitHub Actions say --changed-since REF")
	}
	defer file.Close()
	if err := json.NewDecoder(io.LimitReader(file, maxEvent)).Decode(&e); err != nil {
		return e, errors.New("the event of the run is not what GitHub writes: GITHUB_EVENT_PATH")
	}
	return e, nil
}

// eventBase is the commit before a run's: the base of a pull request or of a merge
// group, or what a push moved its branch from; "" where there is none.
func eventBase(p Process) (string, error) {
	e, err := readEvent(p)
	if err != nil {
		return "", err
	}
	sha := cmp.Or(e.PullRequest.Base.SHA, e.MergeGroup.Base, e.Before)
	if strings.Trim(sha, "0") == "" {
		return "", nil
	}
	return sha, nil
}

// target is the commit that a run of GitHub Actions is about, by the
// environment that every step has. For a pull request GITHUB_SHA is a merge
// that nobody looks at, so that its head counts.
func target(p Process) (publish.Target, error) {
	t := publish.Target{Repository: p.Getenv("GITHUB_REPOSITORY"), Commit: p.Getenv("GITHUB_SHA")}
	if t.Repository == "" || t.Commit == "" {
		return t, errors.New("only runs of GitHub Actions write to GitHub: GITHUB_REPOSITORY and GITHUB_SHA are not set")
	}
	if !strings.HasPrefix(p.Getenv("GITHUB_EVENT_NAME"), "pull_request") {
		return t, nil
	}
	e, err := readEvent(p)
	if err != nil {
		return t, err
	}
	if e.PullRequest.Head.SHA == "" {
		return t, errors.New("the event of the run has no head of a pull request")
	}
	t.Commit, t.PullRequest = e.PullRequest.Head.SHA, e.PullRequest.Number
	return t, nil
}

// changesOnly takes --changed-since from the event of the run. An event that
// moves nothing, such as a schedule, has all findings shown.
func (o *auditOptions) changesOnly(p Process) error {
	switch {
	case !o.changedOnly:
		return nil
	case o.since != "" || o.baseline != "":
		return errors.New("--changed-only stands for --changed-since with the base of the run: leave that and --baseline out")
	}
	sha, err := eventBase(p)
	if err != nil {
		return fmt.Errorf("--changed-only: %w", err)
	}
	if sha == "" {
		o.say(p, "--changed-only: the event of the run has no commit before it, so that all findings are shown")
	}
	o.since = sha
	return nil
}
