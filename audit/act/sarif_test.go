package act

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/github/githubtest"
	"github.com/patrol-actions/patrol/audit/report"
)

// log is the report of a repository with some findings.
func log(findings int) []byte { return logOf("1.2.3", findings) }

func logOf(version string, findings int) []byte {
	name := repo
	repository := &audit.Repository{Name: &name}
	for i := range findings {
		repository.Findings = append(repository.Findings, &audit.Finding{Rule: "replaceable-pat", Severity: audit.SeverityWarning, Message: hostile, ID: fmt.Sprint(i), File: file, Line: 1 + i})
	}
	var b bytes.Buffer
	if report.Write(&b, "sarif", &audit.Report{Tool: audit.Tool{Name: "patrol", Version: version}, Repositories: []*audit.Repository{repository}}, report.Options{}) != nil {
		return nil
	}
	return b.Bytes()
}

// headOf is the commit of a branch.
func (h *hub) headOf(branch string) string {
	h.t.Helper()
	var ref struct {
		Object struct {
			SHA string `json:"sha"`
		} `json:"object"`
	}
	h.get("/repos/octo/app/git/ref/heads/"+branch, &ref)
	return ref.Object.SHA
}

func TestUploadSARIF(t *testing.T) {
	h := serve(t, world("security_events:write", map[string]string{file: workflowA}))
	x := SARIF{Repository: repo, Branch: "main", Commit: h.headOf("main"), Log: log(2)}
	h.Forget()
	dry, _ := h.as("ghs_canaryRun", dryRun).UploadSARIF(t.Context(), x)
	h.expect(dry, audit.DoneCreated, "2 results", 0)
	if _, key := h.as("ghs_canaryRun", dryRun).UploadSARIF(t.Context(), x); key != "" {
		t.Error("a dry run has the key of an upload")
	}
	o, key := h.actor.UploadSARIF(t.Context(), x)
	if !strings.HasSuffix(o.URL, "/octo/app/security/code-scanning") || key != x.Key() {
		t.Errorf("%+v %s", o, key)
	}
	h.expect(o, audit.DoneCreated, "2 results", 1)

	// With the key nothing is asked, without it GitHub is.
	kept := x
	kept.Uploaded = key
	o, _ = h.actor.UploadSARIF(t.Context(), kept)
	if n := len(h.Exchanges()); n != 0 {
		t.Errorf("%d requests", n)
	}
	h.expect(o, audit.DoneUnchanged, "", 0)
	o, _ = h.actor.UploadSARIF(t.Context(), x)
	h.expect(o, audit.DoneUnchanged, "", 0)

	x.Log = log(1)
	o, other := h.actor.UploadSARIF(t.Context(), x)
	if other == key {
		t.Error("another log has the same key")
	}
	h.expect(o, audit.DoneCreated, "1 result", 1)
	x.Log = logOf("1.2.4", 1)
	o, _ = h.actor.UploadSARIF(t.Context(), x)
	h.expect(o, audit.DoneCreated, "1 result", 1)
	x.Commit = h.commitAs("main", map[string]string{"README.md": "New\n"}, nil)
	o, _ = h.actor.UploadSARIF(t.Context(), x)
	h.expect(o, audit.DoneCreated, "1 result", 1)
	o, _ = h.actor.UploadSARIF(t.Context(), x)
	h.expect(o, audit.DoneUnchanged, "", 0)
}

func TestUploadSARIFSkipped(t *testing.T) {
	try := func(permissions string, change func(*SARIF), prepare func(*hub), done audit.Done, message string, writes int) {
		t.Helper()
		h := serve(t, world(permissions, map[string]string{file: workflowA}))
		x := SARIF{Repository: repo, Branch: "main", Commit: h.headOf("main"), Log: log(1)}
		h.Forget()
		if change != nil {
			change(&x)
		}
		if prepare != nil {
			prepare(h)
		}
		x.Uploaded = "before"
		o, key := h.actor.UploadSARIF(t.Context(), x)
		h.expect(o, done, message, writes)
		if key != "before" {
			t.Errorf("%s, and the key changes", o)
		}
		if strings.Contains(message, "it takes") && o.Permission != "security-events: write" {
			t.Errorf("%+v", o)
		}
	}
	disabled := func(method string, words string) func(*hub) {
		return func(h *hub) {
			h.Fail(githubtest.Match{Method: method}, githubtest.Fault{Status: 403, Body: `{"message":"` + words + `"}`})
		}
	}
	try("security_events:read", nil, nil, audit.DoneSkipped, "it takes security-events: write", 1)
	try("contents:read", nil, nil, audit.DoneSkipped, "it takes security-events: write", 0)
	try(all, nil, disabled("GET", "Advanced Security must be enabled for this repository to use code scanning."), audit.DoneSkipped, "not turned on", 0)
	try(all, nil, disabled("POST", "Code scanning is not enabled for this repository. Please enable code scanning in the repository settings."), audit.DoneSkipped, "not turned on", 1)
	try(all, func(x *SARIF) { x.Archived = true }, nil, audit.DoneSkipped, "archived", 0)
	try(all, func(x *SARIF) { x.Commit = "main" }, nil, audit.DoneFailed, "not known", 0)
	try(all, func(x *SARIF) { x.Repository = "octo/none" }, nil, audit.DoneSkipped, "it takes", 1)
	for _, bad := range []string{"", "{}", `{"runs":[{},{}]}`, `{"runs":7}`} {
		try(all, func(x *SARIF) { x.Log = []byte(bad) }, nil, audit.DoneFailed, "no SARIF of one repository", 0)
	}
	try(all, func(x *SARIF) { x.Log = incompressible(t, 12<<20) }, nil, audit.DoneSkipped, "more than code scanning takes", 0)
}

// incompressible is a log that hardly gets smaller.
func incompressible(t *testing.T, size int) []byte {
	t.Helper()
	random := rand.NewChaCha8([32]byte{})
	data := make([]byte, size)
	if _, err := random.Read(data); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(map[string]any{"runs": []any{map[string]any{"text": data}}})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func FuzzSummarize(f *testing.F) {
	f.Add(log(1))
	f.Add([]byte(`{"runs":[{"automationDetails":{"id":"/"},"results":null}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := summarize(data)
		if err == nil && (a.Results < 0 || strings.HasSuffix(a.Category, "//") && !bytes.Contains(data, []byte("//"))) {
			t.Errorf("%+v", a)
		}
	})
}
