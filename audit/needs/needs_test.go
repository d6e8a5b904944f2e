package needs

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/decide"
	"github.com/patrol-actions/patrol/rules"
)

const releaseWorkflow = `on: workflow_dispatch
permissions: {}
jobs:
  release:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - name: Release
        run: gh release create v1
        env:
          GH_TOKEN: ${{ github.token }}
      - run: gh issue create -R acme/other -t x -b y
        env:
          GH_TOKEN: ${{ secrets.BOT_PAT }}
      - run: gh issue comment 5 -b done
        env:
          GH_TOKEN: ${{ secrets.COMMENT_PAT }}
      - run: echo done
  called:
    uses: ./.github/workflows/inner.yml
    secrets: inherit
`

const innerWorkflow = `on: workflow_call
jobs:
  label:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/labeler@v5
`

var files = fstest.MapFS{
	".github/workflows/release.yml": {Data: []byte(releaseWorkflow)},
	".github/workflows/inner.yml":   {Data: []byte(innerWorkflow)},
	"close.graphql":                 {Data: []byte("mutation { closeIssue(input: {issueId: \"x\"}) { clientMutationId } }")},
	"scripts/tag.sh":                {Data: []byte("git tag v1\ngit push origin v1\n")},
	"tag":                           {Data: []byte("#!/bin/sh\ngit tag v1\ngit push origin v1\n")},
	"note/action.yml":               {Data: []byte("name: n\ninputs:\n  token:\n    default: ${{ github.token }}\nruns:\n  using: composite\n  steps:\n    - run: gh pr comment 1 -b x\n      shell: bash\n      env:\n        GH_TOKEN: ${{ inputs.token }}\n")},
}

func open(name string) (fs.FS, string, error) { return files, path.Clean(name), nil }

// line says an answer in one line: the keys, the fine-grained permissions
// that are not the same, the scopes, the answer and its reasons.
func line(n *Need) string {
	p := n.Permissions
	parts := []string{
		keys(p.Workflow), keys(p.FineGrained.Repository), keys(p.FineGrained.Organization) + keys(p.FineGrained.Account),
		strings.Join(p.ClassicScopes, ","), string(n.GitHubToken),
	}
	var codes []string
	for _, r := range n.Reasons {
		codes = append(codes, r.Code)
	}
	return strings.Join(append(parts, strings.Join(codes, ",")), " | ")
}

func keys(m map[string]string) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, k+":"+m[k])
	}
	return strings.Join(out, ",")
}

