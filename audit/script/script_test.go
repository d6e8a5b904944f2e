package script

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit/value"
)

// secret returns the value of a secret.
func secret(name string) value.Value {
	return value.Of(&value.Credential{Kind: value.Secret, Name: name})
}

// show writes a result in lines, one per call and one per anything else.
func show(r Result) string {
	var b strings.Builder
	for _, c := range r.Calls {
		b.WriteString(showCall(c) + "\n")
	}
	for _, name := range slices.Sorted(maps.Keys(r.Outputs)) {
		fmt.Fprintf(&b, "output %s=%s\n", name, r.Outputs[name])
	}
	for _, name := range slices.Sorted(maps.Keys(r.Env)) {
		fmt.Fprintf(&b, "env %s=%s\n", name, r.Env[name])
	}
	for _, p := range r.Unread {
		fmt.Fprintf(&b, "unread %s\n", p.Message)
	}
	for _, p := range r.Problems {
		fmt.Fprintf(&b, "problem %s\n", p.Message)
	}
	return b.String()
}

func showCall(c Call) string {
	words := []string{string(c.Kind)}
	add := func(format string, args ...any) { words = append(words, fmt.Sprintf(format, args...)) }
	if c.Method != "" {
		add("%s", c.Method)
	}
	if len(c.Path) > 0 {
		add("%s", c.Path)
	}
	if len(c.Document) > 0 {
		add("%q", strings.Join(strings.Fields(c.Document.String()), " "))
	}
	for _, word := range c.Command {
		add("%q", word.String())
	}
	if c.ShellString {
		add("shell")
	}
	for _, name := range slices.Sorted(maps.Keys(c.Arguments)) {
		add("%s=%s", name, c.Arguments[name])
	}
	if c.Open {
		add("...")
	}
	if len(c.Token) > 0 {
		add("token:%s", c.Token)
	}
	if len(c.Base) > 0 {
		add("base:%s", c.Base)
	}
	return strings.Join(words, " ")
}

// body reads the body of a github-script step whose token is secrets.PAT.
func body(t *testing.T, source string, files map[string]string) Result {
	t.Helper()
	var env *value.Env
	env = env.With(map[string]value.Value{
		"GH_PAT": secret("BOT"), "NUMBER": value.Text("7"), "INPUT_TOKEN": secret("INPUT"), "INPUT_THE_NAME": value.Text("octo"),
		"GITHUB_REPOSITORY": value.Context("github.repository"),
	})
	return Read(Input{
		Source: source, Path: ".github/workflows/x.yml", GitHubScript: true, Env: env, Token: secret("PAT"),
		Import: func(path string) (string, bool) { s, ok := files[path]; return s, ok },
	})
}

// own is what owner and repo of the workflow's repository look like.
const own = "owner=${{ github.repository_owner }} repo=${{ github.event.repository.name }}"

