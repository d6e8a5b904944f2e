package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit"
)

// crowd returns a repository with n references, each with a finding.
func crowd(n int) *audit.Report {
	repository := &audit.Repository{Name: named("o/r"), Workflows: 1}
	for i := range n {
		r := referTo(fmt.Sprintf("r%d", i), fmt.Sprintf("PAT_%d", i), ".github/workflows/x.yml", 100+i)
		severity, rule := audit.SeverityNotice, "unscoped-pat"
		r.Verdict, r.Remedy.Summary = audit.VerdictNotReplaceable, strings.Repeat("word ", 60)
		if i%3 == 2 {
			severity, rule, r.Verdict = audit.SeverityWarning, "replaceable-pat", audit.VerdictReplaceable
			r.Remedy.JobPermissions = map[string]string{"contents": "read"}
			r.Uses = []*audit.Use{{Job: fmt.Sprintf("job%d", i)}}
		}
		if i%3 == 1 {
			severity, rule = audit.SeverityWarning, "exposed-pat"
		}
		repository.References = append(repository.References, r)
		repository.Findings = append(repository.Findings, find(rule, severity, r, "message"))
	}
	return &audit.Report{Schema: 1, Repositories: []*audit.Repository{repository}}
}

// command is the form in which a runner reads a workflow command.
var command = regexp.MustCompile(`^::(error|warning|notice)( [a-zA-Z]+=[^:,]*(,[a-zA-Z]+=[^:,]*)*)?::.+$`)

func TestGitHubCommands(t *testing.T) {
	for _, r := range []*audit.Report{sample(), {Repositories: sample().Repositories[1:2]}} {
		out := write(t, "github", r, Options{Rules: sampleRules()})
		if strings.ContainsAny(out, "\r\x1b\u202e") {
			t.Errorf("unsafe characters in %q", out)
		}
		for line := range strings.Lines(out) {
			if !command.MatchString(strings.TrimSuffix(line, "\n")) {
				t.Errorf("no command: %s", line)
			}
		}
	}
}

func TestGitHubShowsWorstFirst(t *testing.T) {
	lines := strings.Split(strings.TrimSuffix(write(t, "github", crowd(45), Options{}), "\n"), "\n")
	if len(lines) != 21 {
		t.Fatalf("%d lines", len(lines))
	}
	for i, want := range []string{"::warning ", "::notice "} {
		for _, line := range lines[10*i : 10*i+10] {
			if !strings.HasPrefix(line, want) {
				t.Errorf("line %s, want %s", line, want)
			}
			if i == 0 && !strings.Contains(line, "title=replaceable-pat") {
				t.Errorf("not replaceable: %s", line)
			}
		}
	}
	const rest = "Not annotated, for GitHub shows 10 of a level in a step: 20 warnings, 5 notices."
	if lines[20] != rest {
		t.Errorf("got %s, want %s", lines[20], rest)
	}
}

// TestMarkdownLimit cuts whole rows, so that nothing stays open: of references,
// and of patches with many files and with large ones.
func TestMarkdownLimit(t *testing.T) {
	file := func(name string, lines int) string {
		return "--- a/" + name + "\n+++ b/" + name + "\n@@ -0,0 +1," + fmt.Sprint(lines) + " @@\n" + strings.Repeat("+      ```a line\n", lines)
	}
	for _, test := range []struct {
		references, limit int
		patch             string
		cut               bool
	}{
		{0, 0, "", false}, {20, 0, "", false}, {21, 0, "", false}, {300, 0, "", false}, {20000, 0, "", true},
		{1, 0, strings.Repeat(file("a.yml", 100), 2000), true}, {1, 0, file("a.yml", 100_000), true}, {20000, 0, strings.Repeat(file("a.yml", 100), 2000), true},
		{300, 65535, file("a.yml", 100), true}, {30, 65535, file("a.yml", 10), false}, {1, 65535, file("a.yml", 100_000) + file("b.yml", 1), true},
	} {
		limit := test.limit
		if limit == 0 {
			limit = 1 << 20
		}
		out := write(t, "markdown", crowd(test.references), Options{Patch: test.patch, Limit: test.limit, Page: sampleAddress})
		if len(out) > limit || test.cut && len(out) < limit/4 && test.patch == "" {
			t.Errorf("%d references, limit %d: %d bytes", test.references, limit, len(out))
		}
		if open, closed := strings.Count(out, "<details>"), strings.Count(out, "</details>"); open != closed {
			t.Errorf("%d references: %d opened, %d closed", test.references, open, closed)
		}
		if fences := regexp.MustCompile("(?m)^````*").FindAllString(out, -1); len(fences)%2 != 0 {
			t.Errorf("%d references: a block of code does not end", test.references)
		}
		if cut := strings.Contains(out, " cut here: a summary holds "+fmt.Sprint((limit+1)>>10)+" KiB"); cut != test.cut {
			t.Errorf("%d references, a patch of %d bytes, limit %d: cut is %v", test.references, len(test.patch), limit, cut)
		}
		if test.patch != "" && !strings.Contains(out, "for git apply") && !strings.Contains(out, "file cut here") && !strings.Contains(out, "files cut here") {
			t.Errorf("%d references: nothing is said of the patch", test.references)
		}
	}
}

