package githubtest

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
)

// uploadSarif takes a report as GitHub wants it: JSON, in gzip, in base64.
func uploadSarif(c *call) answer {
	var in struct {
		CommitSHA string `json:"commit_sha"`
		Ref       string
		Sarif     string
	}
	if refused := c.input(&in); refused != nil {
		return *refused
	}
	runs, ok := sarifRuns(in.Sarif)
	if !ok {
		return failure(http.StatusBadRequest, "Invalid SARIF. Not gzipped JSON in base64.")
	}
	if _, found := c.refs().find(in.CommitSHA); !found {
		return failure(http.StatusNotFound, "commit not found")
	}
	id := BlobID(in.Sarif)
	id = id[:8] + "-" + id[8:12] + "-" + id[12:16] + "-" + id[16:20] + "-" + id[20:32]
	c.add("code-scanning/sarifs", Object{"id": id, "ref": in.Ref, "commit_sha": in.CommitSHA})
	for _, run := range runs {
		n := c.nextID()
		c.add("code-scanning/analyses", Object{
			"id": n, "url": c.repoURL() + "/code-scanning/analyses/" + number(n), "ref": in.Ref, "commit_sha": in.CommitSHA, "sarif_id": id,
			"analysis_key": "(default)", "category": strings.TrimSuffix(run.AutomationDetails.ID, "/"), "created_at": stamp(c.s.now()),
			"tool":          Object{"name": run.Tool.Driver.Name, "version": run.Tool.Driver.Version, "guid": nil},
			"results_count": len(run.Results), "rules_count": len(run.Tool.Driver.Rules),
		})
	}
	return answer{status: http.StatusAccepted, value: Object{"id": id, "url": c.repoURL() + "/code-scanning/sarifs/" + id}}
}

// sarifRun is what an analysis shows of a run.
type sarifRun struct {
	AutomationDetails struct{ ID string } `json:"automationDetails"`
	Tool              struct {
		Driver struct {
			Name, Version string
			Rules         []any
		}
	}
	Results []any
}

func sarifRuns(text string) ([]sarifRun, bool) {
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, false
	}
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, false
	}
	report, err := io.ReadAll(r)
	var parts struct{ Runs []sarifRun }
	if err != nil || json.Unmarshal(report, &parts) != nil {
		return nil, false
	}
	return parts.Runs, parts.Runs != nil
}

func sarifStatus(c *call) answer {
	if _, found := c.row("code-scanning/sarifs", "id", c.params["sarif_id"]); !found {
		return answer{status: http.StatusNotFound, value: Object{"message": "Not Found"}}
	}
	return ok(Object{"processing_status": "complete", "analyses_url": c.repoURL() + "/code-scanning/analyses?sarif_id=" + c.params["sarif_id"]})
}

// analyses lists what was uploaded, newest first. GitHub says it plainly where
// there is nothing.
func analyses(c *call) answer {
	kept := slices.DeleteFunc(slices.Clone(c.rowsAt("code-scanning/analyses")), func(o Object) bool {
		tool, _ := o["tool"].(Object)
		name, ref := c.query().Get("tool_name"), c.query().Get("ref")
		return name != "" && name != tool["name"] || ref != "" && ref != o["ref"]
	})
	if len(kept) == 0 {
		return failure(http.StatusNotFound, "no analysis found")
	}
	slices.Reverse(kept)
	return c.list(rowsOf(kept, func(o Object) any { return shape("code-scanning-analysis", o) }))
}
