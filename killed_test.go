//go:build unix

package main

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/patrol-actions/patrol/audit/github/githubtest"
)

// asProgram makes the test binary the program itself.
const asProgram = "PATROL_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(run())
	}
	os.Exit(m.Run())
}

// killable is an organisation whose server takes its time.
func killable(t *testing.T) *githubtest.Server {
	const permissions = "contents:read,secrets:read,environments:read,actions:read,administration:read,dependabot_secrets:read,org:organization_secrets:read,org:members:read"
	w := githubtest.World{
		Organizations: []githubtest.Organization{{Login: "example", Secrets: []githubtest.Secret{{Name: "BOT_PAT"}}}},
		Tokens:        []githubtest.Token{{Name: "app", Value: "ghs_killed", Kind: githubtest.Installation, Owner: "example", All: true, Permissions: permissions}},
	}
	for i := range 25 {
		w.Repositories = append(w.Repositories, githubtest.Repository{Owner: "example", Name: fmt.Sprintf("r%02d", i), Visibility: githubtest.Private, PushedAt: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC),
			Secrets: []githubtest.Secret{{Name: "OWN_PAT"}}, Environments: []githubtest.Environment{{Name: "production"}},
			Files: map[string]string{
				".github/workflows/a.yml": "on: {push: {branches: [main]}}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - run: ./label.sh\n        env: {GH_TOKEN: '${{ secrets.BOT_PAT }}'}\n",
				"label.sh":                fmt.Sprintf("gh issue edit %d --add-label bug\n", i),
			}})
	}
	server := githubtest.New(t, w)
	server.Fail(githubtest.Match{}, githubtest.Fault{Delay: 2 * time.Millisecond})
	return server
}

// start begins to audit the organisation in a folder.
func start(t *testing.T, server *githubtest.Server, folder string, arguments ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, append([]string{"org", "example", "--state", "state.db", "--secrets", "repositories", "--fail-on", "never",
		"--format", "json=report.json", "--format", "html=report.html", "--format", "csv=references.csv", "--format", "sarif=sarif"}, arguments...)...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), asProgram+"=1", "GH_TOKEN=ghs_killed", "GITHUB_API_URL="+server.URL, "SOURCE_DATE_EPOCH=1795000000", "GITHUB_STEP_SUMMARY=")
	said := &bytes.Buffer{}
	cmd.Stderr = said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, said
}

// written are the reports in a folder, in one.
func written(t *testing.T, folder string) string {
	t.Helper()
	var out strings.Builder
	files, _ := filepath.Glob(filepath.Join(folder, "sarif", "*.sarif"))
	for _, name := range append(files, filepath.Join(folder, "report.json"), filepath.Join(folder, "report.html"), filepath.Join(folder, "references.csv")) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "%s\n%s", filepath.Base(name), data)
	}
	return out.String()
}

func code(err error) int {
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return failed.ExitCode()
	}
	return 0
}

// TestKilled kills the program at random moments until a run comes to its end:
// the reports have the bytes of a run that nobody disturbed.
func TestKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts the program many times")
	}
	server, folder := killable(t), t.TempDir()
	began := time.Now()
	cmd, said := start(t, server, folder)
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	takes, want := time.Since(began), written(t, folder)
	seed := uint64(began.UnixNano())
	random := rand.New(rand.NewPCG(seed, 1))
	kills := 0
	for round := range 4 {
		folder := t.TempDir()
		for n := 0; ; n++ {
			cmd, said := start(t, server, folder)
			if n < 4 {
				pause := time.Duration(random.Int64N(int64(takes)))
				alarm := time.AfterFunc(pause, func() { _ = cmd.Process.Kill() })
				err := cmd.Wait()
				alarm.Stop()
				if code(err) < 0 {
					kills++
					continue
				}
				if err != nil {
					t.Fatalf("round %d: %v: %s (seed %d)", round, err, said, seed)
				}
			} else if err := cmd.Wait(); err != nil {
				t.Fatalf("round %d: %v: %s (seed %d)", round, err, said, seed)
			}
			break
		}
		if written(t, folder) != want {
			t.Errorf("round %d: other reports than without being killed (seed %d)", round, seed)
		}
	}
	if kills == 0 {
		t.Errorf("never killed in %s (seed %d)", takes, seed)
	}
	t.Logf("a run takes %s, %d were killed", takes, kills)
}

// TestStopped ends the program as a runner does, and starts another on the same
// state.
func TestStopped(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts the program several times")
	}
	server, folder := killable(t), t.TempDir()
	server.Fail(githubtest.Match{Template: "/repos/{owner}/{repo}/actions/secrets", Skip: 5}, githubtest.Fault{Delay: 30 * time.Second})
	cmd, said := start(t, server, folder)
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		n := 0
		for _, x := range server.Exchanges() {
			if x.Template == "/repos/{owner}/{repo}/actions/secrets" {
				n++
			}
		}
		if n >= 5 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("it does not come so far")
		}
	}
	other, otherSaid := start(t, server, folder)
	if err := other.Wait(); code(err) != 2 || !strings.Contains(otherSaid.String(), "another run of patrol uses it") {
		t.Errorf("two at once: %v: %s", err, otherSaid)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); code(err) != 3 || !strings.Contains(said.String(), "give the same command again") {
		t.Errorf("%v: %s", err, said)
	}
	if data, _ := os.ReadFile(filepath.Join(folder, "report.json")); !bytes.Contains(data, []byte(`"complete": false`)) {
		t.Errorf("the report is said to be complete: %.300s", data)
	}
	server.Heal()
	cmd, said = start(t, server, folder)
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	whole := t.TempDir()
	cmd, said = start(t, server, whole)
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	if written(t, folder) != written(t, whole) {
		t.Error("other reports than without being stopped")
	}
}