// TestMarkdownCrossing says of a file with the line ends of Windows that its
// patch cannot be copied, and of no other.
func TestMarkdownCrossing(t *testing.T) {
	patch := "--- a/a.yml\n+++ b/a.yml\n@@ -1 +1 @@\n-a\r\n+b\r\n--- a/b.yml\n+++ b/b.yml\n@@ -1 +1 @@\n-a\n+b\n"
	out := write(t, "markdown", crowd(0), Options{Patch: patch})
	want := crossing + "```diff\n--- a/a.yml\n+++ b/a.yml\n@@ -1 +1 @@\n-a\n+b\n```\n\n```diff\n--- a/b.yml"
	if !strings.Contains(out, want) {
		t.Errorf("got %s, want in it %s", out, want)
	}
}

func TestPageAddress(t *testing.T) {
	const base = "https://github.com/patrol-actions/patrol/blob/"
	for version, want := range map[string]string{
		"v1.2.3": "v1.2.3", "": "main", "(devel)": "main", "v1.2.4-0.20260101000000-0123456789ab": "main", "v1.2.3+dirty": "main",
	} {
		if got := PageAddress(version, "exposed-pat"); got != base+want+"/rules/page/exposed-pat.md" {
			t.Errorf("%q: %s", version, got)
		}
	}
	if got := PageAddress("", "../a)b"); strings.ContainsAny(strings.TrimPrefix(got, base+"main/rules/page/"), "/ ") {
		t.Error(got)
	}
}

// TestMarkdownHoldsNoMarkup looks for markup that came from a repository.
func TestMarkdownHoldsNoMarkup(t *testing.T) {
	evil := sample()
	evil.Repositories = evil.Repositories[1:2]
	out := regexp.MustCompile("(?s)```.*?```").ReplaceAllString(write(t, "markdown", evil, Options{}), "")
	for _, bad := range []string{"<script", "@octocat", "https://evil", "[a]", "\x1b", "\u202e", "`", "javascript:alert(1))"} {
		if strings.Contains(out, bad) {
			t.Errorf("%q stands in it", bad)
		}
	}
	for line := range strings.Lines(out) {
		if n := strings.Count(line, "|"); n != 0 && n != 4 && n != 5 {
			t.Errorf("%d bars: %s", n, line)
		}
	}
}

func TestSARIF(t *testing.T) {
	var log sarifLog
	if err := json.Unmarshal([]byte(write(t, "sarif", sample(), Options{Open: openSample, Rules: sampleRules()})), &log); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, run := range log.Runs {
		ids = append(ids, run.AutomationDetails.ID)
		rules := run.Tool.Driver.Rules
		for _, result := range run.Results {
			if rules[result.RuleIndex].ID != result.RuleID {
				t.Errorf("rule %d is %s, not %s", result.RuleIndex, rules[result.RuleIndex].ID, result.RuleID)
			}
			for i, l := range result.RelatedLocations {
				if link := fmt.Sprintf("](%d)", i+1); l.ID != i+1 || !strings.Contains(result.Message.Text, link) {
					t.Errorf("related location %d is not linked in %s", l.ID, result.Message.Text)
				}
			}
			if strings.Contains(result.Message.Text, "](http") {
				t.Errorf("a link into the web: %s", result.Message.Text)
			}
		}
	}
	if slices.Sort(ids); len(slices.Compact(ids)) != 3 {
		t.Errorf("runs share an id: %v", ids)
	}
}

