package organization

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit"
)

// grant adds a fine-grained token with access: its name, its repositories (*
// for all) and its permissions on repositories.
func (w *world) grant(name, repositories string, permissions ...string) *world {
	g := &audit.Grant{ID: fmt.Sprintf("fine-grained/%d", len(w.inventory.Grants)+1), Kind: audit.GrantFineGrained, Account: "octo", Name: name, Selection: "subset",
		Permissions: audit.FineGrained{Repository: map[string]string{"metadata": "read"}, Organization: map[string]string{}}}
	if g.Repositories = strings.Fields(repositories); repositories == "*" {
		g.Selection, g.Repositories = "all", nil
	}
	for _, p := range permissions {
		name, access, _ := strings.Cut(p, ":")
		if rest, ok := strings.CutPrefix(name, "org-"); ok {
			g.Permissions.Organization[rest] = access
			continue
		}
		g.Permissions.Repository[name] = access
	}
	w.inventory.Grants = append(w.inventory.Grants, g)
	return w
}

// inspected adds a token that was looked at.
func (w *world) inspected(name string, reach int) *world {
	w.tokens = append(w.tokens, &audit.Token{Name: name, Reach: &audit.Reach{Repositories: reach}})
	return w
}

// TestSums says what a secret takes as a whole, what is to spare, what to do,
// and how much reach that takes away.
func TestSums(t *testing.T) {
	for _, test := range []struct {
		name string
		w    *world
		want string
	}{
		{"replaceable", newWorld().secret("A selected r s").repository("r", "private", "A", "A").repository("s", "private", "A"),
			"github github-token reach 2→0 work 2/2/3/3 grants [] excess []: remove it: GITHUB_TOKEN does in all 3 references"},
		{"one reference", newWorld().secret("octo/r A").repository("r", "private", "A"),
			"github github-token reach 1→0 work 1/1/1/1 grants [] excess []: remove it: GITHUB_TOKEN does in the one reference to it"},
		{"an App", newWorld().secret("A all").repository("r", "private", "A app", "A").repository("s", "private", "A"),
			"github app reach 10→1 work 2/2/3/2 grants [] excess []: a GitHub App's token, made in the job with contents: write on 2 repositories; in 2 of 3 references GITHUB_TOKEN does"},
		{"an App, and the token is known", newWorld().secret("A all").inspected("a", 312).repository("r", "private", "A app"),
			"github app reach 312→2 work 1/1/1/0 grants [] excess []: a GitHub App's token, made in the job with contents: write on 2 repositories"},
		{"unknown", newWorld().secret("A all").grant("a", "*", "contents:write").repository("r", "private", "A unknown", "A"),
			"github none reach 10→10 work 1/1/2/1 grants [fine-grained/1] excess []: settle first what 1 of 2 references do, which could not be read in full"},
		{"other", newWorld().secret("A all").repository("r", "private", "A other"),
			"other none reach 10→10 work 0/0/0/0 grants [] excess []: not a credential for GitHub"},
		{"missing", newWorld().asked("r").repository("r", "private", "A"),
			"github none reach 0→0 work 1/1/1/1 grants [] excess []: nobody holds it, so that what reads it gets an empty text: store it, or remove the references"},
		{"unused", newWorld().secret("NPM_TOKEN all"),
			"other none reach 10→0 work 0/0/0/0 grants [] excess []: no workflow reads it: delete it, and revoke what it holds"},
		{"unused, by what is said of it", func() *world {
			w := newWorld().secret("WHATEVER all")
			w.config = "secrets: {WHAT*: github}"
			return w
		}(), "github none reach 10→0 work 0/0/0/0 grants [] excess []: no workflow reads it: delete it, and revoke what it holds"},
		{"who knows", newWorld().secret("dependabot BOT_PAT all"),
			"github none reach 10→10 work 0/0/0/0 grants [] excess []: no reference was found, which settles nothing: Dependabot itself reads these secrets too, for private registries"},
		{"a grant of a like name", newWorld().secret("BOT_PAT all").grant("Bot-pat", "octo/r octo/tap octo/x", "contents:write", "issues:write", "org-members:read").repository("r", "private", "BOT_PAT app"),
			"github app reach 3→2 work 1/1/1/0 grants [fine-grained/1] excess [issues:write organization:members:read octo/x]: a GitHub App's token, made in the job with contents: write on 2 repositories"},
		{"a grant for all, and more than it takes", newWorld().secret("BOT_PAT selected r").grant("bot pat", "*", "contents:admin").repository("r", "private", "BOT_PAT app"),
			"github app reach 10→2 work 1/1/1/0 grants [fine-grained/1] excess [contents:admin octo/*]: a GitHub App's token, made in the job with contents: write on 2 repositories"},
		{"a classic token", func() *world {
			w := newWorld().secret("BOT_PAT selected r").repository("r", "private", "BOT_PAT app")
			w.repositories[0].References[0].Permissions.ClassicScopes = []string{"repo"}
			w.inventory.Grants = []*audit.Grant{{ID: "authorization/7", Kind: audit.GrantAuthorization, Account: "Octo", Name: "bot-pat", Scopes: []string{"repo", "admin:org"}}}
			return w
		}(), "github app reach 1→1 work 1/1/1/0 grants [authorization/7] excess [admin:org]: a GitHub App's token, made in the job with contents: write on 2 repositories"},
		{"a grant of another name", newWorld().secret("BOT_PAT selected r").grant("bot", "*", "contents:admin").repository("r", "private", "BOT_PAT app"),
			"github app reach 1→1 work 1/1/1/0 grants [] excess []: a GitHub App's token, made in the job with contents: write on 2 repositories"},
	} {
		s := test.w.join(t).Secrets[0]
		got := fmt.Sprintf("%s %s reach %d→%d work %d/%d/%d/%d grants %v excess %v: %s", s.Credential, s.Remedy.Kind, s.Reach, s.ReachAfter,
			s.Work.Repositories, s.Work.Files, s.Work.References, s.Work.Replaceable, s.Grants, s.Excess, s.Remedy.Summary)
		if got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.name, got, test.want)
		}
		if (s.MatchedBy == "") != (len(s.Grants) == 0) || (s.Remedy.FineGrained != nil) != (s.Remedy.Kind == audit.RemedyApp) {
			t.Errorf("%s: matched by %q, %+v", test.name, s.MatchedBy, s.Remedy)
		}
	}
	s := newWorld().secret("A all").repository("r", "private", "A app", "A").repository("s", "private", "A app", "A app").join(t).Secrets[0]
	want := &audit.Recipe{
		Name: "a", ResourceOwner: "octo", Repositories: []string{"octo/r", "octo/s", "octo/tap"}, Permissions: map[string]string{"contents": "write"},
		ClassicScopes: []string{"repo"}, ExpiresInDays: 90, Justification: "Used by 2 workflow files of 2 repositories", URL: s.Remedy.FineGrained.URL,
	}
	if diff := cmp.Diff(want, s.Remedy.FineGrained); diff != "" || !strings.Contains(s.Remedy.FineGrained.URL, "target_name=octo") {
		t.Errorf("recipe (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[audit.Verdict]int{audit.VerdictReplaceable: 1, audit.VerdictNotReplaceable: 3}, s.Verdicts); diff != "" || s.Verdict != audit.VerdictNotReplaceable || s.References != 4 {
		t.Errorf("verdicts %v %s", s.Verdict, diff)
	}
}

