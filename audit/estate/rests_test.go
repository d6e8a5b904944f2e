package estate

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/patrol-actions/patrol/audit/config"
	"github.com/patrol-actions/patrol/audit/github/githubtest"
	"github.com/patrol-actions/patrol/audit/state"
)

// with is run with something done between the list and the audit.
func with(t *testing.T, o Options, do func(*Estate)) string {
	t.Helper()
	e, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if err := e.List(context.Background()); err != nil {
		t.Fatal(err)
	}
	do(e)
	if err := e.Audit(context.Background()); err != nil {
		t.Fatal(err)
	}
	out := reports(t, e)
	if err := e.Finish(); err != nil {
		t.Fatal(err)
	}
	return out
}

// proposing opens a pull request with a token.
func proposing() map[string]string {
	return map[string]string{".github/workflows/propose.yml": `on: {push: {branches: [main]}}
jobs:
  propose:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: gh pr create --fill
        env:
          GH_TOKEN: ${{ secrets.BOT_PAT }}
`}
}

// TestRestsOnSettings: an audit holds as long as the account's settings are
// those that it was made with.
func TestRestsOnSettings(t *testing.T) {
	server, file := githubtest.New(t, world(proposing())), filepath.Join(t.TempDir(), "s.db")
	allowed, forbidden := true, false
	allow := func(e *Estate) { e.Accounts()[0].ApprovePullRequests = &allowed }
	forbid := func(e *Estate) { e.Accounts()[0].ApprovePullRequests = &forbidden }
	first := with(t, options(t, server, file), allow)
	second, fresh := with(t, options(t, server, file), forbid), with(t, options(t, server, ""), forbid)
	if first == second || second != fresh {
		t.Errorf("allowed:\n%s\nthen forbidden:\n%s\nforbidden:\n%s", first, second, fresh)
	}
	if unknown := with(t, options(t, server, file), func(*Estate) {}); unknown == second {
		t.Error("what is not known any more is taken over")
	}
}

// TestRestsOnAccounts: with another account workflows of its repositories are
// read that were not before.
func TestRestsOnAccounts(t *testing.T) {
	w := world(map[string]string{".github/workflows/a.yml": "on: push\njobs:\n  a:\n    uses: other/shared/.github/workflows/w.yml@main\n    secrets: inherit\n"})
	w.Organizations = append(w.Organizations, githubtest.Organization{Login: "other", Members: map[string]string{"octo": "admin"}})
	w.Repositories = append(w.Repositories, githubtest.Repository{Owner: "other", Name: "shared", Visibility: githubtest.Private, PushedAt: now, Files: map[string]string{
		".github/workflows/w.yml": "on: workflow_call\njobs:\n  a:\n    runs-on: x\n    steps: [{run: gh issue list, env: {GH_TOKEN: '${{ secrets.BOT_PAT }}'}}]\n"}})
	server, file := githubtest.New(t, w), filepath.Join(t.TempDir(), "s.db")
	run(t, options(t, server, file))
	both := func(file string) string {
		o := options(t, server, file)
		o.Accounts = []string{"example", "other"}
		return run(t, o)
	}
	if got, want := both(file), both(""); got != want || !strings.Contains(want, "BOT_PAT") {
		t.Errorf("with what was kept:\n%s\nfresh:\n%s", got, want)
	}
}

// TestAnotherDay: an audit is of a day only where something expires.
func TestAnotherDay(t *testing.T) {
	server := githubtest.New(t, world(release(1)))
	entry := "accept:\n  - {rule: replaceable-pat, secret: BOT_PAT, reason: it is known"
	for text, kept := range map[string]bool{entry + "}\n": true, entry + ", expires: 2026-11-21}\n": false} {
		file := filepath.Join(t.TempDir(), "s.db")
		c, err := config.Parse("patrol.yml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		audited := func(at time.Time) int {
			o := options(t, server, file)
			o.Config, o.ConfigText, o.Now = c, text, at
			run(t, o)
			return o.Client.Usage().Sent
		}
		audited(now)
		if n := audited(now.AddDate(0, 0, 1)); (n == 1) != kept {
			t.Errorf("%s: %d requests on the next day", text, n)
		}
	}
}

