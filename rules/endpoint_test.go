package rules

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOperationByID(t *testing.T) {
	for _, test := range []struct {
		id, operation, needs string
		reasons              []string
		answer               Answer
		scopes               []string
	}{
		{"issues/create-comment", "POST /repos/{owner}/{repo}/issues/{issue_number}/comments", "issues:write|pull_requests:write", nil, AnswerYes, []string{"repo"}},
		{"repos/create-release", "POST /repos/{owner}/{repo}/releases", "contents:write", nil, AnswerYes, []string{"repo"}},
		{"repos/upload-release-asset", "POST /repos/{owner}/{repo}/releases/{release_id}/assets", "contents:write", nil, AnswerYes, []string{"repo"}},
		// Both are needed, so GITHUB_TOKEN cannot switch Pages on.
		{"repos/create-pages-site", "POST /repos/{owner}/{repo}/pages", "administration:write,pages:write", []string{"administration"}, AnswerNo, []string{"repo"}},
		// Contents alone do not, though GitHub lists them.
		{"pulls/get", "GET /repos/{owner}/{repo}/pulls/{pull_number}", "pull_requests:read", nil, AnswerYes, []string{"repo"}},
		{"repos/delete", "DELETE /repos/{owner}/{repo}", "administration:write", []string{"administration"}, AnswerNo, []string{"delete_repo"}},
		{"users/get-authenticated", "GET /user", "", []string{"account-api"}, AnswerNo, nil},
		{"gists/create", "POST /gists", "account:gists:write", []string{"account-api"}, AnswerNo, []string{"gist"}},
		{"gists/get", "GET /gists/{gist_id}", "", nil, AnswerYes, nil},
		{"activity/list-notifications-for-authenticated-user", "GET /notifications", "", []string{"account-api"}, AnswerNo, []string{"notifications"}},
		{"projects/list-for-user", "GET /users/{username}/projectsV2", "", []string{"projects"}, AnswerNo, []string{"project"}},
		{"checks/create", "POST /repos/{owner}/{repo}/check-runs", "checks:write", nil, AnswerYes, nil},
		{"activity/list-stargazers-for-repo", "GET /repos/{owner}/{repo}/stargazers", "metadata:read", nil, AnswerYes, []string{"repo"}},
		{"teams/add-or-update-repo-permissions-in-org", "PUT /orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}", "administration:write,org:members:read", []string{"administration", "organization-api"}, AnswerNo, []string{"read:org", "repo"}},
		{"packages/delete-package-version-for-org", "DELETE /orgs/{org}/packages/{package_type}/{package_name}/versions/{package_version_id}", "packages:admin", []string{"package-access"}, AnswerConditional, []string{"delete:packages", "read:packages"}},
		{"repos/create-for-authenticated-user", "POST /user/repos", "administration:write", []string{"administration"}, AnswerNo, []string{"repo"}},
		{"activity/star-repo-for-authenticated-user", "PUT /user/starred/{owner}/{repo}", "account:starring:write", []string{"account-api"}, AnswerNo, []string{"repo"}},
		{"meta/get", "GET /meta", "", nil, AnswerYes, nil},
	} {
		e, ok := OperationByID(test.id)
		if !ok {
			t.Errorf("no operation %s", test.id)
			continue
		}
		if e.Operation() != test.operation || e.Needs.String() != test.needs {
			t.Errorf("%s: %s needs %q, want %s %q", test.id, e.Operation(), e.Needs, test.operation, test.needs)
		}
		effect := e.Effect()
		if diff := cmp.Diff(test.reasons, effect.Reasons); diff != "" || effect.Answer != test.answer {
			t.Errorf("%s: answer %s, reasons %s", test.id, effect.Answer, diff)
		}
		if diff := cmp.Diff(test.scopes, effect.Scopes); diff != "" {
			t.Errorf("%s: scopes %s", test.id, diff)
		}
	}
	if e, ok := OperationByID("issues/create-nothing"); ok {
		t.Errorf("found %v", e)
	}
	if e, ok := OperationByID(""); ok {
		t.Errorf("found %v without an id", e)
	}
}

func TestPublicEndpoints(t *testing.T) {
	for id, want := range map[string]bool{
		"repos/get": true, "issues/list-for-repo": true, "repos/get-content": true, "checks/list-for-ref": true,
		"repos/list-collaborators": false, "code-scanning/list-alerts-for-repo": false, "issues/create": false,
		"dependabot/list-alerts-for-repo": false, "repos/get-branch-protection": false, "markdown/render": false,
	} {
		e, ok := OperationByID(id)
		if !ok || e.Public != want {
			t.Errorf("%s: public %v (found %v), want %v", id, ok && e.Public, ok, want)
		}
		if ok && want && len(e.ClassicScopes(true)) > 0 {
			t.Errorf("%s: takes %q for public repositories", id, e.ClassicScopes(true))
		}
	}
}

func TestEndpointCases(t *testing.T) {
	merge, ok := OperationByID("pulls/merge")
	if !ok || !merge.WorkflowFiles {
		t.Fatalf("pulls/merge: %+v", merge)
	}
	given := map[string]bool{"workflow-files": true, "protected": false, "closing-keyword": false}
	effect := merge.Effect().Resolve(func(name string) (string, bool, bool) {
		set, known := given[name]
		return "true", known, set
	})
	want := Effect{
		Operations: []string{"PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge"},
		Needs:      mustNeeds(t, "contents:write,workflows:write"),
		Answer:     AnswerNo, Reasons: []string{"workflow-files"}, Scopes: []string{"repo"}, Confidence: "high",
	}
	if diff := cmp.Diff(want, effect); diff != "" {
		t.Error(diff)
	}
}
