package rules

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// actionAnswers are the words under "answer", by what the row is about.
var (
	actionAnswers   = []string{"yes", "no", "conditional", "other", "unknown"}
	actionLanguages = []string{"bash", "pwsh", "javascript", "graphql", "route"}
	// actionReasons are the codes that a row may give.
	actionReasons = []string{
		"other-repository", "other-owner", "triggers-workflows", "workflow-files", "administration",
		"organization-api", "account-api", "projects", "protected-branch", "package-access",
		"own-approval", "user-only", "token-lifetime", "rate-limit", "pull-request-setting",
		"approval-required", "private-submodules", "reduced-function", "organization-policy", "unknown-caller",
	}
	// workflowKeys are the keys under permissions.
	workflowKeys = []string{
		"actions", "artifact-metadata", "attestations", "checks", "code-quality", "contents",
		"copilot-requests", "deployments", "discussions", "id-token", "issues", "models", "packages",
		"pages", "pull-requests", "security-events", "statuses", "vulnerability-alerts",
	}
)

func actionTable(t *testing.T) *table {
	t.Helper()
	table, err := openTable("actions")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(actionColumns, table.columns); diff != "" {
		t.Fatalf("columns (-want +got):\n%s", diff)
	}
	return table
}

func TestActionTableOrder(t *testing.T) {
	table := actionTable(t)
	seen := map[[2]string]bool{}
	last := ""
	for i, r := range table.rows {
		action, token := r.cells[0], r.cells[1]
		if action != strings.ToLower(action) || strings.ContainsAny(action, " @") || !strings.Contains(action, "/") {
			t.Errorf("line %d: action %q: want owner/repo[/path] in lower case", r.line, action)
		}
		if action < last {
			t.Errorf("line %d: %s stands after %s", r.line, action, last)
		}
		last = action
		key := [2]string{action, token}
		same := i > 0 && table.rows[i-1].cells[0] == action && table.rows[i-1].cells[1] == token
		first := !same
		switch {
		case first && seen[key]:
			t.Errorf("line %d: %s %s: the rows of a token stand apart", r.line, action, token)
		case first && (r.cell("mode") != "" || r.cell("when") != ""):
			t.Errorf("line %d: %s %s: the first row is the base and has no condition", r.line, action, token)
		case !first && r.cell("when") == "" && r.cell("mode") != "?":
			t.Errorf("line %d: %s %s: a second base", r.line, action, token)
		}
		seen[key] = true
	}
	if n := len(Actions()); n < 400 {
		t.Errorf("%d actions: want at least 400", n)
	}
}

func TestActionTableCells(t *testing.T) {
	for _, r := range actionTable(t).rows {
		for column, cell := range r.cells {
			if cell == "" || strings.TrimSpace(cell) != cell {
				t.Errorf("line %d: column %s is %q: nothing is written as \"-\"", r.line, actionColumns[column], cell)
			}
		}
		if _, err := parseActionMay(r); r.cell("mode") == "?" && err != nil {
			t.Error(err)
		}
		if _, err := parseActionRow(r); err != nil {
			t.Errorf("line %d: %v", r.line, err)
		}
		checkActionWords(t, r)
	}
}

