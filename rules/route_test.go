package rules

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRoute(t *testing.T) {
	for _, test := range []struct {
		method, path, id string
		params           map[string]string
	}{
		{"POST", "/repos/o/r/issues/5/comments", "issues/create-comment", map[string]string{"owner": "o", "repo": "r", "issue_number": "5"}},
		{"get", "repos/{owner}/{repo}/pulls?state=open&x=a/b", "pulls/list", map[string]string{"owner": "{owner}", "repo": "{repo}"}},
		{"PATCH", "repos/:owner/:repo/issues/:number", "issues/update", map[string]string{"owner": ":owner", "repo": ":repo", "issue_number": ":number"}},
		{"", "/user", "users/get-authenticated", map[string]string{}},
		{"HEAD", "/repos/o/r/", "repos/get", map[string]string{"owner": "o", "repo": "r"}},
		{"GET", "/api/v3/repos/o/r/readme#x", "repos/get-readme", map[string]string{"owner": "o", "repo": "r"}},
		// Literals beat parameters.
		{"GET", "/repos/o/r/releases/latest", "repos/get-latest-release", map[string]string{"owner": "o", "repo": "r"}},
		{"GET", "/repos/o/r/releases/17", "repos/get-release", map[string]string{"owner": "o", "repo": "r", "release_id": "17"}},
		{"GET", "/repos/o/r/issues/comments/3", "issues/get-comment", map[string]string{"owner": "o", "repo": "r", "comment_id": "3"}},
		// Parameters of several segments.
		{"PUT", "/repos/o/r/contents/a/b/c.txt", "repos/create-or-update-file-contents", map[string]string{"owner": "o", "repo": "r", "path": "a/b/c.txt"}},
		{"GET", "/repos/o/r/git/ref/heads/main", "git/get-ref", map[string]string{"owner": "o", "repo": "r", "ref": "heads/main"}},
		{"DELETE", "/repos/o/r/git/refs/heads/a/b", "git/delete-ref", map[string]string{"owner": "o", "repo": "r", "ref": "heads/a/b"}},
		{"GET", "/repos/o/r/compare/main...me:feature/x", "repos/compare-commits-with-basehead", map[string]string{"owner": "o", "repo": "r", "basehead": "main...me:feature/x"}},
		{"GET", "/repos/o/r/branches/feature/x/protection", "repos/get-branch-protection", map[string]string{"owner": "o", "repo": "r", "branch": "feature/x"}},
		{"GET", "/repos/o/r/releases/tags/pkg/v1", "repos/get-release-by-tag", map[string]string{"owner": "o", "repo": "r", "tag": "pkg/v1"}},
		{"GET", "/repos/o/r/commits/feature/x/status", "repos/get-combined-status-for-ref", map[string]string{"owner": "o", "repo": "r", "ref": "feature/x"}},
		// Unknown text.
		{"POST", "/repos/ꀀ/ꀁ/issues/ꀂ/labels", "issues/add-labels", map[string]string{"owner": "ꀀ", "repo": "ꀁ", "issue_number": "ꀂ"}},
		{"GET", "/repos/o/r/contents/dir/ꀀ.json", "repos/get-content", map[string]string{"owner": "o", "repo": "r", "path": "dir/ꀀ.json"}},
		{"POST", "/repos/ꀀ/dispatches", "repos/create-dispatch-event", map[string]string{"owner": "ꀀ", "repo": "ꀀ"}},
		{"GET", "/repos/ꀀ/issues", "issues/list-for-repo", map[string]string{"owner": "ꀀ", "repo": "ꀀ"}},
		{"GET", "/repos/ꀀ___", "repos/get", map[string]string{"owner": "ꀀ___", "repo": "ꀀ___"}},
		{"GET", "/repos/ꀀ/name", "repos/get", map[string]string{"owner": "ꀀ", "repo": "name"}},
		{"PUT", "/repos/ꀀ/pulls/ꀁ/merge", "pulls/merge", map[string]string{"owner": "ꀀ", "repo": "ꀀ", "pull_number": "ꀁ"}},
		// By number.
		{"POST", "/repositories/123/issues", "issues/create", map[string]string{"repository_id": "123"}},
		{"GET", "/organizations/9/members", "orgs/list-members", map[string]string{"organization_id": "9"}},
		{"GET", "/repositories", "repos/list-public", map[string]string{}},
		{"GET", "/", "meta/root", map[string]string{}},
	} {
		e, params, ok := Route(test.method, test.path)
		if !ok || e.ID != test.id {
			t.Errorf("Route(%s, %s) = %v, want %s", test.method, test.path, e, test.id)
			continue
		}
		if diff := cmp.Diff(test.params, params); diff != "" {
			t.Errorf("Route(%s, %s): %s", test.method, test.path, diff)
		}
	}
}

func TestRouteRefuses(t *testing.T) {
	for _, path := range []string{
		"GET /nothing", "GET /repos", "GET /repos/o", "DELETE /", "BREW /user", "GET ", "POST /graphql",
		// Which of labels, comments and assignees is not known.
		"POST /repos/o/r/issues/5/ꀀ",
		"GET /ꀀ/o/r/issues",
		"GET /repos/o/r/issues/5/comments/6/7",
	} {
		method, path, _ := strings.Cut(path, " ")
		if e, _, ok := Route(method, path); ok && path != "" {
			t.Errorf("Route(%s, %s) = %s, want none", method, path, e.ID)
		}
	}
}

// TestRouteOwnTemplates takes every template as a path.
func TestRouteOwnTemplates(t *testing.T) {
	for _, e := range Endpoints() {
		if strings.Contains(e.Path, "}...{") {
			continue
		}
		got, _, ok := Route(e.Method, e.Path)
		if !ok || got != e {
			t.Errorf("Route(%s) = %v", e.Operation(), got)
		}
	}
}

func FuzzRoute(f *testing.F) {
	f.Add("GET", "/repos/ꀀ/contents/a//b?c#d")
	f.Add("", "repositories/1/git/refs/heads/"+strings.Repeat("x/", 200))
	f.Fuzz(func(t *testing.T, method, path string) {
		e, params, ok := Route(method, path)
		if ok != (e != nil) || ok != (params != nil) {
			t.Fatalf("Route(%q, %q) = %v, %v, %v", method, path, e, params, ok)
		}
	})
}
