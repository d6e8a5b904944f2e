package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/patrol-actions/patrol/audit/github/githubtest"
	"github.com/patrol-actions/patrol/audit/github/githubtest/connect"
)

var update = flag.Bool("update", false, "write what the scripts compare anew")

// TestMain makes the test binary a patrol that scripts can run.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"patrol": func() {
		os.Exit(Main(context.Background(), Process{
			Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv,
		}))
	}})
}

// TestScripts runs the command line as people do. Every script finds a copy
// of the example repository in the folder example, a GitHub to ask at
// $FAKE_API, and tokens for it in the variables that [fakeWorld] names.
func TestScripts(t *testing.T) {
	schema, answers := reportSchema(t), compileSchema(t, filepath.Join("..", "needs", "schema", "needs.schema.json"))
	example := os.DirFS(filepath.Join("..", "..", "testdata", "example"))
	server := githubtest.New(t, fakeWorld())
	commit := headOf(t, server, "acme-corp/rocket", "main", "RELEASE_PAT")
	began, topic := headOf(t, server, "octo-tools/changing", "main", "CHANGE_TOKEN"), headOf(t, server, "octo-tools/changing", "topic", "CHANGE_TOKEN")
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *update,
		Setup: func(env *testscript.Env) error {
			env.Setenv("FAKE_API", server.URL)
			env.Setenv("FAKE_COMMIT", commit)
			env.Setenv("CHANGE_BASE", began)
			env.Setenv("CHANGE_HEAD", topic)
			env.Setenv("FAKE_HOST", strings.TrimPrefix(server.URL, "http://"))
			for _, token := range fakeWorld().Tokens {
				env.Setenv(token.Name, token.Value)
			}
			return os.CopyFS(filepath.Join(env.WorkDir, "example"), example)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"valid":    func(ts *testscript.TestScript, neg bool, args []string) { valid(ts, schema, neg, args) },
			"answer":   func(ts *testscript.TestScript, neg bool, args []string) { valid(ts, answers, neg, args) },
			"status":   status,
			"inert":    inert,
			"write":    write,
			"silent":   silent,
			"envsubst": envsubst,
		},
	})
}

func reportSchema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	return compileSchema(t, filepath.Join("..", "report", "schema", "report.schema.json"))
}

func compileSchema(t testing.TB, path string) *jsonschema.Schema {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schema, err := compiler.Compile(path)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// valid holds files ("stdout" is one) against a schema: of reports for the
// command valid, of the answers of patrol needs for answer.
func valid(ts *testscript.TestScript, schema *jsonschema.Schema, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: valid FILE...")
	}
	for _, name := range args {
		document, err := jsonschema.UnmarshalJSON(strings.NewReader(ts.ReadFile(name)))
		ts.Check(err)
		ts.Check(schema.Validate(document))
	}
}

// status runs patrol and wants an exit code, as in "status 2 audit --nope".
// What it wrote is there for stdout and stderr, as after exec.
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: status CODE [ARGUMENT...]")
	}
	code := 0
	var failed *exec.ExitError
	if err := ts.Exec("patrol", args[1:]...); errors.As(err, &failed) {
		code = failed.ExitCode()
	} else {
		ts.Check(err)
	}
	if got := strconv.Itoa(code); got != args[0] {
		ts.Fatalf("exit code %s, want %s\nstdout:\n%s\nstderr:\n%s", got, args[0], ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
}

// inert wants files that are safe to show: no control character but the line
// feed, and no mark that turns the direction of writing.
func inert(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: inert FILE...")
	}
	for _, name := range args {
		for i, line := range strings.Split(ts.ReadFile(name), "\n") {
			if strings.ContainsFunc(line, func(r rune) bool {
				return r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
			}) {
				ts.Fatalf("%s:%d is not inert: %q", name, i+1, line)
			}
		}
	}
}

// write makes a file that a script cannot hold: of a text in Go's quotes,
// repeated.
func write(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: write FILE TEXT TIMES")
	}
	text, err := strconv.Unquote(`"` + strings.ReplaceAll(args[1], `"`, `\"`) + `"`)
	ts.Check(err)
	times, err := strconv.Atoi(args[2])
	ts.Check(err)
	ts.Check(os.MkdirAll(filepath.Dir(ts.MkAbs(args[0])), 0o755))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Repeat(text, times)), 0o644))
}

