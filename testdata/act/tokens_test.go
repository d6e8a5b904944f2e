// Package act runs the action under act, on this machine and without network
// but for a GitHub in memory. Folders named testdata are not part of "./...":
// run.sh names this one.
package act

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/github/githubtest"
)

// canary stands in every secret that act is given.
const canary = "canary7b31"

// world is the GitHub that the action asks.
func world() githubtest.World {
	return githubtest.World{
		Users:         []githubtest.User{{Login: "acme-bot"}},
		Organizations: []githubtest.Organization{{Login: "acme-corp", Members: map[string]string{"acme-bot": "member"}}},
		Repositories: []githubtest.Repository{
			{Owner: "acme-corp", Name: "rocket", Visibility: githubtest.Private, Files: map[string]string{"README.md": "rocket"}, Roles: map[string]string{"acme-bot": "write"}},
			{Owner: "acme-corp", Name: "telemetry", Visibility: githubtest.Private, Files: map[string]string{"README.md": "telemetry"}, Roles: map[string]string{"acme-bot": "write"}},
		},
		Tokens: []githubtest.Token{
			{Name: "RELEASE_PAT", Value: "ghp_" + canary + "Classic00", Kind: githubtest.Classic, User: "acme-bot", Scopes: []string{"repo", "admin:org"}},
			{Name: "TRIAGE_PAT", Value: "github_pat_" + canary + "Fine00", Kind: githubtest.FineGrained, User: "acme-bot", Owner: "acme-corp",
				Repositories: []string{"rocket"}, Permissions: "issues:write", Expires: time.Now().AddDate(1, 0, 0)},
			{Name: "OLD_PAT", Value: "ghp_" + canary + "Revoked00", Kind: githubtest.Classic, User: "acme-bot", Revoked: true},
			{Name: "ONLINE_PAT", Value: "ghp_" + canary + "Online00", Kind: githubtest.Classic, User: "acme-bot", Scopes: []string{"repo"}},
		},
	}
}

// run is what came of one run of act.
type run struct {
	work   string // the folder of everything that was written
	server *githubtest.Server
	log    []entry
	// calls are the calls of the program, in order.
	calls []call
	// seen is the command line of a process that held the canary.
	seen string
}

// entry is a line of act's log. With --insecure-secrets act hides nothing, so
// the log is what the action wrote.
type entry struct {
	Level   string            `json:"level"`
	Message string            `json:"msg"`
	Command string            `json:"command"`
	Arg     string            `json:"arg"`
	KV      map[string]string `json:"kvPairs"`
	Step    string            `json:"step"`
	StepID  []string          `json:"stepID"`
	line    string
}

// call is what the program was called with, and how it ended.
type call struct {
	Arguments []string
	Code      string
	// Token tells whether GH_TOKEN was set.
	Token bool
}

// wrapper stands in the program's place, and writes down how it is called. When
// a step fails, act ends without what it has not yet read of the step's output:
// so the wrapper waits until its last line is in act's log.
const wrapper = `#!/usr/bin/env bash
{ printf 'call\0%s\0' "${GH_TOKEN:+yes}"; printf '%s\0' "$@"; } >> "$REPORTS/calls"
code=0
"$REPORTS/../patrol" "$@" || code=$?
printf 'code\0%s\0' "$code" >> "$REPORTS/calls"
last="wrapper: call $$ is over"
echo "$last" >&2
for _ in {1..300}; do
  grep -qF "$last" "$ACT_LOG" && exit "$code"
  sleep 0.1
done
echo "wrapper: act does not log what a step writes" >&2
exit 99
`

// scene is what act plays.
type scene struct {
	world    githubtest.World
	workflow string
	// event is the name of the event; "push" where it is "".
	event string
	// payload is that of the event, by the server that the action asks, and
	// commit what the branch main of the workspace points to; nil for what
	// act makes of a push and for a commit of the files.
	payload func(*githubtest.Server) githubtest.Object
	commit  func(*githubtest.Server) string
	// files are put into the copy of the bundled example.
	files map[string]string
	// actions are other states of the action than the present one, by their
	// ref, and env what the workflow finds in its environment.
	actions map[string]string
	env     []string
}

// play runs a workflow in a copy of the bundled example.
func play(t *testing.T, workflow string) *run {
	t.Helper()
	return scene{world: world(), workflow: workflow}.play(t)
}

// program builds the program once.
var program = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "patrol")
	if err != nil {
		return "", err
	}
	file := filepath.Join(folder, "patrol")
	out, err := exec.Command("go", "-C", "../..", "build", "-o", file, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return file, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if file, err := program(); err == nil {
		os.RemoveAll(filepath.Dir(file))
	}
	os.Exit(code)
}

