package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sources is a copy of testdata that a test may change.
type sources struct {
	t      *testing.T
	folder string
}

func copySources(t *testing.T) sources {
	t.Helper()
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS("testdata")); err != nil {
		t.Fatal(err)
	}
	return sources{t, folder}
}

const (
	openapiFile = "openapi/generated/api.github.com.json"
	listFolder  = "docs/src/github-apps/data/fpt-2026-03-10/"
	schemaFile  = "graphql/schema.graphql"
)

func (s sources) read(file string) string {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.folder, file))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

func (s sources) write(file, text string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.folder, file), []byte(text), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

// replace changes a file, which must hold the old text.
func (s sources) replace(file, old, replacement string) {
	s.t.Helper()
	text := s.read(file)
	if !strings.Contains(text, old) {
		s.t.Fatalf("%s does not hold %q", file, old)
	}
	s.write(file, strings.ReplaceAll(text, old, replacement))
}

// run runs the program on the folder with all sources.
func (s sources) run(args ...string) (output string, code int) {
	s.t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(append([]string{
		"-openapi", filepath.Join(s.folder, "openapi"), "-graphql", filepath.Join(s.folder, "graphql"),
		"-docs", filepath.Join(s.folder, "docs"), "-tables", filepath.Join(s.folder, "table"),
		"-kept", filepath.Join(s.folder, "kept.tsv"), "-date", "2026-12-01",
	}, args...), &stdout, &stderr)
	return stdout.String() + stderr.String(), code
}

const upToDate = "The tables say what the sources say.\n"

// TestSameSourcesChangeNothing holds that tables made from a version of the
// sources stay as they are, to the byte.
func TestSameSourcesChangeNothing(t *testing.T) {
	s := copySources(t)
	if got, code := s.run("-write", "-keep", "-check"); got != upToDate || code != exitDone {
		t.Errorf("exit code %d:\n%s", code, got)
	}
	for _, file := range []string{
		"table/endpoints.tsv", "table/permissions.tsv", "table/mutations.tsv", "table/fields.tsv", "table/types.tsv", "kept.tsv",
	} {
		want, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(want), s.read(file)); d != "" {
			t.Errorf("%s (-want +got):\n%s", file, d)
		}
	}
}

// edit is a replacement in a file.
type edit struct{ file, old, replacement string }

