package script

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// calls are those of a result, a line each.
func pythonCalls(result Result) (out []string) {
	for _, c := range result.Calls {
		words := []string{c.Method, c.Path.String()}
		if c.Kind == REST {
			words[1] = c.Arguments["repo"].String()
		}
		for _, w := range c.Command {
			words = append(words, w.String())
		}
		out = append(out, strings.TrimSpace(strings.Join(words, " ")))
	}
	return out
}

const classHead = `import os
import requests
from github import Github
class Client:
    """Talks to the API."""
    API = "https://api.github.com"
    def __init__(self, token, owner="acme"):
        self.token = token
        self.owner: str = owner
        self.headers = {"Authorization": f"Bearer {self.token}"}
        self.session = requests.Session()
        self.session.headers.update(self.headers)
    @property
    def base(self):
        return f"{self.API}/repos/{self.owner}"
    @staticmethod
    def join(*parts):
        return "/".join(parts)
    def get(self, repo, path="issues", since=None):
        url = f"{self.base}/{repo}/{path}"
        if since:
            url += f"?since={since}"
        return requests.get(url, headers=self.headers).json()
    def post(self, repo, path, body):
        return self.send("POST", f"{self.base}/{repo}/{path}", body)
    def send(self, method, url, body):
        return self.session.request(method, url, json=body)
    def never(self, x):
        return self.session.delete(x)
`

func TestReadPythonClasses(t *testing.T) {
	const get, post = "GET https://api.github.com/repos/acme/", "POST https://api.github.com/repos/acme/"
	tests := []struct {
		name, source string
		want         []string
		unread       int
	}{
		{"name", "c = Client(os.environ['TOKEN'])\nfor i in c.get('a'):\n    print(i)", []string{get + "a/issues"}, 0},
		{"another owner", "c = Client(os.environ['TOKEN'], owner='other')\nc.get('a')", []string{"GET https://api.github.com/repos/other/a/issues"}, 0},
		{"at once", "Client(os.environ['TOKEN']).post('a', 'labels', {'name': 'x'})", []string{post + "a/labels"}, 0},
		{"handed on", "def work(client: Client, repo) -> Client:\n    client.get(repo, path='pulls')\n    return client\nwork(Client(os.environ['TOKEN']), 'b')", []string{get + "b/pulls"}, 0},
		{"made by a function", "def make():\n    return Client(token=os.environ['TOKEN'])\nc = make()\nif c is not None:\n    print(f'{c.get(\"a\")}')\nmake().get('b')", []string{get + "a/issues", get + "b/issues"}, 0},
		{"kept by another", "class Bot:\n    def __init__(self, client):\n        self.client = client\n        self.other = Client(os.environ['TOKEN'])\n    def run(self):\n        self.client.get('a')\n        self.other.post('a', 'pulls', {})\nb = Bot(Client(os.environ['TOKEN']))\nb.run()", []string{get + "a/issues", post + "a/pulls"}, 0},
		{"attribute", "c = Client(os.environ['TOKEN'])\nrequests.get(c.API + '/user', headers=c.headers)", []string{"GET https://api.github.com/user"}, 0},
		{"subclass", "class Sub(Client):\n    def __init__(self):\n        super().__init__(os.environ['TOKEN'])\n        self.owner = 'sub'\n    def get(self, repo):\n        return super().get(repo, 'tags')\ns = Sub()\ns.get('a')", []string{"GET https://api.github.com/repos/sub/a/tags", "GET https://api.github.com/repos/acme/a/tags"}, 0},
		{"two subclasses", "class A(Client):\n    API = 'https://one.example'\nclass B(Client):\n    API = 'https://two.example'\nA(os.environ['TOKEN']).get('a')\nB('').get('b')", []string{"GET https://one.example/repos/acme/a/issues"}, 0},
		{"PyGithub", "class Hub:\n    def __init__(self):\n        self.gh = Github(os.environ['TOKEN'])\n        self.repo = self.gh.get_repo('a/b')\n    def note(self, n):\n        self.repo.get_issue(n).create_comment('x')\nHub().note(1)", []string{"repos/get a/b", "issues/get a/b", "issues/create-comment a/b"}, 0},
		{"never called", "c = Client(os.environ['TOKEN'])", nil, 0},
		{"never made", "print('x')", nil, 0},
		// What is not understood is never left out.
		{"handed to others", "c = Client(T)\nwork(c)", nil, 1},
		{"called by name", "c = Client(T)\ngetattr(c, 'get')('a')", nil, 2},
		{"given an attribute", "c = Client(T)\nc.token = other\nc.get('a')", nil, 1},
		{"set by name", "c = Client(T)\nsetattr(c, 'API', other)\nc.get('a')", nil, 1},
		{"patched", "Client.get = other\nClient(T).get('a')", nil, 1},
		{"patched by another", "Client.API += '/x'\nClient(T).get('a')", nil, 1},
		{"method handed on", "c = Client(T)\nrun(c.get)", nil, 1},
		{"class handed on", "run(Client)", nil, 0},
		{"class chosen", "kind = Client if x else Other\nkind(T).get('a')", nil, 1},
		{"unknown attribute", "c = Client(T)\nc.frob('a')", nil, 1},
		{"kept in a list", "all = [Client(T)]\nall[0].get('a')", nil, 1},
		{"kept in a dictionary", "all = {}\nall['a'] = Client(T)", nil, 1},
		{"kept by a class that is not read", "class Bot(Base):\n    client = Client(T)\n    def run(self):\n        self.client.get('a')", nil, 1},
		{"yielded", "def f():\n    yield Client(T)", nil, 1},
		{"with", "with Client(T) as c:\n    c.get('a')", nil, 1},
		{"by default", "def f(c=Client(T)):\n    c.get('a')\nf()", nil, 1},
		{"given in a default", "def f(c=work(Client(T))):\n    pass\nf()", nil, 1},
		{"something else as well", "c = Client(T)\nc = other()\nc.get('a')", nil, 1},
		{"loop", "for c in [Client(T)]:\n    c.get('a')", nil, 1},
		{"chained", "a = b = Client(T)\nb.get('a')", nil, 1},
		{"two at once", "a, b = Client(T), 1\na.get('a')", nil, 1},
		{"lambda", "f = lambda: Client(T)\nf().get('a')", nil, 1},
		{"subclass that is not read", "@magic\nclass Sub(Client):\n    pass\nSub(T).get('a')", nil, 1},
		{"subclass with a lookup", "class Sub(Client):\n    def __getattr__(self, name):\n        return 1\nSub(T).get('a')", nil, 1},
		{"subclass with a class of classes", "class Sub(Client, metaclass=Meta):\n    pass\nSub(T).get('a')", nil, 1},
		{"subclass of two", "class Sub(Other, Client):\n    pass\nSub(T).get('a')", nil, 1},
		{"instance handed on by a method", "class Sub(Client):\n    def run(self):\n        work(self)\nSub(T).run()", nil, 1},
		{"attribute that nothing gives", "class Sub(Client):\n    def run(self):\n        work(self.other)\nSub(T).run()", nil, 1},
		{"token handed on by a method", "class Sub(Client):\n    def run(self):\n        work(self.token)\nSub(T).run()", nil, 1},
		{"decorated method", "class Sub(Client):\n    @retry\n    def run(self):\n        return self.get('a')\nSub(T).run()", nil, 1},
		{"class twice", "class Client:\n    pass\nClient(T).get('a')", nil, 1},
		{"shared object", "class A:\n    h = {}\nclass B(A):\n    def __init__(self):\n        self.h['Authorization'] = T\nclass C(A):\n    def run(self):\n        requests.get('https://api.github.com/user', headers=self.h)\nB()\nC().run()", nil, 1},
		{"environment of names", "globals()['Client'] = other\nClient(T).get('a')", nil, 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			result := ReadPython(Input{Source: strings.Replace(classHead, "class", "T = os.environ['TOKEN']\nclass", 1) + test.source, Env: pythonEnv(), Path: "a.py"})
			if diff := cmp.Diff(test.want, pythonCalls(result)); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
			if len(result.Unread) != test.unread {
				t.Errorf("%d unread, want %d: %v", len(result.Unread), test.unread, result.Unread)
			}
		})
	}
}

