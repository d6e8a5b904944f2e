package compare

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/scan"
	"github.com/patrol-actions/patrol/rules"
)

var limits = Limits{Now: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC), ExpiringDays: 14, Audited: true}

// TestPages judges the token of every page that has one, with the workflow
// beside it, and wants a finding of the page's rule.
func TestPages(t *testing.T) {
	tested := 0
	for _, page := range rules.Pages() {
		files := fstest.MapFS{}
		var token *audit.Token
		for _, f := range page.Examples() {
			if f.Path != "token.json" {
				files[f.Path] = &fstest.MapFile{Data: []byte(f.Content)}
				continue
			}
			token = &audit.Token{}
			if err := json.Unmarshal([]byte(f.Content), token); err != nil {
				t.Errorf("%s: %v", page.ID, err)
			}
		}
		if token == nil {
			continue
		}
		tested++
		report := &audit.Report{Repositories: []*audit.Repository{scan.Repository(files, scan.Options{Name: "acme-corp/rocket"})}}
		uses := Uses(report, token.Name)
		Join(token, uses, "")
		var got []string
		for _, f := range Findings(token, uses, limits) {
			got = append(got, f.Rule)
			if f.Severity == "" || f.Message == "" || f.Fix == "" || (f.File == "") != (len(uses) == 0) {
				t.Errorf("%s: finding %+v", page.ID, f)
			}
		}
		if !slices.Contains(got, page.ID) {
			t.Errorf("%s: its example gives findings of %v", page.ID, got)
		}
	}
	if tested != 6 {
		t.Errorf("%d pages have a token", tested)
	}
}

// audited is a workflow that is audited as octo/app.
func audited(t *testing.T, steps string) *audit.Report {
	t.Helper()
	source := "on:\n  workflow_dispatch:\njobs:\n  work:\n    runs-on: ubuntu-latest\n    steps:\n" + steps
	r := scan.Repository(fstest.MapFS{".github/workflows/w.yml": {Data: []byte(source)}}, scan.Options{Name: "octo/app"})
	if len(r.Errors) > 0 {
		t.Fatal(r.Errors)
	}
	return &audit.Report{Repositories: []*audit.Repository{r}}
}

const (
	commentStep = "    - run: gh issue comment 1 --body hi\n      env:\n        GH_TOKEN: ${{ secrets.BOT_PAT }}\n"
	otherStep   = "    - run: gh issue list --repo octo/secret-plans\n      env:\n        GH_TOKEN: ${{ secrets.BOT_PAT }}\n"
	secretStep  = "    - run: gh secret set KEY --body 1\n      env:\n        GH_TOKEN: ${{ secrets.BOT_PAT }}\n"
	teamStep    = "    - run: gh api orgs/octo/teams\n      env:\n        GH_TOKEN: ${{ secrets.BOT_PAT }}\n"
	unreadStep  = "    - run: ./missing.sh\n      env:\n        GH_TOKEN: ${{ secrets.BOT_PAT }}\n"
)

func fineGrained(used []string, held map[string]audit.Access, organization map[string]audit.Access) *audit.Token {
	return &audit.Token{
		Name: "bot_pat", Kind: audit.TokenFineGrained, State: audit.TokenAlive,
		Permissions: &audit.Granted{Repository: held, Organization: organization, Account: map[string]audit.Access{}},
		Reach:       &audit.Reach{Repositories: 2, Private: 2, Complete: true, UsedRepositories: used},
	}
}

func classic(scopes ...string) *audit.Token {
	return &audit.Token{
		Name: "BOT_PAT", Kind: audit.TokenClassic, State: audit.TokenAlive, Scopes: scopes,
		Reach: &audit.Reach{Repositories: 9, Private: 9, Complete: true, UsedRepositories: []string{"octo/app"}},
	}
}

