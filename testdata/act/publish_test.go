package act

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/github/githubtest"
)

// evil is what a name can hold to do harm in a log, on a page or in a
// terminal; injected marks what a runner would have taken from it.
const evil = "%0A::error::injected ##[error]injected `]]>` ~~~ ``` <script>injected</script> @octocat \x1b[2J \u202e"

// The branch of the pull request, and files of it. Git allows no more in the
// name of a branch, and a file system no slash in the name of a file.
var (
	branch      = "topic/%0A`]]>`<script>\u202e"
	hostileFile = ".github/workflows/a\n::error::injected%0A::error::injected ##[error]injected`]]>`<script>\x1b[2J\u202e.yml"
)

// hostileWorkflow has hostile names, and a secret that can be replaced beside
// a comment that does harm.
func hostileWorkflow(t *testing.T) string {
	t.Helper()
	quoted, err := json.Marshal("x\n::error::injected\r" + evil) // JSON is YAML
	must(t, err)
	return "name: " + string(quoted) + `
on: workflow_dispatch
jobs:
  list:
    name: ` + string(quoted) + `
    runs-on: ubuntu-latest
    permissions:
      issues: read
    steps:
      - name: ` + string(quoted) + `
        run: gh issue list
        env:
          GH_TOKEN: ${{ secrets.EVIL_PAT }} # ::error::injected ##[error]injected ` + "``` ]]> <script>injected</script> <!-- patrol:x --> \u202e" + `
      - name: ` + string(quoted) + `
        run: 'gh issue list # ::error::injected'
        env:
          GH_TOKEN: ${{ secrets['::error::injected##[error]<script>` + "`]]>`%0A\u202e_PAT'] }}\n"
}

// manyWorkflow uses as many secrets as there are steps.
func manyWorkflow(steps int) string {
	var b strings.Builder
	b.WriteString("on: workflow_dispatch\npermissions:\n  issues: read\njobs:\n  many:\n    runs-on: ubuntu-latest\n    steps:\n")
	for i := range steps {
		fmt.Fprintf(&b, "      - run: gh issue list\n        env:\n          GH_TOKEN: ${{ secrets.MANY_%02d_PAT }}\n", i)
	}
	return b.String()
}

// changed are the files of the pull request.
func changed(t *testing.T) map[string]string {
	return map[string]string{hostileFile: hostileWorkflow(t), ".github/workflows/many.yml": manyWorkflow(60)}
}

// published is a scene about a repository with a pull request, where
// GITHUB_TOKEN has some permissions; with "" there is none.
func published(t *testing.T, event, permissions, steps string) scene {
	w := world()
	w.Repositories[0].Branches = map[string]map[string]string{branch: changed(t)}
	w.Repositories[0].Lists = map[string][]githubtest.Object{"pulls": {
		{"number": 7, "title": "Topic", "head": githubtest.Object{"ref": branch}, "base": githubtest.Object{"ref": "main"}},
	}}
	if permissions != "" {
		w.Tokens = append(w.Tokens, githubtest.Token{
			Name: "GITHUB_TOKEN", Value: "ghs_" + canary + "Run00", Kind: githubtest.Installation, Owner: "acme-corp",
			Repositories: []string{"rocket"}, Permissions: permissions, Job: true,
		})
	}
	s := scene{
		world: w, event: event, files: changed(t),
		workflow: "on: [" + event + "]\njobs:\n  audit:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v7\n" + steps,
		commit:   func(server *githubtest.Server) string { return commitOf(t, server, "main") },
	}
	if strings.HasPrefix(event, "pull_request") {
		s.payload = func(server *githubtest.Server) githubtest.Object {
			return githubtest.Object{"action": "synchronize", "number": 7, "pull_request": githubtest.Object{
				"number": 7, "title": evil, "base": githubtest.Object{"ref": "main"},
				"head": githubtest.Object{"ref": branch, "sha": commitOf(t, server, branch)},
			}}
		}
	}
	return s
}

// step uses the action, with further inputs.
func step(inputs string) string {
	if inputs != "" {
		inputs = ", " + inputs
	}
	return "      - {uses: patrol-actions/patrol@v0, continue-on-error: true, with: {binary: '${{ env.PATROL }}', api-url: '${{ env.FAKE_API }}'" + inputs + "}}\n"
}

