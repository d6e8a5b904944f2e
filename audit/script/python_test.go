package script

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit/value"
)

func pythonEnv() *value.Env {
	var env *value.Env
	return env.With(map[string]value.Value{
		"TOKEN":             value.Of(&value.Credential{Kind: value.Secret, Name: "PAT"}),
		"GITHUB_REPOSITORY": value.Context("github.repository"),
	})
}

const pythonHead = "import os, requests, subprocess\nTOKEN = os.environ['TOKEN']\nH = {'Authorization': f'Bearer {TOKEN}'}\nREPO = os.getenv('GITHUB_REPOSITORY')\n"

func TestReadPython(t *testing.T) {
	tests := []struct {
		name, source string
		want         []string
		unread       int
	}{
		{"f-string", "r = requests.get(f'https://api.github.com/repos/{REPO}/issues', headers=H, timeout=10)\nr.raise_for_status()", []string{"GET https://api.github.com/repos/${{ github.repository }}/issues"}, 0},
		{"request", "requests.request('PATCH', 'https://api.github.com/user', headers=H, json={'a': 1})", []string{"PATCH https://api.github.com/user"}, 0},
		{"urllib", "import urllib.request\nreq = urllib.request.Request('https://api.github.com/user', data=b'x', headers={'Authorization': 'token ' + TOKEN})\nwith urllib.request.urlopen(req) as r:\n  print(r.read())", []string{"POST https://api.github.com/user"}, 0},
		{"auth", "requests.put('https://api.github.com/user', auth=('x', TOKEN))", []string{"PUT https://api.github.com/user"}, 0},
		{"check", "if not TOKEN:\n  raise SystemExit('TOKEN is not set')", nil, 0},
		{"list", "subprocess.run(['gh', 'issue', 'close', '7'], check=True)", []string{"gh issue close 7"}, 0},
		{"shell", "os.system('gh issue close 7')", []string{"gh issue close 7"}, 0},
		{"comment", "# requests.get('https://api.github.com/user', headers=H)", nil, 0},
		{"two addresses", "url = 'https://api.github.com/user'\nif x:\n  url = 'https://api.github.com/repos/a/b'\nrequests.get(url, headers=H)", []string{"GET https://api.github.com/user", "GET https://api.github.com/repos/a/b"}, 0},
		{"no token", "requests.get('https://api.github.com/user')", nil, 0},
		{"session", "s = requests.Session()\ns.headers.update(H)\ns.get('https://api.github.com/user').json()", []string{"GET https://api.github.com/user"}, 0},
		{"session with an address", "import httpx\nwith httpx.Client(base_url='https://api.github.com/', headers=H) as s:\n  s.post('/user', json={'a': 1})", []string{"POST https://api.github.com/user"}, 0},
		{"session handed over", "def f(s, path):\n  return s.get('https://api.github.com' + path)\nb = requests.session()\nb.headers['Authorization'] = TOKEN\nprint(f(b, '/user'))", []string{"GET https://api.github.com/user"}, 0},
		{"same names", "def f():\n  url = 'https://api.github.com/user'\n  requests.get(url, headers=H)\ndef g():\n  url = 'https://api.github.com/emojis'\n  requests.post(url)", []string{"GET https://api.github.com/user"}, 0},
		{"operands", "def call(method, path, body=None):\n  requests.request(method, f'https://api.github.com{path}', headers=H, json=body)\ncall('GET', '/user')\n", []string{"GET https://api.github.com/user"}, 0},
		{"headers of a function", "def headers():\n  h = {'Accept': 'x'}\n  if TOKEN:\n    h['Authorization'] = f'Bearer {TOKEN}'\n  return h\nrequests.get('https://api.github.com/user', headers={**headers(), 'A': 'b'})", []string{"GET https://api.github.com/user"}, 0},
		{"either variable", "def token():\n  return os.environ.get('TOKEN') or os.environ.get('OTHER')\nrequests.get('https://api.github.com/user', headers={'Authorization': 'token ' + token()})", []string{"GET https://api.github.com/user"}, 0},
		{"parts of the repository", "owner, name = REPO.split('/')\nrequests.get('https://api.github.com/repos/{}/{}'.format(owner, name), headers=H)", []string{"GET https://api.github.com/repos/${{ github.repository_owner }}/${{ github.event.repository.name }}"}, 0},
		{"several things given back", "def where():\n  return 'a', 'b'\ndef get(owner, name):\n  requests.get(f'https://api.github.com/repos/{owner}/{name}', headers=H)\nget(*where())", []string{"GET https://api.github.com/repos/a/b"}, 0},
		{"next page", "url = 'https://api.github.com/user/repos'\nwhile url:\n  r = requests.get(url, headers=H)\n  url = r.links.get('next', {}).get('url')", []string{"GET https://api.github.com/user/repos"}, 0},
		{"list in a variable", "def run(cmd, **kw):\n  pass\ncmd = ['gh', 'issue', 'close', str(7)]\nsubprocess.run(cmd + ['--comment', 'x'])", []string{"gh issue close 7 --comment x"}, 0},
		{"words of a text", "subprocess.run('gh  issue close \\'7\\' '.split())", []string{"gh issue close '7'"}, 0},
		{"words as a shell has them", "import shlex\nn = input()\nsubprocess.run(shlex.split(f'gh issue close {n} ' + '--comment \"a \\\\\" b\" \\'c d\\'e'))", []string{`gh issue close input --comment a " b c de`}, 0},
		{"words with an open quote", "import shlex\nsubprocess.run(shlex.split('gh issue close \"7'))", nil, 1},
		{"words of a text that is not known", "subprocess.run(input().split())", nil, 1},
		{"pieces of a text", "subprocess.run('gh,issue'.split(','))", nil, 1},
		{"starter", "def run(cmd):\n  subprocess.run(cmd, check=True, cwd='.')\nrun(['gh', 'issue', 'close', '7'])\nrun(['git', 'status'])", []string{"gh issue close 7", "git status"}, 0},
		{"environment with more", "env = os.environ.copy()\nenv['GH_TOKEN'] = TOKEN\nsubprocess.run(['gh', 'issue', 'close', '7'], env=env)", []string{"gh issue close 7"}, 0},
		{"document", "Q = 'query { viewer { login } }'\nrequests.post('https://api.github.com/graphql', headers=H, json={'query': Q, 'variables': {'a': 'b'}})", []string{""}, 0},
		{"bytes", "import json, urllib.request\nbody = json.dumps({'a': 1}).encode('utf-8')\nurllib.request.Request('https://api.github.com/user', data=body, headers=H)", []string{"POST https://api.github.com/user"}, 0},
		// What is not understood is never left out.
		{"argument", "fetch(TOKEN)", nil, 1},
		{"argument inside", "print(f'{TOKEN}')", nil, 1},
		{"entry", "H['X'] = TOKEN", nil, 0},
		{"entry of another's dictionary", "def f(h):\n  h['X'] = TOKEN\nf(H)", nil, 1},
		{"unknown keyword", "requests.get('https://api.github.com/user', params={'t': TOKEN, **H})", nil, 1},
		{"graphql", "requests.post('https://api.github.com/graphql', headers=H, json={'query': q})", nil, 1},
		{"module", "from gitlab import Gitlab", nil, 1},
		{"own module", "import helper", nil, 1},
		{"another name", "import requests as r\nr.get('https://api.github.com/user', headers=H)", nil, 2},
		{"shadowed", "requests = other()\nrequests.get('https://api.github.com/user', headers=H)", nil, 1},
		{"program", "subprocess.run(cmd)", nil, 1},
		{"environment of its own", "subprocess.run(['gh', 'x'], env={**os.environ})", []string{"gh x"}, 0},
		{"environment", "subprocess.run(['gh', 'x'], env=make(os.environ))", nil, 2},
		{"session with too much", "s = requests.Session()\ns.headers.update(make(H))\ns.get('https://api.github.com/user')", nil, 1},
		{"session handed on", "s = requests.Session()\ns.headers.update(H)\nwork(s)", nil, 1},
		{"session's headers", "s = requests.Session()\ns.headers.update(H)\nsend(s.headers)", nil, 1},
		{"list handed on", "cmd = ['git', 'push', f'https://x:{TOKEN}@github.com/a/b']\nwork(cmd)", nil, 1},
		{"list that grows", "cmd = ['gh', 'issue', 'list']\ncmd += more\nsubprocess.run(cmd)", nil, 1},
		{"function handed on", "def headers():\n  return {'Authorization': TOKEN}\nwork(headers)", nil, 2},
		{"name of a comprehension", "def f():\n  x = [TOKEN for TOKEN in y]\n  work(TOKEN)", nil, 2},
		{"name of a lambda", "def f():\n  x = lambda TOKEN: TOKEN\n  work(TOKEN)", nil, 2},
		{"default of the same name", "def f(TOKEN=TOKEN):\n  work(TOKEN)\nf()", nil, 1},
		{"on one line", "def f(t): work(t)\nf(TOKEN)", nil, 1},
		{"declared global", "def f():\n  global T\n  T = TOKEN\ndef g():\n  work(T)", nil, 1},
		{"attribute of the same name", "def f():\n  x.TOKEN = 1\n  work(TOKEN)", nil, 1},
		{"right side of several names", "def f():\n  a, b = TOKEN, 1\n  work(TOKEN)\n  work(a)", nil, 2},
		{"attribute of a class", "class A:\n  token = TOKEN\n  def f(self):\n    work(self.token)", nil, 1},
		{"around itself", "a = b or TOKEN\nb = a or 'x'\nwork(b)", nil, 1},
		{"whole environment", "post(dict(os.environ))", nil, 1},
		{"conditional", "T = os.environ['TOKEN'] if x else ''\nrequests.get('https://api.github.com/user', headers={'Authorization': T})", []string{"GET https://api.github.com/user"}, 0},
		{"by a loop", "for n in ['TOKEN']:\n  t = os.environ[n]", nil, 2},
		{"default", "def f(t=TOKEN): pass", nil, 1},
		{"default that is called", "def f(t=work(TOKEN)):\n  pass\nf()", nil, 1},
		{"lookup", "eval(x)", nil, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			result := ReadPython(Input{Source: pythonHead + test.source, Env: pythonEnv(), Path: "a.py"})
			var got []string
			for _, c := range result.Calls {
				words := []string{c.Method, c.Path.String()}
				for _, w := range c.Command {
					words = append(words, w.String())
				}
				got = append(got, strings.TrimSpace(strings.Join(words, " ")))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
			if len(result.Unread) != test.unread {
				t.Errorf("%d unread, want %d: %s", len(result.Unread), test.unread, fmt.Sprint(result.Unread))
			}
		})
	}
}

