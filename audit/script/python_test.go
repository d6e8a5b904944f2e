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
		// What is not understood is never left out.
		{"session", "s = requests.Session()\ns.headers.update(H)", nil, 1},
		{"argument", "fetch(TOKEN)", nil, 1},
		{"argument inside", "print(f'{TOKEN}')", nil, 1},
		{"changed", "H['X'] = TOKEN", nil, 1},
		{"unknown keyword", "requests.get('https://api.github.com/user', params={'t': TOKEN, **H})", nil, 1},
		{"graphql", "requests.post('https://api.github.com/graphql', headers=H, json={'query': q})", nil, 1},
		{"module", "from github import Github", nil, 1},
		{"own module", "import helper", nil, 1},
		{"another name", "import requests as r\nr.get('https://api.github.com/user', headers=H)", nil, 2},
		{"shadowed", "requests = other()\nrequests.get('https://api.github.com/user', headers=H)", nil, 1},
		{"program", "subprocess.run(cmd)", nil, 1},
		{"environment", "subprocess.run(['gh', 'x'], env={**os.environ})", nil, 2},
		{"whole environment", "post(dict(os.environ))", nil, 1},
		{"conditional", "T = os.environ['TOKEN'] if x else ''", nil, 1},
		{"by a loop", "for n in ['TOKEN']:\n  t = os.environ[n]", nil, 2},
		{"default", "def f(t=TOKEN): pass", nil, 1},
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

func FuzzReadPython(f *testing.F) {
	f.Add("requests.get(f'https://api.github.com/{x}', headers=H)\nx = 'a' + x")
	f.Add("H = {'a': H, **H}\nfor a, b in f'''{")
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
