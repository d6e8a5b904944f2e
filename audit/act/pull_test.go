package act

import (
	"encoding/base64"
	"fmt"
	"path"
	"strings"
	"testing"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/fix"
	"github.com/patrol-actions/patrol/audit/github/githubtest"
)

// other is a second workflow with something to fix.
const other = `on: push
permissions: {}
jobs:
  list:
    runs-on: ubuntu-latest
    steps:
      - run: gh pr list --repo octo/app
        env:
          GH_TOKEN: ${{ secrets.SECOND_PAT }}
`

const otherFile = ".github/workflows/b.yml"

// pull brings the pull request of some audited files up to date.
func (h *hub) pull(a *Actor, files map[string]string) audit.Outcome {
	h.t.Helper()
	return a.PullRequest(h.t.Context(), PullRequest{Repository: repo, Base: "main", Plan: plan(files)})
}

type shownPull struct {
	Number int    `json:"number"`
	State  string `json:"state"`
	Title  string `json:"title"`
	Body   string `json:"body"`
	Head   struct {
		Ref string `json:"ref"`
		SHA string `json:"sha"`
	} `json:"head"`
}

func (h *hub) pulls() []shownPull {
	h.t.Helper()
	var all []shownPull
	if _, err := h.person.Get(h.t.Context(), "/repos/octo/app/pulls", map[string][]string{"state": {"all"}}, &all); err != nil {
		h.t.Fatal(err)
	}
	return all
}

// commitAs puts files on a branch as the owner would with git, which makes the
// branch where there is none. Modes are "100644" but for those named.
func (h *hub) commitAs(branch string, files, modes map[string]string) string {
	h.t.Helper()
	return h.commitWith("By hand", branch, files, modes)
}

func (h *hub) commitWith(message, branch string, files, modes map[string]string) string {
	h.t.Helper()
	var ref, tree, commit struct {
		SHA    string `json:"sha"`
		Object struct {
			SHA string `json:"sha"`
		} `json:"object"`
	}
	from := branch
	if _, err := h.person.Get(h.t.Context(), "/repos/octo/app/git/ref/heads/"+branch, nil, &ref); err != nil {
		from = "main"
		h.get("/repos/octo/app/git/ref/heads/main", &ref)
	}
	var entries []map[string]any
	for name, content := range files {
		mode := modes[name]
		if mode == "" {
			mode = "100644"
		}
		entries = append(entries, map[string]any{"path": name, "mode": mode, "type": "blob", "content": content})
	}
	h.send("POST", "/repos/octo/app/git/trees", map[string]any{"base_tree": ref.Object.SHA, "tree": entries}, &tree)
	h.send("POST", "/repos/octo/app/git/commits", map[string]any{"message": message, "tree": tree.SHA, "parents": []string{ref.Object.SHA}}, &commit)
	if from == branch {
		h.send("PATCH", "/repos/octo/app/git/refs/heads/"+branch, map[string]any{"sha": commit.SHA}, nil)
	} else {
		h.send("POST", "/repos/octo/app/git/refs", map[string]any{"ref": "refs/heads/" + branch, "sha": commit.SHA}, nil)
	}
	h.Forget()
	return commit.SHA
}

// branch is the commit of a branch, "" where there is none.
func (h *hub) branch(name string) string {
	h.t.Helper()
	var ref struct {
		Object struct {
			SHA string `json:"sha"`
		} `json:"object"`
	}
	if _, err := h.person.Get(h.t.Context(), "/repos/octo/app/git/ref/heads/"+name, nil, &ref); statusOf(err) != 0 && statusOf(err) != notFound {
		h.t.Fatal(err)
	}
	return ref.Object.SHA
}

// content is a file of a branch.
func (h *hub) content(branch, name string) string {
	h.t.Helper()
	data, _, err := h.person.Raw(h.t.Context(), "/repos/octo/app/contents/"+name, map[string][]string{"ref": {branch}})
	if err != nil {
		h.t.Fatal(err)
	}
	return string(data)
}

func fixed(t *testing.T, files map[string]string, name string) string {
	t.Helper()
	for _, f := range plan(files).Files {
		if f.Path == name {
			return string(f.After)
		}
	}
	t.Fatalf("nothing to fix in %s", name)
	return ""
}