// commitOf is the commit of a branch, as a user sees it.
func commitOf(t *testing.T, server *githubtest.Server, branch string) string {
	t.Helper()
	request, err := http.NewRequest("GET", server.URL+"/repos/acme-corp/rocket/branches/"+url.PathEscape(branch), nil)
	must(t, err)
	request.Header.Set("Authorization", "Bearer "+world().Tokens[0].Value)
	response, err := http.DefaultClient.Do(request)
	must(t, err)
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	must(t, err)
	var answer struct{ Commit struct{ SHA string } }
	must(t, json.Unmarshal(data, &answer))
	if answer.Commit.SHA == "" {
		t.Fatalf("the branch %q: %s", branch, data)
	}
	return answer.Commit.SHA
}

// written is the body of a request that writes.
type written struct {
	HeadSHA    string `json:"head_sha"`
	CommitID   string `json:"commit_id"`
	Status     string
	Conclusion string
	Event      string
	Body       string
	Output     struct {
		Title, Summary string
		Annotations    []annotation
	}
	Comments []struct {
		Path, Body string
	}
}

type annotation struct {
	Path, Title, Message string
	Line                 int `json:"start_line"`
}

// writes are the requests that write to a kind of thing, and are let through.
func (r *run) writes(t *testing.T, kind string) []written {
	t.Helper()
	var out []written
	for _, e := range r.server.Writes() {
		if !strings.Contains(e.Path, kind) || e.Status >= 300 {
			continue
		}
		if e.Token != "GITHUB_TOKEN" {
			t.Errorf("%s %s was sent with %q", e.Method, e.Path, e.Token)
		}
		var w written
		must(t, json.Unmarshal([]byte(e.Body), &w))
		out = append(out, w)
	}
	return out
}

// notes are the lines that the program wrote beside its report.
func (r *run) notes() string {
	var out []string
	for _, e := range r.log {
		if strings.HasPrefix(e.Message, "patrol: ") {
			out = append(out, strings.TrimSpace(e.Message))
		}
	}
	return strings.Join(out, "\n")
}

// summaries are those of the job, a step each: act tells of them again for the
// steps of an action.
func (r *run) summaries() []string {
	var out []string
	for _, e := range r.log {
		if _, text, ok := strings.Cut(e.Message, "Summary - "); ok && len(e.StepID) == 1 {
			out = append(out, text)
		}
	}
	return out
}

// annotated counts the annotations of a level that workflow commands make.
func (r *run) annotated(level string) int { return len(r.said(level, "")) }

func (r *run) codes() string {
	out := ""
	for _, c := range r.calls {
		out += c.Code
	}
	return out
}

// inert wants what is hostile to do nothing where it came out.
func (r *run) inert(t *testing.T) {
	t.Helper()
	r.hidden(t)
	if _, err := os.Stat(filepath.Join(r.work, "reports", "injected")); err == nil {
		t.Error("a name was run as code")
	}
	for _, e := range r.log {
		name, message := e.command()
		if strings.HasPrefix(message, "injected") || !slices.Contains([]string{"", "add-mask", "error", "notice", "warning"}, name) {
			t.Errorf("a name became a command of the runner: %.600s", e.line)
		}
		if strings.Contains(e.Message, "Summary - ") {
			continue
		}
		if at := strings.TrimSpace(e.Message); e.Command == "" && (strings.HasPrefix(at, "::") || strings.Contains(at, "##[")) {
			t.Errorf("a line of the log is a command to the runner: %.600s", e.line)
		}
		visible(t, "the log", colour.ReplaceAllString(e.Message, "")+e.Arg+strings.Join(slices.Collect(maps.Values(e.KV)), ""))
	}
	for _, text := range r.summaries() {
		page(t, "the summary", text)
	}
	for _, w := range r.writes(t, "/check-runs") {
		visible(t, "a check run's title", w.Output.Title)
		page(t, "a check run's summary", w.Output.Summary)
		for _, a := range w.Output.Annotations {
			visible(t, "an annotation", a.Title+a.Message)
		}
	}
	for _, w := range r.writes(t, "/reviews") {
		page(t, "a review", w.Body)
		for _, c := range w.Comments {
			page(t, "a comment", c.Body)
		}
	}
}

// colour is what the program itself writes into a log: no name here holds it.
var colour = regexp.MustCompile("\x1b\\[[0-9;]*m")

// command reads a line as GitHub's runner does, to which the message begins at
// the first colons behind the name. To act, it begins at the last ones.
func (e entry) command() (name, message string) {
	_, line, ok := strings.Cut(e.Message, "::")
	if slices.Contains([]string{"", "summary", "set-output"}, e.Command) || !ok {
		return "", "" // what act says of the two files is no line of the action
	}
	head, message, _ := strings.Cut(line, "::")
	name, _, _ = strings.Cut(head, " ")
	return name, message
}