func TestRelativeURI(t *testing.T) {
	tests := map[string]string{
		".github/workflows/x.yml": ".github/workflows/x.yml",
		"a b/é%:#?.yml":           "a%20b/%C3%A9%25%3A%23%3F.yml",
		"/etc/passwd":             "etc/passwd",
		"../../x":                 "x",
		"c:x":                     "c%3Ax",
	}
	for in, want := range tests {
		if got := relativeURI(in); got != want {
			t.Errorf("relativeURI(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestSummarize(t *testing.T) {
	want := audit.Summary{
		Repositories: 3, Workflows: 5, References: 9, Replaceable: 2, Conditional: 1, NotReplaceable: 4, Unknown: 1, Other: 1,
		Errors: 5, Findings: 14, BySeverity: map[audit.Severity]int{"error": 2, "warning": 5, "notice": 7},
	}
	if diff := cmp.Diff(want, sample().Summary); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSort(t *testing.T) {
	r, reversed := sample(), sample()
	for _, repository := range reversed.Repositories {
		slices.Reverse(repository.Errors)
		slices.Reverse(repository.References)
		slices.Reverse(repository.Findings)
	}
	Sort(reversed)
	if diff := cmp.Diff(r, reversed); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestHeadline(t *testing.T) {
	only := func(verdicts ...audit.Verdict) *audit.Report {
		repository := &audit.Repository{Workflows: 1}
		for i, v := range verdicts {
			repository.References = append(repository.References, &audit.Reference{Secret: fmt.Sprint(i), Verdict: v})
		}
		return &audit.Report{Repositories: []*audit.Repository{repository}}
	}
	settled := func(r *audit.Report, which ...int) *audit.Report {
		for i, x := range r.Repositories[0].References {
			x.Remedy = audit.Remedy{Kind: audit.RemedyGitHubToken, JobPermissions: map[string]string{}}
			if slices.Contains(which, i) {
				x.Remedy.JobPermissions = nil
			}
		}
		return r
	}
	tests := []struct {
		report *audit.Report
		want   string
	}{
		{&audit.Report{}, "No workflow was read"},
		{only(audit.VerdictReplaceable), "1 reference to 1 secret in 1 workflow: 1 can be GITHUB_TOKEN today"},
		{only(audit.VerdictConditional, audit.VerdictNotReplaceable), "2 references to 2 secrets in 1 workflow: 1 can be GITHUB_TOKEN if a condition holds, 1 needs a token"},
		{settled(only(audit.VerdictReplaceable, audit.VerdictReplaceable), 0), "2 references to 2 secrets in 1 workflow: 1 can be GITHUB_TOKEN today, 1 needs no change of its own"},
		{settled(only(audit.VerdictReplaceable, audit.VerdictConditional, audit.VerdictReplaceable), 0, 2), "3 references to 3 secrets in 1 workflow: 1 can be GITHUB_TOKEN if a condition holds, 2 need no change of their own"},
		{only(audit.VerdictNone), "1 reference to 1 secret in 1 workflow: 1 not known"},
	}
	for _, test := range tests {
		if got := headline(test.report, func(n int) string { return fmt.Sprint(n) }); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

// FuzzRead reads anything and writes what it takes in every format.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"schema":1,"repositories":[{"repository":"o/r","references":[{"id":"a","uses":[{"via":[{}],"operations":[{}]}],"reasons":[{"evidence":[{}]}],"remedy":{"fine_grained":{}}}],"findings":[{"reference":"a","line":-1,"related":[{}]},{"reference":"a"}],"errors":[{}]}],"tokens":[{}]}`))
	var b bytes.Buffer
	if err := Write(&b, "json", sample(), Options{}); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, source []byte) {
		r, err := Read(bytes.NewReader(source))
		if err != nil {
			return
		}
		Sort(r)
		Summarize(r)
		open := func(*audit.Repository, string) ([]byte, error) { return source, nil }
		for _, format := range Formats() {
			if err := Write(&bytes.Buffer{}, format, r, Options{Open: open, Color: true, Verbose: 1}); err != nil {
				t.Errorf("%s: %v", format, err)
			}
		}
	})
}
