package rules

import "testing"

func TestRemarkIn(t *testing.T) {
	for _, test := range []struct {
		state         RemarkState
		comment, want string
	}{
		{RemarkKnown, "GITHUB_TOKEN is limited to 1,000 requests per hour", "rate-limit"},
		{RemarkKnown, "the rate limit of the default token is too low", "rate-limit"},
		{RemarkKnown, "without a token we run into the rate limit", ""},
		{RemarkKnown, "GITHUB_TOKEN does not trigger workflows", ""},
		{RemarkUnread, "GITHUB_TOKEN does not trigger workflows", "triggers-workflows"},
		{RemarkUnread, "a merge with the default token makes a push that triggers no workflow", "triggers-workflows"},
		{RemarkUnread, "the built-in token won't start the release", "triggers-workflows"},
		{RemarkUnread, "the default token can't run them on its pull requests", ""},
		{RemarkUnread, "a PAT so that the push triggers CI", "triggers-workflows"},
		{RemarkUnread, "using a personal access token will cause events to be triggered", "triggers-workflows"},
		{RemarkUnread, "we use a bot token here so that CI runs on the commit", "triggers-workflows"},
		{RemarkUnread, "the PAT is kept in the vault; ask there to run the checks", ""},
		{RemarkUnread, "Use token to allow workflows to be triggered for the created PR", ""},
		{RemarkUnread, "patch the files, and trigger the workflow manually", ""},
		{RemarkUnread, "GITHUB_TOKEN is not set here; the script will start a server", ""},
		{RemarkUnread, "GITHUB_TOKEN is limited to 1,000 requests per hour", ""},
		{RemarkKnown, "our tag rulesets block the default token from making tags", "protected-branch"},
		{RemarkKnown, "branch protection won't let GITHUB_TOKEN push here", "protected-branch"},
		{RemarkKnown, "GITHUB_TOKEN is rejected by the ruleset of main", "protected-branch"},
		{RemarkKnown, "GITHUB_TOKEN can't push to the protected branch", "protected-branch"},
		{RemarkKnown, "an admin's token, to get the commit in by an exception to branch protection", "protected-branch"},
		{RemarkKnown, "an admin is needed to evade the branch protection of checks", "protected-branch"},
		{RemarkKnown, "bypasses branch protection", "protected-branch"},
		{RemarkKnown, "Personal access token to push on a branch that is protected", "protected-branch"},
		{RemarkKnown, "this does not bypass branch protection", ""},
		{RemarkKnown, "a token to read branch protection rules, which GITHUB_TOKEN cannot", ""},
		{RemarkKnown, "scorecard wants it for its check of branch protection: GITHUB_TOKEN is not enough", ""},
		{RemarkKnown, "use a token to bypass rate limiting", ""},
		{RemarkKnown, "main has branch protection, and checks must pass", ""},
		{RemarkKnown, "GITHUB_TOKEN may push to the protected branch", ""},
		{RemarkUnread, "our tag rulesets block the default token from making tags", ""},
	} {
		remark, ok := RemarkIn(test.state, test.comment)
		if ok != (test.want != "") || remark.Reason != test.want {
			t.Errorf("%s, %q: %q, want %q", test.state, test.comment, remark.Reason, test.want)
		}
	}
}