var changes = []struct {
	name  string
	edits []edit
	// shown are lines of the report, in order, without those that count.
	shown []string
	// written are what the files then hold, and still what they must not.
	written []edit
}{
	{
		name: "a new operation with listed needs",
		edits: []edit{
			{openapiFile, `"paths": {`, `"paths": {"/repos/{owner}/{repo}/pins": {"post": {"operationId": "pins/add", "description": "Needs the ` + "`repo`" + ` scope."}},`},
			{listFolder + "server-to-server-permissions.json", `"permissions": [
      {"verb": "put"`, `"permissions": [
      {"verb": "post", "requestPath": "/repos/{owner}/{repo}/pins", "access": "write", "user-to-server": true, "server-to-server": false},
      {"verb": "put"`},
		},
		shown: []string{
			"endpoints",
			"  + pins/add  POST  /repos/{owner}/{repo}/pins  contents:write  1  0  u  repo  0  listed  -",
		},
		written: []edit{
			{"table/endpoints.tsv", "", "pins/add\tPOST\t/repos/{owner}/{repo}/pins\tcontents:write\t1\t0\tu\trepo\t0\tlisted\t-\nrepos/create"},
			{"table/endpoints.tsv", "", "# date: 2026-12-01\n"},
			{"table/types.tsv", "", "# date: 2026-11-20\n"},
		},
	},
	{
		name: "a new operation that no list has",
		edits: []edit{
			{openapiFile, `"paths": {`, `"paths": {"/zen": {"get": {"operationId": "meta/zen", "description": "Says something."}},`},
		},
		shown: []string{
			"endpoints",
			"  + meta/zen  GET  /zen  -  0  0  0  -  0  open  -  (what it takes is not known)",
			"  ? meta/zen  (public: does reading what is public take no permission?)",
		},
	},
	{
		name:  "scopes that the text names",
		edits: []edit{{openapiFile, "`read:org` or `admin:org` scope", "`admin:org` scope"}},
		shown: []string{"endpoints", "  ~ orgs/list-members  scopes: read:org,admin:org → admin:org"},
		written: []edit{
			{"table/endpoints.tsv", "read:org,admin:org", "org:members:read\t0\t1\t1\tadmin:org\t1\tlisted"},
		},
	},
	{
		name:  "one listed permission for another",
		edits: []edit{{listFolder + "server-to-server-permissions.json", `"access": "read"`, `"access": "write"`}, {listFolder + "fine-grained-pat-permissions.json", `"access": "read"`, `"access": "write"`}},
		shown: []string{"endpoints", "  ~ orgs/list-members  needs: org:members:read → org:members:write"},
		written: []edit{
			{"table/endpoints.tsv", "org:members:read", "org:members:write"},
			{"table/permissions.tsv", "", "organization\tmembers\tread,write\t"},
		},
	},
	{
		name:  "several listed permissions are for us to join",
		edits: []edit{{listFolder + "server-to-server-permissions.json", `"issues": {`, `"galaxies": {"displayTitle": "Repository permissions for \"Galaxies\"", "permissions": [{"verb": "post", "requestPath": "/repos/{owner}/{repo}/issues/{issue_number}/labels", "access": "write", "server-to-server": true}]}, "issues": {`}},
		shown: []string{
			"endpoints",
			"  ! issues/add-labels  needs: issues:write|pull_requests:write → galaxies:write,issues:write,pull_requests:write  (whether all are needed or one is enough, is for us to say)",
			"permissions",
			"  + repository  galaxies  write  -  -  administration  0  -  -  -  -  -",
			"  ? repository galaxies  (is there a key for it in workflows, and which classic scopes give it?)",
		},
		written: []edit{
			{"table/endpoints.tsv", "galaxies", "issues:write|pull_requests:write"},
			{"table/permissions.tsv", "", "public_repo\t-\nrepository\tgalaxies\twrite\t-\t-\tadministration\t0\t-\t-\t-\t-\t-\nrepository\tissues\t"},
		},
	},
	{
		name:    "a judged row stays",
		edits:   []edit{{listFolder + "fine-grained-pat.json", `"/meta"`, `"/other"`}},
		shown:   []string{"endpoints", "  ! meta/get  fine_grained_pat: 1 → 0"},
		written: []edit{{"table/endpoints.tsv", "", "meta/get\tGET\t/meta\t-\t0\t1\t1\t-\t1\tpublic\t-\n"}},
	},
	{
		name:    "a kept cell stays, and the source's new word is reported",
		edits:   []edit{{openapiFile, "Lists them.", "Lists them. Needs the `repo` scope."}},
		shown:   []string{"endpoints", "  ! activity/list-repo-notifications-for-authenticated-user  scopes: notifications → repo"},
		written: []edit{{"table/endpoints.tsv", "", "\tnotifications\t0\tjudged"}},
	},
	{
		name: "what is kept for nothing",
		edits: []edit{
			{openapiFile, "Lists them.", "Lists them. Needs the `notifications` scope."},
		},
		shown: []string{"endpoints", "  ! activity/list-repo-notifications-for-authenticated-user  (kept for nothing: the source agrees, or there is no such cell)"},
	},
	{
		name:    "an operation that is gone",
		edits:   []edit{{openapiFile, `"get": {"operationId": "meta/get"`, `"head": {"operationId": "meta/get"`}, {openapiFile, `"operationId": "issues/add-labels"`, `"operationId": "issues/set-labels"`}},
		shown:   []string{"endpoints", "  ! issues/add-labels  id: issues/add-labels → issues/set-labels  (other tables may name it)", "  ! meta/get  (not in the source)"},
		written: []edit{{"table/endpoints.tsv", "issues/set-labels", "meta/get"}},
	},
	{
		name:    "a listed operation without a word of ours goes",
		edits:   []edit{{openapiFile, `"operationId": "orgs/list-members"`, `"operationId": "orgs/other"`}, {openapiFile, "/orgs/{org}/members", "/orgs/{org}/people"}},
		shown:   []string{"endpoints", "  - orgs/list-members", "  + orgs/other  GET  /orgs/{org}/people  -  0  0  0  read:org,admin:org  0  open  -  (what it takes is not known)", "  ? orgs/other  (public: does reading what is public take no permission?)", "  ! GET /orgs/{org}/members  listed: - → org:members:read  (no row has it)"},
		written: []edit{{"table/endpoints.tsv", "orgs/list-members", "orgs/other"}},
	},
	{
		name:    "versions",
		edits:   []edit{{"openapi/package.json", "23.0.2", "24.0.0"}, {"graphql/package.json", "15.26.1", "15.27.0"}},
		shown:   []string{"endpoints", "  ~ # version  @octokit/openapi: 23.0.2 → 24.0.0", "fields", "  ~ # version  @octokit/graphql-schema: 15.26.1 → 15.27.0", "mutations", "  ~ # version  @octokit/graphql-schema: 15.26.1 → 15.27.0", "types", "  ~ # version  @octokit/graphql-schema: 15.26.1 → 15.27.0"},
		written: []edit{{"table/endpoints.tsv", "", "# date: 2026-12-01\n# version: REST API 2026-03-10, @octokit/openapi 24.0.0\n"}, {"table/fields.tsv", "", "# date: 2026-12-01\n# version: @octokit/graphql-schema 15.27.0\n"}, {"table/permissions.tsv", "", "# date: 2026-11-20\n"}},
	},
	{
		name: "the schema",
		edits: []edit{
			{schemaFile, "  closeIssue(input: CloseIssueInput!): CloseIssuePayload\n", "  lockIssue(input: CloseIssueInput!): CloseIssuePayload\n"},
			{schemaFile, "  issues: [Issue!]!\n", "  label: Label\n"},
			{schemaFile, "type User ", "type Label {\n  repository: Repository\n}\n\ntype Bot "},
		},
		shown: []string{
			"fields", "  ! Repository.issues  (not in the source)", "  ! viewer.*  (not in the source)",
			"mutations", "  ! closeIssue  (not in the source)", "  ? lockIssue  (new; its input: issueId, stateReason)",
			"types", "  - User", "  ~ Repository  fields: -issues:Issue +label:Label", "  + Bot  -  -", "  + Label  -  repository:Repository",
		},
		written: []edit{
			{"table/types.tsv", "\nUser\t", "type\tinterfaces\tfields\nBot\t-\t-\nClosable\t"},
			{"table/types.tsv", "issues:Issue", "\nLabel\t-\trepository:Repository\nOrganization\t"},
			{"table/mutations.tsv", "lockIssue", "closeIssue\t-"},
		},
	},
}

