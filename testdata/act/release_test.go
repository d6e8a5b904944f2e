package act

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit"
)

// host stands in the place of the releases on github.com: files by their path.
type host struct {
	*httptest.Server
	files map[string]string
	mutex sync.Mutex
	asked []string
}

func newHost(t *testing.T) *host {
	h := &host{files: map[string]string{}}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.mutex.Lock()
		defer h.mutex.Unlock()
		h.asked = append(h.asked, r.URL.Path)
		header := fmt.Sprint(r.Header)
		if r.Method != "GET" || strings.Contains(header, canary) || r.Header.Get("Authorization") != "" {
			t.Errorf("%s %s was sent with %s", r.Method, r.URL.Path, header)
		}
		content, ok := h.files[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		if strings.HasSuffix(r.URL.Path, short) {
			w.Header().Set("Content-Length", fmt.Sprint(len(content)+1))
		}
		fmt.Fprint(w, content)
	}))
	t.Cleanup(h.Close)
	return h
}

// short is how the path ends of what is cut off before its end.
const short = "v0.0.4_linux_" + runtime.GOARCH

// asset is the name of the program for this machine.
func asset(version string) string {
	return "patrol_" + version + "_" + runtime.GOOS + "_" + runtime.GOARCH
}

// programs that write down that they were run.
const (
	built    = "package main\n\nimport \"os\"\n\nfunc main() {\n\tf, _ := os.OpenFile(os.Getenv(\"REPORTS\")+\"/runs\", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)\n\tf.WriteString(\"built\\n\")\n\tf.Close()\n}\n"
	released = "#!/bin/sh\necho released >> \"$REPORTS/runs\"\n"
	tampered = "#!/bin/sh\necho tampered >> \"$REPORTS/runs\"\n"
)

// releaseOf makes a state of the action with a source of its own, of which a
// version with some lines of hashes was released.
func releaseOf(t *testing.T, version, sums string) string {
	t.Helper()
	folder := t.TempDir()
	root, err := filepath.Abs("../..")
	must(t, err)
	for _, name := range []string{"action.yml", "release/obtain.sh", "release/source.sh"} {
		content, err := os.ReadFile(filepath.Join(root, name))
		must(t, err)
		put(t, folder, name, string(content))
	}
	for name, content := range map[string]string{
		"go.mod": "module example.com/program\n\ngo 1.26\n", "go.sum": "", "main.go": built,
		"audit/audit.go": "package audit\n", "audit/audit_test.go": "package audit\n", "rules/table/a b.tsv": "a\tb\n",
	} {
		put(t, folder, name, content)
	}
	put(t, folder, "release/checksums.txt", "# A list.\n# version "+version+"\n# go "+runtime.Version()+"\n# source "+sourceHash(t, folder)+"\n"+sums)
	return folder
}

func put(t *testing.T, folder, name, content string) {
	t.Helper()
	file := filepath.Join(folder, name)
	must(t, os.MkdirAll(filepath.Dir(file), 0o755))
	must(t, os.WriteFile(file, []byte(content), 0o644))
}

// sourceHash is what release/source.sh says of a folder.
func sourceHash(t *testing.T, root string) string {
	t.Helper()
	cmd := exec.Command("bash", "-euo", "pipefail", "-c", `. "$root/release/source.sh"; source_hash`)
	cmd.Env = append(os.Environ(), "root="+root)
	out, err := cmd.Output()
	must(t, err)
	hash := strings.TrimSpace(string(out))
	if len(hash) != 64 {
		t.Fatalf("the hash of %s: %q", root, out)
	}
	return hash
}

// line is that of a program in checksums.txt.
func line(version, content string) string {
	return fmt.Sprintf("%x  %s\n", sha256.Sum256([]byte(content)), asset(version))
}

// use is a step with the action at a ref.
func use(ref, id, with string) string {
	return "      - {uses: patrol-actions/patrol@" + ref + ", id: " + id + ", continue-on-error: true, with: {download-url: '${{ env.RELEASES }}', token: '${{ secrets.ONLINE_PAT }}'" + with + "}}\n"
}

