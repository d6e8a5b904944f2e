package report

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/patrol-actions/patrol/audit"
)

// hostile is a name with all that some format could take for its own.
const hostile = "100%\r\n::error::x `]]>` <script>alert(1)</script> \x1b[31m \u202egnp.exe | @octocat [a](https://evil.example) ##[group]"

// sampleFiles are the files of the sample's repositories.
var sampleFiles = map[string]string{
	".github/workflows/release.yml": `name: release
on:
  push:
    tags: ["v*"]
jobs:
  release:
    runs-on: ubuntu-latest
    env:
      GH_TOKEN: ${{ secrets.BOT_PAT }}
    steps:
      - run: gh release create "$GITHUB_REF_NAME"
      - run: gh issue comment 1 --body done
      - run: ./publish.sh
      - run: git push "https://x:${{ secrets.TAP_TOKEN }}@github.com/octo-org/homebrew-tap"
      - uses: octo-org/notify@v1
        with: { note: "fertig 🎉 grün", token: "${{ secrets.CHAT_TOKEN }}" }
`,
	".github/workflows/update.yml": `name: update
on:
  schedule: [{cron: "0 3 * * *"}]
permissions: {}
jobs:
  update:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          token: ${{ secrets.PUSH_PAT }}
      - uses: peter-evans/create-pull-request@v7
        with:
          token: ${{ secrets.PR_PAT }}
      - run: |
          set -e; for package in alpha beta gamma delta epsilon zeta eta theta; do echo "updating $package"; curl -fsSL -H "Authorization: Bearer ${{ secrets.CLASSIC }}" "https://api.github.com/notifications" > /dev/null; done
`,
	hostile: "jobs:\n\tx: \x1b[2J日本 ${{ secrets.É }} \u202e # ##[error]\n",
}

// openSample reads the sample's files.
func openSample(_ *audit.Repository, path string) ([]byte, error) {
	source, ok := sampleFiles[path]
	if !ok {
		return nil, fmt.Errorf("no file %q", path)
	}
	return []byte(source), nil
}

// sampleAddress has pages for some rules and reasons.
func sampleAddress(code string) string {
	switch code {
	case "exposed-pat", "triggers-workflows", "other-repository", "classic-token", "unread":
		return PageAddress("(devel)", code)
	}
	return ""
}

// sampleRules documents the rules of the sample but for one.
func sampleRules() []Rule {
	const page = "# replaceable-pat\n\nA token is used where `GITHUB_TOKEN` would do.\nIt can go.\n\n## Fix\n\nTake `github.token`.\n"
	return []Rule{
		{ID: "replaceable-pat", Title: "A token that GITHUB_TOKEN can replace", Help: page, Severity: audit.SeverityWarning, URL: "https://github.com/patrol-actions/patrol/blob/main/rules/page/replaceable-pat.md"},
		{ID: "conditional-pat", Title: "A token that GITHUB_TOKEN may replace", Help: "If a condition holds.", Severity: audit.SeverityNotice},
		{ID: "unscoped-pat", Title: "A token that should be a smaller one", Severity: audit.SeverityNotice},
		{ID: "unknown-pat-use", Title: "A token whose use is not known", Severity: audit.SeverityNotice},
		{ID: "exposed-pat", Title: "A token that more steps get than need it", Severity: audit.SeverityWarning},
		{ID: "missing-permissions", Title: "GITHUB_TOKEN lacks a permission", Severity: audit.SeverityError},
	}
}

func named(s string) *string { return &s }

// referTo returns a reference to a secret in a line of a sample file, at the
// column where the file has it (or 20).
func referTo(id, secret, file string, line int) *audit.Reference {
	expression, column := "secrets."+secret, 20
	if lines := strings.Split(sampleFiles[file], "\n"); line <= len(lines) {
		if before, _, ok := strings.Cut(lines[line-1], expression); ok {
			column = utf8.RuneCountInString(before) + 1
		}
	}
	return &audit.Reference{
		ID: id, Secret: secret, File: file, Line: line, Column: column,
		EndLine: line, EndColumn: column + utf8.RuneCountInString(expression), Credential: audit.CredentialGitHub,
	}
}

// find returns a finding of a rule at a reference.
func find(rule string, severity audit.Severity, r *audit.Reference, message string) *audit.Finding {
	return &audit.Finding{
		Rule: rule, Severity: severity, Message: message, ID: rule + "-" + r.ID, File: r.File,
		Line: r.Line, EndLine: r.EndLine, Column: r.Column, EndColumn: r.EndColumn, Reference: r.ID,
	}
}