// FuzzReadPythonClasses looks for panics and endless loops where classes become
// functions and modules of the project are taken in, for a use of the token that
// gets lost on the way, and for places that lie outside of their file.
func FuzzReadPythonClasses(f *testing.F) {
	f.Add("class Sub(Client):\n    def run(self):\n        return self.get('a')\nSub(os.environ['TOKEN']).run()\n", "X = 1\n")
	f.Add("from m import Bot\nb = Bot(os.environ['TOKEN'])\nb.items['x'] = b.run(*b)\n", "class Bot:\n    items = {}\n    def __init__(self, t=None):\n        self.t = t\n    def run(self):\n        if self.t:\n            return use(self.t)\n")
	f.Add("from m import *\nclass A(B):\n    @property\n    def x(self): return super().x\nA().x.y = 1", "class B:\n    x: str = f'''{y}'''\n")
	f.Add("class A: pass\nclass A(A):\n\tdef __init__(self, *a, **k): self = a; del self.b\n", "from m import A as B\nfrom a import A\n")
	f.Fuzz(func(t *testing.T, source, module string) {
		if len(source)+len(module) > 4096 {
			return
		}
		files := map[string]string{"a.py": "use(os.environ['TOKEN'])\n" + classHead + source, "m.py": module}
		result := ReadPython(Input{
			Source: files["a.py"], Env: pythonEnv(), Path: "a.py",
			Import: func(name string) (string, bool) { text, ok := files[name]; return text, ok },
			Alias:  func(name, _ string) []string { return []string{strings.ReplaceAll(name, ".", "/") + ".py"} },
		})
		if len(result.Unread) == 0 {
			t.Error("the token's use is not noted")
		}
		inside := func(file string, offset int) {
			if text, ok := files[file]; !ok || offset < 0 || offset > len(text) {
				t.Errorf("byte %d of %q, which has %d", offset, file, len(text))
			}
		}
		for _, c := range result.Calls {
			inside(c.File, c.Start)
		}
		for _, u := range result.Unread {
			inside(u.File, u.Offset)
		}
	})
}