// visible wants no characters that do something to a terminal or a reader.
func visible(t *testing.T, what, text string) {
	t.Helper()
	for _, r := range text {
		if r != '\n' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			t.Errorf("%s holds %U: %.300q", what, r, text)
			return
		}
	}
}

// page wants Markdown to hold no markup of a repository. What stands in a
// block of code does nothing, and has to be as it is; a block that does not
// end would swallow the rest.
func page(t *testing.T, what, text string) {
	t.Helper()
	fence := ""
	for line := range strings.SplitSeq(text, "\n") {
		ticks := line[:len(line)-len(strings.TrimLeft(line, "`"))]
		switch {
		case fence == "" && len(ticks) >= 3:
			fence = ticks
		case fence != "" && len(ticks) >= len(fence) && ticks == strings.TrimSpace(line):
			fence = ""
		case fence == "":
			visible(t, what, line)
			for _, markup := range []string{"<script", "@octocat", "`]]", "]]>"} {
				if strings.Contains(line, markup) {
					t.Errorf("%s holds %s: %.300q", what, markup, line)
				}
			}
		}
	}
	if fence != "" {
		t.Errorf("a block of code does not end in %s", what)
	}
}

// A pull request of the repository itself, twice: as a token of its run may
// write, all annotations go to a check run, and suggestions to one review.
func TestPullRequest(t *testing.T) {
	s := published(t, "pull_request", "contents:read,checks:write,pull_requests:write", step("fail-on: warning")+step(""))
	r := s.play(t)
	r.inert(t)
	if codes := r.codes(); codes != "10" {
		t.Errorf("the program ended with %s", codes)
	}
	head := commitOf(t, r.server, branch)
	checks := r.writes(t, "/check-runs")
	r.checks(t, checks[:len(checks)/2], head, "failure")
	r.checks(t, checks[len(checks)/2:], head, "neutral")
	for _, level := range []string{"error", "warning", "notice"} {
		if n := r.annotated(level); n != 0 {
			t.Errorf("%d workflow commands beside the check run", n)
		}
	}

	reviews := r.writes(t, "/reviews")
	if len(reviews) != 1 || len(r.writes(t, "/")) != len(checks)+1 {
		t.Fatalf("%d reviews, %d writes", len(reviews), len(r.server.Writes()))
	}
	review := reviews[0]
	if review.CommitID != head || review.Event != "COMMENT" {
		t.Errorf("the review is a %s on %s", review.Event, review.CommitID)
	}
	files := map[string]int{}
	for _, c := range review.Comments {
		files[c.Path]++
		if !strings.Contains(c.Body, "${{ github.token }}") {
			t.Errorf("a comment suggests nothing: %q", c.Body)
		}
	}
	if want := map[string]int{hostileFile: 2, ".github/workflows/many.yml": 60}; !maps.Equal(files, want) {
		t.Errorf("comments %v, want %v", files, want)
	}
	// What can be replaced in the files that the pull request leaves alone is
	// outside of it.
	said := strings.Split(r.notes(), "\n")
	if len(said) != 4 || said[0] != "patrol: suggestions: 62 new, 0 there already, 3 outside of the diff, 0 folded away" ||
		said[2] != "patrol: suggestions: 0 new, 62 there already, 3 outside of the diff, 0 folded away" || !strings.HasPrefix(said[1], "patrol: the annotations are at https://") {
		t.Errorf("notes: %q", said)
	}
	if s := r.summaries(); len(s) != 2 || !strings.Contains(s[0], "EVIL_PAT") || !strings.Contains(s[0], patched) {
		t.Errorf("summaries: %.2000q", s)
	}
}

// patched is a line of the patch in a summary.
const patched = "\n+          GH_TOKEN: ${{ github.token }}"

// What is suggested is good for the lines that were audited: where the head of
// the pull request has others, nothing is.
func TestOtherLines(t *testing.T) {
	s := published(t, "pull_request", "contents:read,checks:write,pull_requests:write", step(""))
	s.files[".github/workflows/many.yml"] = strings.ReplaceAll(manyWorkflow(60), "_PAT", "_KEY_PAT")
	delete(s.files, hostileFile)
	r := s.play(t)
	r.hidden(t)
	if n := len(r.writes(t, "/reviews")); n != 0 || !strings.Contains(r.notes(), "suggestions: 0 new, 0 there already, 63 outside of the diff, 0 folded away") {
		t.Errorf("%d reviews: %s", n, r.notes())
	}
}