// needs returns permissions of the repository that have a workflow key.
func needs(name, access string) audit.Permissions {
	return audit.Permissions{
		Workflow:      map[string]string{strings.ReplaceAll(name, "_", "-"): access},
		FineGrained:   audit.FineGrained{Repository: map[string]string{name: access}},
		ClassicScopes: []string{"repo"},
	}
}

// sample returns a report in which everything occurs.
func sample() *audit.Report {
	r := &audit.Report{
		Schema: audit.SchemaVersion, Tool: audit.Tool{Name: "patrol", Version: "1.2.3"},
		GeneratedAt:  "2026-11-21T09:00:00Z",
		Repositories: []*audit.Repository{sampleApp(), sampleHostile(), {Files: 1, Workflows: 1}},
		Tokens:       sampleTokens(),
	}
	Sort(r)
	Summarize(r)
	return r
}

// sampleApp is an ordinary repository with every verdict and remedy.
func sampleApp() *audit.Repository {
	const release, update = ".github/workflows/release.yml", ".github/workflows/update.yml"
	bot, tap, chat := sampleReplaceable(release), sampleOther(release), referTo("r3", "CHAT_TOKEN", release, 16)
	chat.Credential = audit.CredentialOther
	push, pr, classic := sampleTriggers(update), sampleConditional(update), sampleClassic(update)
	unknown := referTo("r7", "DEPLOY_TOKEN", ".github/workflows/deploy.yml", 12)
	unknown.Credential, unknown.Verdict = audit.CredentialUnknown, audit.VerdictUnknown
	unknown.Target = []string{"unknown"}
	unknown.Reasons = []audit.Reason{{Code: "unread", Detail: "The action acme/deploy is not known, and its source is not in the repository."}}
	unknown.Uses = []*audit.Use{{Job: "deploy", Step: 1, File: unknown.File, Line: 10, What: "acme/deploy@v2", Verdict: audit.VerdictUnknown}}
	unknown.Remedy = audit.Remedy{Kind: audit.RemedyNone, Summary: "Say in .github/patrol.yml what the input token of acme/deploy needs."}

	exposed := find("exposed-pat", audit.SeverityWarning, bot, "All 3 steps of job release get BOT_PAT, but 2 use it.")
	exposed.Fix = "Move the env entry to the steps that need it:\n  steps:\n    - run: gh release create\n      env: …"
	missing := &audit.Finding{
		Rule: "missing-permissions", Severity: audit.SeverityError, ID: "f9", File: update, Line: 6, EndLine: 16,
		Message: "Job update has no permissions, but its checkout reads contents.",
		Fix:     "permissions:\n  contents: read",
		Related: []audit.Place{{File: update, Line: 4, Text: "permissions: {}"}},
	}
	verdict := find("replaceable-pat", audit.SeverityWarning, bot, "GITHUB_TOKEN can do all that BOT_PAT does here.")
	verdict.Fix = bot.Remedy.Summary
	triggers := find("unscoped-pat", audit.SeverityNotice, push, "PUSH_PAT is needed, but an App's token would do.")
	triggers.Related = []audit.Place{{File: ".github/workflows/ci.yml", Line: 3, Text: "would not run any more"}}
	return &audit.Repository{
		Name: named("octo-org/app"), Root: named("."), Ref: named("main"), Files: 4, Workflows: 3,
		Errors: []audit.Problem{
			{File: ".github/workflows/broken.yml", Line: 3, Column: 1, Message: "could not parse: did not find expected key"},
			{File: "action.yml", Message: "has no runs"},
		},
		References: []*audit.Reference{bot, tap, chat, push, pr, classic, unknown},
		Findings: []*audit.Finding{
			verdict, exposed, missing, triggers,
			find("unscoped-pat", audit.SeverityNotice, tap, "TAP_TOKEN is needed, for it writes to octo-org/homebrew-tap."),
			find("conditional-pat", audit.SeverityNotice, pr, "GITHUB_TOKEN may do what PR_PAT does here."),
			find("unscoped-pat", audit.SeverityNotice, classic, "CLASSIC reads notifications, which takes a classic token."),
			find("unknown-pat-use", audit.SeverityNotice, unknown, "Nobody can tell what DEPLOY_TOKEN is used for."),
			{Rule: "unused-secret", Severity: audit.SeverityNotice, ID: "f10", Message: "No workflow uses OLD_PAT."},
		},
	}
}