// canary stands in the value of every token of the scripts.
const canary = "canary5a17"

// fakeWorld is the GitHub of the scripts: the owner of the example's
// repository, and a token of every kind, by the variable that holds it.
func fakeWorld() githubtest.World {
	const owner = "acme-corp"
	end := func(days int) time.Time { return time.Date(2026, 11, 21+days, 0, 0, 0, 0, time.UTC) }
	world := githubtest.World{
		Users:         []githubtest.User{{Login: "acme-bot"}, {Login: "acme-admin"}},
		Organizations: []githubtest.Organization{{Login: owner, Members: map[string]string{"acme-bot": "member", "acme-admin": "admin"}}},
		Now:           func() time.Time { return end(0) },
		Tokens: []githubtest.Token{
			{Name: "RELEASE_PAT", Value: "ghp_" + canary + "classic", Kind: githubtest.Classic, User: "acme-bot", Scopes: []string{"repo", "admin:org"}},
			{Name: "BOT_PAT", Value: "github_pat_" + canary + "fine", Kind: githubtest.FineGrained, User: "acme-bot", Owner: owner,
				Repositories: []string{"rocket"}, Permissions: "contents:write,issues:write,secrets:read", Expires: end(5)},
			{Name: "APP_TOKEN", Value: "ghs_" + canary + "app", Kind: githubtest.Installation, Owner: owner, Repositories: []string{"rocket"}, Permissions: "contents:read,checks:write"},
			{Name: "ADMIN_PAT", Value: "ghp_" + canary + "admin", Kind: githubtest.Classic, User: "acme-admin", Scopes: []string{"repo", "admin:org"}},
			{Name: "CHECK_TOKEN", Value: "ghs_" + canary + "check", Kind: githubtest.Installation, Owner: owner, Repositories: []string{"rocket"}, Permissions: "contents:read,checks:write", Job: true},
			{Name: "SUGGEST_TOKEN", Value: "ghs_" + canary + "suggest", Kind: githubtest.Installation, Owner: owner, Repositories: []string{"rocket"}, Permissions: "contents:read,pull_requests:write", Job: true},
			{Name: "OLD_PAT", Value: "ghp_" + canary + "old", Kind: githubtest.Classic, User: "acme-bot", Revoked: true},
		},
	}
	for _, name := range []string{"rocket", "launchpad", "moon-base", "telemetry", "website"} {
		repository := githubtest.Repository{Owner: owner, Name: name, Visibility: githubtest.Private, Files: map[string]string{"README.md": name}, Roles: map[string]string{"acme-bot": "write"}, Workflow: githubtest.WorkflowPermissions{Default: "read", CanApprove: true}}
		if name == "rocket" {
			patch := "@@ -9,3 +9,3 @@\n       - run: gh issue list\n         env:\n-          GH_TOKEN: x\n+          GH_TOKEN: ${{ secrets.LIST_PAT }}"
			repository.Branches = map[string]map[string]string{"topic": {"README.md": name, "b": "c"}}
			repository.Lists = map[string][]githubtest.Object{
				"pulls":         {{"number": 7, "title": "Topic"}},
				"pulls/7/files": {{"filename": ".github/workflows/a.yml", "status": "modified", "patch": patch}},
			}
		}
		if name == "website" {
			repository.Visibility = githubtest.Public
		}
		world.Repositories = append(world.Repositories, repository)
	}
	return withStellar(withTools(world))
}

