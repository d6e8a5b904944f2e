package command

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/github/githubtest"
)

// many is an organization with repositories that all have a workflow.
func many(n int, permissions string) githubtest.World {
	w := githubtest.World{
		Organizations: []githubtest.Organization{{Login: "example", Secrets: []githubtest.Secret{{Name: "BOT_PAT"}}}},
		Tokens:        []githubtest.Token{{Name: "app", Value: "ghs_" + canary, Kind: githubtest.Installation, Owner: "example", All: true, Permissions: permissions}},
	}
	for i := range n {
		w.Repositories = append(w.Repositories, githubtest.Repository{Owner: "example", Name: fmt.Sprintf("r%03d", i), Visibility: githubtest.Private, PushedAt: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC),
			Files: map[string]string{".github/workflows/a.yml": "on: push\njobs:\n  a:\n    runs-on: x\n    steps: [{run: gh issue list, env: {GH_TOKEN: '${{ secrets.BOT_PAT }}'}}]\n"}})
	}
	return w
}

const everything = "contents:read,secrets:read,environments:read,actions:read,administration:read,dependabot_secrets:read,codespaces_secrets:read,org:organization_secrets:read,org:organization_dependabot_secrets:read,org:organization_codespaces_secrets:read,org:organization_administration:read,org:members:read"

