package accept_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/accept"
	"github.com/patrol-actions/patrol/audit/config"
	"github.com/patrol-actions/patrol/audit/scan"
)

var today = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// audited lists the findings of a repository and what is accepted of them.
func audited(t *testing.T, o scan.Options, files fstest.MapFS) (found, accepted []string) {
	t.Helper()
	if _, ok := files["patrol.yml"]; ok {
		c, err := config.Find(files)
		if err != nil {
			t.Fatal(err)
		}
		o.Config = c
	}
	o.Name, o.Now = "o/r", today
	r := scan.Repository(files, o)
	place := func(f *audit.Finding) string {
		return fmt.Sprintf("%s %s:%d", f.Rule, f.File[strings.LastIndex(f.File, "/")+1:], f.Line)
	}
	ids := map[string]bool{}
	for _, f := range r.Findings {
		found = append(found, place(f))
		if f.ID == "" || ids[f.ID] || f.Severity == "" || f.Acceptance != nil {
			t.Errorf("%+v", f)
		}
		ids[f.ID] = true
	}
	for _, f := range r.Accepted {
		accepted = append(accepted, fmt.Sprintf("%s by %s:%d: %s", place(f), f.Acceptance.File[strings.LastIndex(f.Acceptance.File, "/")+1:], f.Acceptance.Line, f.Acceptance.Reason))
	}
	return found, accepted
}

func workflow(steps string) fstest.MapFS {
	return fstest.MapFS{".github/workflows/a.yml": {Data: []byte("on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n" + steps)}}
}

const closes = "      - run: gh issue close 1\n        env:\n"

