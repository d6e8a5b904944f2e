package estate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/bulk"
	"github.com/patrol-actions/patrol/audit/config"
	"github.com/patrol-actions/patrol/audit/github"
	"github.com/patrol-actions/patrol/audit/github/githubtest"
	"github.com/patrol-actions/patrol/audit/github/githubtest/connect"
	"github.com/patrol-actions/patrol/audit/scan"
)

// now is the time of the runs.
var now = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

const auditor_ = "ghp_estate"

// release uses a token where GITHUB_TOKEN would do, by a script and an action
// of the repository.
func release(i int) map[string]string {
	return map[string]string{
		".github/workflows/release.yml": `on: {push: {branches: [main]}}
jobs:
  release:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: ./tools/release.sh
        env:
          GH_TOKEN: ${{ secrets.BOT_PAT }}
      - uses: ./tools/label
        with:
          token: ${{ secrets.BOT_PAT }}
`,
		"tools/release.sh":       fmt.Sprintf("#!/bin/sh\n. tools/lib/names.sh\ngh release create v%d\n", i),
		"tools/lib/names.sh":     "NAME=x\n",
		"tools/label/action.yml": "name: Label\ninputs:\n  token: {required: true}\nruns:\n  using: composite\n  steps:\n    - run: gh label create bug\n      shell: bash\n      env:\n        GH_TOKEN: ${{ inputs.token }}\n",
		"src/main.go":            "package main\n",
		"README.md":              "Hello\n",
	}
}

func world(files ...map[string]string) githubtest.World {
	w := githubtest.World{
		Users:         []githubtest.User{{Login: "octo"}},
		Organizations: []githubtest.Organization{{Login: "Example", Members: map[string]string{"octo": "admin"}}},
		Tokens:        []githubtest.Token{{Name: "auditor", Value: auditor_, Kind: githubtest.Classic, User: "octo", Scopes: []string{"repo", "read:org"}}},
	}
	for i, f := range files {
		w.Repositories = append(w.Repositories, githubtest.Repository{Owner: "Example", Name: fmt.Sprintf("r%04d", i), Files: f, Visibility: githubtest.Private, PushedAt: now})
	}
	return w
}

func options(t *testing.T, s *githubtest.Server, file string) Options {
	return Options{
		Client: connect.Client(t, s, auditor_, func(o *github.Options) { o.Now = func() time.Time { return now } }), State: file, Version: "test", Accounts: []string{"example"}, Now: now,
	}
}