// count is how many repositories are listed.
func count(t *testing.T, e *Estate) (n int) {
	t.Helper()
	for _, err := range e.store.Repositories() {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}

func opened(t *testing.T, o Options) *Estate {
	t.Helper()
	e, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.List(context.Background()); err != nil {
		t.Fatal(err)
	}
	return e
}

// TestPlan: a plan is a list of its own each time, and a part goes on with the
// list that it began with unless there is a newer plan.
func TestPlan(t *testing.T) {
	files := []map[string]string{release(1), release(2)}
	plan, part := filepath.Join(t.TempDir(), "plan.db"), filepath.Join(t.TempDir(), "part.db")
	at := now
	open := func(file, plan string) *Estate {
		o := options(t, githubtest.New(t, world(files...)), file)
		o.Plan, o.Planning, o.Now = plan, plan == "", at
		return opened(t, o)
	}
	open(plan, "").Close()
	e := open(part, plan)
	if n := count(t, e); n != 2 || e.Resumed() {
		t.Errorf("%d repositories, resumed %t", n, e.Resumed())
	}
	// As a crash would, while the plan was taken over.
	if err := e.store.Begin(&state.Run{Scope: e.run.Scope, StartedAt: e.run.StartedAt}); err != nil {
		t.Fatal(err)
	}
	e.Close()
	e = open(part, plan)
	if n := count(t, e); n != 2 || e.Resumed() {
		t.Errorf("after a crash: %d repositories, resumed %t", n, e.Resumed())
	}
	e.Close()
	e = open(part, plan)
	if !e.Resumed() {
		t.Error("not gone on with the same plan")
	}
	e.Close()

	files, at = append(files, release(3)), now.Add(time.Hour)
	open(plan, "").Close()
	e = open(part, plan)
	if n := count(t, e); n != 3 || e.Resumed() {
		t.Errorf("with a newer plan: %d repositories, resumed %t", n, e.Resumed())
	}
	e.Close()
	// Two parts may read a plan at the same time.
	first, err := state.Read(plan)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	open(filepath.Join(t.TempDir(), "other.db"), plan).Close()
}

// TestOld: a run of long ago is not gone on with.
func TestOld(t *testing.T) {
	server, file := githubtest.New(t, world(release(1))), filepath.Join(t.TempDir(), "s.db")
	o := options(t, server, file)
	opened(t, o).Close()
	o.Now = now.Add(maxAge + time.Second)
	e := opened(t, o)
	defer e.Close()
	if e.Resumed() {
		t.Error("gone on with a run of long ago")
	}
}

// TestFailedAnew: that a repository could not be read is said of one run.
func TestFailedAnew(t *testing.T) {
	server, file := githubtest.New(t, world(release(1))), filepath.Join(t.TempDir(), "s.db")
	e := opened(t, options(t, server, file))
	if err := e.save(map[string]*state.Result{"Example/r0000": e.failure("Example/r0000", "it broke")}); err != nil {
		t.Fatal(err)
	}
	if got := reports(t, e); !strings.Contains(got, "it broke") {
		t.Errorf("not said: %s", got)
	}
	if err := e.Finish(); err != nil {
		t.Fatal(err)
	}
	e.Close()
	o := options(t, server, file)
	o.Now = now.Add(time.Hour)
	e = opened(t, o)
	defer e.Close()
	if c, err := e.Coverage(); err != nil || c.Failed != 0 || c.Left != 1 {
		t.Errorf("%+v, %v", c, err)
	}
}

// TestHidden keeps no token that somebody wrote into a workflow.
func TestHidden(t *testing.T) {
	value := "ghp_" + strings.Repeat("a1", 18)
	server := githubtest.New(t, world(map[string]string{".github/workflows/a.yml": "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: gh issue list\n        env:\n          OLD: " + value + "\n          GH_TOKEN: ${{ secrets.BOT_PAT }}\n"}))
	e := opened(t, options(t, server, ""))
	defer e.Close()
	if err := e.Audit(context.Background()); err != nil {
		t.Fatal(err)
	}
	for r, err := range e.Repositories() {
		if err != nil {
			t.Fatal(err)
		}
		source, err := e.Source(r, ".github/workflows/a.yml")
		if err != nil || strings.Contains(string(source), value[4:]) || !strings.Contains(string(source), "OLD: ghp_*") || !strings.Contains(string(source), "BOT_PAT") {
			t.Errorf("%s, %v", source, err)
		}
	}
}

// TestLookUp goes on with a list of names where it was, and asks for none that
// an account has already.
func TestLookUp(t *testing.T) {
	var files []map[string]string
	for range 700 {
		files = append(files, nil)
	}
	server, file := githubtest.New(t, world(files...)), filepath.Join(t.TempDir(), "s.db")
	o := options(t, server, file)
	o.Accounts = nil
	for i := range files {
		o.Names = append(o.Names, fmt.Sprintf("example/r%04d", i))
	}
	o.Names = append(o.Names, "example/none")
	server.Fail(githubtest.Match{Template: "/graphql", Skip: 6}, githubtest.Fault{Status: http.StatusUnauthorized})
	e, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.List(context.Background()); err == nil {
		t.Fatal("not ended")
	}
	e.Close()
	server.Heal()
	before := len(server.Exchanges())
	e = opened(t, o)
	if n := len(server.Exchanges()) - before; n != 3 || count(t, e) != 701 || len(e.Accounts()) != 1 {
		t.Errorf("%d requests, %d repositories, %v", n, count(t, e), e.Accounts())
	}
	if c, err := e.Coverage(); err != nil || c.Failed != 1 {
		t.Errorf("%+v, %v", c, err)
	}
	e.Close()

	o = options(t, server, "")
	o.Names = []string{"example/r0007"}
	before = len(server.Exchanges())
	opened(t, o).Close()
	if n := len(server.Exchanges()) - before; n != 7 {
		t.Errorf("%d requests for an account and a name of it", n)
	}
}
