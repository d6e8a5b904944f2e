package decide

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// judge audits workflows, by the names of their files without ".yml".
func judge(t *testing.T, o Options, workflows map[string]string) Result {
	t.Helper()
	files := fstest.MapFS{}
	for name, source := range workflows {
		files[workflow.Folder+"/"+name+".yml"] = &fstest.MapFile{Data: []byte(source)}
	}
	r := workflow.Load(files)
	if len(r.Problems) > 0 {
		t.Fatalf("problems: %v", r.Problems)
	}
	r.Name = o.Name
	traced := trace.Trace(r, trace.Options{})
	return Decide(r, traced, infer.Infer(traced.Jobs, infer.Options{Repository: o.Name, Read: r.Read}), o)
}

// grounds writes a reference down: "SECRET verdict code,code".
func grounds(r *audit.Reference) string {
	var codes []string
	for _, x := range r.Reasons {
		codes = append(codes, x.Code)
	}
	return strings.TrimSpace(fmt.Sprint(r.Secret, " ", r.Verdict, " ", strings.Join(codes, ",")))
}

func allGrounds(result Result) []string {
	var out []string
	for _, r := range result.References {
		out = append(out, grounds(r))
	}
	return out
}

// step is a workflow of one job with one step that runs a command with a PAT.
func step(on, command string) string {
	return "on: " + on + "\njobs:\n  a:\n    runs-on: x\n    steps:\n    - run: " + command + "\n      env:\n        GH_TOKEN: ${{ secrets.A_PAT }}\n"
}