// The token of a fork's pull request may read, others may less, and some
// workflows give none: workflow commands and the summary remain.
func TestMayNotWrite(t *testing.T) {
	for _, test := range []struct {
		name, event, permissions, steps string
		codes                           string
		tried                           int
		notes                           []string
	}{
		{"fork", "pull_request", "contents:read,checks:read,pull_requests:read", step("fail-on: warning") + step("fail-on: never"), "10", 4,
			[]string{"a review with suggestions takes pull-requests: write, which the token of this run has not got: the patch is in the summary", "a check run with all annotations takes checks: write, which the token of this run has not got: of each level the ten worst"}},
		{"contents alone", "pull_request", "contents:read", step("fail-on: error"), "0", 1,
			[]string{"a review with suggestions takes pull-requests: write", "a check run with all annotations takes checks: write"}},
		{"no token", "pull_request", "", step("fail-on: warning, token: ''"), "1", 0,
			[]string{"no suggestions: writing to GitHub takes a token in GH_TOKEN or GITHUB_TOKEN", "patrol: writing to GitHub takes a token in GH_TOKEN or GITHUB_TOKEN: of each level the ten worst"}},
		{"check asked for", "push", "contents:read", step("annotations: check"), "3", 1,
			[]string{"--annotate check: a check run with all annotations takes checks: write"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := published(t, test.event, test.permissions, test.steps).play(t)
			r.inert(t)
			if codes := r.codes(); codes != test.codes {
				t.Errorf("the program ended with %s, want %s", codes, test.codes)
			}
			for _, want := range test.notes {
				if n := strings.Count(r.notes(), want); n != len(r.calls) {
					t.Errorf("%d times %q in\n%s", n, want, r.notes())
				}
			}
			tried := r.server.Writes()
			for _, e := range tried {
				if e.Status != http.StatusForbidden {
					t.Errorf("%s %s: %d", e.Method, e.Path, e.Status)
				}
			}
			if len(tried) != test.tried || test.permissions == "" && len(r.server.Exchanges()) > 0 {
				t.Errorf("%d requests that write, want %d", len(tried), test.tried)
			}
			if test.codes != "3" {
				r.commands(t)
			}
		})
	}
}

// A checkout without history, of a fork's pull request too: what was there
// before is read over the API, and only what the pull request changes is shown.
func TestChangedOnly(t *testing.T) {
	example := map[string]string{}
	root := os.DirFS("../example")
	must(t, fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(root, name)
		example[name] = string(data)
		return err
	}))
	// A line of the example is changed as well.
	const touched = ".github/workflows/triage.yml"
	topic := maps.Clone(example)
	maps.Copy(topic, changed(t))
	topic[touched] = strings.Replace(topic[touched], "name:", "# changed\nname:", 1)
	for _, test := range []struct {
		name, event, permissions string
		all                      bool
	}{
		{"fork", "pull_request", "contents:read,pull_requests:read", false},
		{"push", "push", "contents:read", false},
		{"may not read", "pull_request", "issues:read", true},
		{"no token", "pull_request", "", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := published(t, test.event, test.permissions, step("changed-only: true, fail-on: error, annotations: commands, suggestions: false, report-file: '${{ env.REPORTS }}/report.json'"))
			s.world.Repositories[0].Files = example
			s.world.Repositories[0].Branches = map[string]map[string]string{branch: topic}
			s.files = topic
			s.commit = func(server *githubtest.Server) string { return commitOf(t, server, branch) }
			s.payload = func(server *githubtest.Server) githubtest.Object {
				began := commitOf(t, server, "main")
				if test.event == "push" {
					return githubtest.Object{"before": began}
				}
				return githubtest.Object{"number": 7, "pull_request": githubtest.Object{
					"number": 7, "base": githubtest.Object{"ref": "main", "sha": began},
					"head": githubtest.Object{"ref": branch, "sha": commitOf(t, server, branch)},
				}}
			}
			r := s.play(t)
			r.inert(t)
			r.readOnly(t)
			if codes := r.codes(); codes != "0" {
				t.Errorf("the program ended with %s", codes)
			}
			var report audit.Report
			data, err := os.ReadFile(filepath.Join(r.work, "reports", "report.json"))
			must(t, err)
			must(t, json.Unmarshal(data, &report))
			files := map[string]bool{}
			for _, f := range report.Repositories[0].Findings {
				files[f.File] = true
			}
			if !files[hostileFile] || !files[".github/workflows/many.yml"] || files[".github/workflows/release.yml"] != test.all {
				t.Errorf("findings in %v", slices.Sorted(maps.Keys(files)))
			}
			if told := strings.Contains(r.notes(), "all findings are shown"); told != test.all || test.all && !strings.Contains(r.notes(), "contents: read") {
				t.Errorf("notes: %s", r.notes())
			}
			asked := []string{}
			for _, e := range r.server.Exchanges() {
				asked = append(asked, e.Template)
			}
			if want := []string{"/repos/{owner}/{repo}/compare/{basehead}", "/repos/{owner}/{repo}/git/trees/{tree_sha}", "/repos/{owner}/{repo}/contents/{path}"}; !test.all && !slices.Equal(asked, want) {
				t.Errorf("asked %q, want %q", asked, want)
			}
		})
	}
}

