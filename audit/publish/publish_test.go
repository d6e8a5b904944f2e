package publish

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/github"
	"github.com/patrol-actions/patrol/audit/github/githubtest"
	"github.com/patrol-actions/patrol/audit/github/githubtest/connect"
	"github.com/patrol-actions/patrol/audit/report"
)

const value = "ghs_canaryRun"

const before, after = "on: push\njobs:\n  a:\n    steps: []\n", "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: gh issue list\n        env:\n          GH_TOKEN: ${{ secrets.BOT_PAT }}\n"

const file = ".github/workflows/a.yml"

// serve starts a GitHub with a pull request that changes a workflow.
func serve(t *testing.T, permissions string) (*githubtest.Server, *Publisher) {
	t.Helper()
	world := githubtest.World{
		Users:         []githubtest.User{{Login: "monalisa"}},
		Organizations: []githubtest.Organization{{Login: "octo", Members: map[string]string{"monalisa": "admin"}}},
		Repositories: []githubtest.Repository{{
			Owner: "octo", Name: "app", Visibility: githubtest.Private, Files: map[string]string{file: before},
			Branches: map[string]map[string]string{"topic": {file: after}},
			Lists: map[string][]githubtest.Object{
				"pulls":         {{"number": 7, "title": "Topic"}},
				"pulls/7/files": {{"filename": file, "status": "modified", "patch": "@@ -1,4 +1,8 @@\n on: push\n jobs:\n   a:\n-    steps: []\n+    runs-on: x\n+    steps:\n+      - run: gh issue list\n+        env:\n+          GH_TOKEN: ${{ secrets.BOT_PAT }}"}},
			},
		}},
		Tokens: []githubtest.Token{{Name: "run", Value: value, Kind: githubtest.Installation, Owner: "octo", Repositories: []string{"app"}, Permissions: permissions, Job: true}},
	}
	server := githubtest.New(t, world)
	c := connect.Client(t, server, value)
	var branch struct {
		Commit struct {
			SHA string `json:"sha"`
		} `json:"commit"`
	}
	if _, err := c.Get(t.Context(), "/repos/octo/app/branches/topic", nil, &branch); err != nil {
		t.Fatal(err)
	}
	p, err := New(c, Target{Repository: "octo/app", Commit: branch.Commit.SHA, PullRequest: 7})
	if err != nil {
		t.Fatal(err)
	}
	server.Forget()
	return server, p
}

func annotations(n int) []report.Annotation {
	var out []report.Annotation
	for i := range n {
		out = append(out, report.Annotation{Level: audit.SeverityWarning, Title: "A title", Message: fmt.Sprintf("Message %d", i), File: file, Line: 1 + i%8, EndLine: 1 + i%8, Column: 3, EndColumn: 9})
	}
	return append(out, report.Annotation{Level: audit.SeverityError, Message: "of no file"})
}

func TestCheckRun(t *testing.T) {
	for _, test := range []struct{ annotations, requests int }{{0, 2}, {50, 3}, {120, 5}} {
		server, p := serve(t, "contents:read,checks:write")
		url, err := p.CheckRun(t.Context(), Check{Title: strings.Repeat("é", 200), Summary: strings.Repeat("x", MaxSummary+9), Annotations: annotations(test.annotations)})
		if err != nil || url == "" {
			t.Fatalf("%q %v", url, err)
		}
		if n := len(server.Writes()); n != test.requests {
			t.Errorf("%d annotations: %d requests, want %d", test.annotations, n, test.requests)
		}
		var runs struct {
			Runs []struct {
				Status     string `json:"status"`
				Conclusion string `json:"conclusion"`
				Output     struct {
					Count int `json:"annotations_count"`
				} `json:"output"`
			} `json:"check_runs"`
		}
		if _, err := p.client.Get(t.Context(), "/repos/octo/app/commits/"+p.target.Commit+"/check-runs", nil, &runs); err != nil {
			t.Fatal(err)
		}
		if len(runs.Runs) != 1 || runs.Runs[0].Status != "completed" || runs.Runs[0].Conclusion != "neutral" || runs.Runs[0].Output.Count != test.annotations {
			t.Errorf("%+v", runs)
		}
	}
}