// play runs the scene's workflow.
func (s scene) play(t *testing.T) *run {
	t.Helper()
	act := os.Getenv("PATROL_ACT")
	if act == "" {
		t.Fatal("PATROL_ACT is not set: give the path of the act program (run.sh does)")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	r := &run{work: t.TempDir(), server: githubtest.New(t, s.world)}
	at := func(name string) string { return filepath.Join(r.work, name) }
	secrets := ""
	for _, token := range s.world.Tokens {
		secrets += token.Name + "=" + token.Value + "\n"
	}
	must(t, os.MkdirAll(at("reports"), 0o755))
	must(t, os.MkdirAll(at("home"), 0o755))
	// act copies the action for every step. The program is built already.
	must(t, os.MkdirAll(at("action"), 0o755))
	action, err := os.ReadFile(filepath.Join(root, "action.yml"))
	must(t, err)
	must(t, os.WriteFile(at("action/action.yml"), action, 0o644))
	must(t, os.CopyFS(at("example"), os.DirFS(filepath.Join(root, "testdata", "example"))))
	must(t, os.WriteFile(at("workflow.yml"), []byte(s.workflow), 0o644))
	must(t, os.WriteFile(at("wrapper"), []byte(wrapper), 0o755))
	for name, content := range s.files {
		must(t, os.MkdirAll(filepath.Dir(at("example/"+name)), 0o755))
		must(t, os.WriteFile(at("example/"+name), []byte(content), 0o644))
	}
	patrol, err := program()
	must(t, err)
	must(t, os.Symlink(patrol, at("patrol")))
	secretFile := filepath.Join(t.TempDir(), "secrets")
	must(t, os.WriteFile(secretFile, []byte(secrets), 0o600))
	for _, command := range [][]string{
		{"git", "-C", at("example"), "init", "--quiet", "--initial-branch", "main"},
		{"git", "-C", at("example"), "add", "--all"},
		{"git", "-C", at("example"), "-c", "user.name=run", "-c", "user.email=run@example.com", "commit", "--quiet", "--message", "Copy"},
		{"git", "-C", at("example"), "remote", "add", "origin", "https://github.com/acme-corp/rocket.git"},
	} {
		if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%q: %v\n%s", command, err, out)
		}
	}
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	must(t, err)
	defer log.Close()
	event := cmp.Or(s.event, "push")
	cmd := exec.Command(act, event, "--json", "--insecure-secrets", "--workflows", at("workflow.yml"), "--platform", "ubuntu-latest=-self-hosted",
		"--pull=false", "--action-offline-mode", "--no-cache-server", "--local-repository", "patrol-actions/patrol@v0="+at("action"), "--secret-file", secretFile,
		"--env", "REPORTS="+at("reports"), "--env", "PATROL="+at("wrapper"), "--env", "FAKE_API="+r.server.URL,
		"--env", "ACT_LOG="+log.Name())
	cmd.Dir = at("example")
	for ref, folder := range s.actions {
		cmd.Args = append(cmd.Args, "--local-repository", "patrol-actions/patrol@"+ref+"="+folder)
	}
	for _, variable := range s.env {
		cmd.Args = append(cmd.Args, "--env", variable)
	}
	if s.payload != nil {
		payload, err := json.Marshal(s.payload(r.server))
		must(t, err)
		must(t, os.WriteFile(at("event.json"), payload, 0o644))
		cmd.Args = append(cmd.Args, "--eventpath", at("event.json"))
	}
	if s.commit != nil {
		must(t, os.WriteFile(at("example/.git/refs/heads/main"), []byte(s.commit(r.server)+"\n"), 0o644))
	}
	r.server.Forget()
	for _, variable := range os.Environ() {
		switch name, _, _ := strings.Cut(variable, "="); name {
		case "GITHUB_TOKEN", "GH_TOKEN", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "HOME":
		default:
			cmd.Env = append(cmd.Env, variable)
		}
	}
	cmd.Env = append(cmd.Env, "HOME="+at("home"))
	cmd.Stdout, cmd.Stderr = log, log
	stop := r.watch()
	failed := cmd.Run()
	stop()
	out, err := os.ReadFile(log.Name())
	must(t, err)
	r.read(t, string(out))
	if failed != nil {
		t.Fatalf("act: %v\n%s", failed, out)
	}
	return r
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// watch looks at the command lines of all processes, as others on the machine
// can, where the system shows them in /proc.
func (r *run) watch() (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
			for _, file := range files {
				if line, err := os.ReadFile(file); err == nil && bytes.Contains(line, []byte(canary)) {
					r.seen = string(line)
				}
			}
			select {
			case <-done:
				return
			case <-time.After(50 * time.Millisecond):
			}
		}
	}()
	return func() { close(done); <-ended }
}