func TestChanges(t *testing.T) {
	for _, test := range changes {
		t.Run(test.name, func(t *testing.T) {
			s := copySources(t)
			for _, e := range test.edits {
				s.replace(e.file, e.old, e.replacement)
			}
			got, code := s.run("-check")
			if code != exitToDo {
				t.Errorf("exit code %d with -check", code)
			}
			lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
			if d := cmp.Diff(test.shown, lines[:len(lines)-1]); d != "" {
				t.Errorf("report (-want +got):\n%s", d)
			}
			if d := cmp.Diff(readAll(t, "testdata/table"), readAll(t, filepath.Join(s.folder, "table"))); d != "" {
				t.Errorf("written without -write:\n%s", d)
			}
			if got, code := s.run("-write"); code != exitDone {
				t.Errorf("exit code %d with -write:\n%s", code, got)
			}
			for _, w := range test.written {
				text := s.read(w.file)
				if !strings.Contains(text, w.replacement) {
					t.Errorf("%s does not hold %q:\n%s", w.file, w.replacement, text)
				}
				if w.old != "" && strings.Contains(text, w.old) {
					t.Errorf("%s holds %q:\n%s", w.file, w.old, text)
				}
			}
			// What is left are conflicts and questions. Keeping ours settles
			// the conflicts, and only these.
			s.run("-keep")
			left, _ := s.run("-check")
			if strings.Contains(left, "  ! ") || strings.Contains(left, "  + ") || strings.Contains(left, "  ~ ") {
				t.Errorf("after -write and -keep:\n%s", left)
			}
		})
	}
}