// withStellar adds an organization to audit as a whole.
func withStellar(world githubtest.World) githubtest.World {
	const owner = "stellar"
	world.Users = append(world.Users, githubtest.User{Login: "stellar-admin"})
	world.Organizations = append(world.Organizations, githubtest.Organization{
		Login: owner, Members: map[string]string{"stellar-admin": "admin"},
		Secrets: []githubtest.Secret{{Name: "BOT_PAT"}, {Name: "OLD_PAT"}},
		Grants:  []githubtest.Grant{{ID: 7, Owner: "stellar-admin", Selection: "all", Permissions: "contents:write,issues:write,administration:write", TokenID: 70, TokenName: "bot-pat"}},
		Lists:   map[string][]githubtest.Object{},
	})
	world.Tokens = append(world.Tokens,
		githubtest.Token{Name: "STELLAR_PAT", Value: "ghp_" + canary + "stellar", Kind: githubtest.Classic, User: "stellar-admin", Scopes: []string{"repo", "admin:org", "workflow"}},
		githubtest.Token{Name: "STELLAR_ACTS", Value: "ghp_" + canary + "stellaracts", Kind: githubtest.Classic, User: "stellar-admin", Scopes: []string{"repo", "admin:org", "workflow"}},
		githubtest.Token{Name: "STELLAR_APP", Value: "ghs_" + canary + "stellarapp", Kind: githubtest.Installation, Owner: owner,
			All: true, Permissions: "contents:read,secrets:read,environments:read,actions:read,administration:read,dependabot_secrets:read,codespaces_secrets:read,org:organization_secrets:read,org:organization_dependabot_secrets:read,org:organization_codespaces_secrets:read,org:organization_administration:read,org:organization_personal_access_tokens:read,org:organization_personal_access_token_requests:read,org:members:read"},
	)
	const header = "on: {push: {branches: [main]}}\npermissions: {}\njobs:\n  triage:\n"
	add := func(name string, change func(*githubtest.Repository), files map[string]string) {
		r := githubtest.Repository{Owner: owner, Name: name, Visibility: githubtest.Private, Files: files, PushedAt: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}
		if change != nil {
			change(&r)
		}
		world.Repositories = append(world.Repositories, r)
	}
	add("probe", func(r *githubtest.Repository) { r.Topics = []string{"space"} }, map[string]string{
		".github/workflows/triage.yml": header + "    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - run: ./label.sh\n        env:\n          GH_TOKEN: ${{ secrets.BOT_PAT }}\n",
		"label.sh":                     "#!/bin/sh\ngh issue edit 1 --add-label bug\n",
	})
	add("lander", nil, map[string]string{
		".github/workflows/nightly.yml": "on: {schedule: [{cron: '0 3 * * *'}]}\njobs:\n  sync:\n    uses: stellar/shared/.github/workflows/sync.yml@v1\n    secrets: {token: '${{ secrets.BOT_PAT }}'}\n",
	})
	add("shared", func(r *githubtest.Repository) { r.Tags = map[string]map[string]string{"v1": r.Files} }, map[string]string{
		".github/workflows/sync.yml": "on: {workflow_call: {secrets: {token: {required: true}}}}\njobs:\n  sync:\n    runs-on: ubuntu-latest\n    steps:\n      - run: gh repo edit stellar/probe --description x\n        env: {GH_TOKEN: '${{ secrets.token }}'}\n",
	})
	add("dust", nil, map[string]string{"README.md": "nothing"})
	add("attic", func(r *githubtest.Repository) { r.Archived = true }, map[string]string{".github/workflows/a.yml": header})
	add("engine", func(r *githubtest.Repository) { r.Fork = true; r.Visibility = githubtest.Public }, map[string]string{"README.md": "fork"})
	add("void", func(r *githubtest.Repository) { r.Empty = true }, nil)
	return world
}

