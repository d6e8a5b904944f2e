package githubtest

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
)

func (p WorkflowPermissions) object() Object {
	return Object{"default_workflow_permissions": orElse(p.Default, "read"), "can_approve_pull_request_reviews": p.CanApprove}
}

func workflowPermissions(c *call) answer    { return ok(c.repo.Workflow.object()) }
func orgWorkflowPermissions(c *call) answer { return ok(c.org.Workflow.object()) }

// permissionsOfActions answers which actions may run: all of them, where the
// world says nothing else.
func permissionsOfActions(name string, value any) handler {
	return func(c *call) answer {
		properties, _ := c.object()
		return ok(shape("", Object{name: value, "allowed_actions": "all", "sha_pinning_required": false}, properties))
	}
}

// workflowPaths are the workflow files of the default branch.
func workflowPaths(r *Repository) []string {
	var out []string
	for name := range r.Files {
		if path.Dir(name) == ".github/workflows" && slices.Contains([]string{".yml", ".yaml"}, path.Ext(name)) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

func workflowID(r *Repository, name string) int64 { return idOf(r.FullName() + " " + name) }

func workflows(c *call) answer {
	return c.counted("workflows", rowsOf(workflowPaths(c.repo), func(name string) any {
		id := workflowID(c.repo, name)
		url := c.repoURL() + "/actions/workflows/" + number(id)
		return shape("workflow", Object{
			"id": id, "node_id": nodeID("W", id), "name": path.Base(name), "path": name, "state": "active", "url": url,
			"html_url": c.webURL() + "/blob/" + c.repo.branch() + "/" + name, "badge_url": c.webURL() + "/workflows/badge.svg",
		})
	}))
}

// runs lists workflow runs, newest first as the world has them.
func runs(c *call) answer {
	query := c.query()
	kept := slices.DeleteFunc(slices.Clone(c.repo.Runs), func(r Run) bool {
		workflow := c.params["workflow_id"]
		return workflow != "" && workflow != path.Base(r.Workflow) && workflow != number(workflowID(c.repo, r.Workflow)) ||
			query.Has("branch") && query.Get("branch") != r.Branch || query.Has("event") && query.Get("event") != r.Event
	})
	return c.counted("workflow_runs", rowsOf(kept, func(r Run) any { return c.runObject(r) }))
}

func (c *call) runObject(r Run) Object {
	url := c.repoURL() + "/actions/runs/" + number(r.ID)
	sha, _ := c.refs().find(orElse(r.Branch, c.repo.branch()))
	sha = orElse(sha, BlobID("commit of a run"))
	small := c.repositoryObject("minimal-repository", c.repo)
	return shape("workflow-run", Object{
		"id": r.ID, "name": path.Base(r.Workflow), "node_id": nodeID("WFR", r.ID), "head_branch": orElse(r.Branch, c.repo.branch()), "head_sha": sha,
		"path": r.Workflow, "display_title": "Commit", "run_number": 1, "run_attempt": 1, "event": orElse(r.Event, "push"),
		"status": "completed", "conclusion": orElse(r.Conclusion, "success"), "workflow_id": workflowID(c.repo, r.Workflow), "url": url,
		"html_url": c.webURL() + "/actions/runs/" + number(r.ID), "pull_requests": []any{}, "created_at": stamp(r.Created),
		"updated_at": stamp(r.Created), "run_started_at": stamp(r.Created), "repository": small, "head_repository": small, "head_commit": nil,
		"actor": c.simpleUser(c.repo.Owner), "triggering_actor": c.simpleUser(c.repo.Owner),
	})
}

func (r *Repository) run(id string) (Run, bool) {
	for _, run := range r.Runs {
		if strconv.FormatInt(run.ID, 10) == id {
			return run, true
		}
	}
	return Run{}, false
}

// job finds a job of any run.
func (r *Repository) job(id string) (Run, Job, bool) {
	for _, run := range r.Runs {
		for _, job := range run.Jobs {
			if strconv.FormatInt(job.ID, 10) == id {
				return run, job, true
			}
		}
	}
	return Run{}, Job{}, false
}

func run(c *call) answer {
	r, found := c.repo.run(c.params["run_id"])
	if !found {
		return notFound()
	}
	return ok(c.runObject(r))
}

func runJobs(c *call) answer {
	r, found := c.repo.run(c.params["run_id"])
	if !found {
		return notFound()
	}
	return c.counted("jobs", rowsOf(r.Jobs, func(j Job) any { return c.jobObject(r, j) }))
}

func job(c *call) answer {
	r, j, found := c.repo.job(c.params["job_id"])
	if !found {
		return notFound()
	}
	return ok(c.jobObject(r, j))
}

func (c *call) jobObject(r Run, j Job) Object {
	sha, _ := c.refs().find(orElse(r.Branch, c.repo.branch()))
	return shape("job", Object{
		"id": j.ID, "run_id": r.ID, "run_url": c.repoURL() + "/actions/runs/" + number(r.ID), "node_id": nodeID("CR", j.ID), "head_sha": sha,
		"url": c.repoURL() + "/actions/jobs/" + number(j.ID), "html_url": c.webURL() + "/actions/runs/" + number(r.ID) + "/job/" + number(j.ID),
		"status": "completed", "conclusion": "success", "created_at": stamp(r.Created), "started_at": stamp(r.Created),
		"completed_at": stamp(r.Created), "name": j.Name, "labels": orEmpty(j.Labels), "steps": []any{}, "workflow_name": path.Base(r.Workflow),
		"head_branch": orElse(r.Branch, c.repo.branch()), "run_attempt": 1,
	})
}

func jobLogs(c *call) answer {
	if _, _, found := c.repo.job(c.params["job_id"]); !found {
		return notFound()
	}
	return redirect(http.StatusFound, c.s.StorageURL+"/"+c.repo.FullName()+"/job/"+c.params["job_id"]+"?token=signed")
}

func runLogs(c *call) answer {
	if _, found := c.repo.run(c.params["run_id"]); !found {
		return notFound()
	}
	return redirect(http.StatusFound, c.s.StorageURL+"/"+c.repo.FullName()+"/run/"+c.params["run_id"]+"?token=signed")
}

// log is the text of a job's log, logs the archive of a run's.
func (r *Repository) log(id string) (string, bool) {
	_, job, found := r.job(id)
	return job.Log, found
}

func (r *Repository) logs(id string) ([]byte, bool) {
	run, found := r.run(id)
	if !found {
		return nil, false
	}
	var buffer bytes.Buffer
	archive := zip.NewWriter(&buffer)
	for i, job := range run.Jobs {
		if w, err := archive.Create(fmt.Sprintf("%d_%s.txt", i, strings.ReplaceAll(job.Name, "/", "_"))); err == nil {
			io.WriteString(w, job.Log)
		}
	}
	archive.Close()
	return buffer.Bytes(), true
}
