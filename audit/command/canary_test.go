package command

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/patrol-actions/patrol/audit/github/githubtest"
	"github.com/patrol-actions/patrol/audit/report"
)

// leaks finds the canary in a text, as it is and in the encodings in which a
// server may give a token back.
func leaks(text string) bool {
	forms := []string{canary, hex.EncodeToString([]byte(canary))}
	for shift := range 3 {
		// The first and the last characters depend on what stands around.
		whole := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + canary))
		forms = append(forms, whole[4:len(whole)-2])
	}
	for _, form := range forms {
		if strings.Contains(strings.ToLower(text), strings.ToLower(form)) {
			return true
		}
	}
	return false
}

// echoes are what a server says that gives back every token it was sent.
func echoes(tokens []githubtest.Token) string {
	var all []string
	for _, t := range tokens {
		all = append(all, t.Value, base64.StdEncoding.EncodeToString([]byte(t.Value)),
			"Basic "+base64.StdEncoding.EncodeToString([]byte("x-access-token:"+t.Value)), hex.EncodeToString([]byte(t.Value)))
	}
	return strings.Join(all, " ")
}

// echoHeaders repeat the tokens in every header that is read.
func echoHeaders(tokens []githubtest.Token) http.Header {
	h := http.Header{}
	for _, name := range []string{"X-OAuth-Scopes", "X-Accepted-OAuth-Scopes", "X-GitHub-Request-Id", "X-RateLimit-Resource", "GitHub-Authentication-Token-Expiration", "ETag", "Server"} {
		h.Set(name, echoes(tokens))
	}
	value := tokens[0].Value
	h.Set("X-Accepted-GitHub-Permissions", value+"="+value)
	h.Set("X-GitHub-SSO", "required; url=https://github.com/sso?a="+value)
	return h
}

// fault is what goes wrong in a run, and for which requests.
type fault struct {
	githubtest.Fault
	match githubtest.Match
}

// misbehaviours are servers in trouble, and servers that give tokens back.
func misbehaviours(server *githubtest.Server, tokens []githubtest.Token) map[string]fault {
	echo, header := echoes(tokens), echoHeaders(tokens)
	quoted, _ := json.Marshal(echo)
	escaped := "" // the same in JSON that hides it from who does not decode it
	for _, r := range tokens[0].Value {
		escaped += fmt.Sprintf(`\u%04x`, r)
	}
	row := func(text string) string {
		return fmt.Sprintf(`{"id":1,"login":%[1]s,"full_name":%[2]s,"name":%[1]s,"visibility":%[1]s,"private":true,"role":%[1]s,"owner":{"login":%[1]s,"type":"Organization"},"organization":{"login":%[1]s,"id":1}}`, text, strings.TrimSuffix(text, `"`)+`/x"`)
	}
	list := func(text string) string {
		return fmt.Sprintf(`[%s]`, row(text))
	}
	user, repositories, orgs := githubtest.Match{Path: "/user"}, githubtest.Match{Path: "/user/repos"}, githubtest.Match{Path: "/user/memberships/orgs"}
	installation := githubtest.Match{Path: "/installation/repositories"}
	lists := githubtest.Match{When: func(r *http.Request) bool {
		return strings.HasSuffix(r.URL.Path, "/repos") || strings.HasSuffix(r.URL.Path, "repositories")
	}}
	probes := githubtest.Match{When: func(r *http.Request) bool {
		return strings.HasPrefix(r.URL.Path, "/repos/") || strings.HasPrefix(r.URL.Path, "/orgs/")
	}}
	out := map[string]fault{
		"none":                         {},
		"a user of that name":          {githubtest.Fault{Status: 200, Body: row(string(quoted)), Header: header}, user},
		"a user of that name, escaped": {githubtest.Fault{Status: 200, Body: row(`"` + escaped + `"`)}, user},
		"repositories of that name":    {githubtest.Fault{Status: 200, Body: list(string(quoted))}, repositories},
		"an escaped repository":        {githubtest.Fault{Status: 200, Body: list(`"` + escaped + `"`)}, repositories},
		"memberships of that name":     {githubtest.Fault{Status: 200, Body: list(string(quoted))}, orgs},
		"an installation's":            {githubtest.Fault{Status: 200, Body: `{"repositories":` + list(string(quoted)) + `}`}, installation},
	}
	at := map[string]githubtest.Match{"all": {}, "lists": lists, "probes": probes}
	if testing.Short() {
		at = map[string]githubtest.Match{"all": {}}
	}
	for where, match := range at {
		for name, f := range map[string]githubtest.Fault{
			"500": {Status: 500, Body: echo}, "HTML": {HTML: true}, "truncated": {Truncate: true}, "malformed": {Malformed: true}, "reset": {Reset: true},
			"secondary limit": {Secondary: time.Hour}, "another host": {Redirect: server.StorageURL + "/" + tokens[0].Value}, "a host of that name": {Redirect: "https://" + tokens[0].Value + ".invalid/"},
			"message":   {Status: 403, Body: `{"message":"Resource not accessible by ` + echo + `","documentation_url":"https://docs.github.com/` + tokens[0].Value + `"}`, Header: header},
			"not found": {Status: 404, Body: `{"message":` + string(quoted) + `,"errors":[{"message":"` + escaped + `"}]}`}, "refused": {Status: 401, Body: `{"message":"` + escaped + `"}`},
			"not JSON": {Status: 200, Body: echo}, "another form": {Status: 200, Body: `{"login":{` + string(quoted) + `:1}}`},
		} {
			out[name+", "+where] = fault{f, match}
		}
	}
	return out
}