func TestPullRequestLife(t *testing.T) {
	files := map[string]string{file: workflowA, "README.md": "Hi\n"}
	h := serve(t, world(all, files))
	o := h.pull(h.actor, files)
	if !strings.HasSuffix(o.URL, "/octo/app/pull/1") {
		t.Error(o.URL)
	}
	h.expect(o, audit.DoneCreated, "Use GITHUB_TOKEN in place of another token", 4)
	first := h.pulls()[0]
	if first.Head.Ref != Branch || h.content(Branch, file) != fixed(t, files, file) || h.content(Branch, "README.md") != "Hi\n" {
		t.Errorf("%+v\n%s", first, h.content(Branch, file))
	}
	for _, want := range []string{"<code>BOT_PAT</code>", "<code>.github/workflows/a.yml:9</code>", "<code>issues: read</code>", "gh issue list", "`patrol explain replaceable-pat`"} {
		if !strings.Contains(first.Body, want) {
			t.Errorf("no %s in\n%s", want, first.Body)
		}
	}
	h.Forget()
	h.expect(h.pull(h.actor, files), audit.DoneUnchanged, "", 0)
	h.expect(h.pull(h.actor, files), audit.DoneUnchanged, "", 0)

	// The base moves on elsewhere: the same edits. In the file: others.
	h.commitAs("main", map[string]string{"README.md": "Ho\n"}, nil)
	h.expect(h.pull(h.actor, files), audit.DoneUnchanged, "", 0)
	files[file] = "# A comment.\n" + workflowA
	h.commitAs("main", map[string]string{file: files[file]}, nil)
	h.expect(h.pull(h.actor, files), audit.DoneUpdated, "", 4)
	if got := h.content(Branch, file); got != fixed(t, files, file) || h.content(Branch, "README.md") != "Ho\n" {
		t.Errorf("the branch has\n%s", got)
	}
	var commit struct {
		Parents []struct {
			SHA string `json:"sha"`
		} `json:"parents"`
	}
	h.get("/repos/octo/app/git/commits/"+h.branch(Branch), &commit)
	if len(commit.Parents) != 2 || commit.Parents[0].SHA != first.Head.SHA || commit.Parents[1].SHA != h.branch("main") {
		t.Errorf("the branch comes after %+v", commit.Parents)
	}
	if got := h.pulls(); len(got) != 1 || got[0].State != "open" {
		t.Errorf("%+v", got)
	}
	h.Forget()
	h.expect(h.pull(h.actor, files), audit.DoneUnchanged, "", 0)

	// Somebody fixes it by hand.
	files[file] = fixed(t, files, file)
	h.commitAs("main", map[string]string{file: files[file]}, nil)
	h.expect(h.pull(h.actor, files), audit.DoneClosed, "nothing is left to fix", 2)
	if got := h.pulls(); len(got) != 1 || got[0].State != "closed" || h.branch(Branch) != "" {
		t.Errorf("%+v", got)
	}
	h.Forget()
	h.expect(h.pull(h.actor, files), audit.DoneUnchanged, "", 0)

	// What we closed ourselves is no no of a person.
	files[file] = workflowA
	h.commitAs("main", map[string]string{file: files[file]}, nil)
	h.expect(h.pull(h.actor, files), audit.DoneCreated, "", 4)
}

