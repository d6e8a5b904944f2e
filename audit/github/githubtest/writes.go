package githubtest

// writes are the operations that change something, and those that read what
// only a write makes.
var writes = map[string]handler{
	"GET /repos/{owner}/{repo}/issues":                          issues,
	"POST /repos/{owner}/{repo}/issues":                         createIssue,
	"GET /repos/{owner}/{repo}/issues/{issue_number}":           issue,
	"PATCH /repos/{owner}/{repo}/issues/{issue_number}":         updateIssue,
	"POST /repos/{owner}/{repo}/issues/{issue_number}/comments": createComment,
	"GET /repos/{owner}/{repo}/issues/comments/{comment_id}":    comment,
	"PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}":  updateComment,
	"GET /repos/{owner}/{repo}/pulls":                           pulls,
	"POST /repos/{owner}/{repo}/pulls":                          createPull,
	"GET /repos/{owner}/{repo}/pulls/{pull_number}":             pull,
	"PATCH /repos/{owner}/{repo}/pulls/{pull_number}":           updatePull,
	"GET /repos/{owner}/{repo}/pulls/{pull_number}/files":       pullFiles,
	"POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews":    createReview,
	"GET /repos/{owner}/{repo}/pulls/{pull_number}/comments":    pullComments,
	"POST /repos/{owner}/{repo}/check-runs":                     createCheckRun,
	"GET /repos/{owner}/{repo}/check-runs/{check_run_id}":       checkRun,
	"PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}":     updateCheckRun,
	"GET /repos/{owner}/{repo}/commits/{ref}/check-runs":        checkRunsOf,
	"POST /repos/{owner}/{repo}/code-scanning/sarifs":           uploadSarif,
	"GET /repos/{owner}/{repo}/code-scanning/sarifs/{sarif_id}": sarifStatus,
	"GET /repos/{owner}/{repo}/code-scanning/analyses":          analyses,
	"POST /repos/{owner}/{repo}/git/blobs":                      createBlob,
	"POST /repos/{owner}/{repo}/git/trees":                      createTree,
	"POST /repos/{owner}/{repo}/git/commits":                    createCommit,
	"POST /repos/{owner}/{repo}/git/refs":                       createRef,
	"PATCH /repos/{owner}/{repo}/git/refs/{ref}":                updateRef,
	"DELETE /repos/{owner}/{repo}/git/refs/{ref}":               deleteRef,
}