// run audits all and returns the reports as JSON.
func run(t *testing.T, o Options) string {
	t.Helper()
	e, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if err := e.List(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := e.Audit(context.Background()); err != nil {
		t.Fatal(err)
	}
	out := reports(t, e)
	if err := e.Finish(); err != nil {
		t.Fatal(err)
	}
	return out
}

func reports(t *testing.T, e *Estate) string {
	t.Helper()
	var out strings.Builder
	for r, err := range e.Repositories() {
		if err != nil {
			t.Fatal(err)
		}
		data, err := json.MarshalIndent(r, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		out.Write(append(data, '\n'))
	}
	return out.String()
}

func TestAudit(t *testing.T) {
	server := githubtest.New(t, world(release(1), map[string]string{"README.md": "x"}, nil))
	var first audit.Repository
	out := run(t, options(t, server, ""))
	if err := json.NewDecoder(strings.NewReader(out)).Decode(&first); err != nil {
		t.Fatal(err)
	}
	if len(first.References) != 2 || first.References[0].Verdict != audit.VerdictReplaceable || first.References[1].Verdict != audit.VerdictReplaceable || len(first.Errors) > 0 {
		t.Errorf("not read in full: %s", out)
	}
}

// sample is the share of the cases that a short run takes: one in so many.
const sample = 4

// archives are the accuracy cases, as repositories.
func archives(t testing.TB) (names []string, files []map[string]string) {
	t.Helper()
	paths, err := filepath.Glob("../../testdata/cases/*.txtar")
	if err != nil || len(paths) < 100 {
		t.Fatal("no cases", err)
	}
	for n, path := range paths {
		if testing.Short() && n%sample != 0 {
			continue
		}
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]string{}
		for _, f := range archive.Files {
			all[f.Name] = string(f.Data)
		}
		if len(all) > 0 {
			names, files = append(names, filepath.Base(path)), append(files, all)
		}
	}
	return names, files
}

// TestSameAsFolder audits every accuracy case over the API and as a folder:
// where a repository is read from makes no difference.
func TestSameAsFolder(t *testing.T) {
	names, files := archives(t)
	server := githubtest.New(t, world(files...))
	o := options(t, server, "")
	decoder := json.NewDecoder(strings.NewReader(run(t, o)))
	for i, name := range names {
		var got audit.Repository
		if err := decoder.Decode(&got); err != nil {
			t.Fatal(err)
		}
		fsys := fstest.MapFS{}
		for path, content := range files[i] {
			fsys[path] = &fstest.MapFile{Data: []byte(content)}
		}
		own, err := config.Find(fsys)
		if err != nil {
			own = nil
		}
		want := scan.Repository(fsys, scan.Options{Name: *got.Name, Now: now, Config: own, DefaultBranch: "main"})
		if diff := cmp.Diff(brief(want), brief(&got)); diff != "" {
			t.Errorf("%s (-folder +API):\n%s", name, diff)
		}
	}
	t.Logf("%d repositories, %d requests", len(names), o.Client.Usage().Sent)
}

// brief is what an audit says, but for the faults of configurations, which are
// errors over the API alone.
func brief(r *audit.Repository) []string {
	var out []string
	for _, x := range r.References {
		reasons := ""
		for _, reason := range x.Reasons {
			reasons += " " + reason.Code + ": " + reason.Detail
		}
		out = append(out, fmt.Sprint(x.File, x.Line, x.Secret, x.Credential, x.Verdict, reasons, x.Permissions, x.Target, x.Remedy.Summary))
	}
	for _, f := range r.Findings {
		out = append(out, fmt.Sprint(f.File, f.Line, f.Rule, f.Message))
	}
	for _, e := range r.Errors {
		if !strings.HasSuffix(e.File, "patrol.yml") {
			out = append(out, e.File+": "+e.Message)
		}
	}
	return out
}

// killed ends a run after some requests, as a crash would: nothing is said to
// the state.
func killed(t *testing.T, o Options, server *githubtest.Server, after int) (done bool) {
	t.Helper()
	e, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	before := len(server.Exchanges())
	o.Client = connect.Client(t, server, auditor_, func(x *github.Options) {
		x.Log = func(github.Event) {
			if len(server.Exchanges())-before > after {
				cancel()
			}
		}
	})
	e.options.Client, e.reader = o.Client, bulk.NewReader(o.Client)
	if err := e.List(ctx); err != nil {
		return false
	}
	return e.Audit(ctx) == nil
}

// TestResume ends a run at every request and goes on: the report has the bytes
// of one that was not disturbed.
func TestResume(t *testing.T) {
	var files []map[string]string
	for i := range 130 {
		files = append(files, release(i))
	}
	server := githubtest.New(t, world(files...))
	want := run(t, options(t, server, ""))
	for after := range 6 {
		file := filepath.Join(t.TempDir(), "state.db")
		o := options(t, server, file)
		if killed(t, o, server, after) {
			t.Errorf("not ended after %d requests", after)
		}
		o.Now = now.Add(time.Hour)
		e, err := Open(o)
		if err != nil {
			t.Fatal(err)
		}
		if !e.Resumed() || !e.StartedAt().Equal(now) {
			t.Errorf("after %d requests: resumed %t, started at %s", after, e.Resumed(), e.StartedAt())
		}
		e.Close()
		if got := run(t, o); got != want {
			t.Errorf("another report after a run that was ended at request %d", after)
		}
	}
}

// TestIncremental audits again after little has changed.
func TestIncremental(t *testing.T) {
	var files []map[string]string
	for i := range 300 {
		files = append(files, release(i))
	}
	file := filepath.Join(t.TempDir(), "state.db")
	o := options(t, githubtest.New(t, world(files...)), file)
	first := run(t, o)
	if n := o.Client.Usage().Sent; n > 20 {
		t.Errorf("the first run takes %d requests", n)
	}

	// What no audit read changes nothing; a script that one read does.
	files[7]["src/main.go"] = "package other\n"
	files[9]["tools/release.sh"] = "git push origin main\n"
	delete(files[11], "tools/label/action.yml")
	files[13][".github/workflows/more.yml"] = "on: push\njobs: {}\n"
	server := githubtest.New(t, world(files...))
	o = options(t, server, file)
	second := run(t, o)
	if n := o.Client.Usage().Sent; n > 3+6 {
		t.Errorf("the second run takes %d requests", n)
	}
	if first == second {
		t.Error("nothing changed")
	}
	for _, x := range server.Exchanges()[3:] {
		for i := range files {
			name := fmt.Sprintf(`name: \"r%04d`, i)
			if asked := strings.Contains(x.Body, name); asked && i != 9 && i != 11 && i != 13 {
				t.Errorf("r%04d is read again", i)
			}
		}
	}
	if fresh := run(t, options(t, server, "")); fresh != second {
		t.Errorf("another report than a fresh run:\n%s", cmp.Diff(fresh, second))
	}
}

// TestWrittenToken hides a token that somebody wrote into a workflow: neither
// the report nor the state holds it, though both quote the line.
func TestWrittenToken(t *testing.T) {
	value := "ghp_" + strings.Repeat("c0ffee", 6)
	files := map[string]string{".github/workflows/a.yml": "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: |\n          gh api -H 'X: " + value + "' repos/Example/other/issues\n        env: {GH_TOKEN: '${{ secrets.BOT_PAT }}'}\n"}
	e, err := Open(options(t, githubtest.New(t, world(files)), ""))
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if err := errors.Join(e.List(t.Context()), e.Audit(t.Context())); err != nil {
		t.Fatal(err)
	}
	result, err := e.result("Example/r0000")
	if err != nil {
		t.Fatal(err)
	}
	kept, err := json.Marshal(result)
	if out := reports(t, e); err != nil || !strings.Contains(out, "ghp_*") || strings.Contains(out, value) || strings.Contains(string(kept), value) {
		t.Errorf("%v: %s", err, out)
	}
}

// TestRequests counts what the audit of many repositories takes, half of which
// have workflows with scripts: at most 0.03 requests for each on a first run,
// and 0.012 on one after which one in fifty has changed.
func TestRequests(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes some seconds")
	}
	const count = 4000
	many := func(changed bool) githubtest.World {
		w := world()
		w.Count, w.Generate = count, func(i int) githubtest.Repository {
			files := map[string]string{"README.md": "x", "src/main.go": "package main\n"}
			if i%2 == 0 {
				files = release(i)
			}
			if changed && i%50 == 0 {
				files["tools/release.sh"] += "echo done\n"
				files[".github/workflows/new.yml"] = "on: push\njobs: {}\n"
			}
			return githubtest.Repository{Owner: "Example", Name: fmt.Sprintf("r%05d", i), Files: files, Visibility: githubtest.Private, PushedAt: now}
		}
		return w
	}
	file := filepath.Join(t.TempDir(), "state.db")
	for _, again := range []bool{false, true} {
		o := options(t, githubtest.New(t, many(again)), file)
		run(t, o)
		share, most := float64(o.Client.Usage().Sent)/count, 0.03
		if again {
			most = 0.012
		}
		t.Logf("%d requests for %d repositories: %.4f each", o.Client.Usage().Sent, count, share)
		if share > most {
			t.Errorf("%.4f requests for each repository, want %.3f at most", share, most)
		}
	}
}
