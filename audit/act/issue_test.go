package act

import (
	"bytes"
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/github/githubtest"
	"github.com/patrol-actions/patrol/audit/report"
)

// issue is one for tests.
func issue(body string, clean bool) Issue {
	return Issue{Repository: repo, Scope: "octo", Title: "Patrol", Body: body, Clean: clean}
}

type shownIssue struct {
	Number  int    `json:"number"`
	State   string `json:"state"`
	Reason  string `json:"state_reason"`
	Title   string `json:"title"`
	Body    string `json:"body"`
	User    user   `json:"user"`
	Updated string `json:"updated_at"`
}

func (h *hub) issues() []shownIssue {
	h.t.Helper()
	var all []shownIssue
	h.get("/repos/octo/app/issues", &all)
	var closed []shownIssue
	if _, err := h.person.Get(h.t.Context(), "/repos/octo/app/issues", map[string][]string{"state": {"closed"}}, &closed); err != nil {
		h.t.Fatal(err)
	}
	h.Forget()
	return append(all, closed...)
}

func TestIssueLife(t *testing.T) {
	h := serve(t, world("issues:write", nil))
	run := func(x Issue) audit.Outcome { return h.actor.Issue(t.Context(), x) }
	h.expect(run(issue("", true)), audit.DoneUnchanged, "nothing to report", 0)
	o := run(issue("one", false))
	if !strings.HasSuffix(o.URL, "/octo/app/issues/1") {
		t.Error(o.URL)
	}
	h.expect(o, audit.DoneCreated, "", 1)
	h.expect(run(issue("one\n", false)), audit.DoneUnchanged, "", 0)
	h.expect(run(issue("two", false)), audit.DoneUpdated, "", 1)
	h.send("PATCH", "/repos/octo/app/issues/1", map[string]any{"title": "Ours now"}, nil)
	h.Forget()
	h.expect(run(issue("two", false)), audit.DoneUnchanged, "", 0)
	h.expect(run(issue("clean", true)), audit.DoneClosed, "", 1)
	if got := h.issues(); len(got) != 1 || got[0].State != "closed" || got[0].Reason != "completed" || !strings.HasSuffix(got[0].Body, "\nclean") || got[0].Title != "Ours now" {
		t.Errorf("%+v", got)
	}
	h.expect(run(issue("clean", true)), audit.DoneUnchanged, "", 0)
	h.expect(run(issue("two", false)), audit.DoneReopened, "", 1)
	h.expect(run(issue("two", false)), audit.DoneUnchanged, "", 0)
	other := issue("other", false)
	other.Scope = "acme"
	h.expect(run(other), audit.DoneCreated, "", 1)
	if got := h.issues(); len(got) != 2 || got[1].State != "open" || got[0].User.Login != "run[bot]" {
		t.Errorf("%+v", got)
	}
}

// An issue that a person closed stays so until it would say something else.
func TestIssueClosedByPerson(t *testing.T) {
	h := serve(t, world("issues:write", nil))
	h.expect(h.actor.Issue(t.Context(), issue("one\n\ntwo", false)), audit.DoneCreated, "", 1)
	body := strings.ReplaceAll(h.issues()[0].Body, "\n", "\r\n") + "\r\n"
	h.send("PATCH", "/repos/octo/app/issues/1", map[string]any{"state": "closed", "body": body}, nil)
	h.Forget()
	h.expect(h.actor.Issue(t.Context(), issue("one\n\ntwo", false)), audit.DoneUnchanged, "a person closed it", 0)
	h.expect(h.actor.Issue(t.Context(), issue("three", false)), audit.DoneReopened, "", 1)
}

// Others may quote the marker, have our name, or write what we wrote.
func TestIssueOfOthers(t *testing.T) {
	h := serve(t, world("issues:write", nil))
	marker := issueMarker("octo")
	for _, value := range []string{"ghp_canaryPerson", "ghp_canaryNamesake", "ghs_canaryOther"} {
		if _, err := h.as(value).client.Send(t.Context(), "POST", "/repos/octo/app/issues", map[string]any{"title": "Mine", "body": marker + "\none"}, nil); err != nil {
			t.Fatal(err)
		}
	}
	// Ours, and not about this: what is quoted stands below.
	if _, err := h.actor.client.Send(t.Context(), "POST", "/repos/octo/app/issues", map[string]any{"title": "Quote", "body": "> " + marker + "\n" + marker}, nil); err != nil {
		t.Fatal(err)
	}
	h.Forget()
	h.expect(h.actor.Issue(t.Context(), issue("clean", true)), audit.DoneUnchanged, "nothing", 0)
	h.expect(h.actor.Issue(t.Context(), issue("one", false)), audit.DoneCreated, "", 1)
	h.expect(h.actor.Issue(t.Context(), issue("two", false)), audit.DoneUpdated, "", 1)
	// Where GitHub cannot look for the creator, all are looked at.
	h.Fail(githubtest.Match{When: func(r *http.Request) bool { return r.URL.Query().Has("creator") }}, githubtest.Fault{Status: 422, Body: `{"message":"Validation Failed"}`})
	h.expect(h.actor.Issue(t.Context(), issue("two", false)), audit.DoneUnchanged, "", 0)
	h.expect(h.actor.Issue(t.Context(), issue("two, again", false)), audit.DoneUpdated, "", 1)
	for _, i := range h.issues() {
		if i.Number <= 4 && (strings.Contains(i.Body, "two") || i.State != "open") {
			t.Errorf("an issue of others was changed: %+v", i)
		}
	}
}