// withTools adds an owner whose repositories hold what other workflows use:
// an action, a reusable workflow, and a repository that uses them.
func withTools(world githubtest.World) githubtest.World {
	const owner = "octo-tools"
	world.Organizations = append(world.Organizations, githubtest.Organization{Login: owner})
	add := func(name, visibility, tag string, files map[string]string) {
		world.Repositories = append(world.Repositories, githubtest.Repository{
			Owner: owner, Name: name, Visibility: visibility, Files: files, Tags: map[string]map[string]string{tag: files},
		})
	}
	add("closer", githubtest.Public, "v1", map[string]string{
		"action.yml": "name: closer\ninputs: {token: {default: '${{ github.token }}'}}\nruns:\n  using: composite\n  steps:\n    - {shell: bash, run: '${{ github.action_path }}/close.sh', env: {GH_TOKEN: '${{ inputs.token }}'}}\n",
		"close.sh":   "gh issue close 1\n",
	})
	add("shared", githubtest.Public, "v2", map[string]string{
		".github/workflows/secrets.yml": "on: workflow_call\njobs:\n  set:\n    runs-on: ubuntu-latest\n    steps:\n      - run: gh secret set A --body x\n        env: {GH_TOKEN: '${{ secrets.ADMIN_PAT }}'}\n",
	})
	world.Repositories = append(world.Repositories, changing(owner))
	world.Tokens = append(world.Tokens,
		githubtest.Token{Name: "CHANGE_TOKEN", Value: "ghs_" + canary + "change", Kind: githubtest.Installation, Owner: owner, Repositories: []string{"changing"}, Permissions: "contents:read", Job: true},
		githubtest.Token{Name: "ISSUES_TOKEN", Value: "ghs_" + canary + "issues", Kind: githubtest.Installation, Owner: owner, Repositories: []string{"changing"}, Permissions: "issues:read", Job: true})
	add("hidden", githubtest.Private, "v1", map[string]string{"action.yml": "runs: {using: composite, steps: []}\n"})
	add("app", githubtest.Public, "v3", map[string]string{
		".github/workflows/close.yml": "on: workflow_dispatch\njobs:\n  close:\n    runs-on: ubuntu-latest\n    steps:\n      - run: ./close.sh\n        env:\n          GH_TOKEN: ${{ secrets.A_PAT }}\n",
		"close.sh":                    "gh issue close 1\n",
	})
	return world
}

// changing is a repository with a branch on which a workflow starts to listen
// to what another one pushes.
func changing(owner string) githubtest.Repository {
	const secret = "on: workflow_dispatch\njobs: {a: {runs-on: x, steps: [{run: gh issue list, env: {GH_TOKEN: '${{ secrets.%s }}'}}]}}\n"
	const push = "on: workflow_dispatch\njobs: {a: {runs-on: x, steps: [{uses: actions/checkout@v4, with: {token: '${{ secrets.PUSH_PAT }}'}}, {run: git push origin HEAD:main}]}}\n"
	main := map[string]string{".github/workflows/old.yml": fmt.Sprintf(secret, "OLD_PAT"), ".github/workflows/push.yml": push}
	topic := maps.Clone(main)
	topic[".github/workflows/listen.yml"] = "on: {push: {branches: [main]}}\njobs: {a: {runs-on: x, steps: [{run: make}]}}\n"
	topic[".github/workflows/new.yml"] = fmt.Sprintf(secret, "NEW_PAT")
	return githubtest.Repository{Owner: owner, Name: "changing", Visibility: githubtest.Private, Files: main, Branches: map[string]map[string]string{"topic": topic}}
}

// silent wants files, "stdout" and "stderr" among them, in which no value of a
// token stands, whole or in part.
func silent(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: silent FILE...")
	}
	for _, name := range args {
		if strings.Contains(ts.ReadFile(name), canary) {
			ts.Fatalf("%s holds the value of a token:\n%s", name, ts.ReadFile(name))
		}
	}
}

// headOf is the commit of a branch, as a token sees it.
func headOf(t *testing.T, server *githubtest.Server, repository, branch, token string) string {
	t.Helper()
	all := fakeWorld().Tokens
	c := connect.Client(t, server, all[slices.IndexFunc(all, func(x githubtest.Token) bool { return x.Name == token })].Value)
	var answer struct {
		Commit struct {
			SHA string `json:"sha"`
		} `json:"commit"`
	}
	if _, err := c.Get(t.Context(), "/repos/"+repository+"/branches/"+branch, nil, &answer); err != nil {
		t.Fatal(err)
	}
	return answer.Commit.SHA
}

// envsubst fills variables into files.
func envsubst(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: envsubst FILE...")
	}
	for _, name := range args {
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(os.Expand(ts.ReadFile(name), ts.Getenv)), 0o644))
	}
}