// tokenCommands are the forms of command that take a token.
func tokenCommands(api string) map[string][]string {
	var everything []string
	for _, t := range fakeWorld().Tokens {
		everything = append(everything, t.Name)
	}
	audited := []string{"audit", "repo", "--api-url", api}
	for _, name := range everything {
		audited = append(audited, "--token", name)
	}
	return map[string][]string{
		"token":         append([]string{"token", "--api-url", api}, everything...),
		"token --uses":  append([]string{"token", "--uses", "repo", "--api-url", api}, everything...),
		"token -":       {"token", "-", "--uses", "repo", "--api-url", api},
		"usual":         {"token", "--api-url", api},
		"audit --token": audited,
		"lines":         {"audit", "repo", "--token-lines", "LINES", "--api-url", api, "--github-output", "github-output"},
		"audit online":  {"audit", "repo", "--online", "--api-url", api},
		"audit remote":  {"audit", "acme-corp/rocket", "--api-url", api},
		"remote online": {"audit", "acme-corp/rocket", "--online", "--api-url", api},
	}
}

// leakyWorkflow is a workflow with a token in it: code frames show it.
func leakyWorkflow() string {
	value := fakeWorld().Tokens[0].Value
	return "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n" +
		"    - {run: 'gh workflow list --repo acme-corp/telemetry', env: {GH_TOKEN: '${{ secrets.BOT_PAT }}', OLD: '" + value + "'}}\n" +
		"    - {run: 'gh release create v1', env: {GH_REPO: acme-corp/rocket, GH_TOKEN: '${{ secrets.RELEASE_PAT }}'}} # " + value + "\n" +
		"    - {run: 'gh issue close 1', env: {GH_REPO: acme-corp/rocket, GH_TOKEN: '${{ secrets.APP_TOKEN }}'}}\n"
}