func sampleReplaceable(file string) *audit.Reference {
	r := referTo("r1", "BOT_PAT", file, 9)
	r.Verdict, r.Target, r.Permissions = audit.VerdictReplaceable, []string{"self"}, needs("contents", "write")
	via := []audit.Hop{{File: file, Line: 9, What: "job env GH_TOKEN"}}
	r.Uses = []*audit.Use{
		{Job: "release", Step: 1, File: file, Line: 11, What: "gh release create", Via: via, Verdict: audit.VerdictReplaceable, Operations: []audit.Operation{
			{Name: "POST /repos/{owner}/{repo}/releases", Target: "self", Evidence: audit.Place{File: file, Line: 11, Text: "gh release create"}}}},
		{Job: "release", Step: 2, File: file, Line: 12, What: "gh issue comment", Via: via, Verdict: audit.VerdictReplaceable, Operations: []audit.Operation{
			{Name: "query Repository.issue", Target: "self"}, {Name: "mutation addComment", Target: "self"}}},
	}
	r.Reasons = []audit.Reason{{Code: "author-changes", Detail: "The release's author becomes github-actions[bot]."}}
	r.Remedy = audit.Remedy{
		Kind: audit.RemedyGitHubToken, Summary: "Write ${{ github.token }} in place of ${{ secrets.BOT_PAT }}.",
		JobPermissions: map[string]string{"contents": "write", "issues": "write"}, UnknownSteps: []string{"3 (./publish.sh)"},
	}
	return r
}

func sampleOther(file string) *audit.Reference {
	r := referTo("r2", "TAP_TOKEN", file, 14)
	r.Verdict, r.Target, r.Permissions = audit.VerdictNotReplaceable, []string{"octo-org/homebrew-tap"}, needs("contents", "write")
	r.Events = []string{"push"}
	r.Uses = []*audit.Use{{Job: "release", Step: 4, File: file, Line: 14, What: "git push", Verdict: audit.VerdictNotReplaceable,
		Operations: []audit.Operation{{Name: "git push", Target: "octo-org/homebrew-tap"}}}}
	r.Reasons = []audit.Reason{{Code: "other-repository", Detail: "It writes to octo-org/homebrew-tap, and GITHUB_TOKEN reaches octo-org/app only.",
		Evidence: []audit.Place{{File: file, Line: 14, Text: `git push "https://x:${{ secrets.TAP_TOKEN }}@github.com/octo-org/homebrew-tap"`}}}}
	r.Remedy = audit.Remedy{Kind: audit.RemedyFineGrained, Summary: "Make a fine-grained token for that repository alone.", FineGrained: &audit.Recipe{
		Name: "app release TAP_TOKEN", ResourceOwner: "octo-org", Repositories: []string{"homebrew-tap"}, ExpiresInDays: 90,
		Permissions: map[string]string{"contents": "write", "metadata": "read"}, Justification: "Job release of octo-org/app pushes the formula.",
		URL: "https://github.com/settings/personal-access-tokens/new?name=app+release+TAP_TOKEN&target_name=octo-org&expires_in=90&contents=write",
	}}
	return r
}

func sampleTriggers(file string) *audit.Reference {
	r := referTo("r4", "PUSH_PAT", file, 11)
	r.Verdict, r.Target, r.Events, r.Permissions = audit.VerdictNotReplaceable, []string{"self"}, []string{"push"}, needs("contents", "write")
	for i, script := range []string{"a.sh", "b.sh", "c.sh", "d.sh", "e.sh", "f.sh", "g.sh"} {
		r.Uses = append(r.Uses, &audit.Use{Job: "update", Step: i + 1, File: "scripts/" + script, Line: 3, What: "git push",
			Via: []audit.Hop{{File: file, Line: 11, What: "actions/checkout token"}, {File: file, Line: 11, What: "stored git credentials"}}, Verdict: audit.VerdictNotReplaceable,
			Operations: []audit.Operation{{Name: "git push", Target: "self"}}})
	}
	r.Reasons = []audit.Reason{{Code: "triggers-workflows", Detail: "The push to main starts ci.yml and three more, which a push with GITHUB_TOKEN does not.", Evidence: []audit.Place{
		{File: ".github/workflows/ci.yml", Line: 3, Text: "push: branches: [main]"}, {File: ".github/workflows/docs.yml", Line: 4, Text: "push:"},
		{File: ".github/workflows/pages.yml", Line: 5, Text: "push:"}, {File: ".github/workflows/lint.yml", Line: 6, Text: "push:"}}}}
	r.Remedy = audit.Remedy{Kind: audit.RemedyApp, Summary: "Make an App's token in the job with actions/create-github-app-token.", FineGrained: &audit.Recipe{
		ResourceOwner: "octo-org", Repositories: []string{"app"}, Permissions: map[string]string{"contents": "write"}}}
	return r
}