// TestRanking has what most reach goes away with first.
func TestRanking(t *testing.T) {
	o := newWorld().secret("C selected r").secret("B private").secret("A all").secret("D all").secret("E all").
		repository("r", "private", "C", "A app", "B", "D unknown", "E unknown").join(t)
	var got []string
	for _, s := range o.Secrets {
		got = append(got, fmt.Sprintf("%s %d→%d", s.Name, s.Reach, s.ReachAfter))
	}
	if diff := cmp.Diff([]string{"A 10→1", "B 6→0", "C 1→0", "D 10→10", "E 10→10"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestConfig has severities and acceptances, and ids that stay.
func TestConfig(t *testing.T) {
	w := newWorld().secret("A all").secret("B all").secret("C all").repository("r", "private", "C")
	before := w.join(t)
	w.config = "severities: {unscoped-secret: off, unused-secret: error}\naccept: [{rule: unused-secret, secret: b, reason: for later}]\n"
	o := w.secret("0 all").join(t)
	if len(o.Findings) != 2 || o.Findings[1].Severity != audit.SeverityError || !strings.Contains(o.Findings[1].Message, "reads A,") || o.Findings[1].ID != before.Findings[0].ID {
		t.Errorf("%+v, before %+v", o.Findings[1], before.Findings[0])
	}
	if len(o.Accepted) != 1 || o.Accepted[0].Acceptance.Reason != "for later" || o.Accepted[0].ID != before.Findings[1].ID {
		t.Errorf("%+v", o.Accepted)
	}
	if len(before.Findings) != 3 || before.Findings[2].Rule != unscopedSecret || before.Findings[2].Severity != audit.SeverityWarning {
		t.Errorf("%+v", before.Findings)
	}
}

// random makes an organisation of any kind, without its repositories' order.
func random(r *rand.Rand) *world {
	w := newWorld()
	visibility := []string{"public", "private", "internal"}
	for i := range 12 {
		name := fmt.Sprintf("S%d", i)
		switch r.IntN(4) {
		case 0:
			w.secret(name + " all")
		case 1:
			w.secret(name + " private")
		case 2:
			w.secret(name + " selected r1 r2 r3")
		}
		for k := range 3 {
			if r.IntN(4) == 0 {
				w.secret(fmt.Sprintf("octo/r%d%s %s", k, []string{"", ":prod", ":test"}[r.IntN(3)], name))
			}
		}
		if r.IntN(4) == 0 {
			w.secret("dependabot " + name + " all")
		}
		if r.IntN(4) == 0 {
			w.grant("s"+fmt.Sprint(i), []string{"*", "octo/r1 octo/r2"}[r.IntN(2)], "contents:write", "issues:read")
		}
	}
	w.inventory.Asked = r.IntN(3) > 0
	w.organization.Complete = r.IntN(3) > 0
	w.organization.Coverage.Forks = r.IntN(2)
	for i := range 8 {
		var references []string
		for range r.IntN(12) {
			references = append(references, fmt.Sprintf("S%d", r.IntN(14))+[]string{"", "", "@prod", "@,test", "@${{x}}"}[r.IntN(5)]+[]string{"", " app", " unknown", " other", " called"}[r.IntN(5)])
		}
		w.repository(fmt.Sprintf("r%d", i), visibility[r.IntN(3)], references...)
		last := w.repositories[len(w.repositories)-1]
		last.SecretsKnown = r.IntN(2) > 0
		if r.IntN(5) == 0 {
			w.open([]audit.OpeningKind{audit.OpenAll, audit.OpenEnvironment}[r.IntN(2)])
		}
	}
	return w
}

func text(t testing.TB, o *audit.Organization) string {
	t.Helper()
	data, err := json.MarshalIndent(o, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestOrder puts the same repositories in in any order, and in shards whose
// reports are joined again: the report is the same.
func TestOrder(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 7))
		w := random(r)
		whole := w.join(t)
		want := text(t, whole)
		all := w.repositories
		r.Shuffle(len(all), func(i, k int) { all[i], all[k] = all[k], all[i] })
		r.Shuffle(len(w.inventory.Secrets), func(i, k int) {
			w.inventory.Secrets[i], w.inventory.Secrets[k] = w.inventory.Secrets[k], w.inventory.Secrets[i]
		})
		if got := text(t, w.join(t)); got != want {
			t.Fatalf("seed %d: in another order (-want +got):\n%s", seed, cmp.Diff(want, got))
		}
		var inventories []*audit.Inventory
		for i := range 3 {
			w.repositories = nil
			for k, repository := range all {
				if k%3 == i {
					w.repositories = append(w.repositories, repository)
				}
			}
			inventories = append(inventories, Inventories(w.join(t))...)
		}
		j := New(Options{Inventories: inventories})
		for _, repository := range all {
			j.Add(repository)
			j.Add(repository)
		}
		joined := w.organization
		joined.Accounts = whole.Accounts
		j.Finish(&joined)
		if got := text(t, &joined); got != want {
			t.Fatalf("seed %d: joined shards (-want +got):\n%s", seed, cmp.Diff(want, got))
		}
	}
}

// TestNothing has no list that is null, and no panic.
func TestNothing(t *testing.T) {
	o := &audit.Organization{}
	j := New(Options{Inventories: Inventories(nil)})
	j.Add(&audit.Repository{})
	j.Finish(o)
	if got := text(t, o); strings.Contains(strings.Replace(got, `"accounts": null`, "", 1), "null") {
		t.Errorf("%s", got)
	}
	if got := text(t, newWorld().secret("A all").secret("B selected").repository("r", "", "A", "N").join(t)); strings.Contains(got, ": null") && !strings.Contains(got, `"job_permissions": null`) {
		t.Errorf("%s", got)
	}
}

// many are repositories with 100,000 references to two secrets in all.
func many(repositories int) (out []*audit.Repository) {
	for i := range repositories {
		name := fmt.Sprintf("octo/r%05d", i)
		r := &audit.Repository{Name: &name, Visibility: "private", Files: 10}
		for k := range 100_000 / repositories {
			r.References = append(r.References, &audit.Reference{
				Secret: []string{"BOT_PAT", "NPM_TOKEN"}[k%2], File: fmt.Sprintf(".github/workflows/w%d.yml", k/10), Line: k + 1, Credential: audit.CredentialGitHub, Verdict: audit.VerdictNotReplaceable,
				Target:      []string{"self", "octo/tap"},
				Permissions: audit.Permissions{FineGrained: audit.FineGrained{Repository: map[string]string{"contents": "write"}}, ClassicScopes: []string{"repo"}},
				Remedy:      audit.Remedy{Kind: audit.RemedyApp, FineGrained: &audit.Recipe{Permissions: map[string]string{"contents": "write"}, Repositories: []string{name, "octo/tap"}, ResourceOwner: "octo"}},
			})
		}
		out = append(out, r)
	}
	return out
}

// TestMemory holds what a join of 100,000 references keeps: sums, and not the
// references, which take a hundred times more.
func TestMemory(t *testing.T) {
	heap := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	w := newWorld().secret("BOT_PAT all").secret("NPM_TOKEN private")
	j := New(Options{Inventories: []*audit.Inventory{&w.inventory}})
	before := heap()
	all := many(1000)
	references := heap() - before
	for _, r := range all {
		j.Add(r)
	}
	clear(all)
	if kept := heap() - before; kept > references/100 {
		t.Errorf("%d bytes are kept of references that take %d", kept, references)
	}
	j.Finish(&audit.Organization{Complete: true})
	runtime.KeepAlive(all)
}

// BenchmarkJoin joins 100,000 references of 10,000 repositories.
func BenchmarkJoin(b *testing.B) {
	w := newWorld().secret("BOT_PAT all").secret("NPM_TOKEN private")
	all := many(10_000)
	b.ReportAllocs()
	for b.Loop() {
		j := New(Options{Inventories: []*audit.Inventory{&w.inventory}})
		for _, r := range all {
			j.Add(r)
		}
		j.Finish(&audit.Organization{Complete: true})
	}
}
