package act

import (
	"net/http"
	"strings"
	"testing"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/github/githubtest"
)

// race moves the branch when a request of the App is about to go.
func race(h *hub, method, suffix string, do func()) {
	done := false
	h.before = func(r *http.Request) {
		if !done && r.Method == method && strings.HasSuffix(r.URL.Path, suffix) {
			done = true
			do()
		}
	}
}

func TestPullRequestRaces(t *testing.T) {
	files := map[string]string{file: workflowA}
	changed := map[string]string{file: "# A comment.\n" + workflowA}
	h := serve(t, world(all, files))
	var theirs string
	move := func() { theirs = h.commitAs(Branch, map[string]string{"NOTES.md": "Mine\n"}, nil) }

	// Somebody makes the branch before we do.
	race(h, "POST", "/git/refs", move)
	o := h.pull(h.actor, files)
	if o.Done != audit.DoneFailed || !strings.Contains(o.Message, "nothing was overwritten") || h.branch(Branch) != theirs || len(h.pulls()) != 0 {
		t.Errorf("%s", o)
	}
	h.send("DELETE", "/repos/octo/app/git/refs/heads/"+Branch, nil, nil)
	h.Forget()
	h.expect(h.pull(h.actor, files), audit.DoneCreated, "", 4)

	// Somebody pushes before we add to it.
	h.commitAs("main", changed, nil)
	race(h, "PATCH", "/git/refs/heads/"+Branch, move)
	o = h.pull(h.actor, changed)
	if o.Done != audit.DoneFailed || !strings.Contains(o.Message, "nothing was overwritten") || h.branch(Branch) != theirs {
		t.Errorf("%s", o)
	}

	// Somebody pushes before we delete it.
	h = serve(t, world(all, files))
	h.expect(h.pull(h.actor, files), audit.DoneCreated, "", 4)
	race(h, "PATCH", "/pulls/1", move)
	o = h.pull(h.actor, nil)
	if o.Done != audit.DoneClosed || !strings.Contains(o.Message, "was not deleted") || h.branch(Branch) != theirs {
		t.Errorf("%s", o)
	}
}

// What changes must be as it was audited.
func TestPullRequestBaseMoved(t *testing.T) {
	files := map[string]string{file: workflowA}
	h := serve(t, world(all, files))
	h.commitAs("main", map[string]string{file: "# New.\n" + workflowA}, nil)
	h.expect(h.pull(h.actor, files), audit.DoneSkipped, "audit it again", 0)
	h.commitAs("main", map[string]string{file: workflowA}, map[string]string{file: "120000"})
	h.expect(h.pull(h.actor, files), audit.DoneSkipped, "audit it again", 0)
	h.commitAs("main", map[string]string{file: workflowA, "README.md": "New\n"}, map[string]string{file: "100755"})
	h.expect(h.pull(h.actor, files), audit.DoneCreated, "", 4)
	var tree struct {
		Tree []treeRow `json:"tree"`
	}
	if _, err := h.person.Get(t.Context(), "/repos/octo/app/git/trees/"+h.branch(Branch), map[string][]string{"recursive": {"1"}}, &tree); err != nil {
		t.Fatal(err)
	}
	for _, row := range tree.Tree {
		if row.Path == file && row.Mode != "100755" {
			t.Errorf("the mode became %s", row.Mode)
		}
	}
	for base, done := range map[string]audit.Done{"": audit.DoneFailed, Branch: audit.DoneSkipped} {
		if o := h.actor.PullRequest(t.Context(), PullRequest{Repository: repo, Base: base, Plan: plan(files)}); o.Done != done {
			t.Errorf("%q: %s", base, o)
		}
	}
	missing := PullRequest{Repository: repo, Base: "gone", Plan: plan(map[string]string{otherFile: other})}
	h.send("PATCH", "/repos/octo/app/pulls/1", map[string]any{"state": "closed"}, nil)
	h.Forget()
	h.expect(h.actor.PullRequest(t.Context(), missing), audit.DoneSkipped, "branch is gone", 0)
}

func TestPullRequestDenied(t *testing.T) {
	files := map[string]string{file: workflowA}
	for _, test := range []struct {
		permissions, permission, message string
		writes                           int
	}{
		{"contents:read", pullPermission, "it takes contents: write, pull-requests: write", 0},
		{"contents:read,pull_requests:write", "contents: write", "it takes contents: write", 1},
		{"contents:write,pull_requests:write", refPermission, "GITHUB_TOKEN never has workflows", 3},
		{"contents:write,workflows:write,pull_requests:read", openPermission, "it takes pull-requests: write", 5},
	} {
		h := serve(t, world(test.permissions, files))
		o := h.pull(h.actor, files)
		if o.Permission != test.permission {
			t.Errorf("%s: %+v", test.permissions, o)
		}
		h.expect(o, audit.DoneSkipped, test.message, test.writes)
		if h.branch(Branch) != "" {
			t.Errorf("%s: a branch stays", test.permissions)
		}
	}
	w := world(all, files)
	w.Tokens[0].Job = true
	h := serve(t, w)
	h.expect(h.pull(h.actor, files), audit.DoneSkipped, "the settings of Actions do not let", 5)
	if h.branch(Branch) != "" {
		t.Error("a branch stays")
	}
	w = world(all, files)
	w.Repositories[0].Archived = true
	h = serve(t, w)
	h.expect(h.pull(h.actor, files), audit.DoneSkipped, "archived", 1)
	known := PullRequest{Repository: repo, Base: "main", Archived: true, Plan: plan(files)}
	h.expect(h.actor.PullRequest(t.Context(), known), audit.DoneSkipped, "archived", 0)
	if o := h.actor.PullRequest(t.Context(), PullRequest{Repository: "octo/none", Base: "main", Plan: plan(files)}); o.Done != audit.DoneSkipped {
		t.Errorf("%s", o)
	}
}

func TestPullRequestMaximum(t *testing.T) {
	files := map[string]string{file: workflowA}
	w := world(all, files)
	for _, name := range []string{"b", "c"} {
		w.Repositories = append(w.Repositories, githubtest.Repository{Owner: "octo", Name: name, Files: files})
	}
	h := serve(t, w)
	two := func(o *Options) { o.MaxPullRequests = 2 }
	for _, change := range [][]func(*Options){{two, dryRun}, {two}} {
		a := h.as("ghs_canaryRun", change...)
		var got []audit.Done
		for _, name := range []string{"octo/app", "octo/b", "octo/c", "octo/app"} {
			got = append(got, a.PullRequest(t.Context(), PullRequest{Repository: name, Base: "main", Plan: plan(files)}).Done)
		}
		last := audit.DoneSkipped
		if !a.dryRun {
			last = audit.DoneUnchanged
		}
		for i, want := range []audit.Done{audit.DoneCreated, audit.DoneCreated, audit.DoneSkipped, last} {
			if got[i] != want {
				t.Errorf("%v, the one at %d should be %s", got, i, want)
			}
		}
	}
}

// One that was refused does not count.
func TestPullRequestMaximumRefused(t *testing.T) {
	files := map[string]string{file: workflowA}
	h := serve(t, world(all, files), func(o *Options) { o.MaxPullRequests = 1 })
	h.Fail(githubtest.Match{Method: "POST", Template: "/repos/{owner}/{repo}/pulls", Times: 1}, githubtest.Fault{Status: 422, Body: `{"message":"Validation Failed"}`})
	h.expect(h.pull(h.actor, files), audit.DoneFailed, "Validation Failed", 5)
	h.expect(h.pull(h.actor, files), audit.DoneCreated, "", 4)
}