func sampleConditional(file string) *audit.Reference {
	r := referTo("r5", "PR_PAT", file, 14)
	r.Verdict, r.Target, r.Permissions = audit.VerdictConditional, []string{"self"}, needs("pull_requests", "write")
	r.Events = []string{"pull_request.opened", "push"}
	r.Uses = []*audit.Use{{Job: "update", Step: 2, File: file, Line: 12, What: "peter-evans/create-pull-request", Verdict: audit.VerdictConditional,
		Via: []audit.Hop{{File: file, Line: 14, What: "input token"}}, Operations: []audit.Operation{
			{Name: "git push", Target: "self"}, {Name: "POST /repos/{owner}/{repo}/pulls", Target: "self"},
			{Name: "POST /repos/{owner}/{repo}/issues/{issue_number}/labels", Target: "self"},
			{Name: "POST /repos/{owner}/{repo}/issues/{issue_number}/assignees", Target: "self"}}}}
	r.Reasons = []audit.Reason{
		{Code: "pull-request-setting", Detail: `The setting "Allow GitHub Actions to create and approve pull requests" must be on.`},
		{Code: "approval-required", Detail: "The runs on the pull request will wait for a person's approval.", Evidence: []audit.Place{{File: ".github/workflows/ci.yml", Line: 4, Text: "pull_request:"}}},
	}
	r.Remedy = audit.Remedy{Kind: audit.RemedyGitHubToken, Summary: "If both hold, write ${{ github.token }} in place of ${{ secrets.PR_PAT }}.",
		JobPermissions: map[string]string{"contents": "write", "pull-requests": "write"}}
	return r
}

func sampleClassic(file string) *audit.Reference {
	r := referTo("r6", "CLASSIC", file, 16)
	r.Verdict, r.Target = audit.VerdictNotReplaceable, []string{"unknown"}
	r.Permissions = audit.Permissions{FineGrained: audit.FineGrained{Account: map[string]string{"notifications": "read"}, Organization: map[string]string{"members": "read"}}, ClassicScopes: []string{"notifications"}}
	r.Uses = []*audit.Use{{Job: "update", Step: 3, File: file, Line: 16, What: "curl", Verdict: audit.VerdictNotReplaceable,
		Operations: []audit.Operation{{Name: "GET /notifications", Target: "unknown"}}}}
	r.Reasons = []audit.Reason{{Code: "account-api", Detail: "Notifications are a user's, and GITHUB_TOKEN is no user's."}}
	r.Remedy = audit.Remedy{Kind: audit.RemedyClassic, Summary: "Make a classic token with this scope alone, and an expiry.", FineGrained: &audit.Recipe{
		ClassicScopes: []string{"notifications"}, ExpiresInDays: 90, URL: "https://github.com/settings/tokens/new?scopes=notifications"}}
	return r
}

// sampleHostile is a repository whose every name wants to be something else.
func sampleHostile() *audit.Repository {
	r := referTo("evil", "É", hostile, 2)
	r.Verdict = audit.VerdictReplaceable
	r.Uses = []*audit.Use{{Job: hostile, File: hostile, Line: 1, What: hostile, Via: []audit.Hop{{File: hostile, Line: 1, What: hostile}},
		Operations: []audit.Operation{{Name: hostile, Target: hostile}}}}
	r.Reasons = []audit.Reason{{Code: hostile, Detail: hostile, Evidence: []audit.Place{{File: hostile, Line: 1, Text: hostile}}}}
	r.Remedy = audit.Remedy{Kind: audit.RemedyGitHubToken, Summary: hostile, JobPermissions: map[string]string{hostile: "write"}, UnknownSteps: []string{hostile}}
	f := find("replaceable-pat", audit.SeverityWarning, r, hostile)
	f.Fix = hostile
	own := find("exposed-pat", audit.SeverityError, r, "::set-output name=x::"+strings.Repeat("a", 90)+"::error::y")
	own.Related = []audit.Place{{File: hostile, Line: 3, Text: hostile}}
	recipe := referTo("evil2", "É", hostile, 9)
	recipe.Verdict = audit.VerdictNotReplaceable
	recipe.Remedy = audit.Remedy{Kind: audit.RemedyFineGrained, Summary: hostile, FineGrained: &audit.Recipe{
		Name: hostile, ResourceOwner: hostile, Repositories: []string{hostile}, Justification: hostile, URL: "javascript:alert(1)"}}
	return &audit.Repository{
		Secrets: []audit.Secret{{Name: "BOT_PAT", Scope: "repository", UpdatedAt: "2023-04-01T00:00:00Z"}, {Name: "DEPLOY_TOKEN", Scope: "environment", Environment: hostile, UpdatedAt: "2026-01-02T03:04:05Z"}},
		Name:    named("evil/" + hostile), Ref: named(hostile), Files: 1, Workflows: 1,
		Errors:     []audit.Problem{{File: hostile, Line: 1, Message: hostile}},
		References: []*audit.Reference{r, recipe},
		Findings:   []*audit.Finding{f, own, find("unscoped-pat", audit.SeverityNotice, recipe, hostile)},
	}
}