// TestCascade holds what a comment does against who listens, and when.
func TestCascade(t *testing.T) {
	const loses, keeps = "A_PAT not-replaceable triggers-workflows", "A_PAT replaceable"
	tests := []struct {
		name, on, condition string
		want                string
	}{
		{"nobody", "push", "true", keeps},
		{"a listener", "issue_comment", "true", loses},
		{"of this type", "{issue_comment: {types: [created]}}", "true", loses},
		{"of another type", "{issue_comment: {types: [deleted]}}", "true", keeps},
		{"for a phrase that it says", "issue_comment", "contains(github.event.comment.body, 'deploy')", loses},
		{"for a phrase that it does not say", "issue_comment", "contains(github.event.comment.body, 'release')", keeps},
		{"for another event", "[issue_comment, push]", "github.event_name == 'push'", keeps},
		{"for some events", "[issue_comment, push]", "contains(fromJSON('[\"push\", \"issue_comment\"]'), github.event_name)", loses},
		{"for events that are called alike", "[issue_comment, push]", "contains(fromJSON('[\"issue_comment_x\"]'), github.event_name)", keeps},
		{"for what is not known", "issue_comment", "github.event.comment.author_association == 'OWNER'", loses},
		{"never", "issue_comment", "false", keeps},
		{"by hand", "workflow_dispatch", "true", keeps},
	}
	for _, test := range tests {
		got := judge(t, Options{}, map[string]string{
			"main":     step("workflow_dispatch", "gh issue comment 1 --body 'please deploy'"),
			"listener": "on: " + test.on + "\njobs:\n  b:\n    if: " + test.condition + "\n    runs-on: x\n    steps: [{run: make}]\n",
		})
		if diff := cmp.Diff([]string{test.want}, allGrounds(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

// TestCascadeReview holds what a review says against who listens to reviews,
// and when.
func TestCascadeReview(t *testing.T) {
	const approve = "gh pr review 1 --approve"
	state := func(s string) string { return "github.event.review.state == '" + s + "'" }
	tests := []struct {
		command, condition string
		loses              bool
	}{
		{approve, "true", true},
		{approve, state("approved"), true},
		{approve, state("APPROVED"), true},
		{approve, state("changes_requested"), false},
		{approve, "contains(github.event.review.body, '@bot')", false},
		{approve, "!contains(github.event.review.body, '@bot')", true},
		{approve, "github.event_name == 'pull_request_review_comment' || " + state("commented"), false},
		{approve + " --body '@bot go'", "contains(github.event.review.body, '@bot')", true},
		{approve + " --body-file note.md", "contains(github.event.review.body, '@bot')", true},
		{"gh pr review 1 --request-changes --body no", state("changes_requested"), true},
		{"gh pr review 1 --request-changes --body no", state("approved"), false},
		{"gh pr review 1 --comment --body no", state("commented"), true},
		{"gh pr review 1 $HOW", state("commented"), true},
		{"gh api repos/$GITHUB_REPOSITORY/pulls/1/reviews -f event=APPROVE", state("approved"), true},
		{"gh api repos/$GITHUB_REPOSITORY/pulls/1/reviews -f event=APPROVE", state("commented"), false},
		{"gh api repos/$GITHUB_REPOSITORY/pulls/1/reviews -f event=APPROVE", "contains(github.event.review.body, '@bot')", false},
		{"gh api repos/$GITHUB_REPOSITORY/pulls/1/reviews -f event=$HOW", state("commented"), true},
		{"gh api repos/$GITHUB_REPOSITORY/pulls/1/reviews -f body=draft", "true", false},
		{"gh api repos/$GITHUB_REPOSITORY/pulls/1/reviews/2/events -f event=COMMENT", "contains(github.event.review.body, '@bot')", true},
		{"gh issue comment 1 --body x", "true", false},
	}
	for _, test := range tests {
		got := judge(t, Options{}, map[string]string{
			"main":     step("workflow_dispatch", test.command),
			"listener": "on: pull_request_review\njobs:\n  b:\n    if: \"" + test.condition + "\"\n    runs-on: x\n    steps: [{run: make}]\n",
		})
		loses := slices.ContainsFunc(got.References[0].Reasons, func(r audit.Reason) bool { return r.Code == "triggers-workflows" })
		if loses != test.loses {
			t.Errorf("%s, heard if %s: %s", test.command, test.condition, grounds(got.References[0]))
		}
	}
}

// TestCascadeNeedsOneJob holds that a workflow listens if any of its jobs
// would run.
func TestCascadeNeedsOneJob(t *testing.T) {
	listener := "on: issue_comment\njobs:\n  a: {if: false, runs-on: x, steps: [{run: make}]}\n  b: {if: %s, runs-on: x, steps: [{run: make}]}\n"
	for condition, want := range map[string]audit.Verdict{"true": audit.VerdictNotReplaceable, "false": audit.VerdictReplaceable} {
		got := judge(t, Options{}, map[string]string{"main": step("push", "gh issue comment 1 --body x"), "b": fmt.Sprintf(listener, condition)})
		if got.References[0].Verdict != want {
			t.Errorf("%s: got %s", condition, got.References[0].Verdict)
		}
	}
}

// TestCascadeNamesWorkflows holds the evidence: which workflow, which line.
func TestCascadeNamesWorkflows(t *testing.T) {
	listen := "# a comment\non:\n  issues:\n    types: [closed]\njobs: {a: {runs-on: x, steps: [{run: make}]}}\n"
	got := judge(t, Options{}, map[string]string{"main": step("push", "gh issue close 1"), "b": listen, "c": listen, "d": listen, "e": listen})
	reason := got.References[0].Reasons[0]
	if want := "b.yml, c.yml, d.yml and 1 more"; !strings.Contains(reason.Detail, want) {
		t.Errorf("detail %q lacks %q", reason.Detail, want)
	}
	want := audit.Place{File: workflow.Folder + "/b.yml", Line: 3, Text: "on: issues.closed"}
	if len(reason.Evidence) != 4 || reason.Evidence[0] != want {
		t.Errorf("evidence %+v", reason.Evidence)
	}
}

func TestPullRequests(t *testing.T) {
	open := step("workflow_dispatch", "gh pr create --fill --head bot/x --base main")
	checks := "on: pull_request\njobs: {a: {runs-on: x, steps: [{run: make}]}}\n"
	closed := "on: {pull_request: {types: [closed]}}\njobs: {a: {runs-on: x, steps: [{run: make}]}}\n"
	target := "on: pull_request_target\njobs: {a: {runs-on: x, steps: [{run: make}]}}\n"
	release := "on: {pull_request: {branches: [release]}}\njobs: {a: {runs-on: x, steps: [{run: make}]}}\n"
	tests := []struct {
		name, listener string
		server         bool
		want           string
	}{
		{"nobody", closed, false, "A_PAT conditional pull-request-setting"},
		{"checks", checks, false, "A_PAT conditional pull-request-setting,approval-required"},
		{"checks of another base", release, false, "A_PAT conditional pull-request-setting"},
		{"checks on a server", checks, true, "A_PAT not-replaceable triggers-workflows,pull-request-setting"},
		{"target", target, false, "A_PAT not-replaceable triggers-workflows,pull-request-setting"},
	}
	for _, test := range tests {
		got := judge(t, Options{EnterpriseServer: test.server}, map[string]string{"main": open, "b": test.listener})
		if diff := cmp.Diff([]string{test.want}, allGrounds(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestExpand(t *testing.T) {
	keys := func(events ...infer.Event) []string {
		var out []string
		for _, e := range expand(events) {
			out = append(out, e.Name+"."+e.Type)
		}
		slices.Sort(out)
		return out
	}
	if diff := cmp.Diff([]string{"pull_request.opened", "pull_request_target.opened"}, keys(infer.Event{Name: "pull_request", Type: "opened"})); diff != "" {
		t.Error(diff)
	}
	published := infer.Event{Name: "release", Type: "published"}
	if diff := cmp.Diff([]string{"release.created", "release.prereleased", "release.published", "release.released"}, keys(published)); diff != "" {
		t.Error(diff)
	}
	if got := keys(published, infer.Event{Name: "release", Type: "released"}); slices.Contains(got, "release.prereleased") {
		t.Errorf("which of the two it is, is known: %v", got)
	}
	if got := keys(infer.Event{Name: "push"}); len(got) != 1 {
		t.Error(got)
	}
}

func TestDefaultBranch(t *testing.T) {
	with := func(triggers ...workflow.Trigger) *workflow.Repository {
		return &workflow.Repository{Workflows: []*workflow.Workflow{{Triggers: triggers}}}
	}
	push := func(branches ...string) workflow.Trigger { return workflow.Trigger{Event: "push", Branches: branches} }
	tests := []struct {
		repository *workflow.Repository
		want       string
		named      bool
	}{
		{with(), "main", false},
		{with(push("master")), "master", true},
		{with(push("main"), push("master")), "main", true},
		{with(push("main"), push("develop"), workflow.Trigger{Event: "pull_request", Branches: []string{"develop"}}), "develop", true},
		{with(push("feature", "")), "main", false},
		{with(workflow.Trigger{Event: "workflow_run", Branches: []string{"master"}}), "main", false},
		{with(push("3.x"), push("10.x")), "10.x", true},
		{with(push("2.0.x"), push("2.1.x"), push("2.0.x")), "2.0.x", true},
		{with(push("2.x", "2.1.x")), "2.x", true},
		{with(push("9.4", "10.4")), "10.4", true},
		{with(push("10.x", "main")), "main", true},
		{with(push("[0-9]+.[0-9]+.x")), "1.0.x", false},
		{with(push("*.x", "**")), "1.x", false},
		{with(push("release-*", "!*.x")), "main", false},
	}
	for i, test := range tests {
		if got, named := guessDefault(test.repository); got != test.want || named != test.named {
			t.Errorf("%d: got %s, %v, want %s, %v", i, got, named, test.want, test.named)
		}
	}
}

// TestFingerprints holds ids: they stay when lines move, steps are renamed
// and the file is laid out anew, and differ for what is something else.
func TestFingerprints(t *testing.T) {
	base := `on: push
jobs:
  a:
    runs-on: x
    steps:
    - name: close
      run: gh issue close 1
      env:
        GH_TOKEN: ${{ secrets.A_PAT }}
    - run: gh issue close 2
      env:
        GH_TOKEN: ${{ secrets.B_PAT }}
    - run: gh issue close 3
      env:
        GH_TOKEN: ${{ secrets.A_PAT }}
`
	ids := func(source string) (references, findings map[string]bool) {
		t.Helper()
		references, findings = map[string]bool{}, map[string]bool{}
		result := judge(t, Options{}, map[string]string{"main": source})
		for _, r := range result.References {
			references[r.ID] = true
		}
		for _, f := range result.Findings {
			findings[f.ID] = true
		}
		if len(references) != len(result.References) || len(findings) != len(result.Findings) {
			t.Errorf("an id is given twice:\n%s", source)
		}
		return references, findings
	}
	wantReferences, wantFindings := ids(base)
	if len(wantReferences) != 3 || len(wantFindings) != 3 {
		t.Fatalf("%d references, %d findings", len(wantReferences), len(wantFindings))
	}
	head, steps, _ := strings.Cut(base, "steps:\n")
	same := map[string]string{
		"lines above":     "# one\n\n# two\n" + base,
		"a step renamed":  strings.Replace(base, "name: close", "name: shut", 1),
		"a step unnamed":  strings.Replace(base, "- name: close\n      run:", "- run:", 1),
		"a step before":   strings.Replace(base, "    steps:\n", "    steps:\n    - run: make\n", 1),
		"another command": strings.Replace(base, "gh issue close 2", "gh issue reopen 2", 1),
		"another layout":  head + "steps:\n\n  " + strings.ReplaceAll(steps, "\n    ", "\n\n      "),
		"quotes":          strings.Replace(base, "GH_TOKEN: ${{ secrets.B_PAT }}", `"GH_TOKEN": "${{secrets.B_PAT}}"`, 1),
		"letter case":     strings.Replace(base, "secrets.B_PAT", "secrets.b_pat", 1),
		"another trigger": strings.Replace(base, "on: push", "on: [push, workflow_dispatch]", 1),
	}
	for name, source := range same {
		references, findings := ids(source)
		if !maps.Equal(references, wantReferences) {
			t.Errorf("%s: the references' ids change", name)
		}
		if name != "letter case" && !maps.Equal(findings, wantFindings) {
			t.Errorf("%s: the findings' ids change", name)
		}
	}
	other := map[string]string{
		"another job":      strings.Replace(base, "  a:\n", "  b:\n", 1),
		"another secret":   strings.Replace(base, "B_PAT", "C_PAT", 1),
		"another variable": strings.Replace(base, "GH_TOKEN: ${{ secrets.B_PAT }}", "GITHUB_TOKEN: ${{ secrets.B_PAT }}", 1),
	}
	for name, source := range other {
		if references, _ := ids(source); maps.Equal(references, wantReferences) {
			t.Errorf("%s: the references' ids stay", name)
		}
	}
}

// TestNeeds holds what a use takes, in the three vocabularies.
func TestNeeds(t *testing.T) {
	tests := []struct {
		name, on, command string
		workflow          map[string]string
		fine              audit.FineGrained
	}{
		{"an issue", "issues", "gh issue close 1", map[string]string{"issues": "write"}, audit.FineGrained{Repository: map[string]string{"issues": "write"}}},
		{"a label on an issue", "issues", "gh api repos/$GITHUB_REPOSITORY/issues/${{ github.event.issue.number }}/labels -f labels[]=x", map[string]string{"issues": "write"}, audit.FineGrained{Repository: map[string]string{"issues": "write"}}},
		{"a label on one or the other", "pull_request_target", "gh api repos/$GITHUB_REPOSITORY/issues/1/labels -f labels[]=x", map[string]string{"issues": "write", "pull-requests": "write"}, audit.FineGrained{Repository: map[string]string{"issues": "write", "pull_requests": "write"}}},
		{"a label on a pull request", "pull_request_target", "gh api repos/$GITHUB_REPOSITORY/issues/${{ github.event.number }}/labels -f labels[]=x", map[string]string{"pull-requests": "write"}, audit.FineGrained{Repository: map[string]string{"pull_requests": "write"}}},
		{"a secret", "push", "gh api repos/$GITHUB_REPOSITORY/actions/secrets", map[string]string{}, audit.FineGrained{Repository: map[string]string{"secrets": "read"}}},
		{"members", "push", "gh api orgs/acme/members", map[string]string{}, audit.FineGrained{Organization: map[string]string{"members": "read"}}},
		{"gists", "push", "gh api gists -f description=x", map[string]string{}, audit.FineGrained{Account: map[string]string{"gists": "write"}}},
		{"elsewhere", "push", "gh issue close 1 --repo octo/app", map[string]string{}, audit.FineGrained{Repository: map[string]string{"issues": "write"}}},
	}
	for _, test := range tests {
		got := judge(t, Options{Name: "acme/app"}, map[string]string{"main": step(test.on, test.command)}).References[0].Permissions
		want := audit.Permissions{Workflow: test.workflow, FineGrained: test.fine, ClassicScopes: got.ClassicScopes}
		for _, m := range []*map[string]string{&want.FineGrained.Repository, &want.FineGrained.Organization, &want.FineGrained.Account} {
			if *m == nil {
				*m = map[string]string{}
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
		if len(got.ClassicScopes) == 0 {
			t.Errorf("%s: no classic scope", test.name)
		}
	}
}

// TestJobPermissions holds that a suggested block is complete: it keeps what
// the other steps take from GITHUB_TOKEN, and names those nobody knows.
func TestJobPermissions(t *testing.T) {
	got := judge(t, Options{}, map[string]string{"main": `on: push
jobs:
  a:
    runs-on: x
    permissions:
      contents: read
      deployments: write
      statuses: none
    steps:
    - uses: actions/checkout@v7
    - name: tell
      uses: octo/unknown@v1
      with:
        token: ${{ github.token }}
    - run: gh issue close 1
      env:
        GH_TOKEN: ${{ secrets.A_PAT }}
`}).References[0].Remedy
	want := map[string]string{"contents": "read", "deployments": "write", "issues": "write"}
	if diff := cmp.Diff(want, got.JobPermissions); diff != "" {
		t.Errorf("job_permissions (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"2 (tell)"}, got.UnknownSteps); diff != "" {
		t.Errorf("unknown_steps (-want +got):\n%s", diff)
	}
}

func TestPlus(t *testing.T) {
	into := map[string]string{"a": "read", "b": "write"}
	got := plus(into, map[string]string{"a": "write", "b": "read", "c": "none", "d": "read"})
	if diff := cmp.Diff(map[string]string{"a": "write", "b": "write", "d": "read"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(into) != 2 || into["a"] != "read" {
		t.Errorf("it changed what it was given: %v", into)
	}
}

// TestPermissionFindings holds a job's permissions against what it does.
func TestPermissionFindings(t *testing.T) {
	tests := map[string]string{
		"permissions: {}|gh issue close 1":                                        "missing-permissions issues: write",
		"permissions: {issues: read}|gh issue close 1":                            "missing-permissions issues: write",
		"permissions: {issues: write}|gh issue close 1":                           "",
		"permissions: write-all|gh issue close 1":                                 "excess-permissions all keys: write",
		"permissions: {issues: write, checks: write}|gh issue close 1":            "excess-permissions checks: write",
		"permissions: {issues: write, id-token: write}|gh issue close 1":          "", // programs ask for it without a trace
		"permissions: {issues: write, contents: read}|gh issue close 1":           "",
		"permissions: {issues: write, checks: write}|./unknown $GH_TOKEN":         "", // nobody knows what that takes
		"name: nothing said|gh issue close 1":                                     "",
		"permissions: {contents: read}|gh issue view 1":                           "", // reading takes none in public
		"permissions: {contents: read, issues: none}|gh issue close 1 --repo o/n": "",
	}
	for input, want := range tests {
		permissions, command, _ := strings.Cut(input, "|")
		source := "on: push\njobs:\n  a:\n    " + permissions + "\n    runs-on: x\n    steps:\n    - run: " + command + "\n      env: {GH_TOKEN: '${{ github.token }}'}\n"
		var got []string
		for _, f := range judge(t, Options{Name: "acme/app"}, map[string]string{"main": source}).Findings {
			got = append(got, f.Rule+" "+f.Message)
		}
		rule, keys, _ := strings.Cut(want, " ")
		switch {
		case want == "" && len(got) > 0:
			t.Errorf("%s: got %v", input, got)
		case want != "" && (len(got) != 1 || !strings.HasPrefix(got[0], rule) || !strings.Contains(got[0], keys)):
			t.Errorf("%s: got %v, want %s", input, got, want)
		}
	}
}

// TestCallerPermissions leaves alone what a job grants to the workflow that it
// calls: that one's jobs ask for it, and do not start without.
func TestCallerPermissions(t *testing.T) {
	got := judge(t, Options{Name: "acme/app"}, map[string]string{
		"main":   "on: push\njobs:\n  a:\n    permissions: {contents: write}\n    uses: ./.github/workflows/called.yml\n",
		"called": "on: workflow_call\njobs:\n  b:\n    permissions: {contents: write}\n    runs-on: x\n    steps:\n    - run: make release\n      env: {GITHUB_TOKEN: '${{ github.token }}'}\n",
	}).Findings
	for _, f := range got {
		t.Errorf("%s: %s", f.Rule, f.Message)
	}
}

// TestExposed holds who else gets a secret.
func TestExposed(t *testing.T) {
	const sha = "0123456789012345678901234567890123456789"
	secret := "${{ secrets.A_PAT }}"
	job := func(more string) string { return "on: push\njobs:\n  a:\n    runs-on: x\n" + more }
	tests := []struct{ name, source, want string }{
		{"one step", job("    steps:\n    - run: gh issue close 1\n      env: {GH_TOKEN: '" + secret + "'}\n"), ""},
		{"a job of two steps", job("    env: {GH_TOKEN: '" + secret + "'}\n    steps:\n    - run: make\n    - run: gh issue close 1\n"), "in the env of the job a"},
		{"a job of one step", job("    env: {GH_TOKEN: '" + secret + "'}\n    steps:\n    - run: gh issue close 1\n"), ""},
		{"a workflow", "env: {GH_TOKEN: '" + secret + "'}\n" + job("    steps:\n    - run: gh issue close 1\n"), "in the env of the workflow"},
		{"a tag", job("    steps:\n    - uses: octo/x@v1\n      with: {token: '" + secret + "'}\n"), "octo/x@v1"},
		{"a commit", job("    steps:\n    - uses: octo/x@" + sha + "\n      with: {token: '" + secret + "'}\n"), ""},
		{"GitHub's own", job("    steps:\n    - uses: actions/checkout@v7\n      with: {token: '" + secret + "'}\n"), ""},
		{"inherit", "on: push\njobs:\n  a:\n    uses: octo/x/.github/workflows/a.yml@" + sha + "\n    secrets: inherit\n", "secrets: inherit gives every secret"},
		{"anybody's code", "on: pull_request_target\njobs:\n  a:\n    runs-on: x\n    steps:\n    - uses: actions/checkout@v7\n      with: {ref: '${{ github.event.pull_request.head.sha }}'}\n    - run: gh issue close 1\n      env: {GH_TOKEN: '" + secret + "'}\n", "which anybody can write"},
	}
	for _, test := range tests {
		var got []string
		for _, f := range judge(t, Options{}, map[string]string{"main": test.source}).Findings {
			if f.Rule == "exposed-pat" {
				got = append(got, f.Message)
			}
		}
		if test.want == "" && len(got) > 0 || test.want != "" && (len(got) != 1 || !strings.Contains(got[0], test.want)) {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

// TestVerdictIsWorst holds that a reference is as its worst use is.
func TestVerdictIsWorst(t *testing.T) {
	source := "on: push\njobs:\n  a:\n    runs-on: x\n    env: {GH_TOKEN: '${{ secrets.A_PAT }}'}\n    steps:\n"
	for command, want := range map[string]string{
		"gh issue close 1":                 "A_PAT replaceable",
		"gh issue close 2 --repo octo/app": "A_PAT not-replaceable other-owner",
		"./unknown \"$GH_TOKEN\"":          "A_PAT unknown unread",
		"gh pr create --fill --head x":     "A_PAT conditional pull-request-setting",
	} {
		got := judge(t, Options{Name: "acme/app"}, map[string]string{"main": source + "    - run: gh issue close 1\n    - run: " + command + "\n"})
		if diff := cmp.Diff([]string{want}, allGrounds(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", command, diff)
		}
	}
}

// TestRelevant: what belongs to somebody else is said once.
func TestRelevant(t *testing.T) {
	r := &ruling{}
	r.against("other-repository", "a", nil)
	r.against("other-owner", "b", nil)
	r.against("other-owner", "c", []audit.Place{{File: "x"}})
	r.against("other-owner", "c", []audit.Place{{File: "x"}})
	got := sortReasons(relevant(r))
	want := []audit.Reason{{Code: "other-owner", Detail: "b; c", Evidence: []audit.Place{{File: "x"}}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestEventScope evaluates contexts as the run would have that an event
// starts.
func TestEventScope(t *testing.T) {
	comment := eventScope{event: infer.Event{Name: "issue_comment", Type: "created", Attributes: map[string]value.Value{"body": value.Text("/deploy")}}, actor: "bot"}
	tests := map[string]string{
		"github.event_name":         "issue_comment",
		"github.event.action":       "created",
		"github.actor":              "bot",
		"github.event.comment.body": "/deploy",
		"github.event.label.name":   "",
		// Whose token it is has written the comment.
		"github.event.comment.user.login": "bot",
	}
	for name, want := range tests {
		if got, ok := comment.Context(strings.Split(name, ".")).Literal(); !ok || got != want {
			t.Errorf("%s: got %q, %v, want %q", name, got, ok, want)
		}
	}
	for _, name := range []string{"github.event.issue.user.login", "vars.X", "github.sha"} {
		if got, ok := comment.Context(strings.Split(name, ".")).Literal(); ok {
			t.Errorf("%s is known: %q", name, got)
		}
	}
	if _, ok := (eventScope{}).Context([]string{"github", "actor"}).Literal(); ok {
		t.Error("nobody knows whose token it is")
	}
}

// TestCascadePrefix holds names of tags and branches that begin with known
// text against filters.
func TestCascadePrefix(t *testing.T) {
	const lost, kept, open = audit.VerdictNotReplaceable, audit.VerdictReplaceable, audit.VerdictUnknown
	version := "${{ steps.version.outputs.next }}"
	git := "\n      with: {token: '${{ secrets.A_PAT }}'}\n    - run: "
	tests := []struct {
		step, filter string
		want         audit.Verdict
	}{
		{"uses: actions/checkout@v4" + git + "git tag chart-v" + version + " && git push origin chart-v" + version, "tags: ['chart-v*']", lost},
		{"uses: actions/checkout@v4" + git + "git tag chart-v" + version + " && git push origin chart-v" + version, "tags: ['v*']", kept},
		{"uses: actions/checkout@v4" + git + "git push origin HEAD:refs/tags/chart-v" + version, "tags: ['chart-v*']", lost},
		{"uses: actions/checkout@v4" + git + "git push origin HEAD:refs/tags/chart-v" + version, "tags: ['v*']", kept},
		{"uses: actions/checkout@v4" + git + "T=chart-v" + version + " && git tag $T && git push --tags", "tags: ['chart-v*']", lost},
		{"uses: actions/checkout@v4" + git + "T=chart-v" + version + " && git tag $T && git push --tags", "tags: ['v*']", kept},
		{"uses: actions/checkout@v4" + git + "git tag " + version + " && git push --tags", "tags: ['chart-v*']", open},
		{"uses: actions/checkout@v4" + git + "git push origin HEAD:chart-v" + version, "branches: ['chart-v*']", lost},
		{"uses: actions/checkout@v4" + git + "git push origin HEAD:chart-v" + version, "branches: ['v*']", kept},
		{"run: gh release create chart-v" + version + "\n      env: {GH_TOKEN: '${{ secrets.A_PAT }}'}", "tags: ['chart-v*']", lost},
		{"run: gh release create chart-v" + version + "\n      env: {GH_TOKEN: '${{ secrets.A_PAT }}'}", "tags: ['v*']", kept},
		{"uses: softprops/action-gh-release@v2\n      with: {tag_name: 'chart-v" + version + "', token: '${{ secrets.A_PAT }}'}", "tags: ['chart-v*']", lost},
		{"uses: softprops/action-gh-release@v2\n      with: {tag_name: 'chart-v" + version + "', token: '${{ secrets.A_PAT }}'}", "tags: ['v*']", kept},
		{"run: gh api repos/$GITHUB_REPOSITORY/git/refs -f ref=refs/tags/chart-v" + version + " -f sha=abc\n      env: {GH_TOKEN: '${{ secrets.A_PAT }}'}", "tags: ['chart-v*']", lost},
		{"run: gh api repos/$GITHUB_REPOSITORY/git/refs -f ref=refs/tags/chart-v" + version + " -f sha=abc\n      env: {GH_TOKEN: '${{ secrets.A_PAT }}'}", "tags: ['v*']", kept},
	}
	for _, test := range tests {
		got := judge(t, Options{}, map[string]string{
			"main":     "on: workflow_dispatch\njobs:\n  a:\n    runs-on: x\n    steps:\n    - " + test.step + "\n",
			"listener": "on:\n  push:\n    " + test.filter + "\njobs:\n  b:\n    runs-on: x\n    steps: [{run: make}]\n",
		})
		if got.References[0].Verdict != test.want {
			t.Errorf("%s, heard with %s: got %s, want %s", test.step, test.filter, grounds(got.References[0]), test.want)
		}
	}
}

// TestUnknownCaller holds what is open of a caller that is not seen: its
// workflows, unless what is done starts none with any token.
func TestUnknownCaller(t *testing.T) {
	for command, workflows := range map[string]bool{
		"git commit -m 'Docs' && git push":           true,
		"git commit -m 'Docs [skip ci]' && git push": false,
		"gh issue comment 1 --body x":                true,
		"gh workflow run ci.yml":                     false,
	} {
		got := judge(t, Options{}, map[string]string{"called": "on: {workflow_call: {secrets: {A_PAT: {required: true}}}}\n" +
			"jobs:\n  a:\n    runs-on: x\n    env:\n      GH_TOKEN: ${{ secrets.A_PAT }}\n    steps:\n    - uses: actions/checkout@v4\n      with: {token: '${{ secrets.A_PAT }}'}\n    - run: \"" + command + "\"\n"})
		found := false
		for _, r := range got.References {
			for _, x := range r.Reasons {
				if x.Code == "unknown-caller" {
					found = true
					if lost := !strings.Contains(x.Detail, "none of the caller's workflows"); lost != workflows {
						t.Errorf("%s: %s", command, x.Detail)
					}
				}
			}
		}
		if !found {
			t.Errorf("%s: nothing is said of the caller", command)
		}
	}
}

// TestRemedySummary holds that a remedy tells what the secret's uses take from
// what the rest of the job does.
func TestRemedySummary(t *testing.T) {
	head := "on: workflow_dispatch\njobs:\n  a:\n    runs-on: x\n    steps:\n"
	public := "    - uses: actions/checkout@v4\n      with: {repository: octo/app, path: app, token: '${{ secrets.A_PAT }}'}\n"
	for steps, want := range map[string]string{
		public: "if that holds, use ${{ secrets.GITHUB_TOKEN }}, which needs no permission for it",
		"    - uses: actions/checkout@v4\n" + public: "if that holds, use ${{ secrets.GITHUB_TOKEN }}, which needs no permission for it; the rest of the job takes contents: read",
	} {
		got := judge(t, Options{Name: "acme/rocket"}, map[string]string{"main": head + steps})
		if summary := got.References[0].Remedy.Summary; summary != want {
			t.Errorf("got  %s\nwant %s", summary, want)
		}
	}
}