// Two runs at once make two issues; the next run keeps the older one.
func TestIssueTwice(t *testing.T) {
	h := serve(t, world("issues:write", nil))
	body := issueMarker("octo") + "\none"
	for range 3 {
		if _, err := h.actor.client.Send(t.Context(), "POST", "/repos/octo/app/issues", map[string]any{"title": "Patrol", "body": body}, nil); err != nil {
			t.Fatal(err)
		}
	}
	h.Forget()
	h.expect(h.actor.Issue(t.Context(), issue("one", false)), audit.DoneUnchanged, "closed 2 more", 2)
	if got := h.issues(); got[0].Number != 1 || got[0].State != "open" || got[1].State != "closed" || got[1].Reason != "not_planned" {
		t.Errorf("%+v", got)
	}
	h.expect(h.actor.Issue(t.Context(), issue("one", false)), audit.DoneUnchanged, "", 0)
}

func TestIssueDryRun(t *testing.T) {
	h := serve(t, world("issues:write", nil))
	dry := h.as("ghs_canaryRun", dryRun)
	try := func(x Issue, done audit.Done) {
		t.Helper()
		o := dry.Issue(t.Context(), x)
		if !o.DryRun {
			t.Errorf("%s does not say that it is a dry run", o)
		}
		h.expect(o, done, "", 0)
	}
	try(issue("one", false), audit.DoneCreated)
	h.expect(h.actor.Issue(t.Context(), issue("one", false)), audit.DoneCreated, "", 1)
	try(issue("one", false), audit.DoneUnchanged)
	try(issue("two", false), audit.DoneUpdated)
	try(issue("clean", true), audit.DoneClosed)
	h.expect(h.actor.Issue(t.Context(), issue("clean", true)), audit.DoneClosed, "", 1)
	try(issue("one", false), audit.DoneReopened)
}

func TestIssueDenied(t *testing.T) {
	h := serve(t, world("issues:read", nil))
	o := h.actor.Issue(t.Context(), issue("one", false))
	if o.Permission != "issues: write" {
		t.Errorf("%+v", o)
	}
	h.expect(o, audit.DoneSkipped, "it takes issues: write", 1)
	missing := issue("one", false)
	missing.Repository = "octo/none"
	h.expect(h.actor.Issue(t.Context(), missing), audit.DoneSkipped, "it takes issues: write", 0)

	h = serve(t, world("issues:write", nil))
	h.Fail(githubtest.Match{Template: "/repos/{owner}/{repo}/issues"}, githubtest.Fault{Status: 410, Body: `{"message":"Issues are disabled for this repo"}`})
	h.expect(h.actor.Issue(t.Context(), issue("one", false)), audit.DoneSkipped, "turned off", 0)
	h.Heal()
	h.Fail(githubtest.Match{Method: "POST"}, githubtest.Fault{Status: 403, Body: `{"message":"Repository was archived so is read-only."}`})
	h.expect(h.as("ghp_canaryPerson").Issue(t.Context(), issue("one", false)), audit.DoneSkipped, "", 0)
}

// A pull request is no issue, though GitHub lists it among them.
func TestIssuePullRequest(t *testing.T) {
	h := serve(t, world("issues:write", nil))
	h.Fail(githubtest.Match{Method: "GET", Times: 1}, githubtest.Fault{Status: 200, Body: `[{"number":1,"state":"open","user":{"login":"run[bot]","type":"Bot"},"pull_request":{"url":"x"},"body":"` + issueMarker("octo") + `"}]`})
	h.expect(h.actor.Issue(t.Context(), issue("one", false)), audit.DoneCreated, "", 1)
}

// active is what GitHub acts on outside of code: mentions, references, links.
var active = regexp.MustCompile(`(?i)@[a-z0-9]|#[0-9]|\bgh-[0-9]|://evil`)

// unfenced is Markdown without its blocks of code.
func unfenced(markdown string) string {
	var b strings.Builder
	var open structure
	for line := range strings.Lines(markdown) {
		open.read(strings.TrimRight(line, "\r\n"))
		if open.fence == "" {
			b.WriteString(line)
		}
	}
	return b.String()
}

