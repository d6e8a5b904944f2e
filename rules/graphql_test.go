package rules

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMutation(t *testing.T) {
	for _, test := range []struct {
		name    string
		given   map[string]string // "?" for a value that is not known
		needs   string
		answer  Answer
		reasons []string
		events  string
		open    string
	}{
		{"addComment", map[string]string{"object": "?"}, "issues:write|pull_requests:write", AnswerYes, nil, "issue_comment.created[body=arg:body]", "object=Issue object=PullRequest"},
		{"addComment", map[string]string{"object": "PullRequest"}, "pull_requests:write", AnswerYes, nil, "issue_comment.created[body=arg:body]", ""},
		{"addLabelsToLabelable", map[string]string{"object": "Issue"}, "issues:write", AnswerYes, nil, "issues.labeled", ""},
		{"resolveReviewThread", nil, "contents:write,pull_requests:write", AnswerYes, nil, "", ""},
		{"markPullRequestReadyForReview", nil, "contents:write,pull_requests:write", AnswerYes, nil, "pull_request.ready_for_review", ""},
		{"createPullRequest", nil, "pull_requests:write", AnswerConditional, []string{"pull-request-setting"}, "pull_request.opened[base=arg:baseRefName,head=arg:headRefName,title=arg:title]", ""},
		{"createRef", map[string]string{"name": "refs/tags/v1"}, "contents:write", AnswerYes, nil, "create[tag=arg:name] push:tag[tag=arg:name]", ""},
		{"addPullRequestReview", map[string]string{"event": "COMMENT"}, "pull_requests:write", AnswerYes, nil, "pull_request_review.submitted[body=arg:body]", ""},
		{"addPullRequestReview", map[string]string{"event": "APPROVE"}, "pull_requests:write", AnswerConditional, []string{"own-approval", "pull-request-setting"}, "pull_request_review.submitted[body=arg:body]", ""},
		{"createCommitOnBranch", map[string]string{"workflow-files": "yes", "protected": "?"}, "contents:write,workflows:write", AnswerNo, []string{"workflow-files"}, "push[branch=arg:branch.branchName,message=arg:message.headline]", "protected"},
		{"updateProjectV2ItemFieldValue", nil, "org:organization_projects:write", AnswerNo, []string{"projects"}, "", ""},
		{"updateIssue", map[string]string{"title": "x", "body": "y", "state": "CLOSED"}, "issues:write", AnswerYes, nil, "issues.edited issues.closed", ""},
		{"deletePackageVersion", nil, "packages:admin", AnswerConditional, []string{"package-access"}, "", ""},
	} {
		e, ok := Mutation(test.name)
		if !ok {
			t.Errorf("no mutation %s", test.name)
			continue
		}
		got := e.Resolve(func(name string) (string, bool, bool) {
			text, set := test.given[name]
			return text, text != "?", set
		})
		if got.Needs.Merge().String() != test.needs || got.Answer != test.answer {
			t.Errorf("%s %v: %s %s, want %s %s", test.name, test.given, got.Needs, got.Answer, test.needs, test.answer)
		}
		if diff := cmp.Diff(test.reasons, got.Reasons); diff != "" {
			t.Errorf("%s %v: %s", test.name, test.given, diff)
		}
		var events, open []string
		for _, event := range got.Events {
			events = append(events, event.String())
		}
		for _, c := range got.Cases {
			open = append(open, c.When.String())
		}
		if diff := cmp.Diff(strings.Fields(test.events), events, sorted); diff != "" {
			t.Errorf("%s %v: %s", test.name, test.given, diff)
		}
		if diff := cmp.Diff(strings.Fields(test.open), open, sorted); diff != "" {
			t.Errorf("%s %v: %s", test.name, test.given, diff)
		}
	}
	if _, ok := Mutation("doNothing"); ok {
		t.Error("found doNothing")
	}
}

func TestMutationKeepsItsEffect(t *testing.T) {
	before, _ := Mutation("addComment")
	text := before.Needs.String()
	before.Resolve(func(string) (string, bool, bool) { return "Issue", true, true })
	if after, _ := Mutation("addComment"); after.Needs.String() != text || len(after.Cases) != 2 {
		t.Errorf("Resolve changed the effect to %+v", after)
	}
}

func TestFieldNeeds(t *testing.T) {
	for _, test := range []struct {
		path    string
		needs   string
		public  bool
		answer  Answer
		reasons []string
		typ     string
		unknown string
	}{
		{"", "", true, AnswerYes, nil, "Query", ""},
		{"repository", "metadata:read", true, AnswerYes, nil, "Repository", ""},
		{"repository issues nodes title", "issues:read,metadata:read", true, AnswerYes, nil, "", ""},
		{"repository issues nodes projectItems nodes id", "issues:read,metadata:read,org:organization_projects:read", false, AnswerNo, []string{"projects"}, "", ""},
		{"repository pullRequest reviews edges node author login", "metadata:read,pull_requests:read", true, AnswerYes, nil, "", ""},
		{"repository object Commit! history nodes", "contents:read,metadata:read", true, AnswerYes, nil, "Commit", ""},
		{"repository vulnerabilityAlerts nodes", "metadata:read,vulnerability_alerts:read", false, AnswerYes, nil, "RepositoryVulnerabilityAlert", ""},
		{"repository branchProtectionRules", "administration:read,metadata:read", false, AnswerNo, []string{"administration"}, "BranchProtectionRuleConnection", ""},
		{"node", "", true, AnswerYes, nil, "Node", ""},
		{"node Issue! comments totalCount", "issues:read", true, AnswerYes, nil, "", ""},
		{"node PullRequestReviewThread! isResolved", "pull_requests:read", true, AnswerYes, nil, "", ""},
		{"organization projectV2 id", "org:organization_projects:read", false, AnswerNo, []string{"projects"}, "", ""},
		{"organization teams nodes name", "org:members:read", false, AnswerNo, []string{"organization-api"}, "", ""},
		{"viewer login", "", true, AnswerYes, nil, "", ""},
		{"viewer repositories nodes", "", false, AnswerNo, []string{"account-api"}, "Repository", ""},
		{"user projectV2 id", "org:organization_projects:read", false, AnswerNo, []string{"projects"}, "", ""},
		{"rateLimit remaining", "", true, AnswerYes, nil, "", ""},
		{"repository issues __typename", "issues:read,metadata:read", true, AnswerYes, nil, "", ""},
		{"repository magic wand", "metadata:read", true, AnswerYes, nil, "", "wand"},
		{"node Unheard! x", "", true, AnswerYes, nil, "Node", "Unheard"},
	} {
		got := FieldNeeds(strings.Fields(test.path))
		if got.Needs.String() != test.needs || got.Public != test.public || got.Answer != test.answer {
			t.Errorf("%s: %s public %v %s, want %s %v %s", test.path, got.Needs, got.Public, got.Answer, test.needs, test.public, test.answer)
		}
		if diff := cmp.Diff(test.reasons, got.Reasons); diff != "" || got.Type != test.typ || got.Unknown != test.unknown {
			t.Errorf("%s: type %q unknown %q\n%s", test.path, got.Type, got.Unknown, diff)
		}
	}
	got := FieldNeeds([]string{"repository", "issue", "title"})
	if diff := cmp.Diff([]string{"query Query.repository", "query Repository.issue", "query Issue"}, got.Operations); diff != "" {
		t.Error(diff)
	}
}

func FuzzFieldNeeds(f *testing.F) {
	f.Add("repository issues nodes Issue! viewer __typename")
	f.Fuzz(func(t *testing.T, path string) { FieldNeeds(strings.Fields(path)) })
}
