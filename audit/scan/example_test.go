package scan

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/config"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// exampleFolder is the repository that shows what patrol does.
const exampleFolder = "../../testdata/example"

var (
	claimLine    = regexp.MustCompile(`^#   (\S+) +(not-replaceable|conditional|replaceable|unknown|no verdict)\b(.*)`)
	claimedRule  = regexp.MustCompile(`^# {5,}([a-z]+(?:-[a-z]+)+) {2,}\S`)
	claimedCodes = regexp.MustCompile(`\(([a-z]+(?:-[a-z]+)*)\)`)
)

// claims reads what the comment at the head of a workflow says of each secret
// below it: "SECRET verdict codes rules".
func claims(source string) []string {
	var out []string
	secret, verdict, text := "", "", ""
	var found []string
	finish := func() {
		if secret == "" {
			return
		}
		var codes []string
		for _, m := range claimedCodes.FindAllStringSubmatch(text, -1) {
			codes = append(codes, m[1])
		}
		out = append(out, fmt.Sprint(secret, " ", verdict, " ", setOf(codes), " ", setOf(found)))
	}
	for line := range strings.Lines(source) {
		if !strings.HasPrefix(line, "#") {
			break
		}
		switch m, r := claimLine.FindStringSubmatch(line), claimedRule.FindStringSubmatch(line); {
		case m != nil:
			finish()
			secret, verdict, text, found = m[1], m[2], m[3], nil
		case r != nil && slices.Contains(rules.RuleIDs(), r[1]):
			found = append(found, r[1])
		default:
			text += line
		}
	}
	finish()
	slices.Sort(out)
	return out
}

// said writes a reference in the form of claims.
func said(r *audit.Reference, findings []*audit.Finding) string {
	verdict := string(r.Verdict)
	if r.Verdict == audit.VerdictNone {
		verdict = "no verdict"
	}
	var codes, found []string
	for _, reason := range r.Reasons {
		codes = append(codes, reason.Code)
	}
	for _, f := range findings {
		if f.Reference == r.ID && !strings.HasSuffix(f.Rule, "-pat") && f.Rule != "unknown-pat-use" || f.Reference == r.ID && f.Rule == "exposed-pat" {
			found = append(found, f.Rule)
		}
	}
	return fmt.Sprint(r.Secret, " ", verdict, " ", setOf(codes), " ", setOf(found))
}

// TestExample holds the comments of the bundled example to what an audit says.
func TestExample(t *testing.T) {
	result := Repository(os.DirFS(exampleFolder), Options{Folder: exampleFolder})
	if len(result.Errors) > 0 {
		t.Errorf("errors: %+v", result.Errors)
	}
	files, err := fs.Glob(os.DirFS(exampleFolder), workflow.Folder+"/*.yml")
	if err != nil || len(files) != result.Workflows {
		t.Errorf("%d files, %d workflows: %v", len(files), result.Workflows, err)
	}
	for _, file := range files {
		source, err := os.ReadFile(path.Join(exampleFolder, file))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range result.References {
			if r.File == file {
				got = append(got, said(r, result.Findings))
			}
		}
		slices.Sort(got)
		want := claims(string(source))
		if len(want) == 0 {
			t.Errorf("%s: its head says nothing of any secret", file)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-its head +the audit):\n%s", file, diff)
		}
	}
}

// TestPages audits the example of every page: that of a rule must give a
// finding of the rule, that of a reason a reference with its code. Those of
// rules about what a token reaches are tested in package compare, those of
// rules about stored secrets in package organization.
func TestPages(t *testing.T) {
	for _, page := range rules.Pages() {
		if slices.ContainsFunc(page.Examples(), func(f rules.File) bool { return f.Path == "token.json" || f.Path == "organization.json" }) {
			continue
		}
		t.Run(page.ID, func(t *testing.T) {
			files := fstest.MapFS{}
			for _, f := range page.Examples() {
				files[f.Path] = &fstest.MapFile{Data: []byte(f.Content)}
			}
			c, err := config.Find(files)
			if err != nil {
				t.Fatal(err)
			}
			result := Repository(files, Options{Name: "acme-corp/rocket", Config: c, Now: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)})
			if len(result.Errors) > 0 {
				t.Errorf("errors: %+v", result.Errors)
			}
			var rule, codes []string
			for _, f := range result.Findings {
				rule = append(rule, f.Rule)
			}
			for _, r := range result.References {
				for _, reason := range r.Reasons {
					codes = append(codes, reason.Code)
					if reason.Code == page.ID && !slices.Contains(page.Verdicts, r.Verdict) && r.Verdict != audit.VerdictNotReplaceable {
						t.Errorf("%s is %s, and the page says %v", r.Secret, r.Verdict, page.Verdicts)
					}
				}
			}
			switch {
			case page.Kind == rules.PageRule && !slices.Contains(rule, page.ID):
				t.Errorf("its example gives findings of %v, not of it", rule)
			case page.Kind == rules.PageReason && !slices.Contains(codes, page.ID):
				t.Errorf("its example gives the reasons %v, not it", codes)
			}
		})
	}
}
