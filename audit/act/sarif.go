package act

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/github"
	"github.com/patrol-actions/patrol/audit/report"
)

// maxSARIF is how many bytes of compressed SARIF GitHub takes. Source: GitHub's
// documentation, "SARIF support for code scanning".
const maxSARIF = 10 << 20

const sarifPermission = "security-events: write"

// SARIF is the findings of one repository for its code scanning.
type SARIF struct {
	// Repository is "owner/name".
	Repository string
	// Branch is the branch that was audited, Commit the SHA of its head then.
	Branch, Commit string
	// Log is the report of this one repository in the sarif format.
	Log []byte
	// Archived tells that the repository takes no changes.
	Archived bool
	// Uploaded is the key of the last upload, as UploadSARIF gave it and the
	// caller kept it; empty for none.
	Uploaded string
}

// Key names what is uploaded: it is the same for the same log of the same
// commit.
func (x SARIF) Key() string {
	sum := sha256.New()
	for _, part := range []string{strings.ToLower(x.Repository), x.Branch, x.Commit, string(x.Log)} {
		fmt.Fprintf(sum, "%d %s\n", len(part), part)
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}

// commitName is the name of a commit.
var commitName = regexp.MustCompile(`^[0-9a-f]{40}(?:[0-9a-f]{24})?$`)

// UploadSARIF uploads findings once. A log that has the key of the last upload
// is not sent, which costs no request. Where no key was kept, GitHub is asked:
// it does not keep the log, but says of which commit the newest analysis of
// its category is, of which version of the tool, and how many rules and
// results it has. Where all of that is the same, it is taken for the same; a
// second upload would replace the first one, and double nothing.
//
// The key to keep is that of the last upload, whether this is one or not.
func (a *Actor) UploadSARIF(ctx context.Context, x SARIF) (outcome audit.Outcome, key string) {
	key = x.Key()
	outcome = a.uploadOnce(ctx, x, key)
	if outcome.DryRun || outcome.Done != audit.DoneCreated && outcome.Done != audit.DoneUnchanged {
		key = x.Uploaded
	}
	return outcome, key
}

func (a *Actor) uploadOnce(ctx context.Context, x SARIF, key string) audit.Outcome {
	t, ok := a.target(audit.ActionSARIF, x.Repository)
	switch {
	case !ok:
		return t.outcome
	case x.Archived:
		return t.done(audit.DoneSkipped, "", "the repository is archived")
	case !commitName.MatchString(x.Commit) || x.Branch == "":
		return t.done(audit.DoneFailed, "", "the audited commit or its branch is not known")
	case x.Uploaded == key:
		return t.done(audit.DoneUnchanged, "", "uploaded already")
	}
	log, err := summarize(x.Log)
	if err != nil {
		return t.done(audit.DoneFailed, "", "that is no SARIF of one repository: "+report.Clean(err.Error()))
	}
	packed, err := pack(x.Log)
	if err != nil {
		return t.refused(err, sarifPermission)
	}
	if size := len(packed); size > maxSARIF {
		return t.done(audit.DoneSkipped, "", fmt.Sprintf("%.1f MB of compressed SARIF are more than code scanning takes, which is 10 MB", float64(size)/(1<<20)))
	}
	return t.upload(ctx, x, log, packed)
}

func (t *target) upload(ctx context.Context, x SARIF, log analysis, packed []byte) audit.Outcome {
	page := t.client.Host().Web() + github.Path(t.owner, t.name, "security", "code-scanning")
	there, err := t.uploaded(ctx, x, log)
	switch {
	case err != nil:
		return t.scanning(err)
	case there:
		return t.done(audit.DoneUnchanged, page, "uploaded already")
	case t.dryRun:
		return t.done(audit.DoneCreated, page, log.String())
	}
	body := map[string]any{"commit_sha": x.Commit, "ref": "refs/heads/" + x.Branch, "sarif": base64.StdEncoding.EncodeToString(packed), "tool_name": log.Tool.Name}
	if err := t.send(ctx, quiet, "POST", t.path("code-scanning", "sarifs"), body, nil); err != nil {
		return t.scanning(err)
	}
	return t.done(audit.DoneCreated, page, log.String())
}

// scanning ends in the outcome of a refusal. Private repositories have code
// scanning only with a licence, and GitHub says so with 403.
func (t *target) scanning(err error) audit.Outcome {
	o := t.refused(err, sarifPermission)
	said := strings.ToLower(err.Error())
	for _, words := range []string{"must be enabled", "is not enabled", "not enabled for"} {
		if strings.Contains(said, words) {
			o.Done, o.Permission = audit.DoneSkipped, ""
			o.Message = "code scanning is not turned on: a private repository takes GitHub Code Security for it"
		}
	}
	return o
}

// analysis is what GitHub says of an upload, and what a log says of itself.
type analysis struct {
	Ref      string `json:"ref"`
	Commit   string `json:"commit_sha"`
	Category string `json:"category"`
	Rules    int    `json:"rules_count"`
	Results  int    `json:"results_count"`
	Error    string `json:"error"`
	Tool     struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	} `json:"tool"`
}

// String says how much it is.
func (a analysis) String() string {
	if a.Results == 1 {
		return "1 result"
	}
	return fmt.Sprintf("%d results", a.Results)
}

// uploaded tells whether the newest analysis of the log's category is of it.
func (t *target) uploaded(ctx context.Context, x SARIF, log analysis) (bool, error) {
	ref := "refs/heads/" + x.Branch
	query := url.Values{"tool_name": {log.Tool.Name}, "ref": {ref}, "per_page": {"100"}}
	var rows []analysis
	_, err := t.client.Get(ctx, t.path("code-scanning", "analyses"), query, &rows)
	if statusOf(err) == notFound { // there is none yet, or the upload will say
		return false, nil
	}
	for _, row := range rows { // newest first
		if row.Ref == ref && strings.TrimSuffix(row.Category, "/") == log.Category {
			same := row.Error == "" && row.Commit == x.Commit && row.Rules == log.Rules && row.Results == log.Results && row.Tool.Version == log.Tool.Version
			return same, nil
		}
	}
	return false, err
}

// summarize reads of a log what an analysis would say of it.
func summarize(log []byte) (analysis, error) {
	var parts struct {
		Runs []struct {
			AutomationDetails struct {
				ID string `json:"id"`
			} `json:"automationDetails"`
			Tool struct {
				Driver struct {
					Name    string            `json:"name"`
					Version string            `json:"version"`
					Rules   []json.RawMessage `json:"rules"`
				} `json:"driver"`
			} `json:"tool"`
			Results []json.RawMessage `json:"results"`
		} `json:"runs"`
	}
	var a analysis
	if err := json.Unmarshal(log, &parts); err != nil {
		return a, err
	}
	if len(parts.Runs) != 1 {
		return a, fmt.Errorf("it has %d runs", len(parts.Runs))
	}
	run := parts.Runs[0]
	// What stands before the last slash of the id is the category.
	a.Category = run.AutomationDetails.ID[:max(0, strings.LastIndexByte(run.AutomationDetails.ID, '/'))]
	a.Tool.Name, a.Tool.Version = run.Tool.Driver.Name, run.Tool.Driver.Version
	a.Rules, a.Results = len(run.Tool.Driver.Rules), len(run.Results)
	return a, nil
}

// pack compresses a log; the same bytes give the same.
func pack(log []byte) ([]byte, error) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(log); err != nil {
		return nil, err
	}
	err := w.Close()
	return b.Bytes(), err
}