// inert checks that GitHub would act on nothing in Markdown of ours. In code
// it acts on nothing; elsewhere it does so in the page, where entities are
// characters.
func inert(t *testing.T, body string) {
	t.Helper()
	if !strings.Contains(body, "octo/team") {
		t.Error("the hostile words are nowhere, so that this shows nothing")
	}
	plain := unfenced(body)
	if strings.Contains(plain, "<script") || strings.Count(plain, "<!--") != 1 || strings.ContainsRune(plain, '\u202e') {
		t.Errorf("markup of a repository is in\n%s", plain)
	}
	page := html.UnescapeString(regexp.MustCompile(`<code>[^<]*</code>`).ReplaceAllString(plain, ""))
	if found := active.FindString(page); found != "" {
		t.Errorf("%q is active in\n%s", found, page)
	}
}

// hostile is what people may call things.
const hostile = "@octo/team #1 GH-2 octo/app#3 `x` | <script>alert(1)</script> ![](https://evil) %0a\n## h <!-- patrol:issue 0 --> \u202e"

// TestIssueHostile puts the summary of a hostile report into an issue.
func TestIssueHostile(t *testing.T) {
	name := repo
	r := &audit.Report{Repositories: []*audit.Repository{{
		Name: &name,
		References: []*audit.Reference{{
			ID: "x", Secret: hostile, File: hostile, Line: 3, Credential: audit.CredentialGitHub, Verdict: audit.VerdictReplaceable,
			Reasons: []audit.Reason{{Code: hostile, Detail: hostile, Evidence: []audit.Place{{File: hostile, Line: 1, Text: hostile}}}},
			Uses:    []*audit.Use{{Job: hostile, File: hostile, What: hostile}},
			Remedy:  audit.Remedy{Kind: audit.RemedyGitHubToken, Summary: hostile, JobPermissions: map[string]string{"contents": "read"}, UnknownSteps: []string{hostile}},
		}},
		Findings: []*audit.Finding{{Rule: hostile, Severity: audit.SeverityError, Message: hostile, File: hostile, Fix: hostile}},
		Errors:   []audit.Problem{{File: hostile, Message: hostile}},
	}}}
	var text bytes.Buffer
	if err := report.Write(&text, "markdown", r, report.Options{Patch: "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-" + hostile + "\n"}); err != nil {
		t.Fatal(err)
	}
	h := serve(t, world("issues:write", nil))
	h.expect(h.actor.Issue(t.Context(), issue(text.String(), false)), audit.DoneCreated, "", 1)
	h.expect(h.actor.Issue(t.Context(), issue(text.String(), false)), audit.DoneUnchanged, "", 0)
	inert(t, h.issues()[0].Body)
}

// A summary that is too long is cut, and the cut one is compared.
func TestIssueLong(t *testing.T) {
	h := serve(t, world("issues:write", nil))
	long := "## Long\n\n<details><summary>All</summary>\n\n" + strings.Repeat("- é a line that is one of very many\n", 4000) + "\n</details>\n"
	h.expect(h.actor.Issue(t.Context(), issue(long, false)), audit.DoneCreated, "", 1)
	body := h.issues()[0].Body
	if !strings.HasPrefix(body, issueMarker("octo")+"\n## Long") || !strings.HasSuffix(body, "many\n\n</details>\n\n_Cut here: an issue holds 65,536 characters. The JSON report has all._\n") {
		t.Errorf("%d characters: %s … %s", len(body), body[:100], body[len(body)-200:])
	}
	h.expect(h.actor.Issue(t.Context(), issue(long, false)), audit.DoneUnchanged, "", 0)
}

func TestCutBody(t *testing.T) {
	for _, test := range []struct {
		text  string
		limit int
		want  string
	}{
		{"a\nb\n", 4, "a\nb\n"},
		{"aaaa\nbbbb\ncccc\n", 13, "aaaa\n\nCUT\n"},
		{"```yaml\naaaaaaaaaa\nbbbbbbbbbb\n```\n", 30, "```yaml\naaaaaaaaaa\n```\n\nCUT\n"},
		{"````\n```\naaaaaaaaaa\nbbbbbbbbbb\n````\n", 32, "````\n```\naaaaaaaaaa\n````\n\nCUT\n"},
		{"<details><summary>x</summary>\n\naaaa\nbbbbbbbbbbbbbbbbbbbbbbb\n</details>\n", 60, "<details><summary>x</summary>\n\naaaa\n\n</details>\n\nCUT\n"},
		{"aaaaaaaaaaaaaaaaaaaaaaaa", 10, ""},
	} {
		if got := cutBody(test.text, test.limit, "CUT"); got != test.want {
			t.Errorf("%q at %d: %q, want %q", test.text, test.limit, got, test.want)
		}
	}
}

func FuzzCutBody(f *testing.F) {
	f.Add("```\na\n```\n<details>\nb\n</details>\n", 20)
	f.Add("````\n```\n@@", 9)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		got := cutBody(text, limit, "CUT")
		if len(got) > max(limit, 0) && len(got) > 0 {
			t.Errorf("%d bytes, more than %d", len(got), limit)
		}
		if got == text {
			return
		}
		var open structure
		for line := range strings.Lines(got) {
			open.read(strings.TrimRight(line, "\r\n"))
		}
		if open.closing() != "" {
			t.Errorf("%q leaves %q open", got, open.closing())
		}
	})
}