// patrol runs a command line.
func patrol(server *githubtest.Server, arguments ...string) (code int, stderr string) {
	var said bytes.Buffer
	env := map[string]string{"GH_TOKEN": "ghs_" + canary, "SOURCE_DATE_EPOCH": "1795000000"}
	if server != nil {
		env["GITHUB_API_URL"] = server.URL
	}
	code = Main(context.Background(), Process{
		Args: arguments, Stdin: strings.NewReader(""), Stdout: &bytes.Buffer{}, Stderr: &said, Getenv: func(name string) string { return env[name] },
		Sleep: func(context.Context, time.Duration) error { return nil },
	})
	return code, said.String()
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestOrgEnded ends runs half-way by what a server may answer: what was done is
// reported and said not to be all, and the same command goes on to the report
// of a run that was not disturbed.
func TestOrgEnded(t *testing.T) {
	secrets, query := "/repos/{owner}/{repo}/actions/secrets", "/graphql"
	for name, test := range map[string]struct {
		match githubtest.Match
		fault githubtest.Fault
		says  string
	}{
		"revoked":   {githubtest.Match{Template: secrets, Skip: 3}, githubtest.Fault{Status: http.StatusUnauthorized, Body: `{"message":"Bad credentials"}`}, "Bad credentials"},
		"away":      {githubtest.Match{Template: secrets, Skip: 3}, githubtest.Fault{Reset: true}, "cannot be reached"},
		"limit":     {githubtest.Match{Template: secrets, Skip: 3}, githubtest.Fault{Secondary: time.Hour}, "secondary rate limit"},
		"account":   {githubtest.Match{Template: "/orgs/{org}/actions/secrets"}, githubtest.Fault{Reset: true}, "cannot be reached"},
		"query":     {githubtest.Match{Template: query, Skip: 3}, githubtest.Fault{Secondary: time.Hour}, "secondary rate limit"},
		"forbidden": {githubtest.Match{Template: query, Skip: 3}, githubtest.Fault{Status: http.StatusUnauthorized}, "401"},
		"down":      {githubtest.Match{Template: query, Skip: 3}, githubtest.Fault{HTML: true}, "in a row could not be read"},
	} {
		t.Run(name, func(t *testing.T) {
			n, whose := 20, "repositories"
			if test.match.Template == query {
				n, whose = 170, "organization" // more than one query takes
			}
			server, folder := githubtest.New(t, many(n, everything)), t.TempDir()
			at := func(name string) string { return filepath.Join(folder, name) }
			refuse := func() { // of one repository, which stays so only before the run is ended
				server.Fail(githubtest.Match{Path: "/repos/example/r000/environments"}, githubtest.Fault{Status: http.StatusNotFound, Body: `{"message":"Not Found"}`})
			}
			command := func(state, report string) (int, string) {
				return patrol(server, "org", "example", "--secrets", whose, "--max-wait", "10m", "--fail-on", "never", "--state", at(state), "--format", "json="+at(report))
			}
			refuse()
			if code, said := command("whole.db", "whole.json"); code != ExitClean {
				t.Fatalf("%d: %s", code, said)
			}
			server.Fail(test.match, test.fault)
			code, said := command("s.db", "part.json")
			if code != ExitUnfinished || !strings.Contains(said, test.says) || !strings.Contains(said, "give the same command again") {
				t.Errorf("%d: %s", code, said)
			}
			part := read(t, at("part.json"))
			if !strings.Contains(part, `"complete": false`) || strings.Contains(part+said, canary) {
				t.Errorf("what is reported of it: %.400s", part)
			}
			server.Heal()
			if test.match.Template != secrets {
				refuse()
			}
			if code, said := command("s.db", "report.json"); code != ExitClean {
				t.Fatalf("%d: %s", code, said)
			}
			if read(t, at("report.json")) != read(t, at("whole.json")) {
				t.Error("another report than that of a run that was not ended")
			}
			if strings.Contains(read(t, at("s.db")), canary) {
				t.Error("the token stands in the state")
			}
		})
	}
}

// TestMergeParts merges parts in any order, twice, and one that did not finish.
func TestMergeParts(t *testing.T) {
	server, folder := githubtest.New(t, many(40, everything)), t.TempDir()
	at := func(name string) string { return filepath.Join(folder, name) }
	audited := func(report string, arguments ...string) {
		if code, said := patrol(server, append([]string{"org", "example", "--state", at(report + ".db"), "--fail-on", "never", "--format", "json=" + at(report)}, arguments...)...); code != ExitClean {
			t.Fatalf("%d: %s", code, said)
		}
	}
	audited("whole.json")
	audited("1.json", "--shard", "1/2")
	audited("2.json", "--shard", "2/2")
	if code, said := patrol(nil, "merge", at("2.json"), at("1.json"), at("2.json"), "--fail-on", "never", "--format", "json="+at("merged.json")); code != ExitClean {
		t.Errorf("%d: %s", code, said)
	}
	if read(t, at("merged.json")) != read(t, at("whole.json")) {
		t.Error("another report than that of one machine")
	}
	server.Fail(githubtest.Match{Template: "/graphql", Skip: 1}, githubtest.Fault{Secondary: time.Hour})
	if code, said := patrol(server, "org", "example", "--state", "", "--max-wait", "1m", "--shard", "2/2", "--format", "json="+at("cut.json")); code != ExitUnfinished {
		t.Errorf("%d: %s", code, said)
	}
	code, said := patrol(nil, "merge", at("1.json"), at("cut.json"), "--format", "json="+at("merged.json"))
	if code != ExitUnfinished || !strings.Contains(said, "the audit of example, part 2/2, did not finish: ") || !strings.Contains(read(t, at("merged.json")), `"complete": false`) {
		t.Errorf("a part that was cut off: %d: %s", code, said)
	}
}

// TestMergeOthers merges reports that no audit of accounts wrote: without
// names, without order, with names that lead elsewhere.
func TestMergeOthers(t *testing.T) {
	folder := t.TempDir()
	at := func(name string) string { return filepath.Join(folder, name) }
	reported := func(file string, o *audit.Organization, names ...string) {
		r := newReport(Process{Getenv: func(string) string { return "1795000000" }})
		r.Organization, r.Tokens = o, []*audit.Token{{Name: "BOT_PAT"}}
		for _, name := range names {
			one := &audit.Repository{Findings: []*audit.Finding{{Rule: "replaceable-pat", Severity: audit.SeverityNotice, Message: "x", File: ".github/workflows/a.yml", Line: 1, ID: name}}}
			if name != "" {
				one.Name = &name
			}
			r.Repositories = append(r.Repositories, one)
		}
		data, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at(file), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	reported("a.json", nil, "o/z", "", "o/a", `..\..\o/b`, "../../../c")
	reported("b.json", nil, "o/m", "o/a", "")
	code, said := patrol(nil, "merge", at("a.json"), at("b.json"), "--fail-on", "never", "--format", "json="+at("merged.json"), "--format", "sarif="+at("sarif"))
	if code != ExitClean {
		t.Fatalf("%d: %s", code, said)
	}
	var merged audit.Report
	if err := json.Unmarshal([]byte(read(t, at("merged.json"))), &merged); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range merged.Repositories {
		name := "-"
		if r.Name != nil {
			name = *r.Name
		}
		names = append(names, name)
	}
	if got := strings.Join(names, " "); got != `- - ../../../c ..\..\o/b o/a o/m o/z` || len(merged.Tokens) != 1 {
		t.Errorf("%s, %d tokens", got, len(merged.Tokens))
	}
	files, _ := filepath.Glob(at("sarif/*"))
	for i := range files {
		files[i] = filepath.Base(files[i])
	}
	if got := strings.Join(files, " "); got != "..+..+..+c.sarif ..+..+o+b.sarif o+a.sarif o+m.sarif o+z.sarif repository-1.sarif repository-2.sarif" {
		t.Errorf("files: %s", got)
	}

	reported("c.json", &audit.Organization{Complete: true, Accounts: []audit.Account{{Login: "o", Kind: "user"}}}, "o/b", "o/a")
	if code, said := patrol(nil, "merge", at("c.json")); code != ExitUnfinished || !strings.Contains(said, "has o/a after o/b") {
		t.Errorf("a report out of order: %d: %s", code, said)
	}
}

// TestFailOnSecrets counts the findings about secrets of an account.
func TestFailOnSecrets(t *testing.T) {
	w := many(1, everything)
	w.Repositories[0].Files = map[string]string{"README.md": "x"}
	server := githubtest.New(t, w)
	for severity, want := range map[string]int{"notice": ExitFindings, "error": ExitClean} {
		if code, said := patrol(server, "org", "example", "--state", "", "--fail-on", severity); code != want {
			t.Errorf("%s: %d: %s", severity, code, said)
		}
	}
	if code, said := patrol(server, "org", "example", "Example"); code != ExitUsage || !strings.Contains(said, "Example is named twice") {
		t.Errorf("%d: %s", code, said)
	}
}

// TestTime: what expires does so by the time of the report.
func TestTime(t *testing.T) {
	w := &organizationWriter{p: Process{Getenv: func(string) string { return "" }}, head: &audit.Report{GeneratedAt: "2026-11-21T09:00:00Z"}}
	if got := w.time(); !got.Equal(time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)) {
		t.Error(got)
	}
}

// TestIssueOfPart leaves the issue alone where a repository could not be read.
func TestIssueOfPart(t *testing.T) {
	server := githubtest.New(t, many(2, everything+",issues:write"))
	list := filepath.Join(t.TempDir(), "list")
	if err := os.WriteFile(list, []byte("example/r000\nexample/none\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, said := patrol(server, "org", "--repositories", list, "--state", "", "--issue", "example/r001")
	if code != ExitUnfinished || !strings.Contains(said, "the issue is left as it is, for the report is not complete") {
		t.Errorf("%d: %s", code, said)
	}
	for _, x := range server.Exchanges() {
		if strings.Contains(x.Path, "/issues") {
			t.Errorf("%s %s", x.Method, x.Path)
		}
	}
}

// TestUploadedOnce asks nothing of code scanning where the same was uploaded by
// an earlier run.
func TestUploadedOnce(t *testing.T) {
	server := githubtest.New(t, many(2, everything+",security_events:write"))
	state := filepath.Join(t.TempDir(), "s.db")
	for round, want := range []int{4, 0} { // of each, what is there, and the upload
		before := len(server.Exchanges())
		if code, said := patrol(server, "org", "example", "--state", state, "--upload-sarif", "--fail-on", "never"); code != ExitClean {
			t.Fatalf("%d: %s", code, said)
		}
		n := 0
		for _, x := range server.Exchanges()[before:] {
			if strings.Contains(x.Path, "/code-scanning/") {
				n++
			}
		}
		if n != want {
			t.Errorf("run %d: %d requests to code scanning", round+1, n)
		}
	}
}