func checkActionWords(t *testing.T, r row) {
	t.Helper()
	answer, mode := r.cell("answer"), r.cell("mode")
	token, _, special := strings.Cut(r.cell("token"), ":")
	if !special {
		token = ""
	}
	switch {
	case token == "output":
		if answer != "mints" {
			t.Errorf("line %d: answer %q of an output: want mints", r.line, answer)
		}
	case token == "by-actor":
		if answer != "actor" || strings.HasSuffix(r.cell("token"), ":") {
			t.Errorf("line %d: %s with answer %q: want inputs, and actor", r.line, r.cell("token"), answer)
		}
	case token == "by-author":
		if answer != "author" || strings.HasSuffix(r.cell("token"), ":") {
			t.Errorf("line %d: %s with answer %q: want inputs, and author", r.line, r.cell("token"), answer)
		}
	case token == "payload":
		if answer != "payload" || strings.HasSuffix(r.cell("token"), ":") {
			t.Errorf("line %d: %s with answer %q: want inputs, and payload", r.line, r.cell("token"), answer)
		}
	case token == "names":
		if answer != "names" || strings.HasSuffix(r.cell("token"), ":") {
			t.Errorf("line %d: %s with answer %q: want inputs, and names", r.line, r.cell("token"), answer)
		}
	case token == "code":
		if !slices.Contains(actionLanguages, answer) {
			t.Errorf("line %d: language %q: want one of %q", r.line, answer, actionLanguages)
		}
	case (mode == "+" || mode == "?") && answer == "":
	case !slices.Contains(actionAnswers, answer):
		t.Errorf("line %d: answer %q: want one of %q", r.line, answer, actionAnswers)
	}
	if !slices.Contains([]string{"", "=", "+", "?"}, mode) {
		t.Errorf("line %d: mode %q: want =, + or ?", r.line, mode)
	}
	if d := r.cell("default"); mode == "" && d != "none" && d != "github.token" {
		t.Errorf("line %d: default %q: want github.token or none", r.line, d)
	}
	for _, reason := range r.list("reasons") {
		if !slices.Contains(actionReasons, reason) {
			t.Errorf("line %d: reason %q: no such code", r.line, reason)
		}
	}
	if answer == "no" && r.cell("reasons") == "" {
		t.Errorf("line %d: the answer no takes a reason", r.line)
	}
	if answer == "unknown" && r.cell("note") == "" {
		t.Errorf("line %d: the answer unknown takes a note that says what is not known", r.line)
	}
	if answer == "other" && r.cell("needs") != "" {
		t.Errorf("line %d: what is no GitHub token needs nothing", r.line)
	}
	keys, _ := parseKeys(r.cell("extra"))
	for key := range keys {
		if !slices.Contains(workflowKeys, key) {
			t.Errorf("line %d: workflow permission %q: no such key", r.line, key)
		}
	}
	if !strings.HasPrefix(r.cell("source"), "https://") {
		t.Errorf("line %d: source %q: want an address", r.line, r.cell("source"))
	}
	if c := r.cell("confidence"); !slices.Contains([]string{"high", "medium", "low"}, c) {
		t.Errorf("line %d: confidence %q", r.line, c)
	}
}