// sampleTokens are a classic token with all that can be said of it, a
// fine-grained one, a dead one and one with a hostile name.
func sampleTokens() []*audit.Token {
	user, end := "octo-bot", "2026-12-01T00:00:00Z"
	return []*audit.Token{
		{
			Name: "BOT_PAT", Kind: audit.TokenClassic, Host: "github.com", State: audit.TokenAlive, User: &user,
			Scopes: []string{"repo", "admin:org"}, ImpliedScopes: []string{"public_repo", "read:org", "write:org"}, ExpiresAt: &end,
			SSO:     []audit.SingleSignOn{{Organization: "octo-saml", ID: 7, URL: "https://github.com/orgs/octo-saml/sso"}, {ID: 9}},
			Refused: []audit.Refusal{{Organization: "octo-strict", Message: "`octo-strict` forbids access via a personal access token (classic)."}},
			Reach: &audit.Reach{
				Repositories: 312, Public: 112, Private: 190, Internal: 10, Push: 40, Admin: 14, UsedRepositories: []string{"octo-org/app"}, Complete: true,
				Organizations: []audit.Membership{{Login: "octo-org", Role: "admin", Repositories: 300}, {Login: "octo-lab", Repositories: 12}},
			},
			References: []string{"r1"}, Needed: &audit.Permissions{ClassicScopes: []string{"repo"}},
			Comparison: []audit.Comparison{
				{Permission: "admin:org", Needed: audit.AccessNone, Granted: audit.AccessWrite, State: "excess"},
				{Permission: "repo", Needed: audit.AccessWrite, Granted: audit.AccessWrite, State: "ok"},
			},
			Excess: []string{"admin:org"}, Remedy: &audit.Remedy{Kind: audit.RemedyGitHubToken, Summary: "GITHUB_TOKEN does all of its 2 uses: replace them, then revoke the token"},
			Requests: 6,
			Findings: []*audit.Finding{{
				Rule: "classic-token", Severity: audit.SeverityWarning, ID: "classic-token:BOT_PAT", Message: "BOT_PAT is a classic token with repo, admin:org",
				File: ".github/workflows/release.yml", Line: 9, EndLine: 9, Column: 21, EndColumn: 36, Reference: "r1", Fix: "replace it",
			}},
		},
		{
			Name: "DEPLOY_TOKEN", Kind: audit.TokenFineGrained, Host: "github.com", State: audit.TokenAlive, User: &user, Unlimited: true,
			Permissions: &audit.Granted{
				Repository:   map[string]audit.Access{"contents": audit.AccessRead, "codespaces_secrets": audit.AccessWrite, "issues": audit.AccessNone, "workflows": audit.AccessUnknown},
				Organization: map[string]audit.Access{"members": audit.AccessRead},
			},
			Reach:    &audit.Reach{Repositories: 1, Private: 1},
			Probes:   []audit.ProbeResult{{Permission: "contents", Request: "GET /repos/octo-org/app/commits", Status: 200, Answer: audit.AccessRead, Detail: "answered"}},
			Problems: []audit.Problem{{Message: "could not find out all repositories within reach: github.com answered 502"}},
			Findings: []*audit.Finding{{Rule: "unlimited-token", Severity: audit.SeverityWarning, ID: "unlimited-token:DEPLOY_TOKEN", Message: "DEPLOY_TOKEN never expires", Fix: "give it an end"}},
		},
		{Name: "OLD_PAT", Kind: audit.TokenUnknown, Host: "github.com", State: audit.TokenDead},
		{Name: hostile, Kind: audit.TokenUnknown, Host: hostile, State: audit.TokenUnclear, User: named(hostile), Scopes: []string{hostile}, Problems: []audit.Problem{{Message: hostile}}},
	}
}