func ask(t testing.TB, o Options, words ...string) *Report {
	t.Helper()
	queries, err := ParseWords(words, nil)
	if err != nil {
		t.Fatal(err)
	}
	o.Open = open
	r, err := Ask(queries, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAsk(t *testing.T) {
	tests := []struct{ query, want string }{
		{"gh release create v1 --draft", "contents:write | contents:write |  | repo | yes | "},
		{"gh release create v1 -R acme/other", " | contents:write |  | repo | no | other-repository"},
		{"gh issue list", "issues:read | issues:read |  | repo | yes | "},
		{"gh repo delete --yes", " | administration:write |  | delete_repo | no | administration"},
		{"gh gist create x.txt", " |  | gists:write | gist | no | account-api"},
		{"gh api repos/{owner}/{repo}/labels -f name=x", "issues:write | issues:write |  | repo | yes | "},
		{"gh api repos/{owner}/{repo}/nothing", " |  |  |  | unknown | unread"},
		{"git clone https://github.com/acme/other", " | contents:read |  | repo | conditional | other-repository"},
		{"git fetch origin", "contents:read | contents:read |  | repo | yes | "},
		{"git push origin refs/tags/v1", "contents:write | contents:write |  | repo | yes | "},
		{"curl https://api.github.com/user/emails", " |  | emails:read | user:email | no | account-api"},
		{"curl -X DELETE https://api.github.com/repos/$GITHUB_REPOSITORY/git/refs/heads/x", "contents:write | contents:write |  | repo | yes | "},
		{"docker login ghcr.io -u x --password-stdin", "packages:write |  |  | write:packages | conditional | package-access"},
		{"docker push ghcr.io/acme/tool:1", "packages:write |  |  | write:packages | conditional | package-access"},
		{"docker pull ghcr.io/acme/tool", "packages:read |  |  | read:packages | conditional | package-access"},
		{"helm push tool-1.tgz oci://ghcr.io/acme/charts", "packages:write |  |  | write:packages | conditional | package-access"},
		{"docker push acme/tool", " |  |  |  | yes | "},
		{"GH_TOKEN=x gh release create v1 --draft", "contents:write | contents:write |  | repo | yes | "},
		{"for n in 1 2; do gh issue close $n; done", "issues:write | issues:write |  | repo | yes | "},
		{"if true; then gh pr list; fi", "pull-requests:read | pull_requests:read |  | repo | yes | "},
		{"./tag", "contents:write | contents:write |  | repo | yes | "},
		{"scripts/tag.sh", "contents:write | contents:write |  | repo | yes | "},
		{"./scripts/gone.sh", " |  |  |  | unknown | unread"},
		{"jq .", " |  |  |  | yes | "},
		{"POST /repos/{owner}/{repo}/issues", "issues:write | issues:write |  | repo | yes | "},
		{"post https://api.github.com/repos/acme/other/issues title=x", " | issues:write |  | repo | no | other-repository"},
		{"/repos/{owner}/{repo}/issues", "issues:read | issues:read |  | repo | yes | "},
		{"repos/${{ github.repository }}/issues title=x", "issues:write | issues:write |  | repo | yes | "},
		{"https://ghes.example/api/v3/repos/:owner/:repo/pulls", "pull-requests:read | pull_requests:read |  | repo | yes | "},
		{"GET /orgs/acme/members", " |  | members:read | read:org | no | organization-api"},
		{"issues/create-comment", "issues:write | issues:write |  | repo | yes | "},
		{"octokit.rest.issues.createComment", "issues:write | issues:write |  | repo | yes | "},
		{"issues/create-comment owner=acme repo=other", " | issues:write |  | repo | no | other-repository"},
		{"addComment", "issues:write | issues:write |  | repo | yes | "},
		{"mutation { addComment(input: {}) { clientMutationId } }", "issues:write | issues:write |  | repo | yes | "},
		{"query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) { issues(first: 1) { nodes { title } } } }", "issues:read | issues:read |  | repo | yes | "},
		{"@close.graphql", "issues:write | issues:write |  | repo | yes | "},
		{"actions/checkout", "contents:read | contents:read |  | repo | yes | "},
		{"Actions/Checkout@v4 repository=acme/other", " | contents:read |  | repo | conditional | other-repository"},
		{"actions/checkout submodules=true", "contents:read | contents:read |  | repo | conditional | private-submodules"},
		{"docker/login-action registry=ghcr.io", "packages:write |  |  | write:packages | conditional | package-access"},
		{"softprops/action-gh-release discussion_category_name=News", "contents:write,discussions:write | contents:write,discussions:write |  | repo | yes | "},
		{"./note", "pull-requests:write | pull_requests:write |  | repo | yes | "},
	}
	for _, test := range tests {
		q, err := ParseLine(test.query, nil)
		if err != nil {
			t.Errorf("%s: %v", test.query, err)
			continue
		}
		r, err := Ask([]Query{q}, Options{Open: open})
		if err != nil {
			t.Errorf("%s: %v", test.query, err)
			continue
		}
		if diff := cmp.Diff(test.want, line(r.Needs[0])); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.query, diff)
		}
	}
}

// What of a query is not known is said beside the answer, and what is taken only
// where something holds that no query shows.
func TestRemarks(t *testing.T) {
	for query, want := range map[string]string{
		"gh release create v1 --draft":                               "",
		"gh release create v1 --drft":                                "gh release create is not known to have a flag --drft: did you mean --draft?",
		"gh pr merge 5 -Q":                                           "gh pr merge is not known to have a flag -Q",
		"for n in 1; do gh pr merge --sqash $n; done":                "gh pr merge is not known to have a flag --sqash: did you mean --squash?",
		"peter-evans/create-pull-request tken=x":                     "nothing that is known hangs on an input tken of peter-evans/create-pull-request: did you mean token?",
		"peter-evans/create-pull-request token=x branch=y signoff=1": "nothing that is known hangs on an input signoff of peter-evans/create-pull-request",
		"actions/stale days-before-pr-close=-1":                      "",
		"actions/labeler":                                            "labels that do not exist yet are created, which takes issues: write",
		"actions/labeler sync=true":                                  "nothing that is known hangs on an input sync of actions/labeler: did you mean sync-labels?\nlabels that do not exist yet are created, which takes issues: write",
	} {
		q, err := ParseLine(query, nil)
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		r, err := Ask([]Query{q}, Options{Open: open})
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		if got := strings.Join(r.Needs[0].Remarks, "\n"); got != want {
			t.Errorf("%s: remarks %q, want %q", query, got, want)
		}
	}
}

