package online

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/decide"
)

const (
	// runsAsked is how many of the latest runs are looked at for one of a
	// workflow that writes no permissions.
	runsAsked = 30
	// logLimit bounds what is read of a log, in bytes: the permissions stand
	// near its beginning.
	logLimit = 1 << 20
)

// fromLog takes the default permissions from the log of a run: each job lists
// those of its GITHUB_TOKEN. It takes a workflow that writes none.
func (f *Facts) fromLog() decide.Fact {
	if f.stopped || len(f.plain) == 0 || !f.named() {
		return decide.Fact{}
	}
	var runs struct {
		Runs []struct {
			ID    int64  `json:"id"`
			Path  string `json:"path"`
			Event string `json:"event"`
		} `json:"workflow_runs"`
	}
	query := url.Values{"per_page": {fmt.Sprint(runsAsked)}, "status": {"completed"}}
	if _, err := f.source.client.Get(f.ctx, f.path("actions", "runs"), query, &runs); err != nil {
		f.failed(err, "the default permissions of GITHUB_TOKEN from the log of a run", "actions: read")
		return decide.Fact{}
	}
	for _, r := range runs.Runs {
		// Runs for pull requests of forks and of Dependabot only read,
		// whatever the default is.
		file, _, _ := strings.Cut(r.Path, "@")
		if slices.Contains(f.plain, file) && !strings.HasPrefix(r.Event, "pull_request") {
			if fact := f.ofRun(r.ID); fact.Known {
				return fact
			}
		}
	}
	return decide.Fact{}
}

// ofRun reads the log of the first job of a run.
func (f *Facts) ofRun(run int64) decide.Fact {
	var jobs struct {
		Jobs []struct {
			ID int64 `json:"id"`
		} `json:"jobs"`
	}
	if _, err := f.source.client.Get(f.ctx, f.path("actions", "runs", fmt.Sprint(run), "jobs"), url.Values{"per_page": {"1"}}, &jobs); err != nil || len(jobs.Jobs) == 0 {
		return decide.Fact{}
	}
	body, _, err := f.source.client.Download(f.ctx, f.path("actions", "jobs", fmt.Sprint(jobs.Jobs[0].ID), "logs"), nil, logLimit)
	if err != nil {
		// Logs are kept for a while only.
		return decide.Fact{}
	}
	defer body.Close()
	return permissionsInLog(body)
}