// read reads act's log, and what the wrapper wrote down.
func (r *run) read(t *testing.T, log string) {
	t.Helper()
	lines := bufio.NewScanner(strings.NewReader(log))
	lines.Buffer(nil, 8<<20)
	for lines.Scan() {
		e := entry{line: lines.Text()}
		_ = json.Unmarshal(lines.Bytes(), &e) // act writes some lines as plain text
		r.log = append(r.log, e)
	}
	data, err := os.ReadFile(filepath.Join(r.work, "reports", "calls"))
	if err != nil {
		t.Fatalf("the program was not called: %v\n%s", err, log)
	}
	words := strings.Split(string(data), "\x00")
	for i := 0; i < len(words); i++ {
		switch last := len(r.calls) - 1; {
		case words[i] == "call":
			i++
			r.calls = append(r.calls, call{Token: words[i] == "yes"})
		case words[i] == "code":
			i++
			r.calls[last].Code = words[i]
		case last >= 0:
			r.calls[last].Arguments = append(r.calls[last].Arguments, words[i])
		}
	}
}

// readOnly wants nothing to be written to GitHub.
func (r *run) readOnly(t *testing.T) {
	t.Helper()
	for _, e := range r.server.Exchanges() {
		if e.Method != "GET" {
			t.Errorf("%s %s was sent", e.Method, e.Path)
		}
	}
}

// hidden wants the canary nowhere but in the commands that mask it.
func (r *run) hidden(t *testing.T) {
	t.Helper()
	forms := []string{canary}
	for shift := range 3 { // base64 depends on what stands before
		encoded := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + canary))
		forms = append(forms, encoded[4:len(encoded)-2])
	}
	masks := 0
	for _, e := range r.log {
		if e.Command == "add-mask" {
			masks++
			continue
		}
		for _, form := range forms {
			if strings.Contains(e.line, form) {
				t.Errorf("the log holds the value of a token: %s", e.line)
			}
		}
	}
	if masked := slices.ContainsFunc(r.calls, func(c call) bool { return slices.Contains(c.Arguments, "--token-lines") }); masked != (masks > 0) {
		t.Errorf("%d values were masked, tokens to look at: %v", masks, masked)
	}
	if r.seen != "" {
		t.Errorf("a process has the value of a token among its arguments: %q", r.seen)
	}
	searched := 0
	must(t, filepath.WalkDir(r.work, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		searched++
		for _, form := range forms {
			if bytes.Contains(data, []byte(form)) {
				t.Errorf("%s holds the value of a token", path)
			}
		}
		return nil
	}))
	if searched == 0 {
		t.Error("no file was searched")
	}
	for _, e := range r.server.Exchanges() {
		for _, form := range forms {
			if strings.Contains(e.Path+e.Query+e.Body, form) {
				t.Errorf("the value of a token was sent: %s %s", e.Method, e.Path)
			}
		}
	}
}

// said finds the log's entries of a command.
func (r *run) said(command, text string) []entry {
	return slices.DeleteFunc(slices.Clone(r.log), func(e entry) bool { return e.Command != command || !strings.Contains(e.Arg, text) })
}

// The input tokens: what is asked, said and written, and that the values are
// nowhere.
func TestTokens(t *testing.T) {
	workflow, err := os.ReadFile("tokens.yml")
	must(t, err)
	r := play(t, string(workflow))
	r.hidden(t)
	r.readOnly(t)
	codes := ""
	for i, c := range r.calls {
		codes += c.Code
		if wants := i == 2; c.Token != wants || slices.Contains(c.Arguments, "--online") != wants {
			t.Errorf("call %d %q: GH_TOKEN set: %v", i, c.Arguments, c.Token)
		}
	}
	// An error among the findings, none with never, nothing to ask about, and
	// a secret that is not set.
	if codes != "1003" {
		t.Errorf("the program ended with %s\n%+v", codes, r.calls)
	}
	asked := map[string]int{}
	for _, e := range r.server.Exchanges() {
		asked[e.Token+" "+e.Path]++
	}
	for _, want := range []string{"RELEASE_PAT /user", "RELEASE_PAT /user/repos", "TRIAGE_PAT /user", "TRIAGE_PAT /repos/acme-corp/rocket/issues", "? /user"} {
		if asked[want] == 0 && asked[strings.Replace(want, "?", "OLD_PAT", 1)] == 0 {
			t.Errorf("not asked: %s", want)
		}
	}
	if len(r.said("warning", "RELEASE_PAT is a classic token with repo, admin:org")) == 0 {
		t.Error("no annotation says that RELEASE_PAT is classic")
	}
	if len(r.said("error", "GitHub does not accept OLD_PAT")) == 0 {
		t.Error("no annotation says that OLD_PAT is dead")
	}
	summary := slices.ContainsFunc(r.log, func(e entry) bool {
		return strings.Contains(e.Message, "Summary - ") && strings.Contains(e.Message, "What the tokens reach") && strings.Contains(e.Message, "OLD_PAT")
	})
	if !summary {
		t.Error("the job's summary does not tell what the tokens reach")
	}
	r.report(t)
}