// commands wants of each step the worst annotations as workflow commands, and
// all of it in the summary.
func (r *run) commands(t *testing.T) {
	t.Helper()
	if n := r.annotated("warning"); n != 10*len(r.calls) {
		t.Errorf("%d warnings of %d steps", n, len(r.calls))
	}
	if n := r.annotated("notice"); n == 0 || n > 10*len(r.calls) {
		t.Errorf("%d notices of %d steps", n, len(r.calls))
	}
	if !slices.ContainsFunc(r.said("warning", "EVIL_PAT"), func(e entry) bool { return e.KV["line"] == "13" }) {
		t.Error("no warning is on the line of EVIL_PAT")
	}
	for _, text := range r.summaries() {
		if !strings.Contains(text, "MANY_59_PAT") || !strings.Contains(text, patched) {
			t.Errorf("the summary lacks a finding, or the patch: %.2000s", text)
		}
	}
	if len(r.summaries()) != len(r.calls) {
		t.Errorf("%d summaries of %d steps", len(r.summaries()), len(r.calls))
	}
}

// A push and a schedule are about a commit: it gets a check run, and there is
// no review, with tokens to look at and without.
func TestCommit(t *testing.T) {
	looked := step("fail-on: error, tokens: 'OLD_PAT: ${{ secrets.OLD_PAT }}'")
	for _, test := range []struct{ event, steps, codes, conclusion string }{
		{"push", step(""), "0", "neutral"},
		{"schedule", looked, "1", "failure"},
	} {
		t.Run(test.event, func(t *testing.T) {
			r := published(t, test.event, "contents:read,checks:write,pull_requests:write", test.steps).play(t)
			r.inert(t)
			if codes := r.codes(); codes != test.codes {
				t.Errorf("the program ended with %s, want %s", codes, test.codes)
			}
			checks := r.writes(t, "/check-runs")
			r.checks(t, checks, commitOf(t, r.server, "main"), test.conclusion)
			if n := len(r.server.Writes()); n != len(checks) {
				t.Errorf("%d requests that write, %d of them for the check run", n, len(checks))
			}
			if strings.Contains(r.notes(), "suggest") || r.annotated("warning")+r.annotated("error") != 0 {
				t.Errorf("suggestions or commands: %s", r.notes())
			}
			if told := strings.Contains(checks[0].Output.Summary, "OLD_PAT"); told != (test.steps == looked) {
				t.Errorf("the check run tells of the token: %v", told)
			}
		})
	}
}

// checks wants the requests of one check run with all annotations.
func (r *run) checks(t *testing.T, requests []written, commit, conclusion string) {
	t.Helper()
	annotations, lines := 0, map[string]bool{}
	for i, w := range requests {
		annotations += len(w.Output.Annotations)
		for _, a := range w.Output.Annotations {
			lines[fmt.Sprint(a.Path, a.Line, a.Message)] = true
		}
		if last := i == len(requests)-1; last != (w.Conclusion == conclusion) || last != (w.Status == "completed") {
			t.Errorf("request %d: %s %s", i, w.Status, w.Conclusion)
		}
	}
	if len(requests) < 4 || annotations < 60 || len(lines) != annotations {
		t.Fatalf("%d requests with %d annotations, %d of them different", len(requests), annotations, len(lines))
	}
	if evil := slices.ContainsFunc(requests, func(w written) bool {
		return slices.ContainsFunc(w.Output.Annotations, func(a annotation) bool { return a.Path == hostileFile })
	}); !evil {
		t.Errorf("no annotation is in %q", hostileFile)
	}
	if requests[0].HeadSHA != commit {
		t.Errorf("the check run is on %s, want %s", requests[0].HeadSHA, commit)
	}
}