func readAll(t *testing.T, folder string) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.tsv"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: no tables: %v", folder, err)
	}
	out := map[string]string{}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(f)] = string(text)
	}
	return out
}

// TestSourcesAreIndependent checks that a source that is not given decides
// nothing.
func TestSourcesAreIndependent(t *testing.T) {
	s := copySources(t)
	s.replace("openapi/package.json", "23.0.2", "24.0.0")
	s.replace(schemaFile, "type Organization ", "type Bot ")
	s.replace(listFolder+"server-to-server-permissions.json", `"access": "read"`, `"access": "write"`)
	s.replace(listFolder+"fine-grained-pat-permissions.json", `"access": "read"`, `"access": "write"`)
	for flag, want := range map[string]string{
		"-openapi": "endpoints\n  ~ # version  @octokit/openapi: 23.0.2 → 24.0.0\n",
		"-graphql": "types\n  - Organization\n  + Bot  -  -\n",
		"-docs":    "endpoints\n  ~ orgs/list-members  needs: org:members:read → org:members:write\n",
	} {
		var stdout, stderr bytes.Buffer
		code := run([]string{
			flag, filepath.Join(s.folder, strings.TrimPrefix(flag, "-")), "-tables", filepath.Join(s.folder, "table"),
			"-kept", filepath.Join(s.folder, "kept.tsv"),
		}, &stdout, &stderr)
		if got := stdout.String(); !strings.HasPrefix(got, want) || strings.Count(got, "\n") != strings.Count(want, "\n")+1 || code != exitDone {
			t.Errorf("%s: exit code %d:\n%s%s", flag, code, got, stderr.String())
		}
	}
}

func TestUsage(t *testing.T) {
	for _, test := range []struct {
		args, want string
		code       int
	}{
		{"-help", "Usage: go run ./rules/generate [flags]", exitDone},
		{"-help", "-openapi folder", exitDone},
		{"", "no source: give one of -openapi, -graphql and -docs", exitUsage},
		{"-nope", "See 'go run ./rules/generate -help'.", exitUsage},
		{"-docs x y", `no argument "y"`, exitUsage},
		{"-docs x -date May", `date "May": want year-month-day`, exitUsage},
		{"-docs nowhere -tables testdata/table -kept testdata/kept.tsv", "nowhere: no folder src/github-apps/data/fpt-*", exitFailed},
		{"-openapi nowhere -tables testdata/table -kept testdata/kept.tsv", "package.json", exitFailed},
		{"-graphql testdata/openapi -tables testdata/table -kept testdata/kept.tsv", "schema.graphql", exitFailed},
		{"-docs testdata/docs -tables nowhere -kept testdata/kept.tsv", "endpoints.tsv", exitFailed},
	} {
		var stdout, stderr bytes.Buffer
		code := run(strings.Fields(test.args), &stdout, &stderr)
		if code != test.code || !strings.Contains(stderr.String(), test.want) || stdout.Len() > 0 {
			t.Errorf("%s: exit code %d, want %d and %q:\n%s%s", test.args, code, test.code, test.want, stdout.String(), stderr.String())
		}
	}
}

