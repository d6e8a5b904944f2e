package scan

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/github"
	"github.com/patrol-actions/patrol/audit/github/githubtest"
	"github.com/patrol-actions/patrol/audit/remote"
)

// away turns an archive into the files of a repository and a GitHub that has
// the others: files called owner/name@tag/path.
func away(archive string) (files fstest.MapFS, world githubtest.World) {
	files = fstest.MapFS{}
	all := map[string]*githubtest.Repository{}
	for _, f := range txtar.Parse([]byte(archive)).Files {
		if !audit.Elsewhere(f.Name) {
			files[f.Name] = &fstest.MapFile{Data: f.Data}
			continue
		}
		full, rest, _ := strings.Cut(f.Name, "@")
		tag, name, _ := strings.Cut(rest, "/")
		r := all[full]
		if r == nil {
			owner, repository, _ := strings.Cut(full, "/")
			r = &githubtest.Repository{Owner: owner, Name: repository, Tags: map[string]map[string]string{}, Files: map[string]string{"README.md": full}}
			if owner == "hidden" {
				r.Visibility = githubtest.Private
			}
			all[full] = r
		}
		tag = strings.ReplaceAll(tag, "%", "/")
		if r.Tags[tag] == nil {
			r.Tags[tag] = map[string]string{}
		}
		r.Tags[tag][name] = string(f.Data)
	}
	owners := map[string]bool{}
	for _, r := range all {
		world.Repositories = append(world.Repositories, *r)
		if !owners[r.Owner] {
			owners[r.Owner] = true
			world.Organizations = append(world.Organizations, githubtest.Organization{Login: r.Owner})
		}
	}
	return files, world
}