// Words of a command line are words of the command, whatever is in them.
func TestWords(t *testing.T) {
	r := ask(t, Options{}, "curl", "-X", "POST", "https://api.github.com/repos/acme/other/issues", "-d", `{"labels":["x y"]}`)
	if got, want := r.Needs[0].Query, `curl -X POST https://api.github.com/repos/acme/other/issues -d '{"labels":["x y"]}'`; got != want {
		t.Errorf("query %s, want %s", got, want)
	}
	if !slices.Contains(r.Needs[0].Events, "issues.labeled") {
		t.Errorf("events %q do not tell that it labels", r.Needs[0].Events)
	}
	r = ask(t, Options{}, "gh", "issue", "create", "-R", "$OWNER/x", "-t", "a; rm b", "-b", "it's")
	if diff := cmp.Diff(" | contents:read,issues:write |  | repo | unknown | unknown-target", line(r.Needs[0])); diff != "" {
		t.Errorf("a variable (-want +got):\n%s", diff)
	}
}

func TestOwnRepository(t *testing.T) {
	r := ask(t, Options{Repository: "acme/app"}, "gh", "release", "create", "v1", "-R", "acme/app")
	if got := r.Needs[0].GitHubToken; got != Yes {
		t.Errorf("the workflow's own repository by name: %s, want yes", got)
	}
	r = ask(t, Options{Repository: "acme/app"}, "gh", "release", "create", "v1", "-R", "octo/app")
	if got := r.Needs[0].Reasons; len(got) != 1 || got[0].Code != "other-owner" {
		t.Errorf("somebody else's repository: %v, want other-owner", got)
	}
}

func TestPublicOnly(t *testing.T) {
	tests := []struct{ query, want string }{
		{"git clone https://github.com/acme/other", " |  |  |  | yes | "},
		{"gh release download -R acme/other", " |  |  |  | yes | "},
		{"gh release create v1", "contents:write | contents:write |  | public_repo | yes | "},
		{"gh release create v1 -R acme/other", " | contents:write |  | public_repo | no | other-repository"},
		{"gh issue list", "issues:read | issues:read |  |  | yes | "},
		{"GET /repos/acme/other/secret-scanning/alerts", " | secret_scanning_alerts:read |  | security_events | no | other-repository,administration"},
	}
	for _, test := range tests {
		r := ask(t, Options{PublicOnly: true}, test.query)
		if diff := cmp.Diff(test.want, line(r.Needs[0])); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.query, diff)
		}
	}
}

func TestUnion(t *testing.T) {
	r := ask(t, Options{}, "gh", "pr", "merge", "5", "+", "issues/create", "+", "GET", "/orgs/acme/members")
	if len(r.Needs) != 3 {
		t.Fatalf("%d needs, want 3", len(r.Needs))
	}
	want := audit.Permissions{
		Workflow: map[string]string{"contents": "write", "issues": "write", "pull-requests": "write"},
		FineGrained: audit.FineGrained{
			Repository:   map[string]string{"contents": "write", "issues": "write", "pull_requests": "write"},
			Organization: map[string]string{"members": "read"}, Account: map[string]string{},
		},
		ClassicScopes: []string{"read:org", "repo"},
	}
	if diff := cmp.Diff(want, r.Union); diff != "" {
		t.Errorf("union (-want +got):\n%s", diff)
	}
	if r.Together.GitHubToken != No {
		t.Errorf("together %s, want the worst: no", r.Together.GitHubToken)
	}
}