func TestComments(t *testing.T) {
	for _, test := range []struct {
		name, steps     string
		found, accepted []string
	}{
		{name: "the line", steps: closes + "          GH_TOKEN: ${{ secrets.A_PAT }} # patrol: ignore[replaceable-pat] the bot's name",
			accepted: []string{"replaceable-pat a.yml:8 by a.yml:8: the bot's name"}},
		{name: "the line above", steps: closes + "          # patrol: ignore[ replaceable-pat ]: the bot's  name\n          # more\n\n          GH_TOKEN: ${{ secrets.A_PAT }}",
			accepted: []string{"replaceable-pat a.yml:11 by a.yml:8: the bot's name"}},
		{name: "behind another comment", steps: closes + "          GH_TOKEN: ${{ secrets.A_PAT }} # v4 # Patrol: Ignore[replaceable-pat] x",
			accepted: []string{"replaceable-pat a.yml:8 by a.yml:8: x"}},
		{name: "several rules", steps: "      - uses: octo/x@v1\n        with:\n          # patrol: ignore[unknown-pat-use, exposed-pat] ours\n          token: ${{ secrets.A_PAT }}",
			accepted: []string{"exposed-pat a.yml:9 by a.yml:8: ours", "unknown-pat-use a.yml:9 by a.yml:8: ours"}},
		{name: "one of several is stale", steps: closes + "          GH_TOKEN: ${{ secrets.A_PAT }} # patrol: ignore[replaceable-pat, exposed-pat] x",
			found: []string{"stale-ignore a.yml:8"}, accepted: []string{"replaceable-pat a.yml:8 by a.yml:8: x"}},
		{name: "a comment behind code is not for the next line", steps: "      - run: gh issue close 1\n        env: # patrol: ignore[replaceable-pat] x\n          GH_TOKEN: ${{ secrets.A_PAT }}",
			found: []string{"stale-ignore a.yml:7", "replaceable-pat a.yml:8"}},
		{name: "no reason", steps: closes + "          GH_TOKEN: ${{ secrets.A_PAT }} # patrol: ignore[replaceable-pat]",
			found: []string{"replaceable-pat a.yml:8", "bad-ignore a.yml:8"}},
		{name: "no rule", steps: closes + "          GH_TOKEN: ${{ secrets.A_PAT }} # patrol: ignore this",
			found: []string{"replaceable-pat a.yml:8", "bad-ignore a.yml:8"}},
		{name: "unknown rules", steps: closes + "          GH_TOKEN: ${{ secrets.A_PAT }} # patrol: ignore[replaceable, user-only, classic-token, unused-secret, stale-ignore, replaceable-pat,] x",
			found: []string{"bad-ignore a.yml:8", "bad-ignore a.yml:8", "bad-ignore a.yml:8", "bad-ignore a.yml:8", "bad-ignore a.yml:8", "bad-ignore a.yml:8"}, accepted: []string{"replaceable-pat a.yml:8 by a.yml:8: x"}},
		{name: "another order", steps: closes + "          GH_TOKEN: ${{ secrets.A_PAT }} # patrol: allow[replaceable-pat] x",
			found: []string{"replaceable-pat a.yml:8", "bad-ignore a.yml:8"}},
		{name: "prose", steps: closes + "          GH_TOKEN: ${{ secrets.A_PAT }} # patrol: see the wiki, and the ignored ones",
			found: []string{"replaceable-pat a.yml:8"}},
		{name: "a text", steps: closes + "          NOTE: '# patrol: ignore[replaceable-pat] x'\n          GH_TOKEN: ${{ secrets.A_PAT }}",
			found: []string{"replaceable-pat a.yml:9"}},
		{name: "a script", steps: "      - run: |\n          set -e\n          # patrol: ignore[replaceable-pat] the bot's name\n          GH_TOKEN=${{ secrets.A_PAT }} gh issue close 1\n",
			accepted: []string{"replaceable-pat a.yml:9 by a.yml:8: the bot's name"}},
		{name: "a script's line", steps: "      - run: |\n          set -e\n          GH_TOKEN=${{ secrets.A_PAT }} gh issue close 1 # patrol: ignore[replaceable-pat] x\n",
			accepted: []string{"replaceable-pat a.yml:8 by a.yml:8: x"}},
		{name: "a script's text", steps: "      - run: |\n          echo '# patrol: ignore[replaceable-pat] x\n          '\n          GH_TOKEN=${{ secrets.A_PAT }} gh issue close 1\n",
			found: []string{"replaceable-pat a.yml:9"}},
		{name: "CRLF", steps: strings.ReplaceAll(closes+"          # patrol: ignore[replaceable-pat] x\n          GH_TOKEN: ${{ secrets.A_PAT }}\n", "\n", "\r\n"),
			accepted: []string{"replaceable-pat a.yml:9 by a.yml:8: x"}},
	} {
		found, accepted := audited(t, scan.Options{}, workflow(test.steps))
		if diff := cmp.Diff([][]string{test.found, test.accepted}, [][]string{found, accepted}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestAction(t *testing.T) {
	files := workflow("      - uses: ./\n        with: {token: \"${{ secrets.A_PAT }}\"} # patrol: ignore[replaceable-pat] x\n")
	files["action.yml"] = &fstest.MapFile{Data: []byte("inputs: {token: {}}\nruns:\n  using: composite\n  steps:\n    # patrol: ignore[exposed-pat] nothing\n    - run: gh issue close 1\n      shell: bash\n      env: {GH_TOKEN: \"${{ inputs.token }}\"}\n")}
	found, accepted := audited(t, scan.Options{}, files)
	want := [][]string{{"stale-ignore action.yml:5"}, {"replaceable-pat a.yml:7 by a.yml:7: x"}}
	if diff := cmp.Diff(want, [][]string{found, accepted}); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestEntries(t *testing.T) {
	const entry = "accept: [{secret: A_PAT, reason: r"
	for _, test := range []struct {
		name, config    string
		found, accepted []string
	}{
		{name: "secret", config: entry + "}]", accepted: []string{"replaceable-pat a.yml:8 by patrol.yml:1: r"}},
		{name: "all", config: entry + ", rule: replaceable-pat, file: '**/a.yml', job: A, expires: 2026-11-21}]", accepted: []string{"replaceable-pat a.yml:8 by patrol.yml:1: r"}},
		{name: "another job", config: entry + ", job: b}]", found: []string{"replaceable-pat a.yml:8", "stale-acceptance patrol.yml:1"}},
		{name: "expired", config: entry + ", expires: 2026-11-20}]", found: []string{"replaceable-pat a.yml:8", "stale-acceptance patrol.yml:1"}},
		{name: "expired and of nothing", config: "accept: [{secret: B, reason: r, expires: 2026-11-20}, {secret: A_PAT, reason: r}]", found: []string{"stale-acceptance patrol.yml:1"}, accepted: []string{"replaceable-pat a.yml:8 by patrol.yml:1: r"}},
		{name: "two of one", config: entry + "}, {rule: replaceable-pat, reason: s}]", accepted: []string{"replaceable-pat a.yml:8 by patrol.yml:1: r"}},
		{name: "a token's rule", config: "accept: [{rule: classic-token, reason: r}]", found: []string{"replaceable-pat a.yml:8"}},
		{name: "a rule that is off", config: entry + "}]\nseverities: {replaceable-pat: off}", found: []string{"stale-acceptance patrol.yml:1"}},
		{name: "stale is off", config: "accept: [{secret: B, reason: r}]\nseverities: {stale-acceptance: off}", found: []string{"replaceable-pat a.yml:8"}},
		{name: "a skipped file", config: entry + "}]\nskip: ['**/a.yml']", found: []string{"stale-acceptance patrol.yml:1"}},
	} {
		files := workflow(closes + "          GH_TOKEN: ${{ secrets.A_PAT }}\n")
		files["patrol.yml"] = &fstest.MapFile{Data: []byte(test.config)}
		found, accepted := audited(t, scan.Options{}, files)
		if diff := cmp.Diff([][]string{test.found, test.accepted}, [][]string{found, accepted}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

// TestOnly audits one file: entries are not judged by that.
func TestOnly(t *testing.T) {
	files := workflow(closes + "          GH_TOKEN: ${{ secrets.A_PAT }}\n")
	files["patrol.yml"] = &fstest.MapFile{Data: []byte("accept: [{secret: B, reason: r}]")}
	found, _ := audited(t, scan.Options{Only: ".github/workflows/a.yml"}, files)
	if diff := cmp.Diff([]string{"replaceable-pat a.yml:8"}, found); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestShared gives two repositories one configuration.
func TestShared(t *testing.T) {
	c, err := config.Parse("shared.yml", []byte("accept:\n- {secret: A_PAT, reason: r}\n- {secret: B_PAT, reason: r}\n- {secret: C_PAT, reason: r}\n"))
	if err != nil {
		t.Fatal(err)
	}
	ledger := &accept.Ledger{}
	for _, secret := range []string{"A_PAT", "B_PAT"} {
		found, accepted := audited(t, scan.Options{Config: c, Ledger: ledger}, workflow(closes+"          GH_TOKEN: ${{ secrets."+secret+" }}\n"))
		if len(found) > 0 || len(accepted) != 1 {
			t.Errorf("%s: %v %v", secret, found, accepted)
		}
	}
	stale := accept.Stale(c, ledger, today)
	if len(stale) != 1 || stale[0].Line != 4 || stale[0].File != "shared.yml" {
		t.Errorf("%+v", stale)
	}
}

func TestToken(t *testing.T) {
	c, err := config.Parse("c.yml", []byte("accept: [{rule: classic-token, secret: a_*, reason: r}]"))
	if err != nil {
		t.Fatal(err)
	}
	token := &audit.Token{Name: "A_PAT", Findings: []*audit.Finding{{Rule: "classic-token"}, {Rule: "broad-token"}}}
	accept.Token(token, accept.Options{Config: c, Now: today})
	if len(token.Findings) != 1 || token.Findings[0].Rule != "broad-token" || len(token.Accepted) != 1 || token.Accepted[0].Acceptance.Reason != "r" {
		t.Errorf("%+v %+v", token.Findings, token.Accepted)
	}
}

// TestSecrets parts the findings about stored secrets; an entry on their rules
// is not stale where none were looked for.
func TestSecrets(t *testing.T) {
	c, err := config.Parse("c.yml", []byte("accept: [{rule: unused-secret, secret: a_*, reason: r}, {rule: unscoped-secret, reason: s, expires: 2026-11-20}]"))
	if err != nil {
		t.Fatal(err)
	}
	findings := []*audit.Finding{{Rule: "unused-secret", Message: "A_PAT"}, {Rule: "unused-secret", Message: "B_PAT"}, {Rule: "unscoped-secret", Message: "A_PAT"}}
	kept, accepted := accept.Secrets(findings, func(f *audit.Finding) string { return f.Message }, accept.Options{Config: c, Now: today})
	if len(kept) != 2 || len(accepted) != 1 || accepted[0].Message != "A_PAT" || accepted[0].Acceptance.Reason != "r" {
		t.Errorf("%+v %+v", kept, accepted)
	}
	stale := accept.Stale(c, &accept.Ledger{}, today)
	if len(stale) != 1 || !strings.Contains(stale[0].Message, "expired on 2026-11-20") {
		t.Errorf("%+v", stale)
	}
}

// FuzzComments wants a place in the file for whatever is said of comments.
func FuzzComments(f *testing.F) {
	f.Add("      - run: |\n          # patrol: ignore[a, exposed-pat] é\n          x # patrol: ignore\n")
	f.Add("      - run: 'x # patrol: ignore[]'\r\n      # patrol: ignore[[]]\n")
	f.Fuzz(func(t *testing.T, steps string) {
		files := workflow(steps)
		source := string(files[".github/workflows/a.yml"].Data)
		for _, x := range scan.Repository(files, scan.Options{Name: "o/r"}).Findings {
			if strings.HasSuffix(x.Rule, "-ignore") && (x.Line < 1 || x.Line > 1+strings.Count(source, "\n") || x.Column < 1) {
				t.Errorf("%+v", x)
			}
		}
	})
}