// online audits files with a GitHub to ask.
func online(t *testing.T, server *githubtest.Server, files fstest.MapFS) *audit.Repository {
	t.Helper()
	host, err := github.ParseHost(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	client, err := github.New(github.Options{Host: host, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	view := remote.New(t.Context(), client).Over(files)
	return Repository(view, Options{Name: "acme/rocket", Remote: view})
}

// caller is a workflow with one step that hands a PAT to an action.
func caller(uses string) string {
	return `-- .github/workflows/w.yml --
on: workflow_dispatch
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - uses: ` + uses + `
        with:
          token: ${{ secrets.A_PAT }}
`
}

// composite is an action of steps, of which each closes an issue or the like.
func composite(steps string) string {
	return "name: x\ninputs: {token: {default: '${{ github.token }}'}}\nruns:\n  using: composite\n  steps:\n" + steps
}

const closes = "    - {shell: bash, run: gh issue close 1, env: {GH_TOKEN: '${{ inputs.token }}'}}\n"

const node = "name: x\ninputs: {token: {default: '${{ github.token }}'}}\nruns: {using: node20, main: %s}\n"

// closing is a JavaScript action by hand.
const closing = `import * as core from '@actions/core'
import * as github from '@actions/github'
const octokit = github.getOctokit(core.getInput('token'))
await octokit.rest.issues.update({...github.context.repo, issue_number: 1, state: 'closed'})
`

// bundle is what a bundler makes of it, with a part of the client library.
const bundle = `/******/ (() => { var __webpack_modules__ = ({ 1: ((module) => {
const Endpoints = { repos: { delete: ["DELETE /repos/{owner}/{repo}"] }, actions: { createOrUpdateRepoSecret: ["PUT /repos/{owner}/{repo}/actions/secrets/{secret_name}"] } };
}), 2: ((module, exports, __nccwpck_require__) => {
const octokit = github.getOctokit(core.getInput('token'));
octokit.rest.issues.update({...github.context.repo, issue_number: 1, state: 'closed'});
}) }); })();
`

// TestRemoteCode says what an audit makes of the code of other repositories.
// No case may say replaceable of code that was not read.
func TestRemoteCode(t *testing.T) {
	for _, c := range []struct{ name, archive, want string }{
		{"composite", caller("x/y@v1") + "-- x/y@v1/action.yml --\n" + composite(closes), "A_PAT replaceable -"},
		{"action.yaml in a folder", caller("x/y/in/here@v1") + "-- x/y@v1/in/here/action.yaml --\n" + composite(closes), "A_PAT replaceable -"},
		{"a ref with a slash", caller("x/y@releases/v1") + "-- x/y@releases%v1/action.yml --\n" + composite(closes), "A_PAT replaceable -"},
		{"a secret is set", caller("x/y@v1") + "-- x/y@v1/action.yml --\n" + composite("    - {shell: bash, run: gh secret set A, env: {GH_TOKEN: '${{ inputs.token }}'}}\n"), "A_PAT not-replaceable administration"},
		{"its own script", caller("x/y@v1") + "-- x/y@v1/action.yml --\n" + composite("    - {shell: bash, run: '${{ github.action_path }}/a.sh', env: {GH_TOKEN: '${{ inputs.token }}'}}\n") +
			"-- x/y@v1/a.sh --\ngh secret set A\n", "A_PAT not-replaceable administration"},
		{"its own script by the variable", caller("x/y/sub@v1") + "-- x/y@v1/sub/action.yml --\n" + composite("    - {shell: bash, run: bash $GITHUB_ACTION_PATH/../a.sh, env: {GH_TOKEN: '${{ inputs.token }}'}}\n") +
			"-- x/y@v1/a.sh --\ngh issue close 1\n", "A_PAT replaceable -"},
		{"a script that it has not", caller("x/y@v1") + "-- x/y@v1/action.yml --\n" + composite("    - {shell: bash, run: '${{ github.action_path }}/a.sh', env: {GH_TOKEN: '${{ inputs.token }}'}}\n"), "A_PAT unknown unread"},
		{"a script outside of it", caller("x/y@v1") + "-- x/y@v1/action.yml --\n" + composite("    - {shell: bash, run: '${{ github.action_path }}/../../a.sh', env: {GH_TOKEN: '${{ inputs.token }}'}}\n") +
			"-- a.sh --\ngh issue close 1\n", "A_PAT unknown unread"},
		{"a script of the workspace is the caller's", caller("x/y@v1") + "-- x/y@v1/action.yml --\n" + composite("    - {shell: bash, run: ./a.sh, env: {GH_TOKEN: '${{ inputs.token }}'}}\n") +
			"-- x/y@v1/a.sh --\ngh secret set A\n-- a.sh --\ngh issue close 1\n", "A_PAT replaceable -"},
		{"nested, here and there", caller("x/y@v1") + "-- x/y@v1/action.yml --\n" + composite("    - {uses: x/z@v2, with: {token: '${{ inputs.token }}'}}\n    - {uses: ./own, with: {token: '${{ inputs.token }}'}}\n") +
			"-- x/z@v2/action.yml --\n" + composite("    - {uses: x/y/in@v1, with: {token: '${{ inputs.token }}'}}\n") +
			"-- x/y@v1/in/action.yml --\n" + composite(closes) + "-- own/action.yml --\n" + composite(closes), "A_PAT replaceable -"},
		{"nested, and one is not there", caller("x/y@v1") + "-- x/y@v1/action.yml --\n" + composite(closes+"    - {uses: x/z@v2, with: {token: '${{ inputs.token }}'}}\n"), "A_PAT unknown unread"},
		{"a circle", caller("x/y@v1") + "-- x/y@v1/action.yml --\n" + composite(closes+"    - {uses: x/y@v1, with: {token: '${{ inputs.token }}'}}\n"), "A_PAT unknown unread"},
		{"wide and deep", caller("x/y@v0") + fans(), "A_PAT unknown unread"},
		{"not there", caller("x/y@v1"), "A_PAT unknown unread"},
		{"no such version", caller("x/y@v2") + "-- x/y@v1/action.yml --\n" + composite(closes), "A_PAT unknown unread"},
		{"private", caller("hidden/y@v1") + "-- hidden/y@v1/action.yml --\n" + composite(closes), "A_PAT unknown unread"},
		{"no action", caller("x/y@v1") + "-- x/y@v1/README.md --\n", "A_PAT unknown unread"},
		{"broken", caller("x/y@v1") + "-- x/y@v1/action.yml --\nruns: [", "A_PAT unknown unread"},
		{"huge", caller("x/y@v1") + "-- x/y@v1/action.yml --\n" + composite(closes) + strings.Repeat("#", 1<<20), "A_PAT unknown unread"},
		{"no version", caller("x/y") + "-- x/y@v1/action.yml --\n" + composite(closes), "A_PAT unknown unknown-action"},
		{"a path that leads out", caller("x/y/../../z@v1") + "-- x/y@v1/action.yml --\n" + composite(closes), "A_PAT unknown unread"},
		{"docker", caller("x/y@v1") + "-- x/y@v1/action.yml --\nruns: {using: docker, image: Dockerfile}\n", "A_PAT unknown unread"},
		{"JavaScript by hand", caller("x/y@v1") + "-- x/y@v1/action.yml --\n" + fmt.Sprintf(node, "index.js") + "-- x/y@v1/index.js --\n" + closing, "A_PAT replaceable -"},
		{"JavaScript and a module", caller("x/y@v1") + "-- x/y@v1/action.yml --\n" + fmt.Sprintf(node, "index.js") + "-- x/y@v1/index.js --\nimport { run } from './lib/run.js'\nrun()\n" +
			"-- x/y@v1/lib/run.js --\n" + strings.Replace(closing, "const octokit", "export async function run() {\nconst octokit", 1) + "}\n", "A_PAT replaceable -"},
		{"a bundle with sources", caller("x/y@v1") + "-- x/y@v1/action.yml --\n" + fmt.Sprintf(node, "dist/index.js") + "-- x/y@v1/dist/index.js --\n" + bundle +
			"-- x/y@v1/package.json --\n{\"scripts\": {\"build\": \"ncc build src/main.ts -o dist\"}}\n-- x/y@v1/src/main.ts --\n" + closing, "A_PAT replaceable -"},
		{"a bundle alone", caller("x/y@v1") + "-- x/y@v1/action.yml --\n" + fmt.Sprintf(node, "dist/index.js") + "-- x/y@v1/dist/index.js --\n" + bundle, "A_PAT unknown unread"},
		{"a bundle that tells nothing", caller("x/y@v1") + "-- x/y@v1/action.yml --\n" + fmt.Sprintf(node, "dist/index.js") + "-- x/y@v1/dist/index.js --\n" + closing, "A_PAT unknown unread"},
		{"a bundle that a step starts", caller("x/y@v1") + "-- x/y@v1/action.yml --\n" + composite("    - {shell: bash, run: 'node ${{ github.action_path }}/dist/index.js', env: {INPUT_TOKEN: '${{ inputs.token }}'}}\n") +
			"-- x/y@v1/dist/index.js --\n" + bundle, "A_PAT unknown unread"},
		{"an input that nothing takes", caller("x/y@v1") + "-- x/y@v1/action.yml --\n" + fmt.Sprintf(node, "index.js") + "-- x/y@v1/index.js --\nconsole.log('hello')\n", "A_PAT unknown unread"},
		{"what runs after it", caller("x/y@v1") + "-- x/y@v1/action.yml --\n" + fmt.Sprintf(node, "index.js, post: dist/post.js") + "-- x/y@v1/index.js --\n" + closing + "-- x/y@v1/dist/post.js --\n" + bundle, "A_PAT unknown unread"},
		{"a library takes the token", caller("x/y@v1") + "-- x/y@v1/action.yml --\n" + fmt.Sprintf(node, "index.js") + "-- x/y@v1/index.js --\nimport { work } from 'lib'\n" + closing + "work(core.getInput('token'))\n", "A_PAT unknown unread"},
		{"a library takes the client", caller("x/y@v1") + "-- x/y@v1/action.yml --\n" + fmt.Sprintf(node, "index.js") + "-- x/y@v1/index.js --\nimport { work } from 'lib'\n" + closing + "work(octokit)\n", "A_PAT unknown unread"},
		{"a module that is not there", caller("x/y@v1") + "-- x/y@v1/action.yml --\n" + fmt.Sprintf(node, "index.js") + "-- x/y@v1/index.js --\nimport { work } from './lib/work.js'\n" + closing + "work(octokit)\n", "A_PAT unknown unread"},
		{"a call that is not followed", caller("x/y@v1") + "-- x/y@v1/action.yml --\n" + fmt.Sprintf(node, "index.js") + "-- x/y@v1/index.js --\n" + closing + "export const later = client => client.rest.actions.createOrUpdateRepoSecret({})\n", "A_PAT unknown unread"},
		{"a program that is not followed", caller("x/y@v1") + "-- x/y@v1/action.yml --\n" + fmt.Sprintf(node, "index.js") + "-- x/y@v1/index.js --\nimport { spawn } from 'node:child_process'\n" + closing + "const start = (...words) => new Promise(done => spawn(...words).on('close', done))\nstart('gh', ['secret', 'set', 'A'])\n", "A_PAT unknown unread"},
		{"a request of its own", caller("x/y@v1") + "-- x/y@v1/action.yml --\n" + fmt.Sprintf(node, "index.js") + "-- x/y@v1/index.js --\nimport https from 'https'\n" + closing + "https.request('https://api.github.com/gists', {method: 'POST', headers: {authorization: core.getInput('token')}})\n", "A_PAT unknown account-api,unread"},
		{"calls that it makes in part", caller("x/y@v1") + "-- x/y@v1/action.yml --\n" + fmt.Sprintf(node, "index.js") + "-- x/y@v1/index.js --\n" + closing + "try { await octokit.rest.users.getAuthenticated() } catch {}\n", "A_PAT unknown account-api,unread"},
		{"calls that it must not make", caller("x/y@v1") + "-- x/y@v1/action.yml --\nruns: {using: node20, main: index.js}\ninputs: {token: {}}\n-- x/y@v1/index.js --\n" + closing + "await octokit.rest.users.getAuthenticated()\n", "A_PAT not-replaceable account-api"},
		{"a module by a computed name", caller("x/y@v1") + "-- x/y@v1/action.yml --\n" + fmt.Sprintf(node, "index.js") + "-- x/y@v1/index.js --\n" + closing + "require('./lib/' + process.env.WORK)\n", "A_PAT unknown unread"},
		{"cut by a fault", caller("x/y@v1") + "-- x/y@v1/action.yml --\n" + composite(closes) + "    - {shell: bash, run: [\n", "A_PAT unknown unread"},
		{"two refs of which one goes on", caller("x/y@a") + "      - {uses: x/y@a/b, with: {token: '${{ secrets.B_PAT }}'}}\n-- x/y@a/action.yml --\n" + composite(closes) + "-- x/y@a%b/action.yml --\n" + composite("    - {shell: bash, run: '${{ github.action_path }}/../s.sh', env: {GH_TOKEN: '${{ inputs.token }}'}}\n") + "-- x/y@a/s.sh --\ngh issue close 1\n", "A_PAT replaceable -\nB_PAT unknown unread"},
		{"main is not there", caller("x/y@v1") + "-- x/y@v1/action.yml --\n" + fmt.Sprintf(node, "index.js"), "A_PAT unknown unread"},
		{"main is outside", caller("x/y@v1") + "-- x/y@v1/action.yml --\n" + fmt.Sprintf(node, "../../index.js") + "-- index.js --\n" + closing, "A_PAT unknown unread"},
		{"a module outside", caller("x/y@v1") + "-- x/y@v1/action.yml --\n" + fmt.Sprintf(node, "index.js") + "-- x/y@v1/index.js --\n" + closing + "import f from '../../lib.js'\nf(octokit)\n-- lib.js --\nexport default function f() {}\n", "A_PAT unknown unread"},
	} {
		t.Run(c.name, func(t *testing.T) {
			files, world := away(c.archive)
			server := githubtest.New(t, world)
			result := online(t, server, files)
			var got []string
			for _, r := range result.References {
				got = append(got, strings.TrimSpace(fmt.Sprint(r.Secret, " ", r.Verdict, " ", codesOf(r))))
			}
			if diff := cmp.Diff(c.want, strings.Join(got, "\n")); diff != "" {
				for _, r := range result.References {
					t.Logf("%+v", r.Reasons)
				}
				t.Error(diff)
			}
			checkPlaces(t, result)
			if again := online(t, server, files); cmp.Diff(result, again) != "" {
				t.Errorf("the second audit differs:\n%s", cmp.Diff(result, again))
			}
			for _, e := range server.Exchanges() {
				if e.Method != http.MethodGet {
					t.Errorf("%s %s was sent", e.Method, e.Path)
				}
			}
		})
	}
}

// fans are actions that call each other ten wide and nine deep.
func fans() string {
	var b strings.Builder
	for i := range 9 {
		fmt.Fprintf(&b, "-- x/y@v%d/action.yml --\n%s", i, composite(strings.Repeat(fmt.Sprintf("    - {uses: x/y@v%d, with: {token: '${{ inputs.token }}'}}\n", i+1), 10)))
	}
	return b.String()
}

func codesOf(r *audit.Reference) string {
	var codes []string
	for _, x := range r.Reasons {
		codes = append(codes, x.Code)
	}
	return setOf(codes)
}

// checkPlaces wants findings and problems to stand in the repository itself.
func checkPlaces(t *testing.T, r *audit.Repository) {
	t.Helper()
	for _, f := range r.Findings {
		if audit.Elsewhere(f.File) {
			t.Errorf("a finding in %s", f.File)
		}
	}
	for _, p := range r.Errors {
		if audit.Elsewhere(p.File) {
			t.Errorf("a problem in %s: %s", p.File, p.Message)
		}
	}
	for _, x := range r.References {
		if audit.Elsewhere(x.File) {
			t.Errorf("a reference in %s", x.File)
		}
	}
}

// TestRemoteWords checks what is said of the code of others.
func TestRemoteWords(t *testing.T) {
	files, world := away(caller("x/y@v1") + "-- x/y@v1/action.yml --\n" + fmt.Sprintf(node, "dist/index.js") + "-- x/y@v1/dist/index.js --\n" + bundle)
	r := online(t, githubtest.New(t, world), files).References[0]
	want := "x/y@v1 runs x/y@v1/dist/index.js, a bundle whose sources were not found; it is seen to call PATCH /repos/{owner}/{repo}/issues/{issue_number}; GITHUB_TOKEN is the default of its token: read what it does with the token, and describe it under \"actions\" in .github/patrol.yml"
	if got := r.Reasons[0].Detail; got != want {
		t.Errorf("got %q", got)
	}

	files, world = away(caller("x/y@v1") + "-- x/y@v1/action.yml --\n" + composite(closes))
	server := githubtest.New(t, world)
	result := online(t, server, files)
	use := result.References[0].Uses[0]
	if got := fmt.Sprint(use.File, use.Line, use.Via); got != "x/y@v1/action.yml6 [{.github/workflows/w.yml 6 input token of x/y} {x/y@v1/action.yml 6 step env GH_TOKEN} {.github/workflows/w.yml 6 uses x/y as it stands at v1 today}]" {
		t.Error(got)
	}
	// To hand a PAT to a version that can be moved stays a fault.
	if !slices.ContainsFunc(result.Findings, func(f *audit.Finding) bool { return f.Rule == "exposed-pat" && strings.Contains(f.Message, "x/y@v1") }) {
		t.Errorf("%+v", result.Findings)
	}
	if len(server.Exchanges()) != 2 {
		t.Errorf("%+v", server.Exchanges())
	}
}

// TestRemoteWorkflows follows reusable workflows.
func TestRemoteWorkflows(t *testing.T) {
	call := func(rest string) string {
		return "-- .github/workflows/w.yml --\non: workflow_dispatch\njobs:\n  a:\n    uses: x/y/.github/workflows/c.yml@v1\n" + rest
	}
	const named = "    secrets:\n      token: ${{ secrets.A_PAT }}\n"
	callee := func(rest string) string {
		return "-- x/y@v1/.github/workflows/c.yml --\non:\n  workflow_call:\n    secrets: {token: {required: true}}\njobs:\n  b:\n    runs-on: ubuntu-latest\n    steps:\n" + rest
	}
	run := func(command string) string {
		return "      - run: " + command + "\n        env: {GH_TOKEN: '${{ secrets.token }}'}\n"
	}
	for _, c := range []struct{ name, archive, want string }{
		{"read", call(named) + callee(run("gh issue close 1")), "A_PAT replaceable - @6"},
		{"self is the caller", call(named) + callee(run("gh issue close 1 -R acme/rocket")), "A_PAT replaceable - @6"},
		{"its own repository is another", call(named) + callee(run("gh issue close 1 -R x/y")), "A_PAT not-replaceable other-owner @6"},
		{"scripts are the caller's", call(named) + callee(run("./a.sh")) + "-- a.sh --\ngh secret set A\n-- x/y@v1/a.sh --\ngh issue close 1\n", "A_PAT not-replaceable administration @6"},
		{"local actions are the caller's", call(named) + callee("      - {uses: ./act, with: {token: '${{ secrets.token }}'}}\n") + "-- act/action.yml --\n" + composite(closes), "A_PAT replaceable - @6"},
		{"its workflows are its own", call(named) + "-- x/y@v1/.github/workflows/c.yml --\non: {workflow_call: {secrets: {token: {}}}}\njobs: {b: {uses: ./.github/workflows/d.yml, secrets: {token: '${{ secrets.token }}'}}}\n" +
			"-- x/y@v1/.github/workflows/d.yml --\non: {workflow_call: {secrets: {token: {}}}}\njobs:\n  b:\n    runs-on: x\n    steps:\n" + run("gh issue close 1"), "A_PAT replaceable - @6"},
		{"inherit", call("    secrets: inherit\n") + strings.ReplaceAll(callee(run("gh secret set A")), "secrets.token", "secrets.B_PAT"), "B_PAT not-replaceable administration @5"},
		{"inherit twice", call("    secrets: inherit\n") + "-- x/y@v1/.github/workflows/c.yml --\non: workflow_call\njobs: {b: {uses: ./.github/workflows/d.yml, secrets: inherit}}\n" +
			"-- x/y@v1/.github/workflows/d.yml --\non: workflow_call\njobs:\n  b:\n    runs-on: x\n    steps:\n" + strings.ReplaceAll(run("gh secret set A")+run("gh secret set A"), "secrets.token", "secrets.B_PAT"), "B_PAT not-replaceable administration @5"},
		{"a circle", call(named) + "-- x/y@v1/.github/workflows/c.yml --\non: {workflow_call: {secrets: {token: {}}}}\njobs: {b: {uses: ./.github/workflows/c.yml, secrets: {token: '${{ secrets.token }}'}}}\n", "A_PAT unknown unread @6"},
		{"not there", call(named), "A_PAT unknown unread @6"},
		{"another folder", strings.Replace(call(named), "/.github/workflows/", "/other/", 1) + "-- x/y@v1/other/c.yml --\non: workflow_call\njobs: {}\n", "A_PAT unknown unread @6"},
		{"broken", call(named) + callee(run("gh issue close 1")) + "   - [", "A_PAT unknown unread @6"},
		{"nothing to hand over", call("") + callee(run("gh issue close 1")), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			files, world := away(c.archive)
			result := online(t, githubtest.New(t, world), files)
			var got []string
			for _, r := range result.References {
				got = append(got, fmt.Sprint(strings.TrimSpace(fmt.Sprint(r.Secret, " ", r.Verdict, " ", codesOf(r))), " @", r.Line))
			}
			if diff := cmp.Diff(c.want, strings.Join(got, "\n")); diff != "" {
				for _, r := range result.References {
					t.Logf("%+v", r.Reasons)
				}
				t.Error(diff)
			}
			checkPlaces(t, result)
		})
	}
}

// TestRemoteFailures audits the rest where others cannot be read, and says so
// once.
func TestRemoteFailures(t *testing.T) {
	archive := strings.Replace(caller("x/y@v1"), "      - uses", "      - run: gh issue close 1\n        env: {GH_TOKEN: '${{ secrets.B_PAT }}'}\n      - {uses: x/z@v1, with: {token: '${{ secrets.A_PAT }}'}}\n      - uses", 1) +
		"-- x/y@v1/action.yml --\n" + composite(closes) + "-- x/z@v1/action.yml --\n" + composite(closes)
	for _, c := range []struct {
		name  string
		match githubtest.Match
		fault githubtest.Fault
		world func(*githubtest.World)
		// read is the line of the action that can be read all the same.
		read int
		want []string
	}{
		{name: "a rate limit", world: func(w *githubtest.World) { w.Limits.Anonymous = 1 },
			want: []string{"could not read x/z@v1: GitHub's rate limit (core) for requests without a token is used up until "}},
		{name: "one is refused", match: githubtest.Match{Path: "/repos/x/z/git/trees/v1"}, fault: githubtest.Fault{Status: 403}, read: 11,
			want: []string{"could not read x/z@v1: GET /repos/x/z/git/trees/v1: "}},
		{name: "one file is refused", match: githubtest.Match{Path: "/repos/x/z/contents/action.yml"}, fault: githubtest.Fault{Status: 403}, read: 11,
			want: []string{"could not read x/z@v1: GET /repos/x/z/contents/action.yml: "}},
		{name: "no JSON", match: githubtest.Match{Template: "/repos/{owner}/{repo}/git/trees/{tree_sha}"}, fault: githubtest.Fault{Malformed: true},
			want: []string{"could not read x/z@v1: ", "could not read x/y@v1: "}},
	} {
		t.Run(c.name, func(t *testing.T) {
			files, world := away(archive)
			if c.world != nil {
				c.world(&world)
			}
			server := githubtest.New(t, world)
			if c.fault.Status != 0 || c.fault.Malformed {
				server.Fail(c.match, c.fault)
			}
			result := online(t, server, files)
			for i, p := range result.Errors {
				if i >= len(c.want) || !strings.HasPrefix(p.Message, c.want[i]) || p.File != ".github/workflows/w.yml" || p.Line == 0 {
					t.Errorf("%+v", p)
				}
			}
			if len(result.Errors) != len(c.want) {
				t.Errorf("%d problems", len(result.Errors))
			}
			for _, r := range result.References {
				if want := map[bool]audit.Verdict{true: audit.VerdictReplaceable, false: audit.VerdictUnknown}[r.Secret == "B_PAT"]; r.Verdict != want && r.Line != c.read {
					t.Errorf("%s at %d is %s", r.Secret, r.Line, r.Verdict)
				}
			}
			checkPlaces(t, result)
		})
	}
}

// TestRemoteStored looks for the credentials that a checkout stored in the code
// of others: what may push with them must not seem to leave them alone.
func TestRemoteStored(t *testing.T) {
	const spawn = "const { spawn } = require('child_process')\nconst path = require('path')\nconst main = async () => { %s }\nmain()\n"
	for _, c := range []struct{ name, files, want string }{
		{"a composite action pushes", "-- x/helper@v1/action.yml --\n" + composite("    - {shell: bash, run: git push}\n"), "A_PAT conditional protected-branch"},
		{"its script pushes", "-- x/helper@v1/action.yml --\n" + composite("    - {shell: bash, run: '${{ github.action_path }}/a.sh'}\n") + "-- x/helper@v1/a.sh --\ngit push\n", "A_PAT conditional protected-branch"},
		{"JavaScript pushes", "-- x/helper@v1/action.yml --\n" + fmt.Sprintf(node, "index.js") + "-- x/helper@v1/index.js --\n" + fmt.Sprintf(spawn, "spawn('git', ['push'])"), "A_PAT conditional protected-branch"},
		{"JavaScript starts a script", "-- x/helper@v1/action.yml --\n" + fmt.Sprintf(node, "index.js") + "-- x/helper@v1/index.js --\n" + fmt.Sprintf(spawn, "spawn('bash', [path.join(__dirname, './a.sh')])") + "-- x/helper@v1/a.sh --\ngit push\n", "A_PAT conditional protected-branch"},
		{"JavaScript with a library for git", "-- x/helper@v1/action.yml --\n" + fmt.Sprintf(node, "index.js") + "-- x/helper@v1/index.js --\nimport simpleGit from 'simple-git'\nawait simpleGit().push()\n", "A_PAT conditional protected-branch"},
		{"a bundle that pushes", "-- x/helper@v1/action.yml --\n" + fmt.Sprintf(node, "dist/index.js") + "-- x/helper@v1/dist/index.js --\n" + bundle + "exec('git', ['push'])\n", "A_PAT unknown unread"},
		{"a bundle", "-- x/helper@v1/action.yml --\n" + fmt.Sprintf(node, "dist/index.js") + "-- x/helper@v1/dist/index.js --\n" + bundle, "A_PAT replaceable -"},
		{"JavaScript pushes unseen", "-- x/helper@v1/action.yml --\n" + fmt.Sprintf(node, "index.js") + "-- x/helper@v1/index.js --\nimport { spawn } from 'node:child_process'\nconst start = words => new Promise(done => spawn(...words.split(' ')).on('close', done))\nstart(`git push --force`)\n", "A_PAT unknown unread"},
		{"a composite action that tells, in part", "-- x/helper@v1/release/action.yml --\n" + composite("    - {shell: bash, run: '${{ github.action_path }}/none.sh'}\n"), "A_PAT unknown unread"},
		{"a composite action builds", "-- x/helper@v1/action.yml --\n" + composite("    - {shell: bash, run: make}\n"), "A_PAT replaceable -"},
	} {
		files, world := away("-- .github/workflows/w.yml --\non: workflow_dispatch\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - {uses: actions/checkout@v4, with: {token: '${{ secrets.A_PAT }}'}}\n      - uses: " + map[bool]string{true: "x/helper/release@v1", false: "x/helper@v1"}[strings.Contains(c.files, "/release/")] + "\n" + c.files)
		result := online(t, githubtest.New(t, world), files)
		var got []string
		for _, r := range result.References {
			got = append(got, strings.TrimSpace(fmt.Sprint(r.Secret, " ", r.Verdict, " ", codesOf(r))))
		}
		if diff := cmp.Diff(c.want, strings.Join(got, "\n")); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
			for _, r := range result.References {
				t.Logf("%+v", r.Reasons)
			}
		}
	}
}

// TestRemotePermissions puts a fault that shows in the code of others at the
// step that calls it, and says nothing of versions of a pinned one.
func TestRemotePermissions(t *testing.T) {
	files, world := away("-- .github/workflows/w.yml --\non: workflow_dispatch\npermissions: {contents: read}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: x/y@v1\n      - {run: gh secret set A, env: {GH_TOKEN: '${{ secrets.A_PAT }}'}}\n" +
		"-- x/y@v1/action.yml --\n" + composite(strings.Replace(closes, "gh issue close 1", "gh release create v1", 1)))
	server := githubtest.New(t, world)
	result := online(t, server, files)
	i := slices.IndexFunc(result.Findings, func(f *audit.Finding) bool { return f.Rule == "missing-permissions" })
	if i < 0 || result.Findings[i].File != ".github/workflows/w.yml" || result.Findings[i].Line != 7 {
		t.Errorf("%+v", result.Findings)
	}

	host, _ := github.ParseHost(server.URL)
	client, err := github.New(github.Options{Host: host, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	at, err := remote.New(t.Context(), client).Snapshot(remote.Name{Owner: "x", Repository: "y", Ref: "v1"})
	if err != nil {
		t.Fatal(err)
	}
	pinned, _ := away(caller("x/y@" + at.Commit))
	for _, hop := range online(t, server, pinned).References[0].Uses[0].Via {
		if strings.Contains(hop.What, "as it stands") {
			t.Errorf("%+v", hop)
		}
	}
}

// TestRemoteIsNotAsked asks nothing where no credential comes by, of actions
// that are known, and of those that the project describes.
func TestRemoteIsNotAsked(t *testing.T) {
	files, world := away("-- .github/workflows/w.yml --\non: push\njobs:\n  a:\n    runs-on: x\n    permissions: {contents: read}\n    steps:\n      - uses: x/y@v1\n      - {uses: actions/checkout@v4, with: {token: '${{ secrets.A_PAT }}'}}\n" +
		"  b:\n    runs-on: x\n    steps: [{uses: x/y@v1}]\n" +
		"-- x/y@v1/action.yml --\n" + composite(closes))
	server := githubtest.New(t, world)
	online(t, server, files)
	if got := server.Exchanges(); len(got) != 2 {
		t.Errorf("%+v", got) // job a names a secret: its first step is read
	}
	delete(files, ".github/workflows/w.yml")
	server.Forget()
	online(t, server, files)
	if got := server.Exchanges(); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}
