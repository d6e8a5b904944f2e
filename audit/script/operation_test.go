package script

import "testing"

func TestOperation(t *testing.T) {
	tests := map[string]string{
		"issues.createComment":                          "issues/create-comment",
		"rest.issues.createComment":                     "issues/create-comment",
		"repos.getContent":                              "repos/get-content",
		"repos.getContents":                             "repos/get-content",
		"codeScanning.listAlertsForRepo":                "code-scanning/list-alerts-for-repo",
		"rateLimit.get":                                 "rate-limit/get",
		"pulls.createReviewRequest":                     "pulls/request-reviewers",
		"repos.createStatus":                            "repos/create-commit-status",
		"actions.setGithubActionsPermissionsRepository": "actions/set-github-actions-permissions-repository",
		"gists.list":                                    "gists/list",
		"x":                                             "x",
		"a.getSHAOf":                                    "a/get-sha-of",
		"":                                              "",
	}
	for method, want := range tests {
		if got := Operation(method); got != want {
			t.Errorf("Operation(%q) = %q, want %q", method, got, want)
		}
	}
}