func TestActionsParse(t *testing.T) {
	for name, rows := range actionRows() {
		if _, err := parseAction(rows); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// given returns a getter for the inputs of a step. "?" stands for a text that
// is not known; "@token" is "secret" unless said otherwise.
func given(inputs map[string]string) func(string) (string, bool, bool) {
	return func(name string) (string, bool, bool) {
		text, set := inputs[name]
		if name == "@token" && !set {
			return "secret", true, true
		}
		return text, text != "?", set
	}
}

func eventKeys(events []Event) string {
	keys := make([]string, len(events))
	for i, e := range events {
		keys[i] = e.Key()
	}
	return strings.Join(keys, ",")
}

type inputs map[string]string

func TestActionEffect(t *testing.T) {
	const pull = "push,pull_request.opened,pull_request.synchronize,create"
	const comment = "issue_comment.created"
	const release = "release.published,release.created,release.released,push:tag,create"
	for _, test := range []struct {
		action, token string
		inputs        inputs
		answer        Answer
		needs         string
		reasons       string
		events        string
		target        string
		open          bool
	}{
		{"actions/checkout", "token", nil, "yes", "contents:read", "", "", "input:repository", false},
		{"actions/checkout", "token", inputs{"submodules": "recursive"}, "conditional", "contents:read", "private-submodules", "", "input:repository", false},
		{"actions/checkout", "token", inputs{"submodules": "false"}, "yes", "contents:read", "", "", "input:repository", false},
		{"peter-evans/create-pull-request", "token", nil, "conditional", "contents:write,pull_requests:write", "pull-request-setting", pull, "checkout:input:path", false},
		{"peter-evans/create-pull-request", "token", inputs{"labels": "bot"}, "conditional", "contents:write,pull_requests:write", "pull-request-setting", pull + ",pull_request.labeled", "checkout:input:path", false},
		{"peter-evans/create-pull-request", "token", inputs{"labels": "?"}, "conditional", "contents:write,pull_requests:write", "pull-request-setting", pull + ",pull_request.labeled", "checkout:input:path", false},
		{"peter-evans/create-pull-request", "token", inputs{"team-reviewers": "core"}, "no", "contents:write,pull_requests:write,org:members:read", "pull-request-setting,organization-api", pull + ",pull_request.review_requested", "checkout:input:path", false},
		{"peter-evans/create-pull-request", "token", inputs{"team-reviewers": "?"}, "no", "contents:write,pull_requests:write,org:members:read", "pull-request-setting,organization-api", pull + ",pull_request.review_requested", "checkout:input:path", false},
		{"peter-evans/create-pull-request", "token", inputs{"add-paths": ".github/workflows/*.yml"}, "no", "contents:write,pull_requests:write,workflows:write", "pull-request-setting,workflow-files", pull, "checkout:input:path", false},
		{"peter-evans/create-pull-request", "token", inputs{"branch-token": "x"}, "conditional", "contents:read,pull_requests:write", "pull-request-setting", "pull_request.opened,pull_request.synchronize", "checkout:input:path", false},
		{"peter-evans/create-pull-request", "branch-token", nil, "yes", "contents:write", "", "push,create,pull_request.synchronize", "checkout:input:path", false},
		{"peter-evans/create-or-update-comment", "token", nil, "yes", "issues:write|pull_requests:write", "", comment, "input:repository", false},
		{"peter-evans/create-or-update-comment", "token", inputs{"comment-id": "1", "body": "x"}, "yes", "issues:write|pull_requests:write", "", "issue_comment.edited", "input:repository", false},
		{"peter-evans/create-or-update-comment", "token", inputs{"comment-id": "1", "reactions": "eyes"}, "yes", "issues:write|pull_requests:write", "", "", "input:repository", false},
		{"peter-evans/create-or-update-comment", "token", inputs{"comment-id": "?", "body": "x"}, "yes", "issues:write|pull_requests:write", "", "issue_comment.edited", "input:repository", false},
		{"peter-evans/repository-dispatch", "token", nil, "yes", "contents:write", "", "repository_dispatch", "input:repository", false},
		{"peter-evans/slash-command-dispatch", "token", inputs{"dispatch-type": "workflow"}, "yes", "actions:write,pull_requests:read", "", "workflow_dispatch", "input:repository", false},
		{"peter-evans/enable-pull-request-automerge", "token", nil, "yes", "contents:write,pull_requests:write", "", "push,pull_request.closed,pull_request.auto_merge_enabled", "input:repository", false},
		{"peter-evans/create-issue-from-file", "token", inputs{"issue-number": "7"}, "yes", "issues:write", "", "issues.edited", "input:repository", false},
		{"peter-evans/find-comment", "token", nil, "yes", "issues:read|pull_requests:read", "", "", "input:repository", false},
		{"softprops/action-gh-release", "token", nil, "yes", "contents:write", "", release, "input:repository", false},
		{"softprops/action-gh-release", "token", inputs{"draft": "true"}, "yes", "contents:write", "", "", "input:repository", false},
		{"softprops/action-gh-release", "token", inputs{"prerelease": "true"}, "yes", "contents:write", "", "release.published,release.created,release.prereleased,push:tag,create", "input:repository", false},
		{"softprops/action-gh-release", "token", inputs{"discussion_category_name": "News"}, "yes", "contents:write,discussions:write", "", release + ",discussion.created", "input:repository", false},
		{"ncipollo/release-action", "token", inputs{"allowUpdates": "true"}, "yes", "contents:write", "", release + ",release.edited", "input:owner/input:repo", false},
		{"googleapis/release-please-action", "token", inputs{"skip-github-release": "true"}, "conditional", "contents:write,issues:write,pull_requests:write", "pull-request-setting", "push,pull_request.opened,pull_request.synchronize,pull_request.edited,create,pull_request.labeled", "input:repo-url", false},
		{"googleapis/release-please-action", "token", inputs{"fork": "true", "skip-github-pull-request": "true"}, "no", "contents:write,issues:write,pull_requests:write", "other-owner", "pull_request.opened,pull_request.synchronize,pull_request.edited,pull_request.labeled,pull_request.unlabeled," + release + "," + comment, "input:repo-url", false},
		{"changesets/action", "github-token", nil, "conditional", "contents:write,pull_requests:write", "pull-request-setting", pull + ",pull_request.edited,push", "", false},
		{"changesets/action", "github-token", inputs{"publish-script": "yarn release", "create-github-releases": "false"}, "conditional", "contents:write,pull_requests:write", "pull-request-setting", pull + ",pull_request.edited,push,push:tag,create", "", false},
		{"actions/stale", "repo-token", inputs{"days-before-pr-stale": "-1", "days-before-pr-close": "-1"}, "yes", "issues:write", "", "issues.labeled,issues.unlabeled,issues.closed," + comment, "", false},
		{"actions/stale", "repo-token", inputs{"delete-branch": "true", "debug-only": "false"}, "yes", "contents:write,issues:write,pull_requests:write", "", "issues.labeled,issues.unlabeled,issues.closed,pull_request.labeled,pull_request.unlabeled,pull_request.closed," + comment + ",delete", "", false},
		{"actions/labeler", "repo-token", nil, "yes", "contents:read,pull_requests:write", "", "pull_request.labeled", "", false},
		{"actions/add-to-project", "github-token", inputs{"project-url": "https://github.com/orgs/o/projects/1"}, "no", "org:organization_projects:write", "projects", "", "org:input:project-url", false},
		{"actions/add-to-project", "github-token", inputs{"project-url": "https://github.com/users/u/projects/1"}, "no", "", "projects", "", "user", false},
		{"actions/github-script", "github-token", nil, "conditional", "", "", "", "unknown", false},
		{"actions/setup-go", "token", nil, "yes", "", "", "", "public", false},
		{"actions/create-github-app-token", "private-key", nil, "other", "", "", "", "", false},
		{"docker/login-action", "password", nil, "other", "", "", "", "", false},
		{"docker/login-action", "password", inputs{"registry": "quay.io"}, "other", "", "", "", "", false},
		{"docker/login-action", "password", inputs{"registry": "ghcr.io"}, "conditional", "packages:write", "package-access", "registry_package.published", "registry:input:registry", false},
		{"docker/login-action", "password", inputs{"registry": "?"}, "other", "", "", "", "", true},
		{"docker/login-action", "username", inputs{"registry": "ghcr.io"}, "other", "", "", "", "", false},
		{"benc-uk/workflow-dispatch", "token", inputs{"repo": "o/r"}, "yes", "actions:write", "", "workflow_dispatch", "input:repo", false},
		{"convictional/trigger-workflow-and-wait", "github_token", inputs{"trigger_workflow": "false"}, "yes", "actions:read", "", "", "input:owner/input:repo", false},
		{"marocchino/sticky-pull-request-comment", "GITHUB_TOKEN", nil, "yes", "pull_requests:write", "", comment + ",issue_comment.edited", "input:owner/input:repo", false},
		{"artursouza/sticky-pull-request-comment", "github_token", inputs{"hide": "true"}, "yes", "pull_requests:write", "", "issue_comment.created", "input:repo", false},
		{"marocchino/sticky-pull-request-comment", "GITHUB_TOKEN", inputs{"only_update": "true"}, "yes", "pull_requests:write", "", "issue_comment.edited", "input:owner/input:repo", false},
		{"thollander/actions-comment-pull-request", "github-token", inputs{"comment-tag": "x", "create-if-not-exists": "false"}, "yes", "pull_requests:write", "", "issue_comment.edited", "", false},
		{"goreleaser/goreleaser-action", "env:GITHUB_TOKEN", inputs{"args": "release --clean"}, "yes", "contents:write", "", "release.published,release.created,release.released", "", false},
		{"goreleaser/goreleaser-action", "env:GITHUB_TOKEN", inputs{"args": "release --snapshot --clean"}, "yes", "", "", "", "", false},
		{"stefanzweifel/git-auto-commit-action", "checkout", nil, "yes", "contents:write", "", "push,pull_request.synchronize", "checkout:input:repository", false},
		{"stefanzweifel/git-auto-commit-action", "checkout", inputs{"skip_push": "true"}, "yes", "", "", "", "checkout:input:repository", false},
		{"endbug/add-and-commit", "checkout", inputs{"tag": "v1"}, "yes", "contents:write", "", "push,pull_request.synchronize,push:tag,create", "checkout:input:cwd", false},
		{"dessant/lock-threads", "github-token", inputs{"process-only": "issues", "issue-comment": "bye"}, "yes", "issues:write", "", "issues.locked," + comment, "", false},
		{"golangci/golangci-lint-action", "github-token", inputs{"only-new-issues": "true"}, "yes", "contents:read,pull_requests:read", "", "", "", false},
		{"reviewdog/action-golangci-lint", "github_token", inputs{"reporter": "github-pr-review"}, "yes", "pull_requests:write", "", "pull_request_review.submitted,pull_request_review_comment.created,pull_request_review_comment.deleted", "", false},
		{"ossf/scorecard-action", "repo_token", nil, "no", "administration:read", "administration", "", "", false},
		{"ossf/scorecard-action", "repo_token", inputs{"@token": "job"}, "yes", "actions:read,checks:read,contents:read,issues:read,pull_requests:read", "", "", "", false},
		{"sonarsource/sonarqube-scan-action", "env:SONAR_TOKEN", nil, "other", "", "", "", "", false},
		{"codecov/codecov-action", "token", nil, "other", "", "", "", "", false},
		{"tspascoal/get-user-teams-membership", "GITHUB_TOKEN", nil, "no", "org:members:read", "organization-api", "", "org:input:organization", false},
		{"vedantmgoyal9/winget-releaser", "token", nil, "no", "contents:write,pull_requests:write", "other-owner", "push,pull_request.opened", "microsoft/winget-pkgs", false},
		{"mislav/bump-homebrew-formula-action", "env:COMMITTER_TOKEN", inputs{"homebrew-tap": "me/homebrew-tap"}, "no", "contents:write", "other-repository", "push", "input:homebrew-tap", false},
		{"helm/chart-releaser-action", "env:CR_TOKEN", nil, "yes", "contents:write", "", release + ",push,page_build", "", false},
		{"peaceiris/actions-gh-pages", "personal_token", nil, "yes", "contents:write", "", "push,page_build", "input:external_repository", false},
		{"peaceiris/actions-gh-pages", "deploy_key", nil, "other", "", "", "", "", false},
		{"pnpm/update", "token", inputs{"github-actions": "true"}, "no", "contents:write,pull_requests:write,workflows:write", "pull-request-setting,workflow-files", pull, "", false},
		{"JS-DevTools/npm-publish", "token", nil, "other", "", "", "", "", false},
		{"JS-DevTools/npm-publish", "token", inputs{"registry": "https://npm.pkg.github.com"}, "conditional", "packages:write", "package-access", "registry_package.published", "registry:npm.pkg.github.com", false},
		{"azure/login", "creds", nil, "other", "", "", "", "", false},
		{"docker://cloudposse/github-status-updater:1", "env:GITHUB_TOKEN", inputs{"args": "-action update_state"}, "yes", "statuses:write", "", "status", "env:GITHUB_OWNER/env:GITHUB_REPO", false},
		{"docker://cloudposse/github-status-updater", "env:GITHUB_TOKEN", inputs{"args": "-action update_state -repo x"}, "yes", "statuses:write", "", "status", "unknown", false},
		{"docker://cloudposse/github-status-updater", "env:GITHUB_TOKEN", inputs{"args": "-action update_branch_protection -repo x"}, "no", "administration:write", "administration", "", "env:GITHUB_OWNER/env:GITHUB_REPO", false},
		{"docker://cloudposse/github-status-updater", "env:GITHUB_TOKEN", inputs{"args": "?"}, "yes", "statuses:write", "", "status", "env:GITHUB_OWNER/env:GITHUB_REPO", true},
		{"actionhippie/manifest", "password", inputs{"template": "ghcr.io/o/i:VERSION-OS-ARCH", "target": "?"}, "conditional", "packages:write", "package-access", "registry_package.published", "registry:input:template", false},
		{"benchmark-action/github-action-benchmark", "github-token", inputs{"auto-push": "true", "@event": "push"}, "yes", "contents:write", "", "push,page_build", "", false},
		{"benchmark-action/github-action-benchmark", "github-token", inputs{"comment-always": "true", "@event": "pull_request"}, "yes", "contents:read,pull_requests:write", "", "pull_request_review.submitted", "", false},
	} {
		token := actionToken(t, test.action, test.token)
		effect, certain := token.Effect(given(test.inputs))
		got := []string{string(effect.Answer), effect.Needs.Merge().String(), strings.Join(effect.Reasons, ","), eventKeys(effect.Events), effect.Target}
		want := []string{string(test.answer), test.needs, test.reasons, test.events, test.target}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s %s %v (-want +got):\n%s", test.action, test.token, test.inputs, diff)
		}
		if certain == test.open {
			t.Errorf("%s %s %v: certain is %t", test.action, test.token, test.inputs, certain)
		}
	}
}

// actionToken finds a token by its name in the table.
func actionToken(t *testing.T, action, name string) ActionToken {
	t.Helper()
	info, ok := Action(action)
	if !ok {
		t.Fatalf("%s is not known", action)
	}
	var token ActionToken
	switch env, isEnv := strings.CutPrefix(name, "env:"); {
	case isEnv:
		token, ok = info.EnvToken(env)
	case name == "checkout":
		token, ok = info.CheckoutToken()
	default:
		token, ok = info.Token(name)
	}
	if !ok {
		t.Fatalf("%s has no token %s", action, name)
	}
	return token
}

func TestActionEffectCases(t *testing.T) {
	token := actionToken(t, "peter-evans/create-pull-request", "token")
	// What is given counts as given, also where its value is not known.
	for fork, when := range map[string]string{"bot/repo": "", "?": ""} {
		effect, _ := token.Effect(given(inputs{"push-to-fork": fork}))
		if len(effect.Cases) != 1 {
			t.Fatalf("push-to-fork=%s: %d cases, want the push to the fork", fork, len(effect.Cases))
		}
		c := effect.Cases[0]
		got := []string{c.When.String(), c.Effect.Target, c.Effect.Needs.String(), string(c.Effect.Answer)}
		if diff := cmp.Diff([]string{when, "input:push-to-fork", "contents:write", "conditional"}, got); diff != "" {
			t.Errorf("push-to-fork=%s (-want +got):\n%s", fork, diff)
		}
	}
}

func TestActionTokenOpen(t *testing.T) {
	token := actionToken(t, "actions/stale", "repo-token")
	open := token.Open(given(inputs{"delete-branch": "?", "debug-only": "?"}))
	var got []string
	for _, r := range open {
		got = append(got, r.When.String())
	}
	if diff := cmp.Diff([]string{"debug-only=true", "delete-branch=true"}, got); diff != "" {
		t.Errorf("open rows (-want +got):\n%s", diff)
	}
	// A replacing row that surely holds makes those behind it idle.
	open = token.Open(given(inputs{"days-before-pr-stale": "-1", "days-before-close": "-1", "debug-only": "?"}))
	if len(open) != 0 {
		t.Errorf("%d rows are open behind the one that holds", len(open))
	}
}

func TestActionTokenSure(t *testing.T) {
	for _, test := range []struct {
		action, input string
		inputs        inputs
		want          string
	}{
		{"actions/stale", "repo-token", nil, "issues:write,pull_requests:write"},
		{"actions/stale", "repo-token", inputs{"debug-only": "?"}, "issues:read,pull_requests:read"},
		{"actions/stale", "repo-token", inputs{"days-before-stale": "?"}, ""},
		{"actions/stale", "repo-token", inputs{"days-before-stale": "-1", "days-before-close": "-1", "days-before-pr-close": "9"}, "pull_requests:write"},
		{"actions/stale", "repo-token", inputs{"delete-branch": "?"}, "issues:write,pull_requests:write"},
		{"actions/stale", "repo-token", inputs{"delete-branch": "true"}, "contents:write,issues:write,pull_requests:write"},
		{"geekyeggo/delete-artifact", "token", inputs{"name": "x", "@version": "v4.1"}, "actions:write"},
		{"geekyeggo/delete-artifact", "token", inputs{"name": "x", "@version": "?"}, ""},
		{"geekyeggo/delete-artifact", "token", inputs{"name": "x", "@version": "v6"}, ""},
	} {
		get := given(test.inputs)
		got := actionToken(t, test.action, test.input).Sure(func(name string) (string, bool, bool) {
			if name == "@run" {
				return "", false, false
			}
			return get(name)
		})
		if got.Merge().String() != test.want {
			t.Errorf("%s %v surely takes %q, want %q", test.action, test.inputs, got, test.want)
		}
	}
}

// What no workflow shows is told apart from what is needed.
func TestActionMayNeed(t *testing.T) {
	const linked = "nearform-actions/github-action-check-linked-issues"
	for _, test := range []struct {
		action, input string
		inputs        inputs
		needs, may    string
	}{
		{"actions/labeler", "repo-token", nil, "contents:read,pull_requests:write", "issues:write labels that do not exist yet are created"},
		{linked, "github-token", nil, "issues:read,pull_requests:write", ""},
		{linked, "github-token", inputs{"comment": "true"}, "issues:read,pull_requests:write", ""},
		{linked, "github-token", inputs{"comment": "false"}, "issues:read,pull_requests:read", "pull_requests:write only a comment of an earlier run would be deleted"},
		{linked, "github-token", inputs{"comment": "?"}, "issues:read,pull_requests:write", "pull_requests:write only a comment of an earlier run would be deleted"},
	} {
		effect, _ := actionToken(t, test.action, test.input).Effect(given(test.inputs))
		var may []string
		for _, m := range effect.MayNeed {
			may = append(may, m.Needs.String()+" "+m.Note)
		}
		if got := strings.Join(may, "; "); effect.Needs.Merge().String() != test.needs || got != test.may {
			t.Errorf("%s %v needs %s, and may need %q: want %s, and %q", test.action, test.inputs, effect.Needs, got, test.needs, test.may)
		}
	}
}

// A row of what may be needed has nothing that would count as done.
func TestActionMayRows(t *testing.T) {
	table := &table{columns: actionColumns}
	for _, test := range []struct {
		column, cell string
		ok           bool
	}{
		{"mode", "?", true},
		{"when", "a=b", true},
		{"needs", "issues:write,contents:read", true},
		{"versions", "since v2", true},
		{"note", "-", false},
		{"needs", "-", false},
		{"needs", "workflows:write", false},
		{"needs", "org:members:read", false},
		{"needs", "issues:write|pull_requests:write", false},
		{"extra", "contents:read", false},
		{"answer", "yes", false},
		{"reasons", "workflow-files", false},
		{"events", "push", false},
		{"target", "input:repo", false},
		{"operations", "git push", false},
	} {
		r := row{table: table, cells: slices.Repeat([]string{"-"}, len(actionColumns))}
		for column, cell := range map[string]string{"mode": "?", "needs": "issues:write", "note": "it opens an issue", test.column: test.cell} {
			r.cells[slices.Index(actionColumns, column)] = cell
		}
		if _, err := parseActionMay(r); (err == nil) != test.ok {
			t.Errorf("%s %s: %v", test.column, test.cell, err)
		}
	}
}

func TestActionVersion(t *testing.T) {
	info, _ := Action("changesets/action")
	token, ok := info.CheckoutToken()
	if !ok {
		t.Fatal("changesets/action takes no stored credentials")
	}
	const pushes = "push,pull_request.synchronize,create"
	for _, test := range []struct {
		inputs inputs
		want   string
	}{
		{inputs{"@version": "v1"}, pushes},
		{inputs{"@version": "v1.5.3", "publish": "x"}, pushes + ",push:tag,create"},
		{inputs{"@version": "v2.0.1"}, ""},
		{inputs{"@version": "?"}, pushes},
		{inputs{"@version": "?", "publish-script": "x"}, ""},
		{inputs{"@version": "v1", "commitMode": "github-api"}, ""},
	} {
		effect, _ := token.Effect(given(test.inputs))
		if got := eventKeys(effect.Events); got != test.want {
			t.Errorf("%v: events %q, want %q", test.inputs, got, test.want)
		}
	}
}

func TestActionEffectKeepsTable(t *testing.T) {
	token := actionToken(t, "peter-evans/create-pull-request", "token")
	before := token.Base
	token.Effect(given(inputs{"labels": "a", "team-reviewers": "b", "push-to-fork": "c/d"}))
	if diff := cmp.Diff(before, actionToken(t, "peter-evans/create-pull-request", "token").Base); diff != "" {
		t.Errorf("Effect changed the base (-before +after):\n%s", diff)
	}
}

func TestActionWorkflowKeys(t *testing.T) {
	for _, test := range []struct {
		action, token string
		inputs        inputs
		want          map[string]string
	}{
		{"actions/deploy-pages", "token", nil, map[string]string{"id-token": "write"}},
		{"actions/attest-build-provenance", "github-token", nil, map[string]string{"id-token": "write", "contents": "read"}},
		{"actions/attest-build-provenance", "github-token", inputs{"push-to-registry": "true", "create-storage-record": "false"}, map[string]string{"id-token": "write", "contents": "read", "packages": "write"}},
		{"actions/stale", "repo-token", inputs{"debug-only": "true"}, nil},
		{"ossf/scorecard-action", "repo_token", inputs{"publish_results": "true"}, map[string]string{"id-token": "write"}},
	} {
		got := actionToken(t, test.action, test.token).WorkflowKeys(given(test.inputs))
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s %v (-want +got):\n%s", test.action, test.inputs, diff)
		}
	}
	login, _ := Action("azure/login")
	if diff := cmp.Diff(map[string]string{"id-token": "write"}, login.Job.WorkflowKeys(given(inputs{"client-id": "x"}))); diff != "" {
		t.Errorf("azure/login (-want +got):\n%s", diff)
	}
}