// leakyRepository writes a repository with such a workflow.
func leakyRepository(t *testing.T, folder string) {
	t.Helper()
	at := filepath.Join(folder, "repo", ".github", "workflows")
	if err := os.MkdirAll(at, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(at, "a.yml"), []byte(leakyWorkflow()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// environment is that of a run: the tokens by their names, and the first one
// where GitHub's tools look for it.
func environment() map[string]string {
	env := map[string]string{"GITHUB_ACTIONS": "true", "CI": "true"}
	for _, t := range fakeWorld().Tokens {
		env[t.Name] = t.Value
		env["LINES"] += t.Name + ": " + t.Value + "\n"
	}
	env["GH_TOKEN"] = env["RELEASE_PAT"]
	return env
}

// start runs the program with every format at a time, and returns what it
// wrote.
func start(args []string, format string) (code int, out, errors string) {
	env, stdin := environment(), ""
	for _, t := range fakeWorld().Tokens {
		stdin += t.Name + "=" + t.Value + "\n"
	}
	args = append(args, "-vv", "--format", format)
	for _, name := range report.Formats() {
		if name != format {
			args = append(args, "--format", name+"=report."+name)
		}
	}
	var stdout, stderr bytes.Buffer
	code = Main(context.Background(), Process{
		Args: args, Stdin: strings.NewReader(stdin), Stdout: &stdout, Stderr: &stderr, Getenv: func(name string) string { return env[name] },
		Sleep: func(context.Context, time.Duration) error { return nil },
	})
	return code, stdout.String(), stderr.String()
}

// Whatever goes wrong, in every command and every format: no value of a token
// stands in what is written, no request could change anything, and no token
// goes to another host.
func TestCanary(t *testing.T) {
	t.Chdir(t.TempDir())
	leakyRepository(t, ".")
	world := fakeWorld()
	world.Repositories[0].Files = map[string]string{".github/workflows/a.yml": leakyWorkflow()} // acme-corp/rocket
	server := githubtest.New(t, world)
	formats := []string{"text", "github"}
	if testing.Short() {
		formats = formats[:1]
	}
	asked := 0
	commands, runs := tokenCommands(server.URL), 0
	for _, command := range slices.Sorted(maps.Keys(commands)) {
		args, tokens := commands[command], fakeWorld().Tokens
		if slices.Contains([]string{"usual", "audit online", "audit remote", "remote online"}, command) {
			tokens = tokens[:1] // GH_TOKEN
		}
		faults := misbehaviours(server, tokens)
		for _, name := range slices.Sorted(maps.Keys(faults)) {
			// The race detector sees one in three of them.
			if runs++; testing.Short() && runs%3 != 0 {
				continue
			}
			f := faults[name]
			server.Heal()
			server.Forget()
			if name != "none" {
				server.Fail(f.match, f.Fault)
			}
			for _, format := range formats {
				where := name + ": patrol " + command
				_, stdout, stderr := start(args, format)
				for line := range strings.Lines(stdout) {
					if leaks(line) && !strings.HasPrefix(line, "::add-mask::") {
						t.Errorf("%s: standard output has the value of a token: %s", where, line)
					}
				}
				if leaks(stderr) {
					t.Errorf("%s: standard error has the value of a token:\n%s", where, stderr)
				}
				checkFiles(t, where)
			}
			for _, e := range server.Exchanges() {
				asked++
				if e.Method != http.MethodGet || e.Host != "api" && e.Token != "" {
					t.Errorf("%s: %s %s was sent to %s with the token %q", name, e.Method, e.Path, e.Host, e.Token)
				}
			}
			if t.Failed() {
				return // one is enough to read
			}
		}
	}
	t.Logf("%d requests", asked)
	if asked < 1000 {
		t.Errorf("only %d requests were made: this test shows little", asked)
	}
}

// checkFiles wants reports in which no value stands.
func checkFiles(t *testing.T, where string) {
	t.Helper()
	written := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(path, "repo"+string(filepath.Separator)) {
			return err
		}
		data, err := os.ReadFile(path)
		if leaks(string(data)) {
			t.Errorf("%s: %s has the value of a token:\n%s", where, path, data)
		}
		written++
		return errorOr(err, os.Remove(path))
	})
	if err != nil {
		t.Fatal(err)
	}
	if written == 0 {
		t.Errorf("%s: no report was written", where)
	}
}

func errorOr(first, second error) error {
	if first != nil {
		return first
	}
	return second
}

// A token in a place where none belongs is not repeated.
func TestCanaryMistakes(t *testing.T) {
	t.Chdir(t.TempDir())
	value := fakeWorld().Tokens[0].Value
	env := environment()
	for _, args := range [][]string{
		{"token", value}, {"token", "BOT_PAT=" + value}, {"token", "BOT_PAT", value}, {"audit", "--token", value}, {"audit", "--token", "BOT_PAT: " + value},
		{"audit", "--token-lines", value}, {"audit", "--token-lines", "BOT_PAT: " + value}, {"audit", value}, {value},
		{"token", "BOT_PAT", "--api-url", "https://x:" + value + "@ghe.example.com"}, {"token", "BOT_PAT", "--api-url", "https://ghe.example.com/?token=" + value},
	} {
		var out bytes.Buffer
		code := Main(t.Context(), Process{Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Getenv: func(name string) string { return env[name] }})
		if code != ExitUsage || out.Len() == 0 || leaks(out.String()) {
			t.Errorf("patrol %s ends with %d and says %s", strings.ReplaceAll(strings.Join(args, " "), value, "VALUE"), code, out.String())
		}
	}
}

// The clients of this package only read, but for those that publish and act:
// the first refuses a token that is looked at, as the script annotate tests,
// the other is of a run that looks at none.
func TestClientsOnlyRead(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	clients := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			literal, ok := n.(*ast.CompositeLit)
			if !ok || !isSelector(literal.Type, "github", "Options") {
				return true
			}
			clients++
			if !readsOnly(literal) && file != "annotate.go" && file != "acting.go" {
				t.Errorf("%s makes a client that may write", file)
			}
			return true
		})
	}
	if clients == 0 {
		t.Error("no client was found")
	}
}

func isSelector(e ast.Expr, pkg, name string) bool {
	s, ok := e.(*ast.SelectorExpr)
	if !ok || s.Sel.Name != name {
		return false
	}
	x, ok := s.X.(*ast.Ident)
	return ok && x.Name == pkg
}

func readsOnly(literal *ast.CompositeLit) bool {
	for _, element := range literal.Elts {
		if pair, ok := element.(*ast.KeyValueExpr); ok {
			key, _ := pair.Key.(*ast.Ident)
			value, _ := pair.Value.(*ast.Ident)
			if key != nil && value != nil && (key.Name == "ReadOnly" || key.Name == "AsksOnly") && value.Name == "true" {
				return true
			}
		}
	}
	return false
}