func TestJoin(t *testing.T) {
	for _, test := range []struct {
		name  string
		steps string
		token *audit.Token
		// want are rows "state permission repository needed granted".
		want   []string
		remedy audit.RemedyKind
	}{
		{"enough for reading, open for writing", secretStep,
			fineGrained([]string{"octo/app"}, map[string]audit.Access{"secrets": audit.AccessRead}, nil),
			[]string{"unknown secrets octo/app write read"}, audit.RemedyApp},
		{"proved for writing", secretStep,
			fineGrained([]string{"octo/app"}, map[string]audit.Access{"secrets": audit.AccessWrite}, nil),
			[]string{"ok secrets octo/app write write"}, audit.RemedyApp},
		{"not granted", secretStep,
			fineGrained([]string{"octo/app"}, map[string]audit.Access{"secrets": audit.AccessNone, "contents": audit.AccessNone}, nil),
			[]string{"missing secrets octo/app write none"}, audit.RemedyApp},
		{"granted elsewhere only", otherStep,
			fineGrained([]string{"octo/app"}, map[string]audit.Access{"issues": audit.AccessRead}, nil),
			[]string{"missing issues octo/secret-plans read none"}, audit.RemedyGitHubToken},
		{"to spare", commentStep,
			fineGrained([]string{"octo/app"}, map[string]audit.Access{"issues": audit.AccessRead, "secrets": audit.AccessRead, "workflows": audit.AccessUnknown}, nil),
			[]string{"excess secrets  none read", "unknown issues octo/app write read"}, audit.RemedyGitHubToken},
		{"of an organisation", teamStep,
			fineGrained([]string{"octo/app"}, nil, map[string]audit.Access{"members": audit.AccessRead, "organization_hooks": audit.AccessRead}),
			[]string{"excess organization:organization_hooks  none read", "ok organization:members  read read"}, audit.RemedyApp},
		{"not read in full", unreadStep,
			fineGrained([]string{"octo/app"}, map[string]audit.Access{"secrets": audit.AccessRead}, nil),
			[]string{"unknown secrets  unknown read"}, audit.RemedyNone},
		{"scopes", secretStep + commentStep, classic("repo", "admin:org"),
			[]string{"excess admin:org  none write", "ok repo  write write"}, audit.RemedyApp},
		{"a scope that is missing", teamStep, classic("repo"),
			[]string{"missing read:org  read none", "excess repo  none write"}, audit.RemedyApp},
		{"a wider scope covers it", teamStep, classic("admin:org"),
			[]string{"excess admin:org  none write", "ok read:org  read read"}, audit.RemedyApp},
		{"no use", "    - run: 'true'\n", classic("repo"),
			[]string{"excess repo  none write"}, audit.RemedyNone},
	} {
		t.Run(test.name, func(t *testing.T) {
			uses := Uses(audited(t, test.steps), test.token.Name)
			Join(test.token, uses, "")
			var got []string
			for _, c := range test.token.Comparison {
				got = append(got, strings.Join([]string{c.State, c.Permission, c.Repository, string(c.Needed), string(c.Granted)}, " "))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if test.token.Remedy.Kind != test.remedy || test.token.Remedy.Summary == "" {
				t.Errorf("remedy %+v, want %s", test.token.Remedy, test.remedy)
			}
			if len(test.token.References) != len(uses) {
				t.Errorf("%d references of %d", len(test.token.References), len(uses))
			}
		})
	}
}

func TestRecipe(t *testing.T) {
	token := classic("repo")
	uses := Uses(audited(t, secretStep+teamStep+commentStep), "BOT_PAT")
	Join(token, uses, "")
	r := token.Remedy.FineGrained
	if r == nil {
		t.Fatal("no recipe")
	}
	want := map[string]string{"secrets": "write", "members": "read"}
	if diff := cmp.Diff(want, r.Permissions); diff != "" {
		t.Errorf("permissions -want +got:\n%s", diff)
	}
	if r.ResourceOwner != "octo" || !slices.Contains(r.Repositories, "octo/app") || !strings.Contains(r.URL, "members=read") || r.ExpiresInDays == 0 {
		t.Errorf("recipe %+v", r)
	}
	if !strings.Contains(token.Remedy.Summary, "1 of its 3 uses") {
		t.Errorf("summary %q", token.Remedy.Summary)
	}
}

func TestExpiring(t *testing.T) {
	for _, test := range []struct {
		end  string
		want string
	}{
		{"2026-11-21T20:00:00Z", "within a day"}, {"2026-11-23T12:00:00Z", "in 2 days"}, {"2026-12-05T12:00:00Z", "in 14 days"}, {"2026-12-05T13:00:00Z", ""},
	} {
		token := classic("repo")
		token.ExpiresAt = &test.end
		got := expiring(token, limits)
		if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
			t.Errorf("%s: %q, want %q", test.end, got, test.want)
		}
	}
}