func TestActionNames(t *testing.T) {
	for _, test := range []struct{ name, want string }{
		{"actions/checkout", "actions/checkout"},
		{"Actions/Checkout@v4", "actions/checkout"},
		{"github/codeql-action/upload-sarif@v3", "github/codeql-action/upload-sarif"},
		{"snyk/actions/node@master", "snyk/actions/*"},
		{"slackapi/slack-github-action@v2", "slackapi/slack-github-action"},
		{"docker://rhysd/actionlint:1.7.12", "docker://rhysd/actionlint"},
		{"docker://docker.io/rhysd/actionlint@sha256:00", "docker://rhysd/actionlint"},
		{"docker://quay.io/rhysd/actionlint", ""},
		{"docker://", ""},
		{"nobody/nothing", ""},
		{"actions", ""},
		{"", ""},
		{"@", ""},
		{"./.github/actions/x", ""},
	} {
		info, ok := Action(test.name)
		got := ""
		if ok {
			got = info.Name
		}
		if got != test.want {
			t.Errorf("Action(%q) is %q, want %q", test.name, got, test.want)
		}
	}
}

func TestImage(t *testing.T) {
	for uses, want := range map[string]string{
		"docker://rhysd/actionlint":                  "docker://rhysd/actionlint",
		"docker://rhysd/actionlint:1.7.12":           "docker://rhysd/actionlint",
		"docker://docker.io/Rhysd/actionlint:Latest": "docker://rhysd/actionlint",
		"docker://ghcr.io/a/b:v1@sha256:00":          "docker://ghcr.io/a/b",
		"docker://localhost:5000/a/b":                "docker://localhost:5000/a/b",
		"docker://localhost:5000/a/b:v2":             "docker://localhost:5000/a/b",
		"docker://alpine:3":                          "docker://alpine",
		"docker://İ:x":                               "docker://i",
		"docker://":                                  "docker://",
		"docker://@":                                 "docker://",
	} {
		if got, ok := Image(uses); !ok || got != want {
			t.Errorf("Image(%q) is %q, %t, want %q", uses, got, ok, want)
		}
	}
	for _, uses := range []string{"", "actions/checkout@v5", "./docker://a", "docker:/a"} {
		if name, ok := Image(uses); ok {
			t.Errorf("Image(%q) is %q: it is no image", uses, name)
		}
	}
}