// TestBrokenSources checks that a source that is not what it should be is an
// error, and no reason to empty a table.
func TestBrokenSources(t *testing.T) {
	for _, test := range []struct{ file, text, want string }{
		{openapiFile, `{}`, "no operations"},
		{openapiFile, `{"paths": {"/a": {"get": {}}}}`, "get /a: no operationId"},
		{openapiFile, `[`, "api.github.com.json: unexpected end"},
		{"openapi/package.json", `{}`, "package.json has no version"},
		{schemaFile, "type A { b: Int }", "no types Query and Mutation"},
		{schemaFile, "type {", "schema.graphql:1"},
		{listFolder + "fine-grained-pat.json", `[]`, "fine-grained-pat.json: json"},
		{listFolder + "server-to-server-permissions.json", `{}`, "no permissions"},
		{listFolder + "server-to-server-permissions.json", `{"x": {"displayTitle": "Galaxy permissions"}}`, `x: heading "Galaxy permissions"`},
		{"table/endpoints.tsv", "id\tmethod\n", `no column "path"`},
		{"table/endpoints.tsv", "id\tmethod\nx\n", "endpoints.tsv:2: 1 cells under 2 columns"},
		{"table/types.tsv", "# nothing\n", "types.tsv: no header line"},
		{"kept.tsv", "table\tkey\n", `no column "column"`},
	} {
		s := copySources(t)
		s.write(test.file, test.text)
		before := readAll(t, filepath.Join(s.folder, "table"))
		got, code := s.run("-write", "-keep")
		if code != exitFailed || !strings.Contains(got, test.want) {
			t.Errorf("%s: exit code %d, want %q:\n%s", test.file, code, test.want, got)
		}
		if d := cmp.Diff(before, readAll(t, filepath.Join(s.folder, "table"))); d != "" {
			t.Errorf("%s: tables are written all the same:\n%s", test.file, d)
		}
	}
}

func FuzzNamedScopes(f *testing.F) {
	f.Add("Needs the `repo` scope. And `x` too, or scope `admin:org`.")
	f.Fuzz(func(t *testing.T, text string) {
		for _, s := range namedScopes(text) {
			if !isScope(s) || !strings.Contains(text, "`"+s+"`") {
				t.Errorf("%q in %q", s, text)
			}
		}
	})
}

// TestKeptRowsExist checks that every row and column that we say to keep is
// there, so that a slip of the pen does not let a cell be overwritten.
func TestKeptRowsExist(t *testing.T) {
	kept, err := readTable("kept.tsv", "table", "key", "column", "source")
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]map[string]bool{}
	tables := map[string]*table{}
	for name, columns := range required {
		tables[name], err = readTable(filepath.Join("..", "table", name+".tsv"), columns...)
		if err != nil {
			t.Fatal(err)
		}
		keys[name] = map[string]bool{}
		for _, r := range tables[name].rows {
			switch name {
			case "endpoints":
				keys[name][endpointKey(tables[name], r)] = true
			case "permissions":
				keys[name][r[0]+" "+r[1]] = true
			default:
				keys[name][r[0]] = true
			}
		}
	}
	var before []string
	for _, r := range kept.rows {
		name, key, column := r[0], r[1], r[2]
		if tables[name] == nil || column != "listed" && !keys[name][key] {
			t.Errorf("%s has no row %q", name, key)
			continue
		}
		if column != wholeRow && column != "listed" && !strings.Contains(" "+strings.Join(tables[name].columns, " ")+" ", " "+column+" ") {
			t.Errorf("%s has no column %q", name, column)
		}
		if strings.Join(before, "\t") >= strings.Join(r[:3], "\t") {
			t.Errorf("%q stands after %q", r, before)
		}
		before = r[:3]
	}
}
