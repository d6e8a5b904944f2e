package organization_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/github/githubtest"
	"github.com/patrol-actions/patrol/audit/github/githubtest/connect"
	"github.com/patrol-actions/patrol/audit/inventory"
	"github.com/patrol-actions/patrol/audit/organization"
	"github.com/patrol-actions/patrol/audit/scan"
)

// closes is a workflow that closes an issue with a secret.
func closes(secret string) map[string]string {
	return map[string]string{".github/workflows/close.yml": "on: workflow_dispatch\njobs:\n  a:\n    runs-on: ubuntu-latest\n    permissions:\n      issues: read\n    steps:\n" +
		"      - run: gh issue close 1\n        env:\n          GH_TOKEN: ${{ secrets." + secret + " }}\n"}
}

// TestWhole asks a GitHub, audits its repositories and joins the two. No
// token's value comes out, nor a part of one.
func TestWhole(t *testing.T) {
	const value = "ghs_" + "canaryApp00000000000000000000000000000"
	day := time.Date(2024, 4, 1, 12, 0, 0, 0, time.UTC)
	secrets := func(names ...string) (out []githubtest.Secret) {
		for _, name := range names {
			out = append(out, githubtest.Secret{Name: name, Created: day, Updated: day, Value: "canary", Visibility: "all"})
		}
		return out
	}
	world := githubtest.World{
		Organizations: []githubtest.Organization{{
			Login: "octo", SAML: true, Secrets: secrets("BOT_PAT", "OLD_PAT"),
			Grants:         []githubtest.Grant{{ID: 12, Owner: "mona", Selection: "all", Permissions: "issues:write,contents:write", TokenName: "bot-pat", Granted: day}},
			Authorizations: []githubtest.Object{{"token_last_eight": "canary88"}},
		}},
		Repositories: []githubtest.Repository{
			{Owner: "octo", Name: "app", Visibility: githubtest.Private, Files: closes("BOT_PAT")},
			{Owner: "octo", Name: "site", Files: closes("OWN_PAT"), Secrets: secrets("OWN_PAT", "SPARE")},
			{Owner: "octo", Name: "typo", Files: closes("BOT_PTA")},
			{Owner: "octo", Name: "empty", Files: map[string]string{"README.md": "x"}},
		},
		Tokens: []githubtest.Token{{Name: "app", Value: value, Kind: githubtest.Installation, Owner: "octo", All: true, Permissions: "org:organization_secrets:read,org:organization_administration:read," +
			"org:organization_personal_access_tokens:read,org:members:read,secrets:read,actions:read,environments:read,administration:read"}},
	}
	server := githubtest.New(t, world)
	source := inventory.New(connect.Client(t, server, value))
	o := &audit.Organization{Accounts: []audit.Account{{Login: "octo", Kind: "organization", Repositories: 4, Private: 1}}, Complete: true}
	asked, err := source.Account(t.Context(), &o.Accounts[0])
	if err != nil {
		t.Fatal(err)
	}
	var reports []*audit.Repository
	for _, r := range world.Repositories {
		settings, err := source.Repository(t.Context(), r.FullName(), inventory.Options{Stores: []string{inventory.StoreActions}})
		if err != nil {
			t.Fatal(err)
		}
		settings.Keep(asked)
		files := fstest.MapFS{}
		for name, content := range r.Files {
			files[name] = &fstest.MapFile{Data: []byte(content)}
		}
		reports = append(reports, scan.Repository(files, scan.Options{Name: r.FullName()}))
		settings.Fill(reports[len(reports)-1])
	}
	j := organization.New(organization.Options{Inventories: []*audit.Inventory{asked}})
	for _, r := range reports {
		j.Add(r)
	}
	o.Unasked = source.Unasked()
	j.Finish(o)
	var got []string
	for _, s := range o.Secrets {
		got = append(got, fmt.Sprintf("%s %s %s %s %v %d→%d %v", s.Owner, s.Name, s.State, s.Verdict, s.Users, s.Reach, s.ReachAfter, s.Excess))
	}
	for _, f := range o.Findings {
		got = append(got, f.Rule+": "+f.Message)
	}
	for _, p := range o.Unasked {
		got = append(got, p.Message)
	}
	want := []string{
		"octo BOT_PAT stored replaceable [octo/app] 4→0 [contents:write octo/*]",
		"octo OLD_PAT stored  [] 4→0 []",
		"octo/site OWN_PAT stored replaceable [octo/site] 1→0 []",
		"octo/site SPARE stored  [] 1→0 []",
		"octo/typo BOT_PTA missing replaceable [octo/typo] 0→0 []",
		"unscoped-secret: 4 repositories can read BOT_PAT, a secret of the organisation octo, and workflows of only one do.",
		"unused-secret: No workflow reads OLD_PAT, a secret of the organisation octo that 4 repositories can read; it was last set on 2024-04-01.",
		"unused-secret: No workflow reads SPARE, a secret of octo/site; it was last set on 2024-04-01.",
		"not asked of GitHub: the fine-grained tokens that wait for access to octo: that takes organization_personal_access_token_requests: read of a GitHub App, which the token has not got",
		"not asked of GitHub: the secrets of octo for Codespaces: that takes organization_codespaces_secrets: read (of a classic token the scope admin:org), which the token has not got",
		"not asked of GitHub: the secrets of octo for Dependabot: that takes organization_dependabot_secrets: read (of a classic token the scope admin:org), which the token has not got",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	data, err := json.Marshal(&audit.Report{Repositories: reports, Organization: o})
	if err != nil || strings.Contains(strings.ToLower(string(data)), "canary") || len(server.Writes()) > 0 {
		t.Errorf("a value stands in %s (%v), or something was written", data, err)
	}
}