func TestWorkflowFile(t *testing.T) {
	r := ask(t, Options{}, ".github/workflows/release.yml")
	var got []string
	for _, n := range r.Needs {
		got = append(got, n.Query+" "+strings.Join(n.Tokens, ",")+" "+line(n))
	}
	const at = ".github/workflows/"
	want := []string{
		at + "release.yml:release:1 GITHUB_TOKEN contents:read | contents:read |  | repo | yes | ",
		at + "release.yml:release:2 GITHUB_TOKEN contents:write | contents:write |  | repo | yes | ",
		at + "release.yml:release:3 BOT_PAT  | contents:read,issues:write |  | repo | no | other-repository",
		at + "release.yml:release:4 COMMENT_PAT issues:write | issues:write |  | repo | yes | ",
		at + "release.yml:release:5   |  |  |  | yes | ",
		at + "inner.yml:label:1 GITHUB_TOKEN contents:read,pull-requests:write | contents:read,pull_requests:write |  | repo | yes | ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	release := r.Groups[0]
	if diff := cmp.Diff(map[string]string{"contents": "write"}, release.Block); diff != "" {
		t.Errorf("block (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"contents": "write", "issues": "write"}, release.Replaced); diff != "" {
		t.Errorf("block with what can be replaced (-want +got):\n%s", diff)
	}
	if e := r.Needs[1].Operations[0].Evidence; e == nil || e.File != at+"release.yml" || e.Line != 9 {
		t.Errorf("evidence %v, want line 9 of release.yml", e)
	}
	if one := ask(t, Options{}, at+"release.yml:release:3"); len(one.Needs) != 1 || one.Needs[0].Query != at+"release.yml:release:3" {
		t.Errorf("one step: %v", one.Needs)
	}
}

func TestErrors(t *testing.T) {
	tests := []struct{ query, want string }{
		{"isues/create", `did you mean issues/create`},
		{"issues.createComent", `did you mean issues/create-comment`},
		{"actions/chekout@v4", `did you mean actions/checkout`},
		{"gh relase create", `did you mean gh release create`},
		{"gh frobnicate", `an extension's own code`},
		{"POST /repos/o/r/isues", `did you mean POST /repos/{owner}/{repo}/issues`},
		{"PUT /repos/o/r/issues", `did you mean GET /repos/{owner}/{repo}/issues, or POST`},
		{"GET /nothing/here/at/all/x", `GitHub's REST API`},
		{"POST /graphql", `its document`},
		{"GET https://example.com/x", `nothing is known of "GET"`},
		{"issues/create title", `not of the form NAME=VALUE`},
		{"mutation { addComent(input: {}) { clientMutationId } }", `did you mean addComment`},
		{"mutation { addComment(", `does not parse`},
		{"@gone.graphql", `gone.graphql: file does not exist`},
		{"gone.yml", `gone.yml: file does not exist`},
		{".github/workflows/release.yml:relese", `did you mean release`},
		{".github/workflows/release.yml:zzz", `it has release, called`},
		{".github/workflows/release.yml:release:9", `has no step 9`},
		{".github/workflows/release.yml:release:0", `numbered from 1`},
		{".github/workflows/release.yml release", `say a job as`},
		{"note/action.yml", `is no workflow`},
		{"curl https://example.com", `another service`},
		{"docker/login-action", `another service`},
		{"frobnicate", `give a command`},
		{"for n in 1; do frobnicate $n; done", `give a command`},
		{"./nothing", `no action of this repository`},
		{"./nota", `did you mean ./note`},
		{"query { repositry(owner: \"o\", name: \"n\") { id } }", `did you mean repository`},
		{"query { viewer { repositoris(first: 1) { nodes { id } } } }", `did you mean repositories`},
		{"gh pr create |", `gh pr create |: `},
		{"", `say what it is about`},
	}
	for _, test := range tests {
		q, err := ParseLine(test.query, nil)
		if err == nil {
			_, err = Ask([]Query{q}, Options{Open: open})
		}
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one with %q", test.query, err, test.want)
		}
	}
	if _, err := ParseWords([]string{"+"}, nil); err == nil {
		t.Error("no query is no error")
	}
	var unknown *UnknownError
	if _, err := ParseLine("isues/create", nil); !errors.As(err, &unknown) || unknown.Near[0] != "issues/create" {
		t.Errorf("%v is no UnknownError for issues/create", err)
	}
}

// Every name that a shell is offered begins a query that is answered.
func TestNames(t *testing.T) {
	for _, name := range Names() {
		if name == "gh" || name == "git" || name == "curl" {
			continue
		}
		if _, err := ParseWords(strings.Fields(name), nil); err != nil && !strings.Contains(name, "/*") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("schema/needs.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	asked := [][]string{
		{"gh release create v1"}, {"GET /orgs/acme/members"}, {".github/workflows/release.yml"}, {"jq ."}, {"gh api repos/a/b/nothing", "+", "gh gist create x"},
	}
	more := 0
	for _, name := range slices.Concat(rules.Actions(), rules.Programs()) {
		q, err := ParseLine(name, nil)
		if err != nil {
			continue // a pattern of names
		}
		if r, err := Ask([]Query{q}, Options{Open: open}); err == nil && len(r.Needs[0].More) > 0 {
			asked, more = append(asked, []string{name}), more+1
		}
	}
	if more < 100 {
		t.Errorf("%d actions and programs take more under a condition, want the tables' hundred", more)
	}
	for _, words := range asked {
		text, err := json.Marshal(ask(t, Options{}, words...))
		if err != nil {
			t.Fatal(err)
		}
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(document); err != nil {
			t.Errorf("%q: %v\n%s", words, err, text)
		}
	}
	for _, bad := range []string{`{}`, `{"schema":1,"needs":[{}],"union":{}}`, `{"schema":2,"needs":[],"union":{"workflow":{},"fine_grained":{"repository":{},"organization":{},"account":{}},"classic_scopes":[]}}`} {
		document, _ := jsonschema.UnmarshalJSON(strings.NewReader(bad))
		if schema.Validate(document) == nil {
			t.Errorf("the schema takes %s", bad)
		}
	}
}

func TestRecipe(t *testing.T) {
	tests := []struct {
		query  string
		wanted decide.Wanted
		kind   audit.RemedyKind
		url    string
	}{
		{"gh release create v1", decide.Wanted{Name: "bot", Owner: "octo", Repositories: []string{"app"}, Days: 30}, audit.RemedyFineGrained,
			"https://github.com/settings/personal-access-tokens/new?contents=write&description=For+gh+release+create+v1&expires_in=30&name=bot&target_name=octo"},
		{"gh issue create -R acme/other", decide.Wanted{Name: "bot", Days: 90}, audit.RemedyFineGrained,
			"https://github.com/settings/personal-access-tokens/new?contents=read&description=For+gh+issue+create+-R+acme%2Fother&expires_in=90&issues=write&name=bot&target_name=acme"},
		{"docker login ghcr.io", decide.Wanted{Name: "bot", Days: 90}, audit.RemedyClassic, "https://github.com/settings/tokens/new?description=bot&scopes=write%3Apackages"},
		{"jq .", decide.Wanted{Name: "bot", Days: 90}, audit.RemedyNone, ""},
	}
	for _, test := range tests {
		recipe, kind := ask(t, Options{}, test.query).Recipe(test.wanted)
		if kind != test.kind || recipe.URL != test.url {
			t.Errorf("%s: %s %s, want %s %s", test.query, kind, recipe.URL, test.kind, test.url)
		}
	}
	recipe, _ := ask(t, Options{}, "gh issue create -R acme/other").Recipe(decide.Wanted{Name: "bot", Repositories: []string{"acme/app"}, Days: 9})
	want := &audit.Recipe{
		Name: "bot", ResourceOwner: "acme", Repositories: []string{"acme/other", "acme/app"}, Permissions: map[string]string{"contents": "read", "issues": "write"},
		ClassicScopes: []string{"repo"}, ExpiresInDays: 9, Justification: "For gh issue create -R acme/other", URL: recipe.URL,
	}
	if diff := cmp.Diff(want, recipe); diff != "" {
		t.Errorf("recipe (-want +got):\n%s", diff)
	}
}

func FuzzQuery(f *testing.F) {
	for _, seed := range []string{
		"gh release create v1 --draft", "POST /repos/{owner}/{repo}/issues labels=[\"x\"]", "issues.createComment", "actions/checkout repository=o/r",
		"mutation { addComment(input: {subjectId: \"x\"}) { clientMutationId } }", ".github/workflows/release.yml:release:2", "@close.graphql",
		"curl -d '{\"a\": \"${{ x }}\"}' https://api.github.com/repos/$A/${B}/issues", "git push origin 'a b' && ./note", "addComment body=\"\\", "npx semantic-release",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		queries := []Query{}
		if q, err := ParseLine(text, nil); err == nil {
			queries = append(queries, q)
		}
		if q, err := ParseWords(strings.Fields(text), nil); err == nil {
			queries = append(queries, q...)
		}
		for _, q := range queries {
			if strings.ContainsAny(q.Text, "\n\t") {
				t.Errorf("the query %q is not on one line", q.Text)
			}
			r, err := Ask([]Query{q}, Options{Open: open})
			if err != nil {
				continue
			}
			var b bytes.Buffer
			if err := WriteText(&b, r, TextOptions{}); err != nil {
				t.Error(err)
			}
			if _, err := json.Marshal(r); err != nil {
				t.Error(err)
			}
		}
	})
}