const clientHead = "import os\nfrom github import Github, Auth\nTOKEN = os.environ['TOKEN']\ng = Github(TOKEN)\nrepo = g.get_repo(os.environ['GITHUB_REPOSITORY'])\n"

// TestReadPythonClients reads calls of PyGithub and ghapi. Every script begins
// with asking for the repository.
func TestReadPythonClients(t *testing.T) {
	tests := []struct {
		name, source string
		want         []string
		unread       int
	}{
		{"method", "repo.create_issue(title='x')", []string{"issues/create self"}, 0},
		{"imported token", "from github.Auth import AppAuth, Token\nGithub(auth=Token(TOKEN)).get_repo('a/b')", []string{"repos/get a/b"}, 0},
		{"chain", "Github(auth=Auth.Token(TOKEN)).get_repo('a/b').get_issue(number=1).create_comment('x')", []string{"repos/get a/b", "issues/get a/b", "issues/create-comment a/b"}, 0},
		{"loop", "for issue in repo.get_issues(state='open'):\n  print(issue.title)\n  issue.add_to_labels('x')", []string{"issues/list-for-repo self", "issues/add-labels self"}, 0},
		{"comprehension", "x = [i.title for i in repo.get_issues() if i.number > 3]", []string{"issues/list-for-repo self"}, 0},
		{"element", "repo.get_releases()[0].delete_release()", []string{"repos/list-releases self", "repos/delete-release self"}, 0},
		{"function", "def work(r, label='x'):\n  r.create_label(label, 'f00')\nwork(repo)", []string{"issues/create-label self"}, 0},
		{"function that returns", "def find():\n  return g.get_repo('a/b')\nother = find()\nother.create_issue('x')", []string{"repos/get a/b", "issues/create a/b"}, 0},
		{"function twice", "def work(n):\n  g.get_repo(n).create_issue('x')\nwork('a/b')\nwork('a/c')", []string{"repos/get a/b|a/c", "issues/create a/b|a/c"}, 0},
		{"f-string", "print(f'{repo.get_issue(1).title} of {repo}')", []string{"issues/get self"}, 0},
		{"question", "if repo and not g:\n  pass\nif repo.get_issue(1).title == 'x': pass", []string{"issues/get self"}, 0},
		{"attribute", "pr = repo.get_pull(1)\npr.base.repo.create_issue('x')\nprint(pr.title.lower())", []string{"pulls/get self", "issues/create self"}, 0},
		{"head", "repo.get_pull(1).head.repo.create_issue('x')", []string{"pulls/get self", "issues/create ?"}, 0},
		{"search", "for i in g.search_issues('x'):\n  i.edit(state='closed')", []string{"search/issues-and-pull-requests ?", "issues/update ?"}, 0},
		{"organization", "g.get_organization('o').get_repo('n').create_issue('x')", []string{"orgs/get ?", "repos/get o/n", "issues/create o/n"}, 0},
		{"user", "print(g.get_user().login)", []string{"users/get-authenticated ?"}, 0},
		{"branches", "if x:\n  r = g.get_repo('a/b')\nelse:\n  r = g.get_repo('a/c')\nr.create_issue('x')", []string{"repos/get a/b", "repos/get a/c", "issues/create a/b|a/c"}, 0},
		{"ghapi", "from ghapi.all import GhApi\napi = GhApi(owner='a', repo='b', token=TOKEN)\napi.issues.create_comment(1, body='x')", []string{"issues/create-comment a/b"}, 0},
		{"ghapi without a repository", "from ghapi.all import GhApi\nGhApi(token=TOKEN).issues.create(owner='a', repo='b', title='x')", []string{"issues/create a/b"}, 0},
		{"github3", "import github3\ngh = github3.login(token=TOKEN)\ngh.repository('a', 'b').issue(7).create_comment('x')", []string{"repos/get a/b", "issues/get a/b", "issues/create-comment a/b"}, 0},
		{"github3 release", "import github3\nr = github3.GitHub(token=TOKEN).repository(owner='a', repository='b')\nr.create_release('v1', draft=True).upload_asset('text/plain', 'x', 'y')", []string{"repos/get a/b", "repos/create-release a/b", "repos/upload-release-asset a/b"}, 0},
		{"github3 by name", "from github3 import login\ngh = login(token=TOKEN)\nfor p in gh.repository('a', 'b').pull_requests():\n  p.merge()", []string{"repos/get a/b", "pulls/list a/b", "pulls/merge a/b"}, 0},
		{"github3 issue", "import github3\ngithub3.login(token=TOKEN).create_issue('a', 'b', 'title')", []string{"issues/create a/b"}, 0},
		{"github3 elsewhere", "import github3\ngh = github3.enterprise_login(token=TOKEN, url='https://git.acme.example')\ngh.repository('a', 'b')", nil, 1},
		{"github3 unknown method", "import github3\ngithub3.login(token=TOKEN).repository('a', 'b').frobnicate()", []string{"repos/get a/b"}, 1},
		{"github3 of no class here", "import github3\ngithub3.login(token=TOKEN).gist('1').edit()", []string{"gists/get ?"}, 1},
		{"again", "r = repo\nr.create_issue('x')\nr = repo", []string{"issues/create self"}, 0},
		{"without a token", "Github().get_repo('a/b').create_issue('x')", nil, 0},
		{"token under the same name", "auth = os.environ['TOKEN']\nauth = Auth.Token(auth)\nGithub(auth=auth).get_repo('a/b')", []string{"repos/get a/b"}, 0},
		{"name under the same name", "where = 'a/b'\nwhere = g.get_repo(where)\nwhere.create_issue('x')", []string{"repos/get a/b|where", "issues/create a/b|where"}, 0},
		{"global", "def f():\n  global repo\n  repo.create_issue('x')\nf()", []string{"issues/create self"}, 0},
		{"with a type", "other: Repository = g.get_repo('a/b')\nother.create_issue('x')", []string{"repos/get a/b", "issues/create a/b"}, 0},
		{"else", "if x: pass\nelse: other = g.get_repo('a/b')", []string{"repos/get a/b"}, 1},
		{"own address", "Github(base_url='https://api.github.com', login_or_token=TOKEN).get_repo('a/b')", []string{"repos/get a/b"}, 0},
		// What is not understood is never left out.
		{"server elsewhere", "Github(base_url='https://git.acme.example/api/v3', login_or_token=TOKEN).get_repo('a/b')", nil, 1},
		{"walrus", "if (other := g.get_repo('a/b')):\n  other.create_issue('x')", []string{"repos/get a/b", "issues/create a/b"}, 1},
		{"lambda", "list(map(lambda i: i.edit(state='closed'), repo.get_issues()))", []string{"issues/list-for-repo self"}, 1},
		{"yielded", "def f():\n  yield repo", nil, 1},
		{"dictionary", "a = {i.number: i for i in repo.get_issues()}", []string{"issues/list-for-repo self"}, 1},
		{"sorted", "for i in sorted(repo.get_issues(), key=str):\n  i.edit(state='closed')", []string{"issues/list-for-repo self", "issues/update self"}, 0},
		{"sorted by a call", "for i in sorted(repo.get_issues(), key=lambda i: i.get_comments().totalCount):\n  print(i.title)", []string{"issues/list-for-repo self"}, 1},
		{"chosen from a list", "def open(state):\n  return [i for i in repo.get_issues() if i.state == state and 'x' in [l.name for l in i.labels]]\nall = open('open')\nfor i in all:\n  i.edit(state='closed')", []string{"issues/list-for-repo self", "issues/update self"}, 0},
		{"made of a list", "all = [work(i) for i in repo.get_issues()]", []string{"issues/list-for-repo self"}, 1},
		{"thread", "Thread(target=work, args=(repo,)).start()", nil, 1},
		{"called itself", "from ghapi.all import GhApi\napi = GhApi(token=TOKEN)\napi('/user', 'GET')", nil, 1},
		{"function with a list of operands", "def work(*repos):\n  repos[0].create_issue('x')\nwork(repo)", nil, 1},
		{"by name", "getattr(repo, 'create_issue')('x')", nil, 1},
		{"unknown method", "repo.frobnicate()", nil, 1},
		{"unknown function", "work(repo)", nil, 1},
		{"kept elsewhere", "self.repo = repo", nil, 1},
		{"kept in a list", "all = [repo]\nall.append(repo)", nil, 2},
		{"chosen", "r = None or repo\nr.create_issue('x')", []string{"issues/create self"}, 0},
		{"chosen by a call", "r = x or g.get_repo('a/b')", []string{"repos/get a/b"}, 0},
		{"chosen by a condition", "r = repo if x else None", nil, 0},
		{"returned by a method", "class A:\n  def f(self):\n    return g.get_repo('a/b')", []string{"repos/get a/b"}, 1},
		{"several names", "for n, issue in enumerate(repo.get_issues()):\n  issue.edit(state='closed')", []string{"issues/list-for-repo self"}, 1},
		{"requester", "repo.requester.requestJsonAndCheck('POST', '/x')", nil, 1},
		{"method handed on", "f = repo.create_issue", nil, 1},
		{"app", "from github import GithubIntegration\nGithubIntegration(1, TOKEN)", nil, 1},
		{"another client", "import octokit\noctokit.client(token=TOKEN)", nil, 2},
		{"unknown of ghapi", "from ghapi.all import GhApi\nGhApi(token=TOKEN).issues.frobnicate()", nil, 1},
		{"token in an operand", "repo.create_issue(title=TOKEN)", []string{"issues/create self"}, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			result := ReadPython(Input{Source: clientHead + test.source, Env: pythonEnv(), Path: "a.py"})
			var got []string
			for _, c := range result.Calls {
				where := strings.NewReplacer("${{ github.repository }}", "self").Replace(c.Arguments["repo"].String())
				if c.Arguments["repo"].String() == "repo" {
					where = "?"
				}
				got = append(got, c.Method+" "+where)
			}
			if diff := cmp.Diff(append([]string{"repos/get self"}, test.want...), got); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
			if len(result.Unread) != test.unread {
				t.Errorf("%d unread, want %d: %s", len(result.Unread), test.unread, fmt.Sprint(result.Unread))
			}
		})
	}
}

func FuzzReadPython(f *testing.F) {
	f.Add("requests.get(f'https://api.github.com/{x}', headers=H)\nx = 'a' + x")
	f.Add("H = {'a': H, **H}\nfor a, b in f'''{")
	f.Add("def f(a, b):\n  return Github(a).get_repo(b)\nfor x in f(TOKEN, x).get_issues()[0]: x.edit(**x)")
	f.Add("subprocess.run(['a', *b], shell=True, env={})\\\n)]}")
	f.Fuzz(func(t *testing.T, source string) {
		// A plain use of the token that nothing understands stays noted,
		// whatever stands after it.
		result := ReadPython(Input{Source: "use(os.environ['TOKEN'])\n" + source, Env: pythonEnv(), Path: "a.py"})
		if len(result.Unread) == 0 {
			t.Fatal("the token's use is not noted")
		}
	})
}
