package script

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit/value"
)

func TestModules(t *testing.T) {
	const call = "rest issues.create owner=o token:${{ secrets.PAT }}"
	const create = "github.rest.issues.create({owner: 'o'})"
	tests := []struct {
		name, source string
		files        map[string]string
		want         string
	}{
		{"exported function", `const script = require('./.github/scripts/x.js'); await script({github, context, core})`,
			map[string]string{".github/scripts/x.js": `module.exports = async ({github}) => { await ` + create + ` }`}, call},
		{"exported names", `const { run } = require('./x'); await run(github)`,
			map[string]string{"x.js": `async function run(github) { await helper(github) } const helper = (github) => ` + create + `; module.exports = { run }`}, call},
		{"exports.x", `await require('./x').run(github)`, map[string]string{"x/index.js": `exports.run = (github) => ` + create}, call},
		{"workspace", "const f = require(`${process.env.GITHUB_WORKSPACE}/a/x.js`); await f({github})",
			map[string]string{"a/x.js": `module.exports = ({github}) => ` + create}, call},
		{"path.join", `const path = require('path'); const f = require(path.join(process.env.GITHUB_WORKSPACE, 'a', 'x.js')); await f({github})`,
			map[string]string{"a/x.js": `module.exports = ({github}) => ` + create}, call},
		{"process.cwd", "const { default: f } = await import(`${process.cwd()}/x.mjs`); await f({github})",
			map[string]string{"x.mjs": `export default async function ({github}) { await ` + create + ` }`}, call},
		{"named export", `const { run } = await import('./x.mjs'); await run(github)`,
			map[string]string{"x.mjs": `import { helper } from './lib.mjs'; export const run = async github => helper(github)`, "lib.mjs": `export function helper(github) { return ` + create + ` }`}, call},
		{"export from", `const { run } = await import('./x.mjs'); await run(github)`,
			map[string]string{"x.mjs": `export { helper as run } from './lib.mjs'; export * from './other.mjs'`, "lib.mjs": `export function helper(github) { return ` + create + ` }`, "other.mjs": ``}, call},
		{"commonjs as default", `const { default: run } = await import('./x.cjs'); await run(github)`,
			map[string]string{"x.cjs": `module.exports = github => ` + create}, call},
		{"class", `const { Bot } = require('./x'); await new Bot(github).run()`,
			map[string]string{"x.js": `class Bot { constructor(github) { this.github = github } run() { const github = this.github; return ` + create + ` } } module.exports = { Bot }`}, call},
		{"typescript", `const f = require('./x.ts'); await f.run(github)`,
			map[string]string{"x.ts": `import type { GitHub } from './types'; export async function run(github: GitHub): Promise<void> { await (github as any).rest.issues.create({owner: 'o'} satisfies object) }`}, call},
		{"then", `require('./x.js')({github}).then(() => core.info('done'))`, map[string]string{"x.js": `module.exports = async ({github}) => ` + create}, call},
		{"JSON", `const c = require('./c.json'); github.rest.issues.create({owner: c.owner})`, map[string]string{"c.json": `{"owner": "o", "n": [1, 2]}`}, call},
		{"unused export", `require('./x').other()`, map[string]string{"x.js": `module.exports = { run(github) { return ` + create + ` }, other() {} }`}, ""},
		{"circle", `require('./a').run(github)`,
			map[string]string{"a.js": `const b = require('./b'); exports.run = github => b.go(github)`, "b.js": `const a = require('./a'); exports.go = github => ` + create}, call},
		{"dependency injection", `await require('./x')({github, exec})`,
			map[string]string{"x.js": `module.exports = async ({exec}) => { await exec.exec('git', ['push']) }`}, `exec "git" "push"`},
		{"missing", `await require('./gone.js')({github})`, nil, "unread the local file gone.js cannot be read\nunread a client is given to gone.js, whose code is not read"},
		{"missing, nothing given", `const x = require('./gone.json'); core.info(x.y)`, nil, ""},
		{"bundle", `await require('./dist')({github})`, map[string]string{"dist/index.js": `var x = __nccwpck_require__(1)`},
			"unread dist/index.js is bundled code, which is not read\nunread a client is given to dist, whose code is not read"},
		{"unreadable", `await require('./x.js')({github})`, map[string]string{"x.js": `const = 1`},
			"unread script does not parse: Unexpected token =\nunread a client is given to x.js, whose code is not read\nproblem Unexpected token ="},
		{"in the repository only", `await require('../../x.js')({github})`, map[string]string{"x.js": `module.exports = ({github}) => ` + create}, call},
		{"graphql document", `const q = require('fs').readFileSync('./q.graphql', 'utf8'); await github.graphql(q)`,
			map[string]string{"q.graphql": "{ viewer { login } }"}, `graphql "{ viewer { login } }" token:${{ secrets.PAT }}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := strings.TrimSuffix(show(body(t, tt.source, tt.files)), "\n")
			if diff := cmp.Diff(strings.Split(tt.want, "\n"), strings.Split(got, "\n")); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// script reads a script that is run with node.
func script(path string, files map[string]string) Result {
	var env *value.Env
	env = env.With(map[string]value.Value{"GITHUB_TOKEN": secret("PAT"), "INPUT_TOKEN": secret("INPUT")})
	return Read(Input{Source: files[path], Path: path, Env: env, Import: func(path string) (string, bool) { s, ok := files[path]; return s, ok }})
}

func TestFiles(t *testing.T) {
	tests := []struct {
		name  string
		files map[string]string
		want  string
		mods  []string
	}{
		{"commonjs", map[string]string{"main.js": "#!/usr/bin/env node\nconst core = require('@actions/core')\nconst { getOctokit, context } = require('@actions/github')\nasync function run() { const o = getOctokit(core.getInput('token')); await o.rest.issues.create({...context.repo, title: 'x'}) }\nrun()"},
			"client token:${{ secrets.INPUT }}\nrest issues.create " + own + " title=x token:${{ secrets.INPUT }}", nil},
		{"module", map[string]string{"main.mjs": "import { Octokit } from 'octokit'\nimport yaml from 'js-yaml'\nconst octokit = new Octokit({ auth: process.env.GITHUB_TOKEN })\nawait octokit.rest.repos.get({ owner: 'o', repo: yaml.load('x') })"},
			"client token:${{ secrets.PAT }}\nrest repos.get owner=o repo=yaml.load(…) token:${{ secrets.PAT }}", []string{"js-yaml"}},
		{"typescript", map[string]string{"main.ts": "import * as github from '@actions/github';\nimport { helper } from './lib.js';\ninterface A { b: string }\nenum E { X = 'x' }\nclass Bot { constructor(private readonly kit: ReturnType<typeof github.getOctokit>) {}\n async go(): Promise<void> { await this.kit.rest.issues.create({ owner: helper(), repo: E.X }); } }\nvoid new Bot(github.getOctokit(process.env.GITHUB_TOKEN!)).go();",
			"lib.ts": "export const helper = (): string => 'o';"},
			"client token:${{ secrets.PAT }}\nrest issues.create owner=o repo=x token:${{ secrets.PAT }}", nil},
		{"@octokit/action", map[string]string{"main.js": "const { Octokit } = require('@octokit/action'); new Octokit().issues.create({owner: 'o'})"},
			"client token:${{ secrets.PAT }}\nrest issues.create owner=o token:${{ secrets.PAT }}", nil},
		{"top-level return", map[string]string{"main.js": "if (!process.env.X) return\nrequire('child_process').execSync('gh pr list')"}, `exec "gh pr list" shell`, nil},
		{"local import is missing", map[string]string{"main.js": "require('./lib/x').run()"}, "unread the local file lib/x cannot be read", nil},
		{"unused token", map[string]string{"main.js": "const fs = require('fs'); fs.writeFileSync('a', 'b'); console.log('done')"}, "", nil},
		{"http-client", map[string]string{"main.js": "const { HttpClient } = require('@actions/http-client'); const { BearerCredentialHandler } = require('@actions/http-client/lib/auth');\nconst c = new HttpClient('me', [new BearerCredentialHandler(process.env.GITHUB_TOKEN)]);\nc.postJson('https://api.github.com/repos/o/r/issues', {title: 'x'})"},
			"fetch POST https://api.github.com/repos/o/r/issues title=x token:${{ secrets.PAT }}", nil},
		{"too deep", map[string]string{"main.js": strings.Repeat("(", 3000) + strings.Repeat(")", 3000)}, "unread script does not parse: the code is nested too deeply\nproblem the code is nested too deeply", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := "main.js"
			for name := range tt.files {
				if strings.HasPrefix(name, "main.") {
					path = name
				}
			}
			r := script(path, tt.files)
			got := strings.TrimSuffix(show(r), "\n")
			if diff := cmp.Diff(strings.Split(tt.want, "\n"), strings.Split(got, "\n")); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(tt.mods, r.Modules); diff != "" {
				t.Errorf("modules (-want +got)\n%s", diff)
			}
		})
	}
}

func TestEnvironmentOfPrograms(t *testing.T) {
	r := body(t, `process.env.A = 'a'; await exec.exec('gh', ['x'], {env: {...process.env, GH_TOKEN: process.env.GH_PAT}, cwd: 'sub', input: 'in'})
		require('child_process').execSync('ls', {env: {ONLY: '1'}})`, nil)
	if len(r.Calls) != 2 {
		t.Fatalf("got %d calls", len(r.Calls))
	}
	first, second := r.Calls[0], r.Calls[1]
	got := map[string]string{}
	for _, name := range []string{"A", "GH_TOKEN", "NUMBER"} {
		if v, ok := first.Env.Lookup(name); ok {
			got[name] = v.String()
		}
	}
	got["dir"], got["stdin"] = first.Dir.String(), first.Stdin.String()
	if _, ok := second.Env.Lookup("NUMBER"); ok {
		t.Error("an environment of its own has a variable of the step")
	}
	want := map[string]string{"A": "a", "GH_TOKEN": "${{ secrets.BOT }}", "NUMBER": "7", "dir": "sub", "stdin": "in"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestEnvReads(t *testing.T) {
	r := body(t, `const { A, B = 'x' } = process.env; f(process.env['C']); core.getInput('my input'); function g() { return process.env.D }`, nil)
	if diff := cmp.Diff([]string{"A", "B", "C", "D", "INPUT_MY_INPUT"}, r.EnvReads); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
