package githubtest

import (
	"maps"
	"net/http"
	"slices"
)

// annotationLimit is how many annotations GitHub takes in a request.
const annotationLimit = 50

// checkInput is the body of a check run, with its annotations.
type checkInput struct {
	Name    string
	HeadSHA string `json:"head_sha"`
	Output  *struct {
		Title, Summary, Text string
		Annotations          []Object
	}
}

func createCheckRun(c *call) answer {
	var in checkInput
	if refused := c.input(&in); refused != nil {
		return *refused
	}
	if in.Name == "" || in.HeadSHA == "" {
		return invalid("CheckRun", "head_sha", "missing_field")
	}
	if _, found := c.refs().find(in.HeadSHA); !found {
		return failure(http.StatusUnprocessableEntity, "No commit found for SHA: "+in.HeadSHA)
	}
	id := c.nextID()
	url := c.repoURL() + "/check-runs/" + number(id)
	o := shape("check-run", Object{
		"id": id, "node_id": nodeID("CR", id), "head_sha": in.HeadSHA, "name": in.Name, "url": url, "html_url": c.webURL() + "/runs/" + number(id),
		"details_url": c.webURL() + "/runs/" + number(id), "status": "queued", "started_at": stamp(c.s.now()), "pull_requests": []any{},
		"check_suite": Object{"id": idOf(in.HeadSHA)}, "external_id": "",
		"output": Object{"title": nil, "summary": nil, "text": nil, "annotations_count": 0, "annotations_url": url + "/annotations"},
	})
	return c.checked(o, in, http.StatusCreated)
}

// checked sets what the body of a check run says.
func (c *call) checked(o Object, in checkInput, status int) answer {
	if in.Output != nil && len(in.Output.Annotations) > annotationLimit {
		return failure(http.StatusUnprocessableEntity, "Invalid request.\n\nNo more than 50 items are allowed; "+number(int64(len(in.Output.Annotations)))+" were supplied.")
	}
	o = shape("", o, c.given("name", "details_url", "external_id", "started_at", "status", "conclusion", "completed_at"))
	if o["conclusion"] != nil {
		o["status"] = "completed"
		if o["completed_at"] == nil {
			o["completed_at"] = stamp(c.s.now())
		}
	}
	id := textOf(o["id"])
	if in.Output != nil {
		for _, a := range in.Output.Annotations {
			c.add("check-runs/"+id+"/annotations", shape("", Object{
				"start_column": nil, "end_column": nil, "title": nil, "raw_details": nil, "blob_href": c.webURL() + "/blob/",
			}, a))
		}
		output := maps.Clone(o["output"].(Object))
		output["title"], output["summary"], output["text"] = in.Output.Title, in.Output.Summary, textOrNull(in.Output.Text)
		output["annotations_count"] = len(c.rowsAt("check-runs/" + id + "/annotations"))
		o["output"] = output
	}
	if _, found := c.change("check-runs", "id", id, o); !found {
		c.add("check-runs", o)
	}
	return answer{status: status, value: o}
}

func checkRun(c *call) answer {
	if o, found := c.row("check-runs", "id", c.params["check_run_id"]); found {
		return ok(shape("check-run", o))
	}
	return notFound()
}

func updateCheckRun(c *call) answer {
	var in checkInput
	if refused := c.input(&in); refused != nil {
		return *refused
	}
	o, found := c.row("check-runs", "id", c.params["check_run_id"])
	if !found {
		return notFound()
	}
	return c.checked(shape("check-run", o), in, http.StatusOK)
}

func checkRunsOf(c *call) answer {
	sha, found := c.refs().find(c.params["ref"])
	if !found {
		return failure(http.StatusUnprocessableEntity, "No commit found for SHA: "+c.params["ref"])
	}
	kept := slices.DeleteFunc(slices.Clone(c.rowsAt("check-runs")), func(o Object) bool {
		name := c.query().Get("check_name")
		return o["head_sha"] != sha || name != "" && name != o["name"]
	})
	return c.counted("check_runs", rowsOf(kept, func(o Object) any { return shape("check-run", o) }))
}
