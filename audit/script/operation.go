package script

import (
	"strings"
	"unicode"
)

// operationNames are methods of Octokit that do not follow from the
// operation's id by a change of case alone: digits join words there, and some
// methods were renamed and kept their old name beside the new one.
var operationNames = map[string]string{
	"issues.edit":                  "issues/update",
	"issues.addLabelsToIssue":      "issues/add-labels",
	"issues.replaceAllLabels":      "issues/set-labels",
	"issues.replaceLabels":         "issues/set-labels",
	"issues.getForRepo":            "issues/list-for-repo",
	"issues.checkAssignee":         "issues/check-user-can-be-assigned",
	"issues.listMilestonesForRepo": "issues/list-milestones",
	"pulls.createReviewRequest":    "pulls/request-reviewers",
	"pulls.deleteReviewRequest":    "pulls/remove-requested-reviewers",
	"pulls.listReviewRequests":     "pulls/list-requested-reviewers",
	"pulls.createComment":          "pulls/create-review-comment",
	"pulls.createCommentReply":     "pulls/create-reply-for-review-comment",
	"pulls.listComments":           "pulls/list-review-comments",
	"pulls.listCommentsForRepo":    "pulls/list-review-comments-for-repo",
	"pulls.getComment":             "pulls/get-review-comment",
	"pulls.updateComment":          "pulls/update-review-comment",
	"pulls.deleteComment":          "pulls/delete-review-comment",
	"repos.createStatus":           "repos/create-commit-status",
	"repos.listStatusesForRef":     "repos/list-commit-statuses-for-ref",
	"repos.getContents":            "repos/get-content",
	"repos.createOrUpdateFile":     "repos/create-or-update-file-contents",
	"repos.createFile":             "repos/create-or-update-file-contents",
	"repos.updateFile":             "repos/create-or-update-file-contents",
	"repos.listAssetsForRelease":   "repos/list-release-assets",
	"repos.createHook":             "repos/create-webhook",
	"repos.listHooks":              "repos/list-webhooks",
	"repos.deleteHook":             "repos/delete-webhook",
	"repos.replaceTopics":          "repos/replace-all-topics",
	"repos.listTopics":             "repos/get-all-topics",
	"repos.removeBranchProtection": "repos/delete-branch-protection",
	"orgs.addOrUpdateMembership":   "orgs/set-membership-for-user",
	"teams.listMembers":            "teams/list-members-in-org",
	"git.getRefs":                  "git/list-matching-refs",
}

// Operation turns the name of an Octokit method into the id of the
// operation: "issues.createComment" into "issues/create-comment",
// "codeScanning.listAlertsForRepo" into "code-scanning/list-alerts-for-repo".
// A leading "rest." is left out. Names that Octokit has long given up give
// the id of what took their place.
func Operation(method string) string {
	method = strings.TrimPrefix(method, "rest.")
	if id, ok := operationNames[method]; ok {
		return id
	}
	namespace, name, found := strings.Cut(method, ".")
	if !found {
		return kebab(method)
	}
	return kebab(namespace) + "/" + kebab(name)
}

// kebab turns camel case into words joined by dashes. A run of capitals is
// one word, as in "getSHA".
func kebab(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if unicode.IsUpper(r) && i > 0 {
			after := i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if !unicode.IsUpper(runes[i-1]) || after {
				b.WriteByte('-')
			}
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