func TestActionMintsAndCode(t *testing.T) {
	for action, want := range map[string][2]string{
		"actions/create-github-app-token":                {"token", "input:owner/input:repositories"},
		"tibdex/github-app-token":                        {"token", ""},
		"peter-murray/workflow-application-token-action": {"token", "input:organization"},
		"getsentry/action-github-app-token":              {"token", ""},
		"octo-sts/action":                                {"token", "input:scope"},
		"actions/checkout":                               {"", ""},
	} {
		info, ok := Action(action)
		if !ok {
			t.Fatalf("%s is not known", action)
		}
		if got := [2]string{info.Mints, info.MintsFor}; got != want {
			t.Errorf("%s mints %q, want %q", action, got, want)
		}
	}
	script, _ := Action("actions/github-script")
	if diff := cmp.Diff([]ActionCode{{Input: "script", Language: "javascript"}}, script.Code); diff != "" {
		t.Errorf("actions/github-script (-want +got):\n%s", diff)
	}
	sticky, _ := Action("marocchino/sticky-pull-request-comment")
	if want := []string{"header", "number", "number_force", "owner", "repo"}; !slices.Equal(sticky.ByAuthor, want) || script.ByAuthor != nil {
		t.Errorf("by author: %q and %q, want %q and none", sticky.ByAuthor, script.ByAuthor, want)
	}
	dispatch, _ := Action("peter-evans/repository-dispatch")
	if want := []string{"client-payload"}; !slices.Equal(dispatch.Payload, want) || script.Payload != nil {
		t.Errorf("payload: %q and %q, want %q and none", dispatch.Payload, script.Payload, want)
	}
	slack, _ := Action("slackapi/slack-github-action")
	if _, ok := slack.Token("payload"); !ok || slack.Payload != nil {
		t.Errorf("an input called payload is taken for what a dispatch sends: %q", slack.Payload)
	}
}