// report checks the report and the SARIF file of the first call.
func (r *run) report(t *testing.T) {
	t.Helper()
	var report audit.Report
	data, err := os.ReadFile(filepath.Join(r.work, "reports", "report.json"))
	must(t, err)
	must(t, json.Unmarshal(data, &report))
	got := ""
	for _, token := range report.Tokens {
		got += fmt.Sprintf("%s %s %s, ", token.Name, token.Kind, token.State)
		if token.Name == "RELEASE_PAT" && (token.Reach == nil || token.Reach.Repositories != 2 || len(token.References) == 0) {
			t.Errorf("RELEASE_PAT: reach %+v, references %v", token.Reach, token.References)
		}
	}
	if want := "RELEASE_PAT classic alive, TRIAGE_PAT fine-grained alive, OLD_PAT classic dead, "; got != want {
		t.Errorf("tokens of the report: %q, want %q", got, want)
	}
	sarif, err := os.ReadFile(filepath.Join(r.work, "reports", "report.sarif"))
	must(t, err)
	if !bytes.Contains(sarif, []byte("dead-token")) {
		t.Error("the SARIF file does not tell of the dead token")
	}
}

// hostile is a text that does harm where it is run as code, or begins a line
// of a log or of a file of outputs.
const hostile = "x: y\nfindings=666\n$(touch \"$REPORTS/injected\")`touch \"$REPORTS/injected\"`\n" +
	"\"; touch \"$REPORTS/injected\"; '; touch \"$REPORTS/injected\" #\n::set-output name=findings::666\n::error title=injected::injected\n%0A::warning::injected\r::notice::injected"

// Inputs are no code, and no commands to the runner.
func TestHostileInputs(t *testing.T) {
	inputs := []string{"paths", "repository", "config", "tokens", "online", "api-url", "token", "fail-on", "min-severity", "baseline", "changed-only", "annotations", "suggestions", "summary", "report-file", "sarif-file"}
	workflow := "on: push\njobs:\n  hostile:\n    runs-on: ubuntu-latest\n    steps:\n"
	outputs := ""
	for i, input := range inputs {
		with := map[string]string{"binary": "${{ env.PATROL }}", "api-url": "${{ env.FAKE_API }}", "paths": ".github/workflows/release.yml", "tokens": "RELEASE_PAT: ${{ secrets.RELEASE_PAT }}", "online": "true"}
		with[input] = hostile
		values, err := json.Marshal(with) // JSON is YAML
		must(t, err)
		workflow += fmt.Sprintf("      - {uses: patrol-actions/patrol@v0, id: s%d, continue-on-error: true, with: %s}\n", i, values)
		outputs += fmt.Sprintf("${{ steps.s%d.outputs.findings }} ", i)
	}
	workflow += "      - {run: 'echo \"findings: $FINDINGS.\"', env: {FINDINGS: '" + outputs + "'}}\n"
	r := play(t, workflow)
	r.hidden(t)
	r.readOnly(t)
	if _, err := os.Stat(filepath.Join(r.work, "reports", "injected")); err == nil {
		t.Error("an input was run as code")
	}
	for _, e := range r.log {
		if e.Command != "" && e.Command != "add-mask" && strings.HasPrefix(strings.TrimSpace(e.Arg), "injected") || strings.HasPrefix(e.Message, "findings: ") && strings.Contains(e.Message, "666") {
			t.Errorf("an input became a command of the runner: %s", e.line)
		}
	}
	if n := len(r.calls); n < 5 {
		t.Errorf("the program was called %d times", n)
	}
}