// A repository with nothing to fix costs one request.
func TestPullRequestNothing(t *testing.T) {
	h := serve(t, world(all, map[string]string{"README.md": ""}))
	if _, err := h.actor.identity(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.Forget()
	o := h.actor.PullRequest(t.Context(), PullRequest{Repository: repo, Base: "main"})
	if n := len(h.Exchanges()); n != 1 {
		t.Errorf("%d requests", n)
	}
	h.expect(o, audit.DoneUnchanged, "", 0)
}

func TestPullRequestDryRun(t *testing.T) {
	files := map[string]string{file: workflowA}
	h := serve(t, world(all, files))
	dry := h.as("ghs_canaryRun", dryRun)
	h.expect(h.pull(dry, files), audit.DoneCreated, "Use GITHUB_TOKEN", 0)
	h.expect(h.pull(h.actor, files), audit.DoneCreated, "", 4)
	h.expect(h.pull(dry, files), audit.DoneUnchanged, "", 0)
	files[file] = "# A comment.\n" + workflowA
	h.commitAs("main", map[string]string{file: files[file]}, nil)
	h.expect(h.pull(dry, files), audit.DoneUpdated, "", 0)
	h.expect(h.pull(dry, nil), audit.DoneClosed, "", 0)
	if h.branch(Branch) == "" || h.pulls()[0].State != "open" {
		t.Error("a dry run did something")
	}
}

// Work that others put on the branch is theirs.
func TestPullRequestTakenOver(t *testing.T) {
	files := map[string]string{file: workflowA}
	h := serve(t, world(all, files))
	h.expect(h.pull(h.actor, files), audit.DoneCreated, "", 4)
	theirs := h.commitAs(Branch, map[string]string{"NOTES.md": "Mine\n"}, nil)
	h.expect(h.pull(h.actor, files), audit.DoneSkipped, "left to those who work on it", 0)
	files[file] = "# A comment.\n" + workflowA
	h.commitAs("main", map[string]string{file: files[file]}, nil)
	h.expect(h.pull(h.actor, files), audit.DoneSkipped, "left to those who work on it", 0)
	h.expect(h.pull(h.actor, nil), audit.DoneClosed, "the branch stays", 1)
	if h.branch(Branch) != theirs {
		t.Error("the branch of others is gone")
	}
	h.Forget()
	h.expect(h.pull(h.actor, nil), audit.DoneUnchanged, "", 0)
	h.expect(h.pull(h.actor, files), audit.DoneSkipped, "whose head is not Patrol's", 0)
}

// Our words by another author are not ours.
func TestPullRequestForged(t *testing.T) {
	files := map[string]string{file: workflowA}
	h := serve(t, world(all, files))
	h.expect(h.as("ghs_canaryOther").PullRequest(t.Context(), PullRequest{Repository: repo, Base: "main", Plan: plan(files)}), audit.DoneCreated, "", 0)
	before := h.branch(Branch)
	h.Forget()
	h.expect(h.pull(h.actor, files), audit.DoneSkipped, "is not Patrol's", 0)
	h.expect(h.pull(h.actor, nil), audit.DoneSkipped, "is not Patrol's", 0)
	if h.branch(Branch) != before || h.pulls()[0].State != "open" {
		t.Error("another App's pull request was touched")
	}
}

// A branch of our name that somebody made is left alone.
func TestPullRequestBranchOfOthers(t *testing.T) {
	files := map[string]string{file: workflowA}
	h := serve(t, world(all, files))
	for _, message := range []string{"By hand", "By hand\n\nPatrol-Edits: " + strings.Repeat("a", 64)} {
		h.commitWith(message, Branch, map[string]string{"NOTES.md": message}, nil)
		h.expect(h.pull(h.actor, files), audit.DoneSkipped, "whose head is not Patrol's", 0)
		h.expect(h.pull(h.actor, nil), audit.DoneUnchanged, "", 0)
	}
}

// What a person closed is not opened again, but with something else.
func TestPullRequestDeclined(t *testing.T) {
	files := map[string]string{file: workflowA}
	h := serve(t, world(all, files))
	h.expect(h.pull(h.actor, files), audit.DoneCreated, "", 4)
	h.send("PATCH", "/repos/octo/app/pulls/1", map[string]any{"state": "closed"}, nil)
	h.Forget()
	h.expect(h.pull(h.actor, files), audit.DoneSkipped, "a person closed", 0)
	h.send("DELETE", "/repos/octo/app/git/refs/heads/"+Branch, nil, nil)
	// Other lines, the same reference.
	files[file] = "# A comment.\n" + workflowA
	h.commitAs("main", map[string]string{file: files[file]}, nil)
	h.expect(h.pull(h.actor, files), audit.DoneSkipped, "a person closed", 0)
	files[otherFile] = other
	h.commitAs("main", map[string]string{otherFile: other}, nil)
	h.expect(h.pull(h.actor, files), audit.DoneCreated, "2 other tokens", 4)
	h.send("PATCH", "/repos/octo/app/pulls/2", map[string]any{"state": "closed"}, nil)
	h.Forget()
	h.expect(h.pull(h.actor, map[string]string{otherFile: other}), audit.DoneSkipped, "a person closed", 0)
}

// A branch that is left over is used again, or deleted.
func TestPullRequestLeftOver(t *testing.T) {
	files := map[string]string{file: workflowA}
	h := serve(t, world(all, files))
	h.Fail(githubtest.Match{Method: "POST", Template: "/repos/{owner}/{repo}/pulls", Times: 1}, githubtest.Fault{Reset: true})
	o := h.pull(h.actor, files)
	if o.Done != audit.DoneFailed || h.branch(Branch) == "" {
		t.Errorf("%s", o)
	}
	h.Forget()
	h.expect(h.pull(h.actor, files), audit.DoneCreated, "", 4)
	// Merged, and the branch stays.
	h.send("PATCH", "/repos/octo/app/git/refs/heads/main", map[string]any{"sha": h.branch(Branch)}, nil)
	h.send("PATCH", "/repos/octo/app/pulls/1", map[string]any{"state": "closed"}, nil)
	h.Forget()
	h.expect(h.pull(h.actor, nil), audit.DoneClosed, "was left over", 1)
	if h.branch(Branch) != "" {
		t.Error("the branch is still there")
	}
}

// What could not be read closes nothing.
func TestPullRequestUnread(t *testing.T) {
	files := map[string]string{file: workflowA}
	h := serve(t, world(all, files))
	h.expect(h.pull(h.actor, files), audit.DoneCreated, "", 4)
	empty := &fix.Result{Report: &audit.Repository{Errors: []audit.Problem{{File: file, Message: "could not be read"}}}}
	h.expect(h.actor.PullRequest(t.Context(), PullRequest{Repository: repo, Base: "main", Plan: empty}), audit.DoneSkipped, "not all of the repository", 0)
	if h.pulls()[0].State != "open" {
		t.Error("it was closed")
	}
}

// Pull requests of forks are not ours, and merged ones are no no.
func TestPullRequestListed(t *testing.T) {
	files := map[string]string{file: workflowA}
	mark, _, _ := strings.Cut(propose(plan(files), nil).body(), "\n")
	row := func(state, merged string, head int) string {
		return fmt.Sprintf(`{"number":9,"html_url":"https://x","state":%q,"merged_at":%s,"body":%q,"user":{"login":"run[bot]","type":"Bot"},"head":{"repo":{"id":%d}},"base":{"repo":{"id":1,"node_id":"R"}}}`, state, merged, mark, head)
	}
	for _, test := range []struct {
		row  string
		want audit.Done
	}{
		{row("closed", "null", 1), audit.DoneSkipped}, {row("closed", `"2026-01-01T00:00:00Z"`, 1), audit.DoneCreated},
		{row("closed", "null", 2), audit.DoneCreated}, {strings.Replace(row("closed", "null", 1), `{"repo":{"id":1}}`, `{"repo":null}`, 1), audit.DoneCreated},
		{strings.Replace(row("open", "null", 1), "run[bot]", "other[bot]", 1), audit.DoneSkipped}, {row("open", "null", 2), audit.DoneCreated},
	} {
		h := serve(t, world(all, files))
		h.Fail(githubtest.Match{Method: "GET", Template: "/repos/{owner}/{repo}/pulls", Times: 1}, githubtest.Fault{Status: 200, Body: "[" + test.row + "]"})
		if o := h.pull(h.actor, files); o.Done != test.want {
			t.Errorf("%s: %s", test.row, o)
		}
	}
}

// Names may be anything; nothing of them stands in titles, commits or active
// in bodies, and no path leads elsewhere.
func TestPullRequestHostile(t *testing.T) {
	const base = "f/%2e%2e/`@octo/team`#1\u202e"
	name := ".github/workflows/" + "@octo team #1 GH-2 %0a`|<script>.yml"
	hostileStep := strings.ReplaceAll(workflowA, "gh issue list --repo octo/app", "gh issue list --repo octo/app # "+strings.ReplaceAll(hostile, "\n", " "))
	hostileStep = strings.ReplaceAll(hostileStep, "triage:", "triage:\n    name: \""+strings.NewReplacer("\n", " ", "\u202e", "").Replace(hostile)+"\"")
	files := map[string]string{name: hostileStep}
	w := world(all, map[string]string{"README.md": ""})
	w.Repositories[0].Branches = map[string]map[string]string{base: files}
	h := serve(t, w)
	p := plan(files)
	if len(p.Files) != 1 {
		t.Fatalf("nothing to fix: %+v", p.Left)
	}
	p.Changes[0].Notes = append(p.Changes[0].Notes, fix.Note{File: hostile, Line: 1, Text: hostile})
	p.Changes[0].References[0].Secret = hostile
	p.Left = append(p.Left, fix.Note{File: hostile, Line: 1, Text: hostile})
	h.expect(h.actor.PullRequest(t.Context(), PullRequest{Repository: repo, Base: base, Plan: p}), audit.DoneCreated, "", 4)
	made := h.pulls()[0]
	inert(t, made.Body)
	var commit struct {
		Commit struct {
			Message string `json:"message"`
		} `json:"commit"`
	}
	h.get("/repos/octo/app/commits/"+made.Head.SHA, &commit)
	for _, text := range []string{made.Title, commit.Commit.Message} {
		if found := active.FindString(text); found != "" || strings.Contains(text, "octo") {
			t.Errorf("%q in %q", found, text)
		}
	}
	h.Forget()
	h.expect(h.actor.PullRequest(t.Context(), PullRequest{Repository: repo, Base: base, Plan: p}), audit.DoneUnchanged, "", 0)
	for _, e := range h.Exchanges() {
		if e.Path != path.Clean(e.Path) {
			t.Errorf("asked for %s", e.Path)
		}
	}
}

// Bytes that are no UTF-8 stay as they are.
func TestPullRequestBytes(t *testing.T) {
	before, after := workflowA+"# \xff\xfe\n", "# \xff\x00\n"
	h := serve(t, world(all, map[string]string{file: before}))
	p := plan(map[string]string{file: workflowA})
	p.Files[0].Before, p.Files[0].After = []byte(before), []byte(after)
	h.expect(h.actor.PullRequest(t.Context(), PullRequest{Repository: repo, Base: "main", Plan: p}), audit.DoneCreated, "", 5)
	var got struct {
		Content string `json:"content"`
	}
	if _, err := h.person.Get(t.Context(), "/repos/octo/app/contents/"+file, map[string][]string{"ref": {Branch}}, &got); err != nil {
		t.Fatal(err)
	}
	if data, err := base64.StdEncoding.DecodeString(strings.TrimSpace(got.Content)); err != nil || string(data) != after {
		t.Errorf("%q %v", data, err)
	}
}

// A long proposal fits, and is still known as ours.
func TestProposalLong(t *testing.T) {
	p := plan(map[string]string{file: workflowA})
	one := p.Changes[0]
	for i := range 5000 {
		r := *one.References[0]
		r.ID, r.Secret = strings.Repeat("x", i), strings.Repeat("&", 200)
		p.Changes = append(p.Changes, &fix.Change{References: []*audit.Reference{&r}, Notes: []fix.Note{{File: strings.Repeat("&", 300), Text: strings.Repeat("<", 2000)}}})
	}
	body := propose(p, func(rule string) string { return "https://example.com/" + rule }).body()
	m, ours := readMark(body)
	if len(body) > maxBody || !ours || m.outdated || len(m.references) != maxMarked {
		t.Errorf("%d bytes, %v, %d references", len(body), ours, len(m.references))
	}
	if m, ours := readMark(outdated(body)); !ours || !m.outdated {
		t.Error("it is not outdated")
	}
	if _, ours := readMark("> x\n" + body); ours {
		t.Error("a quoted mark is taken")
	}
	short := propose(plan(map[string]string{file: workflowA}), func(rule string) string { return "https://example.com/" + rule }).body()
	if !strings.Contains(short, "[replaceable-pat](https://example.com/replaceable-pat)") {
		t.Error(short)
	}
}