// What the action runs: the released program if its hash is the one that stands
// beside the action, nothing if what comes is another, and one that it builds
// if there is none for this source and machine.
func TestObtain(t *testing.T) {
	releases := newHost(t)
	offer := func(version, content string) { releases.files["/"+version+"/"+asset(version)] = content }
	actions := map[string]string{}
	add := func(ref, version, sums string) string {
		actions[ref] = releaseOf(t, version, "0000  patrol_"+version+"_plan9_amd64\n"+sums)
		return actions[ref]
	}
	offer("v0.0.1", released)
	add("good", "v0.0.1", line("v0.0.1", released))
	offer("v0.0.2", tampered)
	add("tampered", "v0.0.2", line("v0.0.2", released))
	add("missing", "v0.0.3", line("v0.0.3", released))
	offer("v0.0.4", released)
	add("short", "v0.0.4", line("v0.0.4", released))
	offer("v0.0.5", released)
	add("platform", "v0.0.5", "")
	offer("v0.0.6", released)
	put(t, add("changed", "v0.0.6", line("v0.0.6", released)), "audit/more.go", "package audit\n")
	offer("v0.0.7", released)
	put(t, add("tests", "v0.0.7", line("v0.0.7", released)), "audit/more_test.go", "package audit\n")
	offer("v0.0.8", released)
	must(t, os.Remove(filepath.Join(add("unreleased", "v0.0.8", ""), "release/checksums.txt")))
	add("unreachable", "v0.0.9", line("v0.0.9", released))

	steps, ids := "", []string{}
	try := func(ref, id string) {
		steps += use(ref, id, "")
		ids = append(ids, id)
	}
	try("good", "good")
	try("good", "kept")
	steps += "      - run: |\n          find \"$RUNNER_TOOL_CACHE/patrol/0.0.1\" -type f | while read -r file; do\n            cp \"$REPORTS/../example/tampered\" \"$file\"\n            echo overwritten >> \"$REPORTS/runs\"\n          done\n"
	try("good", "overwritten")
	for _, ref := range []string{"tests", "tampered", "missing", "short", "platform", "changed", "unreleased"} {
		try(ref, ref)
	}
	try("unreachable", "unreachable")
	steps = strings.ReplaceAll(steps, "id: unreachable, continue-on-error: true, with: {download-url: '${{ env.RELEASES }}'", "id: unreachable, continue-on-error: true, with: {download-url: 'http://127.0.0.1:1/'")
	try("good", "hostile")
	quoted, err := json.Marshal(hostile) // JSON is YAML
	must(t, err)
	steps = strings.ReplaceAll(steps, "id: hostile, continue-on-error: true, with: {download-url: '${{ env.RELEASES }}'", "id: hostile, continue-on-error: true, with: {download-url: "+string(quoted))
	outcomes := ""
	for _, id := range ids {
		outcomes += " " + id + "=${{ steps." + id + ".outcome }}"
	}
	steps += "      - {run: 'echo \"$OUTCOMES\" > \"$REPORTS/outcomes\"', env: {OUTCOMES: '" + outcomes + "'}}\n" + step("")
	r := scene{
		world: world(), actions: actions, files: map[string]string{"tampered": tampered},
		env:      []string{"RELEASES=" + releases.URL, "RUNNER_TOOL_CACHE=" + filepath.Join(t.TempDir(), "tools")},
		workflow: "on: push\njobs:\n  audit:\n    runs-on: ubuntu-latest\n    steps:\n" + steps,
	}.play(t)
	r.hidden(t)
	if _, err := os.Stat(filepath.Join(r.work, "reports", "injected")); err == nil {
		t.Error("an input was run as code")
	}

	words := func(file string) string {
		data, err := os.ReadFile(filepath.Join(r.work, "reports", file))
		must(t, err)
		return strings.Join(strings.Fields(string(data)), " ")
	}
	const runs = "released released overwritten released released built built built built built built"
	if got := words("runs"); got != runs {
		t.Errorf("what was run: %s, want %s", got, runs)
	}
	for outcome := range strings.FieldsSeq(words("outcomes")) {
		id, got, _ := strings.Cut(outcome, "=")
		if want := id == "tampered" || id == "hostile"; (got == "failure") != want || !want && got != "success" {
			t.Errorf("the outcome of %s: %s", id, got)
		}
	}
	var asked []string
	for _, n := range []int{1, 1, 7, 2, 3, 4} { // missing is not asked for again, nor are those that no release fits
		version := fmt.Sprintf("v0.0.%d", n)
		asked = append(asked, "/"+version+"/"+asset(version))
	}
	if diff := cmp.Diff(asked, releases.asked); diff != "" {
		t.Errorf("asked for (-want, +got):\n%s", diff)
	}
	if said := r.said("error", "It was not run."); len(said) == 0 || !strings.Contains(said[0].Arg, fmt.Sprintf("%x", sha256.Sum256([]byte(tampered)))) {
		t.Errorf("nothing says that the program is another one: %+v", said)
	}
	if len(r.said("error", "download-url takes an address")) == 0 {
		t.Error("nothing says what download-url takes")
	}
}

