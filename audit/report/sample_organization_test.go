package report

import (
	"fmt"
	"iter"

	"github.com/patrol-actions/patrol/audit"
)

// sampleOrganization is the report of an organisation in which everything
// occurs.
func sampleOrganization() *audit.Report {
	r := sample()
	app, evil := r.Repositories[0], r.Repositories[1]
	app.Visibility, app.Teams, app.Ref = "private", []string{"platform", "release"}, named("5f3c1a9d2b7e8c604f1d3a5b7c9e0f2a4b6d8c01")
	evil.Visibility, evil.Teams = "public", []string{hostile}
	infra := &audit.Repository{Name: named("octo-org/infra"), Ref: named("main"), Visibility: "internal", Archived: true, Teams: []string{"platform"}, Files: 2, Workflows: 2}
	for i := range 3 {
		x := referTo(fmt.Sprintf("i%d", i), "BOT_PAT", ".github/workflows/release.yml", 9)
		x.Verdict, x.Target, x.Remedy = audit.VerdictReplaceable, []string{"self"}, audit.Remedy{Kind: audit.RemedyGitHubToken, Summary: "Write ${{ github.token }} in place of ${{ secrets.BOT_PAT }}.", JobPermissions: map[string]string{"contents": "write"}}
		x.Line += i
		infra.References = append(infra.References, x)
	}
	failed := &audit.Repository{Name: named("octo-org/big"), Visibility: "private", Errors: []audit.Problem{{Message: "could not be read: github.com answered 502"}}}
	r.Repositories = append(r.Repositories, infra, failed)
	r.Tokens = nil
	r.Organization = sampleOrg()
	Sort(r)
	Summarize(r)
	return r
}

func sampleOrg() *audit.Organization {
	yes := true
	return &audit.Organization{
		Accounts: []audit.Account{{Login: "octo-org", Kind: "organization", DefaultPermissions: "write", ApprovePullRequests: &yes}, {Login: "octo-lab", Kind: "organization"}},
		Coverage: audit.Coverage{Listed: 340, Audited: 5, WithWorkflows: 4, Excluded: 1, Archived: 20, Forks: 5, Empty: 2, Failed: 1, Left: 306},
		Secrets:  sampleSecrets(),
		Grants: []*audit.Grant{
			{ID: "fine-grained/12", Kind: audit.GrantFineGrained, Account: "octo-org", Name: "BOT_PAT", User: "octo-bot", Selection: "all",
				Permissions: audit.FineGrained{Repository: map[string]string{"contents": "write", "administration": "write"}, Organization: map[string]string{"members": "read"}},
				GrantedAt:   "2026-01-02T03:04:05Z", LastUsedAt: "2026-11-20T00:00:00Z"},
			{ID: "fine-grained/13", Kind: audit.GrantFineGrained, Account: "octo-org", Name: hostile, User: "mona", Selection: "subset", Repositories: []string{"octo-org/app", "octo-org/infra"}, Expired: true, ExpiresAt: "2026-02-01T00:00:00Z"},
			{ID: "authorization/7", Kind: audit.GrantAuthorization, Account: "octo-org", User: "hubot", Scopes: []string{"repo", "admin:org"}, LastUsedAt: "2025-01-01T00:00:00Z"},
		},
		Unasked: []audit.Problem{{Message: "Dependabot secrets of octo-lab were not asked for: that takes organization_dependabot_secrets: read"}, {Message: hostile}},
		Findings: []*audit.Finding{
			{Rule: "unused-secret", Severity: audit.SeverityNotice, ID: "o1", Message: "No workflow of octo-org uses OLD_PAT, last set 2021-04-01.", Fix: "Delete it."},
			{Rule: "unscoped-secret", Severity: audit.SeverityWarning, ID: "o2", Message: "BOT_PAT is visible to 312 repositories, and 2 use it.", Fix: "Select the repositories that use it."},
			{Rule: "unscoped-secret", Severity: audit.SeverityWarning, ID: "o3", Message: hostile},
		},
		Trend: &audit.Trend{New: 2, Still: 9, Gone: 4, Points: []audit.TrendPoint{
			{GeneratedAt: "2026-10-01T00:00:00Z", Summary: audit.Summary{References: 21, Other: 3, Replaceable: 11, Findings: 20}, Reach: 900},
			{GeneratedAt: "2026-10-15T00:00:00Z", Summary: audit.Summary{References: 19, Other: 3, Replaceable: 9, Findings: 22}, Reach: 800},
			{GeneratedAt: "2026-11-01T00:00:00Z", Summary: audit.Summary{References: 16, Other: 2, Replaceable: 7, Findings: 18}, Reach: 640},
		}},
	}
}

