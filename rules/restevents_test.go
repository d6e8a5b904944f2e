package rules

import (
	"slices"
	"strings"
	"testing"

	diff "github.com/google/go-cmp/cmp"
)

func TestRestEvents(t *testing.T) {
	tests := []struct {
		method, path string
		given        map[string]string
		// want are the events, those that may come with "?".
		want string
	}{
		{"POST", "/repos/{owner}/{repo}/issues", map[string]string{"title": "x"}, "issues.opened"},
		{"post", "repos/{a}/{b}/issues/", map[string]string{"labels": "bug"}, "issues.opened issues.labeled"},
		{"POST", "/repos/{owner}/{repo}/issues/{issue_number}/comments", nil, "issue_comment.created"},
		{"PATCH", "/repos/{owner}/{repo}/issues/comments/{comment_id}", nil, "issue_comment.edited"},
		{"POST", "/repos/{owner}/{repo}/issues/{issue_number}/labels", nil, "?issues.labeled ?pull_request.labeled"},
		{"POST", "/repos/{owner}/{repo}/issues/{issue_number}/labels", map[string]string{"object": "PullRequest"}, "pull_request.labeled"},
		{"PATCH", "/repos/{owner}/{repo}/issues/{issue_number}", map[string]string{"state": "closed", "object": "Issue"}, "issues.closed"},
		{"POST", "/repos/{owner}/{repo}/pulls", nil, "pull_request.opened"},
		{"PUT", "/repos/{owner}/{repo}/pulls/{pull_number}/merge", nil, "push pull_request.closed"},
		{"POST", "/repos/{owner}/{repo}/git/refs", map[string]string{"ref": "refs/tags/v1"}, "create push:tag"},
		{"POST", "/repos/{owner}/{repo}/git/refs", map[string]string{"ref": "refs/heads/x"}, "create push"},
		{"PATCH", "/repos/{owner}/{repo}/git/refs/{ref}", map[string]string{"ref": "heads/x"}, "push ?pull_request.synchronize"},
		{"DELETE", "/repos/{owner}/{repo}/git/refs/{ref}", map[string]string{"ref": "tags/v1"}, "delete"},
		{"PUT", "/repos/{owner}/{repo}/contents/{path}", nil, "push"},
		{"POST", "/repos/{owner}/{repo}/releases", map[string]string{"draft": "true"}, ""},
		{"POST", "/repos/{owner}/{repo}/releases", map[string]string{"new-ref": ""}, "release.created release.published release.released"},
		{"POST", "/repos/{owner}/{repo}/releases", map[string]string{"prerelease": "true"}, "?create ?push:tag release.created release.published release.prereleased"},
		{"PATCH", "/repos/{owner}/{repo}/releases/{release_id}", map[string]string{"name": "x"}, "release.edited"},
		{"PATCH", "/repos/{owner}/{repo}/releases/{release_id}", map[string]string{"draft": "true", "body": "x"}, "release.unpublished"},
		{"PATCH", "/repos/{owner}/{repo}/releases/{release_id}", map[string]string{"draft": "false"}, "release.edited release.published release.released ?create ?push:tag"},
		{"PATCH", "/repos/{owner}/{repo}/releases/{release_id}", map[string]string{"draft": "false", "prerelease": "true"}, "release.edited release.published ?create ?push:tag release.prereleased"},
		{"POST", "/repos/{owner}/{repo}/dispatches", nil, "repository_dispatch"},
		{"POST", "/repos/{owner}/{repo}/statuses/{sha}", nil, "status"},
		{"POST", "/repos/{owner}/{repo}/issues/{issue_number}/reactions", nil, ""},
		{"GET", "/repos/{owner}/{repo}/issues", nil, ""},
	}
	circumstances := []string{"object", "open-pull-request", "new-ref"}
	for _, test := range tests {
		var got []string
		for _, r := range RestEvents(test.method, test.path) {
			truth := r.When.Holds(func(name string) (string, bool, bool) {
				text, ok := test.given[name]
				return text, ok || !slices.Contains(circumstances, name), ok
			})
			for _, e := range r.Events {
				switch truth {
				case Yes:
					got = append(got, e.Key())
				case Maybe:
					got = append(got, "?"+e.Key())
				}
			}
		}
		if d := diff.Diff(test.want, strings.Join(got, " ")); d != "" {
			t.Errorf("%s %s %v: %s", test.method, test.path, test.given, d)
		}
	}
}

// TestRestEventTable checks the routes against the table of operations, and
// the events against those that workflows can listen to.
func TestRestEventTable(t *testing.T) {
	for _, r := range restEventRows().rows {
		method, path, _ := strings.Cut(r.route, " ")
		found := slices.ContainsFunc(Endpoints(), func(e *Endpoint) bool { return restRoute(e.Method, e.Path) == r.route })
		if !found || method == "GET" {
			t.Errorf("%s %s is no operation that writes", method, path)
		}
		if len(r.Events) == 0 {
			t.Errorf("%s: no events", r.route)
		}
		checkEvents(t, r.route, r.Events)
		for _, text := range attributes(r.Events) {
			text, _, _ = strings.Cut(text, "|")
			if !strings.HasPrefix(text, "arg:") && !slices.Contains([]string{"@base", "@head", "@default", "true", "false", "missing", "draft", "body", "approved", "changes_requested", "commented"}, text) {
				t.Errorf("%s: attribute %q", r.route, text)
			}
		}
	}
}