func TestCalls(t *testing.T) {
	const pat = " token:${{ secrets.PAT }}"
	tests := []struct{ name, source, want string }{
		{"rest", `await github.rest.issues.createComment({owner: 'o', repo: 'r', issue_number: 5, body: "hi"})`,
			"rest issues.createComment body=hi issue_number=5 owner=o repo=r" + pat},
		{"without rest", `github.issues.addLabels({...context.repo, labels: ['a', 'b']})`, "rest issues.addLabels labels=a,b " + own + pat},
		{"octokit", `octokit.rest.repos.get(context.repo)`, "rest repos.get " + own + pat},
		{"shorthand", `const { owner, repo } = context.repo; github.rest.repos.get({owner, repo})`, "rest repos.get " + own + pat},
		{"spread of a constant", `const params = {...context.repo, issue_number: context.issue.number};
			github.rest.issues.get({...params, per_page: 100})`,
			"rest issues.get issue_number=${{ github.event.issue.number }} " + strings.Replace(own, "repo=", "per_page=100 repo=", 1) + pat},
		{"spread of an unknown may set owner", `const more = JSON.parse(fs); github.rest.repos.get({owner: 'o', repo: 'r', ...more})`,
			"rest repos.get owner=o|...owner repo=r|...repo ..." + pat},
		{"members of an object", `github.rest.git.createTree({...context.repo, tree: [{path: 'a', mode: '1'}, {path: '.github/workflows/x.yml'}], author: {name: 'n'}})`,
			"rest git.createTree author={…} author.name=n " + strings.Replace(own, "repo=", "repo=", 1) + " tree=[…] tree.mode=1 tree.path=a|.github/workflows/x.yml" + pat},
		{"payload", `github.rest.pulls.get({owner: context.payload.repository.owner.login, repo: context.payload.repository.name, pull_number: context.payload.pull_request.number})`,
			"rest pulls.get owner=${{ github.repository_owner }} pull_number=${{ github.event.pull_request.number }} repo=${{ github.event.repository.name }}" + pat},
		{"alias", `const gh = github; const { rest } = gh; const { issues } = rest; const {create: make} = issues; make({owner:'o'})`,
			"rest issues.create owner=o" + pat},
		{"split literal", `const [owner, repo] = 'cli/cli'.split('/'); github.rest.repos.get({owner, repo})`, "rest repos.get owner=cli repo=cli" + pat},
		{"split repository", `const [owner, repo] = process.env.GITHUB_REPOSITORY.split('/'); github.rest.repos.get({owner, repo})`, "rest repos.get " + own + pat},
		{"split unknown", `const [owner, repo] = process.env.TARGET.split('/'); github.rest.repos.get({owner, repo})`,
			"rest repos.get owner=process.env.TARGET.split('/')[0] repo=process.env.TARGET.split('/')[1]" + pat},
		{"template and env", "github.rest.repos.get({owner: `x-${process.env.NUMBER}`, repo: 'a' + process.env.NOT_SET})",
			"rest repos.get owner=x-7 repo=aprocess.env.NOT_SET" + pat},
		{"input", `github.rest.repos.get({owner: core.getInput('the name'), repo: core.getInput('other')})`,
			"rest repos.get owner=octo repo=core.getInput(…)" + pat},
		{"several values", `let ref = 'a'; if (x) { ref = 'b' } github.rest.git.getRef({ref})`, "rest git.getRef ref=a|b" + pat},
		{"conditional", `github.rest.git.getRef({ref: x ? 'a' : 'b', owner: process.env.O || 'o', repo: null ?? 'r'})`,
			"rest git.getRef owner=process.env.O|o ref=a|b repo=r" + pat},
		{"method by a constant", `const m = x ? 'create' : 'update'; github.rest.issues[m]({owner: 'o'})`,
			"rest issues.create owner=o" + pat + "\nrest issues.update owner=o" + pat},
		{"method by a variable", `github.rest[ns][m]({owner: 'o'})`,
			"unread the method of the client is chosen at run time: github.rest[ns]"},
		{"optional chaining", `github?.rest?.issues?.create?.({owner: 'o'})`, "rest issues.create owner=o" + pat},
		{"request", `github.request('POST /repos/{owner}/{repo}/issues', {...context.repo, title: 't', headers: {accept: 'x'}})`,
			"request POST /repos/{owner}/{repo}/issues " + own + " title=t" + pat},
		{"request with a template", "github.request(`DELETE /repos/${context.repo.owner}/x`)", "request DELETE /repos/${{ github.repository_owner }}/x" + pat},
		{"request by options", `github.request({method: 'put', url: '/user/x', a: 1})`, "request PUT /user/x a=1" + pat},
		{"request without a method", `github.request('/user')`, "request GET /user" + pat},
		{"request of an unknown", `github.request(route)`, "unread the route of a request is not known: route"},
		{"request defaults", `const r = github.request.defaults({owner: 'o'}); r('GET /repos/{owner}/x', {repo: 'r'})`, "request GET /repos/{owner}/x owner=o repo=r" + pat},
		{"graphql", "github.graphql(`query($o: String!) { viewer { login } }`, {o: 'x', headers: {accept: 'y'}})", `graphql "query($o: String!) { viewer { login } }" o=x` + pat},
		{"graphql by constants", "const part = 'login'; const q = `{ viewer { ${part} } }`; github.graphql({query: q, a: 1})", `graphql "{ viewer { login } }" a=1` + pat},
		{"graphql of an unknown", `github.graphql(q)`, "unread the GraphQL document is not known: q"},
		{"paginate a method", `for await (const page of github.paginate.iterator(github.rest.issues.listForRepo, {...context.repo})) { for (const i of page.data) { await github.rest.issues.lock({...context.repo, issue_number: i.number}) } }`,
			"rest issues.listForRepo " + own + pat + "\nrest issues.lock issue_number=i.number " + own + pat},
		{"paginate a route", `github.paginate('GET /repos/{owner}/{repo}/issues', {...context.repo}, r => r.data)`, "request GET /repos/{owner}/{repo}/issues " + own + pat},
		{"paginate options", `github.paginate(github.issues.list.endpoint.merge({owner: 'o'}))`, "rest issues.list owner=o" + pat},
		{"paginate a choice", `github.paginate(x ? github.rest.issues.list : github.rest.pulls.list, {owner: 'o'})`,
			"rest issues.list owner=o" + pat + "\nrest pulls.list owner=o" + pat},
		{"then", `github.rest.repos.get({owner: 'o'}).then(r => github.rest.issues.create({title: r.data.name})).catch(e => core.warning(e))`,
			"rest repos.get owner=o" + pat + "\nrest issues.create title=github.rest.repos.get(…).data.name" + pat},
		{"all", `await Promise.all(['a', 'b'].map(async name => github.rest.issues.removeLabel({name})))`,
			"rest issues.removeLabel name=a|b" + pat},
		{"for of constants", `for (const repo of ['x', 'y']) { await github.rest.repos.get({owner: 'o', repo}) }`,
			"rest repos.get owner=o repo=x" + pat + "\nrest repos.get owner=o repo=y" + pat},
		{"for of objects", `[{owner: 'a', repo: 'b'}, {owner: 'c', repo: 'd'}].forEach(({owner, repo}) => github.rest.repos.get({owner, repo}))`,
			"rest repos.get owner=a repo=b" + pat + "\nrest repos.get owner=c repo=d" + pat},
		{"function with arguments", `async function make(title) { await github.rest.issues.create({title}) } await make('a'); await make('b')`,
			"rest issues.create title=a|b" + pat},
		{"function nobody calls", `async function make(title) { await github.rest.issues.create({title}) }`, "rest issues.create title=title" + pat},
		{"function with a client", `const f = async (gh, {owner}) => gh.rest.repos.get({owner}); await f(github, context.repo)`,
			"rest repos.get owner=${{ github.repository_owner }}" + pat},
		{"recursion", `async function page(n) { await github.rest.issues.list({page: n}); await page(n + 1) } page(1)`, "rest issues.list page=1" + pat},
		{"class", `class Bot { #gh; owner = 'o'; constructor(gh) { this.#gh = gh } async run() { return this.#gh.rest.repos.get({owner: this.owner}) } } await new Bot(github).run()`,
			"rest repos.get owner=o" + pat},
		{"inherited class", `class A { constructor(gh) { this.gh = gh } get(o) { return this.gh.rest.repos.get(o) } } class B extends A { constructor() { super(github) } } new B().get({owner: 'o'})`,
			"rest repos.get owner=o" + pat},
		{"another client", `const c = getOctokit(process.env.GH_PAT); await c.rest.repos.get({owner: 'o'})`,
			"client token:${{ secrets.BOT }}\nrest repos.get owner=o token:${{ secrets.BOT }}"},
		{"toolkit client", `const { getOctokit, context: ctx } = require('@actions/github'); getOctokit(core.getInput('token')).rest.repos.get(ctx.repo)`,
			"client token:${{ secrets.INPUT }}\nrest repos.get " + own + " token:${{ secrets.INPUT }}"},
		{"Octokit class", `const { Octokit } = require("@octokit/rest"); const o = new Octokit({auth: 'token ' + process.env.GH_PAT, baseUrl: 'https://ghe.example.com/api/v3'}); o.repos.get({owner: 'o'})`,
			"client token:${{ secrets.BOT }} base:https://ghe.example.com/api/v3\nrest repos.get owner=o token:${{ secrets.BOT }} base:https://ghe.example.com/api/v3"},
		{"plugins", `const { Octokit } = require("@octokit/core"); const My = Octokit.plugin(a, b).defaults({auth: process.env.GH_PAT}); new My().rest.repos.get({owner: 'o'})`,
			"client token:${{ secrets.BOT }}\nrest repos.get owner=o token:${{ secrets.BOT }}"},
		{"no token", `const { Octokit } = await import("@octokit/rest"); new Octokit().rest.repos.get({owner: 'o'})`, "rest repos.get owner=o"},
		{"App", `const { createAppAuth } = require('@octokit/auth-app'); const { Octokit } = require('@octokit/rest');
			new Octokit({authStrategy: createAppAuth, auth: {appId: 1, privateKey: process.env.GH_PAT}}).rest.repos.get({owner: 'o'})`,
			"client app token:${{ secrets.BOT }}\nclient token:${{ token }}\nrest repos.get owner=o token:${{ token }}"},
		{"graphql package", "const { graphql } = require('@octokit/graphql'); const g = graphql.defaults({headers: {authorization: `bearer ${process.env.GH_PAT}`}}); await g('{ viewer { login } }')",
			`graphql "{ viewer { login } }" token:${{ secrets.BOT }}`},
		{"request package", "const { request } = require('@octokit/request'); await request('GET /user', {headers: {authorization: `token ${process.env.GH_PAT}`}})",
			"request GET /user token:${{ secrets.BOT }}"},
		{"fetch", "await fetch(`https://api.github.com/repos/${process.env.GITHUB_REPOSITORY}/issues`, {method: 'POST', headers: {Authorization: `Bearer ${process.env.GH_PAT}`}, body: JSON.stringify({title: 'x'})})",
			"fetch POST https://api.github.com/repos/${{ github.repository }}/issues title=x token:${{ secrets.BOT }}"},
		{"fetch elsewhere", `await fetch('https://example.com/x', {method: 'POST', body: '{}'})`, ""},
		{"fetch elsewhere with a token", `await fetch('https://example.com/x', {headers: {'X-Key': process.env.GH_PAT}})`, "fetch GET https://example.com/x"},
		{"fetch of the next page", `let url = 'https://api.github.com/user/repos'; const headers = {authorization: process.env.GH_PAT};
			while (url) { const r = await fetch(url, {headers}); url = next(r.headers.get('link')) }`,
			"fetch GET https://api.github.com/user/repos token:${{ secrets.BOT }}"},
		{"graphql by fetch", "await fetch('https://api.github.com/graphql', {method: 'POST', headers: {authorization: process.env.GH_PAT}, body: JSON.stringify({query: '{ viewer { login } }', variables: {a: 1}})})",
			`graphql "{ viewer { login } }" a=1 token:${{ secrets.BOT }}`},
		{"axios", "const axios = require('axios'); await axios.post('https://api.github.com/repos/o/r/dispatches', {event_type: 'x'}, {headers: {Authorization: `token ${process.env.GH_PAT}`}})",
			"fetch POST https://api.github.com/repos/o/r/dispatches event_type=x token:${{ secrets.BOT }}"},
		{"axios instance", "const api = require('axios').create({baseURL: 'https://api.github.com', headers: {Authorization: `token ${process.env.GH_PAT}`}}); await api.get('/user'); await api({url: '/x', method: 'delete'})",
			"fetch GET https://api.github.com/user token:${{ secrets.BOT }}\nfetch DELETE https://api.github.com/x token:${{ secrets.BOT }}"},
		{"https", "const https = require('https'); const r = https.request({hostname: 'api.github.com', path: '/user', method: 'GET', headers: {authorization: process.env.GH_PAT}}, res => {}); r.end()",
			"fetch GET https://api.github.com/user token:${{ secrets.BOT }}"},
		{"got", "const got = require('got'); await got.patch('https://api.github.com/x', {json: {a: 1}, headers: {authorization: process.env.GH_PAT}})",
			"fetch PATCH https://api.github.com/x a=1 token:${{ secrets.BOT }}"},
		{"exec", `await exec.exec('gh', ['pr', 'merge', context.issue.number, '--auto']); await exec.exec('git push "origin x" HEAD')`,
			`exec "gh" "pr" "merge" "${{ github.event.issue.number }}" "--auto"` + "\n" + `exec "git" "push" "origin x" "HEAD"`},
		{"exec output", `const { stdout } = await exec.getExecOutput('gh api user', ['--jq', '.login'])`, `exec "gh" "api" "user" "--jq" ".login"`},
		{"exec grown", `const args = ['push']; if (x) args.push('--force'); await exec.exec('git', args)`, `exec "git" "push" "--force"` + "\n" + `exec "git" "push"`},
		{"child process", "const { execSync, spawn } = require('node:child_process'); execSync(`git push https://x:${process.env.GH_PAT}@github.com/o/r`); spawn('gh', ['auth', 'status'])",
			`exec "git push https://x:${{ secrets.BOT }}@github.com/o/r" shell` + "\n" + `exec "gh" "auth" "status"`},
		{"promisified", `const { promisify } = require('util'); const run = promisify(require('child_process').exec); await run('git fetch')`, `exec "git fetch" shell`},
		{"zx", "const { $ } = await import('zx'); await $`git push origin ${context.ref}`", `exec "git push origin ${{ github.ref }}" shell`},
		{"execa", "const { execa } = require('execa'); await execa('gh', ['release', 'list'])", `exec "gh" "release" "list"`},
		{"simple-git", "const git = require('simple-git')(); await git.addRemote('x', `https://${process.env.GH_PAT}@github.com/o/r`); await git.push('origin', 'main', {'--force': null}); await git.raw(['fetch', '--all'])",
			`exec "git" "remote" "add" "x" "https://${{ secrets.BOT }}@github.com/o/r"` + "\n" + `exec "git" "push" "origin" "main" "--force"` + "\n" + `exec "git" "fetch" "--all"`},
		{"shell option", `require('child_process').spawn('git', ['push', 'x'], {shell: true})`, `exec "git push x" shell`},
		{"headers object", "const h = new Headers(); h.append('Authorization', `Bearer ${process.env.GH_PAT}`); fetch('https://api.github.com/user', {headers: h})",
			"fetch GET https://api.github.com/user token:${{ secrets.BOT }}"},
		{"token of the step", `getOctokit(core.getInput('github-token')).rest.repos.get({owner: 'o'})`, "client" + pat + "\nrest repos.get owner=o" + pat},
		{"outputs", `core.setOutput('a', context.sha); core.exportVariable('B', 'b'); core.setSecret('x'); return process.env.NUMBER`,
			"output a=${{ github.sha }}\noutput result=7\nenv B=b"},
		{"output file", "const fs = require('fs'); fs.appendFileSync(process.env.GITHUB_OUTPUT, `token=${process.env.GH_PAT}\\nx=1\\n`)",
			"output token=${{ secrets.BOT }}\noutput x=1"},
		{"token in a file", "require('fs').writeFileSync('.netrc', `machine github.com password ${process.env.GH_PAT}`)", "unread a token is written to the file .netrc"},
		{"nothing", `const title = context.payload.pull_request.title; if (!title.match(/x/)) { core.setFailed('no') } console.log(process.env.GH_PAT.length)`, ""},
		{"client given away", `await require('some-lib')(github)`, "unread a client is given to some-lib, whose code is not read"},
		{"client given away in an object", `await require('some-lib').run({opts: {github}})`, "unread a client is given to some-lib.run, whose code is not read"},
		{"token given away", `new (require('some-sdk'))({token: process.env.GH_PAT})`, "unread a token is given to some-sdk, whose code is not read"},
		{"callback given away", `require('p-retry')(() => github.rest.repos.get({owner: 'o'}))`, "rest repos.get owner=o" + pat},
		{"unknown client", `const kit = await makeOctokit(); kit.rest.repos.get({owner: 'o'}); function f(octokit) { octokit.graphql('{ a }') }`,
			"rest repos.get owner=o token:makeOctokit()" + "\n" + `graphql "{ a }" token:octokit`},
		{"plugin method", `await github.createPullRequest({owner: 'o'})`, "unread the client's createPullRequest is called, which is not a method known of Octokit"},
		{"set of labels", `const s = new Set(); s.add('a'); github.rest.issues.addLabels({labels: [...s, 'b']})`, "rest issues.addLabels labels=a,b" + pat},
		{"not JavaScript", `const x = ;`, "unread script does not parse: Unexpected token ;\nproblem Unexpected token ;"},
		{"new syntax", `async function* pages() { yield await github.rest.issues.list({owner: 'o'}) } for await (const p of pages()) {}`, "rest issues.list owner=o" + pat},
		{"ref name", `github.rest.git.getRef({ref: context.ref.replace('refs/heads/', '')})`, "rest git.getRef ref=${{ github.ref_name }}" + pat},
		{"grown text", `let q = 'a'; for (const x of ['b', 'c']) { q += x } github.rest.search.code({q})`, "rest search.code q=a|b|c" + pat},
		{"object assign", `github.rest.issues.create(Object.assign({title: 't'}, context.repo))`, "rest issues.create " + own + " title=t" + pat},
		{"event file", `const e = JSON.parse(require('fs').readFileSync(process.env.GITHUB_EVENT_PATH)); github.rest.pulls.get({pull_number: e.pull_request.number})`,
			"rest pulls.get pull_number=${{ github.event.pull_request.number }}" + pat},
		{"environment of a program", `await exec.exec('gh', ['x'], {env: {...process.env, GH_TOKEN: process.env.GH_PAT}, cwd: 'sub'})`, `exec "gh" "x"`},
		{"later binding", `let client; async function setup() { if (!client) client = github } await setup(); client.rest.repos.get({owner: 'o'})`, "rest repos.get owner=o" + pat},
		{"bind", `const f = github.rest.issues.create.bind(null); f({title: 'a'}); function g(t) { this.rest.issues.create({title: t}) } g.call(github, 'b')`,
			"rest issues.create title=a" + pat + "\nrest issues.create title=b" + pat},
		{"promise", `const n = await new Promise(resolve => { setTimeout(() => resolve('v'), 1) }); github.rest.issues.create({title: n})`, "rest issues.create title=v" + pat},
		{"simple switch", `switch (x) { case 1: github.rest.issues.create({title: 'a'}); break; default: github.rest.issues.lock({issue_number: 1}) }`,
			"rest issues.create title=a" + pat + "\nrest issues.lock issue_number=1" + pat},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := strings.TrimSuffix(show(body(t, tt.source, nil)), "\n")
			if diff := cmp.Diff(strings.Split(tt.want, "\n"), strings.Split(got, "\n")); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestUnreadCredentials(t *testing.T) {
	tests := map[string][]string{
		`require('some-lib')(github)`:                              {"PAT"},
		`require('some-lib')({a: [process.env.GH_PAT]}, github)`:   {"BOT", "PAT"},
		`github.request(route)`:                                    {"PAT"},
		`getOctokit(process.env.GH_PAT).rest[a][b]()`:              {"BOT"},
		`unknown.headers.authorization = 'x' + process.env.GH_PAT`: {"BOT"},
		`const x = ;`: nil,
		`require('fs').writeFileSync('a', process.env.GH_PAT + '')`: {"BOT"},
	}
	for source, want := range tests {
		r := body(t, source, nil)
		if len(r.Unread) != 1 {
			t.Errorf("%s: got %s", source, show(r))
			continue
		}
		var got []string
		for _, c := range r.Unread[0].Credentials {
			got = append(got, c.Name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", source, diff)
		}
	}
}