func sampleSecrets() []*audit.StoredSecret {
	bot, tap := sampleReplaceable(".github/workflows/release.yml"), sampleOther(".github/workflows/release.yml")
	return []*audit.StoredSecret{
		{Name: "BOT_PAT", Owner: "octo-org", Scope: "organization", Store: "actions", State: audit.SecretStored, CreatedAt: "2020-01-01T00:00:00Z", UpdatedAt: "2023-04-01T00:00:00Z",
			Visibility: "all", Visible: 312, Credential: audit.CredentialGitHub, Verdict: audit.VerdictReplaceable, References: 4, Verdicts: map[audit.Verdict]int{audit.VerdictReplaceable: 4},
			Users: []string{"octo-org/app", "octo-org/infra"}, Permissions: bot.Permissions, Targets: []string{"self"}, Grants: []string{"fine-grained/12"}, MatchedBy: "name",
			Excess: []string{"administration: write", "310 repositories"}, Work: audit.Work{Repositories: 2, Files: 2, References: 4, Replaceable: 4}, Reach: 312, ReachAfter: 0, Remedy: bot.Remedy},
		{Name: "TAP_TOKEN", Owner: "octo-org/app", Scope: "repository", Store: "actions", State: audit.SecretStored, UpdatedAt: "2026-04-01T00:00:00Z",
			Credential: audit.CredentialGitHub, Verdict: audit.VerdictNotReplaceable, References: 1, Verdicts: map[audit.Verdict]int{audit.VerdictNotReplaceable: 1}, Users: []string{"octo-org/app"},
			Permissions: tap.Permissions, Targets: tap.Target, Work: audit.Work{Repositories: 1, Files: 1, References: 1}, Reach: 40, ReachAfter: 1, Remedy: tap.Remedy},
		{Name: "OLD_PAT", Owner: "octo-org", Scope: "organization", Store: "actions", State: audit.SecretStored, UpdatedAt: "2021-04-01T00:00:00Z", Visibility: "selected", Selected: []string{"octo-org/app"}, Visible: 1,
			Credential: audit.CredentialUnknown, Reach: 1, Remedy: audit.Remedy{Kind: audit.RemedyNone, Summary: "Delete it: no workflow uses it."}},
		{Name: "PR_PAT", Owner: "octo-org/app", State: audit.SecretMissing, Store: "actions", Credential: audit.CredentialGitHub, Verdict: audit.VerdictConditional, References: 1, Users: []string{"octo-org/app"},
			Remedy: audit.Remedy{Kind: audit.RemedyGitHubToken, Summary: "Write ${{ github.token }} if both hold."}},
		{Name: hostile, Owner: hostile, State: audit.SecretUnasked, Store: hostile, Scope: hostile, Environment: hostile, Credential: audit.CredentialUnknown, Users: []string{hostile}, MatchedBy: hostile,
			Excess: []string{hostile}, Targets: []string{hostile}, Grants: []string{hostile}, References: 1, Verdict: audit.VerdictUnknown, Verdicts: map[audit.Verdict]int{audit.Verdict(hostile): 1},
			Remedy: audit.Remedy{Kind: audit.RemedyFineGrained, Summary: hostile, FineGrained: &audit.Recipe{Name: hostile, URL: "javascript:alert(1)"}}},
	}
}

// largeOrganization is a made-up report of so many repositories, of which one
// in so many has references, fewer or more, which come as they are asked for.
func largeOrganization(repositories, references int) Stream {
	head := &audit.Report{Schema: audit.SchemaVersion, Tool: audit.Tool{Name: "patrol", Version: "1.2.3"}, GeneratedAt: "2026-11-21T09:00:00Z", Organization: sampleOrg()}
	teams := []string{"platform", "release", "data", "web", "mobile", "security", "docs"}
	visibilities := []string{"private", "public", "internal"}
	var seq iter.Seq2[*audit.Repository, error] = func(yield func(*audit.Repository, error) bool) {
		given := 0
		for n := range repositories {
			name := fmt.Sprintf("octo-org/service-%s-%05d", teams[n%len(teams)], n)
			r := &audit.Repository{Name: &name, Ref: named(fmt.Sprintf("%040x", n*7919)), Visibility: visibilities[n%3], Teams: []string{teams[n%7], teams[(n*3+1)%7]}, Files: 3, Workflows: 2}
			want := references * (n + 1) / repositories
			for ; given < want; given++ {
				r.References = append(r.References, largeReference(given, name))
			}
			if n%50 == 0 {
				r.Errors = []audit.Problem{{File: ".github/workflows/broken.yml", Line: 3, Message: "could not parse: did not find expected key"}}
			}
			for _, reference := range r.References {
				if reference.Verdict == audit.VerdictReplaceable {
					r.Findings = append(r.Findings, find("replaceable-pat", audit.SeverityWarning, reference, "GITHUB_TOKEN can do all that it does here."),
						find("exposed-pat", audit.SeverityWarning, reference, "All steps of the job get "+reference.Secret+", but 2 use it."))
				}
			}
			if !yield(r, nil) {
				return
			}
		}
	}
	return Stream{Head: head, Repositories: seq}
}

func largeReference(n int, repository string) *audit.Reference {
	file := fmt.Sprintf(".github/workflows/%s.yml", []string{"release", "update", "deploy", "nightly", "sync"}[n%5])
	makers := []func(string) *audit.Reference{sampleReplaceable, sampleOther, sampleTriggers, sampleConditional, sampleClassic, sampleReplaceable}
	r := makers[n*5%len(makers)](file)
	r.ID, r.Secret, r.File, r.Line, r.Column = fmt.Sprintf("%016x", n*104729), fmt.Sprintf("%s_%d", []string{"BOT_PAT", "RELEASE_TOKEN", "GH_PAT", "DEPLOY_KEY"}[n%4], n%97), file, 5+n%200, 20
	for _, reason := range r.Reasons {
		reason.Detail += " In " + repository + "."
	}
	return r
}
