package report

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/patrol-actions/patrol/audit"
)

// TestElsewhere writes a report with places in another repository: every
// format names them, and none points at them as at files of this one.
func TestElsewhere(t *testing.T) {
	const file = "x/y@v1/action.yml"
	finding := &audit.Finding{Rule: "replaceable-pat", Severity: audit.SeverityWarning, Message: "m", ID: "f", File: ".github/workflows/w.yml", Line: 3, EndLine: 3, Reference: "r",
		Related: []audit.Place{{File: file, Line: 6, Text: "gh issue close"}, {File: file, Line: 7}}}
	r := &audit.Report{Schema: 1, Tokens: []*audit.Token{}, Repositories: []*audit.Repository{{
		References: []*audit.Reference{{ID: "r", Secret: "A_PAT", File: ".github/workflows/w.yml", Line: 3, EndLine: 3, Credential: audit.CredentialGitHub, Verdict: audit.VerdictReplaceable,
			Uses: []*audit.Use{{Job: "a", Step: 1, File: file, Line: 6, What: "gh issue close", Verdict: audit.VerdictReplaceable,
				Via: []audit.Hop{{File: ".github/workflows/w.yml", Line: 2, What: "uses x/y"}, {File: file, Line: 5, What: "step env GH_TOKEN"}}}}}},
		Findings: []*audit.Finding{finding},
	}}}
	for _, format := range Formats() {
		var b bytes.Buffer
		if err := Write(&b, format, r, Options{Verbose: 1}); err != nil {
			t.Fatal(err)
		}
		switch format {
		case "sarif":
			var log sarifLog
			if err := json.Unmarshal(b.Bytes(), &log); err != nil {
				t.Fatal(err)
			}
			result := log.Runs[0].Results[0]
			want := "m\nUsed by gh issue close in " + file + ":6.\nSee also gh issue close in " + file + ":6, " + file + ":7."
			if !strings.HasPrefix(result.Message.Text, want) || strings.Contains(b.String(), `"uri": "x/`) || len(result.RelatedLocations) != 0 {
				t.Errorf("%s", b.String())
			}
			if flow := result.CodeFlows[0].ThreadFlows[0].Locations; len(flow) != 2 {
				t.Errorf("%+v", flow)
			}
		case "github":
			if strings.Contains(b.String(), "file=x/") {
				t.Errorf("%s", b.String())
			}
		case "text", "json":
			if !strings.Contains(b.String(), file) {
				t.Errorf("%s does not name the place:\n%s", format, b.String())
			}
		}
	}
	for name, want := range map[string]bool{
		file: true, "x/y@releases/v1/action.yml": true, ".github/workflows/w.yml": false, "assets/logo@2x.png": false, "x/y@v1": false, "": false, "../x/y@v1/z": false,
	} {
		if audit.Elsewhere(name) != want {
			t.Errorf("%q: %v", name, !want)
		}
	}
}