func FuzzAction(f *testing.F) {
	for _, name := range []string{"actions/checkout@v4", "a//b/", "@", "/", "snyk/actions/x/y", "ſ/K"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		info, ok := Action(name)
		if ok == (info == nil) {
			t.Fatalf("Action(%q) is %v, %t", name, info, ok)
		}
		if !ok {
			return
		}
		prefix := strings.TrimSuffix(info.Name, "*")
		if !strings.HasPrefix(strings.Trim(strings.ToLower(name), "/"), prefix) {
			t.Errorf("Action(%q) found %q", name, info.Name)
		}
	})
}

func FuzzParseKeys(f *testing.F) {
	for _, text := range []string{"", "contents:read", "id-token:write,contents:read", ",", ":", "a:b:c"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		keys, err := parseKeys(text)
		for key, access := range keys {
			if err != nil || key == "" || accessOrder[access] == 0 {
				t.Errorf("parseKeys(%q) has %q: %q, error %v", text, key, access, err)
			}
		}
	})
}

func BenchmarkActionFirst(b *testing.B) {
	for b.Loop() {
		if _, err := openTable("actions"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAction(b *testing.B) {
	for b.Loop() {
		if _, ok := Action("peter-evans/create-pull-request@v7"); !ok {
			b.Fatal("not known")
		}
	}
}