func TestCheckRunDenied(t *testing.T) {
	_, p := serve(t, "contents:read")
	_, err := p.CheckRun(t.Context(), Check{Title: "t", Summary: "s"})
	var denied *Denied
	if !errors.As(err, &denied) || denied.Permission != "checks: write" || !strings.Contains(err.Error(), "takes checks: write") {
		t.Errorf("%v", err)
	}
}

func TestConclusion(t *testing.T) {
	for want, c := range map[string]Check{"failure": {Failed: true}, "success": {Clean: true}, "neutral": {}} {
		if got := c.conclusion(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// replace proposes to change some lines of the workflow.
func replace(id string, from, to int, text string) Proposal {
	return Proposal{ID: id, Why: "GITHUB_TOKEN does this.", Suggestions: []Suggestion{suggestion(from, to, text)}}
}

// suggestion changes lines of the workflow, as they are on the topic branch.
func suggestion(from, to int, text string) Suggestion {
	all := append(strings.SplitAfter(strings.TrimSuffix(after, "\n"), "\n"), slices.Repeat([]string{"\n"}, to)...)
	return Suggestion{File: file, StartLine: from, EndLine: to, Before: strings.Join(all[from-1:to], ""), Text: text}
}

func TestReview(t *testing.T) {
	server, p := serve(t, "contents:read,pull_requests:write")
	inside := replace("one", 8, 8, "          GH_TOKEN: ${{ github.token }}\n")
	several := replace("two", 4, 5, "    runs-on: x\n    permissions: {}\n    steps:\n")
	several.Suggestions = append(several.Suggestions, suggestion(6, 6, ""))
	outside := replace("three", 8, 8, "x\n")
	outside.Suggestions = append(outside.Suggestions, suggestion(20, 21, "x\n"))
	elsewhere := Proposal{ID: "four", Suggestions: []Suggestion{{File: "README.md", StartLine: 1, EndLine: 1, Before: "Read me\n", Text: "x\n"}}}
	got, err := p.Review(t.Context(), []Proposal{inside, several, outside, elsewhere, {ID: "five"}})
	if err != nil {
		t.Fatal(err)
	}
	want := Reviewed{Posted: []Proposal{inside, several}, Outside: []Proposal{outside, elsewhere, {ID: "five"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("first -want +got:\n%s", diff)
	}
	if n := len(server.Writes()); n != 1 {
		t.Errorf("%d requests that write, want one review", n)
	}

	// A later push: what is there is not posted again, what no longer holds
	// is folded away.
	server.Forget()
	got, err = p.Review(t.Context(), []Proposal{inside, outside, elsewhere})
	if err != nil {
		t.Fatal(err)
	}
	want = Reviewed{There: []Proposal{inside}, Outside: []Proposal{outside, elsewhere}, Outdated: 2}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("second -want +got:\n%s", diff)
	}
	if writes := server.Writes(); len(writes) != 2 || len(server.Minimized()) != 2 {
		t.Errorf("%v, folded away %v", writes, server.Minimized())
	}

	// What is folded away stays so, and is not counted again.
	server.Forget()
	got, err = p.Review(t.Context(), []Proposal{inside, outside, elsewhere})
	if err != nil {
		t.Fatal(err)
	}
	want.Outdated = 0
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("third -want +got:\n%s", diff)
	}
	if writes := server.Writes(); len(writes) != 0 {
		t.Errorf("the third run wrote %v", writes)
	}
}

// Where GitHub does not say what is folded away, all that is outdated is.
func TestFoldUnknown(t *testing.T) {
	server, p := serve(t, "contents:read,pull_requests:write")
	one := replace("one", 8, 8, "x\n")
	if _, err := p.Review(t.Context(), []Proposal{one}); err != nil {
		t.Fatal(err)
	}
	server.Fail(githubtest.Match{Path: "/graphql", Times: 1}, githubtest.Fault{Status: 403})
	got, err := p.Review(t.Context(), nil)
	if err != nil || got.Outdated != 1 || len(server.Minimized()) != 1 {
		t.Errorf("%+v %v, folded away %v", got, err, server.Minimized())
	}
}

func TestReviewDenied(t *testing.T) {
	server, p := serve(t, "contents:read,pull_requests:read")
	_, err := p.Review(t.Context(), []Proposal{replace("one", 8, 8, "x\n")})
	var denied *Denied
	if !errors.As(err, &denied) || denied.Permission != "pull-requests: write" {
		t.Errorf("%v", err)
	}
	if comments := len(server.Minimized()); comments != 0 {
		t.Error("a comment was folded away")
	}
}

func TestBody(t *testing.T) {
	p := Proposal{ID: "a:b", Why: "why"}
	for text, want := range map[string]string{
		"":       "why\n\n```suggestion\n```\n<!-- patrol:a:b -->",
		"a\n":    "why\n\n```suggestion\na\n```\n<!-- patrol:a:b -->",
		"a":      "why\n\n```suggestion\na\n```\n<!-- patrol:a:b -->",
		"```\nx": "why\n\n````suggestion\n```\nx\n````\n<!-- patrol:a:b -->",
	} {
		if got := p.body(Suggestion{Text: text}); got != want {
			t.Errorf("%q: %s", text, got)
		}
	}
}

func TestChangedLines(t *testing.T) {
	for patch, want := range map[string][]int{
		"":                        nil,
		"@@ -0,0 +1,2 @@\n+a\n+b": {1, 2},
		"@@ -3,2 +5,3 @@ x\n a\n-b\n+c\n+d\n\\ No newline at end of file": {5, 6, 7},
		"@@ -1 +1 @@\n-a\n+b\n@@ -9,1 +9,1 @@\n c":                        {1, 9},
		"@@ broken\n+a": nil, "+a\n+b": nil, "@@ -1 +99999999999999999999 @@\n+a": nil,
	} {
		var got []int
		for n := range changedLines(patch) {
			got = append(got, n)
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q -want +got:\n%s", patch, diff)
		}
	}
}

// The workspace may hold other lines than the head of the pull request does.
func TestWithin(t *testing.T) {
	lines := changedLines("@@ -3,2 +5,3 @@\n a\n-b\n+c\n+")
	for _, test := range []struct {
		from, to int
		before   string
		want     bool
	}{
		{5, 7, "a\nc\n\n", true}, {6, 6, "c", true}, {7, 7, "\n", true},
		{6, 6, "b\n", false}, {5, 6, "c\na\n", false}, {5, 6, "a\n", false}, {5, 5, "a\nc\n", false},
		{4, 5, "x\na\n", false}, {7, 8, "\n\n", false}, {0, 0, "a\n", false}, {6, 5, "", false},
	} {
		if got := within(lines, Suggestion{StartLine: test.from, EndLine: test.to, Before: test.before}); got != test.want {
			t.Errorf("%+v: %v", test, got)
		}
	}
}

func FuzzChangedLines(f *testing.F) {
	f.Add("@@ -1,2 +3,4 @@\n a\n-b\n+c")
	f.Fuzz(func(t *testing.T, patch string) {
		for n := range changedLines(patch) {
			if n < 1 && !strings.Contains(patch, "+0") {
				t.Errorf("line %d of %q", n, patch)
			}
		}
	})
}

func TestNew(t *testing.T) {
	_, p := serve(t, "contents:read")
	for _, target := range []Target{{Repository: "octo", Commit: "a"}, {Repository: "octo/app"}, {Repository: "octo/../x", Commit: "a"}, {Repository: "octo/..", Commit: "a"}} {
		if _, err := New(p.client, target); err == nil {
			t.Errorf("%+v is taken", target)
		}
	}
	host, err := github.ParseHost("https://api.github.com")
	if err != nil {
		t.Fatal(err)
	}
	reader, err := github.New(github.Options{Host: host, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := New(reader, Target{Repository: "octo/app", Commit: "a"}); err == nil {
		t.Error("a client that only reads is taken")
	}
}