// A released program starts at once. The one here is built in two folders, with
// different settings of the machine, and has to be the same.
func TestStart(t *testing.T) {
	const version, limit = "v9.9.9", 2 * time.Second
	root, err := filepath.Abs("../..")
	must(t, err)
	folder, dist := t.TempDir(), t.TempDir()
	for _, name := range []string{"audit", "rules", "release"} {
		must(t, os.CopyFS(filepath.Join(folder, name), os.DirFS(filepath.Join(root, name))))
	}
	for _, name := range []string{"action.yml", "go.mod", "go.sum", "main.go", "heap.go"} {
		content, err := os.ReadFile(filepath.Join(root, name))
		must(t, err)
		put(t, folder, name, string(content))
	}
	platform := runtime.GOOS + "/" + runtime.GOARCH
	script := func(env []string, words ...string) string {
		cmd := exec.Command("bash", words...)
		cmd.Env = append(os.Environ(), env...)
		out, err := cmd.CombinedOutput()
		if err != nil {
			return fmt.Sprintf("%v: %s", err, out)
		}
		return ""
	}
	if failed := script(nil, filepath.Join(folder, "release/prepare.sh"), version, platform); failed != "" {
		t.Fatal(failed)
	}
	other := []string{"GOFLAGS=-buildvcs=true", "GOAMD64=v3", "GOARM64=v8.2", "CGO_ENABLED=1", "GOFIPS140=latest", "GOOS=plan9"}
	if failed := script(other, filepath.Join(root, "release/build.sh"), version, dist, platform); failed != "" {
		t.Fatal(failed)
	}
	verify := func(version string) string {
		return script(nil, filepath.Join(folder, "release/verify.sh"), version, dist)
	}
	if failed := verify(version); failed != "" {
		t.Fatalf("two builds of the same source differ: %s", failed)
	}

	shown, err := exec.Command(filepath.Join(dist, asset(version)), "version", "--short").Output()
	if string(shown) != "patrol "+version+"\n" {
		t.Errorf("the program says %q: %v", shown, err)
	}

	releases := newHost(t)
	program, err := os.ReadFile(filepath.Join(dist, asset(version)))
	must(t, err)
	releases.files["/"+version+"/"+asset(version)] = string(program)
	clock := func(name string) string { return "      - run: date +%s%N > \"$REPORTS/" + name + "\"\n" }
	r := scene{
		world: world(), actions: map[string]string{"real": folder},
		env: []string{"RELEASES=" + releases.URL, "RUNNER_TOOL_CACHE=" + filepath.Join(t.TempDir(), "tools")},
		workflow: "on: push\njobs:\n  audit:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v7\n" +
			clock("before") + use("real", "first", ", report-file: '${{ env.REPORTS }}/report.json', annotations: 'off', suggestions: false") +
			clock("between") + use("real", "second", ", annotations: 'off', suggestions: false") + clock("after") + step(""),
	}.play(t)
	r.hidden(t)
	at := func(name string) time.Duration {
		data, err := os.ReadFile(filepath.Join(r.work, "reports", name))
		must(t, err)
		n, err := strconv.ParseInt(strings.TrimSpace(string(data)), 10, 64)
		must(t, err)
		return time.Duration(n)
	}
	first, second := at("between")-at("before"), at("after")-at("between")
	t.Logf("the whole action took %v with a download of %d bytes, and %v with the program of before", first, len(program), second)
	// Others may keep the machine busy, so what is limited is the time that
	// its processors spend before the program runs.
	cmd := exec.Command("bash", filepath.Join(folder, "release/obtain.sh"))
	cmd.Env = append(os.Environ(), "PATROL_DOWNLOAD_URL="+releases.URL+"/", "RUNNER_TEMP="+t.TempDir(), "RUNNER_TOOL_CACHE="+t.TempDir(), "GITHUB_OUTPUT="+filepath.Join(dist, "output"),
		"RUNNER_OS="+map[string]string{"linux": "Linux", "darwin": "macOS", "windows": "Windows"}[runtime.GOOS], "RUNNER_ARCH="+map[string]string{"amd64": "X64", "arm64": "ARM64"}[runtime.GOARCH])
	out, err := cmd.CombinedOutput()
	if spent := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(); err != nil || len(out) > 0 || spent > limit {
		t.Errorf("release/obtain.sh took %v: %v\n%s", spent, err, out)
	} else {
		t.Logf("release/obtain.sh took %v of the processor", spent)
	}
	if len(releases.asked) != 2 { // once by the first step, and once by the script alone
		t.Errorf("asked for %q", releases.asked)
	}
	var report audit.Report
	data, err := os.ReadFile(filepath.Join(r.work, "reports", "report.json"))
	must(t, err)
	must(t, json.Unmarshal(data, &report))
	if report.Tool.Version != version || report.Summary.Replaceable != 3 {
		t.Errorf("the report of %s has %d replaceable references", report.Tool.Version, report.Summary.Replaceable)
	}

	// What is not what was released is not published.
	for _, test := range []struct{ version, name, change, want string }{
		{"v9.9.8", "", "", "is not that of v9.9.8"},
		{version, filepath.Join(folder, "audit/audit.go"), "\n", "is that of another source"},
		{version, filepath.Join(dist, asset(version)), "x", asset(version) + " has the SHA-256 "},
	} {
		var before []byte
		if test.name != "" {
			before, err = os.ReadFile(test.name)
			must(t, err)
			must(t, os.WriteFile(test.name, append(before[:len(before):len(before)], test.change...), 0o755))
		}
		if failed := verify(test.version); !strings.Contains(failed, test.want) {
			t.Errorf("verify.sh says %q, want %q", failed, test.want)
		}
		if test.name != "" {
			must(t, os.WriteFile(test.name, before, 0o755))
		}
	}
}
